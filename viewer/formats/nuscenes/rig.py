"""The rig of a sample from calibrated sensors.

Coord frames: ``world`` is the map's (global); ``ego`` the vehicle's, posed in it at the time of
each recording; every channel is a sensor of its own name under ``ego``. A camera is a pinhole
with ``camera_intrinsic``; ``camera_distortion`` (T4) is k1 k2 p1 p2 k3 of Brown-Conrady.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from viewer.formats.base import DamagedData
from viewer.formats.images import image_size
from viewer.formats.nuscenes.poses import EGO
from viewer.formats.nuscenes.recordings import RANGE_SENSORS, Recording
from viewer.formats.nuscenes.schema import CalibratedSensorRow
from viewer.formats.problem_log import ProblemLog
from viewer.formats.rigid_matrix import are_poses
from viewer.geometry.cameras.base import CameraModel
from viewer.geometry.cameras.brown_conrady import COEFFICIENTS, BrownConrady
from viewer.geometry.cameras.pinhole import Pinhole
from viewer.geometry.trajectory import Trajectory
from viewer.geometry.transform import RigidTransform
from viewer.geometry.transform_tree import TransformTree
from viewer.scene.sensors import CameraSensor, LidarSensor, RangeSensorKind, Rig

CAMERA_ORDER = (
    "CAM_FRONT_LEFT", "CAM_FRONT", "CAM_FRONT_RIGHT", "CAM_BACK_LEFT", "CAM_BACK", "CAM_BACK_RIGHT",
)  # fmt: skip
MAX_SIDE_PX = 100_000


def ordered_channels(channels: Mapping[str, str], modality: str) -> tuple[str, ...]:
    """Return channels of a modality: nuScenes' cameras as they stand on the car, then others."""
    names = [name for name, kind in channels.items() if kind == modality]
    rank = {name: index for index, name in enumerate(CAMERA_ORDER)}
    return tuple(sorted(names, key=lambda name: rank.get(name, len(rank))))


def build_rig(
    recordings: Mapping[str, Recording],
    world_from_ego: Trajectory | None,
    table: Path,
    problems: ProblemLog,
) -> Rig:
    """Build the rig of recordings by channel; a camera without calibration says why."""
    edges: list[RigidTransform | Trajectory] = []
    cameras: dict[str, CameraSensor] = {}
    lidars: dict[str, LidarSensor] = {}
    if world_from_ego is not None:
        edges.append(world_from_ego)
    for channel, recording in recordings.items():
        row = recording.calibrated
        try:
            if world_from_ego is None:
                raise DamagedData(table, row.token, "the vehicle's pose is not known")
            edge = _ego_from_sensor(channel, row, table)
            if recording.modality == "camera":
                model = _lens(row, recording, table)
                cameras[channel] = CameraSensor(channel, channel, model)
            elif recording.modality in RANGE_SENSORS:
                kind = RangeSensorKind(recording.modality)
                lidars[channel] = LidarSensor(channel, channel, kind)
            else:
                continue
            edges.append(edge)
        except DamagedData as damage:
            problems.add_damage(damage)
            if recording.modality == "camera":
                cameras[channel] = CameraSensor(channel, "world", None, damage.in_short)
    ego = "world" if world_from_ego is None else EGO
    return Rig(cameras, lidars, TransformTree(edges), ego)


def _ego_from_sensor(channel: str, row: CalibratedSensorRow, table: Path) -> RigidTransform:
    if channel in ("world", EGO):
        raise DamagedData(table, row.token, f"a sensor cannot be called {channel!r}")
    rotation = np.array(row.rotation, dtype=np.float64)
    translation = np.array(row.translation, dtype=np.float64)
    if not are_poses(translation[None], rotation[None]).all():
        raise DamagedData(table, row.token, f"{channel} has no pose that can be")
    return RigidTransform.from_quaternion(EGO, channel, rotation, translation)


def _lens(row: CalibratedSensorRow, recording: Recording, table: Path) -> CameraModel:
    intrinsic = row.camera_intrinsic or []
    if len(intrinsic) != 3 or any(len(line) != 3 for line in intrinsic):
        raise DamagedData(table, row.token, f"{recording.channel} has no 3 x 3 camera_intrinsic")
    matrix = np.array(intrinsic, dtype=np.float64)
    lower = [matrix[1, 0], matrix[2, 0], matrix[2, 1]]
    if any(lower) or matrix[2, 2] != 1.0 or matrix[0, 1] != 0.0:
        problem = "has a camera_intrinsic that is no pinhole's without skew"
        raise DamagedData(table, row.token, f"{recording.channel} {problem}")
    width_px, height_px = recording.width_px, recording.height_px
    if not (0 < width_px <= MAX_SIDE_PX and 0 < height_px <= MAX_SIDE_PX):
        width_px, height_px = image_size(recording.path)
    numbers = {
        "fx": float(matrix[0, 0]),
        "fy": float(matrix[1, 1]),
        "cx": float(matrix[0, 2]),
        "cy": float(matrix[1, 2]),
    }
    distortion = row.camera_distortion or []
    try:
        if not any(distortion):
            return Pinhole(width_px, height_px, **numbers)
        if len(distortion) not in (4, 5, 8, 12):
            problem = f"has {len(distortion)} distortion numbers; 4, 5, 8 or 12 can be read"
            raise DamagedData(table, row.token, f"{recording.channel} {problem}")
        numbers |= dict(zip(COEFFICIENTS, distortion, strict=False))
        return BrownConrady(width_px, height_px, **numbers)
    except ValueError as error:
        raise DamagedData(table, row.token, f"{recording.channel}: {error}") from None
