"""Compiled search for pairs of one frame that may overlap."""

from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.geometry import lazy_numba as nb

Ints = npt.NDArray[np.int64]


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _near(offsets_a, centers_a, reaches_a, offsets_b, centers_b, reaches_b, rows, columns):  # type: ignore[no-untyped-def]
    """Fill the pairs whose circles meet; with no room, only count them."""
    found = 0
    for frame in range(len(offsets_a) - 1):
        for i in range(offsets_a[frame], offsets_a[frame + 1]):
            for j in range(offsets_b[frame], offsets_b[frame + 1]):
                x = centers_a[i, 0] - centers_b[j, 0]
                y = centers_a[i, 1] - centers_b[j, 1]
                reach = reaches_a[i] + reaches_b[j]
                if x * x + y * y < reach * reach:
                    if found < len(rows):
                        rows[found] = i
                        columns[found] = j
                    found += 1
    return found


def near_pairs(
    offsets_a: Ints,
    centers_a: npt.NDArray[Any],
    reaches_a: npt.NDArray[Any],
    offsets_b: Ints,
    centers_b: npt.NDArray[Any],
    reaches_b: npt.NDArray[Any],
) -> tuple[Ints, Ints]:
    """(K,) rows of a and of b in the same frame whose circles in the xy plane meet."""
    none = np.empty(0, dtype=np.int64)
    sides = (offsets_a, centers_a, reaches_a, offsets_b, centers_b, reaches_b)
    count = int(_near(*sides, none, none))
    rows, columns = np.empty(count, dtype=np.int64), np.empty(count, dtype=np.int64)
    _near(*sides, rows, columns)
    return rows, columns


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _image_overlaps(  # type: ignore[no-untyped-def]
    offsets_a, boxes_a, images_a, offsets_b, boxes_b, images_b, rows, columns, shared
):
    """Fill the pairs of one image that share some area; with no room, only count them."""
    found = 0
    for frame in range(len(offsets_a) - 1):
        for i in range(offsets_a[frame], offsets_a[frame + 1]):
            for j in range(offsets_b[frame], offsets_b[frame + 1]):
                if images_a[i] != images_b[j]:
                    continue
                width = min(boxes_a[i, 2], boxes_b[j, 2]) - max(boxes_a[i, 0], boxes_b[j, 0])
                height = min(boxes_a[i, 3], boxes_b[j, 3]) - max(boxes_a[i, 1], boxes_b[j, 1])
                if width > 0 and height > 0:
                    if found < len(rows):
                        rows[found] = i
                        columns[found] = j
                        shared[found] = width * height
                    found += 1
    return found


def image_pairs(
    offsets_a: Ints,
    boxes_a: npt.NDArray[Any],
    images_a: Ints,
    offsets_b: Ints,
    boxes_b: npt.NDArray[Any],
    images_b: Ints,
) -> tuple[Ints, Ints, npt.NDArray[np.float64]]:
    """(K,) rows of a and of b in the same frame and image that overlap, and the shared area.

    Boxes are left, top, right, bottom; an image is any number, the same on both sides.
    """
    none = np.empty(0, dtype=np.int64)
    boxes_a, boxes_b = np.ascontiguousarray(boxes_a), np.ascontiguousarray(boxes_b)
    sides = (offsets_a, boxes_a, images_a, offsets_b, boxes_b, images_b)
    count = int(_image_overlaps(*sides, none, none, np.empty(0)))
    rows, columns = np.empty(count, dtype=np.int64), np.empty(count, dtype=np.int64)
    shared = np.empty(count)
    _image_overlaps(*sides, rows, columns, shared)
    return rows, columns, shared
