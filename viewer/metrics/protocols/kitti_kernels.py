"""Compiled matching of the KITTI protocol, over the pairs that overlap enough.

A label or prediction is 0 when it counts, 1 when it may be matched but counts for nothing, -1 when
it takes no part. Labels come in the order of frames and files; `starts[k]` to `starts[k + 1]` are
the candidates of label k, in the order of the file.
"""

import numpy as np

from viewer.geometry import lazy_numba as nb


@nb.njit(cache=True, nogil=True, error_model="numpy")
def matched_scores(starts, candidates, label_states, prediction_states, scores):  # type: ignore[no-untyped-def]
    """Scores of the matches when each label takes its surest candidate."""
    taken = np.zeros(len(scores), dtype=np.bool_)
    found = np.empty(len(label_states))
    count = 0
    for label in range(len(label_states)):
        best = -1
        best_score = -1e7
        for k in range(starts[label], starts[label + 1]):
            j = candidates[k]
            if prediction_states[j] < 0 or taken[j]:
                continue
            if scores[j] > best_score:
                best = j
                best_score = scores[j]
        if best < 0:
            continue
        taken[best] = True
        if label_states[label] == 0 and prediction_states[best] == 0:
            found[count] = best_score
            count += 1
    return found[:count]


@nb.njit(cache=True, nogil=True, error_model="numpy")
def recall_thresholds(scores, label_count, steps):  # type: ignore[no-untyped-def]
    """Scores at which the recall comes nearest to the steps 0, 1/steps, ...; scores descend."""
    found = np.empty(len(scores))
    count = 0
    recall = 0.0
    last = len(scores) - 1
    for i in range(len(scores)):
        left = (i + 1) / label_count
        right = (i + 2) / label_count if i < last else left
        if right - recall < recall - left and i < last:
            continue
        found[count] = scores[i]
        count += 1
        recall += 1.0 / steps
    return found[:count]


@nb.njit(cache=True, nogil=True, error_model="numpy")
def counts_at(  # type: ignore[no-untyped-def]
    thresholds,
    starts,
    candidates,
    overlaps,
    similarities,
    label_states,
    prediction_states,
    forgiven,
    scores,
):
    """(T, 3) matches, spared false alarms and summed similarity when each label takes most overlap.

    Spared are predictions that count, and would be false alarms, had no label taken them.
    """
    counts = np.zeros((len(thresholds), 3))
    taken_at = np.full(len(scores), -1)
    for t in range(len(thresholds)):
        for label in range(len(label_states)):
            best = -1
            best_pair = -1
            most = 0.0
            best_is_ignored = False
            for k in range(starts[label], starts[label + 1]):
                j = candidates[k]
                state = prediction_states[j]
                if state < 0 or taken_at[j] == t or scores[j] < thresholds[t]:
                    continue
                if state == 0 and (overlaps[k] > most or best_is_ignored):
                    best = j
                    best_pair = k
                    most = overlaps[k]
                    best_is_ignored = False
                elif state == 1 and best < 0:
                    best = j
                    best_pair = k
                    best_is_ignored = True
            if best < 0:
                continue
            taken_at[best] = t
            if prediction_states[best] != 0:
                continue
            if not forgiven[best]:
                counts[t, 1] += 1
            if label_states[label] == 0:
                counts[t, 0] += 1
                counts[t, 2] += similarities[best_pair]
    return counts
