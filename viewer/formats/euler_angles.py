"""Euler angles to rotation matrices, with the order of the product spelt out."""

import math
from collections.abc import Sequence
from typing import Literal

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


def euler_from_rotation(
    rotation: npt.NDArray[np.float64], axes: Literal["xyz", "zyx"]
) -> tuple[float, float, float]:
    """Return angles whose `rotation_from_euler` is a (3, 3) rotation; exact at all of them.

    The first lies in -pi..pi, the second in -pi/2..pi/2, the last in -pi..pi. Where the second
    turn brings the last axis onto the first, many sums of the two are right; one is given.
    """
    mirrored = axes == "zyx"
    # Rz(a) @ Ry(b) @ Rx(c) with x and z swapped is Rx(-a) @ Ry(-b) @ Rz(-c): one formula for both.
    matrix = rotation[::-1, ::-1] if mirrored else rotation
    first = math.atan2(-matrix[1, 2], matrix[2, 2])
    cos, sin = math.cos(first), math.sin(first)
    second = math.atan2(matrix[0, 2], cos * matrix[2, 2] - sin * matrix[1, 2])
    last = math.atan2(cos * matrix[1, 0] + sin * matrix[2, 0],
                      cos * matrix[1, 1] + sin * matrix[2, 1])  # fmt: skip
    if mirrored:
        return -first, -second, -last
    return first, second, last
