"""Reads the frames of one Nucleus scene."""

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from pathlib import Path

from viewer.formats.base import DamagedData, UnknownFormat
from viewer.formats.data_urls import UnmappedUrl, resolve_url
from viewer.formats.images import MAX_FILE_BYTES, read_image
from viewer.formats.nucleus.cuboid_rows import plain_cuboids
from viewer.formats.nucleus.index import FrameItems, LabelIndex, SceneItems
from viewer.formats.nucleus.labels import FrontAxis, PlacedAnnotation, labels_from_annotations
from viewer.formats.nucleus.point_json import read_point_json
from viewer.formats.nucleus.rig import build_rig
from viewer.formats.points.catalog import read_points
from viewer.formats.problem_log import ProblemLog
from viewer.formats.text_file import read_bytes
from viewer.scene.images import Image
from viewer.scene.labels import FrameLabels
from viewer.scene.point_cloud import PointCloud
from viewer.scene.scene import Problem
from viewer.scene.sensors import Rig

KEPT_RIGS = 256


class NucleusReader:
    """Implements `SceneReader`; annotations are decoded when their frame is asked for."""

    def __init__(
        self,
        root: Path,
        scene: SceneItems,
        labels: Sequence[LabelIndex],
        problems: ProblemLog,
        front_axis: FrontAxis,
    ) -> None:
        self._root = root
        self._scene = scene
        self._labels = {index.label_set_id: index for index in labels}
        self._problems = problems
        self._front_axis = front_axis
        self._lock = threading.Lock()
        self._rigs: OrderedDict[int, Rig] = OrderedDict()

    def read_rig(self, frame_index: int) -> Rig:
        with self._lock:
            rig = self._rigs.get(frame_index)
        if rig is None:
            rig = build_rig(self._scene.frames[frame_index], self._root, self._problems)
            with self._lock:
                rig = self._rigs.setdefault(frame_index, rig)
                if len(self._rigs) > KEPT_RIGS:
                    self._rigs.popitem(last=False)
        return rig

    def read_point_cloud(self, frame_index: int, sensor_id: str) -> PointCloud:
        path = self._path(frame_index, sensor_id)
        if path.suffix.lower() == ".json":
            return read_point_json(path)
        try:
            return read_points(path)
        except UnknownFormat as error:
            raise DamagedData(path, "", str(error).split("\n", 1)[0]) from None

    def read_image(self, frame_index: int, sensor_id: str, min_width_px: int | None) -> Image:
        return read_image(self._path(frame_index, sensor_id), min_width_px)

    def read_encoded_image(self, frame_index: int, sensor_id: str) -> bytes:
        """Return the image file as it is."""
        return read_bytes(self._path(frame_index, sensor_id), max_bytes=MAX_FILE_BYTES)

    def read_labels(self, frame_index: int, label_set_id: str) -> FrameLabels:
        index = self._labels[label_set_id]
        frame = self._scene.frames[frame_index]
        sensors = {item.item_id: name for name, item in frame.items.items()}
        # A scene's own annotations show in each of its frames.
        sensors.setdefault(self._scene.scene_id, "")
        if not frame.items:
            sensors.setdefault(frame.key, "")
        if len(index.spans) == 1:
            parts = [rows for name in sensors for _, rows in index.rows.get(name, ())]
            cuboids = plain_cuboids(index.spans[0], parts, self._front_axis)
            if cuboids is not None:
                return FrameLabels(cuboids)
        placed = self._placed(index, sensors, frame)
        return labels_from_annotations(placed, self._problems, self._front_axis)

    def _placed(
        self, index: LabelIndex, sensors: Mapping[str, str], frame: FrameItems
    ) -> list[PlacedAnnotation]:
        """Decode the annotations of a frame, each id once an item."""
        placed: dict[tuple[str, str], PlacedAnnotation] = {}
        repeated = 0
        for reference_id, sensor_id in sensors.items():
            for number, rows in index.rows.get(reference_id, ()):
                spans = index.spans[number]
                for row in rows.tolist():
                    try:
                        annotation = spans.read(row)
                    except DamagedData as damage:
                        problem = f"{damage.problem}; it is left out"
                        self._problems.add(damage.path, damage.place, problem)
                        continue
                    key = (reference_id, annotation.annotation_id or f"{number}:{row}")
                    repeated += key in placed
                    if key not in placed or spans.update:
                        placed[key] = PlacedAnnotation(annotation, sensor_id, spans, row, key[1])
        if repeated:
            problem = f"{repeated} annotations repeat the id of another of their item"
            self._problems.add(frame.path, frame.place or frame.key, problem)
        _make_unique(list(placed.values()))
        return list(placed.values())

    def problems(self) -> Sequence[Problem]:
        return self._problems.snapshot()

    def close(self) -> None:
        with self._lock:
            self._rigs.clear()

    def _path(self, frame_index: int, sensor_id: str) -> Path:
        frame = self._scene.frames[frame_index]
        item = frame.items.get(sensor_id)
        place = f"{frame.place}.{sensor_id}"
        if item is None or not item.source:
            raise DamagedData(frame.path, place, f"the frame has no data of {sensor_id!r}")
        try:
            return resolve_url(item.source, self._root, frame.path.parent)
        except UnmappedUrl as unmapped:
            raise DamagedData(frame.path, place, str(unmapped)) from None


def _make_unique(placed: Sequence[PlacedAnnotation]) -> None:
    """Annotation ids are unique within an item only: two items of a frame may share one."""
    seen: set[str] = set()
    for each in placed:
        if each.key in seen:
            each.key = f"{each.sensor_id}:{each.key}"
        seen.add(each.key)
