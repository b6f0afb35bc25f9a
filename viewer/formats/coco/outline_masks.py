"""Masks of polygons, pixel for pixel as COCO's own tools fill them.

Each edge is walked on a grid five times as fine; where it passes from one column of that grid to
the next, the nearest row of the image below it turns the column's fill. After `rleFrPoly` of
pycocotools 2.0 (Piotr Dollar and Tsung-Yi Lin).
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from viewer.scene.masks import MAX_MASK_PX, RunLengths

FINER: Final = 5
MOST_STEPS: Final = 50_000_000
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def mask_of_outlines(outlines: Sequence[Floats], width_px: int, height_px: int) -> RunLengths:
    """Return what (V, 2) polygons cover together.

    Raises
    ------
    ValueError
        When the image or a polygon is absurdly large.
    """
    if min(width_px, height_px) < 1 or width_px * height_px > MAX_MASK_PX:
        raise ValueError(f"a mask of {width_px} x {height_px} px is not possible")
    filled = np.zeros((width_px, height_px), dtype=bool)
    for outline in outlines:
        filled |= _filled(outline, width_px, height_px)
    return RunLengths.of(np.ascontiguousarray(filled.T))


def _filled(outline: Floats, width_px: int, height_px: int) -> npt.NDArray[np.bool_]:
    """(W, H) of one polygon."""
    corners = np.trunc(FINER * outline + 0.5).astype(np.int64)
    u, v = _walked(corners, np.roll(corners, -1, axis=0))
    turns = np.flatnonzero(u[1:] != u[:-1]) + 1
    left = np.where(u[turns] < u[turns - 1], u[turns], u[turns] - 1)
    columns = (left + 0.5) / FINER - 0.5
    inside = (np.floor(columns) == columns) & (columns >= 0) & (columns <= width_px - 1)
    rows = (np.minimum(v[turns], v[turns - 1])[inside] + 0.5) / FINER - 0.5
    rows = np.ceil(np.clip(rows, 0, height_px)).astype(np.int64)
    flips = np.bincount(
        columns[inside].astype(np.int64) * height_px + rows, minlength=width_px * height_px + 1
    )
    filled = np.cumsum(flips[: width_px * height_px]) % 2 == 1
    found: npt.NDArray[np.bool_] = filled.reshape(width_px, height_px)
    return found


def _walked(starts: Ints, ends: Ints) -> tuple[Ints, Ints]:
    """Return the grid points along all edges, edge after edge, ends included."""
    away = np.abs(ends - starts)
    steps = away.max(axis=1)
    if int(steps.sum()) > MOST_STEPS:
        raise ValueError("a polygon is absurdly large")
    wide = away[:, 0] >= away[:, 1]
    main = np.where(wide, 0, 1)
    rows = np.arange(len(starts))
    flip = starts[rows, main] > ends[rows, main]
    low = np.where(flip[:, None], ends, starts)
    high = np.where(flip[:, None], starts, ends)
    rise = (high - low)[rows, 1 - main]
    slopes = np.divide(rise, steps, out=np.zeros(len(steps)), where=steps > 0)
    edge = np.repeat(rows, steps + 1)
    at = np.arange(len(edge)) - np.repeat(np.cumsum(steps + 1) - steps - 1, steps + 1)
    t = np.where(flip[edge], steps[edge] - at, at)
    along = low[edge, main[edge]] + t
    across = np.trunc(low[edge, 1 - main[edge]] + slopes[edge] * t + 0.5).astype(np.int64)
    return np.where(wide[edge], along, across), np.where(wide[edge], across, along)
