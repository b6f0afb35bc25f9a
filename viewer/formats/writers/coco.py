"""Writes scenes as COCO: images, and a file of annotations a label set."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import msgspec

from viewer.formats.coco.format import CocoFormat
from viewer.formats.coco.reader import CocoReader
from viewer.formats.image_set import IMAGE, inner_path
from viewer.formats.native.paths import file_stem
from viewer.formats.source_rows import SourceRow, SourceRows
from viewer.formats.writers.base import (
    SceneWriter,
    WriteJob,
    WriteOptions,
    chosen_label_sets,
    note_left_out_label_sets,
)
from viewer.formats.writers.coco_rows import (
    AnnotationRows,
    CategoryNumbers,
    number_rows,
    plain_value,
)
from viewer.formats.writers.file_copy import copy_file
from viewer.formats.writers.image_export import ImageItem, export_items, free_name
from viewer.formats.writers.losses import LossLog
from viewer.formats.writers.target_files import write_file
from viewer.scene.labels import LabelSetKind
from viewer.scene.metadata import FrameMetadata
from viewer.scene.scene import Scene

TITLE = CocoFormat.title


class CocoWriter(SceneWriter):
    """``images/`` and ``annotations/LABEL_SET.json``; predictions are lists of results.

    A COCO scene that is written alone is copied value for value; labels of it that others join keep
    the values of their rows, unknown keys too. Masks become packed run lengths. Images without
    labels stay in the list of images. Cuboids become the boxes that the lens shows, with the
    attributes ``from_cuboid`` and ``truncated``. Metadata of frames are keys of their images.
    """

    name: ClassVar[str] = CocoFormat.name
    title: ClassVar[str] = TITLE
    holds: ClassVar[str] = (
        "images, 2D boxes, polygons, keypoints with skeletons, masks, classes of images,"
        " attributes; cuboids as boxes"
    )
    many_scenes: ClassVar[bool] = True
    images_only: ClassVar[bool] = True

    def _write(self, scenes: Sequence[Scene], job: WriteJob) -> None:
        job.make_folder()
        if len(scenes) == 1 and isinstance(scenes[0].reader, CocoReader):
            _copy(scenes[0], scenes[0].reader, job)
            return
        documents = _Documents(scenes, job.options, job.losses)
        for item in export_items(scenes, TITLE, job, keeps_metadata=True):
            write_file(job.draft, f"images/{item.stem}{item.suffix}", item.data)
            documents.add(item)
        for name, content in documents.files():
            write_file(job.draft, name, msgspec.json.encode(content))


class _Documents:
    """Collects the annotations of every label set."""

    def __init__(self, scenes: Sequence[Scene], options: WriteOptions, losses: LossLog) -> None:
        self._losses = losses
        self._images: list[dict[str, Any]] = []
        self._categories = CategoryNumbers([scene.class_map for scene in scenes])
        self._rows = AnnotationRows(self._categories, losses)
        self._annotations: dict[str, list[dict[str, Any]]] = {}
        self._predicted: dict[str, bool] = {}
        self._owners: dict[str, list[tuple[str, str]]] = defaultdict(list)
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
        self._add_metadata(row, item)
        self._images.append(row)
        reader, index = item.scene.reader, item.frame.index
        for label_set_id, labels in item.labels.items():
            rows = self._annotations[label_set_id]
            where = f"{item.scene.scene_id}/{label_set_id}"
            sources: Mapping[str, SourceRow] = {}
            if isinstance(reader, SourceRows):
                sources = reader.read_source_rows(index, label_set_id)
            for own, label in self._rows.of(labels, number, where, sources):
                if self._predicted[label_set_id] and math.isnan(label.score):
                    own["score"] = 1.0
                    text = "COCO's results have one; 1 is written"
                    self._losses.add("label without a confidence", where, text)
                rows.append(own)
                self._owners[label_set_id].append((label.label_id, where))

    def _add_metadata(self, row: dict[str, Any], item: ImageItem) -> None:
        """Put a frame's metadata to its first image, as far as no key of ours is in the way."""
        if not isinstance(item.scene.reader, FrameMetadata):
            return
        for key, value in item.scene.reader.read_frame_metadata(item.frame.index).items():
            if key in row:
                if row[key] != value:
                    why = "COCO's own key of an image is in the way"
                    self._losses.add(f"metadata {key!r}", item.scene.scene_id, why)
                continue
            row[key] = plain_value(value)

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
            owners = self._owners[name]
            for index in number_rows(rows, [label_id for label_id, _ in owners]):
                self._losses.add("label id", owners[index][1], "COCO numbers annotations")
            path = f"annotations/{free_name(file_stem(name), taken)}.json"
            found.append((path, rows if self._predicted[name] else {**head, "annotations": rows}))
        return found


def _copy(scene: Scene, reader: CocoReader, job: WriteJob) -> None:
    """Copy the files of the chosen label sets as they are, and the images that they name."""
    draft, losses = job.draft, job.losses
    note_left_out_label_sets(scene, job.options, losses)
    chosen = {each.label_set_id for each in chosen_label_sets(scene, job.options)}
    files = {reader.files[0].path: None}
    files |= {source.file.path: None for name, source in reader.sources.items() if name in chosen}
    taken: set[str] = set()
    for path in files:
        copy_file(path, draft, f"annotations/{free_name(path.stem, taken)}.json", losses)
    for frame in job.context.track(scene.frames, "Copying"):
        if frame.images:
            name = reader.images[frame.index].file_name.replace("\\", "/")
            if inner_path(name) is None:
                losses.add("image", name, "lies outside the dataset; its address is kept")
                continue
            copy_file(reader.image_path(frame.index), draft, f"images/{name}", losses)
