"""Rigid transforms whose names are checked when they are chained."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from viewer.geometry.rotation import matrix_from_quaternion

Array = npt.NDArray[np.float64]


class FrameMismatch(ValueError):
    """Two transforms were chained whose inner coord frames differ."""


@dataclass(frozen=True, eq=False, slots=True)
class RigidTransform:
    """Pose of coord frame `src` seen from `dst`; maps `src` coordinates to `dst`.

    Named at the call site `dst_from_src`, so inner names cancel:
    `world_from_lidar = world_from_ego @ ego_from_lidar`.

    Parameters
    ----------
    dst, src
        Coord frame ids.
    rotation
        (3, 3) proper rotation.
    translation
        (3,) origin of `src` in `dst`, metres.

    Examples
    --------
    >>> yaw_90 = np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]])
    >>> ego_from_lidar = RigidTransform("ego", "lidar", yaw_90, np.array([1.0, 2.0, 0.0]))
    >>> ego_from_lidar.apply(np.array([[1.0, 0.0, 0.0]]))
    array([[1., 3., 0.]])
    """

    dst: str
    src: str
    rotation: Array
    translation: Array

    def __post_init__(self) -> None:
        rotation = np.array(self.rotation, dtype=np.float64)
        translation = np.array(self.translation, dtype=np.float64)
        name = f"{self.dst}_from_{self.src}"
        if rotation.shape != (3, 3) or translation.shape != (3,):
            raise ValueError(f"{name} needs a (3, 3) rotation and a (3,) translation")
        if not (np.isfinite(rotation).all() and np.isfinite(translation).all()):
            raise ValueError(f"{name} is not finite")
        if np.abs(rotation @ rotation.T - np.eye(3)).max() > 1e-4 or np.linalg.det(rotation) < 0:
            raise ValueError(f"{name} has a matrix that is no rotation")
        rotation.flags.writeable = translation.flags.writeable = False
        object.__setattr__(self, "rotation", rotation)
        object.__setattr__(self, "translation", translation)

    @classmethod
    def from_quaternion(
        cls, dst: str, src: str, wxyz: npt.ArrayLike, translation: npt.ArrayLike
    ) -> "RigidTransform":
        """Make from a quaternion wxyz of any length but zero and a (3,) translation, metres."""
        try:
            rotation = matrix_from_quaternion(wxyz)
        except ValueError as error:
            raise ValueError(f"{dst}_from_{src}: {error}") from error
        return cls(dst, src, rotation, np.asarray(translation))

    @classmethod
    def from_matrix(cls, dst: str, src: str, matrix: npt.ArrayLike) -> "RigidTransform":
        """Make from a (4, 4) rigid matrix."""
        values = np.asarray(matrix, dtype=np.float64)
        return cls(dst, src, values[:3, :3], values[:3, 3])

    @classmethod
    def identity(cls, dst: str, src: str) -> "RigidTransform":
        """Two names for the same place."""
        return cls(dst, src, np.eye(3), np.zeros(3))

    @property
    def matrix(self) -> Array:
        """(4, 4) homogeneous matrix."""
        matrix = np.eye(4)
        matrix[:3, :3] = self.rotation
        matrix[:3, 3] = self.translation
        return matrix

    def apply(self, points: npt.NDArray[np.floating]) -> Array:
        """(N, 3) points in `src` to (N, 3) in `dst`, metres."""
        return np.asarray(points, dtype=np.float64) @ self.rotation.T + self.translation

    def rotate(self, vectors: npt.NDArray[np.floating]) -> Array:
        """(N, 3) directions in `src` to `dst`."""
        return np.asarray(vectors, dtype=np.float64) @ self.rotation.T

    def inverse(self) -> "RigidTransform":
        """`src_from_dst`."""
        back = self.rotation.T
        return RigidTransform(self.src, self.dst, back, -back @ self.translation)

    def __matmul__(self, other: "RigidTransform") -> "RigidTransform":
        """`a_from_b @ b_from_c` is `a_from_c`."""
        if self.src != other.dst:
            raise FrameMismatch(
                f"cannot chain {self.dst}_from_{self.src} @ {other.dst}_from_{other.src}"
            )
        return RigidTransform(
            self.dst,
            other.src,
            self.rotation @ other.rotation,
            self.rotation @ other.translation + self.translation,
        )


def matrix_of(dst_from_src: RigidTransform | Array) -> Array:
    """(4, 4) of a transform, or of a matrix, which need not be rigid."""
    if isinstance(dst_from_src, RigidTransform):
        return dst_from_src.matrix
    matrix = np.asarray(dst_from_src, dtype=np.float64)
    if matrix.shape != (4, 4):
        raise ValueError(f"a transform must be (4, 4), not {matrix.shape}")
    return matrix
