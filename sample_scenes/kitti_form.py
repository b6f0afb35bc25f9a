"""Writes a scene as a KITTI raw drive: four pinhole cameras, tracklets that turn about z only."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
import numpy.typing as npt
from PIL import Image

from viewer.geometry.cameras.base import CameraModel
from viewer.geometry.cameras.pinhole import Pinhole
from viewer.geometry.rotation import yaw_from_quaternion
from viewer.geometry.transform import RigidTransform
from viewer.progress import JobContext
from viewer.scene.labels import CuboidLabels
from viewer.scene.scene import Frame, Scene
from viewer.scene.sensors import Rig

Floats = npt.NDArray[np.float64]

CAMERAS = ("front", "front_left", "front_right", "rear")
"""Which become image_00 to image_03."""
FOCAL_PX = 350.0
DATE, DRIVE = "2024_06_11", "2024_06_11_drive_0001_extract"
CLASS_NAMES = {
    "car": "Car",
    "van": "Van",
    "truck": "Truck",
    "cyclist": "Cyclist",
    "pedestrian": "Pedestrian",
}
OCCLUSION_CODES = {"none": 0, "partial": 1, "heavy": 2, "full": 2}
EARTH_RADIUS_M = 6378137.0
ORIGIN_LATITUDE_DEG, ORIGIN_LONGITUDE_DEG = 49.0, 8.4
POSE_AFTER_LAST_NS = 100_000_000
OXTS_FILLER = 24
"""Velocities, accelerations and status numbers of the unit, which nothing here knows."""


def write_kitti_raw(scene: Scene, root: Path, context: JobContext) -> None:
    """Write calibration, and one drive of unrectified form whose lenses have no distortion.

    Each camera keeps its place and direction; its picture is resampled to a pinhole's. Boxes
    lose pitch and roll, 2D boxes and predictions are left out, as the layout has no place for
    them. The lidar is the scene's only one.
    """
    rig = scene.reader.read_rig(0)
    lidar_id = scene.lidar_ids[0]
    date, drive = root / DATE, root / DATE / DRIVE
    lenses = {camera_id: _pinhole_like(rig.cameras[camera_id].model) for camera_id in CAMERAS}
    _write_calibration(date, rig, lidar_id, lenses)
    maps = {camera_id: _Resampling(rig.cameras[camera_id].model, lenses[camera_id])
            for camera_id in CAMERAS}  # fmt: skip
    for frame in context.track(scene.frames, "Writing the KITTI drive"):
        _write_sweep(scene, frame, lidar_id, drive)
        for number, camera_id in enumerate(CAMERAS):
            pixels = scene.reader.read_image(frame.index, camera_id, None).rgb()
            path = drive / f"image_{number:02d}" / "data" / f"{frame.index:010d}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(maps[camera_id].apply(pixels)).save(path, compress_level=2)
    _write_times(scene, drive, lidar_id)
    _write_poses(scene, drive)
    _write_tracklets(scene, lidar_id, drive)


class _Resampling:
    """Bilinear look-up from a lens's picture to a pinhole's that looks the same way."""

    def __init__(self, source: CameraModel | None, target: Pinhole) -> None:
        if source is None:
            raise ValueError("a camera without calibration cannot be rectified")
        self._shape = (target.height_px, target.width_px, 3)
        grid = np.stack(
            np.meshgrid(np.arange(target.width_px), np.arange(target.height_px)), axis=-1
        )
        pixels, valid = source.project(
            target.unproject(grid.reshape(-1, 2).astype(np.float64)).directions
        )
        pixels = np.where(valid[:, None], pixels, -1.0)
        edge = np.array([source.width_px, source.height_px]) - 0.5
        self._valid = ((pixels >= -0.5) & (pixels < edge)).all(axis=1)
        pixels = np.clip(pixels, 0, (source.width_px - 1.001, source.height_px - 1.001))
        self._corner = pixels.astype(np.int64)
        self._share = pixels - self._corner

    def apply(self, rgb: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """Return the pinhole's (H, W, 3) picture, black where the lens sees nothing."""
        corner, share = self._corner, self._share
        total = np.zeros((len(corner), 3))
        for dx in (0, 1):
            for dy in (0, 1):
                weight = np.abs(1 - dx - share[:, :1]) * np.abs(1 - dy - share[:, 1:])
                total += weight * rgb[corner[:, 1] + dy, corner[:, 0] + dx]
        total[~self._valid] = 0
        return np.round(total).astype(np.uint8).reshape(self._shape)


