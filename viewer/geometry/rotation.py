"""Rotations: quaternions wxyz (Hamilton), matrices, headings."""

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
_ROUNDING = 4 * np.finfo(np.float64).eps
"""A length this near to 1 is one that rounding left; scaling again would only move the last bit."""


def normalized_quaternion(wxyz: npt.ArrayLike) -> Array:
    """(4,) or (N, 4) quaternions scaled to length 1; one that has it already keeps its bits.

    Raises
    ------
    ValueError
        When one is zero or not finite.
    """
    quaternion = np.asarray(wxyz, dtype=np.float64)
    if not np.isfinite(quaternion).all():
        raise ValueError("quaternion is not finite")
    with np.errstate(over="ignore"):
        norm = np.linalg.norm(quaternion, axis=-1, keepdims=True)
    if not np.isfinite(norm).all():
        # Too long to be squared.
        largest = np.abs(quaternion).max(axis=-1, keepdims=True)
        quaternion = np.where(np.isfinite(norm), quaternion, quaternion / np.maximum(largest, 1.0))
        norm = np.linalg.norm(quaternion, axis=-1, keepdims=True)
    if (norm < 1e-12).any():
        raise ValueError("quaternion is zero")
    unit: Array = quaternion / np.where(np.abs(norm - 1.0) <= _ROUNDING, 1.0, norm)
    return unit


def matrix_from_quaternion(wxyz: npt.ArrayLike) -> Array:
    """(4,) or (N, 4) quaternions, any length but zero, to (3, 3) or (N, 3, 3) rotations.

    Examples
    --------
    >>> matrix_from_quaternion([1.0, 0, 0, 0]).tolist()
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """
    w, x, y, z = np.moveaxis(normalized_quaternion(wxyz), -1, 0)
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def quaternion_from_matrix(rotation: npt.ArrayLike) -> Array:
    """(3, 3) or (N, 3, 3) rotations to quaternions wxyz with w >= 0.

    Shepperd's method: the largest of the four parts is found first, so that none is lost.
    """
    r = np.asarray(rotation, dtype=np.float64)
    single = r.ndim == 2
    r = r.reshape(-1, 3, 3)
    trace = np.trace(r, axis1=1, axis2=2)
    parts = np.stack([trace, r[:, 0, 0], r[:, 1, 1], r[:, 2, 2]], axis=1)
    largest = np.argmax(parts, axis=1)
    a, b, c = r[:, 2, 1] - r[:, 1, 2], r[:, 0, 2] - r[:, 2, 0], r[:, 1, 0] - r[:, 0, 1]
    d, e, f = r[:, 1, 0] + r[:, 0, 1], r[:, 0, 2] + r[:, 2, 0], r[:, 2, 1] + r[:, 1, 2]
    choices = np.stack(
        [
            np.stack([1 + trace, a, b, c], axis=1),
            np.stack([a, 1 + 2 * r[:, 0, 0] - trace, d, e], axis=1),
            np.stack([b, d, 1 + 2 * r[:, 1, 1] - trace, f], axis=1),
            np.stack([c, e, f, 1 + 2 * r[:, 2, 2] - trace], axis=1),
        ],
        axis=1,
    )
    quaternion = normalized_quaternion(choices[np.arange(len(r)), largest])
    quaternion[quaternion[:, 0] < 0] *= -1
    return quaternion[0] if single else quaternion


def quaternion_from_yaw(yaw_rad: npt.ArrayLike) -> Array:
    """Turn about +z: a number or (N,) radians to (4,) or (N, 4) wxyz."""
    half = np.asarray(yaw_rad, dtype=np.float64) / 2
    zero = np.zeros_like(half)
    return np.stack([np.cos(half), zero, zero, np.sin(half)], axis=-1)


def yaw_from_quaternion(wxyz: npt.ArrayLike) -> Array:
    """Heading of the rotated +x axis in the xy plane, radians in (-pi, pi].

    Examples
    --------
    >>> float(yaw_from_quaternion(quaternion_from_yaw(0.5)).round(12))
    0.5
    """
    w, x, y, z = np.moveaxis(normalized_quaternion(wxyz), -1, 0)
    return np.asarray(np.arctan2(2 * (x * y + w * z), 1 - 2 * (y * y + z * z)))


def quaternion_multiply(a: npt.ArrayLike, b: npt.ArrayLike) -> Array:
    """Hamilton product of (..., 4) quaternions: first `b`, then `a`."""
    aw, ax, ay, az = np.moveaxis(np.asarray(a, dtype=np.float64), -1, 0)
    bw, bx, by, bz = np.moveaxis(np.asarray(b, dtype=np.float64), -1, 0)
    return np.stack(
        [
            aw * bw - ax * bx - ay * by - az * bz,
            aw * bx + ax * bw + ay * bz - az * by,
            aw * by - ax * bz + ay * bw + az * bx,
            aw * bz + ax * by - ay * bx + az * bw,
        ],
        axis=-1,
    )


def slerp(a: npt.ArrayLike, b: npt.ArrayLike, t: float) -> Array:
    """Turn evenly from `a` (t = 0) to `b` (t = 1) along the shorter way; t may lie outside."""
    start, end = normalized_quaternion(a), normalized_quaternion(b)
    cosine = float(start @ end)
    if cosine < 0:
        end, cosine = -end, -cosine
    if cosine > 1 - 1e-12:
        return normalized_quaternion(start + t * (end - start))
    angle = np.arccos(min(cosine, 1.0))
    mixed = np.sin((1 - t) * angle) * start + np.sin(t * angle) * end
    return normalized_quaternion(mixed)
