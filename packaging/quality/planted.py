"""Plants errors with many seeds, runs every check, and counts who finds what.

python packaging/quality/planted.py            (held seeds; prints the table)
python packaging/quality/planted.py --readme   (writes it into README.md too)
"""

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parents[2]
sys.path.insert(0, str(HERE))

from sample_scenes.planted_seeds import (  # noqa: E402
    DETECTOR,
    GROUND_TRUTH,
    HELD_SEEDS,
    SpoiltStreet,
    clean_street,
    spoilt_street,
)
from viewer.checks.catalog import CHECKS  # noqa: E402
from viewer.checks.finding import Finding, Severity  # noqa: E402
from viewer.checks.gathering import Wanted, gather_scene  # noqa: E402
from viewer.checks.learned import learn_scene  # noqa: E402
from viewer.checks.policy import Policy  # noqa: E402
from viewer.checks.ranking import Weights, rank  # noqa: E402
from viewer.checks.running import check_scene  # noqa: E402
from viewer.progress import JobContext  # noqa: E402

NEAR_M = 2.0
"""Between a missing label and the box that a finding puts there."""
REPORTED = Severity.MEDIUM
"""Findings of this severity or worse are claims; below they are hints."""
OWN_KINDS: dict[str, tuple[str, ...]] = {
    "empty-box": ("empty_box",),
    "size-prior": ("wrong_size",),
    "aspect": ("length_width_swapped",),
    "tightness": ("loose_box",),
    "floating": ("floating", "underground"),
    "illegal-box": ("tilted",),
    "taxonomy": ("unknown_class", "missing_id"),
    "inside-ego": ("inside_ego",),
    "duplicate-boxes": ("duplicate",),
    "duplicate-id": ("duplicate_id",),
    "missing-label": ("missing_label", "missing_track"),
    "spurious-label": ("spurious_label",),
    "class-swap": ("wrong_class",),
    "speed-limit": ("speed_jump",),
    "yaw-flip": ("yaw_flip",),
    "heading-motion": ("heading_off",),
    "size-change": ("size_change",),
    "class-change": ("class_change",),
    "id-switch": ("id_switch", "id_swap"),
    "track-gap": ("missing_label",),
    "smoothness": ("shifted", "frozen"),
    "still-or-moving": ("static_moves", "moving_marked_parked", "velocity_reversed"),
    "box-2d": ("box_2d_mismatch",),
}
"""Kinds of planted errors that each check is there for."""
TARGETS = frozenset({
    "empty-box", "duplicate-boxes", "yaw-flip", "id-switch", "speed-limit", "floating",
    "size-prior", "class-change", "missing-label", "box-2d",
})  # fmt: skip
"""Checks that must find 90 % at a precision of 80 %."""
RECALL, PRECISION, TOP_PRECISION, CLEAN_RATE = 0.9, 0.8, 0.9, 1 / 200


def findings_of(street: SpoiltStreet) -> tuple[Finding, ...]:
    """Run every check on one seed."""
    job = JobContext()
    wanted = Wanted(GROUND_TRUTH, (DETECTOR,))
    scene = gather_scene(street.scene, wanted, job, street.read_labels)
    return check_scene(scene, learn_scene(scene), Policy(), job).findings


class Judge:
    """Says of findings whether they are true, and which planted errors they find."""

    def __init__(self, street: SpoiltStreet) -> None:
        self._wrong: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._missing: dict[str, list[tuple[str, Any]]] = defaultdict(list)
        self._places: dict[str, list[Any]] = defaultdict(list)
        self._wrong_tracks: dict[tuple[str, str | None], set[str]] = defaultdict(set)
        self.errors: dict[str, set[str]] = defaultdict(set)
        for entry in street.entries:
            frame, error_id, kind = entry["frame"], entry["error_id"], entry["kind"]
            self.errors[kind].add(error_id)
            self._wrong[frame, entry["label_id"]].add(error_id)
            self._wrong_tracks[frame, entry["track_id"]].add(error_id)
            if "twin_label_id" in entry:
                self._wrong[frame, entry["twin_label_id"]].add(error_id)
            original = entry["original"]
            if original is not None and "center" in original:
                center = np.array(original["center"])
                self._places[frame].append(center)
                if kind in ("missing_label", "missing_track"):
                    self._missing[frame].append((error_id, center))

    def found(self, finding: Finding) -> set[str]:
        """Planted errors that a finding is about; empty where it is wrong."""
        errors: set[str] = set()
        for label in finding.labels:
            errors |= self._wrong.get((label.frame_key, label.label_id), set())
        if finding.check == "box-2d" and finding.labels:
            label = finding.labels[0]
            flat = f"{label.label_id}.{finding.evidence.camera_id}"
            errors |= self._wrong.get((label.frame_key, flat), set())
            errors |= self._wrong_tracks.get((label.frame_key, label.track_id), set())
        if finding.check in ("missing-label", "track-gap") and finding.evidence.boxes:
            box = finding.evidence.boxes[-1]
            near = [
                error for error, center in self._missing[box.frame_key]
                if np.linalg.norm(center - box.center_m) < NEAR_M
            ]  # fmt: skip
            errors |= set(near)
        return errors

    def is_true(self, finding: Finding) -> bool:
        """Whether anything is wrong there."""
        if self.found(finding):
            return True
        if finding.check != "missing-label":
            return False
        # A label that was moved away leaves its object without one.
        box = finding.evidence.boxes[0]
        return any(
            np.linalg.norm(center - box.center_m) < NEAR_M for center in self._places[box.frame_key]
        )


