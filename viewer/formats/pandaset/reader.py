"""Reads the frames of one sequence.

Points and cuboids are given in the world; ``ego`` is the lidar, whose pose in the world is known
at every frame, as is each camera's.
"""

import threading
from collections.abc import Mapping
from collections.abc import Sequence as Rows
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.images import MAX_FILE_BYTES, image_size, read_image
from viewer.formats.pandaset.data_frame import read_data_frame
from viewer.formats.pandaset.labels import cuboid_labels
from viewer.formats.pandaset.layout import (
    Gps,
    Intrinsics,
    Sequence,
    read_json,
    read_poses,
    read_times_ns,
)
from viewer.formats.problem_log import ProblemLog
from viewer.formats.text_file import read_bytes
from viewer.geometry.cameras.pinhole import Pinhole
from viewer.geometry.trajectory import Trajectory
from viewer.geometry.transform import RigidTransform
from viewer.geometry.transform_tree import TransformTree
from viewer.scene.images import Image, ImageRef
from viewer.scene.labels import CuboidLabels, FrameLabels
from viewer.scene.metadata import GeoPosition
from viewer.scene.point_classes import PointClasses
from viewer.scene.point_cloud import PointCloud
from viewer.scene.scene import Frame, Problem, SweepRef
from viewer.scene.sensors import CameraSensor, LidarSensor, Rig

LIDAR_ID = "lidar"
EGO = "ego"
CUBOIDS_ID = "cuboids"
WORLD = "world"
_AXES = ("x", "y", "z")
_NAMES = {"i": "intensity", "t": "time_s", "d": "device"}
"""The columns of a sweep by what they are called elsewhere."""


