"""Shapes on images as polygons, lines and keypoints."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.formats.writers.losses import LossLog
from viewer.scene.shapes import ImageShapes, ShapeKind, Visibility

Geometry = tuple[str, dict[str, Any]]
_KINDS = {ShapeKind.POLYGONS: "polygon", ShapeKind.POLYLINE: "line"}
# Front face, back face, and the edges between them.
_CUBOID_NAMES = [f"{face} {corner}" for face in ("front", "back") for corner in
                 ("top left", "top right", "bottom right", "bottom left")]  # fmt: skip
_CUBOID_BONES = [
    *([i, (i + 1) % 4] for i in range(4)),
    *([4 + i, 4 + (i + 1) % 4] for i in range(4)),
    *([i, i + 4] for i in range(4)),
]


def shape_geometries(
    shapes: ImageShapes, row: int, where: str, losses: LossLog
) -> Iterator[Geometry]:
    """Yield (type, geometry) of one shape: several where it has several parts."""
    kind = ShapeKind(int(shapes.kinds[row]))
    name = kind.name.lower().replace("_", " ")
    if kind in _KINDS:
        yield from _parts(shapes, row, kind, where, losses)
    elif kind in (ShapeKind.ROTATED_BOX, ShapeKind.ELLIPSE):
        losses.add(f"2D label: {name}", where, "becomes a polygon")
        yield "polygon", {"vertices": _vertices(shapes.outlines(row)[0].points_px)}
    elif kind == ShapeKind.KEYPOINTS:
        yield "keypoints", _keypoints(shapes, row, where, losses)
    else:
        losses.add(f"2D label: {name}", where, "becomes keypoints")
        single = kind == ShapeKind.POINT
        names = ["point"] if single else _CUBOID_NAMES
        points = [{"x": x, "y": y, "visible": True} for x, y in shapes.parts(row)[0].tolist()]
        bones = [] if single else _CUBOID_BONES
        yield "keypoints", {"keypoints": points, "names": names, "skeleton": bones}


def _parts(
    shapes: ImageShapes, row: int, kind: ShapeKind, where: str, losses: LossLog
) -> Iterator[Geometry]:
    first = int(shapes.part_offsets[row])
    parts = shapes.parts(row)
    kept = [part for at, part in enumerate(parts) if not shapes.holes[first + at]]
    losses.add("hole in a polygon", where, "a polygon has none", len(parts) - len(kept))
    if len(kept) > 1:
        what = f"parts of a {_KINDS[kind]}"
        losses.add(what, where, "become labels of their own", len(kept) - 1)
    for part in kept:
        yield _KINDS[kind], {"vertices": _vertices(part)}


def _keypoints(shapes: ImageShapes, row: int, where: str, losses: LossLog) -> dict[str, Any]:
    points = []
    states = shapes.vertex_visibilities(row).tolist()
    for (x, y), state in zip(shapes.parts(row)[0].tolist(), states, strict=True):
        placed = x == x and y == y
        wanted = placed and state != Visibility.UNLABELLED
        if placed != wanted:
            losses.add("place of an unlabelled keypoint", where, "it has none")
        if not placed and state != Visibility.UNLABELLED:
            losses.add("state of a keypoint without a place", where, "becomes unlabelled")
        visible = wanted and state == Visibility.VISIBLE
        points.append({"x": x if wanted else None, "y": y if wanted else None, "visible": visible})
    names = [str(name) for name in shapes.keypoint_names[row]]
    if len(names) != len(points):
        names = [str(number) for number in range(len(points))]
        losses.add("keypoints without names", where, "each needs one; they are numbered")
    elif len(set(names)) < len(names):
        names = [f"{name} {number}" for number, name in enumerate(names)]
        losses.add("keypoint name", where, "stands twice in a label; a number is added")
    bones = [list(bone) for bone in shapes.skeletons[row]]
    return {"keypoints": points, "names": names, "skeleton": bones}


def _vertices(points: npt.NDArray[np.float64]) -> list[dict[str, float]]:
    return [{"x": x, "y": y} for x, y in points.tolist()]
