"""Reads the frames of one sequence."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.images import MAX_FILE_BYTES, read_image
from viewer.formats.points.bins import read_bin
from viewer.formats.points.mapped_file import map_file
from viewer.formats.problem_log import ProblemLog
from viewer.formats.semantic_kitti.classes import PUBLISHED, read_point_classes
from viewer.formats.semantic_kitti.layout import LABEL_PREFIXES, LIDAR_ID, OdometrySequence
from viewer.formats.semantic_kitti.poses import read_times_ns
from viewer.formats.semantic_kitti.rig import build_rig
from viewer.formats.text_file import read_bytes
from viewer.scene.images import Image, ImageRef
from viewer.scene.labels import CuboidLabels, FrameLabels
from viewer.scene.point_classes import PointClasses
from viewer.scene.point_cloud import PointCloud
from viewer.scene.scene import Frame, Problem, SweepRef
from viewer.scene.sensors import Rig

POINT_BYTES = 16
"""x, y, z and the intensity, float32 each."""
Shorts = npt.NDArray[np.uint16]


class SemanticKittiReader:
    """Implements `SceneReader` over one sequence.

    A class and an object for every point are the labels of the sets ``labels`` and
    ``predictions``, and as the numbers stored, fields of the cloud: ``semantic`` and
    ``instance``, from ``predictions`` with ``predicted_`` before.
    """

    def __init__(self, sequence: OdometrySequence) -> None:
        self._sequence = sequence
        self._problems = ProblemLog()
        self._lock = threading.Lock()
        self._rig: Rig | None = None
        self.class_table = PUBLISHED
        if sequence.labels:
            self.class_table = read_point_classes(sequence.root, self._problems)
        self.frames = self._find_frames()

    def read_rig(self, frame_index: int) -> Rig:
        with self._lock:
            if self._rig is None:
                times_ns = [frame.timestamp_ns or 0 for frame in self.frames]
                self._rig = build_rig(self._sequence, times_ns, self._problems)
            return self._rig

    def read_point_cloud(self, frame_index: int, sensor_id: str) -> PointCloud:
        frame = self.frames[frame_index]
        path = self._sequence.clouds.get(frame.key)
        if path is None:
            missing = self._sequence.root / "velodyne" / f"{frame.key}.bin"
            raise DamagedData(missing, "", "the file is missing")
        cloud = read_bin(path, columns=4)
        fields: dict[str, npt.NDArray[Any]] = dict(cloud.fields)
        for folder, files in self._sequence.labels.items():
            if frame.key in files:
                prefix = LABEL_PREFIXES[folder]
                try:
                    classes, instances = _halves(files[frame.key], len(cloud))
                except DamagedData as damage:
                    self._problems.add_damage(damage)
                    continue
                fields |= {f"{prefix}semantic": classes, f"{prefix}instance": instances}
        return replace(
            cloud,
            fields=MappingProxyType(fields),
            coord_frame_id=LIDAR_ID,
            timestamp_ns=frame.timestamp_ns,
        )

    def read_image(self, frame_index: int, sensor_id: str, min_width_px: int | None) -> Image:
        return read_image(self._image_path(frame_index, sensor_id), min_width_px)

    def read_encoded_image(self, frame_index: int, sensor_id: str) -> bytes:
        """Return the image file as it is."""
        return read_bytes(self._image_path(frame_index, sensor_id), max_bytes=MAX_FILE_BYTES)

    def read_labels(self, frame_index: int, label_set_id: str) -> FrameLabels:
        """Return the point classes of a folder; the lower half of a number is the class."""
        none = CuboidLabels.empty("world")
        key = self.frames[frame_index].key
        path = self._sequence.labels.get(label_set_id, {}).get(key)
        cloud = self._sequence.clouds.get(key)
        if path is None or cloud is None:
            return FrameLabels(none)
        classes, instances = _halves(path, cloud.stat().st_size // POINT_BYTES)
        found = PointClasses(
            LIDAR_ID,
            classes.astype(np.int32),
            self.class_table.names,
            instances.astype(np.int32),
        )
        return FrameLabels(none, point_classes=(found,))

    def problems(self) -> Sequence[Problem]:
        return self._problems.snapshot()

    def close(self) -> None:
        with self._lock:
            self._rig = None

    def _image_path(self, frame_index: int, sensor_id: str) -> Path:
        key = self.frames[frame_index].key
        path = self._sequence.images.get(sensor_id, {}).get(key)
        if path is None:
            missing = self._sequence.root / sensor_id / f"{key}.png"
            raise DamagedData(missing, "", "the file is missing")
        return path

    def _find_frames(self) -> tuple[Frame, ...]:
        sequence, keys = self._sequence, self._sequence.frame_keys
        times_ns = read_times_ns(sequence.times, len(keys), self._problems)
        for name, files in {"velodyne": sequence.clouds, **sequence.images}.items():
            if files:
                what, suffix = ("point cloud", "bin") if name == "velodyne" else ("image", "png")
                missing = [sequence.root / name / f"{k}.{suffix}" for k in keys if k not in files]
                self._problems.add_missing(missing, what)
        frames = []
        for index, (key, time_ns) in enumerate(zip(keys, times_ns, strict=True)):
            sweeps = (
                (SweepRef(LIDAR_ID, time_ns, str(sequence.clouds[key])),)
                if key in sequence.clouds
                else ()
            )
            images = tuple(
                ImageRef(name, time_ns, str(files[key]))
                for name, files in sequence.images.items()
                if key in files
            )
            frames.append(Frame(index, key, time_ns, sweeps, images))
        return tuple(frames)


def _halves(path: Path, count: int) -> tuple[Shorts, Shorts]:
    """One little-endian uint32 a point: the class in its lower half, the object in its upper."""
    content = map_file(path)
    if len(content) != 4 * count:
        problem = f"has {len(content)} bytes where {count} points need {4 * count}; it is not shown"
        raise DamagedData(path, "", problem)
    halves = content.view("<u2").reshape(-1, 2)
    return np.ascontiguousarray(halves[:, 0]), np.ascontiguousarray(halves[:, 1])
