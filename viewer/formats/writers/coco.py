"""Writes scenes as COCO: images, and a file of annotations a label set."""

import math
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import numpy as np

from viewer.formats.base import DamagedData
from viewer.formats.coco.format import CocoFormat
from viewer.formats.coco.reader import CocoReader
from viewer.formats.coco.rle import counts_from_runs, packed_counts
from viewer.formats.image_set import IMAGE, inner_path
from viewer.formats.native.paths import file_stem
from viewer.formats.writers.base import (
    SceneWriter,
    WriteOptions,
    chosen_label_sets,
    note_left_out_label_sets,
)
from viewer.formats.writers.image_export import ImageItem, export_items, free_name, write_file
from viewer.formats.writers.image_labels import ImageLabel, ring_area_px
from viewer.formats.writers.losses import LossLog
from viewer.progress import JobContext
from viewer.scene.class_map import ClassMap, Skeleton
from viewer.scene.labels import LabelSetKind
from viewer.scene.scene import Scene

TITLE = CocoFormat.title


class CocoWriter(SceneWriter):
    """``images/`` and ``annotations/LABEL_SET.json``; predictions are lists of results.

    A COCO scene that is written alone is copied value for value. Masks become packed run lengths.
    Images without labels stay in the list of images. Cuboids become the boxes that the lens shows,
    with the attributes ``from_cuboid`` and ``truncated``.
    """

    name: ClassVar[str] = CocoFormat.name
    title: ClassVar[str] = TITLE
    holds: ClassVar[str] = (
        "images, 2D boxes, polygons, keypoints with skeletons, masks, classes of images,"
        " attributes; cuboids as boxes"
    )
    many_scenes: ClassVar[bool] = True
    images_only: ClassVar[bool] = True

    def _write(
        self,
        scenes: Sequence[Scene],
        draft: Path | None,
        context: JobContext,
        options: WriteOptions,
        losses: LossLog,
    ) -> None:
        if draft is not None:
            draft.mkdir(parents=True, exist_ok=True)
        if len(scenes) == 1 and isinstance(scenes[0].reader, CocoReader):
            _copy(scenes[0], scenes[0].reader, draft, context, options, losses)
            return
        documents = _Documents(scenes, options, losses)
        for item in export_items(scenes, TITLE, context, options, losses):
            write_file(draft, f"images/{item.stem}{item.suffix}", item.data)
            documents.add(item)
        for name, content in documents.files():
            write_file(draft, name, msgspec.json.encode(content))


class _Documents:
    """Collects the annotations of every label set."""

    def __init__(self, scenes: Sequence[Scene], options: WriteOptions, losses: LossLog) -> None:
        self._losses = losses
        self._images: list[dict[str, Any]] = []
        self._categories = CategoryNumbers([scene.class_map for scene in scenes])
        self._annotations: dict[str, list[dict[str, Any]]] = {}
        self._predicted: dict[str, bool] = {}
        for scene in scenes:
            for each in chosen_label_sets(scene, options):
                self._annotations.setdefault(each.label_set_id, [])
                predicted = each.kind == LabelSetKind.PREDICTIONS
                self._predicted.setdefault(each.label_set_id, predicted)

    def add(self, item: ImageItem) -> None:
        """Add an image and its labels."""
        number = len(self._images) + 1
        row: dict[str, Any] = {
            "id": number,
            "file_name": item.stem + item.suffix,
            "width": item.width_px,
            "height": item.height_px,
        }
        if item.frame.timestamp_ns is not None:
            row["timestamp_ns"] = item.frame.timestamp_ns
        if item.sensor_id != IMAGE:
            row |= {
                "scene": item.scene.scene_id,
                "frame": item.frame.key,
                "camera": item.sensor_id,
            }
        self._images.append(row)
        for label_set_id, labels in item.labels.items():
            rows = self._annotations[label_set_id]
            for label in labels:
                where = f"{item.scene.scene_id}/{label_set_id}"
                own = self._annotation(label, number, len(rows) + 1, where)
                if self._predicted[label_set_id]:
                    own["score"] = 1.0 if math.isnan(label.score) else label.score
                    if math.isnan(label.score):
                        text = "COCO's results have one; 1 is written"
                        self._losses.add("label without a confidence", where, text)
                elif not math.isnan(label.score):
                    own["score"] = label.score
                rows.append(own)

    def files(self) -> list[tuple[str, object]]:
        """Return names and contents; the first file has the images in every case."""
        taken: set[str] = set()
        found: list[tuple[str, object]] = []
        head = {
            "info": {"description": "written by Sightline"},
            "licenses": [],
            "images": self._images,
            "categories": self._categories.rows(),
        }
        truths = [name for name, predicted in self._predicted.items() if not predicted]
        if not truths:
            found.append(("annotations/images.json", {**head, "annotations": []}))
            taken.add("images")
        for name, rows in self._annotations.items():
            path = f"annotations/{free_name(file_stem(name), taken)}.json"
            found.append((path, rows if self._predicted[name] else {**head, "annotations": rows}))
        return found

    def _annotation(
        self, label: ImageLabel, image_id: int, annotation_id: int, where: str
    ) -> dict[str, Any]:
        row: dict[str, Any] = {
            "id": annotation_id,
            "image_id": image_id,
            "category_id": self._categories.of(label.class_name),
            "iscrowd": int(label.is_crowd),
        }
        if label.label_id != str(annotation_id):
            self._losses.add("label id", where, "COCO numbers annotations")
        attributes = dict(label.attributes)
        stored = attributes.pop("bbox", None)
        if label.track_id is not None:
            attributes["track_id"] = label.track_id
        if label.rotated is not None:
            attributes["rotation"] = math.degrees(label.rotated[4]) % 360.0
            self._losses.add("2D label: rotated box", where, "COCO has none; becomes a polygon")
        if label.box_px is None:
            row |= {"bbox": [], "segmentation": [], "area": 0.0}
        else:
            left, top, right, bottom = label.box_px
            row["bbox"] = [left, top, right - left, bottom - top]
            row["area"] = (right - left) * (bottom - top)
            row["segmentation"] = []
        if isinstance(stored, list) and len(stored) == 4:
            row["bbox"] = stored
        if label.rings:
            row["segmentation"] = [ring.ravel().tolist() for ring in label.rings]
            row["area"] = sum(map(ring_area_px, label.rings))
        if label.runs is not None:
            runs = label.runs
            counts = packed_counts(counts_from_runs(runs))
            row["segmentation"] = {"size": [runs.height_px, runs.width_px], "counts": counts}
            row["area"] = float(runs.area_px)
        if label.keypoints is not None:
            self._add_keypoints(row, label, where)
        if attributes:
            row["attributes"] = _plain(attributes)
        return row

    def _add_keypoints(self, row: dict[str, Any], label: ImageLabel, where: str) -> None:
        assert label.keypoints is not None
        known = np.isfinite(label.keypoints).all(axis=1)
        states = np.where(known, np.asarray(label.visibilities), 0)
        places = np.where(states[:, None] > 0, label.keypoints, 0.0)
        row["keypoints"] = [
            number
            for (x, y), state in zip(places.tolist(), states.tolist(), strict=True)
            for number in (x, y, int(state))
        ]
        row["num_keypoints"] = int(np.count_nonzero(states))
        if not label.keypoint_names:
            return
        skeleton = Skeleton(tuple(label.keypoint_names), tuple(label.skeleton))
        if not self._categories.set_skeleton(label.class_name, skeleton):
            self._losses.add("skeleton", where, "COCO has one a class; another stands there")


