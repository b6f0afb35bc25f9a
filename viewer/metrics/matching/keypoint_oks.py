"""Likeness of keypoints, as COCO tells it."""

from typing import ClassVar

import numpy as np

from viewer.metrics.matching.base import Pairs, Similarity, no_pairs
from viewer.metrics.matching.image_units import boxes_near_px, image_units
from viewer.metrics.objects import AREAS_PX, KEYPOINTS_PX, EvaluatedObjects, Floats
from viewer.metrics.protocols.coco_overlaps import BODY_SIGMAS


class KeypointOks(Similarity):
    """Object keypoint similarity over the label's labelled points.

    It is the mean of exp(-d^2 / (2 area (2 sigma)^2)), d in pixels. The area is the label's own
    where the dataset tells one, else that of its 2D box, else that around its points. Sigma is
    COCO's for 17 points, 1/K for K others.
    """

    name: ClassVar[str] = "keypoint_oks"
    title: ClassVar[str] = "keypoint OKS"
    needs: ClassVar[str] = "keypoints"

    def pairs(
        self, labels: EvaluatedObjects, predictions: EvaluatedObjects, *, covering: bool = False
    ) -> Pairs:
        a, b = labels.extras.get(KEYPOINTS_PX), predictions.extras.get(KEYPOINTS_PX)
        if a is None or b is None:
            return no_pairs()
        around_a, around_b = _around(a), _around(b)
        areas = _areas(labels, around_a)
        cameras: dict[str, int] = {}
        # Beyond some three object sizes every point's share is nothing.
        wide = np.sqrt(areas)[:, None] * 3 * np.array([-1, -1, 1, 1])
        rows, columns = boxes_near_px(
            image_units(labels, cameras), around_a + wide, image_units(predictions, cameras),
            around_b,
        )  # fmt: skip
        values = np.array(
            [
                _oks(a[i], b[j], areas[i])
                for i, j in zip(rows.tolist(), columns.tolist(), strict=True)
            ]
        )
        return Pairs(rows, columns, values).select(values > 0)


def _oks(label: Floats, prediction: Floats, area_px: float) -> float:
    """Return the likeness; 0 where there are not as many points or none is labelled."""
    known = label[:, 2] > 0
    if label.shape != prediction.shape or not known.any():
        return 0.0
    count = len(label)
    sigmas = np.array(BODY_SIGMAS) if count == len(BODY_SIGMAS) else np.full(count, 1 / count)
    apart = ((label[:, :2] - prediction[:, :2]) ** 2).sum(axis=1)
    spread = 2 * (2 * sigmas) ** 2 * (area_px + np.spacing(1))
    return float(np.exp(-apart[known] / spread[known]).mean())


def _around(points: "list[Floats | None]") -> Floats:
    found = np.full((len(points), 4), np.nan)
    for row, each in enumerate(points):
        known = np.empty((0, 2)) if each is None else each[each[:, 2] > 0, :2]
        if len(known):
            found[row] = (*known.min(axis=0), *known.max(axis=0))
    return found


def _areas(objects: EvaluatedObjects, around: Floats) -> Floats:
    own = (around[:, 2:] - around[:, :2]).prod(axis=1)
    boxes = objects.boxes_px
    if boxes is not None:
        flat = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
        own = np.where(np.isfinite(flat), flat, own)
    told = objects.extras.get(AREAS_PX)
    found: Floats = own if told is None else np.where(np.isfinite(told), told, own)
    return found
