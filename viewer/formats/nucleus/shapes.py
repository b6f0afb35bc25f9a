"""Polygons, lines and keypoints on images."""

import math
from collections.abc import Mapping
from typing import Any

from viewer.formats.json_numbers import is_number
from viewer.scene.shapes import ImageShapesBuilder, ShapeKind, Visibility

_ABSENT = [math.nan, math.nan]


def add_polygon(
    shapes: ImageShapesBuilder, geometry: Mapping[str, Any], identity: Mapping[str, Any]
) -> None:
    """Add a polygon; a ring that repeats its first vertex loses the repetition."""
    ring = _vertices(geometry)
    ring = ring[:-1] if len(ring) > 3 and ring[0] == ring[-1] else ring
    shapes.add(ShapeKind.POLYGONS, parts=[ring], **identity)


def add_line(
    shapes: ImageShapesBuilder, geometry: Mapping[str, Any], identity: Mapping[str, Any]
) -> None:
    """Add an open line."""
    shapes.add(ShapeKind.POLYLINE, parts=[_vertices(geometry)], **identity)


def add_keypoints(
    shapes: ImageShapesBuilder, geometry: Mapping[str, Any], identity: Mapping[str, Any]
) -> None:
    """Add keypoints; one that is not visible need not have a place."""
    points = geometry.get("keypoints")
    names = geometry.get("names")
    if not isinstance(points, list) or not points:
        raise ValueError("has no keypoints")
    if not isinstance(names, list) or len(names) != len(points):
        raise ValueError("has not one name a keypoint")
    if len({str(name) for name in names}) != len(names):
        raise ValueError("has a keypoint name twice")
    places, visibilities = [], []
    for point in points:
        if not isinstance(point, dict):
            raise ValueError("has a keypoint that is no object")
        visible = point.get("visible") is not False
        given = point.get("x") is not None and point.get("y") is not None
        if visible and not given:
            raise ValueError("has a visible keypoint without a place")
        places.append(_vertex(point) if given else _ABSENT)
        state = Visibility.VISIBLE if visible else Visibility.HIDDEN
        visibilities.append(int(state if given else Visibility.UNLABELLED))
    shapes.add(
        ShapeKind.KEYPOINTS,
        parts=[places],
        visibilities=visibilities,
        keypoint_names=[str(name) for name in names],
        skeleton=_bones(geometry.get("skeleton"), len(points)),
        **identity,
    )


def _bones(value: object, count: int) -> list[tuple[int, int]]:
    bones = []
    for pair in value if isinstance(value, list) else []:
        if not isinstance(pair, list) or len(pair) != 2:
            raise ValueError("has a skeleton that is not of pairs")
        if not all(type(end) is int and 0 <= end < count for end in pair):
            raise ValueError("has a skeleton that joins a keypoint that does not exist")
        bones.append((pair[0], pair[1]))
    return bones


def _vertices(geometry: Mapping[str, Any]) -> list[list[float]]:
    vertices = geometry.get("vertices")
    if not isinstance(vertices, list):
        raise ValueError("has no vertices")
    return [_vertex(vertex) for vertex in vertices]


def _vertex(value: object) -> list[float]:
    if isinstance(value, Mapping):
        x, y = value.get("x"), value.get("y")
        if is_number(x) and is_number(y):
            return [float(x), float(y)]
    raise ValueError("has a vertex without finite x and y")
