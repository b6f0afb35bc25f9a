"""SensorsCalibration text: ``K:`` 3x3, ``D:`` k1 k2 p1 p2, ``T:`` 3x4 camera from lidar."""

from pathlib import Path
from typing import ClassVar

from viewer.formats.base import DamagedData
from viewer.formats.calibration.base import (
    CameraDescription,
    LensDescription,
    numbers_of,
    pinhole_numbers,
    rigid_4x4,
)


class SensorsCalibration:
    """One camera beside one cloud, row-major."""

    name: ClassVar[str] = "sensors_calibration"
    title: ClassVar[str] = "SensorsCalibration text"
    suffixes: ClassVar[tuple[str, ...]] = (".txt",)

    def recognises(self, document: object) -> bool:
        return isinstance(document, str) and {"K", "D", "T"} <= set(_entries(document))

    def read(self, document: object, path: Path) -> tuple[CameraDescription, ...]:
        assert isinstance(document, str)
        entries = _entries(document)
        intrinsic = numbers_of(entries["K"], path, "K", count=9)
        distortion = numbers_of(entries["D"], path, "D")
        if len(distortion) > 12:
            raise DamagedData(path, "D", f"has {len(distortion)} coefficients")
        lens = LensDescription(
            "plumb_bob", *pinhole_numbers(intrinsic), distortion=tuple(distortion.tolist())
        )
        return (CameraDescription("", lens, rigid_4x4(entries["T"], path, "T"), "lidar"),)


def _entries(text: str) -> dict[str, list[str]]:
    if len(text) > 65_536:
        return {}
    split = (line.partition(":") for line in text.splitlines())
    return {key.strip(): rest.split() for key, colon, rest in split if colon}
