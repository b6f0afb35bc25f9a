"""Compiled matching of COCO's protocol, and the pixels that masks share."""

import numpy as np

from viewer.geometry import lazy_numba as nb


@nb.njit(cache=True, nogil=True, error_model="numpy")
def matches(starts, candidates, overlaps, ignored, crowds, thresholds):  # type: ignore[no-untyped-def]
    """(T, N) what becomes of each prediction: 0 no match, 1 a match, 2 a match with an ignored.

    Predictions come image by image, the surest first; `starts[i]` to `starts[i + 1]` are the
    candidates of one, in the labels' order. Of equal overlaps the later label is taken. A label
    that is ignored is taken only where no other can be.
    """
    found = np.zeros((len(thresholds), len(starts) - 1), dtype=np.uint8)
    taken_at = np.full(len(ignored), -1)
    for t in range(len(thresholds)):
        for i in range(len(starts) - 1):
            best = -1
            for wanted in (False, True):
                most = min(thresholds[t], 1 - 1e-10)
                for k in range(starts[i], starts[i + 1]):
                    label = candidates[k]
                    if ignored[label] != wanted or (taken_at[label] == t and not crowds[label]):
                        continue
                    if overlaps[k] >= most:
                        most = overlaps[k]
                        best = label
                if best >= 0:
                    taken_at[best] = t
                    found[t, i] = 2 if wanted else 1
                    break
    return found


@nb.njit(cache=True, nogil=True, error_model="numpy")
def shared_pixels(ends_a, offsets_a, rows, ends_b, offsets_b, columns):  # type: ignore[no-untyped-def]
    """(K,) pixels in both masks of each pair; runs by their ends, the first run outside."""
    shared = np.zeros(len(rows), dtype=np.int64)
    for k in range(len(rows)):
        i, last_i = offsets_a[rows[k]], offsets_a[rows[k] + 1]
        j, last_j = offsets_b[columns[k]], offsets_b[columns[k] + 1]
        in_a = in_b = False
        at = 0
        while i < last_i and j < last_j:
            upto = min(ends_a[i], ends_b[j])
            if in_a and in_b:
                shared[k] += upto - at
            at = upto
            if ends_a[i] == at:
                i += 1
                in_a = not in_a
                if j < last_j and ends_b[j] == at:
                    j += 1
                    in_b = not in_b
            else:
                j += 1
                in_b = not in_b
    return shared
