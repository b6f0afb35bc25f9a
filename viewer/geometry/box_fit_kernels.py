"""Compiled pass over points and the boxes near each."""

import numpy as np

from viewer.geometry import lazy_numba as nb
from viewer.geometry.containment import BINS


@nb.njit(cache=True, nogil=True, error_model="numpy")
def measure(points, center, half, matrices, margin, floors, starts, rows, low, high, step):  # type: ignore[no-untyped-def]
    """(counts, least, most, outside, standing) of every box; see `box_fit.BoxFit`."""
    count = len(center)
    counts = np.zeros(count, np.int64)
    standing = np.zeros(count, np.int64)
    least = np.full((count, 3), np.inf)
    most = np.full((count, 3), -np.inf)
    outside = np.zeros((count, 6), np.int64)
    own = np.empty(3)
    for index in range(len(points)):
        px = float(points[index, 0])
        py = float(points[index, 1])
        pz = float(points[index, 2])
        if not (low[0] <= px <= high[0] and low[1] <= py <= high[1]):
            continue
        x = min(int((px - low[0]) / step[0]), BINS - 1)
        y = min(int((py - low[1]) / step[1]), BINS - 1)
        for place in range(starts[x * BINS + y], starts[x * BINS + y + 1]):
            row = rows[place]
            beyond = 0
            face = -1
            for axis in range(3):
                own[axis] = (
                    (px - center[row, 0]) * matrices[row, 0, axis]
                    + (py - center[row, 1]) * matrices[row, 1, axis]
                    + (pz - center[row, 2]) * matrices[row, 2, axis]
                )
                over = abs(own[axis]) - half[row, axis]
                if over > margin:
                    beyond = 9
                    break
                if over > 0.0:
                    beyond += 1
                    face = 2 * axis + (1 if own[axis] > 0.0 else 0)
            if beyond > 1:
                continue
            stands = own[2] > floors[row] - half[row, 2]
            if beyond == 1:
                # Beside its sides the ground lies too: only what stands above it counts.
                if stands or face >= 4:
                    outside[row, face] += 1
                continue
            counts[row] += 1
            standing[row] += stands
            for axis in range(3):
                if axis == 2 or stands:
                    least[row, axis] = min(least[row, axis], own[axis])
                    most[row, axis] = max(most[row, axis], own[axis])
    return counts, least, most, outside, standing
