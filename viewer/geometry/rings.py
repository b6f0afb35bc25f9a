"""Areas of rings on an image, and what two sets of rings share. Exact, for any rings.

A place is inside where a ray from it crosses the rings an odd number of times, so that holes are
rings like any other.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
_AT_ONCE = 2_000_000
"""Pairs that are laid beside each other at a time, which bounds memory."""


def ring_overlap(first: Sequence[Floats], second: Sequence[Floats]) -> tuple[float, float, float]:
    """Return the areas of the first rings, of the second, and of what lies in both.

    Parameters
    ----------
    first, second
        (V, 2) vertices of each ring, the first not repeated.

    Examples
    --------
    >>> square = np.array([[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0]])
    >>> ring_overlap([square], [square + [1.0, 1.0]])
    (4.0, 4.0, 1.0)
    """
    edges = [_edges(rings) for rings in (first, second)]
    both = np.concatenate(edges)
    is_first = np.arange(len(both)) < len(edges[0])
    # A level edge bounds nothing that its neighbours do not.
    slanted = both[:, 1] != both[:, 3]
    both, is_first = both[slanted], is_first[slanted]
    if not len(both):
        return 0.0, 0.0, 0.0
    levels = np.unique(np.concatenate([both[:, 1], both[:, 3], _crossing_levels(both)]))
    first_slab, last_slab = (
        np.searchsorted(levels, end) for end in (both[:, (1, 3)].min(1), both[:, (1, 3)].max(1))
    )
    begun, ended = (np.bincount(each, minlength=len(levels)) for each in (first_slab, last_slab))
    totals = np.zeros(3)
    for start, end in _blocks(np.cumsum(begun - ended)):
        spans = np.clip(first_slab, start, end), np.clip(last_slab, start, end)
        totals += _areas(both, is_first, levels, spans)
    area, other, shared = totals.tolist()
    return area, other, shared


def ring_iou(first: Sequence[Floats], second: Sequence[Floats]) -> float:
    """Return the overlap of two sets of rings, 0 to 1; NaN where neither has an area."""
    area, other, shared = ring_overlap(first, second)
    whole = area + other - shared
    return shared / whole if whole > 0 else float("nan")


def _edges(rings: Sequence[Floats]) -> Floats:
    """(E, 4) x and y of both ends."""
    parts = [np.hstack([ring, np.roll(ring, -1, axis=0)]) for ring in rings if len(ring) > 2]
    return np.concatenate(parts) if parts else np.empty((0, 4))


def _crossing_levels(edges: Floats) -> Floats:
    """Heights at which edges cross each other."""
    low, high = edges[:, (1, 3)].min(axis=1), edges[:, (1, 3)].max(axis=1)
    order = np.argsort(low, kind="stable")
    edges, low, high = edges[order], low[order], high[order]
    # Of those that begin not below an edge's end, each meets it in height.
    ends = np.searchsorted(low, high, side="left")
    counts = np.maximum(ends - np.arange(len(edges)) - 1, 0)
    found = [np.empty(0)]
    for first, last in _blocks(counts):
        own, step = _expanded(counts[first:last])
        own += first
        found.append(_crossings(edges[own], edges[own + 1 + step]))
    return np.concatenate(found)


def _crossings(first: Floats, second: Floats) -> Floats:
    """Heights at which pairs of edges cross."""
    left, right = (
        np.stack([each[:, (0, 2)].min(axis=1), each[:, (0, 2)].max(axis=1)])
        for each in (first, second)
    )
    meets = (left[0] < right[1]) & (right[0] < left[1])
    first, second = first[meets], second[meets]
    along, other = first[:, 2:] - first[:, :2], second[:, 2:] - second[:, :2]
    offset = second[:, :2] - first[:, :2]
    turn = _cross(along, other)
    with np.errstate(divide="ignore", invalid="ignore"):
        own, theirs = _cross(offset, other) / turn, _cross(offset, along) / turn
        crosses = (own > 0) & (own < 1) & (theirs > 0) & (theirs < 1)
    found: Floats = first[crosses, 1] + own[crosses] * along[crosses, 1]
    return found


def _cross(a: Floats, b: Floats) -> Floats:
    found: Floats = a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
    return found


def _areas(
    edges: Floats, is_first: npt.NDArray[np.bool_], levels: Floats, spans: tuple[Rows, Rows]
) -> Floats:
    """(3,) areas of the first rings, of the second and of both in the slabs of each edge's span.

    Between two levels no edge begins, ends or crosses another.
    """
    edge, step = _expanded(spans[1] - spans[0])
    slab = spans[0][edge] + step
    x0, y0, x1, y1 = edges[edge].T
    middle = (levels[slab] + levels[slab + 1]) / 2
    x = x0 + (middle - y0) * ((x1 - x0) / (y1 - y0))
    order = np.lexsort((x, slab))
    x, slab, mine = x[order], slab[order], is_first[edge[order]]
    # Rings are closed, so each slab begins outside of both.
    inside, other = np.cumsum(mine) % 2 == 1, np.cumsum(~mine) % 2 == 1
    steps = np.diff(x, append=0.0) * (levels[slab + 1] - levels[slab])
    return np.array([steps[each].sum() for each in (inside, other, inside & other)])


def _expanded(counts: Rows) -> tuple[Rows, Rows]:
    """Each row as often as it counts, and which time it is, from 0."""
    rows = np.repeat(np.arange(len(counts)), counts)
    return rows, np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)


def _blocks(counts: npt.NDArray[Any]) -> Iterator[tuple[int, int]]:
    """Ranges of rows that together count up to about `_AT_ONCE`."""
    block = (np.cumsum(counts) // _AT_ONCE).astype(np.int64)
    cuts = [0, *(np.flatnonzero(np.diff(block)) + 1).tolist(), len(counts)]
    return pairwise(cuts)
