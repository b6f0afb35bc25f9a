"""Kalibr ``camchain.yaml``: cam0, cam1 ... with camera_model, distortion_model, intrinsics."""

from pathlib import Path
from typing import Any, ClassVar

from viewer.formats.calibration.base import (
    CameraDescription,
    LensDescription,
    image_size_of,
    numbers_of,
    rigid_4x4,
)


class KalibrCamchain:
    """``T_cam_imu`` is camera from IMU, ``T_imu_cam`` its inverse."""

    name: ClassVar[str] = "kalibr"
    title: ClassVar[str] = "Kalibr camchain"
    suffixes: ClassVar[tuple[str, ...]] = (".yaml", ".yml")

    def recognises(self, document: object) -> bool:
        return bool(_cameras(document))

    def read(self, document: object, path: Path) -> tuple[CameraDescription, ...]:
        found = []
        for name, entry in _cameras(document).items():
            pose = None
            for key, inverted in (("T_cam_imu", False), ("T_imu_cam", True)):
                if key in entry:
                    pose = rigid_4x4(entry[key], path, f"{name}.{key}", inverted=inverted)
            found.append(CameraDescription(name, read_lens(entry, path, name), pose, "imu"))
        return tuple(found)


def read_lens(entry: dict[str, Any], path: Path, place: str) -> LensDescription:
    """Return the lens of one entry; intrinsics of a non-pinhole model are not read."""
    width_px: int | None = None
    height_px: int | None = None
    if entry.get("resolution") is not None:
        width_px, height_px = image_size_of(entry["resolution"], path, f"{place}.resolution")
    camera_model = str(entry.get("camera_model", "pinhole"))
    if camera_model.lower() != "pinhole":
        return LensDescription(camera_model, width_px=width_px, height_px=height_px)
    fx, fy, cx, cy = numbers_of(
        entry.get("intrinsics"), path, f"{place}.intrinsics", count=4
    ).tolist()
    coefficients = entry.get("distortion_coeffs", entry.get("distortion_coefficients", []))
    distortion = numbers_of(coefficients, path, f"{place}.distortion")
    model = str(entry.get("distortion_model") or "none")
    return LensDescription(model, fx, fy, cx, cy, tuple(distortion.tolist()), width_px, height_px)


def _cameras(document: object) -> dict[str, dict[str, Any]]:
    if not isinstance(document, dict):
        return {}
    return {
        name: entry
        for name, entry in document.items()
        if isinstance(name, str)
        and name[:3] == "cam"
        and name[3:].isdigit()
        and isinstance(entry, dict)
        and "intrinsics" in entry
    }
