"""Outlines of a mask: rings along the edges of its pixels."""

import numpy as np
import numpy.typing as npt

from viewer.scene.masks import RunLengths

Floats = npt.NDArray[np.float64]


def mask_rings(runs: RunLengths) -> tuple[list[Floats], int]:
    """Return the outer rings of a mask and the count of its holes, which are left out.

    A ring goes along pixel edges and has a vertex at each turn: pixel (x, y) covers x to x + 1 and
    y to y + 1. Pixels that touch at a corner only belong to two rings. The time that it takes grows
    with the area within which the mask lies, however ragged it is.

    Examples
    --------
    >>> rings, holes = mask_rings(RunLengths.of(np.array([[False, True], [False, True]])))
    >>> [ring.tolist() for ring in rings], holes
    ([[[1.0, 0.0], [2.0, 0.0], [2.0, 2.0], [1.0, 2.0]]], 0)
    """
    from viewer.formats.writers.mask_ring_kernels import follow_rings, mark_edges

    mask = runs.decoded()
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return [], 0
    top, left = int(rows[0]), int(columns[0])
    mask = np.ascontiguousarray(mask[top : rows[-1] + 1, left : columns[-1] + 1])
    corners = np.zeros((mask.shape[0] + 1, mask.shape[1] + 1), dtype=np.uint8)
    turns = mark_edges(mask, corners)
    vertices = np.empty((turns, 2), dtype=np.float64)
    # A ring has four turns at least.
    ends, areas_px = np.empty((2, turns // 4), dtype=np.int64)
    count = follow_rings(corners, vertices, ends, areas_px)
    vertices += (left, top)
    begins = np.concatenate([[0], ends[: count - 1]])
    outer = np.flatnonzero(areas_px[:count] > 0)
    spans = zip(begins[outer].tolist(), ends[outer].tolist(), strict=True)
    return [vertices[begin:end] for begin, end in spans], count - len(outer)
