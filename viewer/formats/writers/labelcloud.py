"""Writes a scene as a labelCloud folder: clouds, labels in one of three forms, the class file."""

import math
from collections.abc import Sequence
from itertools import count
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from viewer.formats.edited_reader import as_delivered
from viewer.formats.euler_angles import euler_from_rotation
from viewer.formats.labelcloud.classes import CLASSES_NAME
from viewer.formats.labelcloud.format import LabelCloudFormat
from viewer.formats.labelcloud.labels import PLACED, RELATIVE
from viewer.formats.labelcloud.reader import (
    CLOUDS,
    LABELS,
    SEGMENTATION,
    LabelCloudReader,
)
from viewer.formats.point_folder.times import times_from_stems
from viewer.formats.writers.base import (
    SceneWriter,
    WriteJob,
)
from viewer.formats.writers.boxed_clouds import BoxedClouds
from viewer.formats.writers.cloud_cuboids import (
    CuboidRow,
    note_class_map,
    storable_attributes,
)
from viewer.formats.writers.cloud_frames import frame_stems
from viewer.formats.writers.label_survey import note_other_kinds
from viewer.formats.writers.losses import LossLog
from viewer.formats.writers.target_files import file_writer, json_file
from viewer.geometry.cuboids import CORNER_SIGNS
from viewer.scene.class_map import ClassEntry, ClassMap
from viewer.scene.labels import FrameLabels
from viewer.scene.point_classes import PointClasses
from viewer.scene.scene import Frame, Scene

ABSOLUTE, VERTICES = "centroid_abs", "vertices"
COPIED_SUFFIXES = (".pcd", ".ply")
ANGLE_DECIMALS = 10
MAX_CLASS_NUMBER = 127
UNASSIGNED = "unassigned"
"""The class of points that have none."""
CORNER_ORDER = (0, 2, 6, 4, 1, 3, 7, 5)
"""Rows of `CORNER_SIGNS` in the order of labelCloud: the bottom from (-x, -y) round, the top."""
_XYZ = ("x", "y", "z")


class LabelCloudWriter(SceneWriter):
    """One folder for one scene; boxes lie in the coord frame of their cloud."""

    name: ClassVar[str] = LabelCloudFormat.name
    title: ClassVar[str] = LabelCloudFormat.title
    holds: ClassVar[str] = (
        "one cloud a frame, cuboids with a class and attributes, one class a point, the colours "
        "of classes"
    )
    many_scenes: ClassVar[bool] = False
    writes_labels_only: ClassVar[bool] = True
    needs_sweeps: ClassVar[bool] = True
    label_forms: ClassVar[tuple[str, ...]] = (ABSOLUTE, RELATIVE, VERTICES)

    def _write(self, scenes: Sequence[Scene], job: WriteJob) -> None:
        _FolderWriter(scenes[0], job).run()


class _FolderWriter:
    """One run over a scene."""

    def __init__(self, scene: Scene, job: WriteJob) -> None:
        options, losses = job.options, job.losses
        self._scene = scene
        self._context = job.context
        self._write = file_writer(job.draft)
        self._options = options
        self._losses = losses
        self._title = LabelCloudWriter.title
        self._form = options.label_form or _own_form(scene) or ABSOLUTE
        self._clouds = BoxedClouds(
            scene, self._title, LABELS, options, losses, copied_suffixes=COPIED_SUFFIXES
        )
        self._where = self._clouds.where
        self._classes = ClassNumbers(scene.class_map)
        self._kinds: set[str] = set()

    def run(self) -> None:
        scene, losses = self._scene, self._losses
        stems = frame_stems(scene, self._title, losses)
        timed = times_from_stems(stems) is not None
        self._clouds.note_scene(keeps_order=timed)
        for frame in self._context.track(scene.frames, "Writing labelCloud"):
            self._write_frame(frame, stems[frame.index])
        kept = self._classes.class_map()
        note_class_map(scene, kept, self._title, losses)
        segmented = self._kinds == {SEGMENTATION}
        document = _class_file(kept, self._form, segmented=segmented)
        self._write(f"{LABELS}/{CLASSES_NAME}", json_file(document))

    def _write_frame(self, frame: Frame, stem: str) -> None:
        suffix = ".pcd"
        if not self._options.labels_only:
            data, suffix = self._clouds.frames.file(frame)
            self._write(f"{CLOUDS}/{stem}{suffix}", data)
            for image in frame.images:
                where = f"{self._scene.scene_id}/{image.sensor_id}"
                self._losses.add("image", where, f"{self._title} has no cameras")
        self._write_labels(frame, stem, suffix)

    def _write_labels(self, frame: Frame, stem: str, suffix: str) -> None:
        labels = self._clouds.labels(frame)
        if labels is None:
            return
        note_other_kinds(labels, self._where, self._title, self._losses, point_classes=False)
        self._write_point_classes(frame, labels, stem)
        self._losses.add(
            "2D box", self._where, f"{self._title} has no images", len(labels.boxes_2d)
        )
        rows = self._clouds.rows(frame, labels, tracks=False)
        self._clouds.note_label_ids(rows, stem)
        for row in rows:
            self._classes.number_of(row.class_name)
            self._kinds.add(LABELS)
        name = f"{stem}{suffix}"
        document = {
            "folder": CLOUDS,
            "filename": name,
            "path": f"{CLOUDS}/{name}",
            "objects": [self._object(row) for row in rows],
        }
        self._write(f"{LABELS}/{stem}.json", json_file(document))

    def _object(self, row: CuboidRow) -> dict[str, Any]:
        own = storable_attributes(row.attributes, PLACED, self._where, self._losses)
        if self._form == VERTICES:
            signs = CORNER_SIGNS[list(CORNER_ORDER)]
            corners = (signs * np.array(row.size_m) / 2) @ row.rotation.T + row.center_m
            return {"name": row.class_name, "vertices": corners.tolist(), **own}
        return {
            "name": row.class_name,
            "centroid": dict(zip(_XYZ, row.center_m, strict=True)),
            "dimensions": dict(zip(("length", "width", "height"), row.size_m, strict=True)),
            "rotations": dict(zip(_XYZ, _angles(row, self._form), strict=True)),
            **own,
        }

    def _write_point_classes(self, frame: Frame, labels: FrameLabels, stem: str) -> None:
        """Write the class of every point of a frame with one sweep."""
        for each in labels.point_classes:
            if [sweep.sensor_id for sweep in frame.sweeps] != [each.sensor_id]:
                why = "classes are told for the one cloud of a frame"
                self._losses.add("point classes", self._where, why)
                continue
            numbers = self._classes.numbers(each, self._where, self._losses)
            if numbers is None:
                why = f"there are more than {MAX_CLASS_NUMBER + 1} classes"
                self._losses.add("point classes", self._where, why)
                continue
            if each.instances is not None:
                objects = len(np.unique(each.instances[each.instances > 0]))
                why = "points have a class only"
                self._losses.add("object of points", self._where, why, objects)
            self._kinds.add(SEGMENTATION)
            self._write(f"{LABELS}/{SEGMENTATION}/{stem}.bin", numbers.tobytes())


