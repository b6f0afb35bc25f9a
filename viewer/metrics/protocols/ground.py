"""Objects with the ground in the xy plane, for measures that see from above."""

from dataclasses import replace
from typing import Final

import numpy as np

from viewer.geometry.rotation import (
    matrix_from_quaternion,
    quaternion_from_matrix,
    quaternion_multiply,
)
from viewer.metrics.objects import EvaluatedObjects
from viewer.metrics.protocols.upright import AXES

STANDING: Final = 0.9
"""Mean share of an axis in the boxes' own up from which on they stand along it."""


def standing_on_xy(
    labels: EvaluatedObjects, predictions: EvaluatedObjects
) -> tuple[EvaluatedObjects, EvaluatedObjects]:
    """Turn both sides so that z is vertical where the labels clearly stand along another axis.

    A camera's boxes do; in the world and in a vehicle they stand along z already, and boxes of any
    rotation are left alone.
    """
    vertical = _axis(labels)
    if vertical == "z":
        return labels, predictions
    turn = np.array(AXES[vertical], dtype=np.float64)
    turn_wxyz = quaternion_from_matrix(turn)
    egos = labels.frames.ego_positions_m @ turn.T
    frames = replace(labels.frames, ego_positions_m=egos)
    turned = [
        replace(
            side,
            frames=frames,
            centers_m=side.centers_m @ turn.T,
            rotations=quaternion_multiply(turn_wxyz, side.rotations),
            velocities_mps=None if side.velocities_mps is None else side.velocities_mps @ turn.T,
            coord_frame_id=f"{side.coord_frame_id}, upright",
        )
        for side in (labels, predictions)
    ]
    return turned[0], turned[1]


def _axis(objects: EvaluatedObjects) -> str:
    rotations = objects.rotations[objects.has_cuboid()]
    if not len(rotations):
        return "z"
    shares = np.abs(matrix_from_quaternion(rotations)[:, :, 2]).mean(axis=0)
    return "xyz"[int(shares.argmax())] if shares.max() > STANDING else "z"
