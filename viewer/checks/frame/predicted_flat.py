"""2D labels beside 2D predictions, for the checks that compare them where there are no cuboids."""

import numpy as np

from viewer.checks.finding import Evidence
from viewer.checks.frame.predicted import SAME_PLACE_IOU, Beside
from viewer.checks.scene_labels import CheckedScene
from viewer.metrics.matching.iou_2d import Iou2d
from viewer.metrics.objects import EvaluatedObjects


def beside_flat(scene: CheckedScene) -> list[Beside]:
    """Return every set of predictions that has 2D boxes alone, with the labels on which they lie.

    Empty where no label has a 2D box: then nobody said that there should be any.
    """
    if scene.labels.boxes_px is None or np.isnan(scene.labels.boxes_px).all():
        return []
    found = []
    for set_id, objects in scene.predictions.items():
        if objects.boxes_px is None:
            continue
        flat = ~objects.has_cuboid() & np.isfinite(objects.boxes_px).all(axis=1)
        own = objects.select(flat)
        pairs = Iou2d().pairs(scene.labels, own)
        kept = pairs.select(pairs.values >= SAME_PLACE_IOU)
        nowhere = np.zeros(len(own), dtype=bool)
        found.append(
            Beside(set_id, own, kept.label_rows, kept.prediction_rows, kept.values, nowhere)
        )
    return [each for each in found if len(each.objects)]


def flat_evidence(objects: EvaluatedObjects, row: int, numbers: dict[str, float]) -> Evidence:
    """The 2D box of an object on its image, with numbers."""
    assert objects.boxes_px is not None
    left, top, right, bottom = objects.boxes_px[row].tolist()
    camera = objects.cameras[row] if objects.cameras is not None else None
    return Evidence(numbers, camera_id=camera, pixels=(left, top, right, bottom))
