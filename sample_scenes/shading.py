"""What colour a ray brings back: procedural surfaces under one sun and a hazy sky."""

import math

import numba as nb
import numpy as np
import numpy.typing as npt

from sample_scenes.meshes import Material

SUN = np.array([-0.42, -0.5, 0.76]) / np.linalg.norm([-0.42, -0.5, 0.76])

MATTE = int(Material.MATTE)
GROUND = int(Material.GROUND)
FACADE = int(Material.FACADE)
GLASS = int(Material.GLASS)
PAINT = int(Material.PAINT)
FOLIAGE = int(Material.FOLIAGE)
LIGHT = int(Material.LIGHT)
TILES = int(Material.TILES)
KERB_T = 5.9
SUN_RGB = (2.35, 2.1, 1.75)
SKY_LIGHT_RGB = (0.58, 0.68, 0.86)
HAZE_RGB = (0.66, 0.74, 0.84)
SUN_X, SUN_Y, SUN_Z = (float(part) for part in SUN)

kernel = nb.njit(cache=True, nogil=True, fastmath=False)


@kernel
def _hash(i: int, j: int, k: int) -> float:
    """Noise of a lattice point, 0..1."""
    h = (i * 374761393 + j * 668265263 + k * 2147483647) & 0xFFFFFFFF
    h = ((h ^ (h >> 13)) * 1274126177) & 0xFFFFFFFF
    h = (h ^ (h >> 16)) & 0xFFFFFFFF
    return h / 4294967295.0


@kernel
def _noise(x: float, y: float) -> float:
    """Smooth noise over the plane, 0..1, one cell a unit."""
    i, j = math.floor(x), math.floor(y)
    fx, fy = x - i, y - j
    fx, fy = fx * fx * (3 - 2 * fx), fy * fy * (3 - 2 * fy)
    low = _hash(i, j, 0) * (1 - fx) + _hash(i + 1, j, 0) * fx
    high = _hash(i, j + 1, 0) * (1 - fx) + _hash(i + 1, j + 1, 0) * fx
    return low * (1 - fy) + high * fy


@kernel
def _step(x: float, low: float, high: float) -> float:
    share = min(max((x - low) / (high - low), 0.0), 1.0)
    return share * share * (3 - 2 * share)


@kernel
def sky(dx: float, dy: float, dz: float) -> tuple[float, float, float]:
    """Colour of the sky in a direction: haze at the horizon, thin cloud, glow at the sun."""
    up = max(dz, 0.0)
    blue = 1 - math.exp(-4.2 * up)
    r = HAZE_RGB[0] * (1 - blue) + 0.16 * blue
    g = HAZE_RGB[1] * (1 - blue) + 0.36 * blue
    b = HAZE_RGB[2] * (1 - blue) + 0.78 * blue
    if dz > 0.02:
        u, v = dx / (dz + 0.15), dy / (dz + 0.15)
        cloud = 0.55 * _noise(1.3 * u, 1.3 * v) + 0.3 * _noise(2.9 * u + 7, 2.9 * v)
        cloud += 0.15 * _noise(6.5 * u, 6.5 * v + 3)
        cover = 0.75 * _step(cloud, 0.48, 0.75) * _step(dz, 0.02, 0.2)
        r, g, b = r + (0.95 - r) * cover, g + (0.95 - g) * cover, b + (0.96 - b) * cover
    glow = max(dx * SUN_X + dy * SUN_Y + dz * SUN_Z, 0.0)
    shine = 0.25 * glow**12 + 3.0 * glow**600
    return r + shine, g + 0.92 * shine, b + 0.75 * shine


@kernel
def _line(x: float, half: float, blur: float) -> float:
    """1 on a stripe around zero, softened over `blur`."""
    return 1 - _step(abs(x), half - blur / 2, half + blur / 2 + 1e-6)


@kernel
def _ground(s: float, t: float, blur: float) -> tuple[float, float, float]:
    """Colour of the ground at road coordinates; `blur` is the size of a pixel there."""
    side = abs(t)
    fine = 1 / (1 + 30 * blur)
    if side < KERB_T - 0.0005:
        return _asphalt(s, t, blur, fine)
    if side < KERB_T + 0.22:
        joint = 1 - 0.35 * _line(s - math.floor(s + 0.5), 0.012, blur)
        tone = (0.36 + 0.06 * _hash(math.floor(s + 0.5), 5, 1)) * joint
        return tone, tone, tone * 0.97
    if side < 9.3:
        return _paving(s, t, blur, fine)
    if side < 10.6:
        return _lawn(s, t, fine)
    if side < 16:
        cell = 0.5 + 0.5 * _noise(0.8 * s, 0.8 * t)
        tone = 0.24 + 0.05 * cell
        return tone, tone * 0.97, tone * 0.92
    return _lawn(s, t, fine)


