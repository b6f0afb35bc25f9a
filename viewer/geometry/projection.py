"""Points, polylines and cuboids as a camera sees them."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from viewer.geometry.cameras.base import CameraModel
from viewer.geometry.cameras.lens_kernels import project_all
from viewer.geometry.transform import RigidTransform

Array = npt.NDArray[np.float64]


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


def matrix_of(camera_from_src: RigidTransform | Array) -> Array:
    """(4, 4) of a transform or of a matrix, which need not be rigid."""
    if isinstance(camera_from_src, RigidTransform):
        return camera_from_src.matrix
    matrix = np.asarray(camera_from_src, dtype=np.float64)
    if matrix.shape != (4, 4):
        raise ValueError(f"camera_from_src must be (4, 4), not {matrix.shape}")
    return matrix


def project_points(
    points_src: npt.NDArray[np.floating[Any]],
    camera: CameraModel,
    camera_from_points: RigidTransform | Array,
) -> PointProjection:
    """(N, 3) points in any coord frame, metres, to pixels through the camera's own lens."""
    matrix = matrix_of(camera_from_points)
    return PointProjection(*project_all(camera.packed, points_src, matrix, with_depth=True))
