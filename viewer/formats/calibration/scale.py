"""Scale camera folder: ``intrinsics.json`` (fx fy cx cy) beside ``extrinsics.json``.

The extrinsics are the camera's pose: ``heading`` as [w, x, y, z] and ``position``, ego from camera.
"""

from pathlib import Path
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.calibration.base import CameraDescription, LensDescription, numbers_of
from viewer.formats.calibration.document import load_document
from viewer.geometry.rotation import matrix_from_quaternion

_COEFFICIENTS = ("k1", "k2", "p1", "p2", "k3")


class ScaleCamera:
    """The camera is named by its folder; k1 k2 p1 p2 k3 count where they are given."""

    name: ClassVar[str] = "scale"
    title: ClassVar[str] = "Scale camera folder"
    suffixes: ClassVar[tuple[str, ...]] = (".json",)

    def recognises(self, document: object) -> bool:
        return (
            isinstance(document, dict)
            and {"fx", "fy", "cx", "cy"} <= document.keys()
            and not isinstance(document["fx"], dict | list)
        )

    def read(self, document: object, path: Path) -> tuple[CameraDescription, ...]:
        assert isinstance(document, dict)
        fx, fy, cx, cy = numbers_of(
            [document[key] for key in ("fx", "fy", "cx", "cy")], path, "intrinsics"
        ).tolist()
        distortion = numbers_of(
            [document.get(key) or 0.0 for key in _COEFFICIENTS], path, "distortion"
        )
        lens = LensDescription("plumb_bob", fx, fy, cx, cy, tuple(distortion.tolist()))
        named_by_file = path.stem.lower() not in ("intrinsics", "intrinsic")
        camera_id = path.stem if named_by_file else path.parent.name
        pose_path = path.with_name("extrinsics.json")
        pose = None if named_by_file or not pose_path.is_file() else _read_pose(pose_path)
        return (CameraDescription(camera_id, lens, pose, "ego"),)


def _read_pose(path: Path) -> npt.NDArray[np.float64]:
    """(4, 4) camera from ego."""
    document = load_document(path)
    if not isinstance(document, dict):
        raise DamagedData(path, "", "is not an object")
    heading, position = document.get("heading"), document.get("position")
    if isinstance(heading, dict):
        heading = [heading.get(key) for key in "wxyz"]
    if isinstance(position, dict):
        position = [position.get(key) for key in "xyz"]
    try:
        rotation = matrix_from_quaternion(numbers_of(heading, path, "heading", count=4))
    except ValueError as error:
        raise DamagedData(path, "heading", str(error)) from None
    matrix = np.eye(4)
    matrix[:3, :3] = rotation.T
    matrix[:3, 3] = -rotation.T @ numbers_of(position, path, "position", count=3)
    return matrix