@kernel
def _lawn(s: float, t: float, fine: float) -> tuple[float, float, float]:
    tone = 0.55 + 0.35 * _noise(0.4 * s, 0.4 * t) + 0.35 * fine * (_noise(7 * s, 7 * t) - 0.5)
    return 0.16 * tone, 0.27 * tone, 0.07 * tone


@kernel
def _paving(s: float, t: float, blur: float, fine: float) -> tuple[float, float, float]:
    row = math.floor(t / 0.5)
    shifted = s + 0.25 * (row - 2 * math.floor(row / 2))
    column = math.floor(shifted / 0.75)
    tint = _hash(row, column, 2)
    edge = max(
        _line(t - 0.5 * math.floor(t / 0.5 + 0.5), 0.012, blur),
        _line(shifted - 0.75 * math.floor(shifted / 0.75 + 0.5), 0.012, blur),
    )
    tone = 0.33 + 0.05 * (tint - 0.5) * fine * 1.6 + 0.05 * (_noise(0.5 * s, 0.5 * t) - 0.5)
    tone *= 1 - 0.35 * edge * fine * 1.5
    return tone, tone * 0.965, tone * 0.91


@kernel
def _asphalt(s: float, t: float, blur: float, fine: float) -> tuple[float, float, float]:
    tone = 0.105 + 0.03 * (_noise(0.35 * s, 0.9 * t) - 0.5)
    tone += 0.035 * fine * (_noise(11 * s, 11 * t) - 0.5)
    # Tyres darken two tracks in each lane.
    lane = abs(abs(t) - 1.75)
    tone -= 0.012 * math.exp(-((lane - 0.75) ** 2) / 0.08)
    patch = _noise(0.11 * s + 40, 0.5 * t)
    tone -= 0.02 * _step(patch, 0.74, 0.76)
    dash = s - 6 * math.floor(s / 6)
    mark = _line(t, 0.075, blur) * _line(dash - 1.5, 1.5, blur)
    dash = s - 1.2 * math.floor(s / 1.2)
    mark = max(mark, _line(abs(t) - 3.55, 0.06, blur) * _line(dash - 0.3, 0.3, blur))
    bay = s - 5.8 * math.floor(s / 5.8)
    mark = max(mark, _line(bay - 2.9, 0.06, blur) * _step(abs(t), 3.5, 3.55))
    near_crossing = abs(s - 44)
    if near_crossing < 8:
        mark *= 1 - _line(near_crossing, 6.0, 0.1) * (abs(t) < 3.4)
        bar = t - math.floor(t + 0.5)
        mark = max(mark, _line(near_crossing, 1.9, blur) * _line(bar, 0.25, blur) * (abs(t) < 3.75))
        stop = s - 40.4 if t < 0 else s - 47.6
        mark = max(mark, _line(stop, 0.2, blur) * _line(abs(t) - 1.75, 1.6, blur))
    hole = math.hypot(s - 13 * math.floor(s / 13 + 0.5) - 2, t + 1.3)
    tone *= 1 - 0.45 * _line(hole, 0.33, max(blur, 0.02))
    mark *= 0.82 + 0.25 * fine * _noise(9 * s, 9 * t)
    tone = tone + (0.62 - tone) * min(mark, 1.0)
    return tone, tone, tone * 1.02


@kernel
def _facade(
    u: float, v: float, rgb: npt.NDArray[np.float32], seed: int, blur: float
) -> tuple[float, float, float, float]:
    """Colour of a house front, and how much of it mirrors the sky (window panes)."""
    shop = v < 3.35
    pitch, storey = (3.6, 3.4) if shop else (2.4, 3.1)
    base = 0.0 if shop else 3.6
    cell_u, cell_v = math.floor(u / pitch), math.floor((v - base) / storey)
    across, up = u / pitch - cell_u - 0.5, (v - base) / storey - cell_v
    half, low, high = (0.4, 0.14, 0.78) if shop else (0.24, 0.24, 0.78)
    soft = blur / pitch
    pane = _line(across, half, soft) * _line(up - (low + high) / 2, (high - low) / 2, blur / storey)
    rim = _line(across, half + 0.045, soft)
    rim *= _line(up - (low + high) / 2, (high - low) / 2 + 0.03, blur / storey)
    grain = 1 + 0.09 * (_noise(0.9 * u, 0.9 * v) - 0.5)
    course = v - 0.3 * math.floor(v / 0.3 + 0.5)
    grain *= 1 - 0.1 * _line(course, 0.02, max(blur, 0.02)) / (1 + 20 * blur)
    r, g, b = rgb[0] * grain, rgb[1] * grain, rgb[2] * grain
    r, g, b = r + (0.72 - r) * rim, g + (0.71 - g) * rim, b + (0.68 - b) * rim
    lit = _hash(cell_u, cell_v, seed)
    tone = 0.03 + 0.1 * lit * lit
    cross = max(_line(across, 0.012, soft), _line(up - 0.56, 0.008, blur / storey))
    pane *= 1 - 0.9 * cross
    r, g, b = r + (tone * 1.1 - r) * pane, g + (tone - g) * pane, b + (tone * 0.9 - b) * pane
    return r, g, b, pane


