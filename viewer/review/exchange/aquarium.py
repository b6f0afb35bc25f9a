"""Issues as Aquarium's client writes them (fields of its ``Issue`` and ``IssueElement``).

All elements of an issue there are frames or all are crops (labels), so an issue with both becomes
two. A verdict is told as a work queue's elements, which say who is done and not what they think.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

from viewer.formats.aquarium.issues import AquariumElement, AquariumIssue, read_issues
from viewer.formats.base import DamagedData
from viewer.formats.iso_time import time_from_iso
from viewer.formats.problem_log import ProblemLog
from viewer.review.exchange.base import Exported, Losses, Received, iso_text, write_json
from viewer.review.exchange.names import DatasetNames
from viewer.review.exchange.records import IssueRecord, ReviewRecords
from viewer.review.issues.model import (
    Comment,
    Element,
    ElementStatus,
    Issue,
    IssueState,
    IssueType,
)
from viewer.review.subject import Subject, SubjectKind
from viewer.review.verdicts.platform_states import Vocabulary, to_platform

FILE = "aquarium_issues.json"
QUEUE_FILE = "aquarium_work_queue.json"
_OTHER_STATES = {
    "labeling_campaign_active": IssueState.IN_PROGRESS,
    "ignored": IssueState.CANCELLED,
    "backlog": IssueState.TRIAGE,
}


class AquariumIssues:
    """Issues with frames or labels as elements, and judged labels as a work queue."""

    name: ClassVar[str] = "aquarium"
    title: ClassVar[str] = "Aquarium issues"
    holds: ClassVar[str] = "issues with frames and labels; of verdicts only that they were given"

    def write(self, records: ReviewRecords, names: DatasetNames, folder: Path) -> Exported:
        """Write ``aquarium_issues.json`` and, where labels were judged, a work queue."""
        losses = Losses()
        rows = [row for each in records.issues for row in _issue_rows(each, names, losses)]
        files = [write_json(folder / FILE, rows)]
        counts = {"issues": len(rows)}
        queue = _queue_row(records, names, losses)
        if queue is not None:
            files.append(write_json(folder / QUEUE_FILE, [queue]))
            counts["judged labels"] = len(queue["elements"])
        losses.note("marks of missing objects have no place there", len(records.marks))
        return Exported(tuple(files), counts, losses)

    def read(self, path: Path, names: DatasetNames) -> Received:
        """Read issues; a work queue becomes an issue of that type."""
        problems = ProblemLog()
        files = [path] if path.is_file() else [path / FILE, path / QUEUE_FILE]
        found = read_issues([file for file in files if file.is_file()], problems)
        if not found and not problems.snapshot():
            raise DamagedData(path, "", "holds no issues of Aquarium")
        told = tuple(_record(issue, path, names, problems) for issue in found)
        return Received(ReviewRecords(issues=told), problems.snapshot())


def _issue_rows(
    record: IssueRecord, names: DatasetNames, losses: Losses
) -> Iterator[dict[str, Any]]:
    issue = record.issue
    by_type: dict[str, list[dict[str, Any]]] = {"frame": [], "crop": []}
    for element in record.elements:
        row = _element_row(element, names, losses)
        if row is None:
            continue
        rows = by_type[row["element_type"]]
        if any(_identity(row) == _identity(each) for each in rows):
            losses.note("several places on one frame or label are one element there")
        else:
            rows.append(row)
    used = [kind for kind, rows in by_type.items() if rows] or ["frame"]
    if len(used) == 2:
        losses.note("issues with frames and labels become two issues")
    losses.note("sights and pictures of issues have no place there", record.sight is not None)
    losses.note("priority, due date and labels have no place there", bool(
        issue.priority or issue.due or issue.labels))  # fmt: skip
    comments = {
        each.comment_id: {
            "author": each.author, "text": each.text, "created_at": iso_text(each.created_ns),
            "element_id": each.element_id,
        }
        for each in record.comments
    }  # fmt: skip
    updated_ns = max((each.created_ns for each in record.comments), default=issue.created_ns)
    fields = {"description": issue.description} if issue.description else {}
    for kind in used:
        is_second = kind != used[0]
        yield {
            "name": f"{issue.title} (labels)" if is_second else issue.title,
            "dataset": names.name,
            "elements": by_type[kind],
            "element_type": kind,
            "created_at": iso_text(issue.created_ns),
            "updated_at": iso_text(updated_ns),
            "reporter": issue.reporter,
            "assignee": issue.assignee,
            "state": str(issue.state),
            "issue_id": f"{issue.issue_id}-labels" if is_second else issue.issue_id,
            "inference_set": None,
            "comments": {} if is_second else comments,
            "template_type": str(issue.type),
            "custom_template_fields": fields,
        }


def _identity(row: Mapping[str, Any]) -> tuple[str, str]:
    return row["frame_id"], row["element_id"]


def _element_row(element: Element, names: DatasetNames, losses: Losses) -> dict[str, Any] | None:
    subject = element.subject
    losses.note("places on elements (points, pixels, spans) have no place there",
                element.anchor is not None)  # fmt: skip
    if subject.kind not in (SubjectKind.FRAME, SubjectKind.LABEL):
        losses.note(f"elements that are a {subject.kind} have no place there")
        return None
    frame_id = names.frame_id(str(subject.scene_id), str(subject.frame_key))
    is_label = subject.kind is SubjectKind.LABEL
    predicted = is_label and names.is_prediction(subject.scene_id, subject.label_set_id)
    return {
        "element_id": subject.label_id if is_label else frame_id,
        "frame_id": frame_id,
        "element_type": "crop" if is_label else "frame",
        "crop_type": ("inference" if predicted else "label") if is_label else None,
        "status": str(element.status),
        "dataset": names.name,
        "inference_set": subject.label_set_id if predicted else None,
        "frame_data": {},
        "crop_data": {},
        "label_metadata": {},
        "comments": {},
        "updated_at": iso_text(element.created_ns),
    }


def _queue_row(
    records: ReviewRecords, names: DatasetNames, losses: Losses
) -> dict[str, Any] | None:
    elements: list[dict[str, Any]] = []
    newest = 0
    for verdict in records.verdicts:
        subject = verdict.subject
        if subject.kind is not SubjectKind.LABEL:
            losses.note(f"verdicts on a {subject.kind} have no place there")
            continue
        word = to_platform(Vocabulary.AQUARIUM_QUEUE, verdict.state)
        losses.note(word.loss)
        newest = max(newest, verdict.time_ns)
        elements.append(
            {
                "element_id": subject.label_id,
                "frame_id": names.frame_id(str(subject.scene_id), str(subject.frame_key)),
                "element_type": "crop",
                "dataset": names.name,
                "batch_name": verdict.reviewer,
                "status": word.text,
                "assignee": verdict.reviewer,
                "inference_set": None,
                "label_metadata": {},
            }
        )
    if not elements:
        return None
    reviewers = dict.fromkeys(str(each["assignee"]) for each in elements)
    return {
        "name": f"{names.name} review",
        "dataset": names.name,
        "elements": elements,
        "element_type": "crop",
        "element_count": len(elements),
        "created_at": iso_text(newest),
        "updated_at": iso_text(newest),
        "work_queue_id": f"{names.dataset_id}-review",
        "batch_statuses": dict.fromkeys(reviewers, "done"),
        "batch_assignees": {name: name for name in reviewers},
        "inference_set": None,
    }


def _record(
    told: AquariumIssue, path: Path, names: DatasetNames, problems: ProblemLog
) -> IssueRecord:
    created_ns = (told.created_at and time_from_iso(told.created_at)) or 0
    kind = IssueType.WORK_QUEUE if told.is_work_queue else _type(told.issue_type)
    state = _OTHER_STATES.get(told.state) or IssueState(told.state)
    reporter = told.reporter or "unknown"
    issue = Issue(
        told.issue_id, kind, state, told.name, "", reporter, told.assignee, None, None, created_ns
    )
    elements: list[Element] = []
    made: set[str] = set()
    for number, each in enumerate(told.elements):
        element_id = f"{told.issue_id}/{each.frame_id}/{each.element_id}"
        if element_id in made:
            continue
        made.add(element_id)
        subject = _subject(each, names)
        if subject is None:
            place = f"issue “{told.name}”, elements[{number}]"
            problems.add(path, place, f"{each.element_id} is not in the dataset; it is left out")
            continue
        status = ElementStatus.DONE if each.status == "done" else ElementStatus.UNSTARTED
        elements.append(
            Element(element_id, told.issue_id, subject, None, status, reporter, created_ns)
        )
    comments = _comments(told, reporter, created_ns)
    return IssueRecord(issue, tuple(elements), tuple(comments))


def _type(text: str) -> IssueType:
    try:
        return IssueType(text)
    except ValueError:
        return IssueType.BUCKET


def _subject(element: AquariumElement, names: DatasetNames) -> Subject | None:
    if element.element_type == "frame":
        return names.frame(element.frame_id)
    predicted = {"inference": True, "label": False}.get(element.crop_type or "")
    return names.label(element.frame_id, element.element_id, predictions=predicted)


def _comments(told: AquariumIssue, reporter: str, created_ns: int) -> Iterator[Comment]:
    if not isinstance(told.comments, Mapping):
        return
    for comment_id, said in told.comments.items():
        if not isinstance(said, Mapping) or not isinstance(said.get("text"), str):
            continue
        author = said.get("author") or said.get("email") or reporter
        at_ns = time_from_iso(str(said.get("created_at"))) or created_ns
        yield Comment(str(comment_id), told.issue_id, None, str(author), said["text"], at_ns)