class ClassNumbers:
    """Classes and their numbers: their own where these suit, else the next that is free."""

    def __init__(self, class_map: ClassMap) -> None:
        self._entries: dict[str, ClassEntry] = {}
        self._taken: set[int] = set()
        for entry in class_map.entries:
            number = entry.class_id
            suits = number is not None and 0 <= number <= MAX_CLASS_NUMBER
            if suits and number not in self._taken:
                self._add(entry, number)
        for entry in class_map.entries:
            if entry.name not in self._entries:
                self._add(entry, None)
        self._order = class_map.names

    def number_of(self, name: str) -> int:
        """Return the number of a class, which is new where the scene has not told of it."""
        if name not in self._entries:
            (entry,) = ClassMap.from_names([*self._entries, name]).entries[len(self._entries) :]
            self._add(entry, None)
        number = self._entries[name].class_id
        assert number is not None
        return number

    def numbers(
        self, classes: PointClasses, where: str, losses: LossLog
    ) -> npt.NDArray[np.int8] | None:
        """Return (N,) numbers of the points' classes; None where they are too many."""
        found, inverse = np.unique(classes.class_indices, return_inverse=True)
        numbers = []
        for index in found.tolist():
            name = classes.class_names.get(index)
            if name is None:
                points = int(np.count_nonzero(classes.class_indices == index))
                losses.add("point without a class", where, f"becomes {UNASSIGNED}", points)
            numbers.append(self.number_of(name or UNASSIGNED))
        if max(numbers, default=0) > MAX_CLASS_NUMBER:
            return None
        return np.array(numbers, dtype=np.int8)[inverse.reshape(-1)]

    def class_map(self) -> ClassMap:
        """Return all classes, those of the scene first; labelCloud does not start without any."""
        if not self._entries:
            self.number_of(UNASSIGNED)
        first = [self._entries[name] for name in self._order]
        rest = [entry for name, entry in self._entries.items() if name not in self._order]
        return ClassMap((*first, *rest))

    def _add(self, entry: ClassEntry, number: int | None) -> None:
        if number is None:
            number = next(each for each in count() if each not in self._taken)
        self._taken.add(number)
        self._entries[entry.name] = ClassEntry(entry.name, entry.colour, number)


def _own_form(scene: Scene) -> str | None:
    """Return the form of a labelCloud source."""
    reader = as_delivered(scene.reader)
    if not isinstance(reader, LabelCloudReader):
        return None
    form = RELATIVE if reader.in_radians else reader.label_format
    return form if form in LabelCloudWriter.label_forms else None


def _angles(row: CuboidRow, form: str) -> list[float]:
    """Return the turns about x, y, z: degrees from 0 to 360, or radians from -pi to pi."""
    about_z, about_y, about_x = euler_from_rotation(row.rotation, "zyx")
    angles = (about_x, about_y, about_z)
    if form == RELATIVE:
        return [round(angle, ANGLE_DECIMALS + 2) + 0.0 for angle in angles]
    return [round(math.degrees(angle), ANGLE_DECIMALS) % 360.0 for angle in angles]


def _class_file(classes: ClassMap, form: str, *, segmented: bool) -> dict[str, Any]:
    return {
        "classes": [
            {"name": entry.name, "id": entry.class_id, "color": "#" + bytes(entry.colour).hex()}
            for entry in classes.entries
        ],
        "default": classes.entries[0].class_id,
        "type": "semantic_segmentation" if segmented else "object_detection",
        "format": form,
        "created_with": {"name": "Sightline"},
    }
