"""Areas of rings on an image, and what two sets of rings share. Exact, for any rings.

A place is inside where a ray from it crosses the rings an odd number of times, so that holes are
rings like any other.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
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
    middles, heights = (levels[1:] + levels[:-1]) / 2, np.diff(levels)
    totals = np.zeros(3)
    for part in np.array_split(np.arange(len(middles)), 1 + len(middles) * len(both) // _AT_ONCE):
        totals += heights[part] @ _widths(both, is_first, middles[part])
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
    start, along = edges[:, :2], edges[:, 2:] - edges[:, :2]
    found = [np.empty(0)]
    for rows in np.array_split(np.arange(len(edges)), 1 + len(edges) ** 2 // _AT_ONCE):
        offset = start[None, :] - start[rows, None]
        turn = _cross(along[rows, None], along[None, :])
        with np.errstate(divide="ignore", invalid="ignore"):
            own = _cross(offset, along[None, :]) / turn
            other = _cross(offset, along[rows, None]) / turn
            meets = (own > 0) & (own < 1) & (other > 0) & (other < 1)
        places, _ = np.nonzero(meets)
        found.append(start[rows[places], 1] + own[meets] * along[rows[places], 1])
    return np.concatenate(found)


def _cross(a: Floats, b: Floats) -> Floats:
    found: Floats = a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
    return found


def _widths(
    edges: Floats, is_first: npt.NDArray[np.bool_], levels: Floats
) -> npt.NDArray[np.float64]:
    """(S, 3) how wide the first rings, the second and both are at levels between crossings."""
    x0, y0, x1, y1 = edges.T
    y = levels[:, None]
    reaches = (y > np.minimum(y0, y1)) & (y < np.maximum(y0, y1))
    x = np.where(reaches, x0 + (y - y0) * ((x1 - x0) / (y1 - y0)), np.inf)
    order = np.argsort(x, axis=1, kind="stable")
    x = np.take_along_axis(x, order, axis=1)
    counts = np.isfinite(x)
    mine = is_first[order] & counts
    inside = np.cumsum(mine, axis=1) % 2 == 1
    other = np.cumsum(counts & ~mine, axis=1) % 2 == 1
    steps = np.diff(np.where(counts, x, 0.0), axis=1, append=0.0)
    steps = np.where(inside | other, steps, 0.0)
    return np.stack(
        [(steps * each).sum(axis=1) for each in (inside, other, inside & other)], axis=1
    )
