"""Reads the frames of one Dataloop scene."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from viewer.formats.base import DamagedData
from viewer.formats.dataloop.attributes import label_set_of, track_of
from viewer.formats.dataloop.document import (
    Sheet,
    mapping_of,
    read_sheet,
    system_of,
)
from viewer.formats.dataloop.layout import VIDEO_SUFFIXES
from viewer.formats.dataloop.poses import PoseConvention
from viewer.formats.dataloop.rig import LIDAR, build_rig
from viewer.formats.dataloop.scene_source import VIDEO, SceneSource
from viewer.formats.dataloop.shapes import FrameRows
from viewer.formats.dataloop.timeline import (
    State,
    Timeline,
    keyframes,
    own_state,
    timelines_of,
    visible_runs,
)
from viewer.formats.images import MAX_FILE_BYTES, image_size, read_image
from viewer.formats.kept_frames import KeptFrames
from viewer.formats.lazy_frames import FramesOnDemand
from viewer.formats.points.catalog import read_points
from viewer.formats.problem_log import ProblemLog
from viewer.formats.text_file import read_bytes
from viewer.geometry.transform_tree import ROOT, TransformTree
from viewer.scene.images import Image, ImageRef
from viewer.scene.labels import FrameLabels
from viewer.scene.point_cloud import PointCloud
from viewer.scene.scene import Frame, OtherKind, OtherRef, Problem, SweepRef
from viewer.scene.sensors import CameraSensor, LidarSensor, Rig
from viewer.scene.tracks import Track

KEPT = 64


class DataloopReader:
    """Implements `SceneReader`, `EncodedImages`, `TrackSource` and `FrameMetadata`.

    Nothing of a document is kept but the timelines of the scene's own.
    """

    def __init__(
        self,
        source: SceneSource,
        convention: PoseConvention,
        problems: ProblemLog,
        ontology_paths: tuple[Path, ...] = (),
    ) -> None:
        self.source = source
        self.ontology_paths = ontology_paths
        self.convention = convention
        self._problems = problems
        self._lock = threading.Lock()
        self._rigs = KeptFrames(KEPT, self._build_rig)
        self._timelines: tuple[Timeline, ...] | None = None
        self.frames = FramesOnDemand(self.frame_count, self._frame)

    @property
    def frame_count(self) -> int:
        """How many frames the scene has; those of a video end with its last annotation."""
        if self.source.frames:
            return len(self.source.frames)
        return max((each.end for each in self.timelines()), default=0) + 1

    def timelines(self) -> tuple[Timeline, ...]:
        """Return the annotations that run over the frames."""
        with self._lock:
            if self._timelines is not None:
                return self._timelines
        path = self.source.timeline_sheet
        found: tuple[Timeline, ...] = ()
        if path is not None:
            try:
                sheet = read_sheet(path, self._problems)
                found = timelines_of(sheet.annotations, path, self._problems)
            except DamagedData as damage:
                self._problems.add_damage(damage)
        found = tuple(replace(each, end=min(each.end, MAX_FRAMES)) for each in found)
        if not self.source.frames and not any(_runs(each) for each in found):
            # Annotations of a still say that they end at frame 1.
            found = tuple(replace(each, end=each.start) for each in found)
        with self._lock:
            self._timelines = found
        return found

    def read_rig(self, frame_index: int) -> Rig:
        return self._rigs.of(frame_index)

    def read_point_cloud(self, frame_index: int, sensor_id: str) -> PointCloud:
        frame = self.source.frames[frame_index] if self.source.frames else None
        if frame is None or frame.cloud is None or sensor_id != LIDAR:
            raise DamagedData(self.source.path, sensor_id, "the frame has no such point cloud")
        coord_frame_id = self.read_rig(frame_index).lidars[LIDAR].coord_frame_id
        cloud = read_points(frame.cloud)
        return replace(cloud, coord_frame_id=coord_frame_id, timestamp_ns=frame.timestamp_ns)

    def read_image(self, frame_index: int, sensor_id: str, min_width_px: int | None) -> Image:
        return read_image(self._image(frame_index, sensor_id), min_width_px)

    def read_encoded_image(self, frame_index: int, sensor_id: str) -> bytes:
        """Return the image file as it is."""
        return read_bytes(self._image(frame_index, sensor_id), max_bytes=MAX_FILE_BYTES)

    def read_labels(self, frame_index: int, label_set_id: str) -> FrameLabels:
        rows = FrameRows(self._problems, self._image_sizes(frame_index))
        path = self.source.timeline_sheet
        if path is not None:
            self._add_timelines(rows, frame_index, label_set_id, path)
        for sensor_id, sheet_path in self.sheets_of(frame_index).items():
            try:
                sheet = read_sheet(sheet_path, self._problems)
            except DamagedData as damage:
                self._problems.add_damage(damage)
                continue
            self._add_stills(rows, sheet, sensor_id if sensor_id != LIDAR else "", label_set_id)
        return rows.build(self.frames[frame_index].timestamp_ns)

    def read_tracks(self, label_set_id: str) -> Sequence[Track]:
        """Return the annotations of the scene, one track an object id or annotation."""
        count = len(self.frames)
        tracks = []
        for each in self.timelines():
            track_id = track_of(each.annotation)
            if track_id is None or label_set_of(each.annotation) != label_set_id:
                continue
            tracks.append(
                Track(
                    track_id,
                    each.states[0].label,
                    keyframes(each, count),
                    visible_runs(each, count),
                )
            )
        return tracks

    def read_frame_metadata(self, frame_index: int) -> Mapping[str, Any]:
        """Return statuses and user metadata of the frame's items, and the frame's own."""
        found: dict[str, Any] = {}
        if self.source.lidar is not None:
            found.update(self.source.lidar.frames[frame_index].metadata)
        sheets = self.sheets_of(frame_index)
        for sensor_id, path in sheets.items():
            try:
                item = read_sheet(path, self._problems).item
            except DamagedData:
                continue
            prefix = f"{sensor_id}." if len(sheets) > 1 else ""
            metadata = mapping_of(item.get("metadata"))
            system = mapping_of(metadata.get("system"))
            if system.get("annotationStatus") is not None:
                found[f"{prefix}status"] = system["annotationStatus"]
            for key, value in mapping_of(metadata.get("user")).items():
                found[f"{prefix}{key}"] = value
        return found

    def problems(self) -> Sequence[Problem]:
        return self._problems.snapshot()

    def close(self) -> None:
        self._rigs.clear()
        with self._lock:
            self._timelines = None

    def _add_timelines(
        self, rows: FrameRows, frame_index: int, label_set_id: str, path: Path
    ) -> None:
        sensor_id = self.source.timeline_sensor
        chosen = []
        for each in self.timelines():
            held = each.state_at(frame_index)
            if held is not None and label_set_of(each.annotation) == label_set_id:
                chosen.append((each.index, each.annotation, *held))
        _add_all(rows, chosen, sensor_id, path)

    def _add_stills(self, rows: FrameRows, sheet: Sheet, sensor_id: str, label_set_id: str) -> None:
        chosen = [
            (index, annotation, own_state(annotation), True)
            for index, annotation in sheet.annotations
            if label_set_of(annotation) == label_set_id
        ]
        _add_all(rows, chosen, sensor_id, sheet.path)

    def sheets_of(self, frame_index: int) -> Mapping[str, Path]:
        """Return the annotation files of a frame's own items, by sensor."""
        return self.source.frames[frame_index].sheets if self.source.frames else {}

    def _image_sizes(self, frame_index: int) -> dict[str, tuple[int, int]]:
        images = self.source.frames[frame_index].images if self.source.frames else {}
        sizes = {}
        for sensor_id, path in images.items():
            try:
                sizes[sensor_id] = image_size(path)
            except DamagedData:
                continue
        return sizes

    def _build_rig(self, frame_index: int) -> Rig:
        source = self.source
        if source.lidar is not None:
            frame, files = source.lidar.frames[frame_index], source.frames[frame_index]
            return build_rig(
                frame, files.images, self.convention, source.lidar.path, self._problems
            )
        cameras = {
            ref.sensor_id: CameraSensor(ref.sensor_id, ROOT, None, "no calibration")
            for ref in self.frames[frame_index].images
        }
        lidars = {
            ref.sensor_id: LidarSensor(LIDAR, ROOT) for ref in self.frames[frame_index].sweeps
        }
        return Rig(cameras, lidars, TransformTree())

    def _frame(self, index: int) -> Frame:
        if not self.source.frames:
            path = self.source.path
            video = path.name.lower().endswith(VIDEO_SUFFIXES)
            listed = (OtherRef(OtherKind.VIDEO, VIDEO, str(path)),) if video else ()
            return Frame(index, str(index), None, others=listed)
        own = self.source.frames[index]
        sweeps = (SweepRef(LIDAR, own.timestamp_ns, str(own.cloud)),) if own.cloud else ()
        times = {}
        if self.source.lidar is not None:
            cameras = self.source.lidar.frames[index].cameras
            times = {each.sensor_id: each.timestamp_ns for each in cameras}
        images = tuple(
            ImageRef(name, times.get(name, own.timestamp_ns), str(path))
            for name, path in own.images.items()
        )
        others: tuple[OtherRef, ...] = ()
        if own.other is not None:
            others = (OtherRef(own.other[0], own.other[0].value, str(own.other[1])),)
        return Frame(index, own.key, own.timestamp_ns, sweeps, images, others)

    def _image(self, frame_index: int, sensor_id: str) -> Path:
        images = self.source.frames[frame_index].images if self.source.frames else {}
        if sensor_id not in images:
            raise DamagedData(self.source.path, sensor_id, "the frame has no such image")
        return images[sensor_id]


