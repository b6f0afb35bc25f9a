"""Compiled way back from pixels to rays: Newton's method that stays inside the domain."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from viewer.geometry import lazy_numba as nb
from viewer.geometry.cameras.lens_kernels import (
    BROWN_CONRADY,
    MEI,
    PackedLens,
    atan2_upper,
    brown_distort,
    fisheye_radius,
    frozen,
)

Array = npt.NDArray[np.float64]

TOLERANCE_PX: Final = 1e-9
CHUNK: Final = 2048
STEPS: Final = 60


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _brown_jacobian(x, y, lens):  # type: ignore[no-untyped-def]
    """Derivatives (xx, xy, yx, yy) of `brown_distort`."""
    k1, k2, p1, p2, k3, k4 = lens[6], lens[7], lens[8], lens[9], lens[10], lens[11]
    k5, k6, s1, s2, s3, s4 = lens[12], lens[13], lens[14], lens[15], lens[16], lens[17]
    r2 = x * x + y * y
    above = 1 + r2 * (k1 + r2 * (k2 + r2 * k3))
    below = 1 + r2 * (k4 + r2 * (k5 + r2 * k6))
    radial = above / below
    d_above = k1 + r2 * (2 * k2 + 3 * r2 * k3)
    d_below = k4 + r2 * (2 * k5 + 3 * r2 * k6)
    slope = 2 * (d_above - radial * d_below) / below
    prism_x = 2 * (s1 + 2 * s2 * r2)
    prism_y = 2 * (s3 + 2 * s4 * r2)
    cross = x * y * slope + 2 * (p1 * x + p2 * y)
    return (
        radial + x * x * slope + 2 * p1 * y + 6 * p2 * x + x * prism_x,
        cross + y * prism_x,
        cross + x * prism_y,
        radial + y * y * slope + 6 * p1 * y + 2 * p2 * x + y * prism_y,
    )


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _newton(xd, yd, x, y, lens, tolerance):  # type: ignore[no-untyped-def]
    """(found, x, y): Newton steps from (x, y), damped (Levenberg-Marquardt) where they miss.

    A step that leaves the domain is pulled back to its rim; each that is taken lowers the miss.
    """
    rim = lens[5] * (1 - 1e-14)
    fx, fy = brown_distort(x, y, lens)
    ex, ey = xd - fx, yd - fy
    miss = ex * ex + ey * ey
    damping = 0.0
    for _ in range(STEPS):
        if miss <= tolerance * tolerance * 1e-4:
            break
        a, b, c, d = _brown_jacobian(x, y, lens)
        p, q, r = a * a + c * c, a * b + c * d, b * b + d * d
        gx, gy = a * ex + c * ey, b * ex + d * ey
        size = p + r
        better = False
        for _ in range(30):
            if damping == 0.0:
                det = a * d - b * c
                dx, dy = (d * ex - b * ey) / det, (a * ey - c * ex) / det
            else:
                extra = damping * size
                det = (p + extra) * (r + extra) - q * q
                dx = ((r + extra) * gx - q * gy) / det
                dy = ((p + extra) * gy - q * gx) / det
            nx, ny = x + dx, y + dy
            length = np.sqrt(nx * nx + ny * ny)
            if length > rim:
                nx, ny = nx * (rim / length), ny * (rim / length)
            fx, fy = brown_distort(nx, ny, lens)
            hx, hy = xd - fx, yd - fy
            new_miss = hx * hx + hy * hy
            if new_miss < miss:
                x, y, ex, ey, miss = nx, ny, hx, hy, new_miss
                damping = damping * 0.1 if damping > 1e-9 else 0.0
                better = True
                break
            damping = max(damping * 10, 1e-6)
        if not better:
            break
    # Next to a pole the last bit of x alone moves the pixel by more than the tolerance.
    a, b, c, d = _brown_jacobian(x, y, lens)
    rounding = 4e-16 * (abs(a) + abs(b) + abs(c) + abs(d)) * (abs(x) + abs(y))
    return np.sqrt(miss) <= tolerance + rounding, x, y


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _radial_start(rd, lens):  # type: ignore[no-untyped-def]
    """Radius that the radial part alone maps to `rd`, or nearly so, inside the domain."""
    low = 0.0
    high = lens[5]
    if high == np.inf:
        high = max(rd, 1.0)
        for _ in range(200):
            if _radial(high, lens) >= rd:
                break
            high *= 2
    else:
        high *= 1 - 1e-12
        if _radial(high, lens) <= rd:
            return high
    for _ in range(20):
        middle = (low + high) / 2
        if _radial(middle, lens) < rd:
            low = middle
        else:
            high = middle
    return (low + high) / 2


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _radial(r, lens):  # type: ignore[no-untyped-def]
    r2 = r * r
    above = 1 + r2 * (lens[6] + r2 * (lens[7] + r2 * lens[10]))
    return r * above / (1 + r2 * (lens[11] + r2 * (lens[12] + r2 * lens[13])))


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _brown_reach(lens):  # type: ignore[no-untyped-def]
    """Largest distorted radius that the rim of the domain reaches; inf for an open domain."""
    if lens[5] == np.inf:
        return np.inf
    reach = 0.0
    for i in range(256):
        phi = i * (2 * np.pi / 256)
        xd, yd = brown_distort(lens[5] * np.cos(phi), lens[5] * np.sin(phi), lens)
        reach = max(reach, np.hypot(xd, yd))
    return reach * 1.001


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _brown_ray(xd, yd, lens, reach, tolerance):  # type: ignore[no-untyped-def]
    """(found, x, y) on the plane z = 1."""
    rd = np.sqrt(xd * xd + yd * yd)
    if not rd <= reach:
        return False, 0.0, 0.0
    if rd < 0.1 * min(lens[5], 1.0):
        found, x, y = _newton(xd, yd, xd, yd, lens, tolerance)
        if found:
            return found, x, y
    r = _radial_start(rd, lens)
    cos, sin = (xd / rd, yd / rd) if rd > 0 else (1.0, 0.0)
    found, x, y = _newton(xd, yd, r * cos, r * sin, lens, tolerance)
    if found or (lens[8] == 0 and lens[9] == 0 and lens[14:18].max() == lens[14:18].min() == 0):
        return found, x, y
    # Strong tangential terms bend the way: begin again from around the straight guess.
    for turn in range(1, 12):
        phi = (turn + 1) // 2 * (np.pi / 6) * (1 if turn % 2 else -1)
        c, s = np.cos(phi), np.sin(phi)
        for part in (0.95, 0.7, 0.4):
            x0, y0 = part * r * (cos * c - sin * s), part * r * (cos * s + sin * c)
            found, x, y = _newton(xd, yd, x0, y0, lens, tolerance)
            if found:
                return found, x, y
    return False, 0.0, 0.0


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _fisheye_angle(rd, lens):  # type: ignore[no-untyped-def]
    """(found, theta) that the lens maps to the distorted angle `rd`."""
    limit = lens[5]
    if not rd < fisheye_radius(limit, lens):
        return False, 0.0
    low, high = 0.0, limit
    theta = min(rd, limit * 0.5)
    for _ in range(100):
        miss = fisheye_radius(theta, lens) - rd
        if miss > 0:
            high = theta
        else:
            low = theta
        t2 = theta * theta
        slope = 1 + t2 * (3 * lens[6] + t2 * (5 * lens[7] + t2 * (7 * lens[8] + t2 * 9 * lens[9])))
        step = miss / slope if slope > 1e-300 else np.inf
        if abs(step) <= 1e-16 * theta:
            break
        new = theta - step
        theta = new if low < new < high else (low + high) / 2
        if high - low <= 1e-16 * high:
            break
    return theta < limit, theta


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _lifted(x, y, lens):  # type: ignore[no-untyped-def]
    """(inside, x, y, z): the unit ray that meets the plane of a MEI lens at (x, y)."""
    xi = lens[11]
    r2 = x * x + y * y
    root = np.sqrt(max(1.0 + (1.0 - xi * xi) * r2, 0.0))
    scale = (xi + root) / (1.0 + r2)
    # The same as scale - xi, without taking the difference of what is nearly equal.
    z = (root - xi * r2) / (1.0 + r2)
    x, y = scale * x, scale * y
    return atan2_upper(np.sqrt(x * x + y * y), z) < lens[5], x, y, z


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _unproject_range(kind, pixels, lens, plane, reach, start, stop, directions, valid):  # type: ignore[no-untyped-def]
    tolerance = TOLERANCE_PX / max(lens[0], lens[1])
    for i in range(start, stop):
        yd = (pixels[i, 1] - lens[3]) / lens[1]
        xd = (pixels[i, 0] - lens[2]) / lens[0] - lens[4] * yd
        z = 1.0
        rd = np.sqrt(xd * xd + yd * yd)
        if kind == BROWN_CONRADY:
            found, x, y = _brown_ray(xd, yd, plane, reach, tolerance + 4e-16 * rd)
        elif kind == MEI:
            found, x, y = _brown_ray(xd, yd, plane, reach, tolerance + 4e-16 * rd)
            inside, x, y, z = _lifted(x, y, lens)
            found = found and inside
        else:
            found, theta = _fisheye_angle(rd, lens)
            scale = np.sin(theta) / rd if rd > 0 else 1.0
            x, y, z = xd * scale, yd * scale, np.cos(theta)
        norm = np.sqrt(x * x + y * y + z * z)
        valid[i] = found
        directions[i, 0] = x / norm if found else np.nan
        directions[i, 1] = y / norm if found else np.nan
        directions[i, 2] = z / norm if found else np.nan


@nb.njit(cache=True, nogil=True, parallel=True, error_model="numpy")
def _unproject_parallel(kind, pixels, lens, plane, reach, directions, valid):  # type: ignore[no-untyped-def]
    count = len(pixels)
    for chunk in nb.prange((count + CHUNK - 1) // CHUNK):
        start = chunk * CHUNK
        stop = min(start + CHUNK, count)
        _unproject_range(kind, pixels, lens, plane, reach, start, stop, directions, valid)


def unproject_all(
    lens: PackedLens, pixels: npt.NDArray[np.floating[Any]]
) -> tuple[Array, npt.NDArray[np.bool_]]:
    """(N, 2) pixels to unit rays (N, 3) in the camera and valid (N,), each worked out alone."""
    pixels = frozen(np.ascontiguousarray(pixels, dtype=np.float64).reshape(-1, 2))
    count = len(pixels)
    directions = np.empty((count, 3))
    valid = np.empty(count, dtype=np.bool_)
    values = plane = lens.values
    if lens.kind == MEI:
        plane = values.copy()
        plane[5], plane[11:] = values[12], 0.0
        plane = frozen(plane)
    reach = _brown_reach(plane) if lens.kind in (BROWN_CONRADY, MEI) else np.inf
    if count < 2 * CHUNK:
        _unproject_range(lens.kind, pixels, values, plane, reach, 0, count, directions, valid)
    else:
        _unproject_parallel(lens.kind, pixels, values, plane, reach, directions, valid)
    return directions, valid
