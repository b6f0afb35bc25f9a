"""Rotations from text: checked, and squared up where rounding bent them."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData

MAX_POSITION_M = 1e9
EXACT_ENOUGH = 1e-5
TOLERANCE = 5e-3


def are_poses(
    positions: npt.NDArray[np.float64], quaternions: npt.NDArray[np.float64]
) -> npt.NDArray[np.bool_]:
    """Say which rows, (N, 3) and (N, 4), are finite, not absurdly far and not without a turn."""
    largest = np.abs(quaternions).max(axis=1, initial=0.0)
    near = np.abs(positions).max(axis=1, initial=0.0) <= MAX_POSITION_M
    good: npt.NDArray[np.bool_] = near & (largest > 1e-6) & (largest < 1e6)
    return good


def is_rigid(matrix: npt.NDArray[np.float64]) -> bool:
    """Say whether a (4, 4) matrix is a rotation and a translation, but for some digits."""
    rotation = matrix[:3, :3]
    if not np.isfinite(matrix).all() or (matrix[3] != [0.0, 0.0, 0.0, 1.0]).any():
        return False
    error = float(np.abs(rotation @ rotation.T - np.eye(3)).max())
    return error <= EXACT_ENOUGH and float(np.linalg.det(rotation)) > 0


def checked_rotation(
    rotation: npt.NDArray[np.float64], path: Path, place: str
) -> npt.NDArray[np.float64]:
    """Return a (3, 3) rotation as given; the nearest true one where it is bent by some digits.

    Raises
    ------
    DamagedData
        When an entry of rotation times its transpose is off by more than 0.005, or it mirrors.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        error = float(np.abs(rotation @ rotation.T - np.eye(3)).max())
    if not error <= TOLERANCE or np.linalg.det(rotation) < 0:
        raise DamagedData(path, place, "is not a rotation and a translation")
    if error <= EXACT_ENOUGH:
        return rotation
    left, _, right = np.linalg.svd(rotation)
    nearest: npt.NDArray[np.float64] = left @ right
    return nearest
