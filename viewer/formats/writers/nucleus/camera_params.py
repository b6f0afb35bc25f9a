"""Lenses and poses as ``camera_params``."""

from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.formats.writers.losses import LossLog
from viewer.geometry.cameras.base import CameraModel
from viewer.geometry.cameras.brown_conrady import BrownConrady
from viewer.geometry.cameras.fisheye import Fisheye
from viewer.geometry.cameras.pinhole import Pinhole
from viewer.geometry.rotation import quaternion_from_matrix
from viewer.geometry.transform import RigidTransform

_HELD = ("k1", "k2", "k3", "k4", "p1", "p2")
_BROWN_CONRADY_ONLY = ("k5", "k6", "s1", "s2", "s3", "s4")
RIGID_SLACK = 1e-6


def camera_params(
    lens: CameraModel, world_from_camera: RigidTransform, where: str, losses: LossLog
) -> dict[str, Any] | None:
    """Return the parameters as the client writes them; None, with a note, for another lens."""
    if not isinstance(lens, Pinhole | BrownConrady | Fisheye):
        why = "Nucleus has Brown-Conrady and fisheye lenses; the image stands without a camera"
        losses.add(f"lens {lens.name!r}", where, why)
        return None
    position = dict(zip("xyz", world_from_camera.translation.tolist(), strict=True))
    w, x, y, z = quaternion_from_matrix(world_from_camera.rotation).tolist()
    params: dict[str, Any] = {
        "position": position,
        "heading": {"x": x, "y": y, "z": z, "w": w},
        **{key: float(getattr(lens, key)) for key in ("fx", "fy", "cx", "cy")},
    }
    if isinstance(lens, Pinhole):
        return params
    for key in _HELD:
        value = float(getattr(lens, key, 0.0))
        if value:
            params[key] = value
    foreign = _BROWN_CONRADY_ONLY if isinstance(lens, BrownConrady) else ("skew",)
    for key in foreign:
        if getattr(lens, key):
            losses.add(f"lens coefficient {key}", where, "Nucleus has k1 to k4, p1 and p2")
    params["camera_model"] = "fisheye" if isinstance(lens, Fisheye) else "brown_conrady"
    return params


def with_camera_matrix(
    world_from_camera: RigidTransform, matrix: npt.NDArray[np.float64] | None
) -> RigidTransform | None:
    """Return the pose that an extra matrix makes of another; None when it is not rigid."""
    if matrix is None:
        return world_from_camera
    rotation, last = matrix[:3, :3], matrix[3]
    rigid = (
        np.abs(rotation @ rotation.T - np.eye(3)).max() < RIGID_SLACK
        and np.linalg.det(rotation) > 0.0
        and np.abs(last - [0.0, 0.0, 0.0, 1.0]).max() < RIGID_SLACK
    )
    if not rigid:
        return None
    pose = world_from_camera.matrix @ np.linalg.inv(matrix)
    src = world_from_camera.src
    return RigidTransform(world_from_camera.dst, src, pose[:3, :3], pose[:3, 3])
