"""Tables for spreadsheets: verdicts, issues, their elements and comments, marks.

Five CSV files (RFC 4180, UTF-8); times are ISO 8601 to the nanosecond, lists are joined by ``; ``.
"""

import csv
import datetime as dt
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import ClassVar, TypeVar

from viewer.formats.base import DamagedData
from viewer.formats.iso_time import time_from_iso
from viewer.formats.problem_log import ProblemLog
from viewer.formats.text_file import read_text
from viewer.review.exchange.base import Exported, Losses, Received, iso_text, write_text
from viewer.review.exchange.names import DatasetNames
from viewer.review.exchange.records import IssueRecord, ReviewRecords, VerdictRecord
from viewer.review.issues.model import (
    Anchor,
    Comment,
    Element,
    ElementStatus,
    Issue,
    IssueState,
    IssueType,
    Pixel,
    Point,
    Priority,
    Span,
)
from viewer.review.marks.model import Mark, Numbers
from viewer.review.subject import Subject, SubjectKind
from viewer.review.verdicts.model import VerdictState

SUBJECT = ("kind", "scene_id", "frame_key", "label_set_id", "label_id", "track_id")
VERDICTS = ("state", "reasons", "comment", "reviewer", "time", "class_name", *SUBJECT)
ISSUES = (
    "issue_id", "type", "state", "title", "description", "reporter", "assignee", "priority", "due",
    "created", "labels",
)  # fmt: skip
ELEMENTS = (
    "element_id", "issue_id", "status", "author", "created", *SUBJECT, "first_frame_key",
    "last_frame_key", "coord_frame_id", "x_m", "y_m", "z_m", "sensor_id", "u_px", "v_px",
)  # fmt: skip
COMMENTS = ("comment_id", "issue_id", "element_id", "author", "created", "edited", "text")
MARKS = (
    "mark_id", "class_name", "scene_id", "frame_key", "label_set_id", "coord_frame_id", "position",
    "size", "yaw_rad", "sensor_id", "pixel", "box_px", "comment", "reviewer", "time",
)  # fmt: skip
SEPARATOR = "; "
MAX_BYTES = 1024 * 1024 * 1024
Record = TypeVar("Record")
Cells = Mapping[str, str]


class CsvTables:
    """One table a kind, for spreadsheets and scripts."""

    name: ClassVar[str] = "csv"
    title: ClassVar[str] = "CSV tables"
    holds: ClassVar[str] = "verdicts, issues with threads, marks; no sights and pictures"

    def write(self, records: ReviewRecords, names: DatasetNames, folder: Path) -> Exported:
        """Write a table of verdicts, issues, elements, comments and marks each."""
        losses = Losses()
        issues = records.issues
        losses.note(
            "sights of issues have no column", sum(each.sight is not None for each in issues)
        )
        losses.note("pictures of issues have no column", sum(bool(e.thumbnail) for e in issues))
        findings = sum(each.issue.finding is not None for each in issues)
        losses.note("findings behind issues have no column", findings)
        tables: tuple[tuple[str, Sequence[str], Iterable[Sequence[object]]], ...] = (
            ("verdicts", VERDICTS, map(_verdict_cells, records.verdicts)),
            ("issues", ISSUES, (_issue_cells(each.issue) for each in issues)),
            ("elements", ELEMENTS, (_element_cells(e) for each in issues for e in each.elements)),
            ("comments", COMMENTS, (_comment_cells(c) for each in issues for c in each.comments)),
            ("marks", MARKS, map(_mark_cells, records.marks)),
        )
        files, counts = [], {}
        for name, columns, rows in tables:
            listed = list(rows)
            text = io.StringIO()
            writer = csv.writer(text)
            writer.writerow(columns)
            writer.writerows(listed)
            files.append(write_text(folder / f"{name}.csv", text.getvalue()))
            counts[name] = len(listed)
        return Exported(tuple(files), counts, losses)

    def read(self, path: Path, names: DatasetNames) -> Received:
        """Read a folder with any of the tables, or one table."""
        folder, only = (path, None) if path.is_dir() else (path.parent, path.stem)
        problems = ProblemLog()
        dataset_id = names.dataset_id

        def table(
            name: str, columns: Sequence[str], read: Callable[[Cells], Record]
        ) -> list[Record]:
            file = folder / f"{name}.csv"
            if (only is not None and name != only) or not file.is_file():
                return []
            return _read_table(file, columns, read, problems)

        verdicts = table("verdicts", VERDICTS, lambda cells: _verdict(cells, dataset_id))
        issues = table("issues", ISSUES, _issue)
        elements = table("elements", ELEMENTS, lambda cells: _element(cells, dataset_id))
        comments = table("comments", COMMENTS, _comment)
        marks = table("marks", MARKS, lambda cells: _mark(cells, dataset_id))
        if not any((verdicts, issues, marks)) and not problems.snapshot():
            raise DamagedData(path, "", "holds none of verdicts.csv, issues.csv, marks.csv")
        told = [
            IssueRecord(
                issue,
                tuple(each for each in elements if each.issue_id == issue.issue_id),
                tuple(each for each in comments if each.issue_id == issue.issue_id),
            )
            for issue in issues
        ]
        records = ReviewRecords(tuple(verdicts), tuple(told), tuple(marks))
        return Received(records, problems.snapshot())


