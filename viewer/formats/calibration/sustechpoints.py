"""SUSTechPOINTS ``calib/camera/NAME.json``: extrinsic 4x4 (camera from lidar), intrinsic 3x3."""

from pathlib import Path
from typing import ClassVar

from viewer.formats.calibration.base import (
    CameraDescription,
    LensDescription,
    numbers_of,
    pinhole_numbers,
    rigid_4x4,
)


class SustechPointsCalibration:
    """Row-major lists; other keys, such as an older ``extrinsic_ok``, are not used."""

    name: ClassVar[str] = "sustechpoints"
    title: ClassVar[str] = "SUSTechPOINTS camera"
    suffixes: ClassVar[tuple[str, ...]] = (".json",)

    def recognises(self, document: object) -> bool:
        return (
            isinstance(document, dict)
            and isinstance(document.get("extrinsic"), list)
            and isinstance(document.get("intrinsic"), list)
        )

    def read(self, document: object, path: Path) -> tuple[CameraDescription, ...]:
        assert isinstance(document, dict)
        intrinsic = numbers_of(document["intrinsic"], path, "intrinsic", count=9)
        pose = rigid_4x4(document["extrinsic"], path, "extrinsic")
        lens = LensDescription("pinhole", *pinhole_numbers(intrinsic))
        return (CameraDescription(path.stem, lens, pose, "lidar"),)
