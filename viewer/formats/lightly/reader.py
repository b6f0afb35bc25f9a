"""Reads the images of a Lightly dataset with their predictions and metadata."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from viewer.formats.base import DamagedData
from viewer.formats.folder_index import is_file
from viewer.formats.images import MAX_FILE_BYTES, image_size, read_image
from viewer.formats.label_rows import load_json
from viewer.formats.lazy_frames import FramesOnDemand
from viewer.formats.lightly.custom_metadata import flattened
from viewer.formats.lightly.predictions import IMAGE, ImageRows
from viewer.formats.lightly.side_files import SideFiles, is_inner
from viewer.formats.problem_log import ProblemLog
from viewer.formats.text_file import read_bytes
from viewer.geometry.transform_tree import ROOT, TransformTree
from viewer.scene.images import Image, ImageRef
from viewer.scene.labels import FrameLabels
from viewer.scene.point_cloud import PointCloud
from viewer.scene.scene import Frame, Problem
from viewer.scene.sensors import CameraSensor, Rig


class LightlyReader:
    """Implements `SceneReader`, `EncodedImages` and `FrameMetadata`; a frame is an image."""

    def __init__(
        self,
        side: SideFiles,
        file_names: Sequence[str],
        present: frozenset[str],
        problems: ProblemLog,
        mapped: Mapping[str, Path] = MappingProxyType({}),
    ) -> None:
        self.side = side
        self.mapped = mapped
        """Images that lie elsewhere, by name."""
        self.file_names = tuple(file_names)
        self._problems = problems
        self._present = present
        self.frames: Sequence[Frame] = FramesOnDemand(len(self.file_names), self._frame)
        self._known = frozenset(self.file_names)
        self._tags_by_name = self._tags()
        camera = CameraSensor(IMAGE, ROOT, None, "no calibration")
        self._rig = Rig({IMAGE: camera}, {}, TransformTree())

    def read_rig(self, frame_index: int) -> Rig:
        return self._rig

    def read_point_cloud(self, frame_index: int, sensor_id: str) -> PointCloud:
        raise DamagedData(self.side.root, sensor_id, "the format has no point clouds")

    def read_image(self, frame_index: int, sensor_id: str, min_width_px: int | None) -> Image:
        return read_image(self._image(frame_index, sensor_id), min_width_px)

    def read_encoded_image(self, frame_index: int, sensor_id: str) -> bytes:
        """Return the image file as it is."""
        return read_bytes(self._image(frame_index, sensor_id), max_bytes=MAX_FILE_BYTES)

    def read_labels(self, frame_index: int, label_set_id: str) -> FrameLabels:
        name = self.file_names[frame_index]
        task = self.side.tasks[label_set_id]
        size_px = None
        if self.frames[frame_index].images:
            try:
                size_px = image_size(self._path(name))
            except DamagedData as damage:
                self._problems.add_damage(damage)
        rows = ImageRows(task, self._problems, size_px)
        for path, place, row in self.singletons(name, label_set_id):
            rows.add(row, path, place, place.rpartition(".")[2])
        return rows.build()

    def read_frame_metadata(self, frame_index: int) -> Mapping[str, Any]:
        """Return the image's metadata under dotted keys, its tags, and what is wrong with it."""
        name = self.file_names[frame_index]
        found = dict(self.side.metadata.get(name, {}))
        path = self.side.metadata_path(name)
        if is_inner(name) and is_file(path):
            try:
                document = load_json(path)
                inner = document.get("metadata") if isinstance(document, dict) else None
                if not isinstance(inner, dict):
                    raise DamagedData(path, "$.metadata", "is no object")
                found.update(inner)
            except DamagedData as damage:
                self._problems.add_damage(damage)
        facts = flattened(found)
        if name in self._tags_by_name:
            facts["tags"] = self._tags_by_name[name]
        if name in self.side.corrupt:
            facts["corrupt"] = self.side.corrupt[name]
        return facts

    def problems(self) -> Sequence[Problem]:
        return self._problems.snapshot()

    def close(self) -> None:
        """Hold nothing that needs closing."""

    def singletons(self, name: str, task: str) -> list[tuple[Path, str, object]]:
        """Return the rows of one image and task: file, JSON path, row."""
        found: list[tuple[Path, str, object]] = []
        path = self.side.prediction_path(task, name)
        if is_inner(name) and is_file(path):
            try:
                document = load_json(path)
                rows = document.get("predictions") if isinstance(document, dict) else None
                if not isinstance(rows, list):
                    raise DamagedData(path, "$.predictions", "is no list")
                owner = document.get("file_name") if isinstance(document, dict) else None
                if isinstance(owner, str) and owner != name and owner in self._known:
                    # Images that differ only in their suffix share the name of their file.
                    rows = []
                found += [(path, f"$.predictions[{n}]", row) for n, row in enumerate(rows)]
            except DamagedData as damage:
                self._problems.add_damage(damage)
        whole = self.side.singletons.get(name)
        rows = whole[1]["predictions"] if whole is not None else []
        if whole is not None and isinstance(rows, list):
            found += [
                (whole[0], f"$.{name}[{number}]", row)
                for number, row in enumerate(rows)
                if isinstance(row, dict) and row.get("taskName") == task
            ]
        return found

    def _tags(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for tag in self.side.tags:
            try:
                members = tag.file_names(self.file_names)
            except ValueError as error:
                self._problems.add(self.side.root, "", f"{error}; it is not used")
                continue
            for name in members:
                found.setdefault(name, []).append(tag.name)
        return found

    def _frame(self, index: int) -> Frame:
        name = self.file_names[index]
        is_there = name in self._present or name in self.mapped
        images = (ImageRef(IMAGE, None, str(self._path(name))),) if is_there else ()
        return Frame(index, name, None, (), images)

    def _image(self, frame_index: int, sensor_id: str) -> Path:
        frame = self.frames[frame_index]
        if sensor_id != IMAGE or not frame.images:
            raise DamagedData(self.side.root, frame.key, "the image is missing")
        return self._path(frame.key)

    def _path(self, name: str) -> Path:
        return self.mapped.get(name) or self.side.root / name