def _read_table(
    file: Path, columns: Sequence[str], read: Callable[[Cells], Record], problems: ProblemLog
) -> list[Record]:
    text = read_text(file, max_bytes=MAX_BYTES)
    rows = csv.DictReader(io.StringIO(text, newline=""), restval="")
    missing = set(columns) - set(rows.fieldnames or ())
    if missing:
        problems.add(file, "line 1", f"has no column {', '.join(sorted(missing))}; it is left out")
        return []
    found = []
    try:
        for cells in rows:
            try:
                found.append(read(cells))
            except (ValueError, KeyError) as error:
                problems.add(file, f"line {rows.line_num}", f"{error}; the row is left out")
    except csv.Error as error:
        problems.add(file, f"line {rows.line_num}", f"{error}; what follows is left out")
    return found


def _subject_cells(subject: Subject) -> tuple[object, ...]:
    return tuple(getattr(subject, name) for name in SUBJECT)


def _subject(cells: Cells, dataset_id: str) -> Subject:
    kind = SubjectKind(cells["kind"])
    return Subject(kind, dataset_id, *(cells[name] or None for name in SUBJECT[1:]))


def _verdict_cells(record: VerdictRecord) -> tuple[object, ...]:
    return (
        record.state, SEPARATOR.join(record.reasons), record.comment, record.reviewer,
        iso_text(record.time_ns), record.class_name, *_subject_cells(record.subject),
    )  # fmt: skip


def _verdict(cells: Cells, dataset_id: str) -> VerdictRecord:
    return VerdictRecord(
        _subject(cells, dataset_id), VerdictState(cells["state"]), _required(cells, "reviewer"),
        _time(cells, "time"), _parts(cells["reasons"]), cells["comment"],
        cells["class_name"] or None,
    )  # fmt: skip


def _issue_cells(issue: Issue) -> tuple[object, ...]:
    return (
        issue.issue_id, issue.type, issue.state, issue.title, issue.description, issue.reporter,
        issue.assignee, issue.priority.name.lower() if issue.priority else "",
        issue.due.isoformat() if issue.due else "", iso_text(issue.created_ns),
        SEPARATOR.join(issue.labels),
    )  # fmt: skip


def _issue(cells: Cells) -> Issue:
    priority, due = cells["priority"], cells["due"]
    return Issue(
        _required(cells, "issue_id"), IssueType(cells["type"]), IssueState(cells["state"]),
        _required(cells, "title"), cells["description"], _required(cells, "reporter"),
        cells["assignee"] or None, Priority[priority.upper()] if priority else None,
        dt.date.fromisoformat(due) if due else None, _time(cells, "created"),
        _parts(cells["labels"]),
    )  # fmt: skip


