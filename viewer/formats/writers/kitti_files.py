"""KITTI's sweeps, images and calibration of one frame, and what they cannot hold."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.kitti_object.labels import DONT_CARE
from viewer.formats.native.image_file import encoded_image
from viewer.formats.writers.kitti_camera import KittiCameras, KittiView
from viewer.formats.writers.kitti_text import calib_text, projection
from viewer.formats.writers.losses import LossLog
from viewer.formats.writers.target_files import Write
from viewer.geometry.trajectory import Trajectory
from viewer.geometry.transform_tree import TransformTreeError
from viewer.scene.class_map import UNKNOWN_COLOUR, ClassMap
from viewer.scene.point_cloud import PointCloud
from viewer.scene.scene import Frame, Scene
from viewer.scene.sensors import Rig

INTENSITY_NAMES = ("intensity", "reflectance", "reflectivity", "i")


def sweep_bytes(cloud: PointCloud, where: str, losses: LossLog) -> bytes:
    """Return float32 x y z intensity rows; NaN rows stay.

    Whole-number intensities are brought to 0..1, which is KITTI's range.
    """
    rows = np.zeros((len(cloud), 4), dtype="<f4")
    rows[:, :3] = cloud.xyz
    if cloud.xyz.dtype != np.float32:
        changed = (rows[:, :3] != cloud.xyz) & ~np.isnan(cloud.xyz)
        losses.add("point", where, "is rounded to float32", int(changed.any(axis=1).sum()))
    name = next((each for each in INTENSITY_NAMES if each in cloud.scalar_fields), None)
    for field in cloud.fields:
        if field != name:
            losses.add(f"point field {field!r}", where, "a sweep has x, y, z and intensity only")
    if name is None:
        losses.add("intensity", where, "the cloud has none; zeros are written")
    else:
        rows[:, 3] = _unit_intensity(cloud.fields[name], where, losses)
    if cloud.organized_shape is not None:
        losses.add("order in rows and columns", where, "a sweep is a plain list of points")
    if cloud.viewpoint is not None:
        losses.add("viewpoint", where, "a sweep names none")
    return rows.tobytes()


def _unit_intensity(
    values: npt.NDArray[np.generic], where: str, losses: LossLog
) -> npt.NDArray[np.float64]:
    numbers = values.astype(np.float64)
    if values.dtype.kind == "u":
        largest = 2 ** (8 * values.dtype.itemsize) - 1
        losses.add("intensity", where, f"is divided by {largest}: KITTI's runs from 0 to 1")
        scaled: npt.NDArray[np.float64] = numbers / largest
        return scaled
    rounded = np.asarray(numbers.astype(np.float32) != numbers) & ~np.isnan(numbers)
    losses.add("intensity of a point", where, "is rounded to float32", int(rounded.sum()))
    return numbers


def write_sensor_data(
    scene: Scene,
    frame: Frame,
    cameras: KittiCameras,
    image_folders: Sequence[str],
    names: tuple[str, str],
    write: Write,
    losses: LossLog,
) -> None:
    """Write the sweep of the first lidar and the images of the chosen cameras.

    Parameters
    ----------
    image_folders
        One for each of `cameras.sensor_ids`.
    names
        Folder of the sequence within each sensor's folder, ending in a slash or empty; stem.
    """
    lidar_id = scene.lidar_ids[0] if scene.lidar_ids else None
    inner, stem = names
    for sweep in frame.sweeps:
        where = f"{scene.scene_id}/{sweep.sensor_id}"
        if sweep.sensor_id != lidar_id:
            losses.add("point cloud", where, f"KITTI has one lidar; {lidar_id} is written")
            continue
        try:
            cloud = scene.reader.read_point_cloud(frame.index, sweep.sensor_id)
            write(f"velodyne/{inner}{stem}.bin", sweep_bytes(cloud, where, losses))
        except DamagedData as damage:
            losses.add_unreadable(damage.as_problem())
    folders = dict(zip(cameras.sensor_ids, image_folders, strict=False))
    for image in frame.images:
        folder = folders.get(image.sensor_id)
        if folder is None:
            why = "is no pinhole with the axes of the main camera"
            losses.add("image", f"{scene.scene_id}/{image.sensor_id}", why)
            continue
        try:
            data, suffix = encoded_image(scene.reader, frame.index, image.sensor_id)
            write(f"{folder}/{inner}{stem}{suffix}", data)
        except DamagedData as damage:
            losses.add_unreadable(damage.as_problem())


def calibration(scene: Scene, view: KittiView, sweep_ns: int | None, *, tracking: bool) -> str:
    """Return the calibration text as it holds for a view and a sweep's time.

    Raises
    ------
    TransformTreeError
        When there is no way from the lidar to the camera.
    """
    rig, cameras = view.rig, view.cameras
    lidar = rig.lidars.get(scene.lidar_ids[0]) if scene.lidar_ids else None
    velo = lidar.coord_frame_id if lidar is not None else rig.ego_coord_frame_id
    projections = {}
    for number, sensor_id in zip((2, 3), cameras.sensor_ids, strict=False):
        projections[number] = projection(view.lens_of(sensor_id), view.offset_m(sensor_id))
    velo_from_ego = None
    if rig.ego_coord_frame_id != "world":
        ego = rig.ego_coord_frame_id
        velo_from_ego = rig.transforms.transform(velo, ego, sweep_ns).matrix
    boxes_from_velo = view.boxes_from(velo, sweep_ns).matrix
    return calib_text(projections, boxes_from_velo, velo_from_ego, tracking=tracking)


def sweep_time(scene: Scene, frame: Frame) -> int | None:
    """Time of the first lidar's sweep, else of the frame."""
    first = scene.lidar_ids[:1]
    times = (sweep.timestamp_ns for sweep in frame.sweeps if sweep.sensor_id in first)
    return next(times, frame.timestamp_ns)


def note_scene(scene: Scene, rig: Rig | None, becomes: str, losses: LossLog) -> None:
    """Note what KITTI has no place for in a scene as a whole."""
    if scene.scene_id != becomes:
        losses.add("scene name", scene.scene_id, f"becomes {becomes}")
    if scene.description:
        losses.add("description", scene.scene_id, "KITTI has no place for it")
    if rig is not None and any(isinstance(each, Trajectory) for each in rig.transforms.edges):
        losses.add("motion of the vehicle", scene.scene_id, "is not written")
    own = ClassMap.from_names(scene.class_map.names, {DONT_CARE: UNKNOWN_COLOUR}, {DONT_CARE})
    pairs = zip(scene.class_map.entries, own.entries, strict=False)
    changed = sum(1 for given, usual in pairs if given.colour != usual.colour)
    losses.add("colour of a class", scene.scene_id, "KITTI has no class map", changed)


def first_rig(scene: Scene) -> Rig | None:
    """Return the first rig that can be read."""
    for frame in scene.frames[:64]:
        try:
            return scene.reader.read_rig(frame.index)
        except (DamagedData, TransformTreeError):
            continue
    return None
