"""Boxes of one frame that are near each other."""

import numpy as np

from viewer.metrics.objects import EvaluatedObjects, Ints


def close_pairs(objects: EvaluatedObjects, rows: Ints) -> tuple[Ints, Ints]:
    """Return two arrays of rows: each pair of one frame whose boxes can touch, smaller row first.

    Parameters
    ----------
    rows
        Objects with a finite cuboid, ascending.
    """
    reach = np.linalg.norm(objects.sizes_m[rows], axis=1) / 2
    centers = objects.centers_m[rows]
    frames = objects.frame_rows[rows]
    edges = np.flatnonzero(np.diff(frames, prepend=-1, append=-1))
    first: list[Ints] = [np.empty(0, np.int64)]
    second: list[Ints] = [np.empty(0, np.int64)]
    for start, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        a, b = np.triu_indices(end - start, 1)
        a, b = a + start, b + start
        offset = centers[a, :2] - centers[b, :2]
        near = np.hypot(offset[:, 0], offset[:, 1]) <= reach[a] + reach[b]
        first.append(rows[a[near]])
        second.append(rows[b[near]])
    return np.concatenate(first), np.concatenate(second)
