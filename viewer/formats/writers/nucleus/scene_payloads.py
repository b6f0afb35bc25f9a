"""Scenes of any format as the payloads that the client would upload."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from viewer.formats.base import DamagedData
from viewer.formats.native.paths import file_stem
from viewer.formats.nucleus.item_metadata import INDEPENDENT
from viewer.formats.nucleus.label_index import ANNOTATIONS_ID
from viewer.formats.writers.base import (
    WriteOptions,
    chosen_label_sets,
    note_left_out_label_sets,
)
from viewer.formats.writers.losses import LossLog
from viewer.formats.writers.nucleus.json_lists import JsonList
from viewer.formats.writers.nucleus.label_file import LabelFile
from viewer.formats.writers.nucleus.plain_values import plain_metadata
from viewer.formats.writers.nucleus.sensor_items import Item, SensorItems
from viewer.formats.writers.scene_poses import unique_stems
from viewer.formats.writers.target_files import file_writer
from viewer.geometry.trajectory import Trajectory
from viewer.geometry.transform_tree import TransformTreeError
from viewer.progress import JobContext
from viewer.scene.class_map import ClassMap
from viewer.scene.labels import LabelSet, LabelSetKind
from viewer.scene.scene import Frame, Scene
from viewer.scene.tracks import TrackSource

LIDAR = "lidar"


class ScenePayloads:
    """One run: ``scenes.json``, ``items.json``, annotations, predictions, clouds and images.

    Parameters
    ----------
    root
        Folder to write into; None only notes the losses.
    """

    def __init__(self, root: Path | None, options: WriteOptions, losses: LossLog) -> None:
        self._root = root
        self._options = options
        self._losses = losses
        self._write = file_writer(root)
        self._refs = _Names()
        self._taxonomies: dict[str, dict[str, None]] = {}
        self._stack = ExitStack()
        self._lists: dict[tuple[str, str], JsonList] = {}

    def run(self, scenes: Sequence[Scene], context: JobContext) -> None:
        """Write scenes."""
        with self._stack:
            scene_refs = [self._refs.take(scene.scene_id, "") for scene in scenes]
            folders = unique_stems([file_stem(scene.scene_id) for scene in scenes])
            for scene, ref, folder in zip(scenes, scene_refs, folders, strict=True):
                self._scene(scene, ref, folder, context)
            for name, labels in self._taxonomies.items():
                self._list("taxonomies.json", "taxonomies").add(
                    {
                        "taxonomy_name": name,
                        "type": "category",
                        "labels": list(labels),
                        "update": False,
                    }
                )

    def _scene(self, scene: Scene, ref: str, folder: str, context: JobContext) -> None:
        losses = self._losses
        _note_scene(scene, ref, losses)
        note_left_out_label_sets(scene, self._options, losses)
        items = SensorItems(
            scene, folder, _stems(scene), self._write, losses, data=not self._options.labels_only
        )
        labels = [
            LabelFile(
                scene, label_set, ref, f"masks/{folder}/{stem}", losses, predicted=predicted,
                add_row=partial(self._add_label, stem, predicted=predicted), write=self._write,
            )
            for label_set, stem, predicted in self._named_label_sets(scene)
        ]  # fmt: skip
        as_items = scene.independent and not scene.lidar_ids and len(scene.camera_ids) == 1
        frames: list[dict[str, Item]] = []
        for frame in context.track(scene.frames, "Writing Scale Nucleus"):
            written, refs, cloud_ref = self._frame(scene, frame, items, as_items=as_items)
            frames.append(written)
            for each in labels:
                each.add(frame, items.poses, refs, cloud_ref)
        if not as_items and not self._options.labels_only:
            self._list("scenes.json", "scenes").add(self._scene_row(scene, ref, frames))

    def _frame(
        self, scene: Scene, frame: Frame, items: SensorItems, *, as_items: bool
    ) -> tuple[dict[str, Item], dict[str, str], str]:
        """Return the items by sensor, the ids of its images, and that of its cloud."""
        refs: dict[str, str] = {}
        written: dict[str, Item] = {}
        key = self._refs.take(frame.key, scene.scene_id)
        if key != frame.key:
            self._losses.add("frame name", scene.scene_id, "is taken in the dataset; gets a prefix")
        if as_items:
            for image in frame.images:
                item = items.lone_image(frame, image, key)
                refs[image.sensor_id] = key
                if item is not None and not self._options.labels_only:
                    self._list("items.json", "items").add(item)
            return {}, refs, ""
        lidar = next((each.sensor_id for each in frame.sweeps), next(iter(scene.lidar_ids), LIDAR))
        lidar = self._lidar_name(scene, lidar)
        written[lidar] = items.cloud(frame, key)
        for image in frame.images:
            own = self._refs.take(f"{key}/{image.sensor_id}", scene.scene_id)
            item = items.image(frame, image, own)
            if item is not None:
                refs[image.sensor_id] = own
                written[image.sensor_id] = item
        return written, refs, key

    def _lidar_name(self, scene: Scene, first: str) -> str:
        """Return one name for the whole scene, as the format wants it."""
        if len(scene.lidar_ids) <= 1:
            return scene.lidar_ids[0] if scene.lidar_ids else first
        return LIDAR if LIDAR not in scene.camera_ids else "joined lidar"

    def _scene_row(self, scene: Scene, ref: str, frames: list[dict[str, Item]]) -> dict[str, Any]:
        row: dict[str, Any] = {"reference_id": ref, "frames": frames}
        metadata = plain_metadata(scene.metadata, scene.scene_id, self._losses)
        if scene.independent:
            metadata[INDEPENDENT] = True
        if metadata:
            row["metadata"] = metadata
        tracks = self._tracks(scene)
        if tracks:
            row["tracks"] = tracks
        return row

    def _tracks(self, scene: Scene) -> list[dict[str, Any]]:
        if not isinstance(scene.reader, TrackSource):
            return []
        found: dict[str, dict[str, Any]] = {}
        for label_set in chosen_label_sets(scene, self._options):
            for track in scene.reader.read_tracks(label_set.label_set_id):
                where = f"{scene.scene_id}/{label_set.label_set_id}"
                why = "a track has a name and metadata"
                self._losses.add("keyframe of a track", where, why, len(track.keyframes))
                self._losses.add("visible interval of a track", where, why, len(track.visible))
                if track.attributes:
                    metadata = plain_metadata(track.attributes, where, self._losses)
                    row = {"reference_id": track.track_id, "dataset_id": "", "metadata": metadata}
                    found.setdefault(track.track_id, row)
        return list(found.values())

    def _named_label_sets(self, scene: Scene) -> list[tuple[LabelSet, str, bool]]:
        """Return (label set, file stem, predicted); the format has one ground truth."""
        chosen = chosen_label_sets(scene, self._options)
        found: list[tuple[LabelSet, str, bool]] = []
        stems = unique_stems([ANNOTATIONS_ID, *(file_stem(each.label_set_id) for each in chosen)])
        truth_taken = False
        for each, stem in zip(chosen, stems[1:], strict=True):
            where = f"{scene.scene_id}/{each.label_set_id}"
            predicted = each.kind == LabelSetKind.PREDICTIONS or truth_taken
            if predicted and each.kind != LabelSetKind.PREDICTIONS:
                why = "there is one ground truth; becomes predictions"
                self._losses.add("label set", where, why)
            elif each.kind == LabelSetKind.UNLABELLED:
                self._losses.add("label set", where, "becomes the ground truth")
            name = stem if predicted else ANNOTATIONS_ID
            if name != each.label_set_id:
                self._losses.add("name of a label set", where, f"becomes {name}")
            truth_taken |= not predicted
            found.append((each, name, predicted))
        return found

    def _list(self, name: str, key: str) -> JsonList:
        """Return the file of a list, opened once."""
        if (name, key) not in self._lists:
            path = None if self._root is None else self._root / name
            self._lists[name, key] = self._stack.enter_context(JsonList(path, key))
        return self._lists[name, key]

    def _add_label(self, stem: str, row: dict[str, Any], *, predicted: bool) -> None:
        """Write a row of annotations or predictions; masks stand in a list of their own."""
        name = f"predictions/{stem}.json" if predicted else f"{stem}.json"
        rows = self._list(name, "predictions" if predicted else "annotations")
        if row["type"] == "mask":
            rows.add_beside("segmentations", row)
        else:
            rows.add(row)
        taxonomy = row.get("taxonomy_name")
        if taxonomy is not None:
            self._taxonomies.setdefault(taxonomy, {})[row["label"]] = None


def _note_scene(scene: Scene, ref: str, losses: LossLog) -> None:
    """Note what has no place in a scene as a whole."""
    if scene.scene_id != ref:
        losses.add("scene name", scene.scene_id, f"becomes {ref}")
    if scene.description:
        losses.add("description", scene.scene_id, "Nucleus has no place for it")
    usual = ClassMap.from_names(scene.class_map.names)
    pairs = zip(scene.class_map.entries, usual.entries, strict=True)
    changed = sum(1 for given, own in pairs if given != own)
    losses.add("colour or other fact of a class", scene.scene_id, "classes are names", changed)
    for frame in scene.frames:
        for other in frame.others:
            losses.add(f"{other.kind.value} file", scene.scene_id, "has no place in a frame")
    for frame in scene.frames[:1]:
        try:
            rig = scene.reader.read_rig(frame.index)
        except (DamagedData, TransformTreeError):
            continue
        if any(isinstance(each, Trajectory) for each in rig.transforms.edges):
            losses.add("motion of the vehicle", scene.scene_id, "all is given in world")


class _Names:
    """Reference ids, each once in the dataset."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, name: str, prefix: str) -> str:
        """Return a name, with the prefix or a number where it is taken."""
        found = name or prefix or "unnamed"
        if found in self._taken and prefix:
            found = f"{prefix}/{found}"
        number = 1
        base = found
        while found in self._taken:
            number += 1
            found = f"{base} {number}"
        self._taken.add(found)
        return found


def _stems(scene: Scene) -> Callable[[str], str]:
    """Return what names the folder of a sensor."""
    names = unique_stems([file_stem(sensor_id) for sensor_id in scene.camera_ids])
    by_sensor = dict(zip(scene.camera_ids, names, strict=True))
    return lambda sensor_id: by_sensor.get(sensor_id) or file_stem(sensor_id)
