"""A JSON map of fisheye cameras by name: fx fy cx cy, D k1..k4, T_ground_to_camera 4x4."""

from pathlib import Path
from typing import ClassVar

from viewer.formats.calibration.base import (
    CameraDescription,
    LensDescription,
    image_size_of,
    numbers_of,
    rigid_4x4,
)

_POSE = "T_ground_to_camera"


class SurroundFisheye:
    """Kannala-Brandt cameras around a vehicle, posed against the ground."""

    name: ClassVar[str] = "surround_fisheye"
    title: ClassVar[str] = "surround-view fisheye cameras"
    suffixes: ClassVar[tuple[str, ...]] = (".json",)

    def recognises(self, document: object) -> bool:
        return bool(_cameras(document))

    def read(self, document: object, path: Path) -> tuple[CameraDescription, ...]:
        found = []
        for name, entry in _cameras(document).items():
            fx, fy, cx, cy = (
                float(numbers_of(entry.get(key), path, f"{name}.{key}", count=1)[0])
                for key in ("fx", "fy", "cx", "cy")
            )
            distortion = numbers_of(entry["D"], path, f"{name}.D", count=4)
            sides = [entry.get(key) for key in ("width", "height")]
            width_px, height_px = image_size_of(sides, path, f"{name}, width and height")
            lens = LensDescription(
                "kannala_brandt", fx, fy, cx, cy, tuple(distortion.tolist()), width_px, height_px
            )
            pose = rigid_4x4(entry[_POSE], path, f"{name}.{_POSE}")
            found.append(CameraDescription(name, lens, pose, "ground"))
        return tuple(found)


def _cameras(document: object) -> dict[str, dict[str, object]]:
    if not isinstance(document, dict):
        return {}
    return {
        str(name): entry
        for name, entry in document.items()
        if isinstance(entry, dict) and _POSE in entry and "D" in entry
    }
