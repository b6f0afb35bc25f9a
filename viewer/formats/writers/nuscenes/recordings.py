"""What is written as ``sample_data``: each recording with its mounting and the vehicle's pose."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.edited_reader import as_delivered
from viewer.formats.images import MAX_FILE_BYTES
from viewer.formats.native.image_file import encoded_image
from viewer.formats.native.paths import file_stem
from viewer.formats.nuscenes.reader import NuScenesReader
from viewer.formats.nuscenes.recordings import Recording
from viewer.formats.text_file import read_bytes
from viewer.formats.writers.losses import LossLog
from viewer.formats.writers.nuscenes.lens_rows import lens_row
from viewer.formats.writers.nuscenes.point_files import lidar_bytes, radar_bytes
from viewer.formats.writers.scene_poses import FrameTimes, ScenePoses
from viewer.geometry.rotation import quaternion_from_matrix
from viewer.geometry.transform import RigidTransform
from viewer.scene.earlier_sweeps import EarlierSweeps
from viewer.scene.point_cloud import PointCloud
from viewer.scene.scene import Frame, Scene
from viewer.scene.sensors import RangeSensorKind

RESERVED = ("world", "ego")
_STILL = ([1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0])


@dataclass(frozen=True, eq=False, slots=True)
class Planned:
    """One recording of a frame."""

    channel: str
    modality: str
    timestamp_ns: int
    is_key_frame: bool
    token: str
    """Empty where the source has none; so are the next two."""
    calibrated_token: str
    pose_token: str
    calibrated: dict[str, Any]
    """Row of the mounted sensor, without tokens."""
    pose: dict[str, Any] | None
    """Row of the vehicle's pose, without token and time; None where the source has none."""
    filename: str
    data: bytes | None
    """None where the source lacks the file."""
    width_px: int
    height_px: int
    cloud: PointCloud | None = None
    """Points of a keyframe's lidar or radar, for counts."""


def channel_of(sensor_id: str) -> str:
    """Return the channel of a sensor; names of coord frames are taken."""
    return f"{sensor_id}_sensor" if sensor_id in RESERVED else sensor_id


class OwnRecordings:
    """Recordings of a source that is nuScenes itself: every row and file as it is."""

    def __init__(self, reader: NuScenesReader, losses: LossLog) -> None:
        self._reader = reader
        self._losses = losses

    def of_frame(self, frame: Frame) -> Iterator[Planned]:
        """Yield a frame's recordings, those of keyframes first."""
        reader = self._reader
        recordings = reader.recordings
        keyframes = list(recordings.keyframes()[frame.index].values())
        everything = [*keyframes, *recordings.between(frame.index)]
        tokens = [each.pose_token for each in everything]
        poses = reader.tables.poses.find(tokens, reader.tables.late_problems)
        for number, (recording, pose) in enumerate(zip(everything, poses, strict=True)):
            yield self._planned(frame, recording, pose, number < len(keyframes))

    def _planned(
        self, frame: Frame, recording: Recording, pose: npt.NDArray[np.float64], is_key_frame: bool
    ) -> Planned:
        row = recording.calibrated
        calibrated: dict[str, Any] = {
            "translation": list(row.translation),
            "rotation": list(row.rotation),
            "camera_intrinsic": row.camera_intrinsic or [],
        }
        if row.camera_distortion is not None:
            calibrated["camera_distortion"] = row.camera_distortion
        known = bool(np.isfinite(pose).all())
        cloud = None
        if is_key_frame and recording.is_there and recording.modality != "camera":
            try:
                cloud = self._reader.read_point_cloud(frame.index, recording.channel)
            except DamagedData as damage:
                self._losses.add_unreadable(damage.as_problem())
        return Planned(
            recording.channel,
            recording.modality,
            recording.timestamp_ns,
            is_key_frame,
            recording.token,
            row.token,
            recording.pose_token,
            calibrated,
            {"translation": pose[:3].tolist(), "rotation": pose[3:].tolist()} if known else None,
            recording.filename,
            self._data(recording),
            recording.width_px,
            recording.height_px,
            cloud,
        )

    def _data(self, recording: Recording) -> bytes | None:
        if not recording.is_there:
            return None
        try:
            return read_bytes(recording.path, max_bytes=MAX_FILE_BYTES)
        except DamagedData as damage:
            self._losses.add_unreadable(damage.as_problem())
            return None


