"""Labels as OpenLABEL object data: cuboid, bbox, rbbox, poly2d, point2d and typed attributes."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import numpy as np

from viewer.formats.openlabel.flat_shapes import ABSOLUTE
from viewer.formats.openlabel.labels import SCORE
from viewer.formats.writers.cloud_cuboids import UNNAMED_CLASS, CuboidRow, is_json
from viewer.formats.writers.losses import LossLog
from viewer.scene.labels import BoxLabels2D
from viewer.scene.shapes import ImageShapes, ShapeKind

Item = tuple[str, str | None, str, str, dict[str, Any]]
"""Kind of data, track, class, label id and the data without its name."""


def cuboid_item(row: CuboidRow, system: str, where: str, losses: LossLog) -> Item:
    """Return a cuboid of ten numbers: middle, quaternion x y z w, size."""
    w, *xyz = row.rotation_wxyz
    item = {
        "coordinate_system": system,
        "val": [*row.center_m, *xyz, w, *row.size_m],
        **typed_attributes(row.attributes, row.score, where, losses),
    }
    return "cuboid", row.track_id, row.class_name, row.label_id, item


def box_items(boxes: BoxLabels2D, where: str, losses: LossLog) -> Iterator[Item]:
    """Yield a bbox of middle, width and height for each box that has an area."""
    for row in range(len(boxes)):
        left, top, right, bottom = boxes.boxes_px[row].tolist()
        val = [(left + right) / 2, (top + bottom) / 2, right - left, bottom - top]
        if not (all(map(math.isfinite, val)) and val[2] > 0 and val[3] > 0):
            losses.add("2D box", where, "has no area")
            continue
        yield _flat("bbox", boxes, row, {"val": val}, where, losses)


def shape_items(shapes: ImageShapes, where: str, losses: LossLog) -> Iterator[Item]:
    """Yield rotated boxes, polygons, lines and points; keypoints become points."""
    for row in range(len(shapes)):
        kind = ShapeKind(int(shapes.kinds[row]))
        if kind == ShapeKind.ROTATED_BOX:
            val = shapes.parameters[row].tolist()
            if all(map(math.isfinite, val)) and val[2] > 0 and val[3] > 0:
                yield _flat("rbbox", shapes, row, {"val": val}, where, losses)
            else:
                losses.add("2D label: rotated box", where, "has no area")
        elif kind in (ShapeKind.POLYGONS, ShapeKind.POLYLINE):
            yield from _poly_items(shapes, row, kind, where, losses)
        elif kind == ShapeKind.POINT:
            val = shapes.parts(row)[0][0].tolist()
            yield _flat("point2d", shapes, row, {"val": val}, where, losses)
        elif kind == ShapeKind.KEYPOINTS:
            yield from _keypoint_items(shapes, row, where, losses)
        else:
            name = kind.name.lower().replace("_", " ")
            losses.add(f"2D label: {name}", where, "OpenLABEL has no such labels")


def typed_attributes(
    attributes: Mapping[str, Any], score: float, where: str, losses: LossLog
) -> dict[str, Any]:
    """Return ``attributes`` with lists of boolean, num, text and vec; nothing where there is none.

    A score is the number of that name.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    if math.isfinite(score):
        found["num"] = [{"name": SCORE, "val": score}]
    for name, value in attributes.items():
        if name == SCORE and (found.get("num") or _kind_of(value) == "num"):
            losses.add(f"attribute {name!r}", where, "a number of this name is a label's score")
        elif value is None or not is_json(value):
            why = "OpenLABEL has numbers, texts, truths and lists of numbers and texts"
            losses.add(f"attribute {name!r}", where, why)
        else:
            kind = _kind_of(value)
            if kind is None:
                losses.add(f"attribute {name!r}", where, "becomes text")
                kind, value = "text", msgspec.json.encode(value).decode()
            found.setdefault(kind, []).append({"name": name, "val": value})
    return {"attributes": found} if found else {}


def _kind_of(value: object) -> str | None:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "num"
    if isinstance(value, str):
        return "text"
    plain = isinstance(value, list) and all(_kind_of(item) in ("num", "text") for item in value)
    return "vec" if plain else None


def _flat(
    kind: str,
    labels: BoxLabels2D | ImageShapes,
    row: int,
    item: dict[str, Any],
    where: str,
    losses: LossLog,
) -> Item:
    class_name = labels.class_names[row]
    if not class_name:
        losses.add("class name ''", where, f"a class needs a name; becomes {UNNAMED_CLASS}")
    made = {
        "coordinate_system": labels.sensor_ids[row],
        **item,
        **typed_attributes(labels.attributes[row], float(labels.scores[row]), where, losses),
    }
    return kind, labels.track_ids[row], class_name or UNNAMED_CLASS, labels.label_ids[row], made


def _poly_items(
    shapes: ImageShapes, row: int, kind: ShapeKind, where: str, losses: LossLog
) -> Iterator[Item]:
    parts = shapes.parts(row)
    if len(parts) > 1:
        what = "hole of a polygon" if _holes(shapes, row).any() else "part of a 2D label"
        losses.add(what, where, "every part is a label of its own", len(parts) - 1)
    for number, part in enumerate(parts):
        item = {
            "val": part.ravel().tolist(),
            "mode": ABSOLUTE,
            "closed": kind == ShapeKind.POLYGONS,
        }
        yield _flat("poly2d", shapes, row, item, where, losses if number == 0 else LossLog())


def _holes(shapes: ImageShapes, row: int) -> "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]":
    return shapes.holes[shapes.part_offsets[row] : shapes.part_offsets[row + 1]]


def _keypoint_items(shapes: ImageShapes, row: int, where: str, losses: LossLog) -> Iterator[Item]:
    """Yield a point for each keypoint that has a place, called after it."""
    points = shapes.parts(row)[0]
    losses.add("keypoints that belong together", where, "every keypoint is a point of its own")
    names = shapes.keypoint_names[row] or [str(index) for index in range(len(points))]
    shown = shapes.vertex_visibilities(row).tolist()
    for index, point in enumerate(points.tolist()):
        if not all(map(math.isfinite, point)):
            losses.add("keypoint", where, "has no place")
            continue
        item = {"val": point, "id": index}
        kind, track, class_name, label_id, made = _flat(
            "point2d", shapes, row, item, where, losses if index == 0 else LossLog()
        )
        numbers = made.setdefault("attributes", {}).setdefault("num", [])
        made["attributes"]["num"] = [*numbers, {"name": "visibility", "val": shown[index]}]
        yield kind, track, class_name, f"{label_id} {names[index]}", made