@kernel
def albedo(
    material: int,
    rgb: npt.NDArray[np.float32],
    u: float,
    v: float,
    position: npt.NDArray[np.float64],
    blur: float,
    seed: int,
) -> tuple[float, float, float, float]:
    """Own colour of a surface, and the share of it that mirrors."""
    if material == GROUND:
        r, g, b = _ground(u, v, blur)
        return r, g, b, 0.0
    if material == FACADE:
        return _facade(u, v, rgb, seed, blur)
    if material == FOLIAGE:
        x, y, z = position
        leaf = _noise(9 * x + 3.1 * z, 9 * y + 4.3 * z) - 0.5
        clump = _noise(2.2 * x + 1.7 * z, 2.2 * y - 1.3 * z)
        tone = 0.55 + 0.7 * clump + 1.1 * leaf / (1 + 12 * blur)
        return rgb[0] * tone, rgb[1] * tone, rgb[2] * tone, 0.0
    if material == TILES:
        row = v - 0.35 * math.floor(v / 0.35)
        tone = 0.8 + 0.35 * row / (1 + 8 * blur) + 0.2 * (_noise(1.5 * u, 3 * v) - 0.5)
        return rgb[0] * tone, rgb[1] * tone, rgb[2] * tone, 0.0
    if material == GLASS:
        return rgb[0], rgb[1], rgb[2], 1.0
    if material == PAINT:
        return rgb[0], rgb[1], rgb[2], 0.35
    return rgb[0], rgb[1], rgb[2], 0.0


@kernel
def shade(
    material: int,
    rgb: npt.NDArray[np.float32],
    uv: tuple[float, float],
    position: npt.NDArray[np.float64],
    normal: tuple[float, float, float],
    ray: tuple[float, float, float],
    distance: float,
    blur: float,
    sunlit: float,
    open_sky: float,
    seed: int,
) -> tuple[float, float, float]:
    """Light that one hit sends back along the ray, linear."""
    nx, ny, nz = normal
    dx, dy, dz = ray
    r, g, b, mirror = albedo(material, rgb, uv[0], uv[1], position, blur, seed)
    if material == LIGHT:
        r, g, b = r * 1.5, g * 1.5, b * 1.5
    direct = max(nx * SUN_X + ny * SUN_Y + nz * SUN_Z, 0.0) * sunlit
    dome = (0.55 + 0.45 * nz) * open_sky
    bounce = 0.16 * (0.5 - 0.5 * nz) * (0.4 + 0.6 * open_sky)
    out_r = r * (direct * SUN_RGB[0] + dome * SKY_LIGHT_RGB[0] + bounce)
    out_g = g * (direct * SUN_RGB[1] + dome * SKY_LIGHT_RGB[1] + bounce * 0.95)
    out_b = b * (direct * SUN_RGB[2] + dome * SKY_LIGHT_RGB[2] + bounce * 0.88)
    if mirror > 0:
        facing = -(dx * nx + dy * ny + dz * nz)
        rx, ry, rz = dx + 2 * facing * nx, dy + 2 * facing * ny, dz + 2 * facing * nz
        fresnel = 0.04 + 0.96 * (1 - min(max(facing, 0.0), 1.0)) ** 5
        gain = mirror * (0.16 + 0.84 * fresnel) * (0.3 + 0.7 * open_sky)
        if rz > 0:
            sr, sg, sb = sky(rx, ry, rz)
        else:
            sr, sg, sb = 0.14, 0.14, 0.14
        low = _step(rz, -0.05, 0.28)
        sr, sg, sb = 0.17 + (sr - 0.17) * low, 0.165 + (sg - 0.165) * low, 0.16 + (sb - 0.16) * low
        out_r, out_g, out_b = out_r + gain * sr, out_g + gain * sg, out_b + gain * sb
    haze = 1 - math.exp(-distance / 420)
    return (
        out_r + (HAZE_RGB[0] - out_r) * haze,
        out_g + (HAZE_RGB[1] - out_g) * haze,
        out_b + (HAZE_RGB[2] - out_b) * haze,
    )
