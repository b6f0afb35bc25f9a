"""Compiled search for what lies near: rows of b are sorted by unit, then by x."""

import numpy as np

from viewer.geometry import lazy_numba as nb


@nb.njit(cache=True, nogil=True)
def _first_from(points_b, start, end, least):  # type: ignore[no-untyped-def]
    """First row whose x is not below the least; NaN stands last and is never below."""
    low, high = start, end
    while low < high:
        middle = (low + high) // 2
        if points_b[middle, 0] < least:
            low = middle + 1
        else:
            high = middle
    return low


@nb.njit(cache=True, nogil=True)
def _is_near(a, reach_a, b, reach_b):  # type: ignore[no-untyped-def]
    total = 0.0
    for k in range(len(a)):
        total += (a[k] - b[k]) * (a[k] - b[k])
    return total <= (reach_a + reach_b) * (reach_a + reach_b)


@nb.njit(cache=True, nogil=True)
def count_near(points_a, radii_a, points_b, radii_b, starts, ends, widest):  # type: ignore[no-untyped-def]
    """(N,) how many rows of b are near each row of a."""
    counts = np.zeros(len(points_a), dtype=np.int64)
    for i in range(len(points_a)):
        if starts[i] == ends[i] or np.isnan(points_a[i, 0]):
            continue
        reach = radii_a[i] + widest[starts[i]]
        last = points_a[i, 0] + reach
        for j in range(_first_from(points_b, starts[i], ends[i], points_a[i, 0] - reach), ends[i]):
            if not points_b[j, 0] <= last:
                break
            if _is_near(points_a[i], radii_a[i], points_b[j], radii_b[j]):
                counts[i] += 1
    return counts


@nb.njit(cache=True, nogil=True)
def fill_near(  # type: ignore[no-untyped-def]
    points_a, radii_a, points_b, radii_b, starts, ends, widest, order, offsets, rows, columns
):
    """Fill the rows of every near pair, those of b in ascending order."""
    for i in range(len(points_a)):
        at = offsets[i]
        if at == offsets[i + 1]:
            continue
        reach = radii_a[i] + widest[starts[i]]
        last = points_a[i, 0] + reach
        for j in range(_first_from(points_b, starts[i], ends[i], points_a[i, 0] - reach), ends[i]):
            if not points_b[j, 0] <= last:
                break
            if _is_near(points_a[i], radii_a[i], points_b[j], radii_b[j]):
                rows[at] = i
                columns[at] = order[j]
                at += 1
        columns[offsets[i] : at].sort()
