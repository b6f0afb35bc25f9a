"""Compiled point-in-box search: boxes are binned, so that a point meets few of them."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from viewer.geometry import lazy_numba as nb
from viewer.geometry.cameras.lens_kernels import frozen

Array = npt.NDArray[np.float64]
BINS: Final = 64
FARTHEST_M: Final = 1e15


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _bin_boxes(center, half_extent):  # type: ignore[no-untyped-def]
    """Grid over the boxes in xy: start and list of box rows a cell, and the grid's place."""
    count = len(center)
    low = np.array([np.inf, np.inf])
    high = np.array([-np.inf, -np.inf])
    for row in range(count):
        for axis in range(2):
            low[axis] = min(low[axis], center[row, axis] - half_extent[row, axis])
            high[axis] = max(high[axis], center[row, axis] + half_extent[row, axis])
    step = np.array([max(high[0] - low[0], 1e-9) / BINS, max(high[1] - low[1], 1e-9) / BINS])
    starts = np.zeros(BINS * BINS + 1, np.int64)
    rows = np.empty(0, np.int64)
    fill = np.zeros(BINS * BINS, np.int64)
    for fills in range(2):
        for row in range(count):
            x0 = int((center[row, 0] - half_extent[row, 0] - low[0]) / step[0])
            x1 = int((center[row, 0] + half_extent[row, 0] - low[0]) / step[0])
            y0 = int((center[row, 1] - half_extent[row, 1] - low[1]) / step[1])
            y1 = int((center[row, 1] + half_extent[row, 1] - low[1]) / step[1])
            for x in range(max(x0, 0), min(x1, BINS - 1) + 1):
                for y in range(max(y0, 0), min(y1, BINS - 1) + 1):
                    cell = x * BINS + y
                    if fills:
                        rows[starts[cell] + fill[cell]] = row
                        fill[cell] += 1
                    else:
                        starts[cell + 1] += 1
        if fills == 0:
            starts = np.cumsum(starts)
            rows = np.empty(starts[-1], np.int64)
    return starts, rows, low, high, step


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _inside(px, py, pz, center, half, matrix):  # type: ignore[no-untyped-def]
    dx = px - center[0]
    dy = py - center[1]
    dz = pz - center[2]
    for axis in range(3):
        own = dx * matrix[0, axis] + dy * matrix[1, axis] + dz * matrix[2, axis]
        if abs(own) > half[axis]:
            return False
    return True


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _count(points, center, half, matrices, starts, rows, low, high, step):  # type: ignore[no-untyped-def]
    counts = np.zeros(len(center), np.int64)
    for index in range(len(points)):
        px = float(points[index, 0])
        py = float(points[index, 1])
        if not (low[0] <= px <= high[0] and low[1] <= py <= high[1]):
            continue
        x = min(int((px - low[0]) / step[0]), BINS - 1)
        y = min(int((py - low[1]) / step[1]), BINS - 1)
        cell = x * BINS + y
        for place in range(starts[cell], starts[cell + 1]):
            row = rows[place]
            if _inside(px, py, float(points[index, 2]), center[row], half[row], matrices[row]):
                counts[row] += 1
    return counts


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _smallest(points, center, half, matrices, volume, starts, rows, low, high, step):  # type: ignore[no-untyped-def]
    owner = np.full(len(points), -1, np.int32)
    for index in range(len(points)):
        px = float(points[index, 0])
        py = float(points[index, 1])
        if not (low[0] <= px <= high[0] and low[1] <= py <= high[1]):
            continue
        x = min(int((px - low[0]) / step[0]), BINS - 1)
        y = min(int((py - low[1]) / step[1]), BINS - 1)
        cell = x * BINS + y
        best = np.inf
        for place in range(starts[cell], starts[cell + 1]):
            row = rows[place]
            if volume[row] < best and _inside(
                px, py, float(points[index, 2]), center[row], half[row], matrices[row]
            ):
                best = volume[row]
                owner[index] = row
    return owner


def usable_boxes(center: Array, size: Array) -> npt.NDArray[np.int64]:
    """Rows whose numbers a grid can be laid over; the others hold no point."""
    numbers = np.concatenate([center, size], axis=1)
    sound = (np.abs(numbers) < FARTHEST_M).all(axis=1) & (size >= 0).all(axis=1)
    return np.flatnonzero(sound)


def prepared_boxes(center: Array, size: Array, matrices: Array) -> tuple[Any, ...]:
    """Return (centre, half size, matrices) and the grid over the boxes, as kernels want them."""
    half_extent = (np.abs(matrices) @ (size / 2)[:, :, None])[:, :, 0]
    # A hair of margin: the grid may hold a box once too often, never once too few.
    reach = half_extent * (1 + 1e-9) + 1e-9 + 1e-12 * np.abs(center)
    grid: tuple[Any, ...] = _bin_boxes(center, reach)
    return (center, size / 2, matrices), grid


def as_points(points: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return points in a type that the kernels are compiled for."""
    if points.dtype not in (np.float32, np.float64):
        points = points.astype(np.float64)
    return frozen(np.ascontiguousarray(points))


def count_inside(
    points: npt.NDArray[np.floating[Any]], center: Array, size: Array, matrices: Array
) -> npt.NDArray[np.int64]:
    """(N,) how many of the (M, 3) points lie in each of N boxes, faces included."""
    counts = np.zeros(len(center), np.int64)
    rows = usable_boxes(center, size)
    if len(rows) == 0 or len(points) == 0:
        return counts
    boxes, grid = prepared_boxes(center[rows], size[rows], matrices[rows])
    counts[rows] = _count(as_points(points), *boxes, *grid)
    return counts


def smallest_containing(
    points: npt.NDArray[np.floating[Any]], center: Array, size: Array, matrices: Array
) -> npt.NDArray[np.int32]:
    """(M,) row of the smallest of N boxes that holds each of the (M, 3) points, -1 for none."""
    rows = usable_boxes(center, size)
    if len(rows) == 0 or len(points) == 0:
        return np.full(len(points), -1, np.int32)
    boxes, grid = prepared_boxes(center[rows], size[rows], matrices[rows])
    volume = size[rows].prod(axis=1)
    owner: npt.NDArray[np.int32] = _smallest(*(as_points(points), *boxes, volume, *grid))
    return np.where(owner >= 0, rows[owner], -1).astype(np.int32)