class SceneRecordings:
    """Recordings of any other source."""

    def __init__(self, scene: Scene, times: FrameTimes, poses: ScenePoses, losses: LossLog) -> None:
        self._scene = scene
        self._times = times
        self._poses = poses
        self._losses = losses

    def of_frame(self, frame: Frame) -> Iterator[Planned]:
        """Yield a frame's recordings, those of keyframes first."""
        reader = self._scene.reader
        for sweep in frame.sweeps:
            sensor_id = sweep.sensor_id
            cloud = self._try(partial(reader.read_point_cloud, frame.index, sensor_id))
            if cloud is not None:
                yield from self._swept(frame, sensor_id, cloud, is_key_frame=True)
        for image in frame.images:
            yield from self._pictured(frame, image.sensor_id, image.timestamp_ns)
        if isinstance(reader, EarlierSweeps):
            earlier = reader.earlier_sweeps(frame.index)
            for position, sweep in enumerate(earlier):
                cloud = self._try(partial(reader.read_earlier_sweep, frame.index, position))
                if cloud is not None:
                    yield from self._swept(frame, sweep.sensor_id, cloud, is_key_frame=False)

    def _try(self, read: Callable[[], PointCloud]) -> PointCloud | None:
        try:
            return read()
        except DamagedData as damage:
            self._losses.add_unreadable(damage.as_problem())
            return None

    def _swept(
        self, frame: Frame, sensor_id: str, cloud: PointCloud, *, is_key_frame: bool
    ) -> Iterator[Planned]:
        where = f"{self._scene.scene_id}/{sensor_id}"
        rig = self._poses.rig(frame)
        sensor = rig.lidars.get(sensor_id) if rig is not None else None
        modality = sensor.kind.value if sensor is not None else RangeSensorKind.LIDAR.value
        at_ns = frame.timestamp_ns if cloud.timestamp_ns is None else cloud.timestamp_ns
        written_ns = self._times.of_recording(frame, cloud.timestamp_ns)
        mount = self._poses.ego_from(frame, cloud.coord_frame_id, at_ns)
        is_radar = modality == RangeSensorKind.RADAR.value
        data = (radar_bytes if is_radar else lidar_bytes)(cloud, where, self._losses)
        yield self._planned(
            frame, sensor_id, modality, (written_ns, at_ns), mount, {"camera_intrinsic": []},
            (data, ".pcd" if is_radar else ".pcd.bin", 0, 0), is_key_frame, cloud,
        )  # fmt: skip

    def _pictured(
        self, frame: Frame, sensor_id: str, timestamp_ns: int | None
    ) -> Iterator[Planned]:
        reader = self._scene.reader
        try:
            data, suffix = encoded_image(reader, frame.index, sensor_id)
            rig = self._poses.rig(frame)
            camera = rig.cameras.get(sensor_id) if rig is not None else None
            lens = camera.model if camera is not None else None
            if lens is None:
                image = reader.read_image(frame.index, sensor_id, None)
                width_px, height_px = image.full_width_px, image.full_height_px
            else:
                width_px, height_px = lens.width_px, lens.height_px
        except DamagedData as damage:
            self._losses.add_unreadable(damage.as_problem())
            return
        where = f"{self._scene.scene_id}/{sensor_id}"
        row: dict[str, Any] = {"camera_intrinsic": []}
        mount = None
        at_ns = frame.timestamp_ns if timestamp_ns is None else timestamp_ns
        if camera is not None and lens is not None:
            row = lens_row(camera, where, self._losses)
            mount = self._poses.ego_from(frame, camera.coord_frame_id, at_ns)
        written_ns = self._times.of_recording(frame, timestamp_ns)
        yield self._planned(
            frame, sensor_id, "camera", (written_ns, at_ns), mount, row,
            (data, suffix, width_px, height_px), True, None,
        )  # fmt: skip

    def _planned(
        self,
        frame: Frame,
        sensor_id: str,
        modality: str,
        times_ns: tuple[int, int | None],
        mount: RigidTransform | None,
        row: dict[str, Any],
        file: tuple[bytes, str, int, int],
        is_key_frame: bool,
        cloud: PointCloud | None,
    ) -> Planned:
        data, suffix, width_px, height_px = file
        written_ns, at_ns = times_ns
        channel = channel_of(sensor_id)
        if channel != sensor_id:
            place = f"{self._scene.scene_id}/{sensor_id}"
            self._losses.add("name of a sensor", place, f"becomes {channel}")
        rotation, translation = _STILL
        if mount is not None:
            rotation = quaternion_from_matrix(mount.rotation).tolist()
            translation = mount.translation.tolist()
        ego_rotation, ego_translation = self._poses.vehicle(frame, at_ns)
        group = "samples" if is_key_frame else "sweeps"
        folder = file_stem(channel)
        stem = f"{file_stem(self._scene.scene_id)}__{folder}__{written_ns // 1000}"
        return Planned(
            channel,
            modality,
            written_ns,
            is_key_frame,
            "",
            "",
            "",
            {"translation": translation, "rotation": rotation, **row},
            {"translation": ego_translation.tolist(), "rotation": ego_rotation.tolist()},
            f"{group}/{folder}/{stem}{suffix}",
            data,
            width_px,
            height_px,
            cloud if is_key_frame else None,
        )


Recordings = OwnRecordings | SceneRecordings


def recordings_of(
    scene: Scene, times: FrameTimes, poses: ScenePoses, losses: LossLog
) -> Recordings:
    """Return the recordings of a scene, verbatim where the source is nuScenes itself."""
    reader = as_delivered(scene.reader)
    if isinstance(reader, NuScenesReader):
        return OwnRecordings(reader, losses)
    return SceneRecordings(scene, times, poses, losses)


def source_folder(scenes: Sequence[Scene]) -> str | None:
    """Return the name of the source's own folder of tables where it has one fit for a copy."""
    for scene in scenes:
        reader = as_delivered(scene.reader)
        if isinstance(reader, NuScenesReader):
            name = Path(reader.tables.folder).name
            return name if name.startswith("v1.") else None
    return None
