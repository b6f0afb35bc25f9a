"""Reads the frames of one KITTI raw drive."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from viewer.formats.base import DamagedData
from viewer.formats.kitti_raw.layout import LIDAR_ID, RawDrive
from viewer.formats.kitti_raw.oxts import read_oxts, trajectory_from_oxts
from viewer.formats.kitti_raw.rig import build_rig
from viewer.formats.kitti_raw.timestamps import fill_times, read_timestamps
from viewer.formats.kitti_raw.tracklets import Tracklets, read_tracklets
from viewer.formats.lens_images import read_fitting_image
from viewer.formats.points.catalog import read_points
from viewer.formats.problem_log import ProblemLog
from viewer.formats.text_file import read_bytes
from viewer.scene.images import Image, ImageRef
from viewer.scene.labels import CuboidLabels, FrameLabels
from viewer.scene.point_cloud import PointCloud
from viewer.scene.scene import Frame, Problem, SweepRef
from viewer.scene.sensors import Rig

LABEL_SET_ID = "tracklets"


class KittiRawReader:
    """Implements `SceneReader` over one drive; poses and calibration are read when first needed."""

    def __init__(self, drive: RawDrive) -> None:
        self._drive = drive
        self._problems = ProblemLog()
        self._lock = threading.Lock()
        self._rig: Rig | None = None
        self._tracklets = self._read_tracklets()
        self.frames = self._find_frames()

    @property
    def tracklets(self) -> Tracklets:
        """Labels of the whole drive."""
        return self._tracklets

    def read_rig(self, frame_index: int) -> Rig:
        with self._lock:
            if self._rig is None:
                oxts = self._drive.oxts
                rows = read_oxts(oxts.files, self._problems)
                stems = tuple(oxts.files)
                times = read_timestamps(oxts.timestamps_path, stems, self._problems)
                if rows and not times:
                    self._problems.add(
                        oxts.timestamps_path, "", "has no times; poses take those of the frames"
                    )
                    times = {
                        frame.key: frame.timestamp_ns
                        for frame in self.frames
                        if frame.timestamp_ns is not None
                    }
                path = trajectory_from_oxts(rows, times, self._problems, oxts.folder)
                self._rig = build_rig(self._drive, path, self._problems)
            return self._rig

    def read_point_cloud(self, frame_index: int, sensor_id: str) -> PointCloud:
        frame = self.frames[frame_index]
        path = self._drive.clouds.files.get(frame.key)
        if path is None:
            missing = self._drive.clouds.folder / "data" / f"{frame.key}.bin"
            raise DamagedData(missing, "", "the file is missing")
        timestamp_ns = frame.timestamp_ns
        return replace(read_points(path), coord_frame_id=LIDAR_ID, timestamp_ns=timestamp_ns)

    def read_image(self, frame_index: int, sensor_id: str, min_width_px: int | None) -> Image:
        path = self._image_path(frame_index, sensor_id)
        camera = None if self._rig is None else self._rig.cameras.get(sensor_id)
        return read_fitting_image(path, min_width_px, camera, self._problems)

    def read_encoded_image(self, frame_index: int, sensor_id: str) -> bytes:
        """Return the image file as it is."""
        return read_bytes(self._image_path(frame_index, sensor_id))

    def read_labels(self, frame_index: int, label_set_id: str) -> FrameLabels:
        frame = self.frames[frame_index]
        number = int(frame.key) if frame.key.isascii() and frame.key.isdigit() else frame_index
        stem = "tracklet_labels" if self._drive.tracklets is None else self._drive.tracklets.stem
        labels: CuboidLabels = self._tracklets.labels(number, stem, LIDAR_ID, frame.timestamp_ns)
        return FrameLabels(labels)

    def problems(self) -> Sequence[Problem]:
        return self._problems.snapshot()

    def close(self) -> None:
        with self._lock:
            self._rig = None

    def _image_path(self, frame_index: int, sensor_id: str) -> Path:
        key = self.frames[frame_index].key
        stream = self._drive.images.get(sensor_id)
        path = stream.files.get(key) if stream else None
        if path is None:
            missing = self._drive.root / sensor_id / "data" / f"{key}.png"
            raise DamagedData(missing, "", "the file is missing")
        return path

    def _read_tracklets(self) -> Tracklets:
        if self._drive.tracklets is None:
            return Tracklets()
        try:
            return read_tracklets(self._drive.tracklets, self._problems)
        except DamagedData as damage:
            self._problems.add_damage(damage)
            return Tracklets()

    def _find_frames(self) -> tuple[Frame, ...]:
        drive, keys = self._drive, self._drive.frame_keys
        cloud_times = read_timestamps(drive.clouds.timestamps_path, keys, self._problems)
        image_times: dict[str, Mapping[str, int]] = {
            sensor_id: read_timestamps(stream.timestamps_path, tuple(stream.files), self._problems)
            for sensor_id, stream in drive.images.items()
        }
        frame_times = self._frame_times(keys, cloud_times, image_times)
        for stream in drive.images.values():
            folder = stream.folder / "data"
            missing = [folder / f"{key}.png" for key in keys if key not in stream.files]
            self._problems.add_missing(missing, "image")
        frames = []
        for index, key in enumerate(keys):
            images = []
            for sensor_id, stream in drive.images.items():
                if key in stream.files:
                    timestamp_ns = image_times[sensor_id].get(key, frame_times.get(key))
                    images.append(ImageRef(sensor_id, timestamp_ns, str(stream.files[key])))
            sweeps: tuple[SweepRef, ...] = ()
            if key in drive.clouds.files:
                source = str(drive.clouds.files[key])
                sweeps = (SweepRef(LIDAR_ID, frame_times.get(key), source),)
            frames.append(Frame(index, key, frame_times.get(key), sweeps, tuple(images)))
        return tuple(frames)

    def _frame_times(
        self,
        keys: Sequence[str],
        cloud_times: Mapping[str, int],
        image_times: Mapping[str, Mapping[str, int]],
    ) -> dict[str, int]:
        """Sweep times, else image times, else oxts times; the gaps in them filled at ten a second.

        Empty when the drive has no times at all and no poses that would need them.
        """
        times: dict[str, int] = dict(cloud_times)
        for other in image_times.values():
            times = {**other, **times}
        if any(key not in times for key in keys) and self._drive.oxts.files:
            path = self._drive.oxts.timestamps_path
            times = {
                **read_timestamps(path, tuple(self._drive.oxts.files), self._problems),
                **times,
            }
        if not times and not self._drive.oxts.files:
            return {}
        if any(key not in times for key in keys):
            source = self._drive.clouds.timestamps_path
            self._problems.add(source, "", "lacks times; frames are taken as ten a second there")
        return dict(zip(keys, fill_times(keys, times), strict=True))
