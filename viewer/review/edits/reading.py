"""Reads edits of labels."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from viewer.review.edits.entities import LABEL_EDITS
from viewer.review.edits.model import FrameEdits, LabelEdit
from viewer.review.ledger import Reading
from viewer.review.subject import Subject, SubjectKind

_COLUMNS = tuple(LABEL_EDITS.columns)
_EDITS = ", ".join(f"e.{name}" for name in _COLUMNS)
_JOINED = "FROM subjects s CROSS JOIN label_edits e ON e.key = s.key"


def edit_of(reading: Reading, subject: Subject) -> LabelEdit | None:
    """Return the edit of a label, None where it is as delivered."""
    row = reading.row(LABEL_EDITS, subject.key)
    return None if row is None else _edit(subject.label_id or "", row)


def edits_in_frame(
    reading: Reading, dataset_id: str, scene_id: str, frame_key: str
) -> dict[str, tuple[LabelEdit, ...]]:
    """Return the edits of one frame by label set id."""
    found = reading.query(
        f"SELECT s.label_set_id, s.label_id, {_EDITS} {_JOINED}"
        " WHERE s.dataset_id = ? AND s.scene_id = ? AND s.frame_key = ? ORDER BY s.label_id",
        (dataset_id, scene_id, frame_key),
    )
    by_set: dict[str, list[LabelEdit]] = defaultdict(list)
    for label_set_id, label_id, *values in found:
        by_set[label_set_id].append(_edit(label_id, LABEL_EDITS.from_sql(_COLUMNS, values)))
    return {name: tuple(edits) for name, edits in by_set.items()}


def edits_in_scene(reading: Reading, dataset_id: str, scene_id: str) -> dict[str, FrameEdits]:
    """Return the edits of one scene by frame key, then label set id."""
    found = reading.query(
        f"SELECT s.frame_key, s.label_set_id, s.label_id, {_EDITS} {_JOINED}"
        " WHERE s.dataset_id = ? AND s.scene_id = ? AND s.kind = 'label'"
        " ORDER BY s.frame_key, s.label_set_id, s.label_id",
        (dataset_id, scene_id),
    )
    frames: dict[str, dict[str, list[LabelEdit]]] = defaultdict(lambda: defaultdict(list))
    for frame_key, label_set_id, label_id, *values in found:
        edit = _edit(label_id, LABEL_EDITS.from_sql(_COLUMNS, values))
        frames[frame_key][label_set_id].append(edit)
    return {
        frame: {name: tuple(edits) for name, edits in by_set.items()}
        for frame, by_set in frames.items()
    }


def edits(reading: Reading, dataset_id: str | None = None) -> list[tuple[Subject, LabelEdit]]:
    """Return every edit, by scene and frame."""
    where, values = ("", []) if dataset_id is None else (" WHERE s.dataset_id = ?", [dataset_id])
    found = reading.query(
        "SELECT s.kind, s.dataset_id, s.scene_id, s.frame_key, s.label_set_id, s.label_id,"
        f" s.track_id, {_EDITS} {_JOINED}{where}"
        " ORDER BY s.dataset_id, s.scene_id, s.frame_key, s.label_set_id, s.label_id",
        values,
    )
    return [
        (
            Subject(SubjectKind(each[0]), *each[1:7]),
            _edit(each[5], LABEL_EDITS.from_sql(_COLUMNS, each[7:])),
        )
        for each in found
    ]


def has_edits(reading: Reading, dataset_id: str) -> bool:
    """Say whether any label of a dataset is edited; fast however many there are."""
    found = reading.query(
        "SELECT 1 FROM label_edits e CROSS JOIN subjects s ON s.key = e.key"
        " WHERE s.dataset_id = ? LIMIT 1",
        (dataset_id,),
    )
    return bool(found)


def count_edits(reading: Reading, dataset_id: str | None = None) -> Mapping[str, int]:
    """Return how many labels were changed, by what: class, track, attributes, box, deleted.

    ``labels`` counts labels; a label with several changes counts under each of them.
    """
    where, values = "", list[str]()
    if dataset_id is not None and reading.query("SELECT key FROM datasets") != [(dataset_id,)]:
        where = " JOIN subjects s ON s.key = e.key WHERE s.dataset_id = ?"
        values = [dataset_id]
    counts = reading.query(
        "SELECT count(*), count(e.class_name), count(e.track_id), count(e.attributes),"
        " sum(coalesce(e.center, e.size, e.rotation, e.box_px) IS NOT NULL), sum(e.deleted IS 1)"
        f" FROM label_edits e{where}",
        values,
    )[0]
    names = ("labels", "class", "track", "attributes", "box", "deleted")
    return Counter({name: int(count or 0) for name, count in zip(names, counts, strict=True)})


def _edit(label_id: str, row: Mapping[str, Any]) -> LabelEdit:
    return LabelEdit(
        label_id, row["class_name"], row["track_id"], row["attributes"] or {},
        _numbers(row["center"]), _numbers(row["size"]), _numbers(row["rotation"]),
        _numbers(row["box_px"]), bool(row["deleted"]), row["base"],
    )  # fmt: skip


def _numbers(values: Sequence[float] | None) -> tuple[float, ...] | None:
    return None if values is None else tuple(float(value) for value in values)
