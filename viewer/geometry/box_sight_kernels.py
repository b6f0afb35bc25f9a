"""Compiled pass over rays, sorted by azimuth, and the boxes in their way."""

from typing import Final

import numpy as np

from viewer.geometry import lazy_numba as nb

SECTORS: Final = 1024
_TURN: Final = 2.0 * np.pi


@nb.njit(cache=True, nogil=True, error_model="numpy")
def sort_rays(points, origin):  # type: ignore[no-untyped-def]
    """Return the points from the origin, sector of azimuth after sector, and each one's start."""
    sectors = np.empty(len(points), np.int32)
    starts = np.zeros(SECTORS + 1, np.int64)
    for row in range(len(points)):
        x = float(points[row, 0]) - origin[0]
        y = float(points[row, 1]) - origin[1]
        sector = int((np.arctan2(y, x) + np.pi) / _TURN * SECTORS)
        sectors[row] = min(max(sector, 0), SECTORS - 1)
        starts[sectors[row] + 1] += 1
    starts = np.cumsum(starts)
    fill = starts[:-1].copy()
    rays = np.empty((len(points), 3))
    for row in range(len(points)):
        place = fill[sectors[row]]
        fill[sectors[row]] += 1
        for axis in range(3):
            rays[place, axis] = float(points[row, axis]) - origin[axis]
    return rays, starts


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _enters(ray, start, half, matrix):  # type: ignore[no-untyped-def]
    """Share of the ray at which it enters and leaves a box; leaves < enters where it misses."""
    enters = 0.0
    leaves = np.inf
    for axis in range(3):
        step = ray[0] * matrix[0, axis] + ray[1] * matrix[1, axis] + ray[2] * matrix[2, axis]
        if abs(step) < 1e-12:
            if abs(start[axis]) > half[axis]:
                return 1.0, 0.0
            continue
        first = (-half[axis] - start[axis]) / step
        second = (half[axis] - start[axis]) / step
        enters = max(enters, min(first, second))
        leaves = min(leaves, max(first, second))
    return enters, leaves


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _sectors_of(center, half, matrix):  # type: ignore[no-untyped-def]
    """First sector and how many the box spans, seen from the origin; all where it is over it."""
    reach = np.zeros(2)
    for axis in range(2):
        for own in range(3):
            reach[axis] += abs(matrix[axis, own]) * half[own]
    radius = np.sqrt(reach[0] * reach[0] + reach[1] * reach[1])
    distance = np.sqrt(center[0] * center[0] + center[1] * center[1])
    if distance <= radius * 1.001:
        return 0, SECTORS
    middle = np.arctan2(center[1], center[0]) + np.pi
    spread = np.arcsin(radius / distance)
    first = int(np.floor((middle - spread) / _TURN * SECTORS)) - 1
    last = int(np.floor((middle + spread) / _TURN * SECTORS)) + 1
    return first, min(last - first + 1, SECTORS)


@nb.njit(cache=True, nogil=True, error_model="numpy")
def trace(rays, starts, center, half, matrices):  # type: ignore[no-untyped-def]
    """(passed, blocked, ended) of every box; its centre is from the origin."""
    count = len(center)
    passed = np.zeros(count, np.int64)
    blocked = np.zeros(count, np.int64)
    ended = np.zeros(count, np.int64)
    start = np.empty(3)
    for row in range(count):
        for axis in range(3):
            start[axis] = 0.0
            for other in range(3):
                start[axis] -= center[row, other] * matrices[row, other, axis]
        first, span = _sectors_of(center[row], half[row], matrices[row])
        for step in range(span):
            sector = (first + step) % SECTORS
            for ray in range(starts[sector], starts[sector + 1]):
                enters, leaves = _enters(rays[ray], start, half[row], matrices[row])
                if leaves < enters:
                    continue
                if enters > 1.0:
                    blocked[row] += 1
                elif leaves < 1.0:
                    passed[row] += 1
                else:
                    ended[row] += 1
    return passed, blocked, ended
