"""Writes scenes as YOLO: images, a text file of normalised numbers each, ``data.yaml``."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import yaml

from viewer.formats.edited_reader import as_delivered
from viewer.formats.native.paths import file_stem
from viewer.formats.writers.base import SceneWriter, WriteJob
from viewer.formats.writers.file_copy import copy_files
from viewer.formats.writers.image_export import (
    ImageItem,
    export_items,
    free_name,
    one_label_set,
)
from viewer.formats.writers.image_labels import FROM_CUBOID, ImageLabel
from viewer.formats.writers.losses import LossLog
from viewer.formats.writers.mask_outlines import mask_rings
from viewer.formats.writers.target_files import write_file
from viewer.formats.writers.yolo_edits import edited_lines
from viewer.formats.yolo.format import CLASS_LISTS, YoloFormat
from viewer.formats.yolo.reader import YoloReader
from viewer.formats.yolo.rows import Task
from viewer.scene.class_map import ClassMap
from viewer.scene.scene import Scene

TITLE = YoloFormat.title
CLASSIFY = "classify"
SPLIT = "train"
Floats = npt.NDArray[np.float64]


class YoloWriter(SceneWriter):
    """``data.yaml``, ``images/train``, ``labels/train``; or ``train/CLASS/`` for classes alone.

    A dataset has one kind of label: the one that most labels have. The others are turned into it
    where they can be. One label set is written, the ground truth unless another is asked for. A
    YOLO dataset is copied as it is; of lines that a reviewer changed class and box are other.
    """

    name: ClassVar[str] = YoloFormat.name
    title: ClassVar[str] = TITLE
    holds: ClassVar[str] = (
        "images with one kind of label: boxes, turned boxes, polygons, keypoints or a class;"
        " cuboids as boxes"
    )
    many_scenes: ClassVar[bool] = True
    images_only: ClassVar[bool] = True

    def _write(self, scenes: Sequence[Scene], job: WriteJob) -> None:
        chosen = one_label_set(scenes, job.options, TITLE, job.losses)
        job.make_folder()
        files = _own_files(scenes)
        edited = None if files is None else edited_lines(scenes, job.losses)
        if files is not None and edited is not None:
            copy_files(*files, job.draft, job.context, job.losses, edited)
            return
        rows: list[_Image] = []
        for item in export_items(scenes, TITLE, job):
            name = f"{item.stem}{item.suffix}"
            write_file(job.draft, f"images/{SPLIT}/{name}", item.data)
            rows.append(_image(item, name, chosen[item.scene.scene_id]))
        classes = _ClassNumbers([scene.class_map for scene in scenes])
        labels = [label for row in rows for label in row.labels]
        kinds = Counter(map(_kind, labels))
        if labels and set(kinds) == {CLASSIFY}:
            _write_class_folders(job.draft, rows, job.losses)
            return
        del kinds[CLASSIFY]
        task = Task(kinds.most_common(1)[0][0]) if kinds else Task.DETECT
        lines = _Lines(task, classes, labels, job.losses)
        for row in rows:
            text = "".join(lines.of(label, row) for label in row.labels)
            write_file(job.draft, f"labels/{SPLIT}/{row.stem}.txt", text)
        write_file(job.draft, "data.yaml", lines.data_file())


def _own_files(scenes: Sequence[Scene]) -> tuple[Path, list[Path]] | None:
    """Return the folder and files of one YOLO dataset; None when something else takes part."""
    delivered = [as_delivered(each.reader) for each in scenes]
    readers = [each for each in delivered if isinstance(each, YoloReader)]
    if len(readers) < len(scenes) or len({each.root for each in readers}) != 1:
        return None
    root, data = readers[0].root, readers[0].data
    places = [place for several in data.splits.values() for place in several]
    lists = [root / each for each in places if not isinstance(each, str)]
    heads = [*([data.path] if data.path else []), *(each for each in lists if each.is_file())]
    heads += [root / inner / name for inner in (".", "labels") for name in CLASS_LISTS]
    paths = [path for path in heads if path.is_file()]
    for reader in readers:
        for image in reader.images:
            paths.append(image.path)
            if image.label_path is not None and image.label_path.is_file():
                paths.append(image.label_path)
    return (root, paths) if all(each.is_relative_to(root) for each in paths) else None


@dataclass(frozen=True, slots=True)
class _Image:
    name: str
    stem: str
    where: str
    size_px: tuple[int, int]
    labels: tuple[ImageLabel, ...]


def _image(item: ImageItem, name: str, label_set_id: str | None) -> _Image:
    labels = tuple(item.labels.get(label_set_id, ())) if label_set_id is not None else ()
    where = f"{item.scene.scene_id}/{label_set_id}"
    return _Image(name, item.stem, where, (item.width_px, item.height_px), labels)


class _ClassNumbers:
    """Numbers from 0 without a gap: the class maps' own where they are so, else in order."""

    def __init__(self, class_maps: Sequence[ClassMap]) -> None:
        entries = {each.name: each for every in class_maps for each in every.entries}
        own = {name: each.class_id for name, each in entries.items() if each.class_id is not None}
        numbered = sorted(own.values()) == list(range(len(entries)))
        order = sorted(entries, key=lambda name: own[name]) if numbered else list(entries)
        self._numbers = {name: number for number, name in enumerate(order)}

    def of(self, name: str) -> int:
        return self._numbers.setdefault(name, len(self._numbers))

    def names(self) -> dict[int, str]:
        return {number: name for name, number in self._numbers.items()}


