"""How much objects of one image and class overlap: by box, by mask, by keypoints."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from viewer.metrics.objects import (
    AREAS_PX,
    KEYPOINTS_PX,
    MASKS,
    EvaluatedObjects,
    Floats,
    Ints,
)
from viewer.metrics.protocols.coco_kernels import shared_pixels
from viewer.metrics.protocols.pair_kernels import image_pairs
from viewer.scene.masks import RunLengths

MEASURES: Final = ("bbox", "segm", "keypoints")
BODY_SIGMAS: Final = (
    0.026, 0.025, 0.025, 0.035, 0.035, 0.079, 0.079, 0.072, 0.072, 0.062, 0.062, 0.107, 0.107,
    0.087, 0.087, 0.089, 0.089,
)  # fmt: skip
"""COCO's tolerance of each of the 17 keypoints of a person."""
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False, slots=True)
class Shapes:
    """What one side has in a measure; row i belongs to object i."""

    present: Flags
    areas_px: Floats
    boxes_px: Floats
    ignored: Flags
    """(N,) labels that count for nothing whatever their area."""
    crowds: Flags
    masks: Sequence[RunLengths | None] = ()
    keypoints: Sequence[Floats | None] = ()


@dataclass(frozen=True, eq=False, slots=True)
class OverlapPairs:
    """K pairs of one unit, by rows of the two sides given."""

    rows: Ints
    columns: Ints
    overlaps: Floats


def shapes_of(objects: EvaluatedObjects, measure: str) -> Shapes:
    """Return what the objects have in a measure, with the areas that their size is judged by."""
    count = len(objects)
    boxes = np.full((count, 4), np.nan) if objects.boxes_px is None else objects.boxes_px
    crowds: Flags = np.zeros(count, bool) if objects.is_crowd is None else objects.is_crowd
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    given = objects.extras.get(AREAS_PX)
    ignored: Flags = crowds
    if measure == "bbox":
        present: Flags = np.asarray(np.isfinite(boxes).all(axis=1))
        found = Shapes(present, areas, boxes, ignored, crowds)
    elif measure == "segm":
        masks = [mask and mask.runs for mask in objects.extras.get(MASKS, (None,) * count)]
        areas = np.array([mask.area_px if mask else np.nan for mask in masks], dtype=float)
        present = np.array([mask is not None for mask in masks], dtype=bool)
        found = Shapes(present, areas, _mask_bounds(masks), ignored, crowds, masks=masks)
    else:
        points = list(objects.extras.get(KEYPOINTS_PX, (None,) * count))
        bounds = _keypoint_bounds(points)
        areas = (bounds[:, 2] - bounds[:, 0]) * (bounds[:, 3] - bounds[:, 1])
        unseen = [each is not None and not (each[:, 2] > 0).any() for each in points]
        ignored = crowds | np.array(unseen, dtype=bool)
        boxes = np.where(np.isfinite(boxes), boxes, bounds)
        present = np.array([each is not None for each in points], dtype=bool)
        found = Shapes(present, areas, boxes, ignored, crowds, keypoints=points)
    if given is None:
        return found
    areas = np.where(np.isfinite(given), given, found.areas_px)
    return Shapes(
        found.present, areas, found.boxes_px, found.ignored, found.crowds, found.masks,
        found.keypoints,
    )  # fmt: skip


def _mask_bounds(masks: Sequence[RunLengths | None]) -> Floats:
    """(N, 4) rows of the image that each mask reaches over, all of its width."""
    bounds = np.full((len(masks), 4), np.nan)
    for row, mask in enumerate(masks):
        if mask is not None and mask.area_px:
            ends = np.cumsum(mask.lengths)
            inside = np.flatnonzero(mask.lengths[1::2]) * 2 + 1
            top = ends[inside[0] - 1] // mask.width_px
            bottom = (ends[inside[-1]] - 1) // mask.width_px
            bounds[row] = 0, top, mask.width_px, bottom + 1
    return bounds


def _keypoint_bounds(keypoints: Sequence[Floats | None]) -> Floats:
    bounds = np.full((len(keypoints), 4), np.nan)
    for row, points in enumerate(keypoints):
        if points is not None and len(points):
            bounds[row] = [*points[:, :2].min(axis=0), *points[:, :2].max(axis=0)]
    return bounds


