"""What is handed over: verdicts, issues with their threads, marks, as plain values."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from viewer.progress import report_progress
from viewer.review.issues.model import Comment, Element, Issue
from viewer.review.issues.reading import comments_of, elements_of, issues, sight_of
from viewer.review.ledger import Reading
from viewer.review.marks.model import Mark
from viewer.review.marks.reading import marks
from viewer.review.subject import Subject
from viewer.review.verdicts.model import VerdictState
from viewer.review.verdicts.reading import all_verdicts


@dataclass(frozen=True, slots=True)
class VerdictRecord:
    """One verdict with what it is about."""

    subject: Subject
    state: VerdictState
    reviewer: str
    time_ns: int
    reasons: tuple[str, ...] = ()
    comment: str = ""
    class_name: str | None = None


@dataclass(frozen=True, slots=True)
class IssueRecord:
    """One issue with its elements, comments and sight."""

    issue: Issue
    elements: tuple[Element, ...] = ()
    comments: tuple[Comment, ...] = ()
    sight: Mapping[str, Any] | None = None
    thumbnail: bytes | None = None
    """JPEG or PNG of the 3D view."""
    camera_picture: bytes | None = None
    """Likewise of a camera."""


@dataclass(frozen=True, slots=True)
class ReviewRecords:
    """Everything that is exchanged."""

    verdicts: tuple[VerdictRecord, ...] = ()
    issues: tuple[IssueRecord, ...] = ()
    marks: tuple[Mark, ...] = ()


def read_records(reading: Reading, dataset_id: str) -> ReviewRecords:
    """Return what was decided about a dataset; issues count where an element is on it.

    Raises
    ------
    Cancelled
        When the job that runs here was given up.
    """
    report_progress(0, None, "Reading verdicts")
    found = [
        VerdictRecord(
            subject, verdict.state, verdict.reviewer, verdict.time_ns, verdict.reasons,
            verdict.comment, verdict.class_name,
        )
        for subject, verdict in all_verdicts(reading)
        if subject.dataset_id == dataset_id
    ]  # fmt: skip
    found.sort(key=lambda each: (_place(each.subject), each.time_ns, each.reviewer))
    return ReviewRecords(
        tuple(found), tuple(_issues(reading, dataset_id)), tuple(marks(reading, dataset_id))
    )


def _issues(reading: Reading, dataset_id: str) -> Iterator[IssueRecord]:
    found = issues(reading)
    for done, issue in enumerate(found):
        report_progress(done, len(found), "Reading issues")
        elements = elements_of(reading, issue.issue_id)
        own = tuple(each for each in elements if each.subject.dataset_id == dataset_id)
        if elements and not own:
            continue
        comments = (each for each in comments_of(reading, issue.issue_id) if not each.deleted_ns)
        pictures = (issue.thumbnail_hash, issue.camera_picture_hash)
        yield IssueRecord(
            issue, own, tuple(comments), sight_of(reading, issue.issue_id),
            *(None if each is None else reading.picture(each) for each in pictures),
        )  # fmt: skip


def _place(subject: Subject) -> tuple[str, ...]:
    names = (
        subject.scene_id, subject.frame_key, subject.label_set_id, subject.track_id,
        subject.label_id,
    )  # fmt: skip
    return tuple(name or "" for name in names)
