"""Compiled matching of predictions to the nearest label, the surest first."""

import numpy as np

from viewer.geometry import lazy_numba as nb


@nb.njit(cache=True, nogil=True, error_model="numpy")
def match_nearest(order, label_offsets, label_places, frames, places, limit):  # type: ignore[no-untyped-def]
    """(M,) label of each prediction, -1 for none.

    Predictions take, one after the other, the nearest label of their frame that is left, if it is
    nearer than the limit; of equally near ones the first.

    Parameters
    ----------
    order
        (M,) rows of predictions as their turn comes.
    label_offsets
        (F + 1,) rows of each frame's labels.
    label_places, places
        (L, D), (M, D).
    frames
        (M,) of the predictions.
    """
    matched = np.full(len(order), -1, np.int64)
    taken = np.zeros(len(label_places), np.bool_)
    for turn in range(len(order)):
        row = order[turn]
        best, nearest = -1, np.inf
        for i in range(label_offsets[frames[row]], label_offsets[frames[row] + 1]):
            if taken[i]:
                continue
            squared = 0.0
            for axis in range(label_places.shape[1]):
                squared += (places[row, axis] - label_places[i, axis]) ** 2
            distance = np.sqrt(squared)
            if distance < nearest:
                best, nearest = i, distance
        if nearest < limit:
            taken[best] = True
            matched[row] = best
    return matched
