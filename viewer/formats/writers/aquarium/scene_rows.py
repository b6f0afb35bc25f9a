"""Scenes of any format as Aquarium's streaming files."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

import msgspec

from viewer.formats.aquarium.frame_metadata import DEVICE, LATITUDE, LONGITUDE
from viewer.formats.base import DamagedData
from viewer.formats.native.paths import file_stem
from viewer.formats.writers.aquarium.coord_frame_rows import CoordFrameRows
from viewer.formats.writers.aquarium.label_rows import LabelRows
from viewer.formats.writers.aquarium.names import UniqueNames, iso_date, word
from viewer.formats.writers.aquarium.project_file import class_ids, joined_classes, project_row
from viewer.formats.writers.aquarium.sensor_rows import SensorRows
from viewer.formats.writers.base import (
    WriteOptions,
    chosen_label_sets,
    note_left_out_label_sets,
)
from viewer.formats.writers.losses import LossLog
from viewer.formats.writers.nucleus.plain_values import plain_value
from viewer.formats.writers.scene_poses import ScenePoses, unique_stems
from viewer.geometry.transform_tree import TransformTree
from viewer.progress import JobContext
from viewer.scene.labels import LabelSet, LabelSetKind
from viewer.scene.metadata import FrameMetadata, GeoPosition
from viewer.scene.scene import Frame, Scene

SCENE_KEY = "user__scene"
DEFAULT_DEVICE = "default_device"
_TYPES = {bool: "bool", int: "int", float: "float", str: "str"}


class SceneRows:
    """One run: ``frames.jsonl``, ``labels.jsonl``, ``inferences/SET.jsonl``, ``project.json``.

    Parameters
    ----------
    root
        Folder to write into; None only notes the losses.
    """

    def __init__(self, root: Path | None, options: WriteOptions, losses: LossLog) -> None:
        self._root = root
        self._options = options
        self._losses = losses
        self._frame_ids = UniqueNames("frame name", losses)
        self._label_ids = UniqueNames("label id", losses)
        self._class_ids: dict[str, int] = {}
        self._files: dict[str, IO[bytes]] = {}
        self._stack = ExitStack()

    def run(self, scenes: Sequence[Scene], context: JobContext) -> None:
        """Write scenes."""
        entries = joined_classes(scenes)
        self._class_ids = class_ids(entries)
        if self._root is not None:
            self._root.mkdir(parents=True, exist_ok=True)
            row = project_row(scenes[0].scene_id, entries)
            (self._root / "project.json").write_bytes(
                msgspec.json.format(msgspec.json.encode(row), indent=1)
            )
        folders = unique_stems([file_stem(scene.scene_id) for scene in scenes])
        with self._stack:
            for scene, folder in zip(scenes, folders, strict=True):
                self._scene(scene, folder, context)

    def _scene(self, scene: Scene, folder: str, context: JobContext) -> None:
        note_left_out_label_sets(scene, self._options, self._losses)
        self._losses.add(
            "scene metadata", scene.scene_id, "Aquarium has none, only frames do",
            len(scene.metadata),
        )  # fmt: skip
        poses = ScenePoses(scene, self._losses)
        data_root = None if self._options.labels_only else self._root
        sensors = SensorRows(scene, data_root, folder, self._losses)
        label_sets = [
            (label_set, self._file_of(label_set, scene), self._rows_of(label_set, scene))
            for label_set in chosen_label_sets(scene, self._options)
        ]
        for frame in context.track(scene.frames, "Writing Aquarium"):
            task_id = self._frame_ids.take(frame.key, scene.scene_id, scene.scene_id)
            rig = poses.rig(frame)
            tree = TransformTree() if rig is None else rig.transforms
            coord_frames = CoordFrameRows(tree, frame.timestamp_ns, scene.scene_id, self._losses)
            sensor_rows = sensors.rows(frame, rig, coord_frames)
            for label_set, file, rows in label_sets:
                place = f"masks/{folder}/{word(label_set.label_set_id)}/{frame.index:06d}"
                self._labels(scene, frame, label_set, file, rows, task_id, coord_frames, place)
            self._add("frames.jsonl", self._frame_row(scene, frame, task_id) | {
                "coordinate_frames": coord_frames.rows(), "sensor_data": sensor_rows,
            })  # fmt: skip

    def _frame_row(self, scene: Scene, frame: Frame, task_id: str) -> dict[str, Any]:
        facts: Mapping[str, Any] = {}
        if isinstance(scene.reader, FrameMetadata):
            try:
                facts = scene.reader.read_frame_metadata(frame.index)
            except DamagedData as damage:
                self._losses.add_unreadable(damage.as_problem())
        row: dict[str, Any] = {"task_id": task_id}
        if frame.timestamp_ns is not None:
            row["date_captured"] = iso_date(frame.timestamp_ns)
        device = facts.get(DEVICE)
        row["device_id"] = device if isinstance(device, str) else DEFAULT_DEVICE
        row["geo_data"] = {}
        row["reuse_latest_embedding"] = False
        own = {} if scene.independent else {SCENE_KEY: scene.scene_id}
        for key, value in facts.items():
            if isinstance(value, GeoPosition):
                row["geo_data"] = {LATITUDE: value.latitude_deg, LONGITUDE: value.longitude_deg}
            elif key != DEVICE:
                self._add_fact(own, str(key), value, scene.scene_id)
        row |= own
        row["user_metadata_types"] = {key: _type_name(value) for key, value in own.items()}
        row["user_metadata_modes"] = {
            key: "list" if isinstance(value, list) else "scalar" for key, value in own.items()
        }
        row["change"] = "ADD"
        return row

    def _add_fact(self, own: dict[str, Any], key: str, value: object, where: str) -> None:
        plain = plain_value(value, f"metadata {key!r}", where, self._losses)
        items = plain if isinstance(plain, list) else [plain]
        kinds = {type(item) for item in items}
        if not items or len(kinds) != 1 or not kinds <= _TYPES.keys():
            why = "Aquarium has texts, numbers and flags, or lists of one of them"
            self._losses.add(f"metadata {key!r}", where, why)
        else:
            own.setdefault(f"user__{key}", plain)

    def _labels(
        self,
        scene: Scene,
        frame: Frame,
        label_set: LabelSet,
        file: str,
        rows: LabelRows,
        task_id: str,
        coord_frames: CoordFrameRows,
        place: str,
    ) -> None:
        try:
            labels = scene.reader.read_labels(frame.index, label_set.label_set_id)
        except DamagedData as damage:
            self._losses.add_unreadable(damage.as_problem())
            return
        made = rows.rows(labels, task_id, coord_frames)
        for number, (row, image) in enumerate(rows.masks(labels, task_id, place)):
            if image:
                row["attributes"]["url"] = url = f"{place}_{number}.png"
                self._write(url, image)
            made.append(row)
        if label_set.kind == LabelSetKind.PREDICTIONS:
            self._add(
                file,
                {
                    "task_id": task_id,
                    "type": "Inference",
                    "custom_metrics": {},
                    "inference_metadata": {"visualization_assets": {}, "user_metadata": {}},
                    "inference_data": made,
                    "reuse_latest_embedding": False,
                    "change": "ADD",
                },
            )
        elif made:
            self._add(file, {"task_id": task_id, "label_data": made, "type": "GT"})

    def _file_of(self, label_set: LabelSet, scene: Scene) -> str:
        if label_set.kind == LabelSetKind.PREDICTIONS:
            return f"inferences/{word(label_set.label_set_id)}.jsonl"
        truths = [
            each for each in chosen_label_sets(scene, self._options)
            if each.kind != LabelSetKind.PREDICTIONS
        ]  # fmt: skip
        if len(truths) > 1:
            why = "Aquarium has one set of labels; they are joined"
            self._losses.add("label set", f"{scene.scene_id}/{label_set.label_set_id}", why)
        return "labels.jsonl"

    def _rows_of(self, label_set: LabelSet, scene: Scene) -> LabelRows:
        return LabelRows(
            self._label_ids,
            f"{scene.scene_id}/{label_set.label_set_id}",
            self._losses,
            predicted=label_set.kind == LabelSetKind.PREDICTIONS,
            class_ids=self._class_ids,
        )

    def _add(self, name: str, row: Mapping[str, Any]) -> None:
        if self._root is None:
            return
        file = self._files.get(name)
        if file is None:
            path = self._root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            file = self._files[name] = self._stack.enter_context(path.open("wb"))
        file.write(msgspec.json.encode(row) + b"\n")

    def _write(self, name: str, data: bytes) -> None:
        if self._root is not None:
            path = self._root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)


def _type_name(value: object) -> str:
    first = value[0] if isinstance(value, list) else value
    return _TYPES[type(first)]
