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
    """Return the lens of one entry, pinhole or omni; intrinsics of other models are not read."""
    width_px: int | None = None
    height_px: int | None = None
    if entry.get("resolution") is not None:
        width_px, height_px = image_size_of(entry["resolution"], path, f"{place}.resolution")
    camera_model = str(entry.get("camera_model", "pinhole"))
    model = str(entry.get("distortion_model") or "none")
    xi = 0.0
    if camera_model.lower() == "pinhole":
        inner = numbers_of(entry.get("intrinsics"), path, f"{place}.intrinsics", count=4)
    elif camera_model.lower() == "omni" and model.lower() in ("none", "radtan"):
        model = "omni"
        inner = numbers_of(entry.get("intrinsics"), path, f"{place}.intrinsics", count=5)
        xi, inner = float(inner[0]), inner[1:]
    else:
        whole = camera_model if camera_model.lower() != "omni" else f"{camera_model}-{model}"
        return LensDescription(whole, width_px=width_px, height_px=height_px)
    fx, fy, cx, cy = inner.tolist()
    coefficients = entry.get("distortion_coeffs", entry.get("distortion_coefficients", []))
    distortion = numbers_of(coefficients, path, f"{place}.distortion")
    bent = tuple(distortion.tolist())
    return LensDescription(model, fx, fy, cx, cy, bent, width_px, height_px, xi)


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
