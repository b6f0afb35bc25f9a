"""Euler angles to rotation matrices, with the order of the product spelt out."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


def rotation_from_euler(angles_rad: Sequence[float], axes: str) -> npt.NDArray[np.float64]:
    """Return the (3, 3) product of one right-handed turn a letter, left to right.

    ``rotation_from_euler((a, b, c), "zyx")`` is Rz(a) @ Ry(b) @ Rx(c): the last letter turns first.

    Examples
    --------
    >>> rotation_from_euler((math.pi / 2, 0.0, 0.0), "zyx").round(6).tolist()
    [[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    rotation = np.eye(3)
    for angle, axis in zip(angles_rad, axes, strict=True):
        rotation = rotation @ _turn(angle, "xyz".index(axis))
    return rotation


def _turn(angle_rad: float, axis: int) -> npt.NDArray[np.float64]:
    cos, sin = math.cos(angle_rad), math.sin(angle_rad)
    following, last = (axis + 1) % 3, (axis + 2) % 3
    turn = np.eye(3)
    turn[following, following] = turn[last, last] = cos
    turn[last, following], turn[following, last] = sin, -sin
    return turn
