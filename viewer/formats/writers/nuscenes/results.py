"""Boxes as the benchmark's result file has them: a list a sample, in the world."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from viewer.formats.nuscenes.labels import result_label_id
from viewer.formats.nuscenes.lone_result import NuScenesResultsFormat
from viewer.formats.writers.base import (
    SceneWriter,
    WriteJob,
    chosen_label_sets,
    read_labels,
)
from viewer.formats.writers.label_survey import note_shared_losses
from viewer.formats.writers.losses import LossLog
from viewer.formats.writers.nuscenes.table_rows import token_of
from viewer.formats.writers.scene_poses import WORLD, ScenePoses
from viewer.scene.labels import FrameLabels, LabelSet, LabelSetKind
from viewer.scene.scene import Frame, Scene

DETECTION_NAMES = frozenset((
    "car", "truck", "bus", "trailer", "construction_vehicle", "pedestrian", "motorcycle",
    "bicycle", "traffic_cone", "barrier",
))  # fmt: skip
ATTRIBUTE_NAMES = frozenset((
    "pedestrian.moving", "pedestrian.sitting_lying_down", "pedestrian.standing",
    "cycle.with_rider", "cycle.without_rider", "vehicle.moving", "vehicle.parked",
    "vehicle.stopped",
))  # fmt: skip
META = {
    "use_camera": False,
    "use_lidar": True,
    "use_radar": False,
    "use_map": False,
    "use_external": False,
}
Boxes = list[dict[str, Any]]


@dataclass(eq=False, slots=True)
class ResultRows:
    """Boxes of one label set by sample token."""

    where: str
    losses: LossLog
    samples: dict[str, Boxes] = field(default_factory=dict)

    def add_frame(self, frame: Frame, token: str, labels: FrameLabels, poses: ScenePoses) -> None:
        """Add the labels of a sample."""
        self._survey(labels)
        cuboids = labels.cuboids
        rows = self.samples.setdefault(token, [])
        src_ns = frame.timestamp_ns if cuboids.timestamp_ns is None else cuboids.timestamp_ns
        boxes = poses.moved(cuboids.cuboids, frame, WORLD, src_ns, frame.timestamp_ns)
        if boxes is None:
            return
        for row in range(len(cuboids)):
            length, width, height = boxes.size[row].tolist()
            box: dict[str, Any] = {
                "sample_token": token,
                "translation": boxes.center[row].tolist(),
                "size": [width, length, height],
                "rotation": boxes.rotation[row].tolist(),
                "velocity": self._velocity(labels, row),
                "detection_name": cuboids.class_names[row],
            }
            score = float(cuboids.scores[row])
            if not np.isnan(score):
                box["detection_score"] = score
            box["attribute_name"] = self._attribute_name(cuboids.attributes[row])
            track = cuboids.track_ids[row]
            if track is not None:
                box["tracking_id"] = track
            if cuboids.label_ids[row] != result_label_id(token, row):
                self.losses.add("label id", self.where, "a box is named by its place in the file")
            rows.append(box)

    def as_json(self) -> bytes:
        """Return the whole file; NaN stands where a velocity is unknown, as in the dataset's."""
        lists = ",\n".join(
            f"{json.dumps(token, ensure_ascii=False)}: {json.dumps(boxes, ensure_ascii=False)}"
            for token, boxes in self.samples.items()
        )
        text = f'{{"meta": {json.dumps(META)},\n"results": {{\n{lists}\n}}}}\n'
        return text.encode(errors="surrogatepass")

    def _velocity(self, labels: FrameLabels, row: int) -> list[float]:
        given = labels.cuboids.velocities_mps
        if given is None or np.isnan(given[row]).any():
            return [float("nan"), float("nan")]
        x, y, z = given[row].tolist()
        if z:
            self.losses.add("vertical velocity", self.where, "results have x and y only")
        return [x, y]

    def _attribute_name(self, attributes: Mapping[str, Any]) -> str:
        given = attributes.get("attributes")
        for name in attributes:
            if name != "attributes":
                self.losses.add(f"attribute {name!r}", self.where, "a result has one name only")
        if not isinstance(given, list | tuple) or not all(isinstance(each, str) for each in given):
            return ""
        if len(given) > 1:
            self.losses.add("attribute name", self.where, "a result has one", len(given) - 1)
        name = given[0] if given else ""
        if name and name not in ATTRIBUTE_NAMES:
            self.losses.add("attribute name that the benchmark lacks", self.where, "stays as it is")
        return name

    def _survey(self, labels: FrameLabels) -> None:
        title = "nuScenes results"
        note_shared_losses(labels, self.where, title, self.losses)
        self.losses.add("2D box", self.where, f"{title} have cuboids only", len(labels.boxes_2d))
        for name in labels.cuboids.class_names:
            if name not in DETECTION_NAMES:
                place = f"{self.where}, class {name}"
                self.losses.add("class that the benchmark lacks", place, "stays as it is")


