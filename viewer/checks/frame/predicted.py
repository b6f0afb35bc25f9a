"""Labels beside predictions, for the checks that compare them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from viewer.checks.finding import LabelName
from viewer.checks.frame.ignored_regions import in_ignored_regions
from viewer.checks.scene_labels import CheckedScene
from viewer.metrics.matching.iou_bev import IouBev
from viewer.metrics.objects import EvaluatedObjects, Floats, Ints

SAME_PLACE_IOU = 0.1
"""Overlap seen from above from which two boxes may be of one object."""


@dataclass(frozen=True, eq=False, slots=True)
class Beside:
    """One set of predictions and the labels that they overlap."""

    set_id: str
    objects: EvaluatedObjects
    """Predictions that have a box, surely scored or not."""
    label_rows: Ints
    """(P,) pairs of a label row"""
    prediction_rows: Ints
    """(P,) and a row of `objects`"""
    overlaps: Floats
    """(P,) with their overlap seen from above."""
    left_out: npt.NDArray[np.bool_]
    """(M,) predictions in regions that the labels leave out."""

    def best_overlaps(self) -> Floats:
        """(M,) largest overlap of each prediction with any label; 1 where labels are left out."""
        best = self.left_out.astype(np.float64)
        np.maximum.at(best, self.prediction_rows, self.overlaps)
        return best


def beside(scene: CheckedScene) -> list[Beside]:
    """Return every set of predictions with the pairs that overlap."""
    found = []
    labels = scene.labels.select(scene.boxes)
    for set_id, objects in scene.predictions.items():
        own = objects.select(_with_box(objects))
        pairs = IouBev().pairs(labels, own)
        kept = pairs.select(pairs.values >= SAME_PLACE_IOU)
        label_rows = scene.boxes[kept.label_rows]
        left_out = in_ignored_regions(scene, own)
        found.append(Beside(set_id, own, label_rows, kept.prediction_rows, kept.values, left_out))
    return found


def predicted_name(each: Beside, row: int, scene_id: str) -> LabelName:
    """Name of a prediction of a scene."""
    objects, tracks = each.objects, each.objects.track_rows
    track = -1 if tracks is None else int(tracks[row])
    return LabelName(
        scene_id, objects.frames.keys[int(objects.frame_rows[row])], each.set_id,
        objects.label_ids[row], None if track < 0 else objects.track_ids[track],
    )  # fmt: skip


def scores_of(objects: EvaluatedObjects) -> Floats:
    """(M,) confidence between 0 and 1; 1 where there is none.

    Trackers write sums of log odds too; those are taken for such, all of a set alike.
    """
    scores = objects.scores
    known = scores[np.isfinite(scores)]
    if len(known) and (known.min() < 0 or known.max() > 1):
        scores = 1.0 / (1.0 + np.exp(-np.clip(scores, -500.0, 500.0)))
    return np.nan_to_num(scores, nan=1.0)


def _with_box(objects: EvaluatedObjects) -> npt.NDArray[np.bool_]:
    numbers = np.concatenate([objects.centers_m, objects.sizes_m, objects.rotations], axis=1)
    finite: npt.NDArray[np.bool_] = np.isfinite(numbers).all(axis=1)
    return finite
