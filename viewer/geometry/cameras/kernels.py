"""Compiled lens maps. Each pixel is computed alone, so any number of threads gives the same bits.

Brown-Conrady coefficients come as one array in OpenCV's order: k1 k2 p1 p2 k3 k4 k5 k6 s1..s4.
"""

from math import atan2, cos, pi, sin, sqrt

import numba as nb
import numpy as np

RADIAL_STEPS = 128
AZIMUTH_STEPS = 32
NEWTON_STEPS = 60


@nb.njit(cache=True, nogil=True, inline="always")
def _brown(x, y, d):  # type: ignore[no-untyped-def]
    """Distorted (x, y) and the denominator of the radial factor."""
    r2 = x * x + y * y
    numerator = 1 + r2 * (d[0] + r2 * (d[1] + r2 * d[4]))
    denominator = 1 + r2 * (d[5] + r2 * (d[6] + r2 * d[7]))
    radial = numerator / denominator
    xy2 = 2 * x * y
    u = x * radial + d[2] * xy2 + d[3] * (r2 + 2 * x * x) + r2 * (d[8] + r2 * d[9])
    v = y * radial + d[2] * (r2 + 2 * y * y) + d[3] * xy2 + r2 * (d[10] + r2 * d[11])
    return u, v, denominator


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _brown_jacobian(x, y, d):  # type: ignore[no-untyped-def]
    """Partial derivatives du/dx, du/dy, dv/dx, dv/dy and the denominator."""
    r2 = x * x + y * y
    numerator = 1 + r2 * (d[0] + r2 * (d[1] + r2 * d[4]))
    denominator = 1 + r2 * (d[5] + r2 * (d[6] + r2 * d[7]))
    slope_n = d[0] + r2 * (2 * d[1] + 3 * r2 * d[4])
    slope_d = d[5] + r2 * (2 * d[6] + 3 * r2 * d[7])
    radial = numerator / denominator
    slope = (slope_n * denominator - numerator * slope_d) / (denominator * denominator)
    rx = 2 * x * slope
    ry = 2 * y * slope
    prism_u = d[8] + 2 * r2 * d[9]
    prism_v = d[10] + 2 * r2 * d[11]
    ux = radial + x * rx + 2 * d[2] * y + 6 * d[3] * x + 2 * x * prism_u
    uy = x * ry + 2 * d[2] * x + 2 * d[3] * y + 2 * y * prism_u
    vx = y * rx + 2 * d[2] * x + 2 * d[3] * y + 2 * x * prism_v
    vy = radial + y * ry + 6 * d[2] * y + 2 * d[3] * x + 2 * y * prism_v
    return ux, uy, vx, vy, denominator


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _brown_regular(angle, azimuth, d):  # type: ignore[no-untyped-def]
    """Whether the map is one to one near the ray `angle` off axis, towards `azimuth`."""
    r = sin(angle) / cos(angle)
    ux, uy, vx, vy, denominator = _brown_jacobian(r * cos(azimuth), r * sin(azimuth), d)
    return denominator > 0 and ux * vy - uy * vx > 0


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _first_fold(azimuth, d, end, steps):  # type: ignore[no-untyped-def]
    """Smallest angle below `end` at which the map stops being regular; `end` if there is none."""
    before = 0.0
    for step in range(1, steps + 1):
        angle = end * step / steps
        if not _brown_regular(angle, azimuth, d):
            after = angle
            for _ in range(60):
                middle = 0.5 * (before + after)
                if _brown_regular(middle, azimuth, d):
                    before = middle
                else:
                    after = middle
            return before
        before = angle
    return end


@nb.njit(cache=True, nogil=True, error_model="numpy")
def brown_conrady_limit(d):  # type: ignore[no-untyped-def]
    """Normalised radius of the domain: the first fold along any azimuth, inf if there is none."""
    straight = pi / 2 - 1e-4
    symmetric = True
    for place in (2, 3, 8, 9, 10, 11):
        if d[place] != 0:
            symmetric = False
    best = _first_fold(0.0, d, straight, 4 * RADIAL_STEPS)
    best_azimuth = 0.0
    if not symmetric:
        for step in range(1, AZIMUTH_STEPS):
            azimuth = 2 * pi * step / AZIMUTH_STEPS
            found = _first_fold(azimuth, d, straight, RADIAL_STEPS)
            if found < best:
                best = found
                best_azimuth = azimuth
        width = 2 * pi / AZIMUTH_STEPS
        while width > 1e-7:
            for side in (-1.0, 1.0):
                found = _first_fold(best_azimuth + side * width / 2, d, best, RADIAL_STEPS)
                if found < best:
                    best = found
                    best_azimuth += side * width / 2
            width /= 2
    if best >= straight:
        return np.inf
    return sin(best) / cos(best)