class NuScenesResultsWriter(SceneWriter):
    """One file of boxes; the first set of predictions, else the first label set."""

    name: ClassVar[str] = NuScenesResultsFormat.name
    title: ClassVar[str] = NuScenesResultsFormat.title
    holds: ClassVar[str] = "cuboids with score, velocity, track and one attribute a box"
    many_scenes: ClassVar[bool] = True
    holds_sensor_data: ClassVar[bool] = False

    def _write(self, scenes: Sequence[Scene], job: WriteJob) -> None:
        rows = ResultRows("results", job.losses)
        tokens = sample_tokens(scenes, job.losses)
        for scene in scenes:
            chosen = _best(chosen_label_sets(scene, job.options))
            for each in scene.label_sets:
                if chosen is None or each.label_set_id != chosen.label_set_id:
                    why = "a file holds one set"
                    job.losses.add("label set", f"{scene.scene_id}/{each.label_set_id}", why)
            _note_scene(scene, job.losses)
            rows.where = f"{scene.scene_id}/{chosen.label_set_id}" if chosen else scene.scene_id
            poses = ScenePoses(scene, job.losses)
            for frame in job.context.track(scene.frames, "Writing nuScenes results"):
                token = tokens[scene.scene_id, frame.index]
                rows.samples.setdefault(token, [])
                if chosen is None:
                    continue
                labels = read_labels(scene, frame, chosen.label_set_id, job.losses)
                if labels is not None:
                    rows.add_frame(frame, token, labels, poses)
        data = rows.as_json()
        if job.draft is not None:
            job.draft.write_bytes(data)


def sample_tokens(scenes: Iterable[Scene], losses: LossLog) -> dict[tuple[str, int], str]:
    """Return a token a frame by (scene id, frame index): its key where no other frame has it."""
    tokens: dict[tuple[str, int], str] = {}
    taken: set[str] = set()
    for scene in scenes:
        for frame in scene.frames:
            token = frame.key
            if not token or token in taken:
                token = token_of("sample", scene.scene_id, frame.index, frame.key)
                place = f"{scene.scene_id}/{frame.key}"
                losses.add("frame name", place, f"is taken; becomes {token}")
            taken.add(token)
            tokens[scene.scene_id, frame.index] = token
    return tokens


def _best(label_sets: Sequence[LabelSet]) -> LabelSet | None:
    predicted = (each for each in label_sets if each.kind == LabelSetKind.PREDICTIONS)
    return next(predicted, label_sets[0] if label_sets else None)


def _note_scene(scene: Scene, losses: LossLog) -> None:
    why = "a result file holds boxes only"
    losses.add("point cloud", scene.scene_id, why, sum(len(each.sweeps) for each in scene.frames))
    losses.add("image", scene.scene_id, why, sum(len(each.images) for each in scene.frames))
    losses.add("scene", scene.scene_id, "samples of all scenes stand in one list")
    times = sum(1 for frame in scene.frames if frame.timestamp_ns is not None)
    losses.add("time of a frame", scene.scene_id, why, times)
