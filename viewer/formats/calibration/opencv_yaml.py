"""OpenCV YAML, and ROS camera_info YAML which is shaped like it: matrices as rows, cols, data."""

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from viewer.formats.calibration.base import (
    CameraDescription,
    LensDescription,
    image_size_of,
    numbers_of,
    pinhole_numbers,
)

_MATRIX_KEYS = ("camera_matrix", "Camera_Matrix", "cameraMatrix", "CameraMatrix", "K")
_DISTORTION_KEYS = (
    "distortion_coefficients", "Distortion_Coefficients", "distCoeffs", "DistCoeff", "dist", "D",
)  # fmt: skip
_SIZE_KEYS = ("img_size", "image_size", "imageSize", "ImageSize")
_WIDTH_KEYS = ("image_width", "image_Width", "width")
_HEIGHT_KEYS = ("image_height", "image_Height", "height")


class OpenCvYaml:
    """Coefficients in OpenCV's order; ``distortion_model`` decides where it is given."""

    name: ClassVar[str] = "opencv_yaml"
    title: ClassVar[str] = "OpenCV or ROS camera YAML"
    suffixes: ClassVar[tuple[str, ...]] = (".yaml", ".yml")

    def recognises(self, document: object) -> bool:
        if not isinstance(document, dict):
            return False
        return isinstance(_first(document, _MATRIX_KEYS), dict | list)

    def read(self, document: object, path: Path) -> tuple[CameraDescription, ...]:
        assert isinstance(document, dict)
        matrix = numbers_of(_first(document, _MATRIX_KEYS), path, "camera matrix", count=9)
        coefficients = _first(document, _DISTORTION_KEYS)
        distortion = numbers_of([] if coefficients is None else coefficients, path, "distortion")
        width_px, height_px = _image_size(document, path)
        lens = LensDescription(
            str(document.get("distortion_model") or "opencv"),
            *pinhole_numbers(matrix),
            distortion=tuple(distortion.tolist()),
            width_px=width_px,
            height_px=height_px,
        )
        return (CameraDescription(str(document.get("camera_name") or ""), lens),)


def _image_size(document: Mapping[str, object], path: Path) -> tuple[int | None, int | None]:
    size = _first(document, _SIZE_KEYS)
    if size is not None:
        return image_size_of(size, path, "image size")
    sides = [_first(document, keys) for keys in (_WIDTH_KEYS, _HEIGHT_KEYS)]
    if None in sides:
        return None, None
    return image_size_of(sides, path, "image size")


def _first(document: Mapping[str, object], keys: tuple[str, ...]) -> object:
    return next((document[key] for key in keys if key in document), None)