@dataclass
class Counts:
    """Of all seeds together."""

    claims: Counter[str] = field(default_factory=Counter)
    true: Counter[str] = field(default_factory=Counter)
    planted: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    scored: dict[str, list[tuple[float, bool]]] = field(default_factory=lambda: defaultdict(list))
    ranked: list[tuple[float, bool]] = field(default_factory=list)
    top_precisions: list[float] = field(default_factory=list)


def count(seeds: Iterable[int], weights: Weights | None = None) -> Counts:
    """Run and judge every seed."""
    counts = Counts()
    for seed in seeds:
        street = spoilt_street(seed)
        judge = Judge(street)
        findings = findings_of(street)
        found_by: dict[str, set[str]] = defaultdict(set)
        for finding in findings:
            true = judge.is_true(finding)
            counts.scored[finding.check].append((finding.severity + finding.score, true))
            if finding.severity < REPORTED:
                continue
            counts.claims[finding.check] += 1
            counts.true[finding.check] += true
            found_by[finding.check] |= judge.found(finding)
        for check, kinds in OWN_KINDS.items():
            planted = set().union(*(judge.errors[kind] for kind in kinds))
            counts.planted[check] += len(planted)
            counts.found[check] += len(planted & found_by[check])
        ranked = [
            (each.score, any(judge.is_true(finding) for finding in each.findings))
            for each in rank(findings, weights)
        ]
        counts.ranked += ranked
        counts.top_precisions.append(float(np.mean([true for _, true in ranked[:100]])))
    return counts


def average_precision(scored: Sequence[tuple[float, bool]]) -> float:
    """Mean of the precision at each true finding, the worst first."""
    true = np.array([each for _, each in sorted(scored, key=lambda each: -each[0])], dtype=float)
    if not true.any():
        return float("nan")
    precision = np.cumsum(true) / np.arange(1, len(true) + 1)
    return float((precision * true).sum() / true.sum())


def clean_rate(seeds: Iterable[int]) -> tuple[int, int]:
    """Findings of severity high, and labels, of streets whose labels are exact."""
    high = labels = 0
    for seed in seeds:
        street = clean_street(seed)
        high += sum(each.severity == Severity.HIGH for each in findings_of(street))
        labels += sum(len(frame.cuboids) for frame in street.labels[GROUND_TRUTH])
    return high, labels


def table(counts: Counts) -> list[str]:
    """Return the table in Markdown."""
    lines = [
        "| check | planted | found | findings | precision | recall | average precision |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for check in CHECKS:
        claims, planted = counts.claims[check.id], counts.planted[check.id]
        if not claims and not planted:
            continue
        precision = f"{counts.true[check.id] / claims:.2f}" if claims else ""
        recall = f"{counts.found[check.id] / planted:.2f}" if planted else ""
        mean = average_precision(counts.scored[check.id]) if counts.scored[check.id] else np.nan
        own = f"{planted} | {counts.found[check.id]}" if planted else " | "
        shown = "" if np.isnan(mean) else f"{mean:.2f}"
        lines.append(f"| `{check.id}` | {own} | {claims} | {precision} | {recall} | {shown} |")
    return lines


def failures(counts: Counts, high: int, labels: int) -> list[str]:
    """Return what falls short of the targets."""
    short = []
    for check in sorted(TARGETS):
        precision = counts.true[check] / max(counts.claims[check], 1)
        recall = counts.found[check] / max(counts.planted[check], 1)
        if precision < PRECISION or recall < RECALL:
            short.append(f"{check}: precision {precision:.2f}, recall {recall:.2f}")
    top = float(np.mean(counts.top_precisions))
    if top < TOP_PRECISION:
        short.append(f"ranking: precision at 100 is {top:.2f}")
    if high >= CLEAN_RATE * labels:
        short.append(f"clean: {high} findings of severity high in {labels} labels")
    return short


BEGIN, END = "<!-- planted errors: begin -->", "<!-- planted errors: end -->"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="*", default=list(HELD_SEEDS))
    parser.add_argument("--readme", action="store_true", help="write the table into README.md")
    options = parser.parse_args()
    counts = count(options.seeds)
    high, labels = clean_rate(options.seeds[:1])
    top = float(np.mean(counts.top_precisions))
    lines = [
        *table(counts),
        "",
        f"{len(options.seeds)} seeds that nothing was tuned on; findings of severity medium or"
        f" high. Combined ranking: {top:.2f} of the first 100 labels of a scene are wrong, average"
        f" precision {average_precision(counts.ranked):.2f}. Exact labels: {high} findings of"
        f" severity high in {labels:,} labels.",
    ]
    print("\n".join(lines))
    if options.readme:
        readme = HERE / "README.md"
        text = readme.read_text(encoding="utf-8")
        before, rest = text.split(BEGIN)
        _, after = rest.split(END)
        readme.write_text(f"{before}{BEGIN}\n{chr(10).join(lines)}\n{END}{after}", encoding="utf-8")
    short = failures(counts, high, labels)
    for line in short:
        print(f"short of its target: {line}", file=sys.stderr)
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
