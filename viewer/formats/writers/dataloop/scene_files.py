"""``frames.json`` and ``mapping.json`` of one scene, frame by frame."""

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import numpy as np

from viewer.formats.dataloop.poses import DOCUMENTED
from viewer.formats.writers.dataloop.rows import plain
from viewer.formats.writers.losses import LossLog
from viewer.geometry.cameras.base import CameraModel
from viewer.geometry.cameras.brown_conrady import BrownConrady
from viewer.geometry.cameras.fisheye import Fisheye
from viewer.geometry.cameras.mei import Mei
from viewer.geometry.rotation import quaternion_from_matrix
from viewer.geometry.transform import RigidTransform

MAX_FRAMES = 10_000_000
_BC = ("k1", "k2", "k3", "p1", "p2")


class SceneFiles:
    """Collects the frames of a scene; `documents` makes both files."""

    def __init__(self, folder: str, where: str, losses: LossLog) -> None:
        self._folder = folder
        self._where = where
        self._losses = losses
        self._frames: list[dict[str, Any]] = []
        self._mapping: dict[str, Any] = {}
        self._cameras: dict[str, dict[str, Any]] = {}

    def add_frame(
        self,
        cloud_name: str | None,
        timestamp_ns: int | None,
        world_from_lidar: RigidTransform,
        metadata: Mapping[str, Any],
    ) -> None:
        """Begin a frame; names are relative to the scene's folder."""
        number = len(self._frames)
        position, rotation = _pose(world_from_lidar)
        time = written_time(timestamp_ns)
        lidar: dict[str, Any] = {"lidar_pcd_id": None, "timestamp": time}
        if cloud_name is not None:
            lidar["remote_path"] = f"/{self._folder}/{cloud_name}"
        self._frames.append(
            {
                "translation": position, "rotation": rotation, "metadata": plain(metadata),
                "lidar": lidar, "images": [], "groundMapId": None,
            }
        )  # fmt: skip
        self._mapping[str(number)] = {
            "path": cloud_name, "timestamp": time, "position": position, "heading": rotation,
            "images": {}, "metadata": plain(metadata),
        }  # fmt: skip

    def add_image(
        self,
        sensor_id: str,
        image_name: str,
        timestamp_ns: int | None,
        model: CameraModel | None,
        lidar_from_camera: RigidTransform | None,
    ) -> None:
        """Add an image to the frame begun last; without lens or pose where there is none."""
        number = len(self._frames) - 1
        time = written_time(timestamp_ns)
        inner, distortion = self._lens(sensor_id, model)
        sensors: dict[str, Any] = {}
        extrinsics: dict[str, Any] = {}
        if lidar_from_camera is not None and inner:
            position, rotation = _pose(lidar_from_camera)
            sensors = {
                "extrinsic": {"position": position, "rotation": rotation},
                "intrinsicMatrix": [
                    inner["fx"], inner["skew"], inner["cx"], 0.0, inner["fy"], inner["cy"],
                    0.0, 0.0, 1.0,
                ],
                "intrinsicData": {**inner, "distortion": distortion},
            }  # fmt: skip
            extrinsics = {"translation": position, "rotation": rotation}
        camera_id = self._camera_id(sensor_id, sensors, number)
        image: dict[str, Any] = {
            "camera_id": camera_id,
            "image_id": None,
            "timestamp": time,
            "remote_path": f"/{self._folder}/{image_name}",
        }
        if extrinsics:
            image["sensorsData"] = {"extrinsic": extrinsics}
        images = self._frames[-1]["images"]
        images.append(image)
        self._mapping[str(number)]["images"][str(len(images) - 1)] = {
            "image_path": image_name, "timestamp": time, "intrinsics": inner,
            "extrinsics": extrinsics, "distortion": distortion,
        }  # fmt: skip

    def documents(self, metadata: Mapping[str, Any]) -> dict[str, Any]:
        """Return both files by name."""
        own = {"cameraPose": str(DOCUMENTED)}
        cameras = list(self._cameras.values())
        scene = {
            "isPCDFrames": True, "frames": self._frames, "cameras": cameras,
            "metadata": {**plain(metadata), **own},
        }  # fmt: skip
        return {"frames.json": scene, "mapping.json": {"frames": self._mapping}}

    def _camera_id(self, sensor_id: str, sensors: dict[str, Any], number: int) -> str:
        """Return the entry of a camera; one whose pose changes has an entry a frame."""
        known = self._cameras.get(sensor_id)
        camera_id = sensor_id
        if known is not None and known["sensorsData"] != sensors:
            camera_id = f"{sensor_id}_frame_{number}"
        if camera_id not in self._cameras:
            self._cameras[camera_id] = {
                "name": camera_id, "id": camera_id, "sensorsData": sensors,
                "cameraNumber": camera_id, "channel": sensor_id,
            }  # fmt: skip
        return camera_id

    def _lens(
        self, sensor_id: str, model: CameraModel | None
    ) -> tuple[dict[str, float], dict[str, Any]]:
        if model is None:
            return {}, {}
        numbers = model.parameters()
        inner = {key: numbers[key] for key in ("fx", "fy", "cx", "cy")}
        inner["skew"] = numbers.get("skew", 0.0) * numbers["fx"]
        if isinstance(model, Fisheye):
            bent = {key: numbers[key] for key in ("k1", "k2", "k3", "k4")}
            return inner, {**bent, "model": "kb"}
        if isinstance(model, Mei):
            bent = {key: numbers[key] for key in ("k1", "k2", "p1", "p2", "xi")}
            return inner, {**bent, "model": "mei"}
        bent = {key: numbers.get(key, 0.0) for key in _BC}
        if isinstance(model, BrownConrady):
            foreign = any(
                value for key, value in numbers.items() if key[0] in "kps" and key not in _BC
            )
            if foreign:
                told = "Dataloop's lens has no rational part and no thin prism; it is left out"
                self._losses.add("lens", f"{self._where}/{sensor_id}", told)
                return {}, {}
        return inner, {**bent, "model": "bc"}


def written_time(timestamp_ns: int | None) -> float | str | None:
    """Return seconds: a number where it keeps every nanosecond, else text."""
    if timestamp_ns is None:
        return None
    exact = Decimal(timestamp_ns).scaleb(-9)
    number = float(exact)
    return number if Decimal(repr(number)) == exact else f"{exact:f}"


def _pose(pose: RigidTransform) -> tuple[dict[str, float], dict[str, float]]:
    x, y, z = pose.translation.tolist()
    qw, qx, qy, qz = np.asarray(quaternion_from_matrix(pose.rotation)).tolist()
    norm = math.sqrt(qw * qw + qx * qx + qy * qy + qz * qz)
    turn = {"x": qx / norm, "y": qy / norm, "z": qz / norm, "w": qw / norm}
    return {"x": x, "y": y, "z": z}, turn
