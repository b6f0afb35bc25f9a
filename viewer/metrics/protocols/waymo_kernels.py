"""Compiled matching of Waymo's protocol: the greatest sum of overlaps at every score cutoff."""

import numpy as np

from viewer.geometry import lazy_numba as nb
from viewer.metrics.protocols.assignment_kernels import assign


@nb.njit(cache=True, nogil=True, error_model="numpy")
def count_matches(  # type: ignore[no-untyped-def]
    offsets,
    labels,
    predictions,
    weights,
    accuracies,
    shards,
    is_easy,
    reached,
    label_count,
    prediction_count,
    shard_count,
    cutoff_count,
):
    """(S, C, 3) matches, those of easy labels, and their summed accuracy of heading.

    Pairs of group g, which share no label or prediction with other groups, are `offsets[g]` to
    `offsets[g + 1]`; a prediction takes part at the cutoffs before `reached`. As the matching only
    changes where a prediction drops out, it is solved once between two such cutoffs.
    """
    counts = np.zeros((shard_count, cutoff_count, 3))
    row_of = np.full(label_count, -1)
    column_of = np.full(prediction_count, -1)
    for group in range(len(offsets) - 1):
        first, last = offsets[group], offsets[group + 1]
        rows = np.empty(last - first, np.int64)
        columns = np.empty(last - first, np.int64)
        row_count = column_count = 0
        for k in range(first, last):
            if row_of[labels[k]] < 0:
                row_of[labels[k]] = row_count
                rows[row_count] = labels[k]
                row_count += 1
            if column_of[predictions[k]] < 0:
                column_of[predictions[k]] = column_count
                columns[column_count] = predictions[k]
                column_count += 1
        levels = np.empty(column_count + 1, np.int64)
        levels[0] = 0
        for j in range(column_count):
            levels[j + 1] = reached[columns[j]]
        levels = np.unique(levels)
        wide = max(row_count, column_count)
        buffers, marks = np.empty((3, wide)), np.empty((5, wide), np.int64)
        taken = np.empty(wide, np.int64)
        pair = np.empty((row_count, column_count), np.int64)
        for at in range(1, len(levels)):
            cost = np.zeros((row_count, column_count))
            pair[:] = -1
            for k in range(first, last):
                if reached[predictions[k]] >= levels[at]:
                    i, j = row_of[labels[k]], column_of[predictions[k]]
                    cost[i, j] = -weights[k]
                    pair[i, j] = k
            assign(cost, taken, buffers, marks)
            for i in range(row_count):
                if taken[i] < 0 or pair[i, taken[i]] < 0:
                    continue
                k = pair[i, taken[i]]
                for cutoff in range(levels[at - 1], levels[at]):
                    counts[shards[k], cutoff, 0] += 1
                    counts[shards[k], cutoff, 1] += is_easy[labels[k]]
                    counts[shards[k], cutoff, 2] += accuracies[k]
        for i in range(row_count):
            row_of[rows[i]] = -1
        for j in range(column_count):
            column_of[columns[j]] = -1
    return counts
