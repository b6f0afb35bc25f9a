"""Overlap of masks, pixel by pixel."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from viewer.metrics.matching.base import Pairs, Similarity, no_pairs
from viewer.metrics.matching.image_units import MOST_CAMERAS, boxes_near_px
from viewer.metrics.objects import MASKS, EvaluatedObjects, Floats, Ints
from viewer.metrics.protocols.coco_kernels import shared_pixels
from viewer.scene.masks import InstanceMask


class IouMask(Similarity):
    """Shared pixels over joint pixels of two masks on the same image."""

    name: ClassVar[str] = "iou_mask"
    title: ClassVar[str] = "mask IoU"
    needs: ClassVar[str] = "instance masks"

    def pairs(
        self, labels: EvaluatedObjects, predictions: EvaluatedObjects, *, covering: bool = False
    ) -> Pairs:
        a, b = labels.extras.get(MASKS), predictions.extras.get(MASKS)
        if a is None or b is None:
            return no_pairs()
        cameras: dict[str, int] = {}
        rows, columns = boxes_near_px(
            _units(labels, a, cameras), _bounds(a), _units(predictions, b, cameras), _bounds(b)
        )
        values = _overlaps(a, b, rows, columns, covering=covering)
        return Pairs(rows, columns, values).select(values > 0)


Masks = Sequence[InstanceMask | None]


def _overlaps(a: Masks, b: Masks, rows: Ints, columns: Ints, *, covering: bool) -> Floats:
    """(K,) masks of images that differ in size share nothing."""
    (ends_a, offsets_a), (ends_b, offsets_b) = _ends(a), _ends(b)
    shared = shared_pixels(ends_a, offsets_a, rows, ends_b, offsets_b, columns)
    alike = (_sizes(a)[rows] == _sizes(b)[columns]).all(axis=1)
    area_a, area_b = _areas(a)[rows], _areas(b)[columns]
    whole = area_b if covering else area_a + area_b - shared
    found: Floats = np.divide(shared, whole, out=np.zeros(len(rows)), where=alike & (whole > 0))
    return found


def _ends(masks: Masks) -> tuple[Ints, Ints]:
    """Return where runs end, mask after mask, and where each mask's begin."""
    ends = [np.cumsum(mask.runs.lengths) if mask else np.empty(0, np.int64) for mask in masks]
    offsets = np.cumsum([0, *map(len, ends)], dtype=np.int64)
    return np.concatenate([np.empty(0, np.int64), *ends]), offsets


def _sizes(masks: Masks) -> Ints:
    rows = [(mask.runs.width_px, mask.runs.height_px) if mask else (0, 0) for mask in masks]
    return np.array(rows, dtype=np.int64).reshape(-1, 2)


def _areas(masks: Masks) -> Ints:
    return np.array([mask.runs.area_px if mask else 0 for mask in masks], dtype=np.int64)


def _units(objects: EvaluatedObjects, masks: Masks, cameras: dict[str, int]) -> Ints:
    rows = [cameras.setdefault(mask.sensor_id if mask else "", len(cameras)) for mask in masks]
    return objects.frame_rows * MOST_CAMERAS + np.array(rows, dtype=np.int64)


def _bounds(masks: Masks) -> Floats:
    """(N, 4) rows that a mask spans, at full width; NaN without one."""
    found = np.full((len(masks), 4), np.nan)
    for row, mask in enumerate(masks):
        if mask is None or not mask.runs.area_px:
            continue
        runs = mask.runs
        ends = np.cumsum(runs.lengths)
        inside = np.flatnonzero(runs.lengths[1::2]) * 2 + 1
        top = ends[inside[0] - 1] // runs.width_px
        bottom = (ends[inside[-1]] - 1) // runs.width_px + 1
        found[row] = (0, top, runs.width_px, bottom)
    return found
