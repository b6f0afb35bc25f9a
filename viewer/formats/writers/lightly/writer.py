"""Writes scenes as Lightly datasets."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import msgspec

from viewer.formats.base import DamagedData
from viewer.formats.edited_reader import as_delivered
from viewer.formats.images import decode_image
from viewer.formats.lightly.custom_metadata import document_of, nested
from viewer.formats.lightly.format import LightlyFormat
from viewer.formats.lightly.predictions import TaskType
from viewer.formats.lightly.reader import LightlyReader
from viewer.formats.lightly.side_files import HIDDEN, METADATA, PREDICTIONS
from viewer.formats.native.image_file import encoded_image
from viewer.formats.native.paths import file_stem
from viewer.formats.writers.base import (
    SceneWriter,
    WriteJob,
    WriteOptions,
    chosen_label_sets,
    note_left_out_label_sets,
    read_labels,
)
from viewer.formats.writers.edited_files import EditedFiles
from viewer.formats.writers.file_copy import copy_file
from viewer.formats.writers.lightly.edited_rows import edited_rows
from viewer.formats.writers.lightly.singletons import TITLE, Categories, ImageSingletons
from viewer.formats.writers.losses import LossLog
from viewer.formats.writers.target_files import write_file
from viewer.progress import JobContext
from viewer.scene.class_map import Skeleton
from viewer.scene.labels import FrameLabels, LabelSetKind
from viewer.scene.metadata import FrameMetadata, GeoPosition, metadata_type_of
from viewer.scene.scene import Frame, Scene

LIST_NAME, METADATA_NAME = "filenames.txt", "metadata.json"
_KINDS = {"text": "CATEGORICAL_STRING", "number": "NUMERIC_FLOAT", "boolean": "CATEGORICAL_BOOLEAN"}
Rows = dict[str, list[dict[str, Any]]]


class LightlyWriter(SceneWriter):
    """``SCENE/CAMERA/FRAME.jpg``, a task a label set and type under ``.lightly/predictions``.

    A dataset that was read from Lightly files is copied value for value, side files included; of
    singletons that a reviewer changed class and box are other.
    """

    name: ClassVar[str] = LightlyFormat.name
    title: ClassVar[str] = LightlyFormat.title
    holds: ClassVar[str] = (
        "images, their 2D boxes, masks, keypoints and classes as predictions with a confidence,"
        " metadata of images, an ordered list of names"
    )
    many_scenes: ClassVar[bool] = True
    images_only: ClassVar[bool] = True

    def _write(self, scenes: Sequence[Scene], job: WriteJob) -> None:
        foreign = []
        for scene in scenes:
            note_left_out_label_sets(scene, job.options, job.losses)
            reader = as_delivered(scene.reader)
            if isinstance(reader, LightlyReader):
                chosen = {each.label_set_id for each in chosen_label_sets(scene, job.options)}
                edited = edited_rows(scene, job.losses)
                _copy(reader, reader.side.root, chosen, job.draft, job.context, job.losses, edited)
            else:
                foreign.append(scene)
        job.make_folder()
        if foreign:
            _Run(foreign, job.draft, job.options, job.losses).run(job.context)


class _Run:
    """One run over scenes that come from elsewhere."""

    def __init__(
        self, scenes: Sequence[Scene], draft: Path | None, options: WriteOptions, losses: LossLog
    ) -> None:
        self._scenes = scenes
        self._draft = draft
        self._options = options
        self._losses = losses
        self._tasks: dict[str, tuple[TaskType, Categories]] = {}
        self._skeletons: dict[str, Skeleton] = {}
        self._categories: dict[str, Categories] = {}
        self._predictions: dict[str, Rows] = {}
        """By task, then by file name."""
        self._names: list[str] = []
        self._metadata: dict[str, dict[str, Any]] = {}

    def run(self, context: JobContext) -> None:
        taken: set[str] = set()
        for scene in self._scenes:
            folder = file_stem(scene.scene_id)
            while folder.casefold() in taken:
                folder += "_"
            taken.add(folder.casefold())
            self._note_scene(scene)
            stems = _stems(scene)
            for frame in context.track(scene.frames, "Writing Lightly"):
                self._write_frame(scene, frame, folder, stems[frame.index])
        self._write_tasks()
        for name in self._names:
            self._write_metadata(name)
        document = document_of({name: nested(each) for name, each in self._metadata.items()})
        self._write(METADATA_NAME, document)
        self._write(f"{HIDDEN}/{METADATA}/schema.json", self._schema())
        if self._draft is not None:
            text = "".join(f"{name}\n" for name in self._names)
            (self._draft / LIST_NAME).write_text(text, encoding="utf-8")

    def _note_scene(self, scene: Scene) -> None:
        for name in scene.lidar_ids:
            count = sum(each.sensor_id == name for frame in scene.frames for each in frame.sweeps)
            where = f"{scene.scene_id}/{name}"
            self._losses.add("point cloud", where, f"{TITLE} has images only", count)
        if len(scene.frames) > 1 and not scene.independent:
            self._losses.add("order in time", scene.scene_id, "images share no time")

    def _write_frame(self, scene: Scene, frame: Frame, folder: str, stem: str) -> None:
        metadata: dict[str, Any] = {}
        if isinstance(scene.reader, FrameMetadata):
            for key, value in scene.reader.read_frame_metadata(frame.index).items():
                metadata[key] = _plain(value)
        if frame.timestamp_ns is not None:
            metadata.setdefault("timestamp_ns", frame.timestamp_ns)
        names: dict[str, tuple[str, tuple[int, int]]] = {}
        for image in frame.images:
            try:
                data, suffix = encoded_image(scene.reader, frame.index, image.sensor_id)
                decoded = decode_image(data, image.source, 1)
            except DamagedData as damage:
                self._losses.add_unreadable(damage.as_problem())
                continue
            name = f"{folder}/{file_stem(image.sensor_id)}/{stem}{suffix}"
            size = (decoded.full_width_px, decoded.full_height_px)
            names[image.sensor_id] = (name, size)
            self._names.append(name)
            self._metadata[name] = metadata
            self._write(name, data)
        for label_set in chosen_label_sets(scene, self._options):
            labels = read_labels(scene, frame, label_set.label_set_id, self._losses)
            if labels is None:
                continue
            where = f"{scene.scene_id}/{label_set.label_set_id}"
            predicted = label_set.kind == LabelSetKind.PREDICTIONS
            if not predicted and frame.index == 0:
                self._losses.add("kind of a label set", where, "every label set is a prediction")
            self._note_rest(labels, set(names), where)
            self._add(scene, labels, label_set.label_set_id, names, where)

    def _add(
        self,
        scene: Scene,
        labels: FrameLabels,
        label_set_id: str,
        names: dict[str, tuple[str, tuple[int, int]]],
        where: str,
    ) -> None:
        categories = self._categories.setdefault(label_set_id, Categories(scene.class_map))
        maker = ImageSingletons(categories, self._skeletons, where, self._losses)
        for sensor_id, (name, size) in names.items():
            for task_type, row in maker.rows(labels, sensor_id, size):
                task = self._task(label_set_id, task_type, categories)
                self._predictions.setdefault(task, {}).setdefault(name, []).append(row)

    def _task(self, label_set_id: str, task_type: TaskType, categories: Categories) -> str:
        """Return the task of a label set and type: its name, with the type where it has several."""
        base = file_stem(label_set_id)
        own = self._tasks.get(base)
        name = base if own is None or own[0] == task_type else f"{base}-{task_type}"
        self._tasks.setdefault(name, (task_type, categories))
        return name

    def _note_rest(self, labels: FrameLabels, shown: set[str], where: str) -> None:
        losses = self._losses
        losses.add("cuboid", where, f"{TITLE} labels images only", len(labels.cuboids))
        losses.add("text token", where, f"{TITLE} has no such labels", len(labels.text_tokens))
        losses.add("point classes", where, f"{TITLE} has no such labels", len(labels.point_classes))
        losses.add("link", where, f"{TITLE} links no labels", len(labels.links))
        owners = [*labels.boxes_2d.sensor_ids, *labels.shapes_2d.sensor_ids]
        owners += [mask.sensor_id for mask in labels.masks]
        unplaced = sum(1 for owner in owners if owner not in shown)
        losses.add("2D label", where, "the frame has no image of its camera", unplaced)
        other = [e for e in labels.classifications if e.target not in shown]
        losses.add("classification", where, f"{TITLE} classifies images only", len(other))

    def _write_tasks(self) -> None:
        folder = f"{HIDDEN}/{PREDICTIONS}"
        self._write(f"{folder}/tasks.json", list(self._tasks))
        for task, (task_type, categories) in self._tasks.items():
            skeletons = self._skeletons if task_type == TaskType.KEYPOINT_DETECTION else None
            schema = {"task_type": str(task_type), "categories": categories.rows(skeletons)}
            self._write(f"{folder}/{task}/schema.json", schema)
            for name, rows in self._predictions.get(task, {}).items():
                for row in rows:
                    if "probabilities" in row:
                        missing = len(categories.numbers) - len(row["probabilities"])
                        row["probabilities"] += [0.0] * missing
                document = {"file_name": name, "predictions": rows}
                self._write(f"{folder}/{task}/{name.rpartition('.')[0]}.json", document)

    def _write_metadata(self, name: str) -> None:
        document = {"file_name": name, "type": "image", "metadata": nested(self._metadata[name])}
        self._write(f"{HIDDEN}/{METADATA}/{name.rpartition('.')[0]}.json", document)

    def _schema(self) -> list[dict[str, Any]]:
        kinds: dict[str, str] = {}
        for each in self._metadata.values():
            for key, value in each.items():
                kinds.setdefault(key, _KINDS.get(str(metadata_type_of(value)), "OTHER_STRING"))
        return [
            {"name": key, "path": key, "default_value": None, "value_data_type": kind}
            for key, kind in kinds.items()
        ]

    def _write(self, name: str, content: object) -> None:
        if self._draft is not None:
            data = content if isinstance(content, bytes) else msgspec.json.encode(content)
            write_file(self._draft, name, data)


def _copy(
    reader: LightlyReader,
    root: Path,
    label_sets: set[str],
    draft: Path | None,
    context: JobContext,
    losses: LossLog,
    edited: EditedFiles,
) -> None:
    """Copy a dataset's images and side files; tasks that were not chosen stay behind."""
    side = reader.side
    left_out = [side.folder / PREDICTIONS / name for name in side.tasks if name not in label_sets]
    names = [frame.key for frame in reader.frames if frame.images]
    images = [root / name for name in names if name not in reader.mapped]
    for path in reader.mapped.values():
        losses.add("image", str(path), "lies outside the dataset; its name is kept")
    hidden = [path for path in sorted(side.folder.rglob("*")) if path.is_file()]
    outer = [path for path in side.paths if not path.is_relative_to(side.folder)]
    for path in context.track([*images, *outer, *hidden], "Copying"):
        if any(path.is_relative_to(each) for each in left_out):
            continue
        copy_file(path, draft, path.relative_to(root).as_posix(), losses, edited)
    if left_out and draft is not None and (draft / HIDDEN / PREDICTIONS).is_dir():
        kept = [name for name in side.tasks if name in label_sets]
        (draft / HIDDEN / PREDICTIONS / "tasks.json").write_bytes(msgspec.json.encode(kept))


def _stems(scene: Scene) -> list[str]:
    stems = [file_stem(frame.key) for frame in scene.frames]
    if len({stem.casefold() for stem in stems}) < len(stems):
        return [f"{index:06d}" for index in range(len(stems))]
    return stems


def _plain(value: Any) -> Any:  # noqa: ANN401 - any metadata
    if isinstance(value, GeoPosition):
        return msgspec.to_builtins(value)
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
