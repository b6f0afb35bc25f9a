"""Writes scenes as Dataloop exports."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import msgspec

from viewer.formats.base import DamagedData
from viewer.formats.dataloop.format import DataloopFormat
from viewer.formats.dataloop.layout import ITEMS, SHEETS
from viewer.formats.dataloop.reader import DataloopReader
from viewer.formats.edited_reader import as_delivered
from viewer.formats.native.image_file import encoded_image
from viewer.formats.native.paths import file_stem
from viewer.formats.native.pcd_file import write_pcd
from viewer.formats.writers.base import (
    SceneWriter,
    WriteJob,
    WriteOptions,
    chosen_label_sets,
    note_left_out_label_sets,
    read_labels,
)
from viewer.formats.writers.dataloop.copying import copy_scene
from viewer.formats.writers.dataloop.edited_rows import edited_sheets
from viewer.formats.writers.dataloop.ontology import NAME as ONTOLOGY
from viewer.formats.writers.dataloop.ontology import ontology_of
from viewer.formats.writers.dataloop.rows import ObjectIds, Row, annotation_of, plain
from viewer.formats.writers.dataloop.scene_files import SceneFiles
from viewer.formats.writers.dataloop.shape_rows import (
    cuboid_rows,
    frame_rows,
    image_rows,
    note_rest,
    parents_of,
)
from viewer.formats.writers.dataloop.spans import Spans
from viewer.formats.writers.losses import LossLog
from viewer.formats.writers.target_files import json_file, write_file
from viewer.geometry.transform import RigidTransform
from viewer.geometry.transform_tree import ROOT, TransformTreeError
from viewer.progress import JobContext
from viewer.scene.labels import FrameLabels, LabelSet, LabelSetKind
from viewer.scene.metadata import FrameMetadata
from viewer.scene.scene import Frame, Scene
from viewer.scene.sensors import CameraSensor, RangeSensorKind, Rig


class DataloopWriter(SceneWriter):
    """``items``, ``json`` with the second version's names, ``frames.json`` and ``mapping.json``.

    A scene that was read from Dataloop files is copied value for value, unknown keys included, but
    for what a reviewer changed. Of any other the cuboids of a track become one annotation with
    keyframes in world coordinates.
    """

    name: ClassVar[str] = DataloopFormat.name
    title: ClassVar[str] = DataloopFormat.title
    holds: ClassVar[str] = (
        "one lidar, images with bc, kb or mei lenses, tracked cuboids, every kind of 2D label but"
        " semantic masks, classifications, attributes, confidence of predictions"
    )
    many_scenes: ClassVar[bool] = True
    writes_labels_only: ClassVar[bool] = True

    def _write(self, scenes: Sequence[Scene], job: WriteJob) -> None:
        taken: set[str] = set()
        documents: dict[str, Any] = {}
        for scene in scenes:
            label_sets = chosen_label_sets(scene, job.options)
            note_left_out_label_sets(scene, job.options, job.losses)
            reader = as_delivered(scene.reader)
            if isinstance(reader, DataloopReader):
                chosen = None if job.options.label_set_id is None else label_sets
                edited = edited_sheets(scene, job.losses)
                copy_scene(reader, chosen, job, edited)
                continue
            name = file_stem(scene.scene_id)
            folder = next(
                each
                for n in range(len(scenes) + 1)
                if (each := f"{name}_{n}" if n else name) not in taken
            )
            taken.add(folder)
            _SceneRun(scene, folder, job.draft, job.options, job.losses).run(
                job.context, label_sets
            )
            ontology = ontology_of(scene.class_map, scene.scene_id, job.losses)
            if ONTOLOGY not in documents:
                documents[ONTOLOGY] = ontology
            else:
                known = {each["value"]["tag"] for each in documents[ONTOLOGY]["roots"]}
                further = [e for e in ontology["roots"] if e["value"]["tag"] not in known]
                documents[ONTOLOGY]["roots"] += further
        job.make_folder()
        for name, document in documents.items():
            if job.draft is not None and not (job.draft / name).exists():
                (job.draft / name).write_bytes(json_file(document))


class _SceneRun:
    """One run over a scene that comes from elsewhere."""

    def __init__(
        self, scene: Scene, folder: str, draft: Path | None, options: WriteOptions, losses: LossLog
    ) -> None:
        self._scene = scene
        self._folder = folder
        self._draft = draft
        self._options = options
        self._losses = losses
        self._files = SceneFiles(folder, scene.scene_id, losses)
        self._ids = ObjectIds()
        self._lidar_id = scene.lidar_ids[0] if scene.lidar_ids else None
        for other in scene.lidar_ids[1:]:
            losses.add("point clouds of a sensor", f"{scene.scene_id}/{other}", "one lidar a scene")

    def run(self, context: JobContext, label_sets: Sequence[LabelSet]) -> None:
        spans = {each.label_set_id: self._spans(each) for each in label_sets}
        truths = [each for each in label_sets if each.kind != LabelSetKind.PREDICTIONS]
        for each in truths[1:]:
            where = f"{self._scene.scene_id}/{each.label_set_id}"
            self._losses.add("label set", where, "its labels join the other annotations")
        stems = _stems([frame.key for frame in self._scene.frames])
        for frame in context.track(self._scene.frames, "Writing Dataloop"):
            rig = self._rig(frame)
            suffixes = self._write_sensors(frame, rig, stems[frame.index])
            sheets: dict[str, list[dict[str, Any]]] = {name: [] for name in suffixes}
            for label_set in label_sets:
                labels = read_labels(self._scene, frame, label_set.label_set_id, self._losses)
                if labels is not None and rig is not None:
                    self._add_labels(frame, rig, labels, label_set, spans, sheets)
            for sensor_id, item in suffixes.items():
                self._write_sheet(item, sheets[sensor_id])
        annotations = [each for part in spans.values() for each in part.annotations()]
        item = f"{self._folder}/frames.json"
        self._write_sheet(item, annotations)
        for name, document in self._files.documents(self._scene.metadata).items():
            self._write(f"{ITEMS}/{self._folder}/{name}", json_file(document))

    def _spans(self, label_set: LabelSet) -> Spans:
        where = f"{self._scene.scene_id}/{label_set.label_set_id}"
        return Spans(where, _model_name(label_set), self._ids, self._losses)

    def _rig(self, frame: Frame) -> Rig | None:
        try:
            return self._scene.reader.read_rig(frame.index)
        except DamagedData as damage:
            self._losses.add_unreadable(damage.as_problem())
            return None

    def _write_sensors(self, frame: Frame, rig: Rig | None, stem: str) -> dict[str, str]:
        """Write the cloud and the images; return the item of each image by sensor."""
        pose = RigidTransform.identity(ROOT, "lidar")
        sweep = next((each for each in frame.sweeps if each.sensor_id == self._lidar_id), None)
        cloud_name = None
        if sweep is not None and rig is not None:
            pose = self._pose(rig, ROOT, rig.lidars[sweep.sensor_id].coord_frame_id, frame) or pose
            cloud_name = self._write_cloud(frame, sweep.sensor_id, stem)
            sweep_ns = sweep.timestamp_ns
            moved = int(sweep_ns is not None and sweep_ns != frame.timestamp_ns)
            self._losses.add("time of a sweep", self._scene.scene_id, "it is its frame's", moved)
        if rig is not None:
            self._note_radars(rig)
        metadata: dict[str, Any] = {}
        if isinstance(self._scene.reader, FrameMetadata):
            metadata = dict(self._scene.reader.read_frame_metadata(frame.index))
        self._files.add_frame(cloud_name, frame.timestamp_ns, pose, metadata)
        kept = cloud_name is not None or stem == str(frame.index)
        self._losses.add(
            "name of a frame", self._scene.scene_id, "it is its cloud's", int(not kept)
        )
        items = {}
        for image in frame.images:
            camera = rig.cameras.get(image.sensor_id) if rig is not None else None
            name = self._write_image(frame, image.sensor_id, stem)
            if name is None:
                continue
            items[image.sensor_id] = f"{self._folder}/{name}"
            lens, extrinsic = self._camera(rig, camera, frame, image.timestamp_ns, pose)
            self._files.add_image(image.sensor_id, name, image.timestamp_ns, lens, extrinsic)
        for other in frame.others:
            where = f"{self._scene.scene_id}/{other.sensor_id}"
            self._losses.add(str(other.kind), where, "a lidar scene has clouds and images only")
        return items

    def _note_radars(self, rig: Rig) -> None:
        for name, sensor in rig.lidars.items():
            if sensor.kind == RangeSensorKind.RADAR and name == self._lidar_id:
                where = f"{self._scene.scene_id}/{name}"
                self._losses.add("kind of a sensor", where, "a radar becomes the lidar")

    def _camera(
        self,
        rig: Rig | None,
        camera: CameraSensor | None,
        frame: Frame,
        image_ns: int | None,
        world_from_lidar: RigidTransform,
    ) -> tuple[Any, RigidTransform | None]:
        if rig is None or camera is None or camera.model is None:
            return None, None
        if camera.camera_matrix is not None:
            where = f"{self._scene.scene_id}/{camera.sensor_id}"
            self._losses.add("calibration", where, "a camera has a pose, not a matrix of its own")
            return None, None
        time_ns = frame.timestamp_ns if image_ns is None else image_ns
        world_from_camera = self._pose(rig, ROOT, camera.coord_frame_id, frame, time_ns)
        if world_from_camera is None:
            return None, None
        return camera.model, world_from_lidar.inverse() @ world_from_camera

    def _pose(
        self, rig: Rig, dst: str, src: str, frame: Frame, time_ns: int | None = None
    ) -> RigidTransform | None:
        at_ns = frame.timestamp_ns if time_ns is None else time_ns
        try:
            return rig.transforms.transform(dst, src, at_ns)
        except (TransformTreeError, ValueError) as error:
            self._losses.add("pose", f"{self._scene.scene_id}/{src}", str(error))
            return None

    def _write_cloud(self, frame: Frame, sensor_id: str, stem: str) -> str | None:
        if self._options.labels_only:
            return None
        try:
            cloud = self._scene.reader.read_point_cloud(frame.index, sensor_id)
        except DamagedData as damage:
            self._losses.add_unreadable(damage.as_problem())
            return None
        name = f"lidar/{stem}.pcd"
        if self._draft is not None:
            path = self._draft / ITEMS / self._folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            write_pcd(path, cloud)
        return name

    def _write_image(self, frame: Frame, sensor_id: str, stem: str) -> str | None:
        if self._options.labels_only:
            return f"frames/{file_stem(sensor_id)}/{stem}.png"
        try:
            data, suffix = encoded_image(self._scene.reader, frame.index, sensor_id)
        except DamagedData as damage:
            self._losses.add_unreadable(damage.as_problem())
            return None
        name = f"frames/{file_stem(sensor_id)}/{stem}{suffix}"
        self._write(f"{ITEMS}/{self._folder}/{name}", data)
        return name

    def _add_labels(
        self,
        frame: Frame,
        rig: Rig,
        labels: FrameLabels,
        label_set: LabelSet,
        spans: dict[str, Spans],
        sheets: dict[str, list[dict[str, Any]]],
    ) -> None:
        losses, where = self._losses, f"{self._scene.scene_id}/{label_set.label_set_id}"
        note_rest(labels, where, losses)
        parents = parents_of(labels, where, losses)
        cuboids = labels.cuboids
        rows: list[Row] = []
        if len(cuboids):
            coord_frame_id = cuboids.cuboids.coord_frame_id
            moved = self._pose(rig, ROOT, coord_frame_id, frame, cuboids.timestamp_ns)
            if moved is None:
                losses.add("cuboid", where, "its coord frame has no place", len(cuboids))
            else:
                rows = cuboid_rows(cuboids, moved)
        rows += frame_rows(labels, where, losses)
        for row in rows:
            row.parent_id = parents.get(row.label_id, row.parent_id)
        model_name = _model_name(label_set)
        if model_name is None:
            given = sum(1 for row in rows if row.score == row.score)
            losses.add("confidence", where, "an annotation that is no prediction has none", given)
        spans[label_set.label_set_id].add(frame.index, rows)
        shown: set[str] = set()
        for sensor_id, sheet in sheets.items():
            for row in image_rows(labels, sensor_id, where, losses):
                row.parent_id = parents.get(row.label_id, row.parent_id)
                sheet.append(annotation_of(row, self._ids, model_name))
            shown.add(sensor_id)
        owners = [*labels.boxes_2d.sensor_ids, *labels.shapes_2d.sensor_ids]
        owners += [mask.sensor_id for mask in labels.masks]
        unplaced = sum(1 for owner in owners if owner not in shown)
        losses.add("2D label", where, "the frame has no image of its camera", unplaced)

    def _write_sheet(self, item: str, annotations: list[dict[str, Any]]) -> None:
        document = {"_id": None, "filename": f"/{item}", "annotations": annotations}
        self._write(f"{SHEETS}/{item}.json", msgspec.json.encode(plain(document)))

    def _write(self, name: str, data: bytes) -> None:
        if self._options.labels_only and name.startswith(ITEMS) and not name.endswith(".json"):
            return
        write_file(self._draft, name, data)


def _model_name(label_set: LabelSet) -> str | None:
    return label_set.label_set_id if label_set.kind == LabelSetKind.PREDICTIONS else None


def _stems(keys: Sequence[str]) -> list[str]:
    """File names of frames: their keys where those are safe and differ, else numbers."""
    stems = [file_stem(key) for key in keys]
    if len({stem.casefold() for stem in stems}) < len(stems):
        return [f"{index:06d}" for index in range(len(stems))]
    return stems
