"""Writes scenes as ASAM OpenLABEL 1.0: one file a scene, its sensor data in a folder beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, ClassVar

import msgspec

from viewer.formats.openlabel.format import LABEL_SET_ID, OpenLabelFormat
from viewer.formats.points.catalog import POINT_SUFFIXES
from viewer.formats.writers.base import (
    SceneWriter,
    WriteJob,
    WriteOptions,
    chosen_label_sets,
    note_left_out_label_sets,
    read_labels,
)
from viewer.formats.writers.cloud_cuboids import (
    CuboidPlaces,
    CuboidRow,
    cuboid_rows,
    note_class_map,
    only_label_set,
)
from viewer.formats.writers.cloud_frames import CloudFrames
from viewer.formats.writers.label_survey import (
    note_other_data,
    note_other_kinds,
    note_shape_statistics,
    note_statistics,
)
from viewer.formats.writers.losses import LossLog
from viewer.formats.writers.openlabel.coord_systems import SystemTable
from viewer.formats.writers.openlabel.object_data import (
    Item,
    box_items,
    cuboid_item,
    shape_items,
)
from viewer.formats.writers.openlabel.objects import ObjectTable, intervals
from viewer.formats.writers.openlabel.streams import StreamTable
from viewer.formats.writers.scene_notes import note_scene_facts
from viewer.formats.writers.scene_poses import WORLD, ScenePoses, named_scenes
from viewer.formats.writers.target_files import Write, file_writer
from viewer.progress import JobContext
from viewer.scene.class_map import ClassMap
from viewer.scene.images import ImageRef
from viewer.scene.labels import FrameLabels
from viewer.scene.scene import Frame, Scene, SweepRef

TOOL = "OpenLABEL"
_NS_PER_S = 1_000_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST_NS = 1 << 62


class OpenLabelWriter(SceneWriter):
    """Files hold to the JSON schema of OpenLABEL 1.0.0; times are ISO dates to the nanosecond."""

    name: ClassVar[str] = OpenLabelFormat.name
    title: ClassVar[str] = OpenLabelFormat.title
    holds: ClassVar[str] = (
        "point clouds, images, every lens, the poses of all sensors and of the vehicle, tracked "
        "cuboids, 2D boxes, polygons, lines and points with typed attributes and scores"
    )
    many_scenes: ClassVar[bool] = True
    writes_labels_only: ClassVar[bool] = True

    def _write(self, scenes: Sequence[Scene], job: WriteJob) -> None:
        write = file_writer(job.draft)
        for scene, name in named_scenes(scenes, job.losses):
            _FileWriter(scene, name, write, job.options, job.losses).run(job.context)


class _FileWriter:
    """One run over a scene."""

    def __init__(
        self, scene: Scene, name: str, write: Write, options: WriteOptions, losses: LossLog
    ) -> None:
        self._scene = scene
        self._name = name
        self._write = write
        self._options = options
        self._losses = losses
        self._poses = ScenePoses(scene, losses)
        clouds = CloudFrames(scene, self._poses, TOOL, losses, copied_suffixes=POINT_SUFFIXES)
        self._systems = SystemTable(scene, self._poses, losses)
        self._streams = StreamTable(scene, name, clouds, self._poses, losses)
        self._objects = ObjectTable()
        chosen = chosen_label_sets(scene, options)
        self._label_set = only_label_set(scene, chosen, LABEL_SET_ID, TOOL, losses)
        set_id = self._label_set.label_set_id if self._label_set is not None else ""
        self._where = f"{scene.scene_id}/{set_id}"
        self._timed = _are_rising(scene)

    def run(self, context: JobContext) -> None:
        scene, losses = self._scene, self._losses
        self._note_scene()
        keys = _frame_keys(scene, losses)
        frames = {}
        for frame in context.track(scene.frames, "Writing OpenLABEL"):
            key = keys[frame.index]
            frames[key] = msgspec.Raw(msgspec.json.encode(self._frame(frame, key)))
        classes = ClassMap.from_names(self._objects.class_names())
        note_class_map(scene, classes, TOOL, losses)
        metadata = {"schema_version": "1.0.0", "name": scene.scene_id}
        if scene.description:
            metadata["comment"] = scene.description
        body = {
            "metadata": metadata,
            "coordinate_systems": self._systems.as_json(),
            "streams": self._streams.as_json(),
            **self._objects.as_json(),
            "frame_intervals": intervals(int(key) for key in keys),
            "frames": frames,
        }
        self._write(f"{self._name}.json", msgspec.json.encode({"openlabel": body}))

    def _note_scene(self) -> None:
        scene, losses = self._scene, self._losses
        told = replace(scene, description="")
        note_scene_facts(told, TOOL, losses, keeps_motion=True, keeps_order=True)
        if scene.independent:
            losses.add("independence of frames", scene.scene_id, "a file with frames is one drive")
        known = sum(1 for frame in scene.frames if frame.timestamp_ns is not None)
        if not self._timed:
            losses.add("time of a frame", scene.scene_id, "times must rise from 0", known)
        note_other_data(scene, TOOL, losses)
        note_left_out_label_sets(scene, self._options, losses)

    def _frame(self, frame: Frame, key: str) -> dict[str, Any]:
        transforms = self._systems.add_frame(frame)
        times = {}
        recorded: tuple[SweepRef | ImageRef, ...] = (*frame.sweeps, *frame.images)
        for each in recorded:
            if each.timestamp_ns is not None and each.timestamp_ns != frame.timestamp_ns:
                if self._timed and 0 <= each.timestamp_ns < _LATEST_NS:
                    times[each.sensor_id] = _iso(each.timestamp_ns)
                else:
                    where = f"{self._scene.scene_id}/{each.sensor_id}"
                    self._losses.add("time of a recording", where, "the frames have none")
        write = None if self._options.labels_only else self._write
        streams = self._streams.add_frame(frame, key, times, write)
        properties: dict[str, Any] = {}
        if self._timed and frame.timestamp_ns is not None:
            properties["timestamp"] = _iso(frame.timestamp_ns)
        properties |= {"streams": streams} if streams else {}
        properties |= {"transforms": transforms} if transforms else {}
        objects: dict[str, Any] = {}
        if self._label_set is not None:
            set_id = self._label_set.label_set_id
            labels = read_labels(self._scene, frame, set_id, self._losses)
            objects = self._object_data(frame, int(key), labels) if labels is not None else {}
        return {"frame_properties": properties, "objects": objects}

    def _object_data(self, frame: Frame, number: int, labels: FrameLabels) -> dict[str, Any]:
        where, losses = self._where, self._losses
        note_other_kinds(labels, where, TOOL, losses, shapes=False)
        note_statistics(labels.boxes_2d, range(len(labels.boxes_2d)), where, TOOL, losses)
        note_shape_statistics(labels.shapes_2d, where, TOOL, losses)
        items: list[Item] = self._cuboid_items(frame, labels)
        items += box_items(labels.boxes_2d, where, losses)
        items += shape_items(labels.shapes_2d, where, losses)
        found: dict[str, dict[str, Any]] = {}
        for kind, track_id, class_name, label_id, item in items:
            uid, name = self._objects.place(track_id, class_name, label_id, number)
            data = found.setdefault(uid, {"object_data": {}})["object_data"]
            data.setdefault(kind, []).append({"name": name, **item})
        return found

    def _cuboid_items(self, frame: Frame, labels: FrameLabels) -> list[Item]:
        coord_frame_id = labels.cuboids.cuboids.coord_frame_id
        if not self._systems.knows(coord_frame_id):
            coord_frame_id = WORLD
        rows = self._rows(frame, labels, coord_frame_id, self._losses)
        system = self._systems.name(coord_frame_id)
        if self._streams.is_camera(system) and any(map(_is_taken_for_lying, rows)):
            system = WORLD
            rows = self._rows(frame, labels, WORLD, LossLog())
        return [cuboid_item(row, system, self._where, self._losses) for row in rows]

    def _rows(
        self, frame: Frame, labels: FrameLabels, coord_frame_id: str, losses: LossLog
    ) -> list[CuboidRow]:
        times: Mapping[str, int] = self._systems.times(frame)
        at_ns = times.get(self._systems.name(coord_frame_id), frame.timestamp_ns)
        places = CuboidPlaces(TOOL, scores=True)
        return cuboid_rows(
            labels.cuboids, frame, (coord_frame_id, at_ns), self._poses, self._where, places, losses
        )


def _is_taken_for_lying(row: CuboidRow) -> bool:
    """Say whether readers take the box, in a camera's axes, for one whose height is its y."""
    return bool(abs(row.rotation[1, 1]) > abs(row.rotation[1, 2]))


