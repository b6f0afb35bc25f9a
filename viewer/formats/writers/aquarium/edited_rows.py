"""Aquarium rows with changed labels: of a label's values those that changed, all others as is."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from viewer.formats.aquarium.attributes import LINK_PREFIX, TRACK_KEYS, USER_PREFIX
from viewer.formats.aquarium.frame_state import read_state
from viewer.formats.aquarium.labels import CUBOID_NUMBERS
from viewer.formats.aquarium.reader import LABELS_ID, AquariumReader
from viewer.formats.aquarium.schema import ROOT, expanded
from viewer.formats.edited_reader import EditedReader
from viewer.formats.json_lines import RowPlace, decode_row, read_row
from viewer.formats.label_changes import LabelChange, label_changes
from viewer.formats.problem_log import ProblemLog
from viewer.formats.writers.losses import LossLog
from viewer.formats.writers.nucleus.plain_values import plain_value
from viewer.geometry.cuboids import Cuboid, Cuboids
from viewer.geometry.transform import RigidTransform

Item = dict[str, Any]
RowBytes = dict[tuple[str, int], bytes]
"""New bytes of a row by its file and where it begins there."""


def edited_rows(edited: EditedReader, losses: LossLog) -> RowBytes:
    """Return every row of a scene that holds a changed label, as it is to be written."""
    reader = edited.base
    assert isinstance(reader, AquariumReader)
    found: RowBytes = {}
    for index, entry in enumerate(reader.entries):
        for label_set_id in (LABELS_ID, *entry.inference_rows):
            wanted = edited.edits.label_ids(index, label_set_id)
            if not wanted:
                continue
            before = reader.read_labels(index, label_set_id)
            after = edited.edits.apply(index, label_set_id, before)
            changes = {each.label_id: each for each in label_changes(before, after, wanted)}
            is_own = label_set_id == LABELS_ID
            rows = entry.label_rows if is_own else entry.inference_rows[label_set_id]
            frame = _FrameRows(reader, index, changes, losses)
            found |= frame.rows(rows)
    return found


class _FrameRows:
    """The label rows of one frame and label set."""

    def __init__(
        self,
        reader: AquariumReader,
        index: int,
        changes: Mapping[str, LabelChange],
        losses: LossLog,
    ) -> None:
        self._reader = reader
        self._index = index
        self._changes = changes
        self._losses = losses

    def rows(self, rows: list[RowPlace]) -> RowBytes:
        contents = [decode_row(read_row(row), row) for row in rows]
        lists = [_labels_of(content) for content in contents]
        # What a label was last given counts.
        last = {
            uuid: (number, place)
            for number, (row, items) in enumerate(zip(rows, lists, strict=True))
            for place, uuid, _ in _labels(row, items)
        }
        found: RowBytes = {}
        for number, (row, content, items) in enumerate(zip(rows, contents, lists, strict=True)):
            touched = False
            deleted: list[int] = []
            for place, uuid, item in _labels(row, items):
                change = self._changes.get(uuid)
                if change is None:
                    continue
                touched = True
                if change.is_deleted:
                    deleted.append(place)
                else:
                    self._change(item, change, is_last=last[uuid] == (number, place))
                    items[place] = item
            for place in reversed(deleted):
                del items[place]
            if touched:
                _put_labels(content, items)
                text = json.dumps(content, ensure_ascii=False)
                found[str(row.path), row.offset] = text.encode()
        return found

    def _change(self, item: Item, change: LabelChange, *, is_last: bool) -> None:
        given = item.get("attributes")
        attributes = dict(expanded(given) or {})
        for name in change.removed_attributes:
            for key in _keys_of(attributes, name):
                del attributes[key]
        if change.changes_track:
            for key in TRACK_KEYS:
                attributes.pop(key, None)
        if is_last:
            if change.class_name is not None:
                item["label"] = change.class_name
            self._set_attributes(attributes, change)
            self._set_geometry(item, attributes, change)
        if attributes or given is not None:
            item["attributes"] = json.dumps(attributes) if isinstance(given, str) else attributes

    def _set_attributes(self, attributes: Item, change: LabelChange) -> None:
        where = str(self._reader.root)
        if change.changes_track and change.track_id is not None:
            attributes[TRACK_KEYS[0]] = change.track_id
        for name, value in change.attributes.items():
            plain = plain_value(value, f"attribute {name!r}", where, self._losses)
            keys = _keys_of(attributes, name) or [USER_PREFIX + name]
            attributes[keys[0]] = plain

    def _set_geometry(self, item: Item, attributes: Item, change: LabelChange) -> None:
        if change.box_px is not None:
            left, top, right, bottom = change.box_px
            attributes |= {"left": left, "top": top, "width": right - left, "height": bottom - top}
        if change.cuboid is None:
            return
        placed = self._in_frame(change.cuboid, item.get("label_coordinate_frame") or ROOT)
        numbers = [*placed.center, *placed.size, *placed.rotation]
        for key, number in zip(CUBOID_NUMBERS, numbers, strict=True):
            kept = (change.keeps_size and key.startswith("dim_")) or (
                change.keeps_rotation and key.startswith("rot_")
            )
            if not kept:
                attributes[key] = float(number)

    def _in_frame(self, cuboid: Cuboid, name: str) -> Cuboid:
        """The box in the coord frame that its row names."""
        rig = self._reader.read_rig(self._index)
        if name not in rig.transforms:
            state = read_state(self._reader.entries[self._index], ProblemLog())
            sensors = {each.sensor_id: each.coordinate_frame or ROOT for each in state.sensors}
            name = sensors.get(name, name)
        if name == cuboid.coord_frame_id:
            return cuboid
        boxes = Cuboids(cuboid.center, cuboid.size, cuboid.rotation, cuboid.coord_frame_id)
        moved: RigidTransform = rig.transforms.transform(name, cuboid.coord_frame_id)
        return boxes.transformed(moved)[0]


def _labels(row: RowPlace, items: list[Any]) -> Iterator[tuple[int, str, Item]]:
    """Yield place, id and content of labels; what is none is passed over."""
    for place, raw in enumerate(items):
        item = expanded(raw)
        if isinstance(item, dict):
            given = item.get("uuid")
            yield (
                place,
                given if isinstance(given, str) and given else f"{row.number}:{place}",
                item,
            )


def _key_of_labels(content: Item) -> str:
    return "label_data" if content.get("label_data") is not None else "inference_data"


def _labels_of(content: Item) -> list[Any]:
    items = expanded(content.get(_key_of_labels(content)))
    return list(items) if isinstance(items, list) else []


def _put_labels(content: Item, items: list[Any]) -> None:
    key = _key_of_labels(content)
    is_text = isinstance(content.get(key), str)
    content[key] = json.dumps(items) if is_text else items


def _keys_of(attributes: Item, name: str) -> list[str]:
    """Keys that an attribute, as it is shown, stands under."""
    if name == "links":
        return [key for key in attributes if key.startswith(LINK_PREFIX)]
    return [key for key in (USER_PREFIX + name, name) if key in attributes]
