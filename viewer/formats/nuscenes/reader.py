"""Reads the frames of one scene of the tables."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.images import MAX_FILE_BYTES, read_image
from viewer.formats.json_rows import RowDecoder
from viewer.formats.nuscenes.labels import annotation_labels, annotation_velocities, result_labels
from viewer.formats.nuscenes.point_labels import PointLabels
from viewer.formats.nuscenes.poses import world_from_ego
from viewer.formats.nuscenes.recordings import RANGE_SENSORS, Recording, SceneRecordings
from viewer.formats.nuscenes.results import ResultFile, result_place
from viewer.formats.nuscenes.rig import build_rig
from viewer.formats.nuscenes.schema import AnnotationRow, SceneRow
from viewer.formats.nuscenes.tables import Sample, Tables
from viewer.formats.points.bins import read_bin
from viewer.formats.points.catalog import find_point_format, read_points
from viewer.formats.problem_log import ProblemLog
from viewer.formats.text_file import read_bytes
from viewer.geometry.trajectory import Trajectory
from viewer.scene.images import Image
from viewer.scene.labels import CuboidLabels, FrameLabels
from viewer.scene.point_classes import PointClasses
from viewer.scene.point_cloud import PointCloud
from viewer.scene.scene import Problem, SweepRef
from viewer.scene.sensors import Rig

ANNOTATIONS_ID = "annotations"
POINT_COLUMNS = 5


class NuScenesReader:
    """Implements `SceneReader` and `EarlierSweeps`; all but what frames need is read on demand."""

    def __init__(
        self,
        tables: Tables,
        scene_row: SceneRow,
        samples: Sequence[Sample],
        recordings: SceneRecordings,
        results: Mapping[str, ResultFile],
        problems: ProblemLog,
    ) -> None:
        self.tables = tables
        self.scene_row = scene_row
        self._samples = samples
        self.recordings = recordings
        self._results = results
        self._problems = problems
        self._point_labels = PointLabels(tables)
        self._lock = threading.Lock()
        self._motion: list[Trajectory | None] = []
        self._rigs: dict[tuple[str, ...], Rig] = {}
        self._annotations: dict[str, list[AnnotationRow]] | None = None
        self._velocities: dict[str, npt.NDArray[np.float64]] = {}

    def read_rig(self, frame_index: int) -> Rig:
        recordings = self._rig_recordings(frame_index)
        key = tuple(each.calibrated.token for each in recordings.values())
        with self._lock:
            rig = self._rigs.get(key)
            if rig is None:
                if not self._motion:
                    self._motion.append(self._read_motion())
                table = self.tables.folder / "calibrated_sensor.json"
                rig = build_rig(recordings, self._motion[0], table, self._problems)
                self._rigs[key] = rig
            return rig

    def read_point_cloud(self, frame_index: int, sensor_id: str) -> PointCloud:
        return self._read_sweep(frame_index, self._recording(frame_index, sensor_id))

    def earlier_sweeps(self, frame_index: int) -> tuple[SweepRef, ...]:
        return tuple(
            SweepRef(each.channel, each.timestamp_ns, each.source)
            for each in self._between(frame_index)
        )

    def read_earlier_sweep(self, frame_index: int, position: int) -> PointCloud:
        return self._read_sweep(frame_index, self._between(frame_index)[position])

    def read_image(self, frame_index: int, sensor_id: str, min_width_px: int | None) -> Image:
        return read_image(self._recording(frame_index, sensor_id).path, min_width_px)

    def read_encoded_image(self, frame_index: int, sensor_id: str) -> bytes:
        """Return the image file as it is."""
        return read_bytes(self._recording(frame_index, sensor_id).path, max_bytes=MAX_FILE_BYTES)

    def read_labels(self, frame_index: int, label_set_id: str) -> FrameLabels:
        sample = self._samples[frame_index]
        if label_set_id != ANNOTATIONS_ID:
            result = self._results[label_set_id]
            boxes = result.boxes(sample.token)
            return FrameLabels(
                result_labels(boxes, sample.token, result.path, self._problems, sample.timestamp_ns)
            )
        point_classes = self._read_point_classes(frame_index)
        with self._lock:
            if self._annotations is None:
                self._annotations = self._read_annotations()
            rows = self._annotations.get(sample.token, [])
        if not rows:
            return FrameLabels(CuboidLabels.empty("world"), point_classes=point_classes)
        return FrameLabels(
            annotation_labels(
                rows, self._velocities, self.tables, self._problems, sample.timestamp_ns
            ),
            point_classes=point_classes,
        )

    def are_labels_indexed(self, frame_index: int, label_set_id: str) -> bool:
        """Say whether the rows of a scene's annotations are known; results are there always."""
        return label_set_id != ANNOTATIONS_ID or self.tables.are_annotations_indexed

    def stray_labels(self, label_set_id: str) -> Sequence[Problem]:
        """Return a problem for each sample of a result that no table has."""
        result = self._results.get(label_set_id)
        if label_set_id == ANNOTATIONS_ID or result is None:
            return ()
        known = {each.token for samples in self.tables.samples.values() for each in samples}
        return tuple(
            Problem(
                str(result.path),
                f"$.results[{token}]",
                f"{len(result.boxes(token))} boxes of a sample that the tables do not have;"
                " they are left out",
            )
            for token in result.sample_tokens()
            if token not in known
        )

    def label_place(
        self, frame_index: int, label_set_id: str, label_id: str
    ) -> tuple[str, str] | None:
        """Return the file and the box of a result; of annotations the table's name."""
        if label_set_id == ANNOTATIONS_ID:
            return str(self.tables.folder / "sample_annotation.json"), label_id
        return str(self._results[label_set_id].path), result_place(label_id)

    def problems(self) -> Sequence[Problem]:
        return (*self._problems.snapshot(), *self.tables.late_problems.snapshot())

    def close(self) -> None:
        with self._lock:
            self._rigs.clear()
            self._motion.clear()
            self._annotations = None
            self._velocities = {}

    def _read_sweep(self, frame_index: int, recording: Recording) -> PointCloud:
        if recording.channel not in self.read_rig(frame_index).lidars:
            raise DamagedData(recording.path, "", "the pose of its sensor is not known")
        cloud = _read_sweep(recording.path)
        return replace(cloud, coord_frame_id=recording.channel, timestamp_ns=recording.timestamp_ns)

    def _between(self, frame_index: int) -> list[Recording]:
        return [
            each for each in self.recordings.between(frame_index) if each.modality in RANGE_SENSORS
        ]

    def _read_point_classes(self, frame_index: int) -> tuple[PointClasses, ...]:
        found = []
        for channel, recording in self.recordings.keyframes()[frame_index].items():
            if recording.modality != "lidar":
                continue
            try:
                classes = self._point_labels.read(recording.token, channel)
            except DamagedData as damage:
                self._problems.add_damage(damage)
                continue
            if classes is not None:
                found.append(classes)
        return tuple(found)

    def _rig_recordings(self, frame_index: int) -> dict[str, Recording]:
        """Recordings of a sample; of a channel that it lacks, one of another sample."""
        keyframes = self.recordings.keyframes()
        found: dict[str, Recording] = {}
        for recordings in (keyframes[frame_index], *keyframes):
            if not found.keys() >= recordings.keys():
                found = {**recordings, **found}
        return {name: found[name] for name in self.tables.channels if name in found}

    def _recording(self, frame_index: int, sensor_id: str) -> Recording:
        recording = self.recordings.keyframes()[frame_index].get(sensor_id)
        if recording is None:
            token = self._samples[frame_index].token
            table = self.tables.folder / "sample_data.json"
            raise DamagedData(table, token, f"the sample has no recording of {sensor_id!r}")
        return recording

    def _read_motion(self) -> Trajectory | None:
        """Join the poses at every recording's own time, those between keyframes too."""
        recordings = [each for there in self.recordings.keyframes() for each in there.values()]
        if not recordings:
            return None
        for index in range(len(self._samples)):
            recordings += self.recordings.between(index)
        # Points are many and show a wrong pose first: where times collide, the lidar's counts.
        recordings.sort(key=lambda each: each.modality != "lidar")
        poses = self.tables.poses
        rows = poses.find([each.pose_token for each in recordings], self._problems)
        times_ns = [each.timestamp_ns for each in recordings]
        return world_from_ego(times_ns, rows, poses.path, self._problems)

    def _read_annotations(self) -> dict[str, list[AnnotationRow]]:
        """Decode every annotation of the scene, by sample token, and find their velocities."""
        by_sample: dict[str, list[AnnotationRow]] = {}
        if self.tables.annotations is None:
            return by_sample
        annotations = self.tables.annotations.result()
        decoder = RowDecoder(AnnotationRow)
        times_ns: list[int] = []
        for sample in self._samples:
            rows: list[AnnotationRow] = []
            for number in annotations.rows_of(sample.row, sample.row + 1):
                try:
                    rows.append(annotations.decode(number, decoder))
                except DamagedData as damage:
                    problem = f"{damage.problem}; it is left out"
                    self._problems.add(damage.path, damage.place, problem)
            by_sample[sample.token] = rows
            times_ns += [sample.timestamp_ns] * len(rows)
        everything = [row for rows in by_sample.values() for row in rows]
        self._velocities = annotation_velocities(everything, times_ns)
        return by_sample


def _read_sweep(path: Path) -> PointCloud:
    """nuScenes, Lyft and T4 write five columns, whether the name ends in .pcd.bin or .bin."""
    if find_point_format(path) is None:
        raise DamagedData(path, "", "is not named as a point cloud of a known format")
    if not path.name.lower().endswith(".bin"):
        return read_points(path)
    try:
        whole_rows = path.stat().st_size % (4 * POINT_COLUMNS) == 0
    except OSError:
        raise DamagedData(path, "", "the file is missing") from None
    return read_bin(path, columns=POINT_COLUMNS if whole_rows else None)
