"""Compiled lens formulas: one ray, and many rays at once."""

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from viewer.geometry import lazy_numba as nb

Array = npt.NDArray[np.float64]

PINHOLE: Final = 0
BROWN_CONRADY: Final = 1
FISHEYE: Final = 2
MEI: Final = 3

LENS_SIZE: Final = 18
"""fx fy cx cy skew limit, then 12 coefficients."""
BLOCK: Final = 128
CHUNK: Final = 8192
"""Points a thread takes at a time; fewer points than two chunks stay on the caller's thread."""
IDENTITY: Final = np.eye(4)[:3].copy()


class PackedLens(NamedTuple):
    """A lens as the compiled kernels take it."""

    kind: int
    values: Array
    """(18,) fx fy cx cy skew limit, then the coefficients in OpenCV's order, zero filled.

    A MEI lens has k1 k2 p1 p2 0 xi, and the radius on its plane at which the domain ends.
    """


def frozen(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return a read-only view: kernels take all inputs so, and are compiled once a dtype."""
    view = array.view()
    view.flags.writeable = False
    return view


def pack_values(
    fx: float,
    fy: float,
    cx: float,
    cy: float,
    skew: float,
    limit: float,
    coefficients: Array | None = None,
) -> Array:
    """(18,) a lens as the kernels take it."""
    values = np.zeros(LENS_SIZE)
    values[:6] = fx, fy, cx, cy, skew, limit
    if coefficients is not None:
        values[6 : 6 + len(coefficients)] = coefficients
    return values


@nb.njit(cache=True, nogil=True, error_model="numpy")
def brown_distort(x, y, lens):  # type: ignore[no-untyped-def]
    """Distorted position of (x, y) on the plane z = 1."""
    k1, k2, p1, p2, k3, k4 = lens[6], lens[7], lens[8], lens[9], lens[10], lens[11]
    k5, k6, s1, s2, s3, s4 = lens[12], lens[13], lens[14], lens[15], lens[16], lens[17]
    xx = x * x
    yy = y * y
    r2 = xx + yy
    radial = (1 + r2 * (k1 + r2 * (k2 + r2 * k3))) / (1 + r2 * (k4 + r2 * (k5 + r2 * k6)))
    xy2 = 2 * x * y
    xd = x * radial + p1 * xy2 + p2 * (r2 + 2 * xx) + r2 * (s1 + s2 * r2)
    yd = y * radial + p1 * (r2 + 2 * yy) + p2 * xy2 + r2 * (s3 + s4 * r2)
    return xd, yd


@nb.njit(cache=True, nogil=True, error_model="numpy")
def atan2_upper(y, x):  # type: ignore[no-untyped-def]
    """atan2(y, x) for y >= 0, without branches so that loops over it vectorise.

    Rational approximation of Cephes (atan.c, double precision) on [0, tan(pi / 8)] after
    reduction; within two units in the last place.
    """
    ax = abs(x)
    steep = y > ax
    high = y if steep else ax
    low = ax if steep else y
    t = low / high
    far = t > 0.41421356237309503
    t = (t - 1.0) / (t + 1.0) if far else t
    z = t * t
    p = z * (
        (
            ((-8.750608600031904122785e-1 * z - 1.615753718733365076637e1) * z
             - 7.500855792314704667340e1) * z
            - 1.228866684490136173410e2
        ) * z
        - 6.485021904942025371773e1
    )  # fmt: skip
    q = (
        ((((z + 2.485846490142306297962e1) * z + 1.650270098316988542046e2) * z
          + 4.328810604912902668951e2) * z
         + 4.853903996359136964868e2) * z
        + 1.945506571482613964425e2
    )  # fmt: skip
    angle = t * (p / q) + t
    angle = angle + 0.7853981633974483 if far else angle
    angle = 1.5707963267948966 - angle if steep else angle
    return 3.141592653589793 - angle if x < 0 else angle


@nb.njit(cache=True, nogil=True, error_model="numpy")
def fisheye_radius(theta, lens):  # type: ignore[no-untyped-def]
    """Distorted angle of the angle theta to the axis."""
    t2 = theta * theta
    return theta * (1 + t2 * (lens[6] + t2 * (lens[7] + t2 * (lens[8] + t2 * lens[9]))))


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _pinhole(x, y, z, lens):  # type: ignore[no-untyped-def]
    inverse = 1.0 / z
    u = x * inverse * lens[0] + lens[2]
    v = y * inverse * lens[1] + lens[3]
    return (z > 0) & (abs(u) < np.inf) & (abs(v) < np.inf), u, v


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _brown(x, y, z, lens):  # type: ignore[no-untyped-def]
    inverse = 1.0 / z
    xn = x * inverse
    yn = y * inverse
    xd, yd = brown_distort(xn, yn, lens)
    u = xd * lens[0] + lens[2]
    v = yd * lens[1] + lens[3]
    inside = (z > 0) & (xn * xn + yn * yn < lens[5] * lens[5])
    return inside & (abs(u) < np.inf) & (abs(v) < np.inf), u, v


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _fisheye(x, y, z, lens):  # type: ignore[no-untyped-def]
    r = np.sqrt(x * x + y * y)
    theta = atan2_upper(r, z)
    ratio = fisheye_radius(theta, lens) / r
    scale = ratio if r > 0 else 0.0
    yd = y * scale
    u = (x * scale + lens[4] * yd) * lens[0] + lens[2]
    v = yd * lens[1] + lens[3]
    return (theta < lens[5]) & (abs(u) < np.inf) & (abs(v) < np.inf), u, v


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _mei(x, y, z, lens):  # type: ignore[no-untyped-def]
    k1, k2, p1, p2, xi = lens[6], lens[7], lens[8], lens[9], lens[11]
    r = np.sqrt(x * x + y * y)
    theta = atan2_upper(r, z)
    inverse = 1.0 / (z + xi * np.sqrt(x * x + y * y + z * z))
    xn = x * inverse
    yn = y * inverse
    xx = xn * xn
    yy = yn * yn
    r2 = xx + yy
    radial = 1 + r2 * (k1 + r2 * k2)
    xy2 = 2 * xn * yn
    xd = xn * radial + p1 * xy2 + p2 * (r2 + 2 * xx)
    yd = yn * radial + p1 * (r2 + 2 * yy) + p2 * xy2
    u = (xd + lens[4] * yd) * lens[0] + lens[2]
    v = yd * lens[1] + lens[3]
    return (theta < lens[5]) & (abs(u) < np.inf) & (abs(v) < np.inf), u, v


@nb.njit(cache=True, nogil=True, error_model="numpy")
def project_one(kind, x, y, z, lens):  # type: ignore[no-untyped-def]
    """(valid, u, v) of one point in the camera; u and v mean nothing where not valid."""
    if kind == PINHOLE:
        return _pinhole(x, y, z, lens)
    if kind == BROWN_CONRADY:
        return _brown(x, y, z, lens)
    if kind == MEI:
        return _mei(x, y, z, lens)
    return _fisheye(x, y, z, lens)


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _in_registers(a):  # type: ignore[no-untyped-def]
    """The lens as a tuple: what is written in a loop cannot change it, so the loop vectorises."""
    return (
        a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8],
        a[9], a[10], a[11], a[12], a[13], a[14], a[15], a[16], a[17],
    )  # fmt: skip


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _project_block(kind, block, lens, count):  # type: ignore[no-untyped-def]
    """Rows 0..2 of the block (x, y, z) to rows 3, 4 (u, v, NaN where not valid).

    One plain loop a lens over contiguous rows: the compiler turns each into vector instructions.
    """
    lens = _in_registers(lens)
    xs, ys, zs, us, vs = block[0], block[1], block[2], block[3], block[4]
    if kind == PINHOLE:
        for i in range(count):
            ok, u, v = _pinhole(xs[i], ys[i], zs[i], lens)
            us[i] = u if ok else np.nan
            vs[i] = v if ok else np.nan
    elif kind == BROWN_CONRADY:
        for i in range(count):
            ok, u, v = _brown(xs[i], ys[i], zs[i], lens)
            us[i] = u if ok else np.nan
            vs[i] = v if ok else np.nan
    elif kind == MEI:
        for i in range(count):
            ok, u, v = _mei(xs[i], ys[i], zs[i], lens)
            us[i] = u if ok else np.nan
            vs[i] = v if ok else np.nan
    else:
        for i in range(count):
            ok, u, v = _fisheye(xs[i], ys[i], zs[i], lens)
            us[i] = u if ok else np.nan
            vs[i] = v if ok else np.nan


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _project_range(  # type: ignore[no-untyped-def]
    kind, points, m, lens, start, stop, pixels, depth_m, range_m, valid
):
    """Move points start..stop by the (3, 4) matrix `m` and project them, block by block."""
    m00, m01, m02, m03 = m[0, 0], m[0, 1], m[0, 2], m[0, 3]
    m10, m11, m12, m13 = m[1, 0], m[1, 1], m[1, 2], m[1, 3]
    m20, m21, m22, m23 = m[2, 0], m[2, 1], m[2, 2], m[2, 3]
    block = np.empty((5, BLOCK))
    for first in range(start, stop, BLOCK):
        count = min(BLOCK, stop - first)
        for j in range(count):
            x = np.float64(points[first + j, 0])
            y = np.float64(points[first + j, 1])
            z = np.float64(points[first + j, 2])
            block[0, j] = m00 * x + m01 * y + m02 * z + m03
            block[1, j] = m10 * x + m11 * y + m12 * z + m13
            block[2, j] = m20 * x + m21 * y + m22 * z + m23
        _project_block(kind, block, lens, count)
        for j in range(count):
            u = block[3, j]
            pixels[first + j, 0] = u
            pixels[first + j, 1] = block[4, j]
            valid[first + j] = u == u
        if len(depth_m) > 0:
            for j in range(count):
                x, y, z = block[0, j], block[1, j], block[2, j]
                depth_m[first + j] = z
                range_m[first + j] = np.sqrt(x * x + y * y + z * z)


@nb.njit(cache=True, nogil=True, parallel=True, error_model="numpy")
def _project_parallel(kind, points, m, lens, pixels, depth_m, range_m, valid):  # type: ignore[no-untyped-def]
    count = len(points)
    for chunk in nb.prange((count + CHUNK - 1) // CHUNK):
        start = chunk * CHUNK
        stop = min(start + CHUNK, count)
        _project_range(kind, points, m, lens, start, stop, pixels, depth_m, range_m, valid)


def project_all(
    lens: PackedLens,
    points: npt.NDArray[np.floating[Any]],
    matrix: Array | None,
    *,
    with_depth: bool,
) -> tuple[Array, Array, Array, npt.NDArray[np.bool_]]:
    """Move (N, 3) points by a (3, 4) or (4, 4) matrix and project them.

    Returns
    -------
    pixels (N, 2), depth_m (N,), range_m (N,), valid (N,)
        Depth (z in the camera) and range are empty without `with_depth`. Each point is worked
        out alone, so the result does not depend on the number of threads.
    """
    points = np.asarray(points)
    if points.ndim != 2 or points.shape[1] != 3:
        raise ValueError(f"points must be (N, 3), not {points.shape}")
    if points.dtype not in (np.float32, np.float64):
        points = points.astype(np.float64)
    points = frozen(np.ascontiguousarray(points))
    m = frozen(IDENTITY if matrix is None else np.ascontiguousarray(matrix[:3], np.float64))
    count = len(points)
    pixels = np.empty((count, 2))
    depth_m = np.empty(count if with_depth else 0)
    range_m = np.empty(count if with_depth else 0)
    valid = np.empty(count, dtype=np.bool_)
    if count < 2 * CHUNK:
        _project_range(lens.kind, points, m, lens.values, 0, count, pixels, depth_m, range_m, valid)
    else:
        _project_parallel(lens.kind, points, m, lens.values, pixels, depth_m, range_m, valid)
    return pixels, depth_m, range_m, valid
