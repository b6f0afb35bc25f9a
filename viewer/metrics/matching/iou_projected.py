"""Overlap on the images of what two cuboids cover, through the cameras' own lenses."""

from typing import ClassVar

import numpy as np

from viewer.metrics.matching.base import Pairs, Similarity, no_pairs
from viewer.metrics.matching.image_units import box_overlaps, boxes_near_px
from viewer.metrics.objects import PROJECTED_PX, EvaluatedObjects
from viewer.metrics.projected_boxes import with_projected_boxes
from viewer.progress import JobContext
from viewer.scene.scene import Dataset


class IouProjected(Similarity):
    """Intersection over union of the projected boxes, on the image where the label is largest."""

    name: ClassVar[str] = "iou_projected"
    title: ClassVar[str] = "projected IoU"
    needs: ClassVar[str] = "cuboids and calibrated cameras"

    def ready(
        self, dataset: Dataset, objects: EvaluatedObjects, job: JobContext
    ) -> EvaluatedObjects:
        return with_projected_boxes(dataset, objects, job)

    def pairs(
        self, labels: EvaluatedObjects, predictions: EvaluatedObjects, *, covering: bool = False
    ) -> Pairs:
        a, b = labels.extras.get(PROJECTED_PX), predictions.extras.get(PROJECTED_PX)
        if a is None or b is None:
            return no_pairs()
        areas = np.nan_to_num((a[:, :, 2:] - a[:, :, :2]).prod(axis=2), nan=-1.0)
        own = areas.argmax(axis=1) if a.shape[1] else np.zeros(len(a), dtype=np.int64)
        found: list[Pairs] = []
        for camera in range(a.shape[1]):
            boxes = np.where((own == camera)[:, None], a[:, camera], np.nan)
            rows, columns = boxes_near_px(
                labels.frame_rows, boxes, predictions.frame_rows, b[:, camera]
            )
            values = box_overlaps(boxes[rows], b[columns, camera], covering=covering)
            found.append(Pairs(rows, columns, values).select(values > 0))
        if not found:
            return no_pairs()
        rows = np.concatenate([each.label_rows for each in found])
        columns = np.concatenate([each.prediction_rows for each in found])
        values = np.concatenate([each.values for each in found])
        order = np.lexsort((columns, rows))
        return Pairs(rows[order], columns[order], values[order])
