"""Points drawn by the processor: the splats of `shaders/points`, several times faster there."""

import numpy as np
import numpy.typing as npt

from viewer.geometry import lazy_numba as nb
from viewer.render.picking import passes_filters

SOLID, VALUE, PACKED, HEIGHT, DISTANCE = range(5)
"""Numbers of the ways to colour, as the shader knows them."""


@nb.njit(cache=True, nogil=True, inline="always")  # type: ignore[untyped-decorator,unused-ignore]
def _colour(
    mode: int,
    value: float,
    ego_z: float,
    distance: float,
    low: float,
    high: float,
    table: npt.NDArray[np.uint32],
    solid: int,
) -> np.uint32:
    """Return a colour as 0xAABBGGRR."""
    if mode == 0:
        return np.uint32(solid)
    if mode == 2:
        return np.uint32(0xFF000000) | np.uint32(value)
    number = value
    if mode == 3:
        number = ego_z
    elif mode == 4:
        number = distance
    place = (number - low) / (high - low)
    if not place > 0.0:
        place = 0.0
    colour: np.uint32 = table[int(min(place, 1.0) * 255.0 + 0.5)]
    return colour


@nb.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator,unused-ignore]
def splat(
    xyz: npt.NDArray[np.float32],
    values: npt.NDArray[np.float32],
    clip: npt.NDArray[np.float64],
    ego: npt.NDArray[np.float64],
    limits: npt.NDArray[np.float64],
    box: npt.NDArray[np.float64],
    box_half: npt.NDArray[np.float64],
    mode: int,
    low: float,
    high: float,
    table: npt.NDArray[np.uint32],
    solid: int,
    size_px: float,
    round_splats: bool,
    colour: npt.NDArray[np.uint32],
    depth: npt.NDArray[np.float32],
) -> None:
    """Draw (N, 3) points into (H, W) colour (0xAABBGGRR) and depth, bottom row first.

    `clip` is the (4, 4) OpenGL clip matrix; a point whose centre is outside is not drawn, a pixel
    belongs to a splat when its centre does, and of equal depths the later point wins: as OpenGL
    has it. `limits` as in `picking.nearest_point`.
    """
    height, width = colour.shape
    half = 0.5 * size_px
    for i in range(len(xyz)):
        x, y, z = np.float64(xyz[i, 0]), np.float64(xyz[i, 1]), np.float64(xyz[i, 2])
        w = clip[3, 0] * x + clip[3, 1] * y + clip[3, 2] * z + clip[3, 3]
        u = clip[0, 0] * x + clip[0, 1] * y + clip[0, 2] * z + clip[0, 3]
        if not abs(u) <= w:
            continue
        v = clip[1, 0] * x + clip[1, 1] * y + clip[1, 2] * z + clip[1, 3]
        if not abs(v) <= w:
            continue
        d = clip[2, 0] * x + clip[2, 1] * y + clip[2, 2] * z + clip[2, 3]
        if not abs(d) <= w or not passes_filters(x, y, z, ego, limits, box, box_half):
            continue
        scale = 0.5 / w
        middle_x = (u * scale + 0.5) * width
        middle_y = (v * scale + 0.5) * height
        nearness = np.float32(d * scale + 0.5)
        left = max(0, int(np.ceil(middle_x - half - 0.5)))
        right = min(width, int(np.ceil(middle_x + half - 0.5)))
        bottom = max(0, int(np.ceil(middle_y - half - 0.5)))
        top = min(height, int(np.ceil(middle_y + half - 0.5)))
        shade = np.uint32(0)
        shaded = False
        for row in range(bottom, top):
            off_y = row + 0.5 - middle_y
            for column in range(left, right):
                if nearness > depth[row, column]:
                    continue
                if round_splats:
                    off_x = column + 0.5 - middle_x
                    if off_x * off_x + off_y * off_y > half * half:
                        continue
                if not shaded:
                    ego_z = ego[2, 0] * x + ego[2, 1] * y + ego[2, 2] * z + ego[2, 3]
                    distance = 0.0
                    if mode == 4:
                        ego_x = ego[0, 0] * x + ego[0, 1] * y + ego[0, 2] * z + ego[0, 3]
                        ego_y = ego[1, 0] * x + ego[1, 1] * y + ego[1, 2] * z + ego[1, 3]
                        distance = np.sqrt(ego_x * ego_x + ego_y * ego_y + ego_z * ego_z)
                    shade = _colour(mode, values[i], ego_z, distance, low, high, table, solid)
                    shaded = True
                depth[row, column] = nearness
                colour[row, column] = shade
