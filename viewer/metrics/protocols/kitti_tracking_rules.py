"""What the KITTI tracking benchmark leaves out before it counts: neither hit nor miss.

Labels of the class's neighbour (Van for Car, Person for Pedestrian), truncated ones and those that
are occluded to more than level 2 are left out, with the predictions that match them. So are
predictions that match nothing and are 25 px high or lower, or lie more than half in a DontCare box.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from viewer.metrics.objects import EvaluatedObjects, Ints
from viewer.metrics.protocols.assignment_kernels import match_by_weight
from viewer.metrics.protocols.similarity import (
    FLAT,
    frame_offsets,
    has_geometry,
    share_inside,
    similar_pairs,
)

NEIGHBOURS: Final = {"car": ("van",), "pedestrian": ("person", "person_sitting")}
DONT_CARE: Final = "dontcare"
MAX_OCCLUSION: Final = 2
MIN_HEIGHT_PX: Final = 25.0
LEAST_OVERLAP: Final = 0.5
MOST_IN_DONT_CARE: Final = 0.5
_EPSILON = float(np.finfo(float).eps)


@dataclass(frozen=True, eq=False, slots=True)
class Counted:
    """Rows of one class that count."""

    labels: Ints
    predictions: Ints


def apply_rules(
    labels: EvaluatedObjects, predictions: EvaluatedObjects, class_name: str
) -> Counted:
    """Return the rows of a class that count; names compare without regard to case."""
    lowered = class_name.lower()
    own = rows_named(labels, (lowered,))
    either = rows_named(labels, (lowered, *NEIGHBOURS.get(lowered, ())))
    shown = rows_named(predictions, (lowered,))
    truncated, occluded = _truncated(labels)[either], _occluded(labels)[either]
    passes = np.isin(either, own) & ~truncated & ~occluded
    label_offsets = frame_offsets(labels, either)
    pairs = similar_pairs(labels, predictions, either, shown, FLAT)
    pairs = pairs.where(pairs.values >= LEAST_OVERLAP - _EPSILON)
    matched = match_by_weight(
        label_offsets, frame_offsets(predictions, shown), pairs.offsets, pairs.labels,
        pairs.predictions, pairs.values,
    )  # fmt: skip
    kept = np.ones(len(shown), dtype=bool)
    kept[matched[(matched >= 0) & ~passes]] = False
    unmatched = np.ones(len(shown), dtype=bool)
    unmatched[matched[matched >= 0]] = False
    kept &= ~(unmatched & (_is_low(predictions, shown) | _in_dont_care(labels, predictions, shown)))
    return Counted(either[passes], shown[kept])


def rows_named(objects: EvaluatedObjects, lowered: tuple[str, ...]) -> Ints:
    """Return rows of objects on a track with a 2D box whose class is among the names."""
    wanted = np.array([name.lower() in lowered for name in objects.class_names], dtype=bool)
    if not wanted.any() or objects.track_rows is None:
        return np.empty(0, np.int64)
    is_counted = (
        wanted[objects.class_rows] & has_geometry(objects, FLAT) & (objects.track_rows >= 0)
    )
    return np.flatnonzero(is_counted)


def _truncated(labels: EvaluatedObjects) -> npt.NDArray[np.bool_]:
    if labels.truncations is None:
        return np.zeros(len(labels), dtype=bool)
    return np.trunc(np.nan_to_num(labels.truncations)) > 0


def _occluded(labels: EvaluatedObjects) -> npt.NDArray[np.bool_]:
    if labels.occlusions is None:
        return np.zeros(len(labels), dtype=bool)
    return np.asarray(labels.occlusions > MAX_OCCLUSION)


def _is_low(predictions: EvaluatedObjects, rows: Ints) -> npt.NDArray[np.bool_]:
    if predictions.boxes_px is None:
        return np.zeros(len(rows), dtype=bool)
    boxes = predictions.boxes_px[rows]
    return np.asarray(boxes[:, 3] - boxes[:, 1] <= MIN_HEIGHT_PX + _EPSILON)


def _in_dont_care(
    labels: EvaluatedObjects, predictions: EvaluatedObjects, rows: Ints
) -> npt.NDArray[np.bool_]:
    inside = np.zeros(len(rows), dtype=bool)
    named = np.array([name.lower() == DONT_CARE for name in labels.class_names], dtype=bool)
    if labels.boxes_px is None or predictions.boxes_px is None or not named.any():
        return inside
    regions = np.flatnonzero(named[labels.class_rows] & has_geometry(labels, FLAT))
    region_offsets, offsets = frame_offsets(labels, regions), frame_offsets(predictions, rows)
    busy = np.flatnonzero((np.diff(region_offsets) > 0) & (np.diff(offsets) > 0))
    for frame in busy:
        there = slice(offsets[frame], offsets[frame + 1])
        areas = labels.boxes_px[regions[region_offsets[frame] : region_offsets[frame + 1]]]
        shares = share_inside(predictions.boxes_px[rows[there]], areas)
        inside[there] = (shares > MOST_IN_DONT_CARE + _EPSILON).any(axis=1)
    return inside
