"""How high the ground is at places, told from the points around them."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from viewer.processing.ground_kernels import FAILED, PLANE, ground_under

CELL_M: Final = 0.5
RADII_M: Final = (3.0, 6.0, 12.0)
MIN_CELLS: Final = 6
MIN_CELL_POINTS: Final = 3
LOW_PERCENTILE: Final = 10.0
INLIER_M: Final = 0.12
MAX_SLOPE: Final = 0.6
"""Rise over run; a plane steeper than this is no ground."""
_DRAWS: Final = np.random.default_rng(0).random((400, 3))

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class GroundHeight:
    """Height of the ground under a position."""

    z_m: float
    method: str
    """How it was found, for people."""


class Ground:
    """The ground that a frame's points show, to be asked for many places.

    The points are put into cells of `CELL_M`; each cell gives the point at a low percentile of z.
    Through those around a place a plane is laid that most of them agree with and few lie below
    (random triples, then least squares), so that cars, walls and single returns below the ground do
    not move it. The radius grows until there are enough cells; too few for a plane give their
    lowest height.

    Parameters
    ----------
    points
        (N, 3) finite positions, z up, metres.
    """

    def __init__(self, points: npt.NDArray[np.floating[Any]]) -> None:
        self._cells = _cell_points(np.asarray(points, dtype=np.float64))

    def at(self, position: Array) -> GroundHeight | None:
        """Height at the x and y of a (3,) position; None when no points are near."""
        heights, methods, radii = self._search(position[None], np.zeros(1))
        if methods[0] == FAILED:
            return None
        around = f"of {CELL_M} m cells within {radii[0]:g} m"
        if methods[0] == PLANE:
            return GroundHeight(float(heights[0]), f"plane through the low points {around}")
        return GroundHeight(float(heights[0]), f"lowest point {around}")

    def heights(self, positions: Array, reach_m: Array) -> Array:
        """(N,) height at the x and y of (N, 3) positions; NaN where no points are near.

        Parameters
        ----------
        reach_m
            (N,) how far around each position no ground is to be expected, e.g. half a box's length;
            the radii grow by it.
        """
        heights, _, _ = self._search(positions, reach_m)
        return heights

    def _search(self, positions: Array, reach_m: Array) -> tuple[Array, npt.NDArray[Any], Array]:
        radii = np.asarray(RADII_M) + np.asarray(reach_m, dtype=np.float64)[:, None]
        found: tuple[Array, npt.NDArray[Any], Array] = ground_under(
            self._cells, np.ascontiguousarray(positions, dtype=np.float64), radii, _DRAWS,
            MIN_CELLS, INLIER_M, MAX_SLOPE, CELL_M * CELL_M / 2,
        )  # fmt: skip
        return found


def ground_height(points: npt.NDArray[np.floating[Any]], position: Array) -> GroundHeight | None:
    """Height of the ground at the x and y of `position`; None when no points are near.

    Parameters
    ----------
    points
        (N, 3) finite positions, z up, metres.
    position
        (3,) in the same coord frame.
    """
    offsets = np.asarray(points, dtype=np.float64) - position
    squared = offsets[:, 0] ** 2 + offsets[:, 1] ** 2
    near = offsets[squared <= RADII_M[-1] ** 2]
    found = Ground(near).at(np.zeros(3))
    return found and GroundHeight(found.z_m + float(position[2]), found.method)


def _cell_points(points: Array) -> Array:
    """(C, 3) the point at the low percentile of z of each cell that holds enough points.

    Of few cells, all.
    """
    if not len(points):
        return np.empty((0, 3))
    columns = np.floor(points[:, :2] / CELL_M).astype(np.int64)
    columns -= columns.min(axis=0)
    key = columns[:, 0] * (int(columns[:, 1].max()) + 1) + columns[:, 1]
    order = np.lexsort((points[:, 2], key))
    starts = np.flatnonzero(np.diff(key[order], prepend=-1))
    counts = np.diff(starts, append=len(order))
    low = order[starts + np.floor((counts - 1) * LOW_PERCENTILE / 100).astype(np.int64)]
    heights: Array = points[low]
    kept: Array = heights[counts >= MIN_CELL_POINTS]
    return kept if len(kept) >= MIN_CELLS else heights
