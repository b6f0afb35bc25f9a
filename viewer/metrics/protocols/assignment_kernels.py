"""Compiled assignment of labels to predictions, frame after frame.

Every kernel is given candidate pairs only: (P,) rows of labels and of predictions, ascending by
label, with the pairs of frame f at `pair_offsets[f]` to `pair_offsets[f + 1]`. Pairs that are not
among them have no similarity.
"""

import numpy as np

from viewer.geometry import lazy_numba as nb


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _find_path(cost, start, buffers, marks):  # type: ignore[no-untyped-def]
    """Shortest path from a row to a column that is free; (that column, its length)."""
    row_price, column_price, shortest = buffers[0], buffers[1], buffers[2]
    came_from, row_of_column, left = marks[0], marks[1], marks[2]
    row_seen, column_seen = marks[3], marks[4]
    row_count, left_count = cost.shape
    for j in range(left_count):
        left[j] = left_count - 1 - j
        column_seen[j] = 0
        shortest[j] = np.inf
        came_from[j] = -1
    row_seen[:row_count] = 0
    length, row, end = 0.0, start, -1
    while end < 0:
        row_seen[row] = 1
        best_place, best = -1, np.inf
        for place in range(left_count):
            j = left[place]
            there = length + cost[row, j] - row_price[row] - column_price[j]
            if there < shortest[j]:
                came_from[j] = row
                shortest[j] = there
            if shortest[j] < best or (shortest[j] == best and row_of_column[j] < 0):
                best = shortest[j]
                best_place = place
        length = best
        j = left[best_place]
        if row_of_column[j] < 0:
            end = j
        else:
            row = row_of_column[j]
        column_seen[j] = 1
        left_count -= 1
        left[best_place] = left[left_count]
    return end, length


@nb.njit(cache=True, nogil=True, error_model="numpy")
def solve_assignment(cost, column_of_row, buffers, marks):  # type: ignore[no-untyped-def]
    """Assign each of n rows to one of m >= n columns at the least total cost.

    Shortest augmenting paths (Crouse 2016). Of equals it takes what `scipy.optimize` takes: the
    column that is free, and of those the one that is found first when looking from the last.

    Parameters
    ----------
    cost
        (n, m) finite.
    column_of_row
        (n,) or longer; receives the columns.
    buffers
        (3, m) or wider, floats.
    marks
        (5, m) or wider, integers.
    """
    row_count, column_count = cost.shape
    row_price, column_price, shortest = buffers[0], buffers[1], buffers[2]
    came_from, row_of_column, row_seen, column_seen = marks[0], marks[1], marks[3], marks[4]
    row_price[:row_count] = 0.0
    column_price[:column_count] = 0.0
    column_of_row[:row_count] = -1
    row_of_column[:column_count] = -1
    for start in range(row_count):
        j, length = _find_path(cost, start, buffers, marks)
        row_price[start] += length
        for i in range(row_count):
            if row_seen[i] and i != start:
                row_price[i] += length - shortest[column_of_row[i]]
        for k in range(column_count):
            if column_seen[k]:
                column_price[k] -= length - shortest[k]
        i = -1
        while i != start:
            i = came_from[j]
            row_of_column[j] = i
            column_of_row[i], j = j, column_of_row[i]


@nb.njit(cache=True, nogil=True, error_model="numpy")
def assign(cost, column_of_row, buffers, marks):  # type: ignore[no-untyped-def]
    """As `solve_assignment`, for any shape; rows without a column get -1."""
    row_count, column_count = cost.shape
    if row_count <= column_count:
        solve_assignment(cost, column_of_row, buffers, marks)
        return
    row_of_column = np.empty(column_count, np.int64)
    solve_assignment(np.ascontiguousarray(cost.T), row_of_column, buffers, marks)
    column_of_row[:row_count] = -1
    for j in range(column_count):
        column_of_row[row_of_column[j]] = j


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _widest(offsets):  # type: ignore[no-untyped-def]
    widest = 1
    for f in range(len(offsets) - 1):
        widest = max(widest, offsets[f + 1] - offsets[f])
    return widest


