"""Writes scenes as nuScenes tables with the sensors' files."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import itemgetter
from typing import ClassVar

from viewer.formats.edited_reader import as_delivered
from viewer.formats.native.paths import file_stem
from viewer.formats.nuscenes.format import LOG_FACTS, NuScenesFormat
from viewer.formats.nuscenes.layout import TABLE_NAMES
from viewer.formats.nuscenes.reader import ANNOTATIONS_ID, NuScenesReader
from viewer.formats.nuscenes.schema import time_ns
from viewer.formats.writers.base import (
    SceneWriter,
    WriteJob,
    WriteOptions,
    chosen_label_sets,
    note_left_out_label_sets,
    read_labels,
)
from viewer.formats.writers.label_survey import note_shared_losses
from viewer.formats.writers.losses import LossLog
from viewer.formats.writers.nuscenes.annotations import VISIBILITIES, Annotations, Tokens
from viewer.formats.writers.nuscenes.point_labels import PointLabelFiles
from viewer.formats.writers.nuscenes.recordings import (
    Planned,
    recordings_of,
    source_folder,
)
from viewer.formats.writers.nuscenes.results import ResultRows, sample_tokens
from viewer.formats.writers.nuscenes.source_tables import add_source_rows
from viewer.formats.writers.nuscenes.table_rows import Row, TableRows, time_us, token_of
from viewer.formats.writers.scene_poses import FrameTimes, ScenePoses
from viewer.formats.writers.target_files import Write, file_writer
from viewer.progress import JobContext
from viewer.scene.class_map import ClassMap
from viewer.scene.labels import FrameLabels, LabelSet, LabelSetKind
from viewer.scene.point_cloud import PointCloud
from viewer.scene.scene import Frame, Scene

FOLDER = "v1.0-trainval"


class NuScenesWriter(SceneWriter):
    """Tables in ``v1.0-...``, keyframes in ``samples``, sweeps between in ``sweeps``.

    Tokens follow from the scenes' own names, so that the same scenes give the same tokens. Sets
    of predictions become result files beside the tables.
    """

    name: ClassVar[str] = NuScenesFormat.name
    title: ClassVar[str] = NuScenesFormat.title
    holds: ClassVar[str] = (
        "lidars with intensity and ring, radars, pinhole and Brown-Conrady cameras, the vehicle's "
        "pose at each sensor's time, sweeps between frames, tracked cuboids, point classes"
    )
    many_scenes: ClassVar[bool] = True

    def _write(self, scenes: Sequence[Scene], job: WriteJob) -> None:
        run = _Run(scenes, file_writer(job.draft), job.options, job.losses)
        for scene in scenes:
            run.add_scene(scene, job.context)
        run.finish()


@dataclass(eq=False, slots=True)
class _Chosen:
    """Where the label sets of a scene go."""

    main: LabelSet | None
    results: list[tuple[LabelSet, ResultRows]]


class _Run:
    """One run over all scenes."""

    def __init__(
        self, scenes: Sequence[Scene], write: Write, options: WriteOptions, losses: LossLog
    ) -> None:
        self._write = write
        self._options = options
        self._losses = losses
        self._tables = TableRows()
        self._folder = source_folder(scenes) or FOLDER
        self._samples = sample_tokens(scenes, losses)
        self._results: dict[str, ResultRows] = {}
        self._point_labels = PointLabelFiles(self._tables, self._folder, write, losses)
        self._files: set[str] = set()

    def add_scene(self, scene: Scene, context: JobContext) -> None:
        """Write the files of a scene and collect its rows."""
        if not scene.frames:
            return
        note_left_out_label_sets(scene, self._options, self._losses)
        chosen = self._choose(scene)
        _note_scene(scene, self._losses)
        known = add_source_rows(scene, self._tables, self._losses)
        scene_row = self._add_scene_row(scene)
        poses = ScenePoses(scene, self._losses)
        times = FrameTimes(scene, self._losses)
        recordings = recordings_of(scene, times, poses, self._losses)
        where = f"{scene.scene_id}/{chosen.main.label_set_id if chosen.main else ''}"
        annotations = Annotations(self._tables, known, where, poses, self._losses)
        for name in scene.class_map.names:
            annotations.name_token("category", name)
        samples: list[Row] = []
        by_channel: dict[str, list[tuple[int, Row]]] = {}
        for frame in context.track(scene.frames, "Writing nuScenes"):
            sample = self._add_sample(scene, frame, times[frame.index], scene_row)
            samples.append(sample)
            tokens: dict[str, str] = {}
            clouds: list[tuple[str, PointCloud]] = []
            for each in recordings.of_frame(frame):
                row = self._add_recording(scene, sample, each, known)
                by_channel.setdefault(each.channel, []).append((each.timestamp_ns, row))
                if each.is_key_frame:
                    tokens[each.channel] = row["token"]
                if each.cloud is not None:
                    clouds.append((each.modality, each.cloud))
            main = chosen.main
            labels = read_labels(scene, frame, main.label_set_id, self._losses) if main else None
            if labels is not None:
                self._survey(labels, where)
                at_ns = times[frame.index]
                annotations.add_frame(frame, sample, at_ns, labels.cuboids, clouds)
                self._point_labels.add(labels.point_classes, tokens, annotations, where)
            self._add_results(scene, frame, sample["token"], chosen, poses)
        annotations.finish()
        _chain(samples)
        for recorded in by_channel.values():
            _chain([row for _, row in sorted(recorded, key=itemgetter(0))])
        scene_row |= {
            "nbr_samples": len(samples),
            "first_sample_token": samples[0]["token"],
            "last_sample_token": samples[-1]["token"],
        }

    def _add_results(
        self, scene: Scene, frame: Frame, token: str, chosen: _Chosen, poses: ScenePoses
    ) -> None:
        for label_set, rows in chosen.results:
            rows.where = f"{scene.scene_id}/{label_set.label_set_id}"
            labels = read_labels(scene, frame, label_set.label_set_id, self._losses)
            if labels is not None:
                rows.add_frame(frame, token, labels, poses)

    def finish(self) -> None:
        """Write the tables and the result files."""
        self._point_labels.finish()
        if not self._tables.rows("visibility"):
            for level, token in VISIBILITIES.items():
                self._tables.add("visibility", {"token": token, "level": level, "description": ""})
        log_tokens = [row["token"] for row in self._tables.rows("log")]
        token = token_of("map", *log_tokens)
        filename = f"maps/{token}.png"
        self._tables.add(
            "map",
            {
                "token": token,
                "log_tokens": log_tokens,
                "category": "semantic_prior",
                "filename": filename,
            },
        )
        self._write(filename, _blank_mask())
        for stem, rows in self._results.items():
            self._write(f"{stem}.json", rows.as_json())
        self._tables.write(self._folder, self._write)

    def _choose(self, scene: Scene) -> _Chosen:
        chosen = _Chosen(None, [])
        for label_set in chosen_label_sets(scene, self._options):
            where = f"{scene.scene_id}/{label_set.label_set_id}"
            if label_set.kind == LabelSetKind.PREDICTIONS:
                stem = file_stem(label_set.label_set_id)
                while stem in TABLE_NAMES or stem == ANNOTATIONS_ID:
                    stem += "_"
                rows = self._results.setdefault(stem, ResultRows(where, self._losses))
                chosen.results.append((label_set, rows))
                if stem != label_set.label_set_id:
                    self._losses.add("name of a label set", where, f"becomes {stem}")
            elif chosen.main is None:
                chosen.main = label_set
                if label_set.label_set_id != ANNOTATIONS_ID:
                    self._losses.add("name of a label set", where, f"becomes {ANNOTATIONS_ID}")
                if label_set.kind == LabelSetKind.UNLABELLED:
                    why = "becomes an empty set of annotations"
                    self._losses.add("pool of unlabelled frames", where, why)
            else:
                self._losses.add("label set", where, "the tables have one set of annotations")
        return chosen

    def _add_scene_row(self, scene: Scene) -> Row:
        reader = as_delivered(scene.reader)
        own = reader.scene_row if isinstance(reader, NuScenesReader) else None
        name = own.name if own is not None else scene.scene_id
        facts = {key: str(scene.metadata.get(key) or "") for key in LOG_FACTS}
        # A log is shared by the scenes that were cut from one drive.
        log_token = own.log_token if own is not None else ""
        log_token = log_token or token_of("log", *(facts.values() if any(facts.values()) else name))
        self._tables.add("log", {"token": log_token, **facts})
        wanted = own.token if own is not None else ""
        token = self._tables.free_token("scene", wanted, scene.scene_id)
        return self._tables.add(
            "scene",
            {
                "token": token,
                "log_token": log_token,
                "nbr_samples": 0,
                "first_sample_token": "",
                "last_sample_token": "",
                "name": name,
                "description": scene.description,
            },
        )

    def _add_sample(self, scene: Scene, frame: Frame, timestamp_ns: int, scene_row: Row) -> Row:
        return self._tables.add(
            "sample",
            {
                "token": self._samples[scene.scene_id, frame.index],
                "timestamp": self._time(timestamp_ns, scene.scene_id),
                "prev": "",
                "next": "",
                "scene_token": scene_row["token"],
            },
        )

    def _add_recording(self, scene: Scene, sample: Row, planned: Planned, known: Tokens) -> Row:
        tables, channel = self._tables, planned.channel
        sensor = tables.add(
            "sensor",
            {
                "token": known.get(("sensor", channel)) or token_of("sensor", channel),
                "channel": channel,
                "modality": planned.modality,
            },
        )
        calibrated = {"sensor_token": sensor["token"], **planned.calibrated}
        calibrated_token = planned.calibrated_token or token_of("calibrated", calibrated)
        tables.add("calibrated_sensor", {"token": calibrated_token, **calibrated})
        parts = (scene.scene_id, channel, planned.timestamp_ns)
        token = tables.free_token("sample_data", planned.token, *parts)
        timestamp = self._time(planned.timestamp_ns, f"{scene.scene_id}/{channel}")
        pose_token = planned.pose_token
        if not pose_token or tables.has("ego_pose", pose_token):
            # Recordings of T4 and Lyft may share a pose; all others have their own.
            pose_token = pose_token or token_of("ego_pose", *parts)
        if planned.pose is not None:
            tables.add("ego_pose", {"token": pose_token, "timestamp": timestamp, **planned.pose})
        filename = planned.filename if planned.token else self._free_name(planned.filename)
        if planned.data is not None:
            self._write(filename, planned.data)
        return tables.add(
            "sample_data",
            {
                "token": token,
                "sample_token": sample["token"],
                "ego_pose_token": pose_token,
                "calibrated_sensor_token": calibrated_token,
                "timestamp": timestamp,
                "fileformat": "pcd" if planned.modality != "camera" else _suffix(filename),
                "is_key_frame": planned.is_key_frame,
                "height": planned.height_px,
                "width": planned.width_px,
                "filename": filename,
                "prev": "",
                "next": "",
            },
        )

    def _free_name(self, filename: str) -> str:
        """Return a file name that is not taken; ids that differ may make the same name."""
        folder, _, name = filename.rpartition("/")
        stem, mark, suffix = name.partition(".")
        number = 1
        while filename in self._files:
            number += 1
            filename = f"{folder}/{stem}_{number}{mark}{suffix}"
        self._files.add(filename)
        return filename

    def _time(self, timestamp_ns: int, where: str) -> int | float:
        timestamp_us = time_us(timestamp_ns)
        if time_ns(timestamp_us) != timestamp_ns:
            self._losses.add("time", where, "is rounded to microseconds")
        return timestamp_us

    def _survey(self, labels: FrameLabels, where: str) -> None:
        title, losses = NuScenesFormat.title, self._losses
        own = FrameLabels(
            labels.cuboids,
            labels.boxes_2d,
            labels.shapes_2d,
            labels.classifications,
            labels.text_tokens,
            labels.masks,
            (),
            labels.links,
        )
        note_shared_losses(own, where, title, losses)
        losses.add("2D box", where, f"{title} has cuboids only", len(labels.boxes_2d))
        scores = labels.cuboids.scores
        losses.add("score", where, "annotations have none", int((scores == scores).sum()))
        if labels.cuboids.is_keyframe is not None:
            between = int((~labels.cuboids.is_keyframe).sum())
            losses.add("mark of an interpolated box", where, "annotations have none", between)


def _chain(rows: Sequence[Row]) -> None:
    for before, after in pairwise(rows):
        before["next"], after["prev"] = after["token"], before["token"]


def _suffix(filename: str) -> str:
    return filename.rpartition(".")[2].lower()


def _blank_mask() -> bytes:
    """Return a picture of one pixel: the dataset's tools want a map for every log."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.new("L", (1, 1)).save(buffer, format="PNG")
    return buffer.getvalue()


def _note_scene(scene: Scene, losses: LossLog) -> None:
    title = NuScenesFormat.title
    for name in scene.metadata:
        if name not in LOG_FACTS:
            losses.add(f"fact {name!r}", scene.scene_id, f"{title} has no place for it")
    if scene.independent:
        losses.add("independence of frames", scene.scene_id, "a scene is one drive")
    own = ClassMap.from_names(scene.class_map.names)
    pairs = zip(scene.class_map.entries, own.entries, strict=False)
    changed = sum(1 for given, usual in pairs if given.colour != usual.colour)
    losses.add("colour of a class", scene.scene_id, f"{title} has no colours", changed)
