"""What differs between a label as delivered and as someone changed it, for writing one row."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from viewer.geometry.cuboids import Cuboid
from viewer.scene.labels import FrameLabels
from viewer.scene.masks import InstanceMask


@dataclass(frozen=True, slots=True)
class LabelChange:
    """One changed label; None where it is as delivered."""

    label_id: str
    is_deleted: bool = False
    class_name: str | None = None
    changes_track: bool = False
    track_id: str | None = None
    """Where `changes_track`: the new one, None for none."""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    """Changed and new ones."""
    removed_attributes: tuple[str, ...] = ()
    cuboid: Cuboid | None = None
    """Whole, where any part changed."""
    keeps_size: bool = False
    """Where there is a `cuboid`: its size is the delivered one, to the last bit."""
    keeps_rotation: bool = False
    box_px: tuple[float, float, float, float] | None = None


def label_changes(
    before: FrameLabels, after: FrameLabels, label_ids: Iterable[str]
) -> Iterator[LabelChange]:
    """Yield what changed about labels that `before` has; of an id that names several, the first."""
    wanted = set(label_ids)
    old, new = _rows(before, wanted), _rows(after, wanted)
    for label_id, was in old.items():
        now = new.get(label_id)
        change = LabelChange(label_id, is_deleted=True) if now is None else _change(was, now)
        if change is not None:
            yield change


@dataclass(frozen=True, eq=False, slots=True)
class _Row:
    label_id: str
    class_name: str
    track_id: str | None
    attributes: Mapping[str, Any]
    cuboid: Cuboid | None = None
    box_px: tuple[float, float, float, float] | None = None


def _rows(labels: FrameLabels, wanted: set[str]) -> dict[str, _Row]:
    found: dict[str, _Row] = {}
    for each in _all_rows(labels, wanted):
        found.setdefault(each.label_id, each)
    return found


def _all_rows(labels: FrameLabels, wanted: set[str]) -> Iterator[_Row]:
    for columns in (labels.cuboids, labels.boxes_2d, labels.shapes_2d):
        for row, label_id in enumerate(columns.label_ids):
            if label_id not in wanted:
                continue
            cuboid = labels.cuboids.cuboids[row] if columns is labels.cuboids else None
            box = None
            if columns is labels.boxes_2d:
                left, top, right, bottom = labels.boxes_2d.boxes_px[row].tolist()
                box = left, top, right, bottom
            yield _Row(
                label_id, columns.class_names[row], columns.track_ids[row],
                columns.attributes[row], cuboid, box,
            )  # fmt: skip
    for mask in labels.masks:
        if mask.label_id in wanted:
            own = (mask.class_name, mask.track_id) if isinstance(mask, InstanceMask) else ("", None)
            yield _Row(mask.label_id, *own, mask.attributes)
    for each in labels.classifications:
        if each.label_id in wanted:
            yield _Row(each.label_id, each.class_name, each.track_id, each.attributes)
    for token in labels.text_tokens:
        if token.label_id in wanted:
            yield _Row(token.label_id, token.class_name, None, token.attributes)


def _change(was: _Row, now: _Row) -> LabelChange | None:
    changed = {
        name: value
        for name, value in now.attributes.items()
        if name not in was.attributes or was.attributes[name] != value
    }
    removed = tuple(name for name in was.attributes if name not in now.attributes)
    keeps_size = keeps_rotation = True
    cuboid = None
    if was.cuboid is not None and now.cuboid is not None:
        keeps_size = bool(np.array_equal(was.cuboid.size, now.cuboid.size))
        keeps_rotation = bool(np.array_equal(was.cuboid.rotation, now.cuboid.rotation))
        keeps_center = bool(np.array_equal(was.cuboid.center, now.cuboid.center))
        cuboid = None if keeps_size and keeps_rotation and keeps_center else now.cuboid
    change = LabelChange(
        now.label_id,
        class_name=now.class_name if now.class_name != was.class_name else None,
        changes_track=now.track_id != was.track_id,
        track_id=now.track_id,
        attributes=changed,
        removed_attributes=removed,
        cuboid=cuboid,
        keeps_size=keeps_size,
        keeps_rotation=keeps_rotation,
        box_px=now.box_px if now.box_px != was.box_px else None,
    )
    is_same = change.class_name is None and not (change.changes_track or changed or removed)
    return None if is_same and cuboid is None and change.box_px is None else change
