"""The rig of a KITTI tracking sequence.

Coord frames: ``ego`` is the GPS/IMU unit, posed in ``world`` by oxts; ``velo`` the lidar; ``cam0``
camera 0 after rectification, where the labels live; ``image_02`` and ``image_03`` the colour
cameras. Without oxts ``world`` is the lidar's coord frame. A sequence of labels alone has no
calibration: its ``world`` is camera 0 turned upright (x forward, y left, z up).
"""

from pathlib import Path

import numpy as np

from viewer.formats.base import DamagedData
from viewer.formats.images import image_size
from viewer.formats.kitti_calib_file import KittiCalibFile, read_calib_file, read_projection
from viewer.formats.kitti_object.rig import BOX_COORD_FRAME_ID, read_cam0_from_velo
from viewer.formats.kitti_raw.oxts import POSE_COLUMNS, trajectory_from_oxts
from viewer.formats.kitti_tracking.layout import CAMERA_KEYS, LIDAR_ID, KittiSequence
from viewer.formats.problem_log import ProblemLog
from viewer.formats.text_file import parse_numbers, read_text
from viewer.geometry.trajectory import Trajectory
from viewer.geometry.transform import RigidTransform
from viewer.geometry.transform_tree import TransformTree
from viewer.scene.sensors import CameraSensor, LidarSensor, Rig

EGO = "ego"
FRAME_INTERVAL_NS = 100_000_000
"""KITTI records ten frames a second; the tracking files hold no times."""
IMU_KEYS = ("Tr_imu_velo", "Tr_imu_to_velo")
_UPRIGHT_FROM_CAMERA = np.array([[0.0, 0.0, 1.0], [-1.0, 0.0, 0.0], [0.0, -1.0, 0.0]])
_MAX_LATITUDE_DEG = 89.0


def build_rig(sequence: KittiSequence, problems: ProblemLog) -> Rig:
    """Build the rig of a sequence; what cannot be had is noted, and its cameras say why."""
    lidars = {LIDAR_ID: LidarSensor(LIDAR_ID, LIDAR_ID)} if sequence.clouds else {}
    if not sequence.clouds and not sequence.images and sequence.calib is None:
        upright = RigidTransform("world", BOX_COORD_FRAME_ID, _UPRIGHT_FROM_CAMERA, np.zeros(3))
        return Rig({}, {}, TransformTree([upright]))
    try:
        expected = sequence.root / "calib" / f"{sequence.name}.txt"
        calib = read_calib_file(sequence.calib or expected)
        velo_from_cam0 = read_cam0_from_velo(calib).inverse()
    except DamagedData as damage:
        consequence = "boxes and overlays of this sequence are not shown"
        problems.add(damage.path, damage.place, f"{damage.problem}; {consequence}")
        reason = f"no calibration: {damage.path.name}: {damage.problem}"
        cameras = {name: CameraSensor(name, "world", None, reason) for name in sequence.images}
        tree = TransformTree([RigidTransform.identity("world", LIDAR_ID)])
        return Rig(cameras, lidars, tree)
    vehicle = _vehicle(sequence, calib, problems)
    edges: list[RigidTransform | Trajectory] = [*vehicle, velo_from_cam0]
    cameras = {}
    for sensor_id, files in sequence.images.items():
        try:
            projection = read_projection(calib, CAMERA_KEYS[sensor_id])
            # Every image of a sequence has the size of its first.
            lens = projection.lens(*image_size(next(iter(files.values()))))
        except (DamagedData, ValueError) as error:
            problems.add(calib.path, calib.place(CAMERA_KEYS[sensor_id]), str(error))
            cameras[sensor_id] = CameraSensor(sensor_id, "world", None, str(error))
            continue
        edges.append(projection.rectified_from_camera(BOX_COORD_FRAME_ID, sensor_id))
        cameras[sensor_id] = CameraSensor(sensor_id, sensor_id, lens)
    return Rig(cameras, lidars, TransformTree(edges), EGO if len(vehicle) > 1 else "world")


def _vehicle(
    sequence: KittiSequence, calib: KittiCalibFile, problems: ProblemLog
) -> list[RigidTransform | Trajectory]:
    """Edges from the world to the lidar, through the vehicle when its motion is known."""
    if sequence.oxts is not None and calib.has(*IMU_KEYS):
        try:
            motion = _read_motion(sequence.oxts, problems)
            matrix = calib.numbers(*IMU_KEYS, count=12).reshape(3, 4)
            velo_from_ego = calib.rigid(LIDAR_ID, EGO, matrix, calib.place(*IMU_KEYS))
        except DamagedData as damage:
            problem = f"{damage.problem}; the vehicle's motion is not used"
            problems.add(damage.path, damage.place, problem)
        else:
            if motion is not None:
                return [motion, velo_from_ego.inverse()]
    return [RigidTransform.identity("world", LIDAR_ID)]


def _read_motion(path: Path, problems: ProblemLog) -> Trajectory | None:
    """Return world_from_ego from a file with one oxts row a frame; a bad row is bridged."""
    rows = {}
    times_ns = {}
    for frame, line in enumerate(read_text(path).splitlines()):
        words = line.split()
        place = f"line {frame + 1}"
        try:
            if len(words) < POSE_COLUMNS:
                raise DamagedData(path, place, f"has {len(words)} numbers, a pose needs 6")
            row = parse_numbers(words[:POSE_COLUMNS], path, place)
            if abs(row[0]) >= _MAX_LATITUDE_DEG or abs(row[1]) > 360.0:
                raise DamagedData(path, place, "latitude or longitude is out of range")
        except DamagedData as damage:
            problems.add(damage.path, damage.place, f"{damage.problem}; poses bridge the gap")
            continue
        rows[str(frame)] = row
        times_ns[str(frame)] = frame * FRAME_INTERVAL_NS
    return trajectory_from_oxts(rows, times_ns, problems, path)
