"""Shortest distance between two oriented boxes, exact for any rotation."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from viewer.geometry.cuboids import CORNER_SIGNS, EDGES, Cuboid
from viewer.geometry.rotation import matrix_from_quaternion

Array = npt.NDArray[np.float64]
_PARALLEL = 1e-14


class BoxDistance(NamedTuple):
    """A shortest way between two boxes."""

    distance_m: float
    """0 when they touch or overlap."""
    point_a: Array
    """(3,) end on the first box; both ends are one common point when they overlap."""
    point_b: Array


class _Box(NamedTuple):
    center: Array
    half: Array
    rotation: Array
    """(3, 3), columns are the box axes."""
    starts: Array
    """(12, 3) first end of each edge."""
    ends: Array


def box_distance(a: Cuboid, b: Cuboid) -> BoxDistance:
    """Return the shortest way from box `a` to box `b`, both in the same coord frame.

    Two convex polyhedra that do not meet are nearest at a corner of one and a face of the
    other, or at two edges; all pairs are tried. They meet exactly when an edge of one passes
    through the other.

    Raises
    ------
    ValueError
        When the boxes lie in different coord frames.
    """
    if a.coord_frame_id != b.coord_frame_id:
        raise ValueError(
            f"boxes lie in {a.coord_frame_id!r} and {b.coord_frame_id!r}, not in one coord frame"
        )
    box_a, box_b = _box(a), _box(b)
    common = _common_point(box_a, box_b)
    if common is None:
        common = _common_point(box_b, box_a)
    if common is not None:
        return BoxDistance(0.0, common, common)
    on_b, from_a = _corners_to_box(box_a, box_b)
    on_a, from_b = _corners_to_box(box_b, box_a)
    edge_a, edge_b = _between_edges(box_a, box_b)
    pairs = ((from_a, on_b), (on_a, from_b), (edge_a, edge_b))
    lengths = [float(np.linalg.norm(second - first)) for first, second in pairs]
    best = int(np.argmin(lengths))
    return BoxDistance(lengths[best], *pairs[best])


def _box(cuboid: Cuboid) -> _Box:
    rotation = matrix_from_quaternion(cuboid.rotation)
    half = np.asarray(cuboid.size, dtype=np.float64) / 2
    center = np.asarray(cuboid.center, dtype=np.float64)
    corners = (CORNER_SIGNS * half) @ rotation.T + center
    return _Box(center, half, rotation, corners[EDGES[:, 0]], corners[EDGES[:, 1]])


def _common_point(edges_of: _Box, box: _Box) -> Array | None:
    """Middle of a piece of an edge that lies in `box`; None when no edge reaches it.

    Each edge is clipped by the three slabs of the box.
    """
    start = (edges_of.starts - box.center) @ box.rotation
    step = (edges_of.ends - edges_of.starts) @ box.rotation
    with np.errstate(divide="ignore", invalid="ignore"):
        first = (-box.half - start) / step
        second = (box.half - start) / step
    still = np.abs(step) < _PARALLEL
    outside = still & (np.abs(start) > box.half)
    enter = np.where(still, -np.inf, np.minimum(first, second)).max(axis=1)
    leave = np.where(still, np.inf, np.maximum(first, second)).min(axis=1)
    enter, leave = np.maximum(enter, 0.0), np.minimum(leave, 1.0)
    found = np.flatnonzero((enter <= leave) & ~outside.any(axis=1))
    if not len(found):
        return None
    row = found[0]
    middle = (enter[row] + leave[row]) / 2
    point: Array = edges_of.starts[row] + middle * (edges_of.ends[row] - edges_of.starts[row])
    return point


def _corners_to_box(corners_of: _Box, box: _Box) -> tuple[Array, Array]:
    """Nearest point of `box` to any corner of the other, and that corner."""
    corners = np.concatenate([corners_of.starts, corners_of.ends])
    own = (corners - box.center) @ box.rotation
    nearest = np.clip(own, -box.half, box.half) @ box.rotation.T + box.center
    row = int(np.argmin(((nearest - corners) ** 2).sum(axis=1)))
    return nearest[row], corners[row]


def _between_edges(a: _Box, b: _Box) -> tuple[Array, Array]:
    """Nearest points of any edge of `a` and any edge of `b`.

    Closest points of two segments: clamp on the first, then on the second, then on the first
    again (Ericson, Real-Time Collision Detection, 5.1.9).
    """
    d1 = (a.ends - a.starts)[:, None]
    d2 = (b.ends - b.starts)[None]
    r = a.starts[:, None] - b.starts[None]
    aa, ee = (d1 * d1).sum(axis=2), (d2 * d2).sum(axis=2)
    bb, cc, ff = (d1 * d2).sum(axis=2), (d1 * r).sum(axis=2), (d2 * r).sum(axis=2)
    aa, ee = np.maximum(aa, _PARALLEL), np.maximum(ee, _PARALLEL)
    denominator = aa * ee - bb * bb
    crossing = denominator > 1e-12 * aa * ee
    s = np.where(
        crossing, np.clip((bb * ff - cc * ee) / np.where(crossing, denominator, 1.0), 0, 1), 0.0
    )
    t = np.clip((bb * s + ff) / ee, 0.0, 1.0)
    s = np.clip((bb * t - cc) / aa, 0.0, 1.0)
    t = np.clip((bb * s + ff) / ee, 0.0, 1.0)
    on_a = a.starts[:, None] + s[..., None] * d1
    on_b = b.starts[None] + t[..., None] * d2
    squared = ((on_a - on_b) ** 2).sum(axis=2)
    row, column = np.unravel_index(int(np.argmin(squared)), squared.shape)
    return on_a[row, column], on_b[row, column]