def overlaps_in_units(
    labels: Shapes,
    label_rows: Ints,
    label_offsets: Ints,
    predictions: Shapes,
    rows: Ints,
    offsets: Ints,
    settings: Mapping[str, Any],
) -> OverlapPairs:
    """Find what overlaps in each unit; rows are counted along `rows` and `label_rows`."""
    if settings["measure"] == "keypoints":
        return _similar_keypoints(
            labels, label_rows, label_offsets, predictions, rows, offsets, settings
        )
    one_image = np.zeros(len(rows), dtype=np.int64), np.zeros(len(label_rows), dtype=np.int64)
    first, second, shared = image_pairs(
        offsets, predictions.boxes_px[rows], one_image[0],
        label_offsets, labels.boxes_px[label_rows], one_image[1],
    )  # fmt: skip
    if settings["measure"] == "segm":
        shared = _shared_masks(predictions, rows[first], labels, label_rows[second])
        areas, label_areas = (_mask_areas(side.masks) for side in (predictions, labels))
    else:
        areas, label_areas = (_box_areas(side.boxes_px) for side in (predictions, labels))
    own, other = areas[rows[first]], label_areas[label_rows[second]]
    union = np.where(labels.crowds[label_rows[second]], own, own + other - shared)
    with np.errstate(divide="ignore", invalid="ignore"):
        overlaps = np.nan_to_num(shared / union)
    meet = overlaps > 0
    return OverlapPairs(first[meet], second[meet], overlaps[meet])


def _box_areas(boxes_px: Floats) -> Floats:
    areas: Floats = (boxes_px[:, 2] - boxes_px[:, 0]) * (boxes_px[:, 3] - boxes_px[:, 1])
    return areas


def _mask_areas(masks: Sequence[RunLengths | None]) -> Floats:
    return np.array([mask.area_px if mask else np.nan for mask in masks], dtype=float)


def _shared_masks(a: Shapes, rows: Ints, b: Shapes, columns: Ints) -> Floats:
    ends_a, offsets_a, sizes_a = _ends(a.masks)
    ends_b, offsets_b, sizes_b = _ends(b.masks)
    shared: Floats = shared_pixels(ends_a, offsets_a, rows, ends_b, offsets_b, columns) * (
        sizes_a[rows] == sizes_b[columns]
    ).all(axis=1)
    return shared


def _ends(masks: Sequence[RunLengths | None]) -> tuple[Ints, Ints, Ints]:
    """Ends of the runs of all masks, where each mask's begin, and the images' sizes."""
    none = np.empty(0, dtype=np.int64)
    ends = [none if mask is None else np.cumsum(mask.lengths) for mask in masks]
    sizes = [(-1, -1) if mask is None else (mask.width_px, mask.height_px) for mask in masks]
    offsets = np.cumsum([0, *map(len, ends)]).astype(np.int64)
    return np.concatenate([none, *ends]), offsets, np.array(sizes, dtype=np.int64).reshape(-1, 2)


def _similar_keypoints(
    labels: Shapes,
    label_rows: Ints,
    label_offsets: Ints,
    predictions: Shapes,
    rows: Ints,
    offsets: Ints,
    settings: Mapping[str, Any],
) -> OverlapPairs:
    found: list[tuple[int, int, float]] = []
    for unit in range(len(offsets) - 1):
        for second in range(label_offsets[unit], label_offsets[unit + 1]):
            label = label_rows[second]
            for first in range(offsets[unit], offsets[unit + 1]):
                similarity = _keypoint_similarity(
                    labels.keypoints[label], labels.boxes_px[label], labels.areas_px[label],
                    predictions.keypoints[rows[first]], settings["sigmas"],
                )  # fmt: skip
                found.append((first, second, similarity))
    found.sort()
    table = np.array(found, dtype=float).reshape(-1, 3)
    return OverlapPairs(table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2])


def _keypoint_similarity(
    label: Floats | None,
    box_px: Floats,
    area_px: float,
    prediction: Floats | None,
    sigmas: Sequence[float],
) -> float:
    """OKS: mean nearness of the visible keypoints, or, without any, of the box's doubled reach."""
    if label is None or prediction is None or len(label) != len(prediction):
        return 0.0
    visible = label[:, 2] > 0
    if visible.any():
        apart = prediction[:, :2] - label[:, :2]
    else:
        size = box_px[2:] - box_px[:2]
        low, high = box_px[:2] - size, box_px[2:] + size
        apart = np.maximum(low - prediction[:, :2], 0) + np.maximum(prediction[:, :2] - high, 0)
        visible = np.ones(len(label), dtype=bool)
    tolerance = (np.array(_sigmas(sigmas, len(label))) * 2) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        errors = (apart**2).sum(axis=1) / tolerance / (area_px + np.spacing(1)) / 2
    return float(np.exp(-errors[visible]).mean())


def _sigmas(sigmas: Sequence[float], count: int) -> Sequence[float]:
    return sigmas if len(sigmas) == count else [float(np.mean(sigmas))] * count
