"""Compiled assignment of the Argoverse 2 protocol."""

import numpy as np

from viewer.geometry import lazy_numba as nb


@nb.njit(cache=True, nogil=True, error_model="numpy")
def nearest_labels(groups, centers, label_groups, label_centers):  # type: ignore[no-untyped-def]
    """(N,) row of the label of the same group whose middle is nearest, -1 for none; its distance.

    Both sides ascend by group, predictions within one from the surest down. Only the surest
    prediction keeps its label: -2 stands for the others.
    """
    nearest = np.full(len(groups), -1)
    distances = np.full(len(groups), np.inf)
    taken = np.zeros(len(label_groups), dtype=np.bool_)
    first = last = 0
    for i in range(len(groups)):
        while first < len(label_groups) and label_groups[first] < groups[i]:
            first += 1
        last = max(first, last)
        while last < len(label_groups) and label_groups[last] == groups[i]:
            last += 1
        for j in range(first, last):
            x = centers[i, 0] - label_centers[j, 0]
            y = centers[i, 1] - label_centers[j, 1]
            z = centers[i, 2] - label_centers[j, 2]
            distance = np.sqrt(x * x + y * y + z * z)
            if distance < distances[i]:
                distances[i] = distance
                nearest[i] = j
        if nearest[i] >= 0:
            if taken[nearest[i]]:
                nearest[i] = -2
            else:
                taken[nearest[i]] = True
    return nearest, distances
