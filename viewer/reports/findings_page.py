"""The page of a check run: what was found, the worst with pictures, and what is usual."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from viewer.checks.calibration import Scale
from viewer.checks.catalog import add_ons, all_checks
from viewer.checks.finding import Finding, Severity
from viewer.checks.learned import Learned
from viewer.checks.ranking import Ranked, rank
from viewer.checks.running import CheckRun
from viewer.progress import JobContext
from viewer.reports.camera_table import camera_table
from viewer.reports.findings_tables import summary_table, unranked_table
from viewer.reports.page import write_page
from viewer.reports.pictures import ReportPicture, SubjectPictures
from viewer.reports.review_page import Chart, Table, Tile
from viewer.reports.usual_charts import usual_chart
from viewer.review import Subject
from viewer.scene.scene import Dataset

TEMPLATE: Final = "findings.html.j2"
PICTURED: Final = 40
"""So many of the worst are shown with pictures."""
LISTED: Final = 1_000
CHARTED_CLASSES: Final = 8
CHARTED: Final = (("length_m", "length, m"), ("speed_mps", "speed, m/s"))


@dataclass(frozen=True, slots=True)
class Accused:
    """One label, or one place without one, with all that is said of it."""

    title: str
    place: str
    score: str
    sentences: tuple[str, ...]
    numbers: str
    fix: str
    pictures: tuple[ReportPicture, ...]


@dataclass(frozen=True, slots=True)
class FindingsPage:
    """Everything on the page, in the order of reading."""

    title: str
    subtitle: str
    tiles: tuple[Tile, ...]
    notes: tuple[str, ...]
    tables: tuple[Table, ...]
    accused: tuple[Accused, ...]
    listed: Table
    charts: tuple[Chart, ...]


def write_findings_page(
    path: Path, run: CheckRun, dataset: Dataset, job: JobContext, *, pictured: int = PICTURED,
    scale: Scale | None = None,
) -> None:  # fmt: skip
    """Write one HTML file that needs nothing else.

    Parameters
    ----------
    dataset
        Where the pictures come from.
    pictured
        How many of the worst are drawn; 0 for none.
    scale
        How scores are to be read; None for scores.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    write_page(path, TEMPLATE, {"report": findings_page(run, dataset, job, pictured, scale)})


def findings_page(
    run: CheckRun, dataset: Dataset, job: JobContext, pictured: int = PICTURED,
    scale: Scale | None = None,
) -> FindingsPage:  # fmt: skip
    """Return what the page says."""
    scale = scale or Scale()
    ranked = _each_object_first(rank(run.findings))
    labels = sum(scene.labels for scene in run.scenes)
    counts = Counter(each.severity for each in run.findings)
    tiles = [
        Tile(f"{labels:,}", "labels"),
        Tile(f"{len(ranked):,}", "labels and tracks with findings"),
    ]
    tiles += [Tile(f"{counts[each]:,}", each.word) for each in reversed(Severity) if counts[each]]
    return FindingsPage(
        f"Findings in {dataset.path.name}",
        f"Scenes: {len(run.scenes)}, frames: {sum(scene.frames for scene in run.scenes):,}. "
        "Labels are ranked by all that is said of them, each object once before any comes again. "
        f"{scale.told}",
        tuple(tiles),
        tuple(_notes(run)),
        tuple(_tables(run)),
        tuple(_accused(ranked[:pictured], dataset, job, scale)),
        _listed(ranked[pictured : pictured + LISTED], pictured, scale),
        tuple(_charts(run.learned)),
    )


def _tables(run: CheckRun) -> list[Table]:
    cameras = camera_table(run.findings)
    tables = [_by_check(run), *([] if cameras is None else [cameras])]
    tables += [summary_table(each) for each in run.dataset.tables.values()]
    unranked = unranked_table(run.findings)
    return tables if unranked is None else [*tables, unranked]


def _each_object_first(ranked: Sequence[Ranked]) -> list[Ranked]:
    """Worst first, the worst label of every track before all others of it."""
    seen: set[tuple[str, str]] = set()
    first: list[Ranked] = []
    again: list[Ranked] = []
    for each in ranked:
        track = None if each.label is None else each.label.track_id
        if each.label is None or track is None:
            first.append(each)
            continue
        known = (each.label.scene_id, track) in seen
        seen.add((each.label.scene_id, track))
        (again if known else first).append(each)
    return first + again


