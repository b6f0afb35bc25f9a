"""PandaSet static calibration YAML: sensors by name, K and D, pose of the lidar in the camera."""

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.calibration.base import (
    CameraDescription,
    LensDescription,
    numbers_of,
    pinhole_numbers,
)
from viewer.geometry.rotation import matrix_from_quaternion


class PandaSetCalibration:
    """``extrinsic.transform`` is camera from lidar; D is k1 k2 p1 p2 k3."""

    name: ClassVar[str] = "pandaset"
    title: ClassVar[str] = "PandaSet calibration"
    suffixes: ClassVar[tuple[str, ...]] = (".yaml", ".yml")

    def recognises(self, document: object) -> bool:
        return bool(_cameras(document))

    def read(self, document: object, path: Path) -> tuple[CameraDescription, ...]:
        found = []
        for name, entry in _cameras(document).items():
            intrinsic = entry["intrinsic"]
            matrix = numbers_of(intrinsic.get("K"), path, f"{name}.K", count=9)
            distortion = numbers_of(intrinsic.get("D", []), path, f"{name}.D")
            lens = LensDescription(
                "plumb_bob", *pinhole_numbers(matrix), distortion=tuple(distortion.tolist())
            )
            pose = _pose(entry["extrinsic"].get("transform"), path, name)
            found.append(CameraDescription(name, lens, pose, "lidar"))
        return tuple(found)


def _pose(value: object, path: Path, name: str) -> npt.NDArray[np.float64]:
    given: dict[str, Any] = value if isinstance(value, dict) else {}
    parts = [given.get(key) for key in ("rotation", "translation")]
    rotation, translation = (part if isinstance(part, dict) else {} for part in parts)
    quaternion = numbers_of([rotation.get(key) for key in "wxyz"], path, f"{name}.rotation")
    offset = numbers_of([translation.get(key) for key in "xyz"], path, f"{name}.translation")
    matrix = np.eye(4)
    try:
        matrix[:3, :3] = matrix_from_quaternion(quaternion)
    except ValueError as error:
        raise DamagedData(path, f"{name}.rotation", str(error)) from None
    matrix[:3, 3] = offset
    return matrix


def _cameras(document: object) -> dict[str, dict[str, Any]]:
    if not isinstance(document, dict):
        return {}
    return {
        str(name): entry
        for name, entry in document.items()
        if isinstance(entry, dict)
        and isinstance(entry.get("intrinsic"), dict)
        and isinstance(entry.get("extrinsic"), dict)
        and "K" in entry["intrinsic"]
    }
