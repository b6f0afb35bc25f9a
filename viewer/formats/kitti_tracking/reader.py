"""Reads the frames of one KITTI tracking sequence."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from viewer.formats.base import DamagedData
from viewer.formats.folder_index import FileListing
from viewer.formats.images import MAX_FILE_BYTES
from viewer.formats.kitti_object.rig import BOX_COORD_FRAME_ID
from viewer.formats.kitti_tracking.labels import MAX_FRAME, SequenceLabels, read_sequence_labels
from viewer.formats.kitti_tracking.layout import LIDAR_ID, KittiSequence
from viewer.formats.kitti_tracking.rig import FRAME_INTERVAL_NS, build_rig
from viewer.formats.lazy_frames import FramesOnDemand
from viewer.formats.lens_images import read_fitting_image
from viewer.formats.points.catalog import read_points
from viewer.formats.problem_log import ProblemLog
from viewer.formats.text_file import read_bytes
from viewer.scene.images import Image, ImageRef
from viewer.scene.labels import FrameLabels
from viewer.scene.point_cloud import PointCloud
from viewer.scene.scene import Frame, Problem, SweepRef
from viewer.scene.sensors import Rig


class KittiTrackingReader:
    """Implements `SceneReader` over one sequence.

    Frames run from 0 to the last that has a sweep, an image or a true label, each a tenth of a
    second after the one before.
    """

    def __init__(self, sequence: KittiSequence) -> None:
        self._sequence = sequence
        self._problems = ProblemLog()
        self._lock = threading.Lock()
        self._rig: Rig | None = None
        self.labels = self._read_labels()
        self.frames = self._find_frames()

    def read_rig(self, frame_index: int) -> Rig:
        with self._lock:
            if self._rig is None:
                self._rig = build_rig(self._sequence, self._problems)
            return self._rig

    def read_point_cloud(self, frame_index: int, sensor_id: str) -> PointCloud:
        frame = self.frames[frame_index]
        for sweep in frame.sweeps:
            cloud = read_points(Path(sweep.source))
            return replace(cloud, coord_frame_id=LIDAR_ID, timestamp_ns=frame.timestamp_ns)
        folder = self._sequence.root / "velodyne" / self._sequence.name
        raise DamagedData(folder / f"{frame.key}.bin", "", "the file is missing")

    def read_image(self, frame_index: int, sensor_id: str, min_width_px: int | None) -> Image:
        path = self._image_path(frame_index, sensor_id)
        camera = None if self._rig is None else self._rig.cameras.get(sensor_id)
        return read_fitting_image(path, min_width_px, camera, self._problems)

    def read_encoded_image(self, frame_index: int, sensor_id: str) -> bytes:
        """Return the image file as it is."""
        return read_bytes(self._image_path(frame_index, sensor_id), max_bytes=MAX_FILE_BYTES)

    def read_labels(self, frame_index: int, label_set_id: str) -> FrameLabels:
        placed = BOX_COORD_FRAME_ID in self.read_rig(frame_index).transforms.coord_frame_ids
        return self.labels[label_set_id].labels(
            frame_index,
            self._problems,
            box_coord_frame_id=BOX_COORD_FRAME_ID if placed else None,
            timestamp_ns=frame_index * FRAME_INTERVAL_NS,
        )

    def problems(self) -> Sequence[Problem]:
        return self._problems.snapshot()

    def close(self) -> None:
        with self._lock:
            self._rig = None

    def _image_path(self, frame_index: int, sensor_id: str) -> Path:
        frame = self.frames[frame_index]
        for image in frame.images:
            if image.sensor_id == sensor_id:
                return Path(image.source)
        folder = self._sequence.root / sensor_id / self._sequence.name
        raise DamagedData(folder / f"{frame.key}.png", "", "the file is missing")

    def _read_labels(self) -> dict[str, SequenceLabels]:
        labels = {}
        for set_id, path in self._sequence.labels.items():
            try:
                labels[set_id] = read_sequence_labels(path, self._problems)
            except DamagedData as damage:
                self._problems.add_damage(damage)
        return labels

    def _find_frames(self) -> Sequence[Frame]:
        sequence = self._sequence
        clouds = self._by_number(sequence.clouds)
        images = {name: self._by_number(files) for name, files in sequence.images.items()}
        recorded = max((-1, *clouds, *(number for files in images.values() for number in files)))
        true = (each.last_frame for each in self.labels.values() if not each.is_scored)
        last = max((recorded, *true))
        if last < 0:
            last = max((each.last_frame for each in self.labels.values()), default=-1)
        for set_id, labels in self.labels.items():
            beyond = sum(1 for frame in labels.rows if frame > last)
            if beyond:
                self._problems.add(
                    labels.path, "", f"{set_id} has labels on {beyond} frames after the last"
                )
        numbers = range(last + 1)
        self._note_missing(sequence.root / "velodyne", clouds, numbers, ".bin", "point cloud")
        for name, files in images.items():
            self._note_missing(sequence.root / name, files, numbers, ".png", "image")
        return FramesOnDemand(len(numbers), lambda number: self._frame(number, clouds, images))

    def _frame(
        self, number: int, clouds: Mapping[int, str], images: Mapping[str, Mapping[int, str]]
    ) -> Frame:
        time, sequence = number * FRAME_INTERVAL_NS, self._sequence
        sweeps: tuple[SweepRef, ...] = ()
        if number in clouds:
            sweeps = (SweepRef(LIDAR_ID, time, _source(sequence.clouds, clouds[number])),)
        refs = tuple(
            ImageRef(name, time, _source(sequence.images[name], stems[number]))
            for name, stems in images.items()
            if number in stems
        )
        return Frame(number, f"{number:06d}", time, sweeps, refs)

    def _by_number(self, files: Mapping[str, Path]) -> dict[int, str]:
        """Return the stems of files by the frame that they are named after."""
        found: dict[int, str] = {}
        for stem in files:
            if stem.isascii() and stem.isdigit() and int(stem[:9]) <= MAX_FRAME:
                found[int(stem[:9])] = stem
            else:
                told = "is not named after a frame; it is left out"
                self._problems.add(files[stem], "", told)
        return found

    def _note_missing(
        self,
        folder: Path,
        there: Mapping[int, str],
        numbers: Iterable[int],
        suffix: str,
        what: str,
    ) -> None:
        if there:
            inner = folder / self._sequence.name
            missing = [inner / f"{n:06d}{suffix}" for n in numbers if n not in there]
            self._problems.add_missing(missing, what)


def _source(files: Mapping[str, Path], stem: str) -> str:
    return files.source(stem) if isinstance(files, FileListing) else str(files[stem])
