"""Basalt JSON: ``value0`` with intrinsics by camera_type, T_imu_cam and resolution."""

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.calibration.base import (
    CameraDescription,
    LensDescription,
    image_size_of,
    numbers_of,
)
from viewer.geometry.rotation import matrix_from_quaternion

_COEFFICIENTS = {
    "pinhole": (),
    "kb4": ("k1", "k2", "k3", "k4"),
    "pinhole-radtan8": ("k1", "k2", "p1", "p2", "k3", "k4", "k5", "k6"),
}
_MODELS = {"pinhole": "pinhole", "kb4": "kb4", "pinhole-radtan8": "rational_polynomial"}


class BasaltCalibration:
    """Cameras are named cam0, cam1 ... in the file's order; quaternions are x y z w."""

    name: ClassVar[str] = "basalt"
    title: ClassVar[str] = "Basalt calibration"
    suffixes: ClassVar[tuple[str, ...]] = (".json",)

    def recognises(self, document: object) -> bool:
        value = document.get("value0") if isinstance(document, dict) else None
        return (
            isinstance(value, dict)
            and isinstance(value.get("intrinsics"), list)
            and "T_imu_cam" in value
        )

    def read(self, document: object, path: Path) -> tuple[CameraDescription, ...]:
        assert isinstance(document, dict)
        value = document["value0"]
        sizes, poses = (_list(value.get(key)) for key in ("resolution", "T_imu_cam"))
        found = []
        for index, entry in enumerate(value["intrinsics"]):
            place = f"value0.intrinsics[{index}]"
            if not isinstance(entry, dict):
                raise DamagedData(path, place, "is not an object")
            size: tuple[int | None, int | None] = (None, None)
            if index < len(sizes):
                size = image_size_of(sizes[index], path, f"value0.resolution[{index}]")
            pose = _pose(poses[index], path, index) if index < len(poses) else None
            lens = _lens(entry, path, place, size)
            found.append(CameraDescription(f"cam{index}", lens, pose, "imu"))
        return tuple(found)


def _lens(
    entry: dict[str, Any], path: Path, place: str, size: tuple[int | None, int | None]
) -> LensDescription:
    camera_type = str(entry.get("camera_type"))
    width_px, height_px = size
    names = _COEFFICIENTS.get(camera_type)
    if names is None:
        return LensDescription(camera_type, width_px=width_px, height_px=height_px)
    given = entry.get("intrinsics")
    if not isinstance(given, dict):
        raise DamagedData(path, place, "has no intrinsics")
    wanted = ("fx", "fy", "cx", "cy", *names)
    numbers = numbers_of([given.get(name) for name in wanted], path, place).tolist()
    fx, fy, cx, cy = numbers[:4]
    distortion = tuple(numbers[4:])
    return LensDescription(_MODELS[camera_type], fx, fy, cx, cy, distortion, width_px, height_px)


def _pose(value: object, path: Path, index: int) -> npt.NDArray[np.float64]:
    """(4, 4) camera from IMU."""
    place = f"value0.T_imu_cam[{index}]"
    given = value if isinstance(value, dict) else {}
    names = ("qw", "qx", "qy", "qz", "px", "py", "pz")
    numbers = numbers_of([given.get(name) for name in names], path, place)
    try:
        rotation = matrix_from_quaternion(numbers[:4])
    except ValueError as error:
        raise DamagedData(path, place, str(error)) from None
    matrix = np.eye(4)
    matrix[:3, :3] = rotation.T
    matrix[:3, 3] = -rotation.T @ numbers[4:]
    return matrix


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
