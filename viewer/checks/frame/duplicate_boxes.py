"""Two boxes on one object."""

from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from viewer.checks.base import Check, Group, Parameter, Parameters
from viewer.checks.finding import Finding, Fix, FixKind, Severity
from viewer.checks.frame.pairs import close_pairs
from viewer.checks.learned import Learned
from viewer.checks.scene_labels import CheckedScene
from viewer.geometry.overlap import bev_iou_pairs
from viewer.progress import JobContext


class DuplicateBoxes(Check):
    """Of the two the one whose track is shorter is accused."""

    id: ClassVar[str] = "duplicate-boxes"
    numbers: ClassVar[tuple[int, ...]] = (10,)
    title: ClassVar[str] = "Duplicate boxes"
    question: ClassVar[str] = "Do two boxes of a frame lie on one object?"
    group: ClassVar[Group] = Group.FRAME
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("least_iou", 0.7, "overlap seen from above of one class", high=1.0),
        Parameter("least_iou_other_class", 0.95, "overlap seen from above of two classes",
                  "cleanlab", high=1.0),
        Parameter("most_apart_m", 0.5, "distance of centres of one class, and less than half "
                  "the smaller width"),
    )  # fmt: skip

    def run(
        self, scene: CheckedScene, learned: Learned, parameters: Parameters, job: JobContext
    ) -> Iterable[Finding]:
        labels = scene.labels
        first, second = close_pairs(labels, scene.boxes)
        overlaps = bev_iou_pairs(labels.cuboids(first), labels.cuboids(second))
        apart = np.linalg.norm(labels.centers_m[first] - labels.centers_m[second], axis=1)
        widths = np.minimum(labels.sizes_m[first, 1], labels.sizes_m[second, 1])
        same = scene.class_of[first] == scene.class_of[second]
        near = (apart < parameters.of("most_apart_m")) & (apart < widths / 2)
        same_hit = same & ((overlaps >= parameters.of("least_iou")) | near)
        other_hit = ~same & (overlaps >= parameters.of("least_iou_other_class"))
        lengths = _track_lengths(scene)
        for place in np.flatnonzero(same_hit | other_hit).tolist():
            a, b = int(first[place]), int(second[place])
            accused, other = (a, b) if lengths[a] < lengths[b] else (b, a)
            iou = float(overlaps[place])
            with_other = "" if same[place] else f" of class {scene.class_of[other]}"
            yield self.found(
                scene, accused, others=(other,), score=max(iou, 0.5),
                severity=Severity.HIGH if same[place] else Severity.MEDIUM,
                text=f"Another box{with_other} overlaps it by {iou:.0%}, {apart[place]:.2f} m away",
                numbers={"iou": iou, "apart_m": apart[place]},
                fix=Fix(FixKind.DELETE, "delete the label") if same[place] else None,
            )  # fmt: skip


def _track_lengths(scene: CheckedScene) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """(N,) labels in the track of each label; 1 without a track."""
    rows = scene.labels.track_rows
    if rows is None:
        return np.ones(len(scene.labels), np.int64)
    counts = np.bincount(rows[rows >= 0], minlength=len(scene.labels.track_ids))
    return np.where(rows >= 0, counts[rows], 1)
