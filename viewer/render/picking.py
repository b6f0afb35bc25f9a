"""What lies under a pixel: the nearest drawn point, the box that a line of sight meets."""

from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.geometry import lazy_numba as nb
from viewer.geometry.cuboids import Cuboids
from viewer.render.point_slabs import BLOCK_POINTS, Slab

POINT_TOLERANCE_PX = 4.0
_SMALL_BOX_PX = 7.0


@nb.njit(cache=True, nogil=True, fastmath=True)  # type: ignore[untyped-decorator,unused-ignore]
def _nearest_point(
    xyz: npt.NDArray[np.float32],
    blocks: npt.NDArray[np.int64],
    block_points: int,
    clip: npt.NDArray[np.float64],
    at: npt.NDArray[np.float64],
    reach: npt.NDArray[np.float64],
    spread_m: float,
    ego: npt.NDArray[np.float64],
    limits: npt.NDArray[np.float64],
    box: npt.NDArray[np.float64],
    box_half: npt.NDArray[np.float64],
) -> tuple[int, float]:
    """Index and score of the point in reach of `at` (NDC) that is nearest to the eye, or -1.

    Clip coordinates are compared without dividing; the distance in the picture decides among
    points of about the same depth.
    """
    best = -1
    best_score = np.inf
    x_low, x_high = at[0] - reach[0], at[0] + reach[0]
    y_low, y_high = at[1] - reach[1], at[1] + reach[1]
    for block in blocks:
        for i in range(block * block_points, min(xyz.shape[0], (block + 1) * block_points)):
            x, y, z = xyz[i, 0], xyz[i, 1], xyz[i, 2]
            w = clip[3, 0] * x + clip[3, 1] * y + clip[3, 2] * z + clip[3, 3]
            if w <= 1e-6:
                continue
            u = clip[0, 0] * x + clip[0, 1] * y + clip[0, 2] * z + clip[0, 3]
            if u < x_low * w or u > x_high * w:
                continue
            v = clip[1, 0] * x + clip[1, 1] * y + clip[1, 2] * z + clip[1, 3]
            if v < y_low * w or v > y_high * w:
                continue
            off_x, off_y = (u / w - at[0]) / reach[0], (v / w - at[1]) / reach[1]
            apart = off_x * off_x + off_y * off_y
            if apart > 1.0:
                continue
            depth = clip[2, 0] * x + clip[2, 1] * y + clip[2, 2] * z + clip[2, 3]
            score = depth + 0.3 * apart * (spread_m if spread_m > 0.0 else depth)
            if score >= best_score or not passes_filters(x, y, z, ego, limits, box, box_half):
                continue
            best, best_score = i, score
    return best, best_score


@nb.njit(cache=True, nogil=True, inline="always")  # type: ignore[untyped-decorator,unused-ignore]
def passes_filters(
    x: float,
    y: float,
    z: float,
    ego: npt.NDArray[np.float64],
    limits: npt.NDArray[np.float64],
    box: npt.NDArray[np.float64],
    box_half: npt.NDArray[np.float64],
) -> bool:
    """The shader's filters: height band, range, the ego vehicle itself, the isolated box."""
    a = ego[0, 0] * x + ego[0, 1] * y + ego[0, 2] * z + ego[0, 3]
    b = ego[1, 0] * x + ego[1, 1] * y + ego[1, 2] * z + ego[1, 3]
    c = ego[2, 0] * x + ego[2, 1] * y + ego[2, 2] * z + ego[2, 3]
    if c < limits[0] or c > limits[1]:
        return False
    range_m = np.sqrt(a * a + b * b)
    if range_m < limits[2] or range_m > limits[3]:
        return False
    if abs(a) < limits[4] and abs(b) < limits[5]:
        return False
    if limits[6] > 0.5:
        for axis in range(3):
            inside = box[axis, 0] * x + box[axis, 1] * y + box[axis, 2] * z + box[axis, 3]
            if abs(inside) > box_half[axis]:
                return False
    return True


