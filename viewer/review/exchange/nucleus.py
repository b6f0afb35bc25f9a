"""Verdicts as the task facts that Nucleus keeps of an item, issues as its slices.

A fact has ``task_status``, ``task_audit_status`` and ``task_audit_review_comment``; which words an
audit may use is not written down, so ours are `platform_states.Vocabulary.NUCLEUS_AUDIT`.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

from viewer.formats.iso_time import time_from_iso
from viewer.review.exchange.base import (
    Exported,
    Losses,
    Received,
    iso_text,
    read_verdicts,
    write_json,
)
from viewer.review.exchange.names import DatasetNames
from viewer.review.exchange.records import IssueRecord, ReviewRecords, VerdictRecord
from viewer.review.subject import Subject, SubjectKind
from viewer.review.verdicts.platform_states import Vocabulary, from_platform, to_platform

TASK_FILE = "nucleus_task_info.json"
SLICE_FILE = "nucleus_slices.json"
SEPARATOR = "; "
_SLICE_TYPES = {
    SubjectKind.SCENE: "scene",
    SubjectKind.FRAME: "dataset_item",
    SubjectKind.LABEL: "object",
}


class NucleusTaskInfo:
    """Verdicts as task audits, issues as slices."""

    name: ClassVar[str] = "nucleus"
    title: ClassVar[str] = "Scale Nucleus task info and slices"
    holds: ClassVar[str] = "verdicts on labels, frames and scenes; of issues what they are about"

    def write(self, records: ReviewRecords, names: DatasetNames, folder: Path) -> Exported:
        """Write ``nucleus_task_info.json`` and ``nucleus_slices.json``."""
        losses = Losses()
        rows = [
            row for each in records.verdicts if (row := _task_row(each, names, losses)) is not None
        ]
        slices = [row for each in records.issues for row in _slice_rows(each, names, losses)]
        losses.note("marks of missing objects have no place there", len(records.marks))
        files = [
            write_json(folder / name, listed)
            for name, listed in ((TASK_FILE, rows), (SLICE_FILE, slices))
        ]
        return Exported(tuple(files), {"verdicts": len(rows), "slices": len(slices)}, losses)

    def read(self, path: Path, names: DatasetNames) -> Received:
        """Read task facts as verdicts."""
        return read_verdicts(path, TASK_FILE, "task facts", lambda row: _verdict(row, names))


def _task_row(record: VerdictRecord, names: DatasetNames, losses: Losses) -> dict[str, Any] | None:
    subject = record.subject
    if subject.kind not in _SLICE_TYPES:
        losses.note(f"verdicts on a {subject.kind} have no place there")
        return None
    word = to_platform(Vocabulary.NUCLEUS_AUDIT, record.state)
    losses.note(word.loss)
    said = SEPARATOR.join(filter(None, (*record.reasons, record.comment)))
    row: dict[str, Any] = {
        "task_id": f"{subject.key}-{record.reviewer}",
        "task_status": "completed",
        "task_audit_status": word.text,
        "task_audit_review_comment": said,
        "project_name": names.name,
        "batch": record.reviewer,
        "created_at": iso_text(record.time_ns),
        "completed_at": iso_text(record.time_ns),
        **_reference(subject, names),
    }
    return row


def _reference(subject: Subject, names: DatasetNames) -> dict[str, Any]:
    if subject.kind is SubjectKind.SCENE:
        return {"scene_reference_id": subject.scene_id}
    item = {"reference_id": names.frame_id(str(subject.scene_id), str(subject.frame_key))}
    return item | {"annotation_id": subject.label_id} if subject.label_id is not None else item


def _slice_rows(
    record: IssueRecord, names: DatasetNames, losses: Losses
) -> Iterator[dict[str, Any]]:
    """One slice a kind of element: there a slice has one type."""
    losses.note("states, people and threads of issues have no place there")
    by_type: dict[str, list[dict[str, Any]]] = {}
    for element in record.elements:
        kind = _SLICE_TYPES.get(element.subject.kind)
        if kind is None:
            losses.note(f"elements that are a {element.subject.kind} have no place there")
            continue
        by_type.setdefault(kind, []).append(_reference(element.subject, names))
    for kind, references in by_type.items():
        name = record.issue.title if len(by_type) == 1 else f"{record.issue.title} ({kind})"
        yield {"name": name, "type": kind, "members": references}


def _verdict(row: object, names: DatasetNames) -> VerdictRecord | None:
    if not isinstance(row, Mapping):
        raise ValueError("is no object")
    state = from_platform(Vocabulary.NUCLEUS_AUDIT, _text_of(row, "task_audit_status")).state
    if state is None:
        return None
    subject = _subject(row, names)
    time_ns = time_from_iso(_text_of(row, "completed_at") or _text_of(row, "created_at") or "")
    return VerdictRecord(
        subject, state, _text_of(row, "batch") or "unknown", time_ns or 0,
        comment=_text_of(row, "task_audit_review_comment") or "",
    )  # fmt: skip


def _subject(row: Mapping[str, Any], names: DatasetNames) -> Subject:
    scene_id, item = _text_of(row, "scene_reference_id"), _text_of(row, "reference_id")
    label_id = _text_of(row, "annotation_id")
    if item is None:
        found = names.scene(scene_id) if scene_id is not None else None
    elif label_id is None:
        found = names.frame(item)
    else:
        found = names.label(item, label_id)
    if found is None:
        raise ValueError(
            f"{label_id or item or scene_id or 'an item without id'} is not in the dataset"
        )
    return found


def _text_of(row: Mapping[str, Any], key: str) -> str | None:
    value = row.get(key)
    return value if isinstance(value, str) and value else None
