"""Taking what other tools or people decided into a workspace, as one step that undo takes back."""

from collections.abc import Iterator
from dataclasses import dataclass

from viewer.review.commands.base import Batch, Command
from viewer.review.commands.comments import AddComment
from viewer.review.commands.issues import AddElement, ChangeIssue, OpenIssue
from viewer.review.commands.marks import MarkMissing
from viewer.review.commands.verdicts import DefineReasons, SetVerdict
from viewer.review.exchange.records import IssueRecord, ReviewRecords
from viewer.review.issues.model import Element, Issue, NewElement
from viewer.review.issues.reading import comments_of, element, issue
from viewer.review.ledger import Reading
from viewer.review.marks.model import Mark
from viewer.review.marks.reading import mark
from viewer.review.verdicts.reading import verdict_of
from viewer.review.verdicts.reasons import verdict_reasons


@dataclass(frozen=True, slots=True)
class Import:
    """What an import would do."""

    batch: Batch | None
    """To be run; None when the workspace holds everything already."""
    verdicts: int
    issues: int
    """New ones."""
    changed_issues: int
    """Known ones with other fields, elements or comments."""
    comments: int
    marks: int
    older_verdicts: int
    """Left out: the same reviewer said something later, or the same, in the workspace."""


def plan_import(reading: Reading, records: ReviewRecords) -> Import:
    """Return the commands that bring records into a workspace.

    A verdict replaces an older one of the same reviewer; an issue, element, comment or mark with a
    known id is not made again. Nothing in the workspace is deleted.
    """
    reasons = list(_new_reasons(reading, records))
    verdicts = list(_verdicts(reading, records))
    commands: list[Command] = [*reasons, *verdicts]
    new = changed = 0
    comments = 0
    for record in records.issues:
        is_new = issue(reading, record.issue.issue_id) is None
        made = list(_issue(reading, record, is_new=is_new))
        comments += sum(isinstance(each, AddComment) for each in made)
        new += is_new
        changed += bool(made) and not is_new
        commands += made
    marks = [
        _mark(each)
        for each in records.marks
        if mark(reading, each.mark_id) is None
    ]  # fmt: skip
    commands += marks
    text = f"Import {len(verdicts):,} verdicts and {new + changed:,} issues"
    return Import(
        Batch(text, commands) if commands else None,
        len(verdicts), new, changed, comments, len(marks), len(records.verdicts) - len(verdicts),
    )  # fmt: skip


def _new_reasons(reading: Reading, records: ReviewRecords) -> Iterator[DefineReasons]:
    known = verdict_reasons(reading)
    given = dict.fromkeys(reason for each in records.verdicts for reason in each.reasons)
    new = tuple(reason for reason in given if reason not in known)
    if new:
        yield DefineReasons((*known, *new))


def _verdicts(reading: Reading, records: ReviewRecords) -> Iterator[SetVerdict]:
    for each in records.verdicts:
        present = verdict_of(reading, each.subject, each.reviewer)
        if present is not None and present.time_ns >= each.time_ns:
            continue
        yield SetVerdict(
            each.subject, each.state, each.reasons, each.comment, class_name=each.class_name,
            given_by=each.reviewer, given_ns=each.time_ns,
        )  # fmt: skip


def _issue(reading: Reading, record: IssueRecord, *, is_new: bool) -> Iterator[Command]:
    told = record.issue
    elements = [
        _new_element(each) for each in record.elements if element(reading, each.element_id) is None
    ]
    if is_new:
        yield OpenIssue(
            told.issue_id, told.title, told.type, tuple(elements), told.description, told.state,
            told.assignee, told.priority, told.due, told.labels, record.sight, record.thumbnail,
            record.camera_picture, told.finding, told.reporter, told.created_ns, told.external,
        )  # fmt: skip
        known: set[str] = set()
    else:
        yield from _changed(reading, told)
        for each in elements:
            yield AddElement(told.issue_id, each, told.title)
        known = {each.comment_id for each in comments_of(reading, told.issue_id)}
    for said in record.comments:
        if said.comment_id not in known and said.text:
            yield AddComment(
                said.comment_id, told.issue_id, said.text, said.element_id, told.title,
                said.author, said.created_ns, said.external,
            )  # fmt: skip


def _changed(reading: Reading, told: Issue) -> Iterator[ChangeIssue]:
    present = issue(reading, told.issue_id)
    fields = ("type", "state", "title", "description", "assignee", "priority", "due", "labels")
    if present is None or all(getattr(present, n) == getattr(told, n) for n in fields):
        return
    yield ChangeIssue(
        told.issue_id, issue_title=told.title, **{name: getattr(told, name) for name in fields}
    )


def _new_element(told: Element) -> NewElement:
    return NewElement(
        told.element_id, told.subject, told.anchor, status=told.status, external=told.external,
        author=told.author, created_ns=told.created_ns,
    )  # fmt: skip


def _mark(told: Mark) -> MarkMissing:
    return MarkMissing(
        told.mark_id, told.frame, told.class_name, told.position, told.coord_frame_id,
        told.sensor_id, told.pixel, told.size, told.yaw_rad, told.box_px, told.label_set_id,
        told.comment, told.reviewer, told.time_ns,
    )  # fmt: skip
