"""Labels of a frame to columns.

Cuboids: position is the centre, dimensions are full lengths along the box's own x, y, z, rotation
is a quaternion whose parts are named; front is +x by our choice, the format names none; in the
coord frame that each label names, ``world`` when it names none, at the frame's time. Cuboids of
one frame that name several coord frames are given in ``world``. 2D labels name the *sensor*;
pixels from the image's top left.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from viewer.formats.aquarium.attributes import score_of, shown_attributes, track_of
from viewer.formats.aquarium.merge import LabelRecord
from viewer.formats.aquarium.schema import DEFAULT_SENSOR_ID, MASK_TYPES, ROOT
from viewer.formats.aquarium.shapes import add_keypoints, add_line, add_polygons
from viewer.formats.json_numbers import is_number
from viewer.formats.problem_log import ProblemLog
from viewer.geometry.cuboids import Cuboids
from viewer.scene.labels import BoxLabels2D, CuboidLabels, FrameLabels
from viewer.scene.masks import Mask
from viewer.scene.sensors import Rig
from viewer.scene.shapes import (
    Classification,
    ClassificationScope,
    ImageShapesBuilder,
    TextToken,
)

CUBOID_NUMBERS = (
    "pos_x", "pos_y", "pos_z", "dim_x", "dim_y", "dim_z", "rot_w", "rot_x", "rot_y", "rot_z",
)  # fmt: skip
BOX_NUMBERS = ("left", "top", "width", "height")
_SHAPES = {
    "POLYGON_LIST_2D": add_polygons,
    "KEYPOINTS_2D": add_keypoints,
    "LINE_SEGMENT_2D": add_line,
}


@dataclass(eq=False, slots=True)
class _Sorted:
    cuboids: list[tuple[LabelRecord, list[float], str]] = field(default_factory=list)
    boxes: list[tuple[LabelRecord, list[float]]] = field(default_factory=list)
    shapes: ImageShapesBuilder = field(default_factory=ImageShapesBuilder)
    classifications: list[Classification] = field(default_factory=list)
    tokens: list[TextToken] = field(default_factory=list)
    masks: list[LabelRecord] = field(default_factory=list)


def labels_from_records(
    records: Sequence[LabelRecord],
    rig: Rig,
    sensor_frames: Mapping[str, str],
    open_masks: Callable[[Sequence[LabelRecord]], Sequence[Mask]],
    problems: ProblemLog,
    timestamp_ns: int | None,
) -> FrameLabels:
    """Return the columns; a label that makes no sense is noted and left out.

    `sensor_frames` is the coord frame of each sensor, for 3D labels that name a sensor.
    """
    found = _Sorted()
    for record in records:
        try:
            _sort(record, rig, sensor_frames, found)
        except ValueError as error:
            problems.add(record.row.path, record.place, f"{error}; it is left out")
    return FrameLabels(
        _cuboid_labels(found.cuboids, rig, timestamp_ns),
        _box_labels(found.boxes),
        found.shapes.build(),
        tuple(found.classifications),
        tuple(found.tokens),
        tuple(open_masks(found.masks)) if found.masks else (),
    )


def _sort(
    record: LabelRecord,
    rig: Rig,
    sensor_frames: Mapping[str, str],
    found: _Sorted,
) -> None:
    kind, attributes = record.label_type, record.attributes
    sensor_id = record.coordinate_frame or DEFAULT_SENSOR_ID
    if kind in ("CUBOID_3D", "CLASSIFICATION_3D"):
        frame_id = record.coordinate_frame or ROOT
        if frame_id not in rig.transforms:
            frame_id = sensor_frames.get(frame_id, frame_id)
        if frame_id not in rig.transforms:
            raise ValueError(f"lies in {frame_id[:80]!r}, no coord frame of its frame")
        if kind == "CUBOID_3D":
            found.cuboids.append((record, _cuboid_numbers(attributes), frame_id))
        else:
            scope = ClassificationScope.COORD_FRAME
            found.classifications.append(_classification(record, scope, frame_id))
    elif kind == "BBOX_2D":
        found.boxes.append((record, _numbers(attributes, BOX_NUMBERS)))
    elif kind in _SHAPES:
        _SHAPES[kind](found.shapes, record, sensor_id)
    elif kind == "CLASSIFICATION_2D":
        scope = ClassificationScope.IMAGE
        found.classifications.append(_classification(record, scope, sensor_id))
    elif kind == "TEXT_TOKEN":
        found.tokens.append(_token(record, sensor_id))
    elif kind in MASK_TYPES:
        found.masks.append(record)
    else:
        raise ValueError(f"label type {kind[:40]!r} is not known")


def _numbers(attributes: Mapping[str, Any], keys: Sequence[str]) -> list[float]:
    values = [attributes.get(key) for key in keys]
    for key, value in zip(keys, values, strict=True):
        if not is_number(value):
            raise ValueError(f"has no finite number for {key}")
    return [float(value) for value in values if value is not None]


def _cuboid_numbers(attributes: Mapping[str, Any]) -> list[float]:
    numbers = _numbers(attributes, CUBOID_NUMBERS)
    if min(numbers[3:6]) <= 0.0:
        raise ValueError("has a size that is not positive")
    if not max(map(abs, numbers[6:])) > 1e-12:
        raise ValueError("has a rotation of length zero")
    return numbers


def _cuboid_labels(
    rows: Sequence[tuple[LabelRecord, list[float], str]], rig: Rig, timestamp_ns: int | None
) -> CuboidLabels:
    if not rows:
        return CuboidLabels.empty(ROOT)
    numbers = np.array([row[1] for row in rows])
    frame_ids = [row[2] for row in rows]
    records = [row[0] for row in rows]
    return CuboidLabels(
        cuboids=place_cuboids(numbers, frame_ids, rig),
        label_ids=[record.uuid for record in records],
        class_names=[record.class_name for record in records],
        track_ids=[track_of(record.attributes) for record in records],
        scores=np.array([score_of(record.attributes) for record in records]),
        attributes=[shown_attributes(record.attributes) for record in records],
        timestamp_ns=timestamp_ns,
        is_crowd=np.array([record.attributes.get("iscrowd") is True for record in records]),
    )


def place_cuboids(numbers: np.ndarray, frame_ids: Sequence[str], rig: Rig) -> Cuboids:
    """Return (N, 10) rows of `CUBOID_NUMBERS` in their one coord frame, or in the root."""
    names = list(dict.fromkeys(frame_ids))
    if len(names) == 1:
        return Cuboids(numbers[:, :3], numbers[:, 3:6], numbers[:, 6:10], names[0])
    owner = np.array([names.index(frame_id) for frame_id in frame_ids])
    center, rotation = np.empty((len(numbers), 3)), np.empty((len(numbers), 4))
    for index, name in enumerate(names):
        own = owner == index
        inner = Cuboids(numbers[own, :3], numbers[own, 3:6], numbers[own, 6:10], name)
        placed = inner.transformed(rig.transforms.transform(ROOT, name))
        center[own], rotation[own] = placed.center, placed.rotation
    return Cuboids(center, numbers[:, 3:6], rotation, ROOT)


def _box_labels(rows: Sequence[tuple[LabelRecord, list[float]]]) -> BoxLabels2D:
    if not rows:
        return BoxLabels2D.empty()
    left_top_size = np.array([row[1] for row in rows])
    boxes = left_top_size.copy()
    boxes[:, 2:] += boxes[:, :2]
    records = [row[0] for row in rows]
    return BoxLabels2D(
        boxes_px=boxes,
        sensor_ids=[record.coordinate_frame or DEFAULT_SENSOR_ID for record in records],
        label_ids=[record.uuid for record in records],
        class_names=[record.class_name for record in records],
        track_ids=[track_of(record.attributes) for record in records],
        scores=np.array([score_of(record.attributes) for record in records]),
        attributes=[shown_attributes(record.attributes) for record in records],
        is_crowd=np.array([record.attributes.get("iscrowd") is True for record in records]),
    )


def _classification(record: LabelRecord, scope: ClassificationScope, target: str) -> Classification:
    return Classification(
        scope=scope,
        target=target,
        label_id=record.uuid,
        class_name=record.class_name,
        track_id=track_of(record.attributes),
        score=score_of(record.attributes),
        attributes=shown_attributes(record.attributes),
    )


def _token(record: LabelRecord, sensor_id: str) -> TextToken:
    index = record.attributes.get("index")
    if not isinstance(index, int) or isinstance(index, bool):
        raise ValueError("has no whole number for index")
    return TextToken(
        sensor_id=sensor_id,
        label_id=record.uuid,
        class_name=record.class_name,
        index=index,
        text=str(record.attributes.get("token", "")),
        visible=record.attributes.get("visible") is not False,
        score=score_of(record.attributes),
        attributes=shown_attributes(record.attributes),
    )