class _Lines:
    """Turns labels into lines of one task."""

    def __init__(
        self, task: Task, classes: _ClassNumbers, labels: Sequence[ImageLabel], losses: LossLog
    ) -> None:
        self._task = task
        self._classes = classes
        self._losses = losses
        counts = [len(each.keypoints) for each in labels if each.keypoints is not None]
        self._keypoint_count = max(counts, default=0)

    def data_file(self) -> str:
        """Return ``data.yaml``."""
        document: dict[str, object] = {
            "path": ".",
            "train": f"images/{SPLIT}",
            "val": f"images/{SPLIT}",
            "task": str(self._task),
            "nc": len(self._classes.names()),
            "names": list(self._classes.names().values()),
        }
        if self._task == Task.POSE:
            document["kpt_shape"] = [self._keypoint_count, 3]
        text: str = yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
        return text

    def of(self, label: ImageLabel, image: _Image) -> str:
        """Return the lines of a label, most often one."""
        if label.box_px is None and label.keypoints is None:
            self._lose("classification", image, "it stands beside labels with a place")
            return ""
        self._note(label, image)
        number = self._classes.of(label.class_name)
        tail = [] if math.isnan(label.score) else [label.score]
        text = ""
        for values in self._values(label, image):
            shares = " ".join(map(repr, [*values, *map(float, tail)]))
            text += f"{number} {shares}\n"
        return text

    def _values(self, label: ImageLabel, image: _Image) -> list[list[float]]:
        size = np.array(image.size_px, dtype=np.float64)
        kind = _kind(label)
        if self._task == Task.DETECT:
            if kind != Task.DETECT:
                self._lose(f"shape for {kind}", image, "lines are boxes; its bounds are written")
            return [self._box(label, size)]
        if self._task == Task.POSE:
            return [self._pose(label, image, size)]
        corners = _corners(label)
        if self._task == Task.OBB:
            if kind not in (Task.OBB, Task.DETECT):
                self._lose(f"shape for {kind}", image, "lines are turned boxes; it is bounded")
            ring = label.rings[0] if kind == Task.OBB else corners
            return [(ring / size).ravel().tolist()]
        rings = label.rings or self._mask_rings(label, image)
        if rings:
            if len(rings) > 1:
                self._lose("polygon of several parts", image, "a line has one; becomes several")
            if label.rotated is not None:
                self._lose("2D label: rotated box", image, "lines are polygons")
            return [(ring / size).ravel().tolist() for ring in rings]
        what = f"shape for {kind}" if kind != Task.DETECT else "2D box"
        self._lose(what, image, "lines are polygons; its four corners are written")
        return [(corners / size).ravel().tolist()]

    def _mask_rings(self, label: ImageLabel, image: _Image) -> Sequence[Floats]:
        if label.runs is None:
            return ()
        rings, holes = mask_rings(label.runs)
        self._lose("mask", image, "lines are polygons; it becomes those along its pixels' edges")
        self._losses.add("hole of a mask", image.where, f"{TITLE}: polygons have none", holes)
        return rings

    def _box(self, label: ImageLabel, size: Floats) -> list[float]:
        left, top, right, bottom = label.box_px or (0.0, 0.0, 0.0, 0.0)
        stored = label.attributes.get("bbox")
        if label.keypoints is not None and isinstance(stored, list) and len(stored) == 4:
            left, top, width, height = map(float, stored)
            right, bottom = left + width, top + height
        center = np.array([left + right, top + bottom]) / 2 / size
        extent = np.array([right - left, bottom - top]) / size
        return [*center.tolist(), *extent.tolist()]

    def _pose(self, label: ImageLabel, image: _Image, size: Floats) -> list[float]:
        triples = np.zeros((self._keypoint_count, 3))
        if label.keypoints is None:
            self._lose("label without keypoints", image, "lines have keypoints; none is marked")
        else:
            if len(label.keypoints) < self._keypoint_count:
                self._lose("keypoints", image, "all labels have as many; the rest is unmarked")
            if label.keypoint_names:
                self._lose("names and bones of keypoints", image, "keypoints have numbers only")
            states = np.asarray(label.visibilities)
            known = np.isfinite(label.keypoints).all(axis=1) & (states > 0)
            count = len(known)
            triples[:count, :2] = np.where(known[:, None], label.keypoints / size, 0.0)
            triples[:count, 2] = np.where(known, states, 0)
        return [*self._box(label, size), *triples.ravel().tolist()]

    def _note(self, label: ImageLabel, image: _Image) -> None:
        for name in label.attributes:
            if name not in (FROM_CUBOID, "bbox"):
                self._lose(f"attribute {name!r}", image, "a line has none")
        if label.track_id is not None:
            self._lose("track", image, "images share no time")
        if label.is_crowd:
            self._lose("crowd mark", image, "a line has none")

    def _lose(self, what: str, image: _Image, why: str) -> None:
        self._losses.add(what, image.where, f"{TITLE}: {why}")


