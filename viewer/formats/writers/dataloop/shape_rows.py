"""Labels of one frame to rows: shapes, masks and classifications as their types have them."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.formats.dataloop.mask_png import url_from_mask
from viewer.formats.dataloop.shapes import CORNERS
from viewer.formats.writers.dataloop.rows import Row
from viewer.formats.writers.losses import LossLog
from viewer.geometry.transform import RigidTransform
from viewer.scene.labels import BoxLabels2D, CuboidLabels, FrameLabels
from viewer.scene.masks import InstanceMask
from viewer.scene.shapes import (
    Classification,
    ClassificationScope,
    ImageShapes,
    ShapeKind,
    Visibility,
)

TITLE = "Dataloop"


def cuboid_rows(labels: CuboidLabels, world_from_labels: RigidTransform) -> list[Row]:
    """Return cuboids, brought to the world."""
    cuboids = labels.cuboids
    if cuboids.coord_frame_id != world_from_labels.dst:
        cuboids = cuboids.transformed(world_from_labels)
    angles = euler_xyz(cuboids.rotation_matrices())
    keyframes = labels.is_keyframe
    return [
        Row(
            "cube_3d",
            labels.label_ids[row],
            labels.class_names[row],
            {
                "position": _named(cuboids.center[row]),
                "scale": _named(cuboids.size[row]),
                "rotation": _named(angles[row]),
            },
            labels.attributes[row],
            labels.track_ids[row],
            float(labels.scores[row]),
            keyframes is None or bool(keyframes[row]),
        )
        for row in range(len(labels))
    ]


def image_rows(labels: FrameLabels, sensor_id: str, where: str, losses: LossLog) -> list[Row]:
    """Return what lies on one camera's image."""
    return [
        *_boxes(labels.boxes_2d, sensor_id),
        *_shapes(labels.shapes_2d, sensor_id, where, losses),
        *_masks(labels, sensor_id, where, losses),
        *(
            _classification(each, where, losses)
            for each in labels.classifications
            if each.scope == ClassificationScope.IMAGE and each.target == sensor_id
        ),
    ]


def frame_rows(labels: FrameLabels, where: str, losses: LossLog) -> list[Row]:
    """Return the classifications that concern no image."""
    rows = []
    for each in labels.classifications:
        if each.scope == ClassificationScope.IMAGE:
            continue
        if each.scope != ClassificationScope.FRAME:
            losses.add("classification", where, f"{TITLE} classifies images and frames only")
        rows.append(_classification(each, where, losses))
    return rows


def note_rest(labels: FrameLabels, where: str, losses: LossLog) -> None:
    """Note what has no place in the format."""
    losses.add("text token", where, f"{TITLE} has no such labels", len(labels.text_tokens))
    losses.add("point classes", where, f"{TITLE} has no such labels", len(labels.point_classes))
    velocities = labels.cuboids.velocities_mps
    if velocities is not None:
        count = int(np.isfinite(velocities).any(axis=1).sum())
        losses.add("velocity", where, f"{TITLE} has no such value", count)
    crowds = [labels.cuboids.is_crowd, labels.boxes_2d.is_crowd, labels.shapes_2d.is_crowd]
    count = sum(int(np.count_nonzero(each)) for each in crowds if each is not None)
    losses.add("crowd mark", where, f"{TITLE} marks no crowds", count)
    spread = [labels.cuboids.class_distributions, labels.boxes_2d.class_distributions]
    spread.append(labels.shapes_2d.class_distributions)
    given = sum(1 for column in spread for each in column or () if each is not None)
    losses.add("class distribution", where, f"{TITLE} keeps one class a label", given)


def parents_of(labels: FrameLabels, where: str, losses: LossLog) -> Mapping[str, str]:
    """Return the parent of each label that has one."""
    found: dict[str, str] = {}
    for link in labels.links:
        if link.kind != "parent" or link.from_label_id in found:
            losses.add("link", where, f"{TITLE} links a label to one parent only")
        else:
            found[link.from_label_id] = link.to_label_id
    return found


def _boxes(boxes: BoxLabels2D, sensor_id: str) -> Iterator[Row]:
    for row in boxes.on_image(sensor_id):
        left, top, right, bottom = boxes.boxes_px[row].tolist()
        yield Row(
            "box",
            boxes.label_ids[row],
            boxes.class_names[row],
            [{"x": left, "y": top, "z": 0}, {"x": right, "y": bottom, "z": 0}],
            boxes.attributes[row],
            boxes.track_ids[row],
            float(boxes.scores[row]),
        )


def _shapes(shapes: ImageShapes, sensor_id: str, where: str, losses: LossLog) -> Iterator[Row]:
    for row in shapes.on_image(sensor_id):
        kind = ShapeKind(int(shapes.kinds[row]))
        own = (shapes.class_names[row], shapes.attributes[row], shapes.track_ids[row])
        label, attributes, track_id = own
        score = float(shapes.scores[row])
        label_id = shapes.label_ids[row]
        if kind == ShapeKind.ROTATED_BOX and shapes.parameters[row, 4] == 0:
            losses.add("2D label: rotated box", where, "one that is not turned becomes upright")
        if kind == ShapeKind.KEYPOINTS:
            yield from _pose(shapes, row, where, losses)
            continue
        if kind == ShapeKind.IMAGE_CUBOID:
            attributes = {key: each for key, each in attributes.items() if key != "angle"}
        for number, (name, coordinates) in enumerate(_coordinates(shapes, row, kind)):
            own_id = label_id if number == 0 else f"{label_id}/{number}"
            if number:
                told = "a segment has one outer ring; each part becomes its own label"
                losses.add("part of a polygon", where, told)
            yield Row(name, own_id, label, coordinates, attributes, track_id, score)


