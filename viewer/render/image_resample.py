"""Images drawn into a buffer at any placement: averaged when smaller, exact pixels when large."""

# ruff: noqa: ANN001, ANN202
# mypy: disable-error-code="no-untyped-def"

import math

import numpy as np
import numpy.typing as npt

from viewer.geometry import lazy_numba as numba
from viewer.render.rasterizer import Buffer, Clip, Placement, Rgb

EXACT_SCALE = 3.0
"""From this many buffer pixels per decoded pixel on, pixels are drawn as squares."""


def image_clip(size_px: tuple[int, int], placement: Placement, buffer: Buffer) -> Clip:
    """Part of a buffer that an image of this stored size covers."""
    right = placement.left_px + size_px[0] * placement.scale
    bottom = placement.top_px + size_px[1] * placement.scale
    return (
        min(max(round(placement.left_px), 0), buffer.shape[1]),
        min(max(round(placement.top_px), 0), buffer.shape[0]),
        max(min(round(right), buffer.shape[1]), 0),
        max(min(round(bottom), buffer.shape[0]), 0),
    )


def draw_image(
    buffer: Buffer,
    pixels: npt.NDArray[np.uint8],
    full_width_px: int,
    placement: Placement,
    clip: Clip,
    table: npt.NDArray[np.uint8],
) -> None:
    """Draw decoded BGRA `pixels` (H, W, 4), perhaps smaller than stored, where the stored lie.

    Every pixel inside `clip` is overwritten, opaque; `table` (256,) is the tone.
    """
    pixels = np.ascontiguousarray(pixels)
    if 0 in pixels.shape[:2] or clip[2] <= clip[0] or clip[3] <= clip[1]:
        return
    scale = placement.scale * full_width_px / pixels.shape[1]
    columns = _spans(clip[0], clip[2], placement.left_px, scale, pixels.shape[1])
    rows = _spans(clip[1], clip[3], placement.top_px, scale, pixels.shape[0])
    if scale < 1.0:
        _average(buffer, pixels, columns, rows, clip[0], clip[1], table)
    elif scale >= EXACT_SCALE:
        nearest_x = np.clip(np.floor(columns.mean(axis=1)), 0, pixels.shape[1] - 1).astype(np.intp)
        nearest_y = np.clip(np.floor(rows.mean(axis=1)), 0, pixels.shape[0] - 1).astype(np.intp)
        buffer[clip[1] : clip[3], clip[0] : clip[2]] = table[pixels[np.ix_(nearest_y, nearest_x)]]
        buffer[clip[1] : clip[3], clip[0] : clip[2], 3] = 255
    else:
        x, weight_x = _neighbours(columns, pixels.shape[1])
        y, weight_y = _neighbours(rows, pixels.shape[0])
        _interpolate(buffer, pixels, x, weight_x, y, weight_y, clip[0], clip[1], table)


def _spans(
    first: int, end: int, shift_px: float, scale: float, count: int
) -> npt.NDArray[np.float64]:
    """(N, 2) what each buffer pixel covers of the source, edges counted from 0."""
    edges = np.clip((np.arange(first, end + 1) - shift_px) / scale, 0.0, count)
    return np.column_stack([edges[:-1], edges[1:]])


def _neighbours(
    spans: npt.NDArray[np.float64], count: int
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """(N,) first of the two source pixels under each buffer pixel's centre, and (N,) 0..256."""
    centre = np.clip(spans.mean(axis=1) - 0.5, 0.0, count - 1.0)
    first = np.floor(centre).astype(np.int32)
    return first, np.round((centre - first) * 256).astype(np.int32)


def new_buffer(size_px: tuple[int, int], rgb: Rgb) -> Buffer:
    """(H, W, 4) opaque BGRA buffer of one colour; `size_px` is width and height."""
    red, green, blue = rgb
    pixel = np.array([blue, green, red, 255], dtype=np.uint8).view(np.uint32)[0]
    return np.full((size_px[1], size_px[0]), pixel).view(np.uint8).reshape(*size_px[::-1], 4)


@numba.njit(cache=True, nogil=True, fastmath=True)
def _average(buffer, pixels, columns, rows, left, top, table):
    """Mean of the source area under each buffer pixel."""
    width = len(columns)
    height, source_width = pixels.shape[0], pixels.shape[1]
    sums = np.empty(source_width * 4, dtype=np.float32)
    begin_x = int(columns[0, 0])
    end_x = min(source_width, math.ceil(columns[width - 1, 1]))
    used = sums[4 * begin_x : 4 * end_x]
    for y in range(len(rows)):
        y0, y1 = rows[y, 0], rows[y, 1]
        first = min(int(y0), height - 1)
        last = max(first + 1, min(height, math.ceil(y1)))
        used[:] = 0.0
        for sy in range(first, last):
            weight = np.float32(min(y1, sy + 1.0) - max(y0, sy))
            source = pixels[sy].reshape(-1)[4 * begin_x : 4 * end_x]
            for i in range(len(used)):
                used[i] += weight * source[i]
        for x in range(width):
            x0, x1 = columns[x, 0], columns[x, 1]
            start = min(int(x0), source_width - 1)
            stop = max(start + 1, min(source_width, math.ceil(x1)))
            blue = green = red = np.float32(0.0)
            for sx in range(start, stop):
                weight = np.float32(min(x1, sx + 1.0) - max(x0, sx))
                blue += weight * sums[4 * sx]
                green += weight * sums[4 * sx + 1]
                red += weight * sums[4 * sx + 2]
            area = np.float32(max((x1 - x0) * (y1 - y0), 1e-12))
            buffer[top + y, left + x, 0] = table[min(255, int(blue / area + 0.5))]
            buffer[top + y, left + x, 1] = table[min(255, int(green / area + 0.5))]
            buffer[top + y, left + x, 2] = table[min(255, int(red / area + 0.5))]
            buffer[top + y, left + x, 3] = 255


@numba.njit(cache=True, nogil=True)
def _interpolate(buffer, pixels, first_x, weight_x, first_y, weight_y, left, top, table):
    """Bilinear in fixed point: each weight of 0 to 256 belongs to the second neighbour."""
    last_x, last_y = pixels.shape[1] - 1, pixels.shape[0] - 1
    mixed = np.empty(pixels.shape[1] * 4, dtype=np.int32)
    for y in range(len(first_y)):
        upper = pixels[first_y[y]].reshape(-1)
        lower = pixels[min(first_y[y] + 1, last_y)].reshape(-1)
        down = np.int32(weight_y[y])
        up = np.int32(256) - down
        for i in range(len(mixed)):
            mixed[i] = up * np.int32(upper[i]) + down * np.int32(lower[i])
        target = buffer[top + y]
        for x in range(len(first_x)):
            a = np.uint32(4 * first_x[x])
            b = np.uint32(4 * min(first_x[x] + 1, last_x))
            right = weight_x[x]
            rest = np.int32(256) - right
            place = np.uint32(left + x)
            blue = (rest * mixed[a] + right * mixed[b] + 32768) >> 16
            green = (rest * mixed[a + 1] + right * mixed[b + 1] + 32768) >> 16
            red = (rest * mixed[a + 2] + right * mixed[b + 2] + 32768) >> 16
            target[place, 0] = table[np.uint32(blue)]
            target[place, 1] = table[np.uint32(green)]
            target[place, 2] = table[np.uint32(red)]
            target[place, 3] = 255