def nearest_point(
    slab: Slab,
    blocks: npt.NDArray[np.int64],
    clip_from_points: npt.NDArray[np.float64],
    at_ndc: tuple[float, float],
    reach_ndc: tuple[float, float],
    spread_m: float,
    ego_from_points: npt.NDArray[np.float64],
    limits: npt.NDArray[np.float64],
    box_from_points: npt.NDArray[np.float64],
    box_half_m: npt.NDArray[np.float64],
) -> tuple[int, float]:
    """Index of the drawn point near `at_ndc` that is nearest to the eye, and its score.

    Parameters
    ----------
    blocks
        Numbers of the slab's blocks to search, from `blocks_near_ray`.
    clip_from_points
        (4, 4) with the depth along the view, metres, in its third row.
    spread_m
        Depth by which a point at the rim of reach stands behind one in its middle, over 0.3; 0
        for its own depth, as perspective has it.
    limits
        (7,) lowest and highest ego z, smallest and largest range, half length and half width of
        the hidden ego vehicle (negative to show it), 1 when only the box is shown.
    """
    found: tuple[int, float] = _nearest_point(
        slab.xyz,
        blocks,
        BLOCK_POINTS,
        np.ascontiguousarray(clip_from_points),
        np.array(at_ndc),
        np.array(reach_ndc),
        spread_m,
        np.ascontiguousarray(ego_from_points),
        limits,
        np.ascontiguousarray(box_from_points),
        np.ascontiguousarray(box_half_m),
    )
    return found


def blocks_near_ray(
    slab: Slab,
    origin: npt.NDArray[np.float64],
    direction: npt.NDArray[np.float64],
    reach_m: float,
    reach_slope: float,
) -> npt.NDArray[np.int64]:
    """Blocks with points within `reach_m + reach_slope * distance` of a ray, and maybe others.

    `origin` and unit `direction` are in the slab's coordinates.
    """
    spheres = slab.blocks.astype(np.float64)
    offset, radius = spheres[:, :3] - origin, spheres[:, 3]
    along = offset @ direction
    apart = np.linalg.norm(offset - along[:, None] * direction, axis=1)
    reach = radius + reach_m + reach_slope * np.maximum(along + radius, 0.0)
    return np.flatnonzero((apart <= reach) & (along >= -radius))


def boxes_on_ray(
    cuboids: Cuboids, origin: npt.NDArray[np.float64], direction: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """(N,) distances at which a ray enters and leaves each box; NaN where it misses.

    Slab test in each box's own axes (Kay and Kajiya, 1986). Entering is 0 from inside.
    """
    axes = cuboids.rotation_matrices()
    start = np.einsum("nij,ni->nj", axes, origin - cuboids.center)
    heading = np.einsum("nij,i->nj", axes, direction)
    heading = np.where(np.abs(heading) < 1e-12, 1e-12, heading)
    half = cuboids.size / 2
    first, second = (-half - start) / heading, (half - start) / heading
    enter = np.minimum(first, second).max(axis=1)
    leave = np.maximum(first, second).min(axis=1)
    missed = (leave < np.maximum(enter, 0.0)) | ~np.isfinite(enter)
    return np.where(missed, np.nan, np.maximum(enter, 0.0)), np.where(missed, np.nan, leave)


def picked_box(
    cuboids: Cuboids, origin: npt.NDArray[np.float64], direction: npt.NDArray[np.float64]
) -> int | None:
    """Index of the box that a click means: the nearest one, or a smaller one within it."""
    if len(cuboids) == 0:
        return None
    enter, leave = boxes_on_ray(cuboids, origin, direction)
    hit = np.flatnonzero(np.isfinite(enter))
    if len(hit) == 0:
        return None
    nearest = hit[np.argmin(enter[hit])]
    rivals = hit[enter[hit] <= leave[nearest]]
    volumes: npt.NDArray[Any] = cuboids.size[rivals].prod(axis=1)
    return int(rivals[np.argmin(volumes)])


def small_box_near(
    centers_px: npt.NDArray[np.float64],
    radii_px: npt.NDArray[np.float64],
    at_px: tuple[float, float],
) -> int | None:
    """Index of a box too small to hit: its centre lies within a few pixels of the click."""
    if len(centers_px) == 0:
        return None
    apart = np.linalg.norm(centers_px - np.array(at_px), axis=1)
    near = (apart < _SMALL_BOX_PX) & (radii_px < _SMALL_BOX_PX)
    if not near.any():
        return None
    return int(np.argmin(np.where(near, apart, np.inf)))
