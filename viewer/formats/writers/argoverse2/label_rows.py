"""Label tables of a log, one a label set."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from viewer.formats.argoverse2.format import ANNOTATIONS_ID, Argoverse2Format
from viewer.formats.argoverse2.labels import CENTER, ROTATION, SIZE, label_ids
from viewer.formats.argoverse2.layout import POSES_NAME
from viewer.formats.native.paths import file_stem
from viewer.formats.writers.argoverse2.feather import LABEL_TYPES, SCORED_TYPES, rows_table
from viewer.formats.writers.base import read_labels
from viewer.formats.writers.label_survey import note_shared_losses
from viewer.formats.writers.losses import LossLog
from viewer.formats.writers.scene_poses import WORLD, FrameTimes, ScenePoses
from viewer.formats.writers.target_files import Write
from viewer.scene.labels import CuboidLabels, FrameLabels, LabelSet, LabelSetKind
from viewer.scene.scene import Frame, Scene

POINTS_NAME = "num_interior_pts"
Xyz = npt.NDArray[np.float32]


class LabelRows:
    """Collects the rows of one label set, frame by frame."""

    def __init__(
        self,
        scene: Scene,
        log_id: str,
        label_set: LabelSet,
        stem: str,
        times: FrameTimes,
        poses: ScenePoses,
        losses: LossLog,
    ) -> None:
        self._scene = scene
        self._log_id = log_id
        self._label_set = label_set
        self._stem = stem
        self._times = times
        self._poses = poses
        self._losses = losses
        self._where = f"{scene.scene_id}/{label_set.label_set_id}"
        self._is_scored = label_set.kind == LabelSetKind.PREDICTIONS
        self._rows: list[dict[str, Any]] = []

    @classmethod
    def of_sets(
        cls,
        scene: Scene,
        log_id: str,
        label_sets: Sequence[LabelSet],
        times: FrameTimes,
        poses: ScenePoses,
        losses: LossLog,
    ) -> list[Self]:
        """Return a table for each set: the first of ground truth is ``annotations``."""
        tables: list[Self] = []
        taken = {POSES_NAME.removesuffix(".feather").lower()}
        main = next((each for each in label_sets if each.kind == LabelSetKind.GROUND_TRUTH), None)
        for label_set in label_sets:
            stem = file_stem(label_set.label_set_id)
            if label_set is main:
                stem = ANNOTATIONS_ID
            elif stem == ANNOTATIONS_ID:
                stem = f"{stem}_2"
            while stem.lower() in taken:
                stem += "_"
            taken.add(stem.lower())
            tables.append(cls(scene, log_id, label_set, stem, times, poses, losses))
            if label_set.kind == LabelSetKind.UNLABELLED:
                why = "a log has annotations and detections only"
                where = f"{scene.scene_id}/{label_set.label_set_id}"
                losses.add("pool of unlabelled frames", where, why)
        return tables

    def add_frame(self, frame: Frame, cloud: Xyz | None) -> None:
        """Add the labels of a frame; `cloud` is what is written for it, in the vehicle."""
        labels = read_labels(self._scene, frame, self._label_set.label_set_id, self._losses)
        if labels is None:
            return
        self._survey(labels)
        cuboids = labels.cuboids
        rig = self._poses.rig(frame)
        ego = rig.ego_coord_frame_id if rig is not None else WORLD
        src_ns = frame.timestamp_ns if cuboids.timestamp_ns is None else cuboids.timestamp_ns
        boxes = self._poses.moved(cuboids.cuboids, frame, ego, src_ns, frame.timestamp_ns)
        if boxes is None:
            return
        counts = boxes.count_points(cloud) if cloud is not None else np.zeros(len(boxes), np.int64)
        time = self._times[frame.index]
        own_ids = label_ids([track or "" for track in cuboids.track_ids], time)
        for row in range(len(cuboids)):
            values = {
                "timestamp_ns": time,
                "track_uuid": cuboids.track_ids[row] or "",
                "category": cuboids.class_names[row],
                **dict(zip(SIZE, boxes.size[row].tolist(), strict=True)),
                **dict(zip(ROTATION, boxes.rotation[row].tolist(), strict=True)),
                **dict(zip(CENTER, boxes.center[row].tolist(), strict=True)),
                POINTS_NAME: self._point_count(cuboids, row, int(counts[row]), cloud is None),
                "score": float(cuboids.scores[row]),
                "log_id": self._log_id,
            }
            if cuboids.label_ids[row] != own_ids[row]:
                self._losses.add("label id", self._where, "a label is named by track and time")
            self._rows.append(values)

    def finish(self, write: Write) -> None:
        """Write the table."""
        types = SCORED_TYPES if self._is_scored else LABEL_TYPES
        write(f"{self._stem}.feather", rows_table(self._rows, types))
        if self._stem != self._label_set.label_set_id:
            self._losses.add("name of a label set", self._where, f"becomes {self._stem}")

    def _point_count(self, labels: CuboidLabels, row: int, counted: int, no_cloud: bool) -> int:
        """Return the count as stored, else as counted."""
        stored = labels.attributes[row].get(POINTS_NAME)
        if isinstance(stored, int) and not isinstance(stored, bool) and abs(stored) < 1 << 62:
            return stored
        if no_cloud and not self._is_scored:
            self._losses.add(POINTS_NAME, self._where, "the frame has no sweep; 0 is written")
        return counted

    def _survey(self, labels: FrameLabels) -> None:
        title, where, losses = Argoverse2Format.title, self._where, self._losses
        note_shared_losses(labels, where, title, losses)
        losses.add("2D box", where, f"{title} has cuboids only", len(labels.boxes_2d))
        cuboids = labels.cuboids
        for attributes in cuboids.attributes:
            for name in attributes:
                if name != POINTS_NAME or self._is_scored:
                    why = f"labels have {POINTS_NAME} only"
                    losses.add(f"attribute {name!r}", where, why)
        if cuboids.velocities_mps is not None:
            known = int((~np.isnan(cuboids.velocities_mps)).any(axis=1).sum())
            losses.add("velocity", where, "labels have none", known)
        if not self._is_scored:
            scored = int((~np.isnan(cuboids.scores)).sum())
            losses.add("score", where, "annotations have none", scored)
        if cuboids.is_keyframe is not None:
            between = int((~cuboids.is_keyframe).sum())
            losses.add("mark of an interpolated box", where, "labels have none", between)