def _frame_keys(scene: Scene, losses: LossLog) -> list[str]:
    """Return frame numbers: those that the keys are where they rise, else those of the frames."""
    keys = [frame.key for frame in scene.frames]
    digits = all(key.isascii() and key.isdigit() for key in keys)
    numbers = [int(key) for key in keys] if digits and all(len(key) < 19 for key in keys) else []
    if not numbers or not all(before < after for before, after in pairwise(numbers)):
        numbers = [frame.index for frame in scene.frames]
    for key, number in zip(keys, numbers, strict=True):
        if key != str(number):
            where = f"{scene.scene_id}/{key}, now {number}"
            losses.add("frame name", where, "frames are whole numbers")
    return [str(number) for number in numbers]


def _are_rising(scene: Scene) -> bool:
    times = [frame.timestamp_ns for frame in scene.frames]
    known = [time for time in times if time is not None and 0 <= time < _LATEST_NS]
    rising = all(before < after for before, after in pairwise(known))
    return bool(known) and len(known) == len(times) and rising


def _iso(time_ns: int) -> str:
    """Return a date of 1970 or later to the nanosecond.

    Examples
    --------
    >>> _iso(1_000_000_005)
    '1970-01-01T00:00:01.000000005Z'
    """
    seconds, rest_ns = divmod(time_ns, _NS_PER_S)
    moment = _EPOCH + timedelta(seconds=seconds)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{rest_ns:09}Z"
