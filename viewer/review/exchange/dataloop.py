"""Verdicts as Dataloop's annotation and item statuses, issues as its notes.

One JSON file of items; each has ``filename``, the status log of the item, and the annotations whose
status changed (``id``, ``metadata.system.status``, ``updatedBy``, ``updatedAt``). A note is an
annotation of type ``note`` with a thread of messages whose times are milliseconds.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

from viewer.formats.iso_time import time_from_iso
from viewer.formats.problem_log import ProblemLog
from viewer.review.exchange.base import Exported, Losses, Received, iso_text, read_list, write_json
from viewer.review.exchange.names import DatasetNames
from viewer.review.exchange.records import IssueRecord, ReviewRecords, VerdictRecord
from viewer.review.issues.model import (
    Comment,
    Element,
    ElementStatus,
    Issue,
    IssueState,
    IssueType,
    Pixel,
)
from viewer.review.subject import Subject, SubjectKind
from viewer.review.verdicts.platform_states import Vocabulary, from_platform, to_platform

FILE = "dataloop_review.json"
NS_PER_MS = 1_000_000
_NOTE_STATUS = {
    IssueState.IN_REVIEW: "review",
    IssueState.RESOLVED: "approved",
    IssueState.CANCELLED: "approved",
}
_STATE_OF_NOTE = {"review": IssueState.IN_REVIEW, "approved": IssueState.RESOLVED}


class DataloopStatuses:
    """Statuses of annotations and items, and notes."""

    name: ClassVar[str] = "dataloop"
    title: ClassVar[str] = "Dataloop statuses and notes"
    holds: ClassVar[str] = "verdicts on labels and frames, issues on frames with their threads"

    def write(self, records: ReviewRecords, names: DatasetNames, folder: Path) -> Exported:
        """Write ``dataloop_review.json``: a list of items."""
        losses = Losses()
        items: dict[str, dict[str, Any]] = {}
        told = {"verdicts": 0, "notes": 0}
        for verdict in records.verdicts:
            told["verdicts"] += _add_verdict(items, verdict, names, losses)
        for issue in records.issues:
            told["notes"] += _add_note(items, issue, names, losses)
        losses.note("marks of missing objects have no place there", len(records.marks))
        return Exported((write_json(folder / FILE, list(items.values())),), told, losses)

    def read(self, path: Path, names: DatasetNames) -> Received:
        """Read statuses as verdicts and notes as issues."""
        file, rows = read_list(path, FILE, "items")
        problems = ProblemLog()
        verdicts: list[VerdictRecord] = []
        issues: list[IssueRecord] = []
        for number, row in enumerate(rows):
            try:
                frame_id, frame = _frame(row, names)
            except ValueError as error:
                problems.add(file, f"$[{number}]", f"{error}; it is left out")
                continue
            verdicts += _item_verdicts(row, frame)
            for place, annotation in enumerate(_list(row, "annotations")):
                try:
                    if _at(annotation, "type") == "note":
                        issues.append(_issue(annotation, frame))
                    else:
                        verdicts += _label_verdict(annotation, frame_id, names)
                except ValueError as error:
                    where = f"$[{number}].annotations[{place}]"
                    problems.add(file, where, f"{error}; it is left out")
        return Received(ReviewRecords(tuple(verdicts), tuple(issues)), problems.snapshot())


def _item(
    items: dict[str, dict[str, Any]], subject: Subject, names: DatasetNames
) -> dict[str, Any]:
    frame_id = names.frame_id(str(subject.scene_id), str(subject.frame_key))
    empty = {
        "filename": f"/{frame_id}",
        "metadata": {"system": {"annotationStatus": [], "statusLog": []}},
        "annotations": [],
    }
    return items.setdefault(frame_id, empty)


def _add_verdict(
    items: dict[str, dict[str, Any]], record: VerdictRecord, names: DatasetNames, losses: Losses
) -> int:
    subject = record.subject
    if subject.kind not in (SubjectKind.FRAME, SubjectKind.LABEL):
        losses.note(f"verdicts on a {subject.kind} have no place there")
        return 0
    is_label = subject.kind is SubjectKind.LABEL
    words = Vocabulary.DATALOOP_ANNOTATION if is_label else Vocabulary.DATALOOP_ITEM
    word = to_platform(words, record.state)
    losses.note(word.loss)
    losses.note("reasons and comments of verdicts have no place there",
                bool(record.reasons or record.comment))  # fmt: skip
    item = _item(items, subject, names)
    if is_label:
        item["annotations"].append(
            {
                "id": subject.label_id,
                "metadata": {"system": {"status": word.text}},
                "updatedBy": record.reviewer,
                "updatedAt": iso_text(record.time_ns),
            }
        )
        return 1
    if word.text is None:
        return 0
    system = item["metadata"]["system"]
    if word.text not in system["annotationStatus"]:
        system["annotationStatus"].append(word.text)
    system["statusLog"].append(
        {
            "status": word.text,
            "timestamp": iso_text(record.time_ns),
            "creator": record.reviewer,
            "action": "created",
        }
    )
    return 1


def _add_note(
    items: dict[str, dict[str, Any]], record: IssueRecord, names: DatasetNames, losses: Losses
) -> int:
    """One note for each frame that the issue is about; the thread goes with the first."""
    issue = record.issue
    on_frames: dict[str, Element] = {}
    for element in record.elements:
        if element.subject.frame_key is None:
            losses.note(f"elements that are a {element.subject.kind} have no place there")
            continue
        frame_id = names.frame_id(str(element.subject.scene_id), element.subject.frame_key)
        on_frames.setdefault(frame_id, element)
    if not on_frames:
        losses.note("issues that are not about a frame have no place there")
    losses.note("type, priority, due date and labels of issues have no place there")
    messages = [
        _message(f"{issue.issue_id}-0", issue.reporter, issue.created_ns,
                 "\n".join(filter(None, (issue.title, issue.description)))),
        *(_message(c.comment_id, c.author, c.created_ns, c.text) for c in record.comments),
    ]  # fmt: skip
    status = _NOTE_STATUS.get(issue.state, "issue")
    for number, element in enumerate(on_frames.values()):
        u, v = (0.0, 0.0)
        if isinstance(element.anchor, Pixel):
            u, v = element.anchor.u_px, element.anchor.v_px
        corner = {"x": u, "y": v, "z": 0}
        note = {
            "messages": messages if number == 0 else messages[:1],
            "status": status,
            "createTime": issue.created_ns // NS_PER_MS,
            "creator": issue.reporter,
            "assignee": issue.assignee,
        }
        _item(items, element.subject, names)["annotations"].append(
            {
                "id": issue.issue_id if number == 0 else f"{issue.issue_id}-{number}",
                "type": "note",
                "label": "note",
                "coordinates": {"box": [corner, corner], "note": note},
                "metadata": {"system": {"status": status}},
            }
        )
    return len(on_frames)


def _message(message_id: str, author: str, time_ns: int, text: str) -> dict[str, Any]:
    return {"id": message_id, "creator": author, "time": time_ns // NS_PER_MS, "body": text}


def _frame(row: object, names: DatasetNames) -> tuple[str, Subject]:
    filename = _at(row, "filename")
    if not isinstance(filename, str):
        raise ValueError("is no item with a filename")
    for frame_id in (filename, filename.removeprefix("/")):
        frame = names.frame(frame_id)
        if frame is not None:
            return frame_id, frame
    raise ValueError(f"{filename} is not in the dataset")


def _item_verdicts(row: object, frame: Subject) -> Iterator[VerdictRecord]:
    """The newest status of each person."""
    newest: dict[str, VerdictRecord] = {}
    for entry in _list(_at(row, "metadata", "system"), "statusLog"):
        status, reviewer = _at(entry, "status"), str(_at(entry, "creator") or "unknown")
        meaning = from_platform(
            Vocabulary.DATALOOP_ITEM, status if isinstance(status, str) else None
        )
        if meaning.state is None:
            continue
        time_ns = time_from_iso(str(_at(entry, "timestamp"))) or 0
        newest[reviewer] = VerdictRecord(frame, meaning.state, reviewer, time_ns)
    yield from newest.values()


def _label_verdict(
    annotation: object, frame_id: str, names: DatasetNames
) -> Iterator[VerdictRecord]:
    label_id, status = _at(annotation, "id"), _at(annotation, "metadata", "system", "status")
    meaning = from_platform(
        Vocabulary.DATALOOP_ANNOTATION, status if isinstance(status, str) else None
    )
    if meaning.state is None:
        return
    label = names.label(frame_id, label_id) if isinstance(label_id, str) else None
    if label is None:
        raise ValueError(f"{label_id} is no label of {frame_id}")
    reviewer = str(_at(annotation, "updatedBy") or _at(annotation, "creator") or "unknown")
    time_ns = time_from_iso(str(_at(annotation, "updatedAt"))) or 0
    yield VerdictRecord(label, meaning.state, reviewer, time_ns)


def _issue(annotation: object, frame: Subject) -> IssueRecord:
    note = _at(annotation, "coordinates", "note")
    issue_id = _at(annotation, "id")
    if not isinstance(issue_id, str) or not isinstance(note, Mapping):
        raise ValueError("is no note with an id")
    messages = [each for each in _list(note, "messages") if isinstance(_at(each, "body"), str)]
    first, _, rest = str(_at(messages[0], "body") if messages else "Note").partition("\n")
    reporter = str(_at(note, "creator") or "unknown")
    created_ns = _time_ns(_at(note, "createTime"))
    status = _at(note, "status") or _at(annotation, "metadata", "system", "status")
    state = _STATE_OF_NOTE.get(str(status), IssueState.TRIAGE)
    assignee = _at(note, "assignee")
    issue = Issue(
        issue_id, IssueType.FRAME_ISSUE, state, first[:300], rest, reporter,
        assignee if isinstance(assignee, str) else None, None, None, created_ns,
    )  # fmt: skip
    element = Element(
        f"{issue_id}/frame", issue_id, frame, None, ElementStatus.UNSTARTED, reporter, created_ns
    )
    comments = tuple(
        Comment(
            str(_at(each, "id") or f"{issue_id}-{number}"), issue_id, None,
            str(_at(each, "creator") or reporter), str(_at(each, "body")),
            _time_ns(_at(each, "time")),
        )
        for number, each in enumerate(messages[1:], 1)
    )  # fmt: skip
    return IssueRecord(issue, (element,), comments)


def _time_ns(time_ms: object) -> int:
    is_number = isinstance(time_ms, int) and not isinstance(time_ms, bool)
    return int(time_ms) * NS_PER_MS if is_number else 0  # type: ignore[call-overload]


def _at(value: object, *keys: str) -> Any:  # noqa: ANN401 - JSON values
    for key in keys:
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value


def _list(value: object, key: str) -> list[Any]:
    found = _at(value, key)
    return found if isinstance(found, list) else []