class PandaSetReader:
    """Implements `SceneReader` and `FrameMetadata`."""

    def __init__(self, sequence: Sequence, problems: ProblemLog) -> None:
        self._sequence = sequence
        self._problems = problems
        self._lock = threading.Lock()
        self._rig: Rig | None = None
        self._gps: list[Gps] | None = None
        self._times: dict[str, list[int]] = {}
        self._class_names: dict[int, str] | None = None
        self.frames = self._find_frames()

    def read_rig(self, frame_index: int) -> Rig:
        with self._lock:
            if self._rig is None:
                self._rig = self._build_rig()
            return self._rig

    def read_point_cloud(self, frame_index: int, sensor_id: str) -> PointCloud:
        path = self._file(self._sequence.clouds, frame_index, "sweep")
        columns = read_data_frame(path)
        for axis in _AXES:
            if axis not in columns or columns[axis].dtype.kind != "f":
                raise DamagedData(path, axis, "the column is missing or holds no numbers")
        xyz = np.ascontiguousarray(np.stack([columns.pop(axis) for axis in _AXES], axis=1))
        fields = {
            _NAMES.get(name, name): each
            for name, each in columns.items()
            if each.dtype.kind in "fiub"
        }
        return PointCloud(xyz, fields, WORLD, self.frames[frame_index].timestamp_ns)

    def read_image(self, frame_index: int, sensor_id: str, min_width_px: int | None) -> Image:
        return read_image(self._image(frame_index, sensor_id), min_width_px)

    def read_encoded_image(self, frame_index: int, sensor_id: str) -> bytes:
        """Return the image file as it is."""
        return read_bytes(self._image(frame_index, sensor_id), max_bytes=MAX_FILE_BYTES)

    def read_labels(self, frame_index: int, label_set_id: str) -> FrameLabels:
        frame = self.frames[frame_index]
        classes = self._read_classes(frame.key)
        path = self._sequence.cuboids.get(frame.key)
        if path is None:
            return FrameLabels(CuboidLabels.empty(WORLD), point_classes=classes)
        labels = cuboid_labels(
            read_data_frame(path), frame.key, path, self._problems, frame.timestamp_ns
        )
        return FrameLabels(labels, point_classes=classes)

    def read_frame_metadata(self, frame_index: int) -> Mapping[str, Any]:
        """Return the position and speed that the GPS told."""
        with self._lock:
            if self._gps is None:
                self._gps = self._read_gps()
        place = int(self.frames[frame_index].key)
        if place >= len(self._gps):
            return {}
        gps = self._gps[place]
        facts = {
            "position": GeoPosition(gps.lat, gps.long, gps.height),
            "xvel": gps.xvel,
            "yvel": gps.yvel,
        }
        return {name: value for name, value in facts.items() if value is not None}

    def problems(self) -> Rows[Problem]:
        return self._problems.snapshot()

    def close(self) -> None:
        with self._lock:
            self._rig = None
            self._gps = None

    def _file(self, files: Mapping[str, Path], frame_index: int, what: str) -> Path:
        key = self.frames[frame_index].key
        if key not in files:
            raise DamagedData(self._sequence.root, key, f"the frame has no {what}")
        return files[key]

    def _image(self, frame_index: int, sensor_id: str) -> Path:
        return self._file(self._sequence.images[sensor_id], frame_index, f"image of {sensor_id}")

    def _read_classes(self, key: str) -> tuple[PointClasses, ...]:
        path = self._sequence.classes.get(key)
        if path is None:
            return ()
        try:
            columns = read_data_frame(path)
            numbers = _whole_numbers(columns.get("class"), path)
        except DamagedData as damage:
            self._problems.add_damage(damage)
            return ()
        return (PointClasses(LIDAR_ID, numbers, self.class_names()),)

    def class_names(self) -> dict[int, str]:
        """Return the names of point classes by number."""
        with self._lock:
            if self._class_names is None:
                self._class_names = {}
                path = self._sequence.json_path("annotations/semseg", "classes")
                if path.is_file():
                    try:
                        named = read_json(path, dict[int, str])
                        self._class_names = {n: each for n, each in named.items() if abs(n) < 2**31}
                    except DamagedData as damage:
                        self._problems.add_damage(damage)
            return self._class_names

    def _read_gps(self) -> list[Gps]:
        path = self._sequence.json_path("meta", "gps")
        if not path.is_file():
            return []
        try:
            return read_json(path, list[Gps])
        except DamagedData as damage:
            self._problems.add_damage(damage)
            return []

    def _times_of(self, folder: str) -> list[int]:
        if folder not in self._times:
            try:
                path = self._sequence.json_path(folder, "timestamps")
                self._times[folder] = read_times_ns(path)
            except DamagedData as damage:
                self._problems.add_damage(damage)
                self._times[folder] = []
        return self._times[folder]

    def _find_frames(self) -> tuple[Frame, ...]:
        frames = []
        for index, stem in enumerate(self._sequence.stems):
            time = _entry(self._times_of("lidar"), stem)
            sweeps: tuple[SweepRef, ...] = ()
            if stem in self._sequence.clouds:
                source = str(self._sequence.clouds[stem])
                sweeps = (SweepRef(LIDAR_ID, time, source),)
            images = tuple(
                ImageRef(name, _entry(self._times_of(f"camera/{name}"), stem), str(files[stem]))
                for name, files in self._sequence.images.items()
                if stem in files
            )
            frames.append(Frame(index, stem, time, sweeps, images))
        return tuple(frames)

    def _build_rig(self) -> Rig:
        edges: list[RigidTransform | Trajectory] = []
        motion = self._motion(EGO, "lidar")
        if motion is not None:
            edges.append(motion)
        cameras = {}
        for name in self._sequence.images:
            folder = f"camera/{name}"
            try:
                lens = self._lens(name)
                moving = self._motion(name, folder)
            except DamagedData as damage:
                self._problems.add_damage(damage)
                cameras[name] = CameraSensor(name, WORLD, None, str(damage))
                continue
            if moving is None:
                why = f"{folder} holds no poses with times"
                cameras[name] = CameraSensor(name, WORLD, None, why)
                continue
            edges.append(moving)
            cameras[name] = CameraSensor(name, name, lens)
        lidars = {LIDAR_ID: LidarSensor(LIDAR_ID, WORLD)} if self._sequence.clouds else {}
        ego = EGO if motion is not None else WORLD
        return Rig(cameras, lidars, TransformTree(edges), ego)

    def _motion(self, coord_frame_id: str, folder: str) -> Trajectory | None:
        """Poses of a sensor in the world; None, with a problem, where they cannot be used."""
        path = self._sequence.json_path(folder, "poses")
        if coord_frame_id == WORLD:
            raise DamagedData(path, "", "a sensor cannot be called so")
        try:
            poses = read_poses(path)
        except DamagedData as damage:
            self._problems.add_damage(damage)
            return None
        times = np.array(self._times_of(folder), dtype=np.int64)
        if len(times) != len(poses):
            self._problems.add(path, "", f"has {len(poses)} poses for {len(times)} times")
        count = min(len(times), len(poses))
        unique, first = np.unique(times[:count], return_index=True)
        if not count:
            return None
        chosen: npt.NDArray[np.float64] = poses[first]
        return Trajectory(WORLD, coord_frame_id, unique, chosen[:, 3:], chosen[:, :3])

    def _lens(self, name: str) -> Pinhole:
        path = self._sequence.json_path(f"camera/{name}", "intrinsics")
        numbers = read_json(path, Intrinsics)
        width_px, height_px = image_size(next(iter(self._sequence.images[name].values())))
        try:
            return Pinhole(
                width_px, height_px, fx=numbers.fx, fy=numbers.fy, cx=numbers.cx, cy=numbers.cy
            )
        except ValueError as error:
            raise DamagedData(path, "", str(error)) from None


def _whole_numbers(column: npt.NDArray[Any] | None, path: Path) -> npt.NDArray[np.int32]:
    """Return the column of classes, which are numbers or numbers as text."""
    try:
        if column is not None and column.dtype.kind in "iuO":
            numbers: npt.NDArray[np.int32] = column.astype(np.int32)
            return numbers
    except (ValueError, TypeError, OverflowError):
        pass
    raise DamagedData(path, "class", "the column is missing or holds no whole numbers")


def _entry(times_ns: Rows[int], stem: str) -> int | None:
    """Time of a frame; its name is its place in the list."""
    place = int(stem)
    return times_ns[place] if place < len(times_ns) else None
