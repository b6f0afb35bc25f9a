"""How alike a label and a prediction of the same frame are: 0 to 1, by one of several measures."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from viewer.geometry.overlap import bev_iou_pairs, iou_3d_pairs
from viewer.metrics.objects import EvaluatedObjects, Floats, Ints
from viewer.metrics.protocols.ground import standing_on_xy
from viewer.metrics.protocols.neighbour_kernels import neighbours

MEASURES: Final = {
    "iou_3d": "volume overlap of the cuboids, of any rotation",
    "iou_bev": "overlap of the cuboids seen from above",
    "distance_3d": "max(0, 1 - d / zero_distance_m) of the distance d of the middles",
    "distance_bev": "max(0, 1 - d / zero_distance_m) of the distance d of the middles in xy",
    "iou_2d": "overlap of the 2D boxes on the same image",
}
FLAT: Final = "iou_2d"
_EPSILON = float(np.finfo(float).eps)
_ROUNDING = 1e-9
"""Share by which the search for neighbours reaches further than it has to."""


@dataclass(frozen=True, eq=False, slots=True)
class FramePairs:
    """The P pairs of a frame that are alike at all; rows count what was handed in."""

    labels: Ints
    """(P,) ascending within a frame."""
    predictions: Ints
    offsets: Ints
    """(F + 1,) pairs of each frame."""
    values: Floats
    """(P,) above 0."""

    def where(self, kept: npt.NDArray[np.bool_]) -> "FramePairs":
        """Return some of the pairs; rows stay as they are."""
        total = np.concatenate([[0], np.cumsum(kept)])
        return FramePairs(
            self.labels[kept], self.predictions[kept], total[self.offsets], self.values[kept]
        )


def has_geometry(objects: EvaluatedObjects, measure: str) -> npt.NDArray[np.bool_]:
    """(N,) which objects have what a measure needs: a cuboid or a 2D box."""
    if measure != FLAT:
        return np.asarray(np.isfinite(objects.centers_m).all(axis=1))
    if objects.boxes_px is None:
        return np.zeros(len(objects), dtype=bool)
    return np.asarray(np.isfinite(objects.boxes_px).all(axis=1))


def frame_offsets(objects: EvaluatedObjects, rows: Ints) -> Ints:
    """(F + 1,) where each frame's objects begin among `rows`, which ascend."""
    frames = np.arange(len(objects.frames) + 1)
    return np.searchsorted(objects.frame_rows[rows], frames).astype(np.int64)


def similar_pairs(
    labels: EvaluatedObjects,
    predictions: EvaluatedObjects,
    label_rows: Ints,
    prediction_rows: Ints,
    measure: str,
    zero_distance_m: float = 2.0,
) -> FramePairs:
    """Return the pairs of the same frame whose similarity is above 0.

    Parameters
    ----------
    label_rows, prediction_rows
        Ascending; all of them have what the measure needs.
    """
    rows = (label_rows, prediction_rows)
    sides = (labels, predictions)
    places, reaches = [], []
    if measure.endswith("bev"):
        sides = standing_on_xy(labels, predictions)
    for objects, own in zip(sides, rows, strict=True):
        place, reach = _spheres(objects, own, measure, zero_distance_m)
        places.append(np.ascontiguousarray(place))
        reaches.append(reach * (1 + _ROUNDING))
    first, second, offsets = neighbours(
        frame_offsets(labels, label_rows), frame_offsets(predictions, prediction_rows),
        places[0], reaches[0], places[1], reaches[1],
    )  # fmt: skip
    a, b = label_rows[first], prediction_rows[second]
    if measure == FLAT:
        values = _flat_overlap(labels, predictions, a, b)
    elif measure.startswith("distance"):
        gaps = places[0][first] - places[1][second]
        values = np.maximum(0.0, 1.0 - np.sqrt((gaps**2).sum(axis=1)) / zero_distance_m)
    else:
        overlap = iou_3d_pairs if measure == "iou_3d" else bev_iou_pairs
        values = overlap(sides[0].cuboids(a), sides[1].cuboids(b))
    return FramePairs(first, second, offsets, values).where(values > 0)


def overlap_2d(a: Floats, b: Floats) -> Floats:
    """(N,) intersection over union of box i of `a` and box i of `b`; 0 where one has no area."""
    shared = _shared_area(a, b)
    area_a, area_b = _area(a), _area(b)
    union = area_a + area_b - shared
    known = (area_a > _EPSILON) & (area_b > _EPSILON) & (union > _EPSILON)
    return np.where(known, shared, 0.0) / np.where(known, union, 1.0)


def share_inside(a: Floats, b: Floats) -> Floats:
    """(N, M) share of each box of `a` that lies in each of `b`; 0 where it has no area."""
    area = _area(a)
    shared = _shared_area(a[:, None], b[None])
    return (
        np.where(area > _EPSILON, shared.T, 0.0).T / np.where(area > _EPSILON, area, 1.0)[:, None]
    )


def _area(boxes: Floats) -> Floats:
    area: Floats = (boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1])
    return area


def _shared_area(a: Floats, b: Floats) -> Floats:
    low = np.maximum(a[..., :2], b[..., :2])
    high = np.minimum(a[..., 2:], b[..., 2:])
    shared: Floats = np.maximum(high - low, 0.0).prod(axis=-1)
    return shared


def _flat_overlap(a: EvaluatedObjects, b: EvaluatedObjects, rows_a: Ints, rows_b: Ints) -> Floats:
    if a.boxes_px is None or b.boxes_px is None:
        return np.empty(0)
    values = overlap_2d(a.boxes_px[rows_a], b.boxes_px[rows_b])
    if a.cameras is None or b.cameras is None:
        return values
    cameras = a.cameras, b.cameras
    if len({*a.cameras, *b.cameras} - {""}) <= 1:
        return values
    same = [
        cameras[0][row] == cameras[1][other] or not (cameras[0][row] and cameras[1][other])
        for row, other in zip(rows_a.tolist(), rows_b.tolist(), strict=True)
    ]
    return np.where(np.array(same, dtype=bool), values, 0.0)


def _spheres(
    objects: EvaluatedObjects, rows: Ints, measure: str, zero_distance_m: float
) -> tuple[Floats, Floats]:
    """(N, D) middles and (N,) radii: objects whose spheres do not meet are not alike at all."""
    if measure == FLAT:
        boxes = np.empty((0, 4)) if objects.boxes_px is None else objects.boxes_px[rows]
        return (boxes[:, :2] + boxes[:, 2:]) / 2, np.hypot(*(boxes[:, 2:] - boxes[:, :2]).T) / 2
    centers = objects.centers_m[rows]
    places = centers if measure.endswith("3d") else centers[:, :2]
    if measure.startswith("distance"):
        return places, np.full(len(rows), zero_distance_m / 2)
    sizes = objects.sizes_m[rows][:, : places.shape[1]]
    return places, np.sqrt((sizes**2).sum(axis=1)) / 2
