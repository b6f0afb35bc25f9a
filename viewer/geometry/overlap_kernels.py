"""Compiled intersection of boxes: convex faces cut by the other box's planes."""

from typing import Final

import numpy as np

from viewer.geometry import lazy_numba as nb

MOST_CORNERS: Final = 16
"""A quadrilateral cut by six planes has ten corners at most."""
FLAT: Final = 1e-10
"""Distances below this share of the boxes' size count as none."""


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _cut(polygon, count, axis, sign, limit, flat, other):  # type: ignore[no-untyped-def]
    """Part of a convex polygon where sign * p[axis] <= limit (Sutherland-Hodgman); its size."""
    kept = 0
    for i in range(count):
        j = i + 1 if i + 1 < count else 0
        a = sign * polygon[i, axis] - limit
        b = sign * polygon[j, axis] - limit
        if a <= flat:
            other[kept] = polygon[i]
            kept += 1
        if (a < -flat and b > flat) or (a > flat and b < -flat):
            t = a / (a - b)
            other[kept] = polygon[i] + t * (polygon[j] - polygon[i])
            kept += 1
    polygon[:kept] = other[:kept]
    return kept


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _area(polygon, count):  # type: ignore[no-untyped-def]
    """Area of a flat convex polygon in space."""
    x = y = z = 0.0
    for i in range(1, count - 1):
        a = polygon[i] - polygon[0]
        b = polygon[i + 1] - polygon[0]
        x += a[1] * b[2] - a[2] * b[1]
        y += a[2] * b[0] - a[0] * b[2]
        z += a[0] * b[1] - a[1] * b[0]
    return np.sqrt(x * x + y * y + z * z) / 2


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _face(axis, sign, half, polygon):  # type: ignore[no-untyped-def]
    """Fill the four corners of one face of a box, in its own axes, in order around it."""
    one, two = (axis + 1) % 3, (axis + 2) % 3
    for i in range(4):
        polygon[i, axis] = sign * half[axis]
        polygon[i, one] = half[one] if i in (0, 3) else -half[one]
        polygon[i, two] = half[two] if i < 2 else -half[two]


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _cut_face(half_a, axis, sign, half_b, turn, shift, keep_shared, flat, buffers):  # type: ignore[no-untyped-def]
    """(area, distance) of the part of a face of box a that lies in box b.

    `turn` and `shift` lead from a's axes to b's; the distance is that of the face's plane from
    b's centre. A face that lies in one of b's and looks the same way is nothing without
    `keep_shared`: of two such faces only one bounds the common part.
    """
    own, moved, spare = buffers[0], buffers[1], buffers[2]
    _face(axis, sign, half_a, own)
    for i in range(4):
        for k in range(3):
            moved[i, k] = shift[k]
            for j in range(3):
                moved[i, k] += turn[k, j] * own[i, j]
    away = 0.0
    for k in range(3):
        away += sign * turn[k, axis] * moved[0, k]
    count = 4
    for k in range(3):
        for side in (-1.0, 1.0):
            farthest = 0.0
            for i in range(count):
                farthest = max(farthest, abs(side * moved[i, k] - half_b[k]))
            if farthest <= flat and side * sign * turn[k, axis] > 0.5 and not keep_shared:
                return 0.0, away
            count = _cut(moved, count, k, side, half_b[k], flat, spare)
            if count < 3:
                return 0.0, away
    return _area(moved, count), away


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _intersection_3d(center_a, half_a, matrix_a, center_b, half_b, matrix_b, buffers):  # type: ignore[no-untyped-def]
    """Volume that two boxes share, by the divergence theorem over the faces of the part."""
    gap = np.empty(3)
    for k in range(3):
        gap[k] = center_a[k] - center_b[k]
    reach = np.sqrt((half_a * half_a).sum()) + np.sqrt((half_b * half_b).sum())
    if not (gap * gap).sum() < reach * reach:
        return 0.0
    b_from_a = np.empty((3, 3))
    shift = np.empty(3)
    for k in range(3):
        shift[k] = matrix_b[0, k] * gap[0] + matrix_b[1, k] * gap[1] + matrix_b[2, k] * gap[2]
        for i in range(3):
            b_from_a[k, i] = (
                matrix_b[0, k] * matrix_a[0, i]
                + matrix_b[1, k] * matrix_a[1, i]
                + matrix_b[2, k] * matrix_a[2, i]
            )
    flat = FLAT * reach
    a_from_b = b_from_a.T.copy()
    back = -(a_from_b * shift).sum(axis=1)
    total = 0.0
    for axis in range(3):
        for sign in (-1.0, 1.0):
            area, away = _cut_face(half_a, axis, sign, half_b, b_from_a, shift, True, flat, buffers)
            total += area * away
            area, _ = _cut_face(half_b, axis, sign, half_a, a_from_b, back, False, flat, buffers)
            total += area * half_b[axis]
    return max(total / 3, 0.0)


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _iou_3d_one(center_a, size_a, matrix_a, center_b, size_b, matrix_b, buffers):  # type: ignore[no-untyped-def]
    """Overlap of two boxes: shared volume over joint volume; 0 where one has no volume."""
    volume_a = size_a[0] * size_a[1] * size_a[2]
    volume_b = size_b[0] * size_b[1] * size_b[2]
    if not (volume_a > 0 and volume_b > 0):
        return 0.0
    if (center_a == center_b).all() and (size_a == size_b).all() and (matrix_a == matrix_b).all():
        return 1.0
    shared = _intersection_3d(
        center_a, size_a / 2, matrix_a, center_b, size_b / 2, matrix_b, buffers
    )
    shared = min(shared, volume_a, volume_b)
    return shared / (volume_a + volume_b - shared)


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _bev_one(center_a, size_a, yaw_a, center_b, size_b, yaw_b, buffers):  # type: ignore[no-untyped-def]
    """Overlap of two rectangles in the xy plane; 0 where one has no area."""
    area_a = size_a[0] * size_a[1]
    area_b = size_b[0] * size_b[1]
    if not (area_a > 0 and area_b > 0):
        return 0.0
    dx, dy = center_a[0] - center_b[0], center_a[1] - center_b[1]
    if dx == 0 and dy == 0 and yaw_a == yaw_b and (size_a[:2] == size_b[:2]).all():
        return 1.0
    reach = (np.hypot(size_a[0], size_a[1]) + np.hypot(size_b[0], size_b[1])) / 2
    if not dx * dx + dy * dy < reach * reach:
        return 0.0
    polygon, spare = buffers[0], buffers[1]
    cos_b, sin_b = np.cos(yaw_b), np.sin(yaw_b)
    cos, sin = np.cos(yaw_a - yaw_b), np.sin(yaw_a - yaw_b)
    for i in range(4):
        x = size_a[0] / 2 if i in (0, 3) else -size_a[0] / 2
        y = size_a[1] / 2 if i < 2 else -size_a[1] / 2
        polygon[i, 0] = cos * x - sin * y + cos_b * dx + sin_b * dy
        polygon[i, 1] = sin * x + cos * y - sin_b * dx + cos_b * dy
        polygon[i, 2] = 0.0
    count = 4
    for axis in range(2):
        for sign in (-1.0, 1.0):
            count = _cut(polygon, count, axis, sign, size_b[axis] / 2, FLAT * reach, spare)
            if count < 3:
                return 0.0
    shared = min(_area(polygon, count), area_a, area_b)
    return shared / (area_a + area_b - shared)


