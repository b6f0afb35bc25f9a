"""Nucleus annotations with changes: of an annotation's values those that changed, all others as is.

A scene's own annotations show in each of its frames; what is changed in one frame is changed in
all, and of two changes of one the later frame's counts.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from viewer.formats.edited_reader import EditedReader
from viewer.formats.label_changes import LabelChange, label_changes
from viewer.formats.nucleus.labels import FrontAxis, PlacedAnnotation
from viewer.formats.nucleus.reader import NucleusReader
from viewer.formats.writers.losses import LossLog
from viewer.formats.writers.nucleus.plain_values import plain_value
from viewer.geometry.rotation import yaw_from_quaternion

Row = dict[str, Any]
EditedRows = dict[int, dict[int, bytes | None]]
"""New bytes of annotations by row, None for those that go, by id() of their spans."""
TRACK_KEYS = ("track_reference_id", "track_id")
"""Of metadata, beside the annotation's own ``track_reference_id``."""
_TILT = 1e-6


def edited_rows(edited: EditedReader, losses: LossLog) -> EditedRows:
    """Return every annotation of a scene that was changed."""
    reader = edited.base
    assert isinstance(reader, NucleusReader)
    found: EditedRows = {}
    for index, frame in enumerate(reader.scene_items.frames):
        for labels_of_set in reader.source.labels:
            label_set_id = labels_of_set.label_set_id
            wanted = edited.edits.label_ids(index, label_set_id)
            if not wanted:
                continue
            before = reader.read_labels(index, label_set_id)
            after = edited.edits.apply(index, label_set_id, before)
            changes = {each.label_id: each for each in label_changes(before, after, wanted)}
            where = f"{reader.scene_items.scene_id}/{frame.key}"
            for placed in reader.placed_annotations(index, label_set_id):
                own = dict(_changes_of(placed, changes))
                if not own:
                    continue
                spans = placed.spans
                rows = found.setdefault(id(spans), {})
                if all(each.is_deleted for each in own.values()) and len(own) == _count(placed):
                    rows[placed.row] = None
                    continue
                start, end = int(spans.starts[placed.row]), int(spans.ends[placed.row])
                row = json.loads(spans.file.piece(start, end))
                _change(row, placed, own, reader.front_axis, where, losses)
                rows[placed.row] = json.dumps(row, ensure_ascii=False).encode()
    return found


def _count(placed: PlacedAnnotation) -> int:
    """Labels that an annotation is read as."""
    names = placed.annotation.labels
    return len(names) if placed.annotation.kind == "multicategory" and names is not None else 1


def _changes_of(
    placed: PlacedAnnotation, changes: Mapping[str, LabelChange]
) -> Iterator[tuple[int, LabelChange]]:
    """Yield the changes of an annotation's labels with their position; 0 where it is one label."""
    if placed.annotation.kind != "multicategory" or placed.annotation.labels is None:
        if placed.key in changes:
            yield 0, changes[placed.key]
        return
    for number in range(_count(placed)):
        change = changes.get(f"{placed.key}#{number}")
        if change is not None:
            yield number, change


def _change(
    row: Row,
    placed: PlacedAnnotation,
    changes: Mapping[int, LabelChange],
    front_axis: FrontAxis,
    where: str,
    losses: LossLog,
) -> None:
    if placed.annotation.kind == "multicategory" and isinstance(row.get("labels"), list):
        names = list(row["labels"])
        for number, change in sorted(changes.items(), reverse=True):
            if change.is_deleted:
                del names[number]
            elif change.class_name is not None:
                names[number] = change.class_name
        row["labels"] = names
    for change in changes.values():
        if change.is_deleted:
            continue
        if change.class_name is not None:
            if placed.annotation.kind != "multicategory":
                row["label"] = change.class_name
            row.pop("class_pdf", None)
        _set_facts(row, change, where, losses)
        _set_geometry(row, change, front_axis, where, losses)


def _set_facts(row: Row, change: LabelChange, where: str, losses: LossLog) -> None:
    metadata = dict(row.get("metadata") or {})
    had = row.get("metadata") is not None
    for name in change.removed_attributes:
        metadata.pop(name, None)
    for name, value in change.attributes.items():
        metadata[name] = plain_value(value, f"attribute {name!r}", where, losses)
    if change.changes_track:
        for key in TRACK_KEYS:
            metadata.pop(key, None)
        row.pop("track_reference_id", None)
        if change.track_id is not None:
            row["track_reference_id"] = change.track_id
    if had or metadata:
        row["metadata"] = metadata


def _set_geometry(
    row: Row, change: LabelChange, front_axis: FrontAxis, where: str, losses: LossLog
) -> None:
    geometry = dict(row.get("geometry") or {})
    if change.box_px is not None:
        left, top, right, bottom = change.box_px
        geometry |= {"x": left, "y": top, "width": right - left, "height": bottom - top}
    if change.cuboid is not None:
        cuboid = change.cuboid
        turned = front_axis == "y"
        geometry["position"] = _xyz(geometry.get("position"), cuboid.center)
        if not change.keeps_size:
            size = cuboid.size[[1, 0, 2]] if turned else cuboid.size
            geometry["dimensions"] = _xyz(geometry.get("dimensions"), size)
        if not change.keeps_rotation:
            yaw = float(yaw_from_quaternion(cuboid.rotation[None])[0])
            geometry["yaw"] = yaw - np.pi / 2 if turned else yaw
            if np.abs(cuboid.rotation[1:3]).max() > _TILT:
                losses.add("tilt of a cuboid", where, "cuboids have yaw alone")
    if geometry:
        row["geometry"] = geometry


def _xyz(given: object, values: np.ndarray) -> Row:
    own = dict(given) if isinstance(given, dict) else {}
    return own | dict(zip("xyz", map(float, values), strict=True))
