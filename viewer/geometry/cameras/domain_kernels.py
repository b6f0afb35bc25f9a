"""Where a lens model stops being one-to-one: the first radius at which the image folds back.

For Brown-Conrady write the map of the plane z = 1 as x R(s) + r^2 p + 2 x (p.x) + r^2 g(s), with
s = r^2, R = N / Q the radial factor, p = (p2, p1) and g the thin prism. With u the unit vector
of azimuth phi, W = N'Q - NQ' and h = p + d(s g)/ds, its Jacobian has the determinant D, and

    Q^3 D = N (N Q + 2 s W) + 4 s Q^3 |p|^2
          + 2 r (N Q^2 (h + 3 p) + 2 s W Q p) . u
          + 4 s Q^3 (cos 2 phi, sin 2 phi) . (P (P + H))        P, H: p, h as complex numbers

that is, five polynomials in r and two harmonics in phi: the lowest value over phi is found
exactly, and a march outwards with a bound on the slope skips no root. Beyond r = 1 the march
runs in t = 1 / r, so that it ends.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from viewer.geometry import lazy_numba as nb

Array = npt.NDArray[np.float64]

DEGREE: Final = 24
TOLERANCE: Final = 1e-13
ROUNDING: Final = 4e-15
"""Relative error of an evaluated polynomial, generously: what may be zero counts as zero."""
FARTHEST: Final = 1e-9
"""Smallest 1 / r at which the march looks; beyond r = 1e9 a lens is bounded there, to be safe."""
_PHI: Final = np.arange(16) * (2 * np.pi / 16)
_COS: Final = np.cos(_PHI)
_SIN: Final = np.sin(_PHI)


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _times(a, b):  # type: ignore[no-untyped-def]
    """Product of two polynomials, lowest power first."""
    product = np.zeros(len(a) + len(b) - 1)
    for i in range(len(a)):
        for j in range(len(b)):
            product[i + j] += a[i] * b[j]
    return product


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _spread(target, polynomial, shift):  # type: ignore[no-untyped-def]
    """Add a polynomial in s = r^2, times r^shift, to one in r."""
    for i in range(len(polynomial)):
        if polynomial[i] != 0.0:
            target[2 * i + shift] += polynomial[i]


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _determinant_rows(k):  # type: ignore[no-untyped-def]
    """(6, DEGREE) polynomials in r: constant, cos, sin, cos 2, sin 2 of Q^3 D, and Q."""
    n = np.array([1.0, k[0], k[1], k[4]])
    q = np.array([1.0, k[5], k[6], k[7]])
    dn = np.array([k[0], 2 * k[1], 3 * k[4]])
    dq = np.array([k[5], 2 * k[6], 3 * k[7]])
    w = _times(dn, q) - _times(n, dq)
    q2 = _times(q, q)
    q3 = _times(q2, q)
    nq2 = _times(n, q2)
    wq = _times(w, q)
    rows = np.zeros((6, DEGREE))
    _spread(rows[0], _times(n, _times(n, q)), 0)
    _spread(rows[0], 2 * _times(n, w), 2)
    _spread(rows[5], q, 0)
    px, py = k[3], k[2]
    # h = h0 + h1 s
    hx = np.array([px + k[8], 2 * k[9]])
    hy = np.array([py + k[10], 2 * k[11]])
    _spread(rows[0], 4 * (px * px + py * py) * q3, 2)
    vx = hx.copy()
    vy = hy.copy()
    vx[0] += 3 * px
    vy[0] += 3 * py
    _spread(rows[1], 2 * _times(nq2, vx), 1)
    _spread(rows[1], 4 * px * wq, 3)
    _spread(rows[2], 2 * _times(nq2, vy), 1)
    _spread(rows[2], 4 * py * wq, 3)
    hx[0] += px
    hy[0] += py
    _spread(rows[3], 4 * _times(q3, px * hx - py * hy), 2)
    _spread(rows[4], 4 * _times(q3, px * hy + py * hx), 2)
    return rows


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _lowest(c1, s1, c2, s2):  # type: ignore[no-untyped-def]
    """Smallest value over phi of c1 cos + s1 sin + c2 cos 2phi + s2 sin 2phi."""
    if c2 == 0.0 and s2 == 0.0:
        return -np.hypot(c1, s1)
    values = np.empty(16)
    for i in range(16):
        c, s = _COS[i], _SIN[i]
        values[i] = c1 * c + s1 * s + c2 * (c * c - s * s) + s2 * 2 * c * s
    best = values.min()
    for i in range(16):
        if values[i] > values[i - 1] or values[i] > values[(i + 1) % 16]:
            continue
        phi = _PHI[i]
        for _ in range(6):
            c, s = np.cos(phi), np.sin(phi)
            cc, ss = c * c - s * s, 2 * c * s
            slope = s1 * c - c1 * s + 2 * (s2 * cc - c2 * ss)
            bend = -c1 * c - s1 * s - 4 * (c2 * cc + s2 * ss)
            if bend <= 0:
                break
            phi -= min(max(slope / bend, -0.2), 0.2)
        c, s = np.cos(phi), np.sin(phi)
        best = min(best, c1 * c + s1 * s + c2 * (c * c - s * s) + s2 * 2 * c * s)
    return best


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _is_clean(rows, degrees, low, high):  # type: ignore[no-untyped-def]
    """True where the determinant and Q are surely positive for all low <= r <= high."""
    middle = (low + high) / 2
    half = (high - low) / 2
    value = np.zeros(6)
    reach = np.zeros(6)
    for row in range(6):
        v = d = bound = size = 0.0
        for i in range(degrees[row], -1, -1):
            bound = bound * high + (i * (i - 1) * abs(rows[row, i]) if i > 1 else 0.0)
            d = d * middle + v
            v = v * middle + rows[row, i]
            size = size * middle + abs(rows[row, i])
        # The bound above carries r^i; two powers belong to the second derivative.
        value[row] = v
        reach[row] = half * (abs(d) + half / 2 * bound / max(high * high, 1e-300))
        reach[row] += ROUNDING * size
    if not value[5] > reach[5]:
        return False
    spare = value[0] - reach[0]
    spare -= np.hypot(reach[1], reach[2]) + np.hypot(reach[3], reach[4])
    if not spare > 0:
        return False
    if spare > np.hypot(value[1], value[2]) + np.hypot(value[3], value[4]):
        return True
    return spare + _lowest(value[1], value[2], value[3], value[4]) > 0


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _first_fold(rows, end):  # type: ignore[no-untyped-def]
    """First r in (0, end) where `rows` stop being positive, from below; `end` where none does."""
    degrees = np.zeros(6, np.int64)
    for row in range(6):
        for i in range(DEGREE):
            if rows[row, i] != 0.0:
                degrees[row] = i
    at, step = 0.0, 0.25
    near_end = min(end, 1.0) if end == np.inf else end
    while at < near_end:
        step = min(step, near_end - at)
        if _is_clean(rows, degrees, at, at + step):
            at += step
            step *= 2
        else:
            step /= 2
            if step < TOLERANCE * max(at, 1e-3):
                return at
    if end < np.inf:
        return end
    top = degrees[:5].max()
    flipped = np.zeros_like(rows)
    for row in range(6):
        degree = top if row < 5 else degrees[5]
        for i in range(degree + 1):
            flipped[row, degree - i] = rows[row, i]
        degrees[row] = degree
    at, step = 1.0, 0.25
    while at > 0:
        step = min(step, at)
        if _is_clean(flipped, degrees, at - step, at):
            at -= step
            step *= 2
        else:
            step /= 2
            if step < TOLERANCE * at:
                return 1 / at
            if at < FARTHEST:
                return 1 / at
    return np.inf


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _radius_limit(coefficients):  # type: ignore[no-untyped-def]
    return _first_fold(_determinant_rows(coefficients), np.inf)


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _theta_limit(coefficients):  # type: ignore[no-untyped-def]
    rows = np.zeros((6, DEGREE))
    rows[0, 0] = rows[5, 0] = 1.0
    for i in range(4):
        rows[0, 2 * i + 2] = (2 * i + 3) * coefficients[i]
    return _first_fold(rows, np.pi)


def radius_limit(coefficients: Array) -> float:
    """Largest normalised radius of a Brown-Conrady lens; inf where it never folds.

    Parameters
    ----------
    coefficients
        (12,) k1 k2 p1 p2 k3 k4 k5 k6 s1 s2 s3 s4.
    """
    return float(_radius_limit(coefficients))


def theta_limit(coefficients: Array) -> float:
    """Largest angle to the axis of a fisheye with (4,) k1..k4, radians; at most pi."""
    return float(_theta_limit(coefficients))
