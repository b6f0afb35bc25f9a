"""2D shapes as the kinds that the client has: polygon lists, line segments, keypoints."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from viewer.formats.writers.losses import LossLog
from viewer.scene.shapes import ImageShapes, ShapeKind, Visibility

Row = dict[str, Any]


def shape_rows(shapes: ImageShapes, where: str, losses: LossLog) -> Iterator[tuple[str, int, Row]]:
    """Yield (label type, row of the shape, geometry) of each shape that can be written."""
    for row in range(len(shapes)):
        kind = ShapeKind(int(shapes.kinds[row]))
        if shapes.class_distributions[row] is not None:
            losses.add("class distribution", where, "a label keeps one class")
        if kind == ShapeKind.POLYGONS:
            yield "POLYGON_LIST_2D", row, _polygons(shapes, row, where, losses)
        elif kind in (ShapeKind.ROTATED_BOX, ShapeKind.ELLIPSE):
            name = kind.name.lower().replace("_", " ")
            losses.add(f"2D label: {name}", where, "becomes a polygon")
            rings = [outline.points_px.tolist() for outline in shapes.outlines(row)]
            yield "POLYGON_LIST_2D", row, _polygon_list(rings)
        elif kind == ShapeKind.POLYLINE and [len(part) for part in shapes.parts(row)] == [2]:
            (x1, y1), (x2, y2) = shapes.parts(row)[0].tolist()
            yield "LINE_SEGMENT_2D", row, {"x1": x1, "y1": y1, "x2": x2, "y2": y2}
        elif kind == ShapeKind.KEYPOINTS:
            points = _keypoints(shapes, row, where, losses)
            if points:
                yield "KEYPOINTS_2D", row, {"keypoints": points}
        elif kind == ShapeKind.POINT:
            losses.add("2D label: point", where, "becomes keypoints of one point")
            x, y = shapes.parts(row)[0][0].tolist()
            yield "KEYPOINTS_2D", row, {"keypoints": [{"x": x, "y": y, "name": "point"}]}
        else:
            name = kind.name.lower().replace("_", " ")
            losses.add(f"2D label: {name}", where, "there are no such labels; it is left out")


def _polygons(shapes: ImageShapes, row: int, where: str, losses: LossLog) -> Row:
    first, last = shapes.part_offsets[row : row + 2].tolist()
    holes = int(np.count_nonzero(shapes.holes[first:last]))
    losses.add("hole of a polygon", where, "polygons have none; it becomes a polygon", holes)
    return _polygon_list([part.tolist() for part in shapes.parts(row)])


def _polygon_list(rings: list[list[list[float]]]) -> Row:
    return {"polygons": [{"vertices": ring} for ring in rings], "center": None}


def _keypoints(shapes: ImageShapes, row: int, where: str, losses: LossLog) -> list[Row]:
    vertices = shapes.parts(row)[0].tolist()
    names = shapes.keypoint_names[row] or [str(index) for index in range(len(vertices))]
    points: list[Row] = []
    for (x, y), name, seen in zip(
        vertices, names, shapes.vertex_visibilities(row).tolist(), strict=True
    ):
        if not (np.isfinite(x) and np.isfinite(y)):
            losses.add("keypoint without a place", where, "is left out")
            continue
        if seen != Visibility.VISIBLE:
            losses.add("visibility of a keypoint", where, "keypoints have none")
        points.append({"x": x, "y": y, "name": name})
    if not points:
        losses.add("2D label: keypoints", where, "none has a place; it is left out")
    return points
