"""What was decided about a dataset, as one page: figures, charts, tables, issues with pictures."""

import math
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from viewer.progress import JobContext
from viewer.reports.charts import Bar, Part, stacked_bars
from viewer.reports.page import time_text, write_page
from viewer.reports.pictures import ReportPicture, SubjectPictures
from viewer.reports.review_page import (
    Chart,
    CommentText,
    Fact,
    IssueSection,
    ReviewPage,
    Table,
    Tile,
)
from viewer.review import Reading
from viewer.review.consensus.agreement import Agreement
from viewer.review.consensus.boxes import BoxAgreement
from viewer.review.consensus.reading import shared_work
from viewer.review.consensus.summary import consensus
from viewer.review.edits.reading import count_edits
from viewer.review.exchange.records import IssueRecord, ReviewRecords, read_records
from viewer.review.issues.model import Issue
from viewer.review.marks.reading import count_marks
from viewer.review.queues.reading import queue_progress, queues
from viewer.review.verdicts.counts import CountBy, VerdictCount, count_verdicts
from viewer.review.verdicts.model import VerdictState
from viewer.scene.scene import Dataset

MOST_PICTURED = 200
"""Issues with pictures; the page would not open any more with those of thousands."""
MOST_BARS = 24
MOST_PAIRS = 6
"""Pairs of reviewers whose agreement is told, those with most in common."""
STATE_COLOURS = {
    VerdictState.ACCEPTED: "#3fb68b",
    VerdictState.REJECTED: "#e5604d",
    VerdictState.NEEDS_FIX: "#e0a83c",
    VerdictState.SKIPPED: "#9aa1ab",
}
REASON_COLOUR = "#a98bf0"
Draw = Callable[[IssueRecord], tuple[ReportPicture, ...]]


def write_review_report(
    path: Path,
    reading: Reading,
    dataset: Dataset,
    dataset_id: str,
    *,
    context: JobContext | None = None,
    now_ns: int,
) -> ReviewPage:
    """Write a page that opens anywhere, with nothing beside it; return what it says.

    Parameters
    ----------
    dataset
        What was decided about; its pictures are drawn where its files can be read.
    now_ns
        The time that the page tells of itself.
    """
    context = context or JobContext()
    records = read_records(reading, dataset_id)
    with SubjectPictures(dataset) as pictures:

        def draw(record: IssueRecord) -> tuple[ReportPicture, ...]:
            for element in record.elements:
                found = pictures.of(element.subject, record.sight)
                if found:
                    return found
            return ()

        page = review_page(reading, records, dataset, dataset_id, draw, context, now_ns)
    write_page(path, "review.html.j2", {"report": page})
    return page


def review_page(
    reading: Reading,
    records: ReviewRecords,
    dataset: Dataset,
    dataset_id: str,
    draw: Draw,
    context: JobContext,
    now_ns: int,
) -> ReviewPage:
    """Return what the page says; `draw` makes the pictures of an issue."""
    by_state = {
        each.values[0]: each.count for each in count_verdicts(reading, dataset_id=dataset_id)
    }
    reviewers = count_verdicts(
        reading, CountBy.REVIEWER, every_reviewer=True, dataset_id=dataset_id
    )
    opened = sum(each.issue.is_open for each in records.issues)
    judged = sum(by_state.values())
    changed = count_edits(reading, dataset_id)["labels"]
    accepted = by_state.get(VerdictState.ACCEPTED, 0)
    tiles = (
        Tile(f"{judged:,}", "judged"),
        Tile(f"{100 * accepted / judged:.0f} %" if judged else "–", "of them accepted"),
        Tile(f"{opened:,} of {len(records.issues):,}", "issues open"),
        Tile(f"{len(records.marks):,}", "missing objects marked"),
        Tile(f"{changed:,}", "labels changed"),
        Tile(f"{len(reviewers):,}", "reviewers"),
    )
    frames = sum(len(scene.frames) for scene in dataset.scenes)
    scenes = f"{len(dataset.scenes):,} scene{'s' if len(dataset.scenes) != 1 else ''}"
    subtitle = f"{dataset.path.name}: {scenes}, {frames:,} frames. Written {time_text(now_ns)}."
    return ReviewPage(
        f"Review of {dataset.path.stem}",
        subtitle,
        tiles,
        tuple(_charts(reading, dataset_id)),
        tuple(_tables(reading, dataset_id)),
        tuple(_issue_sections(records.issues, draw, context)),
    )


def _charts(reading: Reading, dataset_id: str) -> Iterator[Chart]:
    by_class = count_verdicts(reading, CountBy.CLASS, CountBy.STATE, dataset_id=dataset_id)
    by_reviewer = count_verdicts(
        reading, CountBy.REVIEWER, CountBy.STATE, every_reviewer=True, dataset_id=dataset_id
    )
    for title, counts in (("Verdicts by class", by_class), ("Verdicts by reviewer", by_reviewer)):
        if counts:
            key = tuple(Part(state.words, 0, colour) for state, colour in STATE_COLOURS.items())
            yield Chart(title, stacked_bars(_state_bars(counts), title), key)
    reasons = count_verdicts(reading, CountBy.REASON, dataset_id=dataset_id)
    if reasons:
        bars = [
            Bar(each.values[0], (Part("verdicts", each.count, REASON_COLOUR),))
            for each in reasons[:MOST_BARS]
        ]
        yield Chart("Reasons", stacked_bars(bars, "Reasons"), ())


