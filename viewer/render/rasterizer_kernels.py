"""Compiled kernels that draw lines, fills and points into (H, W, 4) uint8 BGRA buffers.

All take buffer coordinates (the centre of the top-left pixel is (0, 0)) and release the GIL.
"""

# mypy: disable-error-code="no-untyped-def"

import math

import numpy as np

from viewer.geometry import lazy_numba as numba

STROKE = 0
FILL = 1
PASS_COLUMNS = ("kind", "begin", "end", "width", "drawn", "skipped", "grow", "r", "g", "b", "alpha")


@numba.njit(cache=True, nogil=True, inline="always")
def _blend(buffer, y, x, red, green, blue, alpha):
    keep = 1.0 - alpha
    buffer[y, x, 0] = int(buffer[y, x, 0] * keep + blue * alpha + 0.5)
    buffer[y, x, 1] = int(buffer[y, x, 1] * keep + green * alpha + 0.5)
    buffer[y, x, 2] = int(buffer[y, x, 2] * keep + red * alpha + 0.5)
    buffer[y, x, 3] = int(buffer[y, x, 3] * keep + 255.0 * alpha + 0.5)


@numba.njit(cache=True, nogil=True, inline="always")
def _row_span(y, x0, y0, dx, dy, reach):
    """Columns of one row that a segment with this reach can touch; empty as (1, 0)."""
    start = x0
    end = x0 + dx
    if abs(dy) > 1e-9:
        t0 = (y - reach - y0) / dy
        t1 = (y + reach - y0) / dy
        if t0 > t1:
            t0, t1 = t1, t0
        t0 = max(t0, 0.0)
        t1 = min(t1, 1.0)
        if t0 > t1:
            return 1.0, 0.0
        start = x0 + t0 * dx
        end = x0 + t1 * dx
    if start > end:
        start, end = end, start
    return start - reach, end + reach


@numba.njit(cache=True, nogil=True, inline="always")
def _dash_coverage(position, total, drawn, skipped, grow):
    """How much of a pixel at this place along a curve is drawn; both ends of a curve are."""
    count = math.floor((total - drawn) / (drawn + skipped) + 0.5)
    if count < 1.0:
        return 1.0
    stretch = total / (count * (drawn + skipped) + drawn)
    period = (drawn + skipped) * stretch
    half = drawn * stretch / 2
    place = position - half
    place -= math.floor(place / period + 0.5) * period
    return min(1.0, max(0.0, half + grow - abs(place) + 0.5))


@numba.njit(cache=True, nogil=True, fastmath=True)
def _cover(scratch, segments, along, row, radius, dash, left, top, right, bottom):
    """Raise the coverage under one segment; (0, 0) when it has left the clip rectangle."""
    x0 = segments[row, 0]
    y0 = segments[row, 1]
    dx = segments[row, 2] - x0
    dy = segments[row, 3] - y0
    length = math.sqrt(dx * dx + dy * dy)
    inverse = 1.0 / (length * length) if length > 0.0 else 0.0
    reach = radius + 0.5
    first = max(top, math.ceil(min(y0, y0 + dy) - reach))
    last = min(bottom - 1, math.floor(max(y0, y0 + dy) + reach))
    for y in range(first, last + 1):
        start, end = _row_span(y, x0, y0, dx, dy, reach)
        for x in range(max(left, math.ceil(start)), min(right - 1, math.floor(end)) + 1):
            along_t = ((x - x0) * dx + (y - y0) * dy) * inverse
            t = min(1.0, max(0.0, along_t))
            ex = x - x0 - t * dx
            ey = y - y0 - t * dy
            square = ex * ex + ey * ey
            if square >= reach * reach:
                continue
            d = math.sqrt(square)
            cover = min(radius, d + 0.5) - max(-radius, d - 0.5)
            if dash[0] > 0.0:
                place = along[row, 0] + along_t * length
                cover *= _dash_coverage(place, along[row, 1], dash[0], dash[1], dash[2])
            level = int(cover * 255.0 + 0.5)
            if level > scratch[y, x]:
                scratch[y, x] = level


@numba.njit(cache=True, nogil=True)
def _blend_covered(buffer, scratch, segments, row, reach, colour, left, top, right, bottom):
    """Blend where one segment raised the coverage, and clear the coverage."""
    x0 = segments[row, 0]
    y0 = segments[row, 1]
    dx = segments[row, 2] - x0
    dy = segments[row, 3] - y0
    first = max(top, math.ceil(min(y0, y0 + dy) - reach))
    last = min(bottom - 1, math.floor(max(y0, y0 + dy) + reach))
    for y in range(first, last + 1):
        start, end = _row_span(y, x0, y0, dx, dy, reach)
        for x in range(max(left, math.ceil(start)), min(right - 1, math.floor(end)) + 1):
            level = scratch[y, x]
            if level > 0:
                alpha = level / 255.0 * colour[3]
                _blend(buffer, y, x, colour[0], colour[1], colour[2], alpha)
                scratch[y, x] = 0


