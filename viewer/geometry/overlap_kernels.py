"""Compiled intersection of boxes: one box as a body of linked corners, cut by the other's planes.

A corner is on one side of a plane, and all edges that meet there are told the same: faces that
nearly lie in each other lose no part of the body and count none twice, whatever the rounding.
"""

from typing import Final

import numpy as np

from viewer.geometry import lazy_numba as nb

MOST_CORNERS: Final = 64
"""Two boxes share a body of 20 corners at most; while it is cut there are more for a moment."""
TOUCHING: Final = 1e-13
"""A common part thinner than this share of the boxes' size is none: they touch."""
# Corner i has the signs of the bits of i, x slowest; neighbours anti-clockwise seen from outside.
_NEIGHBOURS: Final = np.array(
    [[4, 2, 1], [5, 0, 3], [6, 3, 0], [7, 1, 2], [0, 5, 6], [1, 7, 4], [2, 4, 7], [3, 6, 5]]
)


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _fill_box(half, turn, shift, corners, neighbours):  # type: ignore[no-untyped-def]
    """Fill the eight linked corners of a box: turn @ own + shift."""
    for i in range(8):
        x = half[0] if i & 4 else -half[0]
        y = half[1] if i & 2 else -half[1]
        z = half[2] if i & 1 else -half[2]
        for k in range(3):
            corners[i, k] = turn[k, 0] * x + turn[k, 1] * y + turn[k, 2] * z + shift[k]
            neighbours[i, k] = _NEIGHBOURS[i, k]


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _are_within(corners, half):  # type: ignore[no-untyped-def]
    """True where eight corners lie in the box with these half sizes around the origin."""
    for i in range(8):
        for k in range(3):
            if not abs(corners[i, k]) <= half[k]:
                return False
    return True


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _cut(corners, neighbours, count, axis, sign, limit, thin, depths, places):  # type: ignore[no-untyped-def]
    """Keep the part of a body where sign * p[axis] <= limit; its number of corners, 0 for none.

    After Powell and Abel (2015): edges that cross the plane get a new corner, and going round the
    faces that were cut tells which new corners are neighbours.
    """
    least, most = np.inf, -np.inf
    for i in range(count):
        depths[i] = limit - sign * corners[i, axis]
        least = min(least, depths[i])
        most = max(most, depths[i])
    if least >= 0.0:
        return count
    if not most > thin:
        return 0
    total = count
    for i in range(count):
        if depths[i] < 0.0:
            continue
        for k in range(3):
            j = neighbours[i, k]
            if j >= count or depths[j] >= 0.0:
                continue
            if total == MOST_CORNERS:
                return 0  # No body that two boxes share has so many.
            whole = depths[i] - depths[j]
            for d in range(3):
                corners[total, d] = (corners[j, d] * depths[i] - corners[i, d] * depths[j]) / whole
            neighbours[i, k] = total
            neighbours[total, 0] = i
            depths[total] = 0.0
            total += 1
    for start in range(count, total):
        here, ahead = start, neighbours[start, 0]
        while True:
            k = 0
            while neighbours[ahead, k] != here:
                k += 1
            here = ahead
            ahead = neighbours[here, (k + 1) % 3]
            if ahead >= count:
                break
        neighbours[start, 2] = ahead
        neighbours[ahead, 1] = start
    kept = 0
    for i in range(total):
        if depths[i] >= 0.0:
            places[i] = kept
            corners[kept] = corners[i]
            neighbours[kept] = neighbours[i]
            kept += 1
    for i in range(kept):
        for k in range(3):
            neighbours[i, k] = places[neighbours[i, k]]
    return kept


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _volume(corners, neighbours, count, seen):  # type: ignore[no-untyped-def]
    """Volume of a body, by tetrahedra from its first corner over fans of each face."""
    seen[:count] = False
    total = 0.0
    x, y, z = corners[0, 0], corners[0, 1], corners[0, 2]
    for first in range(count):
        for side in range(3):
            if seen[first, side]:
                continue
            seen[first, side] = True
            here, there = first, neighbours[first, side]
            ax, ay, az = corners[first, 0] - x, corners[first, 1] - y, corners[first, 2] - z
            while True:
                k = 0
                while neighbours[there, k] != here:
                    k += 1
                k = (k + 1) % 3
                seen[there, k] = True
                here, there = there, neighbours[there, k]
                if there == first:
                    break
                bx, by, bz = corners[here, 0] - x, corners[here, 1] - y, corners[here, 2] - z
                cx, cy, cz = corners[there, 0] - x, corners[there, 1] - y, corners[there, 2] - z
                total += (
                    ax * (by * cz - bz * cy) + ay * (bz * cx - bx * cz) + az * (bx * cy - by * cx)
                )
    return abs(total) / 6.0


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _shared_volume(center_a, half_a, matrix_a, center_b, half_b, matrix_b, buffers, links):  # type: ignore[no-untyped-def]
    """Volume that two boxes share; exactly that of a box that lies in the other."""
    gap = np.empty(3)
    for k in range(3):
        gap[k] = center_a[k] - center_b[k]
    reach = np.sqrt((half_a * half_a).sum()) + np.sqrt((half_b * half_b).sum())
    if not (gap * gap).sum() < reach * reach:
        return 0.0
    b_from_a = np.empty((3, 3))
    a_from_b = np.empty((3, 3))
    shift, back = np.empty(3), np.empty(3)
    for k in range(3):
        shift[k] = matrix_b[0, k] * gap[0] + matrix_b[1, k] * gap[1] + matrix_b[2, k] * gap[2]
        back[k] = -(matrix_a[0, k] * gap[0] + matrix_a[1, k] * gap[1] + matrix_a[2, k] * gap[2])
        for i in range(3):
            b_from_a[k, i] = (
                matrix_b[0, k] * matrix_a[0, i]
                + matrix_b[1, k] * matrix_a[1, i]
                + matrix_b[2, k] * matrix_a[2, i]
            )
            a_from_b[i, k] = b_from_a[k, i]
    corners, depths = buffers[:MOST_CORNERS], buffers[MOST_CORNERS:, 0]
    neighbours, places = links[:MOST_CORNERS], links[MOST_CORNERS:, 0]
    _fill_box(half_b, a_from_b, back, corners, neighbours)
    if _are_within(corners, half_a):
        return 8.0 * half_b[0] * half_b[1] * half_b[2]
    _fill_box(half_a, b_from_a, shift, corners, neighbours)
    if _are_within(corners, half_b):
        return 8.0 * half_a[0] * half_a[1] * half_a[2]
    count = 8
    for axis in range(3):
        for sign in (-1.0, 1.0):
            count = _cut(
                corners, neighbours, count, axis, sign, half_b[axis], TOUCHING * reach, depths,
                places,
            )  # fmt: skip
            if count == 0:
                return 0.0
    return _volume(corners, neighbours, count, links[MOST_CORNERS:])


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _ratio(shared, a, b):  # type: ignore[no-untyped-def]
    """Intersection over union of two sizes; without rounding where one lies in the other."""
    if shared >= min(a, b):
        return min(a, b) / max(a, b)
    return shared / (a + b - shared)


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _iou_3d_one(center_a, size_a, matrix_a, center_b, size_b, matrix_b, buffers, links):  # type: ignore[no-untyped-def]
    """Overlap of two boxes: shared volume over joint volume; 0 where one has no volume."""
    volume_a = size_a[0] * size_a[1] * size_a[2]
    volume_b = size_b[0] * size_b[1] * size_b[2]
    if not (volume_a > 0 and volume_b > 0 and volume_a + volume_b < np.inf):
        return 0.0
    if (center_a == center_b).all() and (size_a == size_b).all() and (matrix_a == matrix_b).all():
        return 1.0
    shared = _shared_volume(
        center_a, size_a / 2, matrix_a, center_b, size_b / 2, matrix_b, buffers, links
    )
    return _ratio(shared, volume_a, volume_b)


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _cut_flat(polygon, count, axis, sign, limit, thin, other):  # type: ignore[no-untyped-def]
    """Part of a convex polygon where sign * p[axis] <= limit; its size, 0 for none."""
    most = -np.inf
    for i in range(count):
        most = max(most, limit - sign * polygon[i, axis])
    if not most > thin:
        return 0
    kept = 0
    for i in range(count):
        j = i + 1 if i + 1 < count else 0
        a = limit - sign * polygon[i, axis]
        b = limit - sign * polygon[j, axis]
        if a >= 0.0:
            other[kept] = polygon[i]
            kept += 1
        if (a >= 0.0) != (b >= 0.0):
            other[kept] = (polygon[j] * a - polygon[i] * b) / (a - b)
            kept += 1
    polygon[:kept] = other[:kept]
    return kept


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _area(polygon, count):  # type: ignore[no-untyped-def]
    """Area of a convex polygon."""
    total = 0.0
    for i in range(1, count - 1):
        a = polygon[i] - polygon[0]
        b = polygon[i + 1] - polygon[0]
        total += a[0] * b[1] - a[1] * b[0]
    return abs(total) / 2


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _rectangle(length, width, yaw, x, y, polygon):  # type: ignore[no-untyped-def]
    """Fill four corners in order around a rectangle; the farthest it reaches in x and y."""
    cos, sin = np.cos(yaw), np.sin(yaw)
    most_x = most_y = 0.0
    for i in range(4):
        along = length / 2 if i in (0, 3) else -length / 2
        across = width / 2 if i < 2 else -width / 2
        polygon[i, 0] = cos * along - sin * across + x
        polygon[i, 1] = sin * along + cos * across + y
        most_x, most_y = max(most_x, abs(polygon[i, 0])), max(most_y, abs(polygon[i, 1]))
    return most_x, most_y


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _bev_one(center_a, size_a, yaw_a, center_b, size_b, yaw_b, buffers):  # type: ignore[no-untyped-def]
    """Overlap of two rectangles in the xy plane; 0 where one has no area."""
    area_a = size_a[0] * size_a[1]
    area_b = size_b[0] * size_b[1]
    if not (area_a > 0 and area_b > 0 and area_a + area_b < np.inf):
        return 0.0
    dx, dy = center_a[0] - center_b[0], center_a[1] - center_b[1]
    if dx == 0 and dy == 0 and yaw_a == yaw_b and (size_a[:2] == size_b[:2]).all():
        return 1.0
    reach = (np.hypot(size_a[0], size_a[1]) + np.hypot(size_b[0], size_b[1])) / 2
    if not dx * dx + dy * dy < reach * reach:
        return 0.0
    polygon, spare = buffers[0], buffers[1]
    cos, sin = np.cos(yaw_a), np.sin(yaw_a)
    x, y = -(cos * dx + sin * dy), sin * dx - cos * dy
    most_x, most_y = _rectangle(size_b[0], size_b[1], yaw_b - yaw_a, x, y, polygon)
    if most_x <= size_a[0] / 2 and most_y <= size_a[1] / 2:
        return _ratio(area_b, area_a, area_b)
    cos, sin = np.cos(yaw_b), np.sin(yaw_b)
    x, y = cos * dx + sin * dy, cos * dy - sin * dx
    most_x, most_y = _rectangle(size_a[0], size_a[1], yaw_a - yaw_b, x, y, polygon)
    if most_x <= size_b[0] / 2 and most_y <= size_b[1] / 2:
        return _ratio(area_a, area_a, area_b)
    count = 4
    for axis in range(2):
        for sign in (-1.0, 1.0):
            thin = TOUCHING * reach
            count = _cut_flat(polygon, count, axis, sign, size_b[axis] / 2, thin, spare)
            if count < 3:
                return 0.0
    return _ratio(_area(polygon, count), area_a, area_b)