def _coordinates(shapes: ImageShapes, row: int, kind: ShapeKind) -> Iterator[tuple[str, Any]]:
    numbers = shapes.parameters[row].tolist()
    parts = shapes.parts(row)
    if kind == ShapeKind.ROTATED_BOX:
        x, y, width, height, angle = numbers
        corners = [
            {"x": x + side * width / 2, "y": y + side * height / 2, "z": 0} for side in (-1, 1)
        ]
        yield "box", [*corners, math.degrees(angle)]
    elif kind == ShapeKind.ELLIPSE:
        x, y, rx, ry, angle = numbers
        center = {"x": x, "y": y, "z": 0}
        yield "ellipse", {"angle": math.degrees(angle), "center": center, "rx": rx, "ry": ry}
    elif kind == ShapeKind.POINT:
        x, y = parts[0][0].tolist()
        yield "point", {"x": x, "y": y, "z": 0}
    elif kind == ShapeKind.POLYLINE:
        yield "polyline", [_points(part) for part in parts]
    elif kind == ShapeKind.IMAGE_CUBOID:
        at = parts[0].tolist()
        corners_by_name: dict[str, Any] = {
            name: {"x": x, "y": y, "z": 0} for name, (x, y) in zip(CORNERS, at, strict=True)
        }
        angle = shapes.attributes[row].get("angle", 0)
        yield "cube", {**corners_by_name, "angle": angle}
    elif kind == ShapeKind.POLYGONS:
        first = int(shapes.part_offsets[row])
        rings: list[list[Any]] = []
        for number, part in enumerate(parts):
            if shapes.holes[first + number] and rings:
                rings[-1].append(_points(part))
            else:
                rings.append([_points(part)])
        for each in rings:
            yield "segment", each


def _pose(shapes: ImageShapes, row: int, where: str, losses: LossLog) -> Iterator[Row]:
    label_id = shapes.label_ids[row]
    own = (shapes.class_names[row], {"templateId": None, "instanceId": label_id})
    score = float(shapes.scores[row])
    yield Row("pose", label_id, *own, shapes.attributes[row], shapes.track_ids[row], score)
    names = shapes.keypoint_names[row]
    vertices = shapes.parts(row)[0].tolist()
    states = shapes.vertex_visibilities(row).tolist()
    losses.add("skeleton", where, "it belongs to a template", int(bool(shapes.skeletons[row])))
    for number, ((x, y), state) in enumerate(zip(vertices, states, strict=True)):
        if state != Visibility.VISIBLE:
            losses.add("visibility of a keypoint", where, "a point of a pose has none")
        if not (math.isfinite(x) and math.isfinite(y)):
            continue
        name = names[number] if names else str(number)
        at = {"x": x, "y": y, "z": 0}
        yield Row("point", f"{label_id}/{number}", name, at, {}, parent_id=label_id)


def _masks(labels: FrameLabels, sensor_id: str, where: str, losses: LossLog) -> Iterator[Row]:
    for mask in labels.masks:
        if mask.sensor_id != sensor_id:
            continue
        if not isinstance(mask, InstanceMask):
            losses.add("semantic mask", where, f"{TITLE} has a mask an object only")
            continue
        losses.add("crowd mark", where, f"{TITLE} marks no crowds", int(mask.is_crowd))
        url = url_from_mask(mask.runs.decoded())
        yield Row(
            "binary",
            mask.label_id,
            mask.class_name,
            url,
            mask.attributes,
            mask.track_id,
            mask.score,
        )


def _classification(each: Classification, where: str, losses: LossLog) -> Row:
    losses.add("taxonomy", where, f"{TITLE} names none", int(each.taxonomy is not None))
    given = int(each.class_distribution is not None)
    losses.add("class distribution", where, f"{TITLE} keeps one class a label", given)
    attributes = dict(each.attributes)
    text = attributes.get("text")
    if isinstance(text, str):
        del attributes["text"]
        coordinates: Any = {"text": text}
        return Row(
            "subtitle", each.label_id, each.class_name, coordinates, attributes, each.track_id,
            each.score,
        )  # fmt: skip
    return Row("class", each.label_id, each.class_name, [], attributes, each.track_id, each.score)


def _points(part: npt.NDArray[np.float64]) -> list[dict[str, float]]:
    return [{"x": x, "y": y} for x, y in part.tolist()]


def _named(values: Sequence[float] | npt.NDArray[np.float64]) -> dict[str, float]:
    x, y, z = (float(value) for value in values)
    return {"x": x, "y": y, "z": z}


def euler_xyz(rotations: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(N, 3) angles about fixed x, then y, then z; where y turns by 90 degrees x stands still."""
    r = rotations.reshape(-1, 3, 3)
    cos_y = np.hypot(r[:, 0, 0], r[:, 1, 0])
    upright = cos_y > 1e-9
    y = np.arctan2(-r[:, 2, 0], cos_y)
    x = np.where(upright, np.arctan2(r[:, 2, 1], r[:, 2, 2]), 0.0)
    z = np.where(upright, np.arctan2(r[:, 1, 0], r[:, 0, 0]), np.arctan2(-r[:, 0, 1], r[:, 1, 1]))
    return np.stack([x, y, z], axis=1)
