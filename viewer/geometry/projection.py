"""Points, polylines and cuboids as a camera sees them."""

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from viewer.geometry.box_view import EDGE_FACES, half_axes_in_camera, seen_faces
from viewer.geometry.cameras.base import CameraModel
from viewer.geometry.cameras.lens_kernels import project_all
from viewer.geometry.cuboids import CORNER_SIGNS, EDGES, FRONT_FACE, Cuboids
from viewer.geometry.curves import Curves, EdgePart, polyline_segments, trace
from viewer.geometry.silhouette import silhouette_polygon
from viewer.geometry.transform import RigidTransform, matrix_of

__all__ = [
    "HEADING_STROKES",
    "Curves",
    "EdgePart",
    "PointProjection",
    "matrix_of",
    "outline_boxes_px",
    "project_cuboids",
    "project_points",
    "project_polyline",
    "silhouette_polygon",
]

Array = npt.NDArray[np.float64]

HEADING_STROKES: Final = np.array(
    [[[0.0, 0, 0], [1, 0, 0]], [[1, -1, -1], [1, 1, 1]], [[1, 1, -1], [1, -1, 1]]]
)
"""(3, 2, 3) ends in half sizes: from the centre to the front, and a cross over the front face."""


class PointProjection(NamedTuple):
    """Points in an image, row by row."""

    pixels: Array
    """(N, 2); NaN where not valid."""
    depth_m: Array
    """(N,) z in the camera, of every point."""
    range_m: Array
    """(N,) distance to the camera, of every point."""
    valid: npt.NDArray[np.bool_]
    """(N,) inside the lens's domain. Image bounds are not checked: see `camera.in_image`."""


def project_points(
    points_src: npt.NDArray[np.floating[Any]],
    camera: CameraModel,
    camera_from_points: RigidTransform | Array,
) -> PointProjection:
    """(N, 3) points in any coord frame, metres, to pixels through the camera's own lens."""
    matrix = matrix_of(camera_from_points)
    return PointProjection(*project_all(camera.packed, points_src, matrix, with_depth=True))


def project_polyline(
    points_src: npt.NDArray[np.floating[Any]],
    camera: CameraModel,
    camera_from_points: RigidTransform | Array,
    *,
    closed: bool = False,
    tolerance_px: float = 0.25,
    margin_px: float | None = None,
) -> Curves:
    """(N, 3) corners of a line in space, metres, to what the camera sees of it.

    Clipped at the lens's domain and split at the image's border. `tolerance_px` and `margin_px`
    are those of `project_cuboids`.
    """
    matrix = matrix_of(camera_from_points)
    points = np.asarray(points_src, dtype=np.float64).reshape(-1, 3)
    points_cam = points @ matrix[:3, :3].T + matrix[:3, 3]
    starts, ends = polyline_segments(points_cam, closed=closed)
    points_px, pieces = trace(
        camera, starts, ends, tolerance_px=tolerance_px, margin_px=margin_px, joined=True
    )
    count = len(pieces)
    return Curves(
        points_px,
        np.append(pieces[:, 0], len(points_px)),
        np.zeros(count, np.int32),
        np.zeros(count, np.int16),
        np.zeros(count, np.int8),
        pieces[:, 2].astype(bool),
    )


def project_cuboids(
    cuboids: Cuboids,
    camera: CameraModel,
    camera_from_cuboids: RigidTransform | Array,
    *,
    tolerance_px: float = 0.25,
    margin_px: float | None = None,
) -> Curves:
    """Edges and heading strokes of N cuboids as the camera sees them.

    Edges are clipped (never dropped or clamped) at the lens's domain, curved where the lens
    curves them, split at the image's border, and told visible or hidden behind the box itself.
    A convex box hides an edge wholly or not at all: it is seen when one of its two faces is.
    From inside the box all is visible.

    Parameters
    ----------
    camera_from_cuboids
        Transform or (4, 4) matrix from the cuboids' coord frame; need not be rigid.
    tolerance_px
        Largest distance between a piece and the true curve.
    margin_px
        How far around the image pieces outside of it are kept; by default the image's longer
        side.
    """
    matrix = matrix_of(camera_from_cuboids)
    axes, centers = half_axes_in_camera(cuboids, matrix)
    corners = centers[:, None] + np.einsum("ck,nik->nci", CORNER_SIGNS, axes)
    strokes = centers[:, None, None] + np.einsum("sek,nik->nsei", HEADING_STROKES, axes)
    edges = np.concatenate([corners[:, EDGES], strokes], axis=1)
    ends = edges.reshape(-1, 2, 3)
    points_px, pieces = trace(
        camera, ends[:, 0], ends[:, 1], tolerance_px=tolerance_px, margin_px=margin_px, joined=False
    )
    owner, edge = np.divmod(pieces[:, 1], edges.shape[1])
    seen = _seen_edges(cuboids, matrix)
    return Curves(
        points_px,
        np.append(pieces[:, 0], len(points_px)),
        owner.astype(np.int32),
        edge.astype(np.int16),
        np.where(seen[owner, edge], EdgePart.VISIBLE, EdgePart.HIDDEN).astype(np.int8),
        pieces[:, 2].astype(bool),
    )


def _seen_edges(cuboids: Cuboids, matrix: Array) -> npt.NDArray[np.bool_]:
    """(N, 15) which edges and heading strokes no face of the box itself hides."""
    faces = seen_faces(cuboids, matrix)
    edges = faces[:, EDGE_FACES].any(axis=2)
    front = faces[:, FRONT_FACE]
    strokes = np.stack([np.zeros_like(front), front, front], axis=1)
    from_inside = ~faces.any(axis=1, keepdims=True)
    return np.concatenate([edges, strokes], axis=1) | from_inside


def outline_boxes_px(curves: Curves, count: int) -> Array:
    """(count, 4) left, top, right, bottom of each cuboid's edges in the image; NaN for none."""
    boxes = np.full((count, 4), np.nan)
    drawn = np.flatnonzero(curves.inside & (curves.edge < len(EDGES)))
    if len(drawn) == 0:
        return boxes
    low = np.minimum.reduceat(curves.points_px, curves.offsets[:-1])[drawn]
    high = np.maximum.reduceat(curves.points_px, curves.offsets[:-1])[drawn]
    owner = curves.owner[drawn]
    np.fmin.at(boxes[:, :2], owner, low)
    np.fmax.at(boxes[:, 2:], owner, high)
    return boxes