@nb.njit(cache=True, nogil=True, error_model="numpy")
def match_by_weight(label_offsets, prediction_offsets, pair_offsets, labels, predictions, weights):  # type: ignore[no-untyped-def]
    """(L,) prediction of each label, -1 for none: in each frame the greatest sum of weights.

    Only pairs with a weight above 0 are kept.
    """
    most = max(_widest(label_offsets), _widest(prediction_offsets))
    buffers, marks = np.empty((3, most)), np.empty((5, most), np.int64)
    columns = np.empty(most, np.int64)
    matched = np.full(label_offsets[-1], -1, np.int64)
    for f in range(len(label_offsets) - 1):
        first, last = pair_offsets[f], pair_offsets[f + 1]
        if first == last:
            continue
        top, left = label_offsets[f], prediction_offsets[f]
        cost = np.zeros((label_offsets[f + 1] - top, prediction_offsets[f + 1] - left))
        for k in range(first, last):
            cost[labels[k] - top, predictions[k] - left] = -weights[k]
        assign(cost, columns, buffers, marks)
        for i in range(len(cost)):
            if columns[i] >= 0 and cost[i, columns[i]] < 0.0:
                matched[top + i] = left + columns[i]
    return matched


@nb.njit(cache=True, nogil=True, error_model="numpy")
def match_keeping_tracks(  # type: ignore[no-untyped-def]
    label_offsets,
    prediction_offsets,
    pair_offsets,
    labels,
    predictions,
    similarities,
    threshold,
    label_tracks,
    prediction_tracks,
    track_count,
):
    """CLEAR: who was matched in the frame before stays matched, then the greatest similarity.

    Returns
    -------
    matched : (L,) prediction of each label, -1 for none
    is_switch : (L,) whether its track was last matched with another
    resumed : (track_count,) how often a track was taken up
    """
    most = max(_widest(label_offsets), _widest(prediction_offsets))
    buffers, marks = np.empty((3, most)), np.empty((5, most), np.int64)
    columns = np.empty(most, np.int64)
    matched = np.full(label_offsets[-1], -1, np.int64)
    is_switch = np.zeros(label_offsets[-1], np.bool_)
    resumed = np.zeros(track_count, np.int64)
    last_ever = np.full(track_count, -1, np.int64)
    frame_before = np.full(track_count, -1, np.int64)
    held = np.empty(most, np.int64)
    held_count = 0
    lowest = threshold - 2.220446049250313e-16
    for f in range(len(label_offsets) - 1):
        top, left = label_offsets[f], prediction_offsets[f]
        rows, wide = label_offsets[f + 1] - top, prediction_offsets[f + 1] - left
        if rows == 0 or wide == 0:
            continue
        cost = np.zeros((rows, wide))
        for k in range(pair_offsets[f], pair_offsets[f + 1]):
            if similarities[k] >= lowest:
                same = prediction_tracks[predictions[k]] == frame_before[label_tracks[labels[k]]]
                score = 1000.0 + similarities[k] if same else similarities[k]
                cost[labels[k] - top, predictions[k] - left] = -score
        assign(cost, columns, buffers, marks)
        count = 0
        for i in range(rows):
            j = columns[i]
            if j < 0 or cost[i, j] >= -2.220446049250313e-16:
                continue
            matched[top + i] = left + j
            track, other = label_tracks[top + i], prediction_tracks[left + j]
            is_switch[top + i] = last_ever[track] >= 0 and last_ever[track] != other
            if frame_before[track] < 0:
                resumed[track] += 1
            last_ever[track] = other
            columns[count] = i
            count += 1
        for i in range(held_count):
            frame_before[held[i]] = -1
        for i in range(count):
            row = top + columns[i]
            held[i] = label_tracks[row]
            frame_before[held[i]] = prediction_tracks[matched[row]]
        held_count = count
    return matched, is_switch, resumed


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _resume(pair, tracks, other_tracks, partner, columns, order):  # type: ignore[no-untyped-def]
    """Give each row of a frame the column that its track had last, if they are a pair again.

    Writes the column of each row, -1 for none, and the order in which they were found; returns
    how many were.
    """
    taken = np.zeros(pair.shape[1], np.bool_)
    count = 0
    for i in range(len(pair)):
        columns[i] = -1
        before = partner[tracks[i]]
        if before < 0:
            continue
        for j in range(pair.shape[1]):
            if taken[j] or other_tracks[j] != before:
                continue
            if pair[i, j] >= 0:
                taken[j] = True
                columns[i] = j
                order[i] = count
                count += 1
            break
    return count


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _assign_rest(pair, distances, kept, columns, buffers, marks):  # type: ignore[no-untyped-def]
    """Assign rows without a column: as many as possible, then at the least sum of distances."""
    rows, wide = pair.shape
    taken = np.zeros(wide, np.bool_)
    for i in range(rows):
        if kept[i] >= 0:
            taken[kept[i]] = True
    furthest, any_left = 0.0, False
    for i in range(rows):
        columns[i] = -1
        for j in range(wide):
            if kept[i] >= 0 or taken[j]:
                pair[i, j] = -1
            elif pair[i, j] >= 0:
                any_left = True
                furthest = max(furthest, abs(distances[pair[i, j]]))
    if not any_left:
        return
    cost = np.full((rows, wide), 2.0 * min(rows, wide) * (furthest + 1.0) + 1.0)
    for i in range(rows):
        for j in range(wide):
            if pair[i, j] >= 0:
                cost[i, j] = distances[pair[i, j]]
    assign(cost, columns, buffers, marks)
    for i in range(rows):
        if columns[i] >= 0 and pair[i, columns[i]] < 0:
            columns[i] = -1