class CategoryNumbers:
    """Numbers of classes: the class maps' own where they are free, else the next from 1."""

    def __init__(self, class_maps: Sequence[ClassMap]) -> None:
        self._numbers: dict[str, int] = {}
        self._parents: dict[str, str] = {}
        self._skeletons: dict[str, Skeleton] = {}
        for class_map in class_maps:
            for entry in class_map.entries:
                own = entry.class_id
                if own is not None and own >= 0 and own not in self._numbers.values():
                    self._numbers.setdefault(entry.name, own)
                if entry.parent is not None:
                    self._parents.setdefault(entry.name, entry.parent)
                if entry.skeleton is not None:
                    self._skeletons.setdefault(entry.name, entry.skeleton)
        for class_map in class_maps:
            for entry in class_map.entries:
                self.of(entry.name)

    def of(self, name: str) -> int:
        """Return the number of a class."""
        if name not in self._numbers:
            self._numbers[name] = max(self._numbers.values(), default=0) + 1
        return self._numbers[name]

    def set_skeleton(self, name: str, skeleton: Skeleton) -> bool:
        """Give a class a skeleton; False when it has another."""
        return self._skeletons.setdefault(name, skeleton) == skeleton

    def rows(self) -> list[dict[str, Any]]:
        """Return the categories in the order of their numbers."""
        found = []
        for name, number in sorted(self._numbers.items(), key=lambda pair: pair[1]):
            row: dict[str, Any] = {"id": number, "name": name}
            row["supercategory"] = self._parents.get(name, "")
            skeleton = self._skeletons.get(name)
            if skeleton is not None:
                row["keypoints"] = list(skeleton.keypoint_names)
                row["skeleton"] = [[first + 1, last + 1] for first, last in skeleton.bones]
            found.append(row)
        return found


def _copy(
    scene: Scene,
    reader: CocoReader,
    draft: Path | None,
    context: JobContext,
    options: WriteOptions,
    losses: LossLog,
) -> None:
    """Copy the files of the chosen label sets as they are, and the images that they name."""
    note_left_out_label_sets(scene, options, losses)
    chosen = {each.label_set_id for each in chosen_label_sets(scene, options)}
    files = {reader.files[0].path: None}
    files |= {source.file.path: None for name, source in reader.sources.items() if name in chosen}
    taken: set[str] = set()
    for path in files:
        _copy_file(path, draft, f"annotations/{free_name(path.stem, taken)}.json", losses)
    for frame in context.track(scene.frames, "Copying"):
        if frame.images:
            name = reader.images[frame.index].file_name.replace("\\", "/")
            if inner_path(name) is None:
                losses.add("image", name, "lies outside the dataset; its address is kept")
                continue
            _copy_file(reader.image_path(frame.index), draft, f"images/{name}", losses)


def _copy_file(path: Path, draft: Path | None, name: str, losses: LossLog) -> None:
    try:
        if draft is None:
            with path.open("rb"):
                return
        target = draft / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    except OSError as error:
        damage = DamagedData(path, "", f"cannot be read: {error.strerror or error}")
        losses.add_unreadable(damage.as_problem())


def _plain(value: Any) -> Any:  # noqa: ANN401 - any attribute
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
