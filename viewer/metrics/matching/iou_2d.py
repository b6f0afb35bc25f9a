"""Overlap of 2D boxes on an image."""

from typing import ClassVar

from viewer.metrics.matching.base import Pairs, Similarity, no_pairs
from viewer.metrics.matching.image_units import box_overlaps, boxes_near_px, image_units
from viewer.metrics.objects import EvaluatedObjects


class Iou2d(Similarity):
    """Intersection over union of 2D boxes on the same image; pixels are not counted as wide."""

    name: ClassVar[str] = "iou_2d"
    title: ClassVar[str] = "2D IoU"
    needs: ClassVar[str] = "2D boxes"

    def pairs(
        self, labels: EvaluatedObjects, predictions: EvaluatedObjects, *, covering: bool = False
    ) -> Pairs:
        if labels.boxes_px is None or predictions.boxes_px is None:
            return no_pairs()
        cameras: dict[str, int] = {}
        rows, columns = boxes_near_px(
            image_units(labels, cameras), labels.boxes_px,
            image_units(predictions, cameras), predictions.boxes_px,
        )  # fmt: skip
        values = box_overlaps(
            labels.boxes_px[rows], predictions.boxes_px[columns], covering=covering
        )
        return Pairs(rows, columns, values).select(values > 0)
