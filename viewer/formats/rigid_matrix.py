"""Rotations from text: checked, and squared up where rounding bent them."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData

EXACT_ENOUGH = 1e-5
TOLERANCE = 5e-3


def checked_rotation(
    rotation: npt.NDArray[np.float64], path: Path, place: str
) -> npt.NDArray[np.float64]:
    """Return a (3, 3) rotation as given; the nearest true one where it is bent by some digits.

    Raises
    ------
    DamagedData
        When an entry of rotation times its transpose is off by more than 0.005, or it mirrors.
    """
    error = float(np.abs(rotation @ rotation.T - np.eye(3)).max())
    if not error <= TOLERANCE or np.linalg.det(rotation) < 0:
        raise DamagedData(path, place, "is not a rotation and a translation")
    if error <= EXACT_ENOUGH:
        return rotation
    left, _, right = np.linalg.svd(rotation)
    nearest: npt.NDArray[np.float64] = left @ right
    return nearest
