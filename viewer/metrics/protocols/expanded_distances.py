"""Distances by the expanded square of a difference, as scikit-learn has them.

|a|^2 + |b|^2 - 2 ab leaves 1e-8 to 1e-5 m where two places coincide, more the further they are
from the origin, and decides between matches that are equally good. A protocol whose reference
counts with it can only be equal to the last digits by doing the same, on whole frames.
"""

from typing import Final

import numpy as np

from viewer.metrics.objects import Floats, Ints
from viewer.metrics.protocols.similarity import FramePairs

MOST_CELLS: Final = 2_000_000
"""So many distances are held at once."""


def expanded_distances(
    places: Floats, offsets: Ints, others: Floats, other_offsets: Ints, pairs: FramePairs
) -> Floats:
    """(P,) distances of pairs; frames of as many places on both sides are counted together.

    Parameters
    ----------
    places, others
        (N, D), (M, D).
    offsets, other_offsets
        (F + 1,) rows of each frame.
    """
    heights, widths, counts = np.diff(offsets), np.diff(other_offsets), np.diff(pairs.offsets)
    busy = np.flatnonzero(counts)
    shapes = heights[busy] * (widths.max(initial=0) + 1) + widths[busy]
    squares = np.empty(len(pairs.labels))
    for shape in np.unique(shapes):
        alike = busy[shapes == shape]
        high, wide = int(heights[alike[0]]), int(widths[alike[0]])
        most = max(1, MOST_CELLS // (high * wide))
        for frames in np.split(alike, np.arange(most, len(alike), most)):
            a = places[offsets[frames][:, None] + np.arange(high)]
            b = others[other_offsets[frames][:, None] + np.arange(wide)]
            found = -2 * (a @ b.transpose(0, 2, 1))
            found += _squared_norms(a)[:, :, None]
            found += _squared_norms(b)[:, None, :]
            place = np.repeat(np.arange(len(frames)), counts[frames])
            ends = np.cumsum(counts[frames])
            own = np.arange(len(place)) + (pairs.offsets[frames] - ends + counts[frames])[place]
            rows = pairs.labels[own] - offsets[frames][place]
            columns = pairs.predictions[own] - other_offsets[frames][place]
            squares[own] = found[place, rows, columns]
    distances: Floats = np.sqrt(np.maximum(squares, 0.0))
    return distances


def _squared_norms(places: Floats) -> Floats:
    """(K, N) of (K, N, D)."""
    flat = places.reshape(-1, places.shape[2])
    norms: Floats = np.einsum("ij,ij->i", flat, flat).reshape(places.shape[:2])
    return norms