def _pinhole_like(model: CameraModel | None) -> Pinhole:
    if model is None:
        raise ValueError("a camera without calibration cannot be rectified")
    if isinstance(model, Pinhole):
        return model
    width, height = model.width_px, model.height_px
    return Pinhole(width, height, fx=FOCAL_PX, fy=FOCAL_PX, cx=(width - 1) / 2, cy=(height - 1) / 2)


def _write_calibration(date: Path, rig: Rig, lidar_id: str, lenses: dict[str, Pinhole]) -> None:
    date.mkdir(parents=True)
    frames = {camera_id: rig.cameras[camera_id].coord_frame_id for camera_id in CAMERAS}
    ego = rig.ego_coord_frame_id
    lidar = rig.lidars[lidar_id].coord_frame_id
    first = frames[CAMERAS[0]]
    rows = ["calib_time: 11-Jun-2024 10:00:00", "corner_dist: 1.000000e-01"]
    for number, camera_id in enumerate(CAMERAS):
        lens = lenses[camera_id]
        camera_from_first = _between(rig, ego, frames[camera_id], first)
        matrix = [lens.fx, 0, lens.cx, 0, lens.fy, lens.cy, 0, 0, 1]
        for key, values in (
            ("S", [lens.width_px, lens.height_px]),
            ("K", matrix),
            ("D", [0.0] * 5),
            ("R", camera_from_first.rotation.ravel()),
            ("T", camera_from_first.translation),
        ):
            rows.append(_entry(f"{key}_{number:02d}", values))
    (date / "calib_cam_to_cam.txt").write_text("\n".join(rows) + "\n")
    for name, pose in (
        ("calib_velo_to_cam.txt", _between(rig, ego, first, lidar)),
        ("calib_imu_to_velo.txt", _between(rig, ego, lidar, ego)),
    ):
        lines = [rows[0], _entry("R", pose.rotation.ravel()), _entry("T", pose.translation)]
        (date / name).write_text("\n".join(lines) + "\n")


def _between(rig: Rig, ego: str, dst: str, src: str) -> RigidTransform:
    """Mounting of one coord frame against another; both hang on the ego."""
    time_ns = 0
    return rig.transforms.transform(dst, ego, time_ns) @ rig.transforms.transform(ego, src, time_ns)


def _entry(key: str, values: Sequence[float] | Floats) -> str:
    return f"{key}: " + " ".join(f"{value:.15g}" for value in values)


def _write_sweep(scene: Scene, frame: Frame, lidar_id: str, drive: Path) -> None:
    cloud = scene.reader.read_point_cloud(frame.index, lidar_id)
    records = np.empty((len(cloud), 4), dtype="<f4")
    records[:, :3] = cloud.xyz
    records[:, 3] = cloud.fields["intensity"] / 255.0
    path = drive / "velodyne_points" / "data" / f"{frame.index:010d}.bin"
    path.parent.mkdir(parents=True, exist_ok=True)
    records.tofile(path)


def _write_times(scene: Scene, drive: Path, lidar_id: str) -> None:
    streams: dict[str, list[int]] = {"velodyne_points": [], "oxts": _pose_times_ns(scene)}
    for frame in scene.frames:
        time_ns = _time_of(frame)
        streams["velodyne_points"].append(time_ns)
        times = {image.sensor_id: image.timestamp_ns for image in frame.images}
        for number, camera_id in enumerate(CAMERAS):
            image_ns = times[camera_id]
            streams.setdefault(f"image_{number:02d}", []).append(
                time_ns if image_ns is None else image_ns
            )
    for name, times_ns in streams.items():
        (drive / name).mkdir(parents=True, exist_ok=True)
        text = "".join(f"{_clock(time_ns)}\n" for time_ns in times_ns)
        (drive / name / "timestamps.txt").write_text(text)


def _pose_times_ns(scene: Scene) -> list[int]:
    """Times of the frames, and one after the last image."""
    times_ns = [_time_of(frame) for frame in scene.frames]
    return [*times_ns, times_ns[-1] + POSE_AFTER_LAST_NS]


def _time_of(frame: Frame) -> int:
    if frame.timestamp_ns is None:
        raise ValueError(f"frame {frame.key} has no time")
    return frame.timestamp_ns


