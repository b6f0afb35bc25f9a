"""The rig of a sequence.

Coord frames: ``velo`` is the lidar, posed in ``world``, which is the lidar of the first pose;
``cam0`` camera 0 after rectification (``Tr`` leads there from the lidar); ``image_0`` ... the
cameras, shifted in it by inverse(K) P[:, 3]. Without poses ``world`` moves with the lidar.
"""

from collections.abc import Sequence

from viewer.formats.base import DamagedData
from viewer.formats.images import image_size
from viewer.formats.kitti_calib_file import KittiCalibFile, read_calib_file, read_projection
from viewer.formats.kitti_object.rig import BOX_COORD_FRAME_ID, read_cam0_from_velo
from viewer.formats.problem_log import ProblemLog
from viewer.formats.semantic_kitti.layout import CAMERA_KEYS, LIDAR_ID, OdometrySequence
from viewer.formats.semantic_kitti.poses import world_from_velo
from viewer.geometry.trajectory import Trajectory
from viewer.geometry.transform import RigidTransform
from viewer.geometry.transform_tree import TransformTree
from viewer.scene.sensors import CameraSensor, LidarSensor, Rig


def build_rig(sequence: OdometrySequence, times_ns: Sequence[int], problems: ProblemLog) -> Rig:
    """Build the rig of a sequence; what cannot be had is noted, and its cameras say why."""
    lidars = {LIDAR_ID: LidarSensor(LIDAR_ID, LIDAR_ID)} if sequence.clouds else {}
    still = RigidTransform.identity("world", LIDAR_ID)
    if not sequence.calib.exists() and not sequence.images and sequence.poses is None:
        return Rig({}, lidars, TransformTree([still]))
    try:
        calib = read_calib_file(sequence.calib)
        cam0_from_velo = read_cam0_from_velo(calib)
    except DamagedData as damage:
        consequence = "poses and cameras are not used"
        problems.add(damage.path, damage.place, f"{damage.problem}; {consequence}")
        reason = f"no calibration: {damage.path.name}: {damage.problem}"
        cameras = {name: CameraSensor(name, "world", None, reason) for name in sequence.images}
        return Rig(cameras, lidars, TransformTree([still]))
    motion = _motion(sequence, times_ns, cam0_from_velo, problems)
    edges: list[RigidTransform | Trajectory] = [motion or still, cam0_from_velo.inverse()]
    cameras = _cameras(sequence, calib, edges, problems)
    return Rig(cameras, lidars, TransformTree(edges), "world" if motion is None else LIDAR_ID)


def _motion(
    sequence: OdometrySequence,
    times_ns: Sequence[int],
    cam0_from_velo: RigidTransform,
    problems: ProblemLog,
) -> Trajectory | None:
    if sequence.poses is None:
        return None
    try:
        return world_from_velo(sequence.poses, times_ns, cam0_from_velo, problems)
    except DamagedData as damage:
        problems.add_damage(damage)
        return None


def _cameras(
    sequence: OdometrySequence,
    calib: KittiCalibFile,
    edges: list[RigidTransform | Trajectory],
    problems: ProblemLog,
) -> dict[str, CameraSensor]:
    cameras = {}
    for name, files in sequence.images.items():
        try:
            projection = read_projection(calib, CAMERA_KEYS[name])
            lens = projection.lens(*image_size(next(iter(files.values()))))
        except (DamagedData, ValueError) as error:
            problems.add(calib.path, calib.place(CAMERA_KEYS[name]), str(error))
            cameras[name] = CameraSensor(name, "world", None, str(error))
            continue
        edges.append(projection.rectified_from_camera(BOX_COORD_FRAME_ID, name))
        cameras[name] = CameraSensor(name, name, lens)
    return cameras
