"""How high the ground is at a place, told from the points around it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

CELL_M = 0.5
RADII_M = (3.0, 6.0, 12.0)
MIN_CELLS = 6
MIN_CELL_POINTS = 3
LOW_PERCENTILE = 10.0
INLIER_M = 0.12
MAX_SLOPE = 0.6
"""Rise over run; a plane steeper than this is no ground."""
_TRIES = 400

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class GroundHeight:
    """Height of the ground under a position."""

    z_m: float
    method: str
    """How it was found, for people."""


def ground_height(points: npt.NDArray[np.floating], position: Array) -> GroundHeight | None:
    """Height of the ground at the x and y of `position`; None when no points are near.

    The points around are put into cells of `CELL_M`; each cell gives the point at a low
    percentile of z. Through these a plane is laid that most of them agree with and few lie below
    (random triples, then least squares), so that cars, walls and single returns below the ground
    do not move it. The radius grows until there are enough cells; too few for a plane give
    their lowest height.

    Parameters
    ----------
    points
        (N, 3) finite positions, z up, metres.
    position
        (3,) in the same coord frame.
    """
    offsets = np.asarray(points, dtype=np.float64) - position
    squared = offsets[:, 0] ** 2 + offsets[:, 1] ** 2
    cells = np.empty((0, 3))
    radius = RADII_M[0]
    for radius in RADII_M:
        cells = _cell_heights(offsets[squared <= radius * radius])
        if len(cells) >= MIN_CELLS:
            break
    if not len(cells):
        return None
    around = f"of {CELL_M} m cells within {radius:g} m"
    plane = _lay_plane(cells) if len(cells) >= MIN_CELLS else None
    if plane is None:
        lowest = float(cells[:, 2].min())
        return GroundHeight(float(position[2]) + lowest, f"lowest point {around}")
    return GroundHeight(float(position[2]) + plane, f"plane through the low points {around}")


def _cell_heights(offsets: Array) -> Array:
    """(C, 3) the point at the low percentile of z of each cell that holds enough points."""
    if not len(offsets):
        return np.empty((0, 3))
    columns = np.floor(offsets[:, :2] / CELL_M).astype(np.int64)
    _, cell = np.unique(columns, axis=0, return_inverse=True)
    cell = cell.ravel()
    order = np.lexsort((offsets[:, 2], cell))
    counts = np.bincount(cell)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    low = order[starts + np.floor((counts - 1) * LOW_PERCENTILE / 100).astype(np.int64)]
    heights: Array = offsets[low]
    kept: Array = heights[counts >= MIN_CELL_POINTS]
    return kept if len(kept) >= MIN_CELLS else heights


def _lay_plane(cells: Array) -> float | None:
    """Height at the origin of the plane that fits most cells; None when none is flat enough."""
    design = np.column_stack([cells[:, :2], np.ones(len(cells))])
    triples = np.random.default_rng(0).integers(0, len(cells), size=(_TRIES, 3))
    matrices, heights = design[triples], cells[triples, 2]
    usable = np.abs(np.linalg.det(matrices)) > CELL_M * CELL_M / 2
    if not usable.any():
        return None
    planes = np.linalg.solve(matrices[usable], heights[usable][..., None])[..., 0]
    planes = planes[np.hypot(planes[:, 0], planes[:, 1]) <= MAX_SLOPE]
    if not len(planes):
        return None
    above = cells[:, 2] - planes @ design.T
    score = (np.abs(above) <= INLIER_M).sum(axis=1) - 2 * (above < -2 * INLIER_M).sum(axis=1)
    plane = planes[int(np.argmax(score))]
    near = np.abs(cells[:, 2] - design @ plane) <= INLIER_M
    if near.sum() >= 3:
        refined = np.linalg.lstsq(design[near], cells[near, 2], rcond=None)[0]
        if np.hypot(refined[0], refined[1]) <= MAX_SLOPE:
            plane = refined
    return float(plane[2])
