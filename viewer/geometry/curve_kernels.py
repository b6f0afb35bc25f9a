"""Compiled curves: straight segments in space as polylines in the image, clipped and split.

The rays from the eye to a segment fill an arc of a great circle. The arc is cut at the cone of
the lens's domain by formula, then halved until each chord lies close to the true curve, then
cut at the borders of the image.
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from viewer.geometry import lazy_numba as nb
from viewer.geometry.cameras.lens_kernels import PINHOLE, project_one

Array = npt.NDArray[np.float64]

MOST_POINTS: Final = 1024
"""Points of one arc at most; only a curve thousands of pixels long on a wild lens gets near."""
FIRST_STEP_RAD: Final = 0.08
DEEPEST: Final = 30
JOIN_PX: Final = 1e-6
"""Ends this close are one: two segments compute their common corner in two ways."""
EDGE_OF_DOMAIN_RAD: Final = 1e-9
"""Arcs end this much inside the domain, so that rounding never puts their ends outside."""
REAR_AXIS_RAD: Final = 1e-7
"""A line through the axis behind a fisheye or MEI lens has no azimuth there: it breaks at this
distance."""


class Arc(NamedTuple):
    """Part of a segment inside a cone."""

    pixels: Array
    """(n, 2)."""
    ends: Array
    """(2, 3) unit rays of its ends."""
    cut: tuple[bool, bool]
    """Whether the cone cuts its begin and its end."""


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _ray(kind, lens, frame, alpha):  # type: ignore[no-untyped-def]
    c, s = np.cos(alpha), np.sin(alpha)
    _, u, v = project_one(
        kind,
        c * frame[0, 0] + s * frame[1, 0],
        c * frame[0, 1] + s * frame[1, 1],
        c * frame[0, 2] + s * frame[1, 2],
        lens,
    )
    return u, v


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _miss(pu, pv, au, av, bu, bv):  # type: ignore[no-untyped-def]
    """Squared distance of p to the segment a-b."""
    du, dv = bu - au, bv - av
    length2 = du * du + dv * dv
    t = ((pu - au) * du + (pv - av) * dv) / length2 if length2 > 0 else 0.0
    t = min(max(t, 0.0), 1.0)
    eu, ev = pu - au - t * du, pv - av - t * dv
    return eu * eu + ev * ev


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _evenly_spaced(au, av, bu, bv, cu, cv, du, dv, eu, ev, limit):  # type: ignore[no-untyped-def]
    """False where one of four steps is over three times another: a bend may hide in it."""
    one = (bu - au) ** 2 + (bv - av) ** 2
    two = (cu - bu) ** 2 + (cv - bv) ** 2
    three = (du - cu) ** 2 + (dv - cv) ** 2
    four = (eu - du) ** 2 + (ev - dv) ** 2
    longest = max(max(one, two), max(three, four))
    return longest <= max(9 * min(min(one, two), min(three, four)), limit)


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _far_outside(a, q, m, r, b, low, high):  # type: ignore[no-untyped-def]
    """True where five samples of one axis lie beyond the window by more than their own spread."""
    least = min(a, q, m, r, b)
    most = max(a, q, m, r, b)
    spread = most - least
    return least - spread > high or most + spread < low


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _flatten(kind, lens, frame, begin, end, window, tolerance_px, out):  # type: ignore[no-untyped-def]
    """Fill `out` (MOST_POINTS, 2) with a polyline along the arc; return its number of points."""
    out[0, 0], out[0, 1] = _ray(kind, lens, frame, begin)
    if kind == PINHOLE:
        out[1, 0], out[1, 1] = _ray(kind, lens, frame, end)
        return 2
    count = 1
    limit = (tolerance_px / 2) ** 2
    steps = max(int(np.ceil((end - begin) / FIRST_STEP_RAD)), 1)
    stack = np.empty((DEEPEST + 2, 4))
    for step in range(steps):
        lo = begin + (end - begin) * step / steps
        hi = begin + (end - begin) * (step + 1) / steps
        stack[0, 0] = hi
        stack[0, 1] = 0
        stack[0, 2], stack[0, 3] = _ray(kind, lens, frame, hi)
        top = 1
        while top > 0:
            hi, depth = stack[top - 1, 0], stack[top - 1, 1]
            hu, hv = stack[top - 1, 2], stack[top - 1, 3]
            lu, lv = out[count - 1, 0], out[count - 1, 1]
            middle = (lo + hi) / 2
            mu, mv = _ray(kind, lens, frame, middle)
            qu, qv = _ray(kind, lens, frame, (lo + middle) / 2)
            ru, rv = _ray(kind, lens, frame, (middle + hi) / 2)
            flat = (
                _evenly_spaced(lu, lv, qu, qv, mu, mv, ru, rv, hu, hv, limit)
                and _miss(mu, mv, lu, lv, hu, hv) <= limit
                and _miss(qu, qv, lu, lv, hu, hv) <= limit
                and _miss(ru, rv, lu, lv, hu, hv) <= limit
            )
            if (
                flat
                or depth >= DEEPEST
                or count >= MOST_POINTS - steps - DEEPEST
                or _far_outside(lu, qu, mu, ru, hu, window[0], window[2])
                or _far_outside(lv, qv, mv, rv, hv, window[1], window[3])
            ):
                out[count, 0], out[count, 1] = hu, hv
                count += 1
                lo = hi
                top -= 1
            else:
                stack[top - 1, 1] = depth + 1
                stack[top, 0], stack[top, 1] = middle, depth + 1
                stack[top, 2], stack[top, 3] = mu, mv
                top += 1
    return count


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _within(au, av, bu, bv, rect):  # type: ignore[no-untyped-def]
    """Part (s0, s1) of the segment a-b in the rectangle (Liang-Barsky); s0 > s1 for none."""
    s0, s1 = 0.0, 1.0
    for axis in range(2):
        start = au if axis == 0 else av
        step = bu - au if axis == 0 else bv - av
        low, high = rect[axis], rect[axis + 2]
        if step == 0:
            if start < low or start > high:
                return 1.0, 0.0
            continue
        near, far = (low - start) / step, (high - start) / step
        if near > far:
            near, far = far, near
        s0, s1 = max(s0, near), min(s1, far)
    return s0, s1


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _append(au, av, bu, bv, s0, s1, inside, segment, joined, state, points, pieces):  # type: ignore[no-untyped-def]
    """Add part (s0, s1) of a chord to the running piece, or begin a new one."""
    if s1 < s0 or (s1 == s0 and s0 * (1 - s0) == 0 and (au != bu or av != bv)):
        return
    u0, v0 = (au, av) if s0 <= 0 else (au + s0 * (bu - au), av + s0 * (bv - av))
    u1, v1 = (bu, bv) if s1 >= 1 else (au + s1 * (bu - au), av + s1 * (bv - av))
    count, piece = state[0], state[1]
    runs_on = (
        piece > 0
        and pieces[piece - 1, 2] == inside
        and (joined or pieces[piece - 1, 1] == segment)
        and abs(points[count - 1, 0] - u0) <= JOIN_PX
        and abs(points[count - 1, 1] - v0) <= JOIN_PX
    )
    if not runs_on:
        pieces[piece, 0], pieces[piece, 1], pieces[piece, 2] = count, segment, inside
        state[1] += 1
        points[count, 0], points[count, 1] = u0, v0
        count += 1
    points[count, 0], points[count, 1] = u1, v1
    state[0] = count + 1


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _place(path, count, segment, joined, rect, window, state, points, pieces):  # type: ignore[no-untyped-def]
    """Cut a polyline at the image's border and at the window's, and add what is left."""
    for i in range(count - 1):
        au, av, bu, bv = path[i, 0], path[i, 1], path[i + 1, 0], path[i + 1, 1]
        w0, w1 = _within(au, av, bu, bv, window)
        if w0 > w1:
            continue
        s0, s1 = _within(au, av, bu, bv, rect)
        if s0 > s1:
            _append(au, av, bu, bv, w0, w1, 0, segment, joined, state, points, pieces)
            continue
        if s0 > w0:
            _append(au, av, bu, bv, w0, s0, 0, segment, joined, state, points, pieces)
        _append(au, av, bu, bv, s0, s1, 1, segment, joined, state, points, pieces)
        if s1 < w1:
            _append(au, av, bu, bv, s1, w1, 0, segment, joined, state, points, pieces)


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _arc_frame(a, b, frame):  # type: ignore[no-untyped-def]
    """Fill two unit axes of the plane of the eye and a-b; return the angle a-b at the eye.

    Negative where a segment has no arc: not finite, or an end at the eye.
    """
    length_a = np.sqrt(a[0] * a[0] + a[1] * a[1] + a[2] * a[2])
    length_b = np.sqrt(b[0] * b[0] + b[1] * b[1] + b[2] * b[2])
    if not (0 < length_a < np.inf and 0 < length_b < np.inf):
        return -1.0
    dot = 0.0
    for k in range(3):
        frame[0, k] = a[k] / length_a
        frame[1, k] = b[k] / length_b
        dot += frame[0, k] * frame[1, k]
    length = 0.0
    for k in range(3):
        frame[1, k] -= dot * frame[0, k]
        length += frame[1, k] * frame[1, k]
    length = np.sqrt(length)
    if length < 1e-12:
        # Seen end-on it is a dot; through the eye it is nothing.
        frame[1, 0] = frame[1, 1] = frame[1, 2] = 0.0
        return 0.0 if dot > 0 else -1.0
    for k in range(3):
        frame[1, k] /= length
    return np.arctan2(length, dot)


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _clip_to_cone(frame, angle, cone_rad, spans):  # type: ignore[no-untyped-def]
    """Fill `spans` (2, 2) with the parts of the arc 0..angle inside the cone; return how many."""
    z0, z1 = frame[0, 2], frame[1, 2]
    tilt = np.hypot(z0, z1)
    cosine = np.cos(cone_rad)
    if angle == 0.0:
        spans[0, 0] = spans[0, 1] = 0.0
        return 1 if z0 > cosine else 0
    if cosine >= tilt:
        return 0
    if cosine <= -tilt:
        spans[0, 0], spans[0, 1] = 0.0, angle
        return 1
    middle = np.arctan2(z1, z0)
    half = np.arccos(cosine / tilt)
    count = 0
    for turn in range(-1, 2):
        low = max(middle - half + turn * 2 * np.pi, 0.0)
        high = min(middle + half + turn * 2 * np.pi, angle)
        if high > low:
            spans[count, 0], spans[count, 1] = low, high
            count += 1
    return count


@nb.njit(cache=True, nogil=True, error_model="numpy")
def trace_segments(  # type: ignore[no-untyped-def]
    kind, lens, starts, ends, cone_rad, size_px, margin_px, tolerance_px, joined
):
    """Draw (S, 3) to (S, 3) segments in the camera.

    Returns
    -------
    points (P, 2), pieces (K, 3)
        Rows of `pieces`: first point, segment, 1 inside the image or 0 within the margin.
        With `joined`, a piece runs on over the next segment where that begins at its end.
    """
    rect = np.array([0.0, 0.0, size_px[0], size_px[1]])
    window = rect + np.array([-margin_px, -margin_px, margin_px, margin_px])
    frame = np.empty((2, 3))
    spans = np.empty((3, 2))
    path = np.empty((MOST_POINTS, 2))
    points = np.empty((16 * MOST_POINTS, 2))
    pieces = np.empty((16 * MOST_POINTS, 3), np.int64)
    state = np.zeros(2, np.int64)
    cone_rad = min(cone_rad - EDGE_OF_DOMAIN_RAD, np.pi - REAR_AXIS_RAD)
    for segment in range(len(starts)):
        angle = _arc_frame(starts[segment], ends[segment], frame)
        if angle < 0:
            continue
        for k in range(_clip_to_cone(frame, angle, cone_rad, spans)):
            count = _flatten(
                kind, lens, frame, spans[k, 0], spans[k, 1], window, tolerance_px, path
            )
            if state[0] + 6 * count > len(points):
                points = np.concatenate((points, np.empty_like(points)))
            if state[1] + 3 * count > len(pieces):
                pieces = np.concatenate((pieces, np.empty_like(pieces)))
            _place(path, count, segment, joined, rect, window, state, points, pieces)
    return points[: state[0]].copy(), pieces[: state[1]].copy()


def trace_arc(
    kind: int, lens: Array, start: Array, end: Array, cone_rad: float, tolerance_px: float
) -> list[Arc]:
    """Parts of one segment, (3,) to (3,) in the camera, inside the cone; not cut at the image."""
    frame, spans = np.empty((2, 3)), np.empty((3, 2))
    angle = _arc_frame(start, end, frame)
    if angle < 0:
        return []
    everywhere = np.array([-np.inf, -np.inf, np.inf, np.inf])
    arcs = []
    for low, high in spans[: _clip_to_cone(frame, angle, cone_rad, spans)].tolist():
        path = np.empty((MOST_POINTS, 2))
        count = _flatten(kind, lens, frame, low, high, everywhere, tolerance_px, path)
        ends = np.array([[np.cos(a), np.sin(a)] for a in (low, high)]) @ frame
        arcs.append(Arc(path[:count], ends, (low > 0.0, high < angle)))
    return arcs
