"""A camera's lens as the tables have it."""

from typing import Any

from viewer.formats.writers.losses import LossLog
from viewer.geometry.cameras.brown_conrady import COEFFICIENTS, BrownConrady
from viewer.geometry.cameras.pinhole import Pinhole
from viewer.scene.sensors import CameraSensor

_COUNTS = (4, 5, 8, 12)


def lens_row(camera: CameraSensor, where: str, losses: LossLog) -> dict[str, Any]:
    """Return ``camera_intrinsic`` and, where the lens distorts, T4's ``camera_distortion``."""
    if camera.camera_matrix is not None:
        losses.add("matrix of a camera", where, "a camera is a lens and a pose")
    lens = camera.model
    if not isinstance(lens, Pinhole | BrownConrady):
        name = lens.name if lens is not None else "none"
        losses.add("lens", where, f"is {name}; the tables have pinholes and Brown-Conrady")
        return {"camera_intrinsic": []}
    row: dict[str, Any] = {
        "camera_intrinsic": [[lens.fx, 0.0, lens.cx], [0.0, lens.fy, lens.cy], [0.0, 0.0, 1.0]]
    }
    if isinstance(lens, BrownConrady):
        numbers = [float(getattr(lens, name)) for name in COEFFICIENTS]
        used = max((at + 1 for at, number in enumerate(numbers) if number), default=0)
        if used:
            row["camera_distortion"] = numbers[: next(each for each in _COUNTS if each >= used)]
            why = "is written as T4 has it; nuScenes' own tools pass over it"
            losses.add("distortion of a lens", where, why)
    return row