@nb.njit(cache=True, nogil=True, parallel=True, error_model="numpy")
def project_pinhole(points, fx, fy, cx, cy):  # type: ignore[no-untyped-def]
    """Pixels and validity of (N, 3) points; valid where z > 0."""
    pixels = np.empty((len(points), 2))
    valid = np.empty(len(points), np.bool_)
    for i in nb.prange(len(points)):
        z = float(points[i, 2])
        u = fx * (points[i, 0] / z) + cx if z > 0 else np.nan
        v = fy * (points[i, 1] / z) + cy if z > 0 else np.nan
        good = abs(u) < np.inf and abs(v) < np.inf
        valid[i] = good
        pixels[i, 0] = u if good else np.nan
        pixels[i, 1] = v if good else np.nan
    return pixels, valid


@nb.njit(cache=True, nogil=True, parallel=True, error_model="numpy")
def project_brown_conrady(points, fx, fy, cx, cy, d, limit):  # type: ignore[no-untyped-def]
    """Pixels and validity of (N, 3) points; valid where z > 0 inside normalised radius `limit`."""
    pixels = np.empty((len(points), 2))
    valid = np.empty(len(points), np.bool_)
    limit2 = limit * limit
    for i in nb.prange(len(points)):
        z = float(points[i, 2])
        pixels[i, 0] = np.nan
        pixels[i, 1] = np.nan
        valid[i] = False
        if z > 0:
            inverse = 1 / z
            x = points[i, 0] * inverse
            y = points[i, 1] * inverse
            if x * x + y * y < limit2:
                xd, yd, _ = _brown(x, y, d)
                u = fx * xd + cx
                v = fy * yd + cy
                if abs(u) < np.inf and abs(v) < np.inf:
                    pixels[i, 0] = u
                    pixels[i, 1] = v
                    valid[i] = True
    return pixels, valid


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _brown_invert(xd, yd, d, limit2):  # type: ignore[no-untyped-def]
    """Undistorted (x, y) inside the domain, and whether it was found.

    Newton's method, shortened until it stays inside the domain and comes nearer.
    """
    x = xd
    y = yd
    r2 = x * x + y * y
    if r2 >= limit2:
        shrink = 0.9 * sqrt(limit2 / r2)
        x *= shrink
        y *= shrink
    u, v, _ = _brown(x, y, d)
    miss = (u - xd) ** 2 + (v - yd) ** 2
    for _ in range(NEWTON_STEPS):
        if miss < 1e-28:
            return x, y, True
        ux, uy, vx, vy, _ = _brown_jacobian(x, y, d)
        det = ux * vy - uy * vx
        dx = (vy * (u - xd) - uy * (v - yd)) / det
        dy = (ux * (v - yd) - vx * (u - xd)) / det
        part = 1.0
        moved = False
        for _ in range(40):
            xn = x - part * dx
            yn = y - part * dy
            if xn * xn + yn * yn < limit2:
                un, vn, _ = _brown(xn, yn, d)
                missn = (un - xd) ** 2 + (vn - yd) ** 2
                if missn < miss:
                    x, y, u, v, miss = xn, yn, un, vn, missn
                    moved = True
                    break
            part *= 0.5
        if not moved:
            break
    return x, y, miss < 1e-20


@nb.njit(cache=True, nogil=True, parallel=True, error_model="numpy")
def unproject_brown_conrady(pixels, fx, fy, cx, cy, d, limit):  # type: ignore[no-untyped-def]
    """Unit rays and validity of (N, 2) pixels."""
    rays = np.full((len(pixels), 3), np.nan)
    valid = np.zeros(len(pixels), np.bool_)
    limit2 = min(limit * limit, 1e12)
    for i in nb.prange(len(pixels)):
        xd = (pixels[i, 0] - cx) / fx
        yd = (pixels[i, 1] - cy) / fy
        if abs(xd) < np.inf and abs(yd) < np.inf:
            x, y, found = _brown_invert(xd, yd, d, limit2)
            if found:
                length = sqrt(x * x + y * y + 1)
                rays[i, 0] = x / length
                rays[i, 1] = y / length
                rays[i, 2] = 1 / length
                valid[i] = True
    return rays, valid


