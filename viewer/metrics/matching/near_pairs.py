"""Pairs of objects that can be alike at all, without looking at every pair of a frame."""

import numpy as np

from viewer.metrics.matching.near_kernels import count_near, fill_near
from viewer.metrics.objects import Floats, Ints


def near_pairs(
    units_a: Ints, points_a: Floats, radii_a: Floats, units_b: Ints, points_b: Floats,
    radii_b: Floats,
) -> tuple[Ints, Ints]:  # fmt: skip
    """Return rows of a and b of one unit whose balls meet: ascending by a, then by b.

    Parameters
    ----------
    units_a, units_b
        (N,), (M,) frame, or image, of each object; from 0.
    points_a, points_b
        (N, D), (M, D) places, D 2 or 3; an object whose place is NaN is near nothing.
    radii_a, radii_b
        (N,), (M,) half extents.
    """
    if not len(units_a) or not len(units_b):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    order = np.lexsort((points_b[:, 0], units_b))
    units = units_b[order]
    starts = np.searchsorted(units, units_a)
    ends = np.searchsorted(units, units_a, side="right")
    widest = _widest(units, radii_b[order])
    where = (
        np.ascontiguousarray(points_a, np.float64), np.asarray(radii_a, np.float64),
        np.ascontiguousarray(points_b[order], np.float64), np.asarray(radii_b[order], np.float64),
        starts, ends, widest,
    )  # fmt: skip
    counts = count_near(*where)
    offsets = np.concatenate([[0], np.cumsum(counts)])
    rows, columns = np.empty(offsets[-1], np.int64), np.empty(offsets[-1], np.int64)
    fill_near(*where, order, offsets, rows, columns)
    return rows, columns


def _widest(units: Ints, radii: Floats) -> Floats:
    """(M,) largest radius of each row's unit; units ascend."""
    firsts = np.flatnonzero(np.concatenate([[True], units[1:] != units[:-1]]))
    known = np.nan_to_num(radii, nan=0.0)
    largest = np.maximum.reduceat(known, firsts)
    return np.repeat(largest, np.diff([*firsts.tolist(), len(units)]))
