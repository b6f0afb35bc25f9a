"""Reads the frames of one log."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from viewer.formats.argoverse2.feather_file import read_columns
from viewer.formats.argoverse2.labels import EGO, LabelTable
from viewer.formats.argoverse2.layout import LIDAR_ID, AvLog, nearest_times
from viewer.formats.argoverse2.rig import SensorRow, build_rig, stored_rows
from viewer.formats.base import DamagedData
from viewer.formats.images import MAX_FILE_BYTES
from viewer.formats.lens_images import read_fitting_image
from viewer.formats.points.records import cloud_from_columns
from viewer.formats.problem_log import ProblemLog
from viewer.formats.text_file import read_bytes
from viewer.scene.images import Image, ImageRef
from viewer.scene.labels import FrameLabels
from viewer.scene.point_cloud import PointCloud
from viewer.scene.scene import Frame, Problem, SweepRef
from viewer.scene.sensors import Rig

_POSITIONS = {"x": "f4", "y": "f4", "z": "f4"}
_FIELDS = {"intensity": "u1", "laser_number": "u1", "offset_ns": "i4"}


class Argoverse2Reader:
    """Implements `SceneReader` over one log.

    Frames are the sweeps, and the annotated times that have none. A camera takes more images than
    there are sweeps; of each frame the nearest in time is shown.
    """

    def __init__(self, log: AvLog, tables: Mapping[str, LabelTable], problems: ProblemLog) -> None:
        self.log = log
        self._tables = tables
        self._problems = problems
        self._lock = threading.Lock()
        self._rig: Rig | None = None
        self.frames = self._find_frames()

    def read_rig(self, frame_index: int) -> Rig:
        with self._lock:
            if self._rig is None:
                self._rig = build_rig(self.log, self._problems)
            return self._rig

    def read_point_cloud(self, frame_index: int, sensor_id: str) -> PointCloud:
        timestamp_ns = self._time(frame_index)
        path = self.log.sweeps.get(timestamp_ns)
        if path is None:
            missing = self.log.root / "sensors" / "lidar" / f"{timestamp_ns}.feather"
            raise DamagedData(missing, "", "the file is missing")
        # float16 as stored, which float32 holds exactly.
        cloud = cloud_from_columns(read_columns(path, _POSITIONS, _FIELDS))
        return replace(cloud, coord_frame_id=EGO, timestamp_ns=timestamp_ns)

    def read_image(self, frame_index: int, sensor_id: str, min_width_px: int | None) -> Image:
        path = self.log.images[sensor_id][self._image(frame_index, sensor_id)]
        camera = None if self._rig is None else self._rig.cameras.get(sensor_id)
        return read_fitting_image(path, min_width_px, camera, self._problems)

    def read_encoded_image(self, frame_index: int, sensor_id: str) -> bytes:
        """Return the image file as it is."""
        path = self.log.images[sensor_id][self._image(frame_index, sensor_id)]
        return read_bytes(path, max_bytes=MAX_FILE_BYTES)

    def read_labels(self, frame_index: int, label_set_id: str) -> FrameLabels:
        return FrameLabels(self._tables[label_set_id].labels(self._time(frame_index)))

    def calibration_rows(self) -> tuple[dict[str, SensorRow], dict[str, SensorRow]]:
        """Return every row of the lenses and of the mounting poses, as stored, for a copy."""
        return stored_rows(self.log)

    def problems(self) -> Sequence[Problem]:
        return self._problems.snapshot()

    def close(self) -> None:
        with self._lock:
            self._rig = None

    def _time(self, frame_index: int) -> int:
        timestamp_ns = self.frames[frame_index].timestamp_ns
        return 0 if timestamp_ns is None else timestamp_ns

    def _image(self, frame_index: int, sensor_id: str) -> int:
        frame = self.frames[frame_index]
        for image in frame.images:
            if image.sensor_id == sensor_id and image.timestamp_ns is not None:
                return image.timestamp_ns
        folder = self.log.root / "sensors" / "cameras" / sensor_id
        raise DamagedData(folder, "", f"has no image near {frame.key}")

    def _find_frames(self) -> tuple[Frame, ...]:
        log = self.log
        annotated = [table.times_ns for table in self._tables.values() if not table.is_scored]
        sweeps = np.fromiter(log.sweeps, dtype=np.int64, count=len(log.sweeps))
        times = np.unique(np.concatenate([sweeps, *annotated]))
        if not len(times):
            # Images alone are still worth showing: as often as the first camera took one.
            first = next(iter(log.images.values()), {})
            times = np.fromiter(first, dtype=np.int64, count=len(first))
        without = np.setdiff1d(times, sweeps)
        if len(without) and len(sweeps):
            folder = log.root / "sensors" / "lidar"
            missing = [folder / f"{time}.feather" for time in without.tolist()]
            self._problems.add_missing(missing, "sweep")
        images: dict[str, list[int]] = {}
        chosen: dict[str, list[int]] = {}
        for name, files in log.images.items():
            images[name] = list(files)
            image_times = np.array(images[name], dtype=np.int64)
            chosen[name] = nearest_times(times, image_times).tolist()
        frames = []
        for index, time in enumerate(times.tolist()):
            refs = []
            for name, rows in chosen.items():
                if rows[index] >= 0:
                    taken = images[name][rows[index]]
                    refs.append(ImageRef(name, taken, str(log.images[name][taken])))
            sweep = log.sweeps.get(time)
            frames.append(
                Frame(
                    index,
                    str(time),
                    time,
                    () if sweep is None else (SweepRef(LIDAR_ID, time, str(sweep)),),
                    tuple(refs),
                )
            )
        return tuple(frames)