@nb.njit(cache=True, nogil=True, inline="always")
def _fisheye_radius(theta, k):  # type: ignore[no-untyped-def]
    t2 = theta * theta
    return theta * (1 + t2 * (k[0] + t2 * (k[1] + t2 * (k[2] + t2 * k[3]))))


@nb.njit(cache=True, nogil=True, inline="always")
def _fisheye_slope(theta, k):  # type: ignore[no-untyped-def]
    t2 = theta * theta
    return 1 + t2 * (3 * k[0] + t2 * (5 * k[1] + t2 * (7 * k[2] + t2 * 9 * k[3])))


@nb.njit(cache=True, nogil=True, error_model="numpy")
def fisheye_limit(k):  # type: ignore[no-untyped-def]
    """Angle in (0, pi] up to which the image radius grows."""
    steps = 2048
    before = 0.0
    for step in range(1, steps + 1):
        theta = pi * step / steps
        if _fisheye_slope(theta, k) <= 0:
            after = theta
            for _ in range(60):
                middle = 0.5 * (before + after)
                if _fisheye_slope(middle, k) <= 0:
                    after = middle
                else:
                    before = middle
            return before
        before = theta
    return pi


@nb.njit(cache=True, nogil=True, parallel=True, error_model="numpy")
def project_fisheye(points, fx, fy, cx, cy, skew, k, limit):  # type: ignore[no-untyped-def]
    """Pixels and validity of (N, 3) points; valid where the angle off axis is below `limit`."""
    pixels = np.empty((len(points), 2))
    valid = np.empty(len(points), np.bool_)
    for i in nb.prange(len(points)):
        x = float(points[i, 0])
        y = float(points[i, 1])
        z = float(points[i, 2])
        r = sqrt(x * x + y * y)
        theta = atan2(r, z)
        good = theta < limit and r + abs(z) < np.inf and (r > 0 or z > 0)
        scale = 1.0
        if r > 0:
            scale = _fisheye_radius(theta, k) / r
        elif z > 0:
            scale = 1 / z
        xd = x * scale
        yd = y * scale
        pixels[i, 0] = fx * (xd + skew * yd) + cx if good else np.nan
        pixels[i, 1] = fy * yd + cy if good else np.nan
        valid[i] = good
    return pixels, valid


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _fisheye_invert(radius, k, limit):  # type: ignore[no-untyped-def]
    """Angle whose image radius is `radius`, and whether there is one below `limit`."""
    low = 0.0
    high = limit
    if radius >= _fisheye_radius(limit, k):
        return 0.0, False
    theta = min(radius, 0.5 * limit)
    for _ in range(100):
        miss = _fisheye_radius(theta, k) - radius
        if miss > 0:
            high = theta
        else:
            low = theta
        slope = _fisheye_slope(theta, k)
        following = theta - miss / slope if slope > 0 else -1.0
        if not low < following < high:
            following = 0.5 * (low + high)
        if abs(following - theta) < 1e-15 * max(1.0, theta):
            return following, True
        theta = following
    return theta, True


@nb.njit(cache=True, nogil=True, parallel=True, error_model="numpy")
def unproject_fisheye(pixels, fx, fy, cx, cy, skew, k, limit):  # type: ignore[no-untyped-def]
    """Unit rays and validity of (N, 2) pixels."""
    rays = np.full((len(pixels), 3), np.nan)
    valid = np.zeros(len(pixels), np.bool_)
    for i in nb.prange(len(pixels)):
        yd = (pixels[i, 1] - cy) / fy
        xd = (pixels[i, 0] - cx) / fx - skew * yd
        radius = sqrt(xd * xd + yd * yd)
        if radius < np.inf:
            theta, found = _fisheye_invert(radius, k, limit)
            if found:
                scale = sin(theta) / radius if radius > 0 else 1.0
                rays[i, 0] = xd * scale
                rays[i, 1] = yd * scale
                rays[i, 2] = cos(theta)
                valid[i] = True
    return rays, valid
