"""Overlap of cuboids seen from above."""

from typing import ClassVar

import numpy as np

from viewer.geometry.overlap import bev_iou_pairs
from viewer.metrics.matching.base import Pairs, Similarity, boxes_near
from viewer.metrics.objects import EvaluatedObjects
from viewer.metrics.protocols.ground import standing_on_xy


class IouBev(Similarity):
    """Intersection over union of length x width at the heading, in the ground plane."""

    name: ClassVar[str] = "iou_bev"
    title: ClassVar[str] = "BEV IoU"
    needs: ClassVar[str] = "cuboids"

    def pairs(
        self, labels: EvaluatedObjects, predictions: EvaluatedObjects, *, covering: bool = False
    ) -> Pairs:
        labels, predictions = standing_on_xy(labels, predictions)
        rows, columns = boxes_near(labels, predictions, flat=True)
        values = bev_iou_pairs(labels.cuboids(rows), predictions.cuboids(columns))
        if covering:
            a = labels.sizes_m[rows, :2].prod(axis=1)
            b = predictions.sizes_m[columns, :2].prod(axis=1)
            values = values / (1 + values) * (a + b) / np.maximum(b, np.finfo(float).tiny)
        return Pairs(rows, columns, values).select(values > 0)
