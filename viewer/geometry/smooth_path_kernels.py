"""Compiled fit of a robust parabola at each place of a path."""

import numpy as np

from viewer.geometry import lazy_numba as nb


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _solve(normal, right):  # type: ignore[no-untyped-def]
    """Solve the symmetric (3, 3) system for (3, 3) right sides in place, by elimination."""
    for pivot in range(3):
        for row in range(pivot + 1, 3):
            factor = normal[row, pivot] / normal[pivot, pivot]
            for column in range(pivot, 3):
                normal[row, column] -= factor * normal[pivot, column]
            for axis in range(3):
                right[row, axis] -= factor * right[pivot, axis]
    for row in range(2, -1, -1):
        for axis in range(3):
            value = right[row, axis]
            for column in range(row + 1, 3):
                value -= normal[row, column] * right[column, axis]
            right[row, axis] = value / normal[row, row]


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _weighted_sums(t, points, weights, straight, normal, right):  # type: ignore[no-untyped-def]
    """Fill the normal equations of (1, t, t²), with a last row that speaks against t²."""
    normal[:] = 0.0
    right[:] = 0.0
    power = np.empty(3)
    for row in range(len(t)):
        power[0], power[1], power[2] = 1.0, t[row], t[row] * t[row]
        for one in range(3):
            scaled = weights[row] * power[one]
            for other in range(3):
                normal[one, other] += scaled * power[other]
            for axis in range(3):
                right[one, axis] += scaled * points[row, axis]
    normal[2, 2] += straight


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _parabola(t, points, straight, steps, near_m):  # type: ignore[no-untyped-def]
    """Return (3, 3) coefficients of 1, t and t² with the least sum of distances."""
    normal, found = np.empty((3, 3)), np.empty((3, 3))
    prior = np.exp(-0.5 * (t / 0.7) ** 2)
    weights, bend = prior.copy(), straight
    for _ in range(steps):
        _weighted_sums(t, points, weights, bend, normal, found)
        _solve(normal, found)
        for row in range(len(t)):
            square = 0.0
            for axis in range(3):
                fitted = found[0, axis] + t[row] * (found[1, axis] + t[row] * found[2, axis])
                square += (points[row, axis] - fitted) ** 2
            weights[row] = prior[row] / max(np.sqrt(square), near_m)
        size = np.sqrt(found[2, 0] ** 2 + found[2, 1] ** 2 + found[2, 2] ** 2)
        bend = straight / max(size, near_m)
    return found


@nb.njit(cache=True, nogil=True, error_model="numpy")
def fit_places(times_s, points_m, reach, straight, steps, near_m, still_m, still_share):  # type: ignore[no-untyped-def]
    """Return (T, 3) places and velocities; see `smooth_path.smooth_path`."""
    count = len(times_s)
    places, velocities = np.empty((count, 3)), np.empty((count, 3))
    for place in range(count):
        # Near an end, as many points speak as in the middle: few wrong ones outvote fewer there.
        low = max(0, min(place - reach, count - 2 * reach - 1))
        high = min(count, low + 2 * reach + 1)
        near = np.concatenate((np.arange(low, place), np.arange(place + 1, high)))
        t = times_s[near] - times_s[place]
        reach_s = np.abs(t).max()
        points = points_m[near]
        middle = np.array([np.median(points[:, axis]) for axis in range(3)])
        standing = 0
        for row in range(len(near)):
            standing += np.sqrt(((points[row] - middle) ** 2).sum()) <= still_m
        if standing / len(near) >= still_share:
            places[place], velocities[place] = middle, 0.0
            continue
        found = _parabola(t / reach_s, points, straight, steps, near_m)
        places[place], velocities[place] = found[0], found[1] / reach_s
    return places, velocities