@nb.njit(cache=True, nogil=True, error_model="numpy")
def iou_3d_table(centers_a, sizes_a, matrices_a, centers_b, sizes_b, matrices_b, rows, columns):  # type: ignore[no-untyped-def]
    """(K,) overlaps of boxes rows[k] of a and columns[k] of b."""
    overlaps = np.empty(len(rows))
    buffers = np.empty((3, MOST_CORNERS, 3))
    for k in range(len(rows)):
        i, j = rows[k], columns[k]
        overlaps[k] = _iou_3d_one(
            centers_a[i],
            sizes_a[i],
            matrices_a[i],
            centers_b[j],
            sizes_b[j],
            matrices_b[j],
            buffers,
        )
    return overlaps


@nb.njit(cache=True, nogil=True, error_model="numpy")
def bev_iou_table(centers_a, sizes_a, yaws_a, centers_b, sizes_b, yaws_b, rows, columns):  # type: ignore[no-untyped-def]
    """(K,) overlaps of rectangles rows[k] of a and columns[k] of b."""
    overlaps = np.empty(len(rows))
    buffers = np.empty((2, MOST_CORNERS, 3))
    for k in range(len(rows)):
        i, j = rows[k], columns[k]
        overlaps[k] = _bev_one(
            centers_a[i], sizes_a[i], yaws_a[i], centers_b[j], sizes_b[j], yaws_b[j], buffers
        )
    return overlaps