MAX_FRAMES = 1_000_000


def label_id_of(annotation: Mapping[str, Any], index: int) -> str:
    """Return the annotation's id, its place in the list where it has none."""
    own = annotation.get("id")
    return own if isinstance(own, str) and own else f"#{index}"


def _runs(timeline: Timeline) -> bool:
    """Say whether an annotation is on more than a still."""
    return timeline.start > 0 or timeline.end > 1 or timeline.states[-1].frame > 0


def _add_all(
    rows: FrameRows,
    chosen: list[tuple[int, Mapping[str, Any], State, bool]],
    sensor_id: str,
    path: Path,
) -> None:
    """Add annotations; the points of a pose become one shape with it."""
    poses = {label_id_of(each, index) for index, each, _, _ in chosen if each.get("type") == "pose"}
    points: dict[str, list[tuple[str, State]]] = {}
    rest = []
    for index, annotation, state, keyframe in chosen:
        parent = system_of(annotation).get("parentId")
        if isinstance(parent, str) and parent in poses and annotation.get("type") == "point":
            points.setdefault(parent, []).append((state.label, state))
        else:
            rest.append((index, annotation, state, keyframe))
    for index, annotation, state, keyframe in rest:
        label_id, place = label_id_of(annotation, index), f"$.annotations[{index}]"
        own = {"label_id": label_id, "sensor_id": sensor_id, "path": path, "place": place}
        if annotation.get("type") == "pose" and label_id in points:
            rows.add_pose(annotation, state, points[label_id], **own)  # type: ignore[arg-type]
        else:
            rows.add(annotation, state, keyframe=keyframe, **own)  # type: ignore[arg-type]