def _kind(label: ImageLabel) -> str:
    if label.keypoints is not None:
        return str(Task.POSE)
    if label.rotated is not None:
        return str(Task.OBB)
    if label.rings or label.runs is not None:
        return str(Task.SEGMENT)
    return str(Task.DETECT) if label.box_px is not None else CLASSIFY


def _corners(label: ImageLabel) -> Floats:
    left, top, right, bottom = label.box_px or (0.0, 0.0, 0.0, 0.0)
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]])


def _write_class_folders(draft: Path | None, rows: Sequence[_Image], losses: LossLog) -> None:
    """Move the images to ``train/CLASS/``; the first class of an image counts."""
    folders: dict[str, str] = {}
    taken: set[str] = set()
    for row in rows:
        if len(row.labels) > 1:
            why = f"{TITLE}: an image lies in one folder"
            losses.add("classification", row.where, why, len(row.labels) - 1)
        if not row.labels:
            losses.add("image", row.where, f"{TITLE}: no class, no folder")
        if draft is None:
            continue
        source = draft / "images" / SPLIT / row.name
        if not row.labels:
            source.unlink()
            continue
        name = row.labels[0].class_name
        if name not in folders:
            folders[name] = free_name(file_stem(name), taken)
        target = draft / SPLIT / folders[name] / row.name
        target.parent.mkdir(parents=True, exist_ok=True)
        source.rename(target)
    if draft is not None:
        (draft / "images" / SPLIT).rmdir()
        (draft / "images").rmdir()
        for name in folders.values():
            (draft / "val" / name).mkdir(parents=True)