def _state_bars(counts: Iterable[VerdictCount]) -> list[Bar]:
    """One bar for each name, longest first; what is too much for a chart is summed up."""
    told: dict[str, dict[str, int]] = {}
    for each in counts:
        name, state = each.values
        told.setdefault(name or "(no class)", {})[state] = each.count
    ranked = sorted(told.items(), key=lambda item: -sum(item[1].values()))
    rest: dict[str, int] = {}
    for _, by_state in ranked[MOST_BARS:]:
        for state, count in by_state.items():
            rest[state] = rest.get(state, 0) + count
    shown = [*ranked[:MOST_BARS], *([(f"{len(ranked) - MOST_BARS} more", rest)] if rest else [])]
    return [
        Bar(
            name,
            tuple(
                Part(state.words, by_state.get(state, 0), colour)
                for state, colour in STATE_COLOURS.items()
            ),
        )
        for name, by_state in shown
    ]


def _tables(reading: Reading, dataset_id: str) -> Iterator[Table]:
    rows = []
    for queue in queues(reading):
        progress = queue_progress(reading, queue.queue_id)
        share = f"{100 * progress.done / progress.total:.0f} %" if progress.total else "–"
        median = progress.median_seconds
        rows.append(
            (
                queue.name, f"{progress.done:,} of {progress.total:,}", share,
                "–" if median is None else f"{median:.1f} s",
                ", ".join(f"{each.reviewer} {each.done:,}" for each in progress.by_reviewer),
            )
        )  # fmt: skip
    if rows:
        yield Table(
            "Queues", ("Queue", "Done", "Share", "Median time", "By reviewer"), tuple(rows),
            (False, True, True, True, False),
        )  # fmt: skip
    yield from _agreement_tables(reading)
    marked = count_marks(reading, dataset_id)
    if marked:
        yield Table(
            "Missing objects", ("Class", "Marks"),
            tuple((name, f"{count:,}") for name, count in marked.items()), (False, True),
        )  # fmt: skip
    edited = {k: v for k, v in count_edits(reading, dataset_id).items() if v and k != "labels"}
    if edited:
        yield Table(
            "Changes of labels", ("Change", "Labels"),
            tuple((name, f"{count:,}") for name, count in edited.items()), (False, True),
        )  # fmt: skip


def _agreement_tables(reading: Reading) -> Iterator[Table]:
    """A table of the classes for each two reviewers who judged the same things."""
    for shared in shared_work(reading)[:MOST_PAIRS]:
        found = consensus(reading, shared.first, shared.second)
        rows: list[tuple[str, Agreement, BoxAgreement | None]] = [
            ("all", found.verdicts, found.boxes)
        ]
        rows += [
            (name or "(no class)", agreed, found.boxes_by_class.get(name))
            for name, agreed in found.verdicts_by_class.items()
        ]
        yield Table(
            f"Agreement of {shared.first} and {shared.second}",
            (
                "Class",
                "Judged by both",
                "Agree",
                "Kappa",
                "Same box",
                "Mean IoU",
                "Centre",
                "Heading",
            ),
            tuple(_agreement_row(*row) for row in rows),
            (False, True, True, True, True, True, True, True),
            "Boxes are compared where both changed them; the same are those within the"
            " workspace's thresholds.",
        )


def _agreement_row(name: str, agreed: Agreement, boxes: BoxAgreement | None) -> tuple[str, ...]:
    def told(value: float | None, form: str, unit: str = "", scale: float = 1.0) -> str:
        return "–" if value is None else f"{value * scale:{form}}{unit}"

    iou, centre, heading = (
        (None, None, None)
        if boxes is None
        else (boxes.mean_iou_3d, boxes.mean_centre_m, boxes.mean_heading_rad)
    )
    return (
        name, f"{agreed.total:,}", told(agreed.share, ".0f", " %", 100.0),
        told(agreed.kappa, ".2f"),
        "–" if boxes is None or not boxes.boxes else f"{boxes.same_box:,} of {boxes.boxes:,}",
        told(iou, ".2f"), told(centre, ".2f", " m"),
        told(heading, ".1f", "°", 180 / math.pi),
    )  # fmt: skip


def _issue_sections(
    issues: tuple[IssueRecord, ...], draw: Draw, context: JobContext
) -> Iterator[IssueSection]:
    """Open issues first, each with pictures as far as the page holds them."""
    ordered = sorted(issues, key=lambda each: not each.issue.is_open)
    for number, record in enumerate(context.track(ordered, "Drawing issues")):
        issue = record.issue
        yield IssueSection(
            f"issue-{number + 1}",
            issue.title,
            issue.state.text,
            tuple(_facts(issue)),
            issue.description,
            tuple(each.text for each in record.elements),
            draw(record) if number < MOST_PICTURED else (),
            tuple(
                CommentText(each.author, each.created_ns, each.text, each.edited_ns is not None)
                for each in record.comments
            ),
        )


def _facts(issue: Issue) -> Iterator[Fact]:
    yield Fact("Type", str(issue.type))
    yield Fact("Opened by", f"{issue.reporter}, {time_text(issue.created_ns)}")
    if issue.assignee:
        yield Fact("Assigned to", issue.assignee)
    if issue.priority is not None:
        yield Fact("Priority", issue.priority.name.lower())
    if issue.due is not None:
        yield Fact("Due", issue.due.isoformat())
    if issue.labels:
        yield Fact("Labels", ", ".join(issue.labels))
    if issue.element_count:
        yield Fact("Done", f"{issue.done_count} of {issue.element_count}")
    if issue.finding is not None:
        yield Fact("Found by", f"{issue.finding.check}: {issue.finding.evidence}")