def _element_cells(element: Element) -> tuple[object, ...]:
    place: tuple[object, ...] = ("",) * 9
    match element.anchor:
        case Span(first, last):
            place = (first, last, *place[2:])
        case Point(coord_frame_id, (x, y, z)):
            place = ("", "", coord_frame_id, x, y, z, "", "", "")
        case Pixel(sensor_id, u, v):
            place = (*place[:6], sensor_id, u, v)
    return (
        element.element_id, element.issue_id, element.status, element.author,
        iso_text(element.created_ns), *_subject_cells(element.subject), *place,
    )  # fmt: skip


def _element(cells: Cells, dataset_id: str) -> Element:
    anchor: Anchor | None = None
    if cells["first_frame_key"]:
        anchor = Span(cells["first_frame_key"], cells["last_frame_key"])
    elif cells["coord_frame_id"]:
        x, y, z = (float(cells[name]) for name in ("x_m", "y_m", "z_m"))
        anchor = Point(cells["coord_frame_id"], (x, y, z))
    elif cells["sensor_id"]:
        anchor = Pixel(cells["sensor_id"], float(cells["u_px"]), float(cells["v_px"]))
    return Element(
        _required(cells, "element_id"), cells["issue_id"], _subject(cells, dataset_id), anchor,
        ElementStatus(cells["status"]), cells["author"], _time(cells, "created"),
    )  # fmt: skip


def _comment_cells(comment: Comment) -> tuple[object, ...]:
    edited = "" if comment.edited_ns is None else iso_text(comment.edited_ns)
    return (
        comment.comment_id, comment.issue_id, comment.element_id, comment.author,
        iso_text(comment.created_ns), edited, comment.text,
    )  # fmt: skip


def _comment(cells: Cells) -> Comment:
    return Comment(
        _required(cells, "comment_id"), cells["issue_id"], cells["element_id"] or None,
        cells["author"], cells["text"], _time(cells, "created"),
        _time(cells, "edited") if cells["edited"] else None,
    )  # fmt: skip


def _mark_cells(mark: Mark) -> tuple[object, ...]:
    lists = {
        name: SEPARATOR.join(map(repr, getattr(mark, name) or ()))
        for name in ("position", "size", "pixel", "box_px")
    }
    return (
        mark.mark_id, mark.class_name, mark.frame.scene_id, mark.frame.frame_key,
        mark.label_set_id, mark.coord_frame_id, lists["position"], lists["size"],
        "" if mark.yaw_rad is None else repr(mark.yaw_rad), mark.sensor_id, lists["pixel"],
        lists["box_px"], mark.comment, mark.reviewer, iso_text(mark.time_ns),
    )  # fmt: skip


def _mark(cells: Cells, dataset_id: str) -> Mark:
    frame = Subject.frame(dataset_id, _required(cells, "scene_id"), _required(cells, "frame_key"))
    return Mark(
        _required(cells, "mark_id"), frame, cells["class_name"], cells["label_set_id"] or None,
        cells["coord_frame_id"] or None, _numbers(cells["position"]), _numbers(cells["size"]),
        float(cells["yaw_rad"]) if cells["yaw_rad"] else None, cells["sensor_id"] or None,
        _numbers(cells["pixel"]), _numbers(cells["box_px"]), cells["comment"],
        cells["reviewer"], _time(cells, "time"),
    )  # fmt: skip


def _numbers(text: str) -> Numbers | None:
    return tuple(map(float, text.split(SEPARATOR))) if text else None


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split(SEPARATOR) if part)


def _required(cells: Cells, name: str) -> str:
    if not cells[name]:
        raise ValueError(f"has no {name}")
    return cells[name]


def _time(cells: Cells, name: str) -> int:
    found = time_from_iso(cells[name])
    if found is None:
        raise ValueError(f"{name} {cells[name][:40]!r} is no ISO date")
    return found
