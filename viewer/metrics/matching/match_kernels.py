"""Compiled matching: who gets whom, and how often which class is taken for which."""

import numpy as np

from viewer.geometry import lazy_numba as nb


@nb.njit(cache=True, nogil=True)
def match_by_score(labels, predictions, closeness, least, label_count, prediction_count):  # type: ignore[no-untyped-def]
    """(M,) label of each prediction or -1.

    Pairs come prediction after prediction, the surest of a frame first, and of one prediction the
    closest first. Each takes the closest label that is still free.
    """
    found = np.full(prediction_count, -1, dtype=np.int64)
    taken = np.zeros(label_count, dtype=np.bool_)
    for k in range(len(labels)):
        if closeness[k] < least or found[predictions[k]] >= 0 or taken[labels[k]]:
            continue
        found[predictions[k]] = labels[k]
        taken[labels[k]] = True
    return found


@nb.njit(cache=True, nogil=True)
def match_by_closeness(labels, predictions, closeness, least, scores, sure, label_count):  # type: ignore[no-untyped-def]
    """(M,) label of each prediction or -1; pairs come the closest of a frame first.

    Predictions below the score take part in nothing.
    """
    found = np.full(len(scores), -1, dtype=np.int64)
    taken = np.zeros(label_count, dtype=np.bool_)
    for k in range(len(labels)):
        j = predictions[k]
        if closeness[k] < least or scores[j] < sure or found[j] >= 0 or taken[labels[k]]:
            continue
        found[j] = labels[k]
        taken[labels[k]] = True
    return found


@nb.njit(cache=True, nogil=True)
def count_cells(label_of, label_classes, classes, scores, sure, excuses, least, cells, taken):  # type: ignore[no-untyped-def]
    """Add every pair, false positive and miss to cells of (K + 1, K + 1), labels down.

    Label classes below 0 count for nothing, prediction classes below 0 take part in nothing.
    `taken` (N,) is False throughout and is left True for labels that a sure prediction has.
    """
    background = cells.shape[0] - 1
    for j in range(len(label_of)):
        if classes[j] < 0 or scores[j] < sure:
            continue
        i = label_of[j]
        if i >= 0:
            taken[i] = True
            cells[label_classes[i], classes[j]] += 1
        elif excuses[j] < least:
            cells[background, classes[j]] += 1
    for i in range(len(taken)):
        if label_classes[i] >= 0 and not taken[i]:
            cells[label_classes[i], background] += 1