@nb.njit(cache=True, nogil=True, error_model="numpy")
def match_resuming_tracks(  # type: ignore[no-untyped-def]
    label_offsets,
    prediction_offsets,
    pair_offsets,
    labels,
    predictions,
    distances,
    label_tracks,
    prediction_tracks,
    track_count,
):
    """py-motmetrics: a track keeps the prediction it last had wherever both are near again.

    Then as many of the rest as possible, at the least sum of distances. A pair that contradicts
    the last one of its label's track is a switch.

    Returns
    -------
    matched : (L,) prediction of each label, -1 for none
    matched_pair : (L,) its row among the pairs
    is_switch : (L,)
    event : (L,) order of what was said of the labels of a frame
    """
    most = max(_widest(label_offsets), _widest(prediction_offsets))
    buffers, marks = np.empty((3, most)), np.empty((5, most), np.int64)
    kept, columns = np.empty(most, np.int64), np.empty(most, np.int64)
    matched = np.full(label_offsets[-1], -1, np.int64)
    matched_pair = np.full(label_offsets[-1], -1, np.int64)
    is_switch = np.zeros(label_offsets[-1], np.bool_)
    event = np.zeros(label_offsets[-1], np.int64)
    partner = np.full(track_count, -1, np.int64)
    for f in range(len(label_offsets) - 1):
        top, left = label_offsets[f], prediction_offsets[f]
        rows, wide = label_offsets[f + 1] - top, prediction_offsets[f + 1] - left
        pair = np.full((rows, wide), -1, np.int64)
        for k in range(pair_offsets[f], pair_offsets[f + 1]):
            pair[labels[k] - top, predictions[k] - left] = k
        all_pairs = pair.copy()
        own, others = label_tracks[top : top + rows], prediction_tracks[left : left + wide]
        count = _resume(pair, own, others, partner, kept, event[top : top + rows])
        _assign_rest(pair, distances, kept, columns, buffers, marks)
        for i in range(rows):
            if kept[i] < 0 and columns[i] >= 0:
                other = others[columns[i]]
                is_switch[top + i] = partner[own[i]] >= 0 and partner[own[i]] != other
                partner[own[i]] = other
                kept[i] = columns[i]
                event[top + i] = count
                count += 1
            if kept[i] >= 0:
                matched[top + i] = left + kept[i]
                matched_pair[top + i] = all_pairs[i, kept[i]]
        for i in range(rows):
            if kept[i] < 0:
                event[top + i] = count
                count += 1
    return matched, matched_pair, is_switch, event
