"""How much cuboids overlap: seen from above, and in space for any rotation."""

import numpy as np
import numpy.typing as npt

from viewer.geometry.cuboids import Cuboids
from viewer.geometry.overlap_kernels import bev_iou_table, iou_3d_table
from viewer.geometry.transform import FrameMismatch

Array = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]


def bev_iou(a: Cuboids, b: Cuboids) -> Array:
    """(N, M) overlap of N and M cuboids seen from above: length x width at their heading.

    Intersection over union of the rectangles in the xy plane of their coord frame; a tilt is
    left out, as bird's-eye protocols do. 0 where they only touch or one has no area.

    Examples
    --------
    >>> from viewer.geometry.rotation import quaternion_from_yaw
    >>> def box(x):
    ...     return Cuboids(
    ...         np.array([[x, 0, 0]]), np.ones((1, 3)), quaternion_from_yaw([0.0]), "ego"
    ...     )
    >>> float(bev_iou(box(0.0), box(0.5))[0, 0].round(6))
    0.333333
    """
    rows, columns = _table(a, b)
    return _bev(a, b, rows, columns).reshape(len(a), len(b))


def bev_iou_pairs(a: Cuboids, b: Cuboids) -> Array:
    """(N,) overlap seen from above of cuboid i of `a` and cuboid i of `b`."""
    return _bev(a, b, *_pairs(a, b))


def iou_3d(a: Cuboids, b: Cuboids) -> Array:
    """(N, M) exact volume overlap of N and M cuboids of any rotation.

    Intersection over union; 0 where they only touch or one has no volume, 1 for equal boxes.
    """
    rows, columns = _table(a, b)
    return _volume(a, b, rows, columns).reshape(len(a), len(b))


def iou_3d_pairs(a: Cuboids, b: Cuboids) -> Array:
    """(N,) exact volume overlap of cuboid i of `a` and cuboid i of `b`."""
    return _volume(a, b, *_pairs(a, b))


def _table(a: Cuboids, b: Cuboids) -> tuple[Rows, Rows]:
    rows, columns = np.divmod(np.arange(len(a) * len(b)), max(len(b), 1))
    return rows, columns


def _pairs(a: Cuboids, b: Cuboids) -> tuple[Rows, Rows]:
    if len(a) != len(b):
        raise ValueError(f"pairs need as many cuboids on both sides, not {len(a)} and {len(b)}")
    rows = np.arange(len(a))
    return rows, rows


def _require_same_frame(a: Cuboids, b: Cuboids) -> None:
    if a.coord_frame_id != b.coord_frame_id:
        raise FrameMismatch(
            f"cuboids in {a.coord_frame_id!r} and in {b.coord_frame_id!r} cannot be compared"
        )


def _bev(a: Cuboids, b: Cuboids, rows: Rows, columns: Rows) -> Array:
    _require_same_frame(a, b)
    overlaps: Array = bev_iou_table(
        a.center, a.size, a.yaw_rad, b.center, b.size, b.yaw_rad, rows, columns
    )
    return overlaps


def _volume(a: Cuboids, b: Cuboids, rows: Rows, columns: Rows) -> Array:
    _require_same_frame(a, b)
    overlaps: Array = iou_3d_table(
        a.center, a.size, a.rotation_matrices(), b.center, b.size, b.rotation_matrices(), rows,
        columns,
    )  # fmt: skip
    return overlaps
