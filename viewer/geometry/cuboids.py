"""Cuboids as columns: corners, containment, change of coord frame."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from viewer.geometry.containment import count_inside, smallest_containing
from viewer.geometry.rotation import (
    matrix_from_quaternion,
    normalized_quaternion,
    quaternion_from_matrix,
    quaternion_multiply,
    yaw_from_quaternion,
)
from viewer.geometry.transform import FrameMismatch, RigidTransform

Array = npt.NDArray[np.float64]

#        3 -------- 7
#       /|         /|       x: front (0..3 is the rear face, 4..7 the front)
#      2 -------- 6 |       y: left  (2, 3, 6, 7)
#      | |        | |       z: up    (odd corners)
#      | 1 -------|-5       seen from the right rear, z and y drawn as they come:
#      |/         |/        corner i has the signs of the bits of i, x slowest
#      0 -------- 4
CORNER_SIGNS: Final = np.array(
    [[x, y, z] for x in (-1.0, 1.0) for y in (-1.0, 1.0) for z in (-1.0, 1.0)]
)
EDGES: Final = np.array(
    [
        [0, 1], [0, 2], [1, 3], [2, 3],
        [4, 5], [4, 6], [5, 7], [6, 7],
        [0, 4], [1, 5], [2, 6], [3, 7],
    ]
)  # fmt: skip
"""(12, 2) corner indices: four of the rear face, four of the front, four along x."""
FACES: Final = np.array(
    [[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]]
)
"""(6, 4) corner indices, counter-clockwise from outside: rear, front, right, left, bottom, top."""
FRONT_FACE: Final = 1


@dataclass(frozen=True, eq=False, slots=True)
class Cuboid:
    """One box: centre and full size in metres, rotation wxyz; +x is its front."""

    center: Array
    size: Array
    rotation: Array
    coord_frame_id: str


@dataclass(frozen=True, eq=False)
class Cuboids:
    """N boxes in one coord frame; row i of every column is the same box.

    Parameters
    ----------
    center
        (N, 3) middle of each box, metres.
    size
        (N, 3) full length (x), width (y), height (z) in its own axes, metres.
    rotation
        (N, 4) quaternions wxyz, normalised on construction; +x is the front.
    coord_frame_id
        Where the boxes lie.
    """

    center: Array
    size: Array
    rotation: Array
    coord_frame_id: str

    def __post_init__(self) -> None:
        center = np.array(self.center, dtype=np.float64).reshape(-1, 3)
        size = np.array(self.size, dtype=np.float64).reshape(-1, 3)
        rotation = np.array(self.rotation, dtype=np.float64).reshape(-1, 4)
        if not len(center) == len(size) == len(rotation):
            lengths = [len(center), len(size), len(rotation)]
            raise ValueError(f"center, size and rotation must have as many rows, not {lengths}")
        try:
            rotation = normalized_quaternion(rotation)
        except ValueError:
            raise ValueError("a cuboid's quaternion is zero or not finite") from None
        for name, column in (("center", center), ("size", size), ("rotation", rotation)):
            column.flags.writeable = False
            object.__setattr__(self, name, column)

    @classmethod
    def empty(cls, coord_frame_id: str) -> "Cuboids":
        """No boxes."""
        return cls(np.empty((0, 3)), np.empty((0, 3)), np.empty((0, 4)), coord_frame_id)

    def __len__(self) -> int:
        return len(self.center)

    def __getitem__(self, row: int) -> Cuboid:
        return Cuboid(self.center[row], self.size[row], self.rotation[row], self.coord_frame_id)

    def part(self, rows: slice) -> "Cuboids":
        """Return rows that follow each other, without a copy."""
        found = object.__new__(Cuboids)
        for name in ("center", "size", "rotation"):
            object.__setattr__(found, name, getattr(self, name)[rows])
        object.__setattr__(found, "coord_frame_id", self.coord_frame_id)
        return found

    def select(self, rows: npt.NDArray[Any]) -> "Cuboids":
        """Return some rows, by index array or mask."""
        return Cuboids(self.center[rows], self.size[rows], self.rotation[rows], self.coord_frame_id)

    @cached_property
    def _matrices(self) -> Array:
        return matrix_from_quaternion(self.rotation) if len(self) else np.empty((0, 3, 3))

    def rotation_matrices(self) -> Array:
        """(N, 3, 3), columns are the box axes in the coord frame."""
        return self._matrices

    @property
    def yaw_rad(self) -> Array:
        """(N,) heading of the front in the xy plane."""
        return yaw_from_quaternion(self.rotation) if len(self) else np.empty(0)

    def corners(self) -> Array:
        """(N, 8, 3) corners in the order of `CORNER_SIGNS`."""
        offsets = CORNER_SIGNS[None] * (self.size / 2)[:, None]
        turned = np.einsum("nij,nkj->nki", self._matrices, offsets)
        corners: Array = turned + self.center[:, None]
        return corners

    def transformed(self, dst_from_src: RigidTransform) -> "Cuboids":
        """Return the same boxes in another coord frame."""
        if dst_from_src.src != self.coord_frame_id:
            raise FrameMismatch(
                f"cuboids lie in {self.coord_frame_id!r}, the transform starts at "
                f"{dst_from_src.src!r}"
            )
        turn = quaternion_from_matrix(dst_from_src.rotation)
        rotation = quaternion_multiply(turn, self.rotation)
        center = dst_from_src.apply(self.center)
        return Cuboids(center, self.size, rotation, dst_from_src.dst)

    def contains(self, points: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.bool_]:
        """(N, M) True where point m of (M, 3) lies in box n, faces included."""
        inside = np.empty((len(self), len(points)), dtype=bool)
        points = np.asarray(points, dtype=np.float64)
        for row in range(len(self)):
            own = (points - self.center[row]) @ self._matrices[row]
            inside[row] = (np.abs(own) <= self.size[row] / 2).all(axis=1)
        return inside

    def count_points(self, points: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.int64]:
        """(N,) how many of the (M, 3) points lie in each box, faces included; compiled."""
        return count_inside(points, self.center, self.size, self._matrices)

    def containing_cuboid(self, points: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.int32]:
        """(M,) row of the smallest box that holds each point, -1 for none; compiled."""
        return smallest_containing(points, self.center, self.size, self._matrices)
