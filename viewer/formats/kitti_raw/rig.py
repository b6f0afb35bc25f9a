"""The rig of a KITTI raw drive.

Coord frames: ``ego`` is the GPS/IMU unit, posed in ``world`` by oxts; ``velo`` the lidar; ``cam0``
camera 0, rectified in a sync folder and as mounted in an extract; ``image_00`` ... the cameras. In
a sync folder an image is a pinhole's, P_rect_0i; in an extract the lens is K_0i with D_0i (k1 k2 p1
p2 k3), posed by R_0i, T_0i. Without oxts ``world`` is the lidar's coord frame.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from viewer.formats.base import DamagedData
from viewer.formats.images import image_size
from viewer.formats.kitti_calib_file import KittiCalibFile, read_calib_file, read_projection
from viewer.formats.kitti_raw.layout import CALIB_NAMES, LIDAR_ID, RawDrive
from viewer.formats.problem_log import ProblemLog
from viewer.geometry.cameras.base import CameraModel
from viewer.geometry.cameras.brown_conrady import BrownConrady
from viewer.geometry.trajectory import Trajectory
from viewer.geometry.transform import RigidTransform
from viewer.geometry.transform_tree import TransformTree
from viewer.scene.sensors import CameraSensor, LidarSensor, Rig

EGO = "ego"
CAM0 = "cam0"


@dataclass(eq=False, slots=True)
class _Draft:
    """A rig under construction."""

    drive: RawDrive
    problems: ProblemLog
    edges: list[RigidTransform | Trajectory] = field(default_factory=list)
    cameras: dict[str, CameraSensor] = field(default_factory=dict)

    def note(self, damage: DamagedData, consequence: str) -> None:
        self.problems.add(damage.path, damage.place, f"{damage.problem}; {consequence}")


def build_rig(drive: RawDrive, world_from_ego: Trajectory | None, problems: ProblemLog) -> Rig:
    """Build the rig of a drive; what cannot be had is noted, and its cameras say why."""
    draft = _Draft(drive, problems)
    posed = _add_vehicle(draft, world_from_ego)
    _add_cameras(draft)
    lidars = {LIDAR_ID: LidarSensor(LIDAR_ID, LIDAR_ID)} if drive.clouds.files else {}
    tree = TransformTree(draft.edges)
    return Rig(draft.cameras, lidars, tree, EGO if posed else "world")


def _calib(drive: RawDrive, name: str) -> KittiCalibFile:
    return read_calib_file((drive.calib_folder or drive.root) / name)


def _add_vehicle(draft: _Draft, world_from_ego: Trajectory | None) -> bool:
    if world_from_ego is not None:
        try:
            velo_from_ego = _read_pose(_calib(draft.drive, CALIB_NAMES[2]), LIDAR_ID, EGO)
        except DamagedData as damage:
            draft.note(damage, "the vehicle's motion is not used")
        else:
            draft.edges += [world_from_ego, velo_from_ego.inverse()]
            return True
    draft.edges.append(RigidTransform.identity("world", LIDAR_ID))
    return False


def _add_cameras(draft: _Draft) -> None:
    drive = draft.drive
    if not drive.images:
        return
    try:
        cam_to_cam = _calib(drive, CALIB_NAMES[0])
        cam0_from_velo = _read_pose(_calib(drive, CALIB_NAMES[1]), CAM0, LIDAR_ID)
        if not drive.unrectified:
            rectify = np.zeros((3, 4))
            rectify[:, :3] = cam_to_cam.numbers("R_rect_00", count=9).reshape(3, 3)
            place = cam_to_cam.place("R_rect_00")
            cam0_from_velo = cam_to_cam.rigid(CAM0, CAM0, rectify, place) @ cam0_from_velo
    except DamagedData as damage:
        draft.note(damage, "nothing is drawn over the images")
        for sensor_id in drive.images:
            draft.cameras[sensor_id] = _refused(
                sensor_id, f"no calibration: {damage.path.name}: {damage.problem}"
            )
        return
    draft.edges.append(cam0_from_velo.inverse())
    for sensor_id in drive.images:
        try:
            add = _add_unrectified if drive.unrectified else _add_rectified
            add(draft, sensor_id, cam_to_cam)
        except DamagedData as damage:
            draft.note(damage, f"nothing is drawn over {sensor_id}")
            draft.cameras[sensor_id] = _refused(sensor_id, damage.in_short)


def _add_rectified(draft: _Draft, sensor_id: str, calib: KittiCalibFile) -> None:
    number = sensor_id[-2:]
    projection = read_projection(calib, f"P_rect_{number}")
    width_px, height_px = _checked_size(draft, sensor_id, calib, f"S_rect_{number}")
    draft.edges.append(projection.rectified_from_camera(CAM0, sensor_id))
    lens = projection.lens(width_px, height_px)
    draft.cameras[sensor_id] = CameraSensor(sensor_id, sensor_id, lens)


def _add_unrectified(draft: _Draft, sensor_id: str, calib: KittiCalibFile) -> None:
    number = sensor_id[-2:]
    intrinsic = calib.numbers(f"K_{number}", count=9).reshape(3, 3)
    k1, k2, p1, p2, k3 = calib.numbers(f"D_{number}", count=5).tolist()
    camera_from_cam0 = _read_pose(calib, sensor_id, CAM0, number)
    width_px, height_px = _checked_size(draft, sensor_id, calib, f"S_{number}")
    place = calib.place(f"K_{number}")
    if intrinsic[0, 0] <= 0 or intrinsic[1, 1] <= 0 or intrinsic[0, 1] != 0:
        raise DamagedData(calib.path, place, "is not a camera matrix without skew")
    lens: CameraModel = BrownConrady(
        width_px,
        height_px,
        fx=float(intrinsic[0, 0]),
        fy=float(intrinsic[1, 1]),
        cx=float(intrinsic[0, 2]),
        cy=float(intrinsic[1, 2]),
        k1=k1,
        k2=k2,
        p1=p1,
        p2=p2,
        k3=k3,
    )
    draft.edges.append(camera_from_cam0.inverse())
    draft.cameras[sensor_id] = CameraSensor(sensor_id, sensor_id, lens)


def _checked_size(
    draft: _Draft, sensor_id: str, calib: KittiCalibFile, key: str
) -> tuple[int, int]:
    """Size of the first image; it must be the one that the calibration states, if it states one."""
    files: Mapping[str, Path] = draft.drive.images[sensor_id].files
    path = next(iter(files.values()))
    size = image_size(path)
    if calib.has(key):
        stated = tuple(round(number) for number in calib.numbers(key, count=2).tolist())
        if stated != size:
            problem = (
                f"is {size[0]} x {size[1]} pixels, the calibration says {stated[0]} x {stated[1]}"
            )
            raise DamagedData(path, "", problem)
    return size


def _read_pose(calib: KittiCalibFile, dst: str, src: str, number: str = "") -> RigidTransform:
    """R and T entries, or R_0i and T_0i, as `dst_from_src`."""
    suffix = f"_{number}" if number else ""
    matrix = np.empty((3, 4))
    matrix[:, :3] = calib.numbers(f"R{suffix}", count=9).reshape(3, 3)
    matrix[:, 3] = calib.numbers(f"T{suffix}", count=3)
    return calib.rigid(dst, src, matrix, calib.place(f"R{suffix}"))


def _refused(sensor_id: str, reason: str) -> CameraSensor:
    return CameraSensor(sensor_id, "world", None, reason)
