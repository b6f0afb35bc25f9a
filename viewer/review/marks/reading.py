"""Reads marks of missing objects."""

from collections.abc import Mapping, Sequence
from typing import Any

from viewer.review.ledger import Reading
from viewer.review.marks.entities import MARKS
from viewer.review.marks.model import Mark
from viewer.review.subject import Subject, SubjectKind

_COLUMNS = tuple(MARKS.columns)
_SELECT = (
    "SELECT s.dataset_id, s.scene_id, s.frame_key, m.key, "
    + ", ".join(f"m.{name}" for name in _COLUMNS)
    + " FROM {joined} {where} ORDER BY s.dataset_id, s.scene_id, s.frame_key, m.time_ns, m.key"
)
_FROM_SUBJECTS = "subjects s CROSS JOIN marks m ON m.frame = s.key"
_FROM_MARKS = "marks m CROSS JOIN subjects s ON s.key = m.frame"


def mark(reading: Reading, mark_id: str) -> Mark | None:
    """Return a mark by its id."""
    found = _marks(reading, _FROM_MARKS, "WHERE m.key = ?", [mark_id])
    return found[0] if found else None


def marks_in_frame(
    reading: Reading, dataset_id: str, scene_id: str, frame_key: str
) -> tuple[Mark, ...]:
    """Return the marks of a frame, oldest first."""
    frame = Subject.frame(dataset_id, scene_id, frame_key)
    return _marks(reading, _FROM_MARKS, "WHERE m.frame = ?", [frame.key])


def marks_in_scene(reading: Reading, dataset_id: str, scene_id: str) -> tuple[Mark, ...]:
    """Return the marks of a scene, by frame key."""
    where = "WHERE s.dataset_id = ? AND s.scene_id = ? AND s.kind = 'frame'"
    return _marks(reading, _FROM_SUBJECTS, where, [dataset_id, scene_id])


def marks(reading: Reading, dataset_id: str | None = None) -> tuple[Mark, ...]:
    """Return every mark, by scene and frame."""
    if dataset_id is None:
        return _marks(reading, _FROM_MARKS, "", [])
    return _marks(reading, _FROM_MARKS, "WHERE s.dataset_id = ?", [dataset_id])


def count_marks(
    reading: Reading, dataset_id: str | None = None, scene_id: str | None = None
) -> Mapping[str, int]:
    """Return the number of marks by class, most first."""
    given = {"s.dataset_id": dataset_id, "s.scene_id": scene_id}
    parts = {name: value for name, value in given.items() if value is not None}
    where = "WHERE " + " AND ".join(f"{name} = ?" for name in parts) if parts else ""
    found = reading.query(
        f"SELECT m.class_name, count(*) FROM {_FROM_MARKS} {where}"
        " GROUP BY m.class_name ORDER BY count(*) DESC, m.class_name",
        list(parts.values()),
    )
    return {str(name): int(count) for name, count in found}


def _marks(reading: Reading, joined: str, where: str, values: Sequence[str]) -> tuple[Mark, ...]:
    found = reading.query(_SELECT.format(joined=joined, where=where), values)
    return tuple(
        _mark(Subject(SubjectKind.FRAME, *each[:3]), each[3], MARKS.from_sql(_COLUMNS, each[4:]))
        for each in found
    )


def _mark(frame: Subject, mark_id: str, row: Mapping[str, Any]) -> Mark:
    return Mark(
        mark_id, frame, row["class_name"], row["label_set_id"], row["coord_frame_id"],
        _numbers(row["position"]), _numbers(row["size"]), row["yaw_rad"], row["sensor_id"],
        _numbers(row["pixel"]), _numbers(row["box_px"]), row["comment"], row["reviewer"],
        row["time_ns"],
    )  # fmt: skip


def _numbers(values: Sequence[float] | None) -> tuple[float, ...] | None:
    return None if values is None else tuple(float(value) for value in values)
