"""TUM Traffic infrastructure camera JSON: camera matrix, coefficients, rotation and translation."""

from pathlib import Path
from typing import ClassVar

import numpy as np

from viewer.formats.calibration.base import (
    CameraDescription,
    LensDescription,
    image_size_of,
    numbers_of,
    pinhole_numbers,
    rigid_4x4,
)


class TumTrafficCamera:
    """The pose is camera from the station's base; named by the file."""

    name: ClassVar[str] = "tum_traffic"
    title: ClassVar[str] = "TUM Traffic camera"
    suffixes: ClassVar[tuple[str, ...]] = (".json",)

    def recognises(self, document: object) -> bool:
        return isinstance(document, dict) and "intrinsic_camera_matrix" in document

    def read(self, document: object, path: Path) -> tuple[CameraDescription, ...]:
        assert isinstance(document, dict)
        matrix = numbers_of(
            document["intrinsic_camera_matrix"], path, "intrinsic_camera_matrix", count=9
        )
        distortion = numbers_of(document.get("dist_coefficients", []), path, "dist_coefficients")
        sides = [document.get(key) for key in ("image_width", "image_height")]
        width_px, height_px = image_size_of(sides, path, "image_width and image_height")
        pose = None
        if "rotation_matrix" in document and "translation_matrix" in document:
            flat = np.empty((3, 4))
            rotation = numbers_of(document["rotation_matrix"], path, "rotation_matrix", count=9)
            flat[:, :3] = rotation.reshape(3, 3)
            flat[:, 3] = numbers_of(
                document["translation_matrix"], path, "translation_matrix", count=3
            )
            pose = rigid_4x4(flat.tolist(), path, "rotation_matrix")
        lens = LensDescription(
            "opencv",
            *pinhole_numbers(matrix),
            distortion=tuple(distortion.tolist()),
            width_px=width_px,
            height_px=height_px,
        )
        return (CameraDescription(path.stem, lens, pose, "base"),)
