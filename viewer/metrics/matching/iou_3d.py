"""Overlap of volumes, for any rotation."""

from typing import ClassVar

import numpy as np

from viewer.geometry.overlap import iou_3d_pairs
from viewer.metrics.matching.base import Pairs, Similarity, boxes_near
from viewer.metrics.objects import EvaluatedObjects


class Iou3d(Similarity):
    """Intersection over union of cuboids."""

    name: ClassVar[str] = "iou_3d"
    title: ClassVar[str] = "3D IoU"
    needs: ClassVar[str] = "cuboids"

    def pairs(
        self, labels: EvaluatedObjects, predictions: EvaluatedObjects, *, covering: bool = False
    ) -> Pairs:
        rows, columns = boxes_near(labels, predictions, flat=False)
        values = iou_3d_pairs(labels.cuboids(rows), predictions.cuboids(columns))
        if covering:
            a = labels.sizes_m[rows].prod(axis=1)
            b = predictions.sizes_m[columns].prod(axis=1)
            values = values / (1 + values) * (a + b) / np.maximum(b, np.finfo(float).tiny)
        return Pairs(rows, columns, values).select(values > 0)
