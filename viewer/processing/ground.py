"""How high the ground is at places, told from the points around them."""

from collections.abc import Sequence
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
OVER_TIME_PERCENTILE: Final = 25.0
TILE_M: Final = 8.0
MAX_TILES: Final = 2000
"""To a side of the grid over all cells."""
SURE_CELLS: Final = 20
SURE_SHARE: Final = 0.6
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
    """The ground that points show, to be asked for many places.

    Through the low points of the cells around a place a plane is laid that most of them agree with
    and few lie below (random triples, then least squares), so that cars, walls and single returns
    below the ground do not move it. The radius grows until there are enough cells; too few for a
    plane give their lowest height.

    Parameters
    ----------
    cells
        (C, 3) what `low_cells` gave, of one cloud, or of many that `joined_cells` put together.
    """

    def __init__(self, cells: Array) -> None:
        self._cells, self._starts, self._low, self._tile_m = _tiled(
            np.asarray(cells, dtype=np.float64)
        )

    def at(self, position: Array) -> GroundHeight | None:
        """Height at the x and y of a (3,) position; None when no points are near."""
        heights, methods, radii, *_ = self._search(position[None], np.zeros(1))
        if methods[0] == FAILED:
            return None
        around = f"of {CELL_M} m cells within {radii[0]:g} m"
        if methods[0] == PLANE:
            return GroundHeight(float(heights[0]), f"plane through the low points {around}")
        return GroundHeight(float(heights[0]), f"lowest point {around}")

    def sure_heights(self, positions: Array, reach_m: Array) -> Array:
        """(N,) height at the x and y of (N, 3) positions; NaN where it cannot be told for sure.

        It can where a plane agrees with `SURE_SHARE` of `SURE_CELLS` around or more.

        Parameters
        ----------
        reach_m
            (N,) how far around each position no ground is to be expected, e.g. half a box's length;
            the radii grow by it.
        """
        heights, methods, _, totals, agree = self._search(positions, reach_m)
        sure = (methods == PLANE) & (totals >= SURE_CELLS) & (agree >= SURE_SHARE * totals)
        heights[~sure] = np.nan
        return heights

    def _search(
        self, positions: Array, reach_m: Array
    ) -> tuple[Array, npt.NDArray[Any], Array, npt.NDArray[Any], npt.NDArray[Any]]:
        radii = np.asarray(RADII_M) + np.asarray(reach_m, dtype=np.float64)[:, None]
        found: tuple[Array, npt.NDArray[Any], Array, npt.NDArray[Any], npt.NDArray[Any]]
        found = ground_under(
            self._cells, self._starts, self._low, self._tile_m,
            np.ascontiguousarray(positions, dtype=np.float64), radii, _DRAWS, MIN_CELLS, INLIER_M,
            MAX_SLOPE, CELL_M * CELL_M / 2,
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
    found = Ground(low_cells(near)).at(np.zeros(3))
    return found and GroundHeight(found.z_m + float(position[2]), found.method)


def low_cells(points: npt.NDArray[np.floating[Any]]) -> Array:
    """(C, 3) the point at the low percentile of z of each cell that holds enough points.

    Of few cells, all.

    Parameters
    ----------
    points
        (N, 3) finite positions, z up, metres.
    """
    exact: Array = np.asarray(points, dtype=np.float64)
    low, counts = _lowest(exact, LOW_PERCENTILE)
    kept = exact[low[counts >= MIN_CELL_POINTS]]
    return kept if len(kept) >= MIN_CELLS else exact[low]


def joined_cells(parts: Sequence[Array]) -> Array:
    """(C, 3) one low point a cell of all those that `low_cells` found in several clouds.

    The clouds share a coord frame; what moved through a cell does not stay in it.
    """
    cells = np.concatenate([np.empty((0, 3)), *parts])
    low, _ = _lowest(cells, OVER_TIME_PERCENTILE)
    return cells[low]


def _tiled(cells: Array) -> tuple[Array, npt.NDArray[np.int64], Array, float]:
    """Return cells tile after tile, where each tile of the grid starts, its corner, a tile's side.

    The starts are (X, Y + 1): tile (x, y) owns the cells ``starts[x, y]`` to ``starts[x, y + 1]``.
    """
    if not len(cells):
        return np.empty((0, 3)), np.zeros((0, 1), np.int64), np.zeros(2), TILE_M
    low, high = cells[:, :2].min(axis=0), cells[:, :2].max(axis=0)
    tile_m = max(TILE_M, float((high - low).max()) / MAX_TILES)
    place = np.floor((cells[:, :2] - low) / tile_m).astype(np.int64)
    across, along = (place.max(axis=0) + 1).tolist()
    key = place[:, 0] * along + place[:, 1]
    ends = np.cumsum(np.bincount(key, minlength=across * along)).reshape(across, along)
    starts = np.zeros((across, along + 1), np.int64)
    starts[:, 1:] = ends
    starts[1:, 0] = ends[:-1, -1]
    return np.ascontiguousarray(cells[np.argsort(key, kind="stable")]), starts, low, tile_m


def _lowest(points: Array, percentile: float) -> tuple[npt.NDArray[np.int64], Any]:
    """Row of the point at a percentile of z of each cell, and how many points the cell holds."""
    if not len(points):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    columns = np.floor(points[:, :2] / CELL_M).astype(np.int64)
    columns -= columns.min(axis=0)
    key = columns[:, 0] * (int(columns[:, 1].max()) + 1) + columns[:, 1]
    order = np.lexsort((points[:, 2], key))
    starts = np.flatnonzero(np.diff(key[order], prepend=-1))
    counts = np.diff(starts, append=len(order))
    return order[starts + np.floor((counts - 1) * percentile / 100).astype(np.int64)], counts
