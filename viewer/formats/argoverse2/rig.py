"""The rig of a log.

Coord frames: ``world`` is the city's; ``ego`` the vehicle's (middle of the rear axle), in which
lidar points and boxes are given, already moved to the time of the sweep; each camera hangs under
``ego``. The images of the dataset are undistorted, so that the lens is a pinhole although the
calibration also holds k1 k2 k3, which speak of the images before.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from viewer.formats.argoverse2.feather_file import Columns, read_columns
from viewer.formats.argoverse2.labels import CENTER, EGO, ROTATION
from viewer.formats.argoverse2.layout import LIDAR_ID, AvLog
from viewer.formats.base import DamagedData
from viewer.formats.problem_log import ProblemLog
from viewer.formats.rigid_matrix import are_poses
from viewer.geometry.cameras.pinhole import Pinhole
from viewer.geometry.trajectory import Trajectory
from viewer.geometry.transform import RigidTransform
from viewer.geometry.transform_tree import TransformTree
from viewer.scene.sensors import CameraSensor, LidarSensor, Rig

_POSE = dict.fromkeys((*CENTER, *ROTATION), "f8")
_LENS = {
    "sensor_name": "U",
    **dict.fromkeys(("fx_px", "fy_px", "cx_px", "cy_px"), "f8"),
    "width_px": "i8",
    "height_px": "i8",
}
MAX_SIDE_PX = 100_000
SensorRow = dict[str, str | float]


def build_rig(log: AvLog, problems: ProblemLog) -> Rig:
    """Build the rig of a log; a camera without calibration says why.

    Raises
    ------
    DamagedData
        When the vehicle's poses cannot be read: every pose of the log hangs on them.
    """
    edges: list[RigidTransform | Trajectory] = [read_motion(log.poses, problems)]
    cameras: dict[str, CameraSensor] = {}
    if log.images or log.intrinsics.exists():
        poses = _rows_by_sensor(log.extrinsics, {"sensor_name": "U", **_POSE}, problems)
        lenses = _rows_by_sensor(log.intrinsics, _LENS, problems)
        for name in dict.fromkeys((*log.images, *lenses)):
            try:
                edge = _ego_from_camera(name, poses, log.extrinsics)
                model = _lens(name, lenses, log.intrinsics)
            except DamagedData as damage:
                problems.add_damage(damage)
                cameras[name] = CameraSensor(name, "world", None, damage.in_short)
            else:
                edges.append(edge)
                cameras[name] = CameraSensor(name, name, model)
    lidars = {LIDAR_ID: LidarSensor(LIDAR_ID, EGO)} if log.sweeps else {}
    return Rig(cameras, lidars, TransformTree(edges), EGO)


def stored_rows(log: AvLog) -> tuple[dict[str, SensorRow], dict[str, SensorRow]]:
    """Return the rows of the lenses and of the mounting poses by sensor, distortion included."""
    radial = dict.fromkeys(("k1", "k2", "k3"), "f8")
    quiet = ProblemLog()
    lenses = _rows_by_sensor(log.intrinsics, {**_LENS, **radial}, quiet)
    mounts = _rows_by_sensor(log.extrinsics, {"sensor_name": "U", **_POSE}, quiet)
    return (
        {name: {"sensor_name": name, **row} for name, row in lenses.items()},
        {name: {"sensor_name": name, **row} for name, row in mounts.items()},
    )


def read_motion(path: Path, problems: ProblemLog) -> Trajectory:
    """Return world_from_ego; rows without a pose, or at a time that was there, are noted."""
    columns = read_columns(path, {"timestamp_ns": "i8", **_POSE})
    times = columns["timestamp_ns"]
    positions = np.stack([columns[name] for name in CENTER], axis=1)
    rotations = np.stack([columns[name] for name in ROTATION], axis=1)
    good = are_poses(positions, rotations)
    if not good.all():
        place = f"row {int(np.flatnonzero(~good)[0])}"
        problems.add(path, place, f"{int((~good).sum())} rows hold no pose; poses bridge them")
    times, positions, rotations = times[good], positions[good], rotations[good]
    if not len(times):
        raise DamagedData(path, "", "holds no pose of the vehicle")
    unique, first = np.unique(times, return_index=True)
    if len(unique) < len(times):
        problems.add(path, "", f"{len(times) - len(unique)} rows repeat a time; the first counts")
    return Trajectory("world", EGO, unique, rotations[first], positions[first])


def _rows_by_sensor(
    path: Path, wanted: Mapping[str, str], problems: ProblemLog
) -> dict[str, dict[str, float]]:
    try:
        columns: Columns = read_columns(path, wanted)
    except DamagedData as damage:
        problems.add_damage(damage)
        return {}
    names = columns.pop("sensor_name").tolist()
    return {
        name: {key: column[row].item() for key, column in columns.items()}
        for row, name in enumerate(names)
    }


def _ego_from_camera(
    name: str, poses: Mapping[str, Mapping[str, float]], path: Path
) -> RigidTransform:
    row = poses.get(name)
    if row is None:
        raise DamagedData(path, name, "the camera's pose is missing")
    if name in ("world", EGO):
        raise DamagedData(path, name, "a camera cannot be called so")
    rotation = np.array([row[key] for key in ROTATION])
    translation = np.array([row[key] for key in CENTER])
    if not are_poses(translation[None], rotation[None]).all():
        raise DamagedData(path, name, "the camera has no pose that can be")
    return RigidTransform.from_quaternion(EGO, name, rotation, translation)


def _lens(name: str, lenses: Mapping[str, Mapping[str, float]], path: Path) -> Pinhole:
    row = lenses.get(name)
    if row is None:
        raise DamagedData(path, name, "the camera's lens is missing")
    width_px, height_px = int(row["width_px"]), int(row["height_px"])
    if not (0 < width_px <= MAX_SIDE_PX and 0 < height_px <= MAX_SIDE_PX):
        raise DamagedData(path, name, f"an image of {width_px} x {height_px} pixels cannot be")
    try:
        return Pinhole(
            width_px,
            height_px,
            fx=row["fx_px"],
            fy=row["fy_px"],
            cx=row["cx_px"],
            cy=row["cy_px"],
        )
    except ValueError as error:
        raise DamagedData(path, name, str(error)) from None