@numba.njit(cache=True, nogil=True)
def draw_passes(buffer, scratch, segments, along, vertices, passes, unit, left, top, right, bottom):
    """Draw passes in order; columns as `PASS_COLUMNS`, lengths times `unit`.

    A stroke finds the coverage of all its segments together and blends it once, so that nothing
    is painted twice where they overlap. `scratch` (H, W) uint8 is zero before and after.
    """
    for p in range(len(passes)):
        kind, begin, end = int(passes[p, 0]), int(passes[p, 1]), int(passes[p, 2])
        colour = (passes[p, 7], passes[p, 8], passes[p, 9], passes[p, 10])
        if kind == FILL:
            polygon = vertices[begin:end]
            fill_convex(buffer, polygon, colour, left, top, right, bottom)
            continue
        radius = passes[p, 3] * unit / 2
        dash = (passes[p, 4] * unit, passes[p, 5] * unit, passes[p, 6] * unit)
        reach = radius + 0.5
        for row in range(begin, end):
            _cover(scratch, segments, along, row, radius, dash, left, top, right, bottom)
        for row in range(begin, end):
            _blend_covered(buffer, scratch, segments, row, reach, colour, left, top, right, bottom)


@numba.njit(cache=True, nogil=True)
def fill_convex(buffer, polygon, colour, left, top, right, bottom):
    """Fill a convex polygon (N, 2) of either winding; `colour` is red, green, blue, alpha."""
    count = len(polygon)
    area = 0.0
    for i in range(count):
        j = (i + 1) % count
        area += polygon[i, 0] * polygon[j, 1] - polygon[j, 0] * polygon[i, 1]
    if abs(area) < 1e-9:
        return
    turn = 1.0 if area > 0.0 else -1.0
    low_x = polygon[:, 0].min()
    high_x = polygon[:, 0].max()
    first = max(top, math.ceil(polygon[:, 1].min() - 0.5))
    last = min(bottom - 1, math.floor(polygon[:, 1].max() + 0.5))
    for y in range(first, last + 1):
        for x in range(
            max(left, math.ceil(low_x - 0.5)), min(right - 1, math.floor(high_x + 0.5)) + 1
        ):
            cover = 1.0
            for i in range(count):
                j = (i + 1) % count
                ex = polygon[j, 0] - polygon[i, 0]
                ey = polygon[j, 1] - polygon[i, 1]
                length = math.sqrt(ex * ex + ey * ey)
                if length > 1e-12:
                    side = turn * (ex * (y - polygon[i, 1]) - ey * (x - polygon[i, 0])) / length
                    cover = min(cover, side + 0.5)
            if cover > 0.0:
                _blend(buffer, y, x, colour[0], colour[1], colour[2], cover * colour[3])


@numba.njit(cache=True, nogil=True)
def splat(buffer, xy, rgb, scale, shift_x, shift_y, radius, alpha, left, top, right, bottom):
    """Draw points as discs, in order."""
    reach = radius + 0.5
    for row in range(len(xy)):
        cx = (xy[row, 0] + 0.5) * scale + shift_x - 0.5
        cy = (xy[row, 1] + 0.5) * scale + shift_y - 0.5
        if not (left - reach < cx < right + reach and top - reach < cy < bottom + reach):
            continue
        for y in range(
            max(top, math.ceil(cy - reach)), min(bottom - 1, math.floor(cy + reach)) + 1
        ):
            for x in range(
                max(left, math.ceil(cx - reach)), min(right - 1, math.floor(cx + reach)) + 1
            ):
                d = math.sqrt((x - cx) * (x - cx) + (y - cy) * (y - cy))
                cover = min(1.0, reach - d)
                if cover > 0.0:
                    _blend(buffer, y, x, rgb[row, 0], rgb[row, 1], rgb[row, 2], cover * alpha)


_BINS = 1 << 17


@numba.njit(cache=True, nogil=True)
def far_to_near(depth):
    """Counting sort by the upper bits of the float, which grow with a positive value."""
    count = len(depth)
    bits = depth.view(np.uint32)
    starts = np.zeros(_BINS + 1, dtype=np.int64)
    keys = np.empty(count, dtype=np.int32)
    for i in range(count):
        good = depth[i] >= 0.0
        keys[i] = _BINS - 1 - (bits[i] >> np.uint32(14)) if good else 0
        starts[keys[i] + 1] += 1
    for i in range(_BINS):
        starts[i + 1] += starts[i]
    order = np.empty(count, dtype=np.int64)
    for i in range(count):
        order[starts[keys[i]]] = i
        starts[keys[i]] += 1
    return order
