"""Compiled search for the pairs of a frame that come near each other, in any dimension."""

import numpy as np

from viewer.geometry import lazy_numba as nb


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _is_near(a, reach_a, b, reach_b):  # type: ignore[no-untyped-def]
    squared = 0.0
    for axis in range(len(a)):
        squared += (a[axis] - b[axis]) ** 2
    reach = reach_a + reach_b
    return squared <= reach * reach


@nb.njit(cache=True, nogil=True, error_model="numpy")
def neighbours(label_offsets, prediction_offsets, label_places, label_reach, places, reach):  # type: ignore[no-untyped-def]
    """Pairs of a frame whose spheres meet; NaN is near nothing.

    Parameters
    ----------
    label_offsets, prediction_offsets
        (F + 1,) rows of each frame.
    label_places, places
        (L, D) and (M, D).
    label_reach, reach
        (L,) and (M,) radii.

    Returns
    -------
    labels, predictions : (P,) rows, ascending by label
    pair_offsets : (F + 1,)
    """
    frame_count = len(label_offsets) - 1
    pair_offsets = np.zeros(frame_count + 1, np.int64)
    for f in range(frame_count):
        count = 0
        for i in range(label_offsets[f], label_offsets[f + 1]):
            for j in range(prediction_offsets[f], prediction_offsets[f + 1]):
                if _is_near(label_places[i], label_reach[i], places[j], reach[j]):
                    count += 1
        pair_offsets[f + 1] = pair_offsets[f] + count
    labels = np.empty(pair_offsets[-1], np.int64)
    predictions = np.empty(pair_offsets[-1], np.int64)
    at = 0
    for f in range(frame_count):
        for i in range(label_offsets[f], label_offsets[f + 1]):
            for j in range(prediction_offsets[f], prediction_offsets[f + 1]):
                if _is_near(label_places[i], label_reach[i], places[j], reach[j]):
                    labels[at] = i
                    predictions[at] = j
                    at += 1
    return labels, predictions, pair_offsets
