"""The rig of a folder of clouds: every lidar in the world's coord frame, cameras where told."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from viewer.formats.base import DamagedData
from viewer.formats.calibration.base import CameraDescription, RefusedLens
from viewer.formats.calibration.catalog import read_calibration
from viewer.formats.images import image_size
from viewer.formats.point_folder.layout import PointFolder
from viewer.formats.problem_log import ProblemLog
from viewer.geometry.transform import RigidTransform
from viewer.geometry.transform_tree import TransformTree
from viewer.scene.sensors import CameraSensor, LidarSensor, Rig

NO_CALIBRATION = "no calibration: nothing beside the images describes this camera"
POSED_WITH_POINTS = frozenset({"lidar", "ego", "ground", "base"})


def build_rig(folder: PointFolder, problems: ProblemLog) -> Rig:
    """Read the loose calibration and pose the cameras that it describes."""
    described = _described_cameras(folder, problems)
    edges = [RigidTransform.identity("world", lidar_id) for lidar_id in folder.clouds]
    lidars = {lidar_id: LidarSensor(lidar_id, lidar_id) for lidar_id in folder.clouds}
    cameras = {}
    for sensor_id, by_key in folder.images.items():
        coord_frame_id = f"{sensor_id} camera" if sensor_id in folder.clouds else sensor_id
        camera, pose = _camera(
            sensor_id, coord_frame_id, described.get(sensor_id), by_key, folder, problems
        )
        cameras[sensor_id] = camera
        if pose is not None:
            edges.append(pose)
    return Rig(cameras, lidars, TransformTree(edges))


def _camera(
    sensor_id: str,
    coord_frame_id: str,
    description: CameraDescription | None,
    by_key: Mapping[str, tuple[str, Path]],
    folder: PointFolder,
    problems: ProblemLog,
) -> tuple[CameraSensor, RigidTransform | None]:
    if description is None:
        return CameraSensor(sensor_id, "world", None, NO_CALIBRATION), None
    _, image_path = next(iter(by_key.values()))
    try:
        width_px, height_px = image_size(image_path)
        lens = description.lens.lens(width_px, height_px)
    except RefusedLens as refusal:
        problems.add(image_path, "", f"nothing is drawn over {sensor_id}: {refusal}")
        return CameraSensor(sensor_id, "world", None, str(refusal)), None
    except DamagedData as damage:
        problems.add_damage(damage)
        return CameraSensor(sensor_id, "world", None, damage.in_short), None
    matrix = description.camera_from_parent
    if matrix is None or (folder.clouds and description.parent not in POSED_WITH_POINTS):
        seen_from = f"; it is posed from the {description.parent}" if matrix is not None else ""
        reason = f"the calibration does not say where the camera is among the points{seen_from}"
        return CameraSensor(sensor_id, "world", None, reason), None
    rotation = matrix[:3, :3].T
    pose = RigidTransform("world", coord_frame_id, rotation, -rotation @ matrix[:3, 3])
    return CameraSensor(sensor_id, coord_frame_id, lens), pose


def _described_cameras(folder: PointFolder, problems: ProblemLog) -> dict[str, CameraDescription]:
    """Descriptions by the camera of the folder that they belong to; the first file wins."""
    found: dict[str, CameraDescription] = {}
    anonymous: list[CameraDescription] = []
    for path in folder.calibration_files if folder.images else ():
        try:
            cameras = read_calibration(path)
        except DamagedData as damage:
            problems.add_damage(damage)
            continue
        for camera in cameras:
            sensor_id = _owner(camera, path, folder)
            if sensor_id is not None:
                found.setdefault(sensor_id, camera)
            elif len(cameras) == 1:
                anonymous.append(camera)
    if not found and len(folder.images) == 1 and len(anonymous) == 1:
        found[next(iter(folder.images))] = anonymous[0]
    return found


def _owner(camera: CameraDescription, path: Path, folder: PointFolder) -> str | None:
    names: Sequence[str] = (camera.camera_id, path.stem, path.parent.name)
    by_name = {sensor_id.casefold(): sensor_id for sensor_id in folder.images}
    return next((by_name[name.casefold()] for name in names if name.casefold() in by_name), None)