def _notes(run: CheckRun) -> list[str]:
    notes = [f"Scene {name} was passed over: {why}" for name, why in run.failures.items()]
    for scene in run.scenes:
        notes += [str(problem) for problem in scene.problems]
    skipped: dict[tuple[str, str], int] = {}
    for scene in run.scenes:
        for check, why in scene.skipped.items():
            skipped[check, why] = skipped.get((check, why), 0) + 1
    for (check, why), count in skipped.items():
        where = "" if count == len(run.scenes) else f" in {count} of {len(run.scenes)} scenes"
        notes.append(f"{check} was not asked{where}: {why}")
    notes += [f"{check} was not asked: {why}" for check, why in run.dataset.skipped.items()]
    notes += [f"The add-on {each} is left out: it {why}" for each, why in add_ons().faults.items()]
    return notes


def _by_check(run: CheckRun) -> Table:
    counts = Counter((each.check, each.severity) for each in run.findings)
    severities = tuple(reversed(Severity))
    rows = []
    for check in all_checks():
        own = [counts[check.id, each] for each in severities]
        if any(own):
            rows.append((check.title, check.question, *(f"{n:,}" if n else "" for n in own)))
    columns = ("check", "question", *(each.word for each in severities))
    return Table("By check", columns, tuple(rows), (False, False, *(True for _ in severities)))


def _accused(
    ranked: Sequence[Ranked], dataset: Dataset, job: JobContext, scale: Scale
) -> list[Accused]:
    if not ranked:
        return []
    drawn: dict[int, tuple[ReportPicture, ...]] = {}
    # Neighbours in time share a frame: drawn in the order of frames, listed in that of the score.
    order = sorted(range(len(ranked)), key=lambda place: _where(ranked[place]))
    with SubjectPictures(dataset) as pictures:
        for place in job.track(order, "Drawing findings"):
            drawn[place] = _pictures(ranked[place], pictures)
    return [_entry(each, drawn[place], scale) for place, each in enumerate(ranked)]


def _where(each: Ranked) -> tuple[str, str]:
    return each.findings[0].scene_id, each.findings[0].frame_key or ""


def _pictures(each: Ranked, pictures: SubjectPictures) -> tuple[ReportPicture, ...]:
    finding = each.findings[0]
    label = each.label or finding.evidence.prediction
    if label is not None:
        subject = Subject.label(
            "dataset", label.scene_id, label.frame_key, label.label_set_id, label.label_id
        )
        return pictures.of(subject)
    if finding.frame_key is None:
        return ()
    return pictures.of(Subject.frame("dataset", finding.scene_id, finding.frame_key))


def _entry(each: Ranked, pictures: tuple[ReportPicture, ...], scale: Scale) -> Accused:
    first = each.findings[0]
    name = first.class_name or "place"
    label = "" if each.label is None else f" {each.label.label_id}"
    numbers = ", ".join(
        f"{key} {value:.4g}" for key, value in first.evidence.numbers.items() if np.isfinite(value)
    )
    return Accused(
        title=f"{name}{label}{_over(each)}",
        place=f"{first.scene_id} / {first.frame_key}",
        score=scale.text(each.score),
        sentences=tuple(f"{found.text} ({found.check})" for found in _told(each)),
        numbers=numbers,
        fix="" if first.fix is None else first.fix.text,
        pictures=pictures,
    )


def _over(each: Ranked) -> str:
    return "" if each.frames == 1 else f", {each.frames:,} frames"


def _told(each: Ranked) -> Sequence[Finding]:
    """What is said of a label; of a track over many frames the worst that each check says."""
    if each.track is None:
        return each.findings
    worst: dict[str, Finding] = {}
    for finding in each.findings:
        worst.setdefault(finding.check, finding)
    return tuple(worst.values())


def _listed(ranked: Sequence[Ranked], skipped: int, scale: Scale) -> Table:
    rows = tuple(
        (
            f"{skipped + place:,}", scale.text(each.score),
            f"{each.findings[0].scene_id} / {each.findings[0].frame_key}",
            ("" if each.label is None else each.label.label_id) + _over(each),
            "; ".join(found.text for found in _told(each)),
        )
        for place, each in enumerate(ranked, 1)
    )  # fmt: skip
    columns = ("", scale.word, "frame", "label", "what is said")
    return Table("The next", columns, rows, (True, True, False, False, False))


def _charts(learned: Learned) -> list[Chart]:
    totals: Counter[str] = Counter()
    for by_class in learned.labels_by_scene.values():
        totals.update(by_class)
    charts = []
    for class_name, _ in totals.most_common(CHARTED_CLASSES):
        for quantity, word in CHARTED:
            usual = learned.usual(class_name, quantity)
            if usual.total:
                middle, _ = usual.main_half()
                title = f"{class_name}: {word}"
                charts.append(Chart(title, usual_chart(usual, title, (("usual", middle),)), ()))
    return charts
