"""Reads the frames of a folder of clouds, or of one lone file."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from viewer.formats.base import DamagedData
from viewer.formats.folder_index import FileListing
from viewer.formats.images import read_image
from viewer.formats.lazy_frames import FramesOnDemand
from viewer.formats.point_folder.layout import PointFolder
from viewer.formats.point_folder.rig import build_rig
from viewer.formats.point_folder.times import time_from_stem, times_from_stems
from viewer.formats.points.catalog import read_points
from viewer.formats.problem_log import ProblemLog
from viewer.formats.text_file import read_bytes
from viewer.scene.images import Image, ImageRef
from viewer.scene.labels import CuboidLabels, FrameLabels
from viewer.scene.point_cloud import PointCloud
from viewer.scene.scene import Frame, Problem, SweepRef
from viewer.scene.sensors import Rig


class PointFolderReader:
    """Implements `SceneReader`; calibration is read when first needed."""

    def __init__(self, folder: PointFolder) -> None:
        self._folder = folder
        self._problems = ProblemLog()
        self._lock = threading.Lock()
        self._rig: Rig | None = None
        self._times = times_from_stems(folder.keys) if folder.clouds else None
        for unmatched in folder.unmatched:
            self._problems.add(
                unmatched, "", "its images match the clouds neither by name nor count"
            )
        self.frames: Sequence[Frame] = FramesOnDemand(len(folder.keys), self._frame)

    @property
    def timed(self) -> bool:
        """True when the file names tell the time."""
        return self._times is not None

    def read_rig(self, frame_index: int) -> Rig:
        with self._lock:
            if self._rig is None:
                self._rig = build_rig(self._folder, self._problems)
            return self._rig

    def read_point_cloud(self, frame_index: int, sensor_id: str) -> PointCloud:
        frame = self.frames[frame_index]
        path = self._folder.clouds.get(sensor_id, {}).get(frame.key)
        if path is None:
            raise DamagedData(self._folder.root / sensor_id / frame.key, "", "the file is missing")
        cloud = read_points(path)
        return replace(cloud, coord_frame_id=sensor_id, timestamp_ns=frame.timestamp_ns)

    def read_image(self, frame_index: int, sensor_id: str, min_width_px: int | None) -> Image:
        return read_image(self._image_path(frame_index, sensor_id), min_width_px)

    def read_encoded_image(self, frame_index: int, sensor_id: str) -> bytes:
        """Return the image file as it is."""
        return read_bytes(self._image_path(frame_index, sensor_id))

    def read_labels(self, frame_index: int, label_set_id: str) -> FrameLabels:
        return FrameLabels(CuboidLabels.empty("world"))

    def problems(self) -> Sequence[Problem]:
        return self._problems.snapshot()

    def close(self) -> None:
        with self._lock:
            self._rig = None

    def _image_path(self, frame_index: int, sensor_id: str) -> Path:
        key = self.frames[frame_index].key
        found = self._folder.images.get(sensor_id, {}).get(key)
        if found is None:
            raise DamagedData(self._folder.root / sensor_id / key, "", "the file is missing")
        return found[1]

    def _frame(self, index: int) -> Frame:
        key = self._folder.keys[index]
        timestamp_ns = self._times[index] if self._times is not None else None
        images = []
        for sensor_id, by_key in self._folder.images.items():
            if key in by_key:
                stem, path = by_key[key]
                image_ns = time_from_stem(stem) if self.timed else None
                images.append(ImageRef(sensor_id, image_ns or timestamp_ns, str(path)))
        sweeps = tuple(
            SweepRef(lidar_id, timestamp_ns, _source(files, key))
            for lidar_id, files in self._folder.clouds.items()
            if key in files
        )
        return Frame(index, key, timestamp_ns, sweeps, tuple(images))


def _source(files: Mapping[str, Path], key: str) -> str:
    return files.source(key) if isinstance(files, FileListing) else str(files[key])