@nb.njit(cache=True, nogil=True, error_model="numpy")
def iou_3d_table(centers_a, sizes_a, matrices_a, centers_b, sizes_b, matrices_b, rows, columns):  # type: ignore[no-untyped-def]
    """(K,) overlaps of boxes rows[k] of a and columns[k] of b."""
    overlaps = np.empty(len(rows))
    buffers = np.empty((2 * MOST_CORNERS, 3))
    links = np.empty((2 * MOST_CORNERS, 3), dtype=np.int64)
    for k in range(len(rows)):
        i, j = rows[k], columns[k]
        overlaps[k] = _iou_3d_one(
            centers_a[i], sizes_a[i], matrices_a[i], centers_b[j], sizes_b[j], matrices_b[j],
            buffers, links,
        )  # fmt: skip
    return overlaps


@nb.njit(cache=True, nogil=True, error_model="numpy")
def bev_iou_table(centers_a, sizes_a, yaws_a, centers_b, sizes_b, yaws_b, rows, columns):  # type: ignore[no-untyped-def]
    """(K,) overlaps of rectangles rows[k] of a and columns[k] of b."""
    overlaps = np.empty(len(rows))
    buffers = np.empty((2, MOST_CORNERS, 2))
    for k in range(len(rows)):
        i, j = rows[k], columns[k]
        overlaps[k] = _bev_one(
            centers_a[i], sizes_a[i], yaws_a[i], centers_b[j], sizes_b[j], yaws_b[j], buffers
        )
    return overlaps
