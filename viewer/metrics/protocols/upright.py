"""Boxes as protocols of driving see them: standing upright, seen from above."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from viewer.geometry.cuboids import Cuboids
from viewer.geometry.overlap import bev_iou_pairs
from viewer.geometry.rotation import matrix_from_quaternion, quaternion_from_yaw
from viewer.metrics.objects import EvaluatedObjects, Floats, Ints
from viewer.metrics.protocols.pair_kernels import near_pairs

AXES: Final = {
    "x": ((0, 1, 0), (0, 0, 1), (1, 0, 0)),
    "y": ((0, 0, 1), (-1, 0, 0), (0, -1, 0)),
    "z": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
}
"""By the vertical axis: the turn that makes it z. A camera's is y, a vehicle's z; whether it points
up or down is the same to any comparison of two boxes."""
TILTED_RAD: Final = 0.01


@dataclass(frozen=True, eq=False, slots=True)
class UprightBoxes:
    """N boxes in coordinates whose z is vertical; NaN where an object has no box."""

    centers_m: Floats
    sizes_m: Floats
    yaws_rad: Floats
    tilts_rad: Floats
    """(N,) how far the box's own up leans away; a protocol that sees from above leaves it out."""

    def __len__(self) -> int:
        return len(self.centers_m)


def vertical_axis(sides: Sequence[EvaluatedObjects]) -> str:
    """Name the axis of the objects' coord frame along which their boxes stand."""
    ups = np.abs(np.concatenate([_matrices(side)[:, :, 2] for side in sides]))
    ups = ups[np.isfinite(ups).all(axis=1)]
    return "xyz"[int(ups.mean(axis=0).argmax())] if len(ups) else "z"


def upright(objects: EvaluatedObjects, vertical: str) -> UprightBoxes:
    """Turn the boxes so that the vertical axis becomes z."""
    turn = np.array(AXES[vertical], dtype=np.float64)
    matrices = turn @ _matrices(objects)
    front, own_up = matrices[:, :, 0], matrices[:, :, 2]
    return UprightBoxes(
        objects.centers_m @ turn.T,
        objects.sizes_m,
        np.arctan2(front[:, 1], front[:, 0]),
        np.arccos(np.clip(np.abs(own_up[:, 2]), 0, 1)),
    )


def _matrices(objects: EvaluatedObjects) -> Floats:
    """(N, 3, 3), NaN where there is no box."""
    matrices = np.full((len(objects), 3, 3), np.nan)
    boxes = np.isfinite(objects.centers_m).all(axis=1) & np.isfinite(objects.rotations).all(axis=1)
    boxes &= (objects.rotations != 0).any(axis=1)
    if boxes.any():
        matrices[boxes] = matrix_from_quaternion(objects.rotations[boxes])
    return matrices


@dataclass(frozen=True, eq=False, slots=True)
class BoxPairs:
    """K pairs of one frame whose boxes share some ground, by row of the first side."""

    rows: Ints
    columns: Ints
    bev: Floats
    """(K,) intersection over union seen from above."""
    volume: Floats
    """(K,) the same of the upright boxes' volumes."""
    covered_bev: Floats
    """(K,) share of the second box's area."""
    covered_volume: Floats


def overlapping_pairs(
    a: UprightBoxes, a_offsets: Ints, b: UprightBoxes, b_offsets: Ints
) -> BoxPairs:
    """Find all pairs of a frame that share ground; the offsets delimit frames on each side."""
    rows, columns = near_pairs(
        a_offsets, a.centers_m, _reaches(a), b_offsets, b.centers_m, _reaches(b)
    )
    bev = bev_iou_pairs(_cuboids(a, rows), _cuboids(b, columns))
    meet = bev > 0
    rows, columns, bev = rows[meet], columns[meet], bev[meet]
    ground_a, ground_b = _ground(a)[rows], _ground(b)[columns]
    shared = bev * (ground_a + ground_b) / (1 + bev)
    volume_a = ground_a * a.sizes_m[rows, 2]
    volume_b = ground_b * b.sizes_m[columns, 2]
    shared_volume = shared * _shared_height(a, rows, b, columns)
    with np.errstate(divide="ignore", invalid="ignore"):
        volume = np.nan_to_num(shared_volume / (volume_a + volume_b - shared_volume))
        covered = np.nan_to_num(shared_volume / volume_b)
    return BoxPairs(rows, columns, bev, volume, shared / ground_b, covered)


def _reaches(boxes: UprightBoxes) -> Floats:
    reaches: Floats = np.hypot(boxes.sizes_m[:, 0], boxes.sizes_m[:, 1]) / 2
    reaches[~np.isfinite(boxes.yaws_rad)] = np.nan
    return reaches


def _ground(boxes: UprightBoxes) -> Floats:
    ground: Floats = boxes.sizes_m[:, 0] * boxes.sizes_m[:, 1]
    return ground


def _cuboids(boxes: UprightBoxes, rows: Ints) -> Cuboids:
    rotations = quaternion_from_yaw(boxes.yaws_rad[rows])
    return Cuboids(boxes.centers_m[rows], boxes.sizes_m[rows], rotations, "upright")


def _shared_height(a: UprightBoxes, rows: Ints, b: UprightBoxes, columns: Ints) -> Floats:
    z_a, half_a = a.centers_m[rows, 2], a.sizes_m[rows, 2] / 2
    z_b, half_b = b.centers_m[columns, 2], b.sizes_m[columns, 2] / 2
    top = np.minimum(z_a + half_a, z_b + half_b)
    bottom = np.maximum(z_a - half_a, z_b - half_b)
    shared: Floats = np.maximum(top - bottom, 0.0)
    return shared