def _clock(time_ns: int) -> str:
    moment = datetime.fromtimestamp(time_ns // 1_000_000_000, tz=UTC)
    return f"{moment:%Y-%m-%d %H:%M:%S}.{time_ns % 1_000_000_000:09d}"


def _write_poses(scene: Scene, drive: Path) -> None:
    """Write oxts rows so that Mercator with the scale of the first latitude gives the poses."""
    folder = drive / "oxts" / "data"
    folder.mkdir(parents=True, exist_ok=True)
    scale = np.cos(np.radians(ORIGIN_LATITUDE_DEG)) * EARTH_RADIUS_M
    origin_north = scale * np.log(np.tan(np.radians(90 + ORIGIN_LATITUDE_DEG) / 2))
    rig = scene.reader.read_rig(0)
    start = rig.transforms.transform("world", rig.ego_coord_frame_id, _time_of(scene.frames[0]))
    for number, time_ns in enumerate(_pose_times_ns(scene)):
        pose = rig.transforms.transform("world", rig.ego_coord_frame_id, time_ns)
        east, north, up = pose.translation - start.translation
        latitude = 2 * np.degrees(np.arctan(np.exp((north + origin_north) / scale))) - 90
        longitude = ORIGIN_LONGITUDE_DEG + np.degrees(east / scale)
        turn = pose.rotation
        roll = np.arctan2(turn[2, 1], turn[2, 2])
        pitch = np.arcsin(-turn[2, 0])
        yaw = np.arctan2(turn[1, 0], turn[0, 0])
        numbers = [latitude, longitude, up, roll, pitch, yaw, *([0.0] * OXTS_FILLER)]
        text = " ".join(f"{number:.15g}" for number in numbers)
        (folder / f"{number:010d}.txt").write_text(text + "\n")


def _write_tracklets(scene: Scene, lidar_id: str, drive: Path) -> None:
    """Write each unbroken run of a track as one tracklet."""
    poses: defaultdict[str, dict[int, str]] = defaultdict(dict)
    heads: dict[str, str] = {}
    for frame in scene.frames:
        labels = scene.reader.read_labels(frame.index, "ground_truth").cuboids
        rig = scene.reader.read_rig(frame.index)
        time_ns = labels.timestamp_ns
        lidar = rig.lidars[lidar_id].coord_frame_id
        lidar_from_labels = rig.transforms.transform(lidar, labels.cuboids.coord_frame_id, time_ns)
        for row, (track, head, pose) in enumerate(_poses(labels, lidar_from_labels)):
            name = track or f"{frame.key}:{row}"
            heads[name] = head
            poses[name][frame.index] = pose
    runs = [run for name in poses for run in _runs(heads[name], poses[name])]
    text = _TRACKLETS.format(count=len(runs), items="".join(runs))
    (drive / "tracklet_labels.xml").write_text(text, encoding="utf-8")


def _poses(
    labels: CuboidLabels, lidar_from_labels: RigidTransform
) -> list[tuple[str | None, str, str]]:
    """Return track id, class and size, and pose of each box that only turns about the lidar's z."""
    boxes = labels.cuboids.transformed(lidar_from_labels)
    yaws = yaw_from_quaternion(boxes.rotation)
    rows = []
    for row, track in enumerate(labels.track_ids):
        (x, y, z), (length, width, height) = boxes.center[row], boxes.size[row]
        name = CLASS_NAMES.get(labels.class_names[row], labels.class_names[row])
        head = f"<objectType>{escape(name)}</objectType><h>{height:.6g}</h><w>{width:.6g}</w>"
        occlusion = OCCLUSION_CODES.get(str(labels.attributes[row].get("occlusion")), 0)
        pose = _POSE.format(x=x, y=y, z=z - height / 2, yaw=float(yaws[row]), occlusion=occlusion)
        rows.append((track, f"{head}<l>{length:.6g}</l>", pose))
    return rows


def _runs(head: str, poses: dict[int, str]) -> list[str]:
    runs: list[list[int]] = []
    for index in sorted(poses):
        if runs and runs[-1][-1] == index - 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    return [
        _ITEM.format(
            head=head, first=run[0], count=len(run), poses="".join(poses[index] for index in run)
        )
        for run in runs
    ]


_TRACKLETS = """<?xml version="1.0" encoding="UTF-8" standalone="yes" ?>
<!DOCTYPE boost_serialization>
<boost_serialization signature="serialization::archive" version="9">
<tracklets class_id="0" tracking_level="0" version="0">
<count>{count}</count><item_version>1</item_version>
{items}</tracklets></boost_serialization>
"""
_ITEM = """<item class_id="1" tracking_level="0" version="1">
{head}<first_frame>{first}</first_frame>
<poses class_id="2" tracking_level="0" version="0">
<count>{count}</count><item_version>2</item_version>
{poses}</poses><finished>1</finished></item>
"""
_POSE = """<item><tx>{x:.6f}</tx><ty>{y:.6f}</ty><tz>{z:.6f}</tz>\
<rx>0</rx><ry>0</ry><rz>{yaw:.7f}</rz><state>2</state><occlusion>{occlusion}</occlusion><occlusion_kf>1</occlusion_kf>\
<truncation>0</truncation></item>
"""
