"""Polygons, line segments and keypoints on images."""

from collections.abc import Sequence
from typing import Any

from viewer.formats.aquarium.attributes import score_of, shown_attributes, track_of
from viewer.formats.aquarium.merge import LabelRecord
from viewer.formats.aquarium.schema import expanded
from viewer.formats.json_numbers import is_number
from viewer.scene.shapes import ImageShapesBuilder, ShapeKind


def add_polygons(shapes: ImageShapesBuilder, record: LabelRecord, sensor_id: str) -> None:
    """Add a list of polygons; a ring that repeats its first vertex loses the repetition."""
    rings = polygons_of(record.attributes.get("polygons"))
    if not rings:
        raise ValueError("has no polygons")
    shapes.add(ShapeKind.POLYGONS, parts=rings, **_identity(record, sensor_id))


def add_line(shapes: ImageShapesBuilder, record: LabelRecord, sensor_id: str) -> None:
    """Add a line segment."""
    ends = [_vertex([record.attributes.get(x), record.attributes.get(y)]) for x, y in _ENDS]
    shapes.add(ShapeKind.POLYLINE, parts=[ends], **_identity(record, sensor_id))


def add_keypoints(shapes: ImageShapesBuilder, record: LabelRecord, sensor_id: str) -> None:
    """Add named keypoints; the box and polygons that may come with them are attributes."""
    points = expanded(record.attributes.get("keypoints"))
    if not isinstance(points, list) or not points:
        raise ValueError("has no keypoints")
    points = [expanded(point) for point in points]
    if not all(isinstance(point, dict) for point in points):
        raise ValueError("has a keypoint that is no object")
    identity = _identity(record, sensor_id)
    box = [record.attributes.get(key) for key in ("left", "top", "width", "height")]
    if all(is_number(number) for number in box):
        identity["attributes"]["box_px"] = box
    if record.attributes.get("polygons"):
        identity["attributes"]["polygons"] = record.attributes["polygons"]
    shapes.add(
        ShapeKind.KEYPOINTS,
        parts=[[_vertex([point.get("x"), point.get("y")]) for point in points]],
        keypoint_names=[str(point.get("name", "")) for point in points],
        **identity,
    )


_ENDS = (("x1", "y1"), ("x2", "y2"))


def polygons_of(value: object) -> list[list[list[float]]]:
    """Return rings of [x, y]; ValueError when they are none."""
    items = expanded(value)
    if not isinstance(items, list):
        raise ValueError("has polygons that are no list")
    rings = []
    for item in items:
        vertices = item.get("vertices") if isinstance(item, dict) else item
        if not isinstance(vertices, list):
            raise ValueError("has a polygon without vertices")
        ring = [_vertex(vertex) for vertex in vertices]
        rings.append(ring[:-1] if len(ring) > 3 and ring[0] == ring[-1] else ring)
    return rings


def _vertex(value: object) -> list[float]:
    if isinstance(value, Sequence) and len(value) == 2 and all(map(is_number, value)):
        return [float(number) for number in value]
    raise ValueError("has a vertex that is no pair of finite numbers")


def _identity(record: LabelRecord, sensor_id: str) -> dict[str, Any]:
    return {
        "sensor_id": sensor_id,
        "label_id": record.uuid,
        "class_name": record.class_name,
        "track_id": track_of(record.attributes),
        "score": score_of(record.attributes),
        "attributes": shown_attributes(record.attributes),
        "is_crowd": record.attributes.get("iscrowd") is True,
    }
