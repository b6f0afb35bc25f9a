"""Worst first: the findings on one label, of all checks, as one score.

A logistic sum: each check adds its weight times how sure it is, none takes anything away, so one
more finding never makes a label better. A track that is missing or spurious as a whole is one
entry, the worse the more frames it lasts. The weights are fitted on planted errors
(`packaging/quality/fit_ranking.py`). What comes out is a score, not a probability, until enough
verdicts of people calibrate it (`viewer.checks.calibration`).
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from viewer.checks.finding import Finding, LabelName, Severity

WEIGHTS_FILE = "ranking_weights.json"
SURENESS = {
    Severity.INFO: 0.1,
    Severity.LOW: 0.3,
    Severity.MEDIUM: 0.7,
    Severity.HIGH: 1.0,
}


@dataclass(frozen=True, slots=True)
class Weights:
    """What each check adds, and what a label without findings has; in log odds."""

    bias: float
    by_check: Mapping[str, float]
    unknown: float = 1.0
    """Of a check that was not there when the weights were fitted."""
    per_doubling: float = 0.0
    """What each doubling of its frames adds to a track that is missing or spurious as a whole."""

    def of(self, check: str) -> float:
        """Weight of a check."""
        return self.by_check.get(check, self.unknown)


@dataclass(frozen=True, eq=False, slots=True)
class Ranked:
    """One label, one place without one, or one track as a whole, with all that is said of it."""

    label: LabelName | None
    """Of a track the worst label; None for what is missing: the finding tells where."""
    findings: tuple[Finding, ...]
    """What adds most comes first."""
    contributions: Mapping[str, float]
    """Log odds that each check adds."""
    score: float
    """0..1."""
    track: str | None = None
    """The track, labelled or predicted, that it is about as a whole."""
    frames: int = 1
    """Over how many frames that is missing or spurious."""


@dataclass(eq=False, slots=True)
class Group:
    """What is said of one label, of one place without one, or of one track as a whole."""

    findings: list[Finding]
    track: str | None = None

    @property
    def label(self) -> LabelName | None:
        """The accused label of the first finding."""
        labels = self.findings[0].labels
        return labels[0] if labels else None

    @property
    def frames(self) -> int:
        """Over how many frames the track is missing or spurious; 1 where it is no track's."""
        return max(1, len({_frame_of(each) for each in self.findings if each.whole_track}))


@cache
def default_weights() -> Weights:
    """Weights that were fitted on planted errors."""
    text = files("viewer.checks").joinpath(WEIGHTS_FILE).read_text(encoding="utf-8")
    document = json.loads(text)
    return Weights(
        float(document["bias"]), document["by_check"],
        per_doubling=float(document["per_doubling"]),
    )  # fmt: skip


def sureness(finding: Finding) -> float:
    """How much of its weight a finding adds, 0..1."""
    return SURENESS[finding.severity] * (0.5 + 0.5 * finding.score)


def grouped(findings: Iterable[Finding]) -> list[Group]:
    """Put findings together by the label that they accuse, or by the track as a whole.

    Where a check accuses a whole track, everything that is said of any of its labels is about that.
    What is missing over several frames is together; one place that is missing stays alone. Findings
    on a scene or a sensor as a whole are left out: they rank no label.
    """
    known = list(findings)
    whole = {_track_key(each) for each in known if each.whole_track and each.labels}
    groups: dict[object, Group] = {}
    for finding in known:
        key: object = id(finding)
        track = finding.whole_track
        if finding.labels:
            own = _track_key(finding)
            track = own[2] if own in whole else None
            key = finding.labels[0] if track is None else own
        elif not finding.evidence.boxes and finding.evidence.pixels is None:
            continue
        elif track is not None:
            key = (finding.scene_id, track)
        groups.setdefault(key, Group([], track)).findings.append(finding)
    # Labels come before places without one, as ever.
    return sorted(groups.values(), key=lambda each: each.label is None)


def features(findings: Iterable[Finding]) -> dict[str, float]:
    """Surest finding of each check."""
    found: dict[str, float] = {}
    for finding in findings:
        found[finding.check] = max(found.get(finding.check, 0.0), sureness(finding))
    return found


def doublings(group: Group) -> tuple[str, float] | None:
    """Return the check that accuses a track as a whole, and how much its length counts."""
    accusing = [each for each in group.findings if each.whole_track]
    if not accusing:
        return None
    surest = max(accusing, key=sureness)
    return surest.check, sureness(surest) * float(np.log2(group.frames))


def rank(findings: Iterable[Finding], weights: Weights | None = None) -> list[Ranked]:
    """Return labels with findings, the worst first; equal ones in the order of the findings."""
    chosen = weights or default_weights()
    ranked = []
    for group in grouped(findings):
        adds = {
            check: chosen.of(check) * value for check, value in features(group.findings).items()
        }
        longer = doublings(group)
        if longer is not None:
            adds[longer[0]] += chosen.per_doubling * longer[1]
        odds = chosen.bias + sum(adds.values())
        group.findings.sort(key=lambda each: -chosen.of(each.check) * sureness(each))
        score = float(1.0 / (1.0 + np.exp(-odds)))
        ranked.append(
            Ranked(group.label, tuple(group.findings), adds, score, group.track, group.frames)
        )
    ranked.sort(key=lambda each: -each.score)
    return ranked


def _track_key(finding: Finding) -> tuple[str, str, str | None]:
    label = finding.labels[0]
    return label.scene_id, label.label_set_id, label.track_id


def _frame_of(finding: Finding) -> str | None:
    return finding.labels[0].frame_key if finding.labels else finding.frame_key
