"""Follows the edges of a mask's pixels around, each edge once."""

# The signatures that numba compiles for give the types of the kernels.
# mypy: disable-error-code="no-untyped-def,no-untyped-call"

import numpy as np
from numba import njit, types

_MASK = types.Array(types.boolean, 2, "C")
_CORNERS = types.Array(types.uint8, 2, "C")
_VERTICES = types.Array(types.float64, 2, "C")
_ENDS = types.Array(types.int64, 1, "C")
_RIGHT, _DOWN, _LEFT, _UP = 1, 2, 4, 8


@njit(types.int64(_MASK, _CORNERS), cache=True, nogil=True)
def mark_edges(mask, corners):
    """Set, for each corner of pixels, the directions of the edges that begin at it.

    Edges keep the mask on their right. `mask` is (H, W), `corners` (H + 1, W + 1) and zero. Returns
    the count of turns, which is that of vertices.
    """
    height, width = mask.shape
    for y in range(height):
        for x in range(width):
            if not mask[y, x]:
                continue
            if y == 0 or not mask[y - 1, x]:
                corners[y, x] |= _RIGHT
            if x == width - 1 or not mask[y, x + 1]:
                corners[y, x + 1] |= _DOWN
            if y == height - 1 or not mask[y + 1, x]:
                corners[y + 1, x + 1] |= _LEFT
            if x == 0 or not mask[y, x - 1]:
                corners[y + 1, x] |= _UP
    turns = 0
    for y in range(height + 1):
        for x in range(width + 1):
            inside = 0
            for dy in range(2):
                for dx in range(2):
                    row, column = y - dy, x - dx
                    if 0 <= row < height and 0 <= column < width and mask[row, column]:
                        inside += 1
            if inside in (1, 3):
                turns += 1
            elif inside == 2 and corners[y, x] in (_RIGHT | _LEFT, _DOWN | _UP):
                turns += 2
    return turns


@njit(types.int64(_CORNERS, _VERTICES, _ENDS, _ENDS), cache=True, nogil=True)
def follow_rings(corners, vertices, ends, areas_px):
    """Follow all rings, which takes their edges away; return how many there are.

    Ring i ends before row `ends[i]` of the (V, 2) x, y vertices; twice its area is `areas_px[i]`,
    negative for a hole.
    """
    height, width = corners.shape
    rings = 0
    count = 0
    for start_y in range(height):
        for start_x in range(width):
            # Every ring has an edge to the right; the first in this order begins with a turn.
            while corners[start_y, start_x] & _RIGHT:
                y, x = start_y, start_x
                direction = 0
                twice_area = 0
                vertices[count, 0] = x
                vertices[count, 1] = y
                count += 1
                while True:
                    corners[y, x] &= np.uint8(15 ^ (1 << direction))
                    if direction == 0:
                        x += 1
                        twice_area -= 2 * y
                    elif direction == 1:
                        y += 1
                    elif direction == 2:
                        x -= 1
                        twice_area += 2 * y
                    else:
                        y -= 1
                    choices = corners[y, x]
                    at_start = y == start_y and x == start_x
                    if at_start:
                        choices |= np.uint8(_RIGHT)
                    # Right before straight on before left keeps pixels that touch at a corner
                    # apart.
                    following = (direction + 1) % 4
                    if not choices & (1 << following):
                        following = direction
                    if not choices & (1 << following):
                        following = (direction + 3) % 4
                    if at_start and following == 0:
                        break
                    if following != direction:
                        vertices[count, 0] = x
                        vertices[count, 1] = y
                        count += 1
                    direction = following
                ends[rings] = count
                areas_px[rings] = twice_area
                rings += 1
    return rings
