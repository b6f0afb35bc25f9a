"""Sightline's own JSON: everything, in one file.

``{"schema": "sightline-review", "version": 1, "dataset": NAME, "verdicts": [...], "issues": [...],
"marks": [...]}``. A subject is written as its names (``scene_id``, ``frame_key``, ...); times are
integer nanoseconds since 1970, UTC.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import msgspec

from viewer.formats.base import DamagedData
from viewer.formats.label_rows import load_json
from viewer.formats.problem_log import ProblemLog
from viewer.review.exchange.base import Exported, Received, write_json
from viewer.review.exchange.names import DatasetNames
from viewer.review.exchange.records import IssueRecord, ReviewRecords, VerdictRecord
from viewer.review.issues.model import (
    Comment,
    Element,
    Issue,
    anchor_from_json,
    anchor_to_json,
    check_anchor,
)
from viewer.review.marks.model import Mark
from viewer.review.subject import Subject

FILE = "review.json"
SCHEMA, VERSION = "sightline-review", 1
MAX_BYTES = 1024 * 1024 * 1024
Value = TypeVar("Value")


class SightlineJson:
    """Everything that is exchanged, without loss."""

    name: ClassVar[str] = "json"
    title: ClassVar[str] = "Sightline JSON"
    holds: ClassVar[str] = "verdicts, issues with threads and sights, marks"

    def write(self, records: ReviewRecords, names: DatasetNames, folder: Path) -> Exported:
        """Write ``review.json``."""
        document = {
            "schema": SCHEMA,
            "version": VERSION,
            "dataset": names.name,
            "verdicts": [_plain(each) for each in records.verdicts],
            "issues": [_issue_values(each) for each in records.issues],
            "marks": [_plain(each) for each in records.marks],
        }
        path = write_json(folder / FILE, document)
        counts = {
            "verdicts": len(records.verdicts), "issues": len(records.issues),
            "marks": len(records.marks),
        }  # fmt: skip
        return Exported((path,), counts)

    def read(self, path: Path, names: DatasetNames) -> Received:
        """Read ``review.json``; subjects become those of the given dataset."""
        path = path / FILE if path.is_dir() else path
        document = load_json(path, max_bytes=MAX_BYTES)
        if not isinstance(document, dict) or document.get("schema") != SCHEMA:
            raise DamagedData(path, "$.schema", f"is no {SCHEMA} file")
        if document.get("version") != VERSION:
            problem = f"has version {document.get('version')!r}; this Sightline knows {VERSION}"
            raise DamagedData(path, "$.version", problem)
        problems = ProblemLog()
        dataset_id = names.dataset_id

        def rows(key: str, read: Callable[[Any], Value]) -> tuple[Value, ...]:
            found = []
            listed = document.get(key, [])
            if not isinstance(listed, list):
                problems.add(path, f"$.{key}", "is no list; it is left out")
                return ()
            for place, row in enumerate(listed):
                try:
                    found.append(read(row))
                except (ValueError, TypeError, KeyError, AttributeError) as error:
                    problems.add(path, f"$.{key}[{place}]", f"{error}; it is left out")
            return tuple(found)

        records = ReviewRecords(
            rows("verdicts", lambda row: msgspec.convert(_of(row, dataset_id), VerdictRecord)),
            rows("issues", lambda row: _issue(row, dataset_id)),
            rows("marks", lambda row: msgspec.convert(_of(row, dataset_id), Mark)),
        )
        return Received(records, problems.snapshot())


def _plain(record: object) -> Any:  # noqa: ANN401 - JSON values
    """JSON values of a record; the id of its dataset means nothing elsewhere."""
    values = msgspec.to_builtins(record, str_keys=True)
    for key in ("subject", "frame"):
        if isinstance(values.get(key), dict):
            values[key] = _subject_values(values[key])
    return values


def _subject_values(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: value for key, value in values.items() if value is not None and key != "dataset_id"
    }


def _issue_values(record: IssueRecord) -> dict[str, Any]:
    elements = []
    for element in record.elements:
        values = {each.name: getattr(element, each.name) for each in fields(Element)}
        values["anchor"] = anchor_to_json(element.anchor)
        values["subject"] = _subject_values(msgspec.to_builtins(element.subject))
        elements.append(values)
    return {
        **_plain(record.issue),
        "elements": elements,
        "comments": [_plain(each) for each in record.comments],
        "sight": record.sight,
        "thumbnail": msgspec.to_builtins(record.thumbnail),
        "camera_picture": msgspec.to_builtins(record.camera_picture),
    }


def _of(row: Mapping[str, Any], dataset_id: str) -> dict[str, Any]:
    """A row whose subject is one of the dataset."""
    values = dict(row)
    for key in ("subject", "frame"):
        if isinstance(values.get(key), Mapping):
            values[key] = values[key] | {"dataset_id": dataset_id}
    return values


def _issue(row: Mapping[str, Any], dataset_id: str) -> IssueRecord:
    values = dict(row)
    elements = tuple(_element(each, dataset_id) for each in values.pop("elements", ()))
    comments = tuple(msgspec.convert(each, Comment) for each in values.pop("comments", ()))
    sight = values.pop("sight", None)
    if sight is not None and not isinstance(sight, Mapping):
        raise ValueError("has a sight that is no object")
    pictures = (
        msgspec.convert(values.pop(key, None), bytes | None)
        for key in ("thumbnail", "camera_picture")
    )
    return IssueRecord(msgspec.convert(values, Issue), elements, comments, sight, *pictures)


class _ElementRow(msgspec.Struct):
    """An element but for its anchor, whose kinds JSON tells by a word."""

    subject: Subject
    element_id: str
    issue_id: str
    status: str
    author: str
    created_ns: int
    snapshot_hash: str | None = None
    removed_ns: int | None = None
    external: dict[str, Any] | None = None


def _element(row: Mapping[str, Any], dataset_id: str) -> Element:
    values = _of(row, dataset_id)
    anchor = anchor_from_json(values.pop("anchor", None))
    plain = msgspec.to_builtins(msgspec.convert(values, _ElementRow))
    subject = msgspec.convert(plain.pop("subject"), Subject)
    check_anchor(subject, anchor)
    element = Element(subject=subject, anchor=None, **plain)
    return replace(element, anchor=anchor)
