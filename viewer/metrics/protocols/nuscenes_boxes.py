"""Boxes as the nuScenes benchmarks take them: which ones count, and what is compared of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from viewer.geometry.rotation import matrix_from_quaternion
from viewer.metrics.objects import EvaluatedObjects, Floats, Ints
from viewer.metrics.protocols.confidence import scores_or_ones
from viewer.metrics.protocols.declared_settings import (
    Setting,
    by_name,
    flag,
    name_of,
    number,
    optional,
    whole_number,
)
from viewer.metrics.protocols.ground import standing_on_xy
from viewer.metrics.protocols.nuscenes_classes import BIKE_RACK, benchmark_classes

BIKES: Final = ("bicycle", "motorcycle")
BOX_SETTINGS: Final[Mapping[str, Setting]] = {
    "class_range": Setting(
        None, optional(by_name(number(0, 1e9))), "range of each class in m; else the benchmark's"
    ),
    "classes": Setting({}, by_name(name_of), "the benchmark's classes by the names in the data"),
    "filter_range": Setting(True, flag, "leave out boxes that are too far from the vehicle"),
    "filter_points": Setting(True, flag, "leave out labels without points"),
    "filter_bike_racks": Setting(True, flag, "leave out bikes in racks"),
    "max_boxes_per_sample": Setting(
        500, whole_number(1, 10**9), "most predictions that a frame may have"
    ),
}  # fmt: skip


@dataclass(frozen=True, eq=False, slots=True)
class BenchmarkBoxes:
    """N boxes that count, of one side; rows ascend by frame."""

    objects: EvaluatedObjects
    rows: Ints
    """(N,) rows of `objects`."""
    classes: Ints
    """(N,) rows of the evaluated classes."""
    scores: Floats
    attributes: npt.NDArray[np.object_]
    """(N,) name, empty for none."""

    def __len__(self) -> int:
        return len(self.rows)

    def select(self, own: Ints) -> "BenchmarkBoxes":
        """Return some of the boxes, by ascending place."""
        return BenchmarkBoxes(
            self.objects, self.rows[own], self.classes[own], self.scores[own], self.attributes[own]
        )

    @property
    def frames(self) -> Ints:
        """(N,) rows of the frames."""
        return self.objects.frame_rows[self.rows]

    @property
    def places_m(self) -> Floats:
        """(N, 2) middles seen from above."""
        return self.objects.centers_m[self.rows, :2]


@dataclass(frozen=True, eq=False, slots=True)
class BothSides:
    """What is compared."""

    class_names: Sequence[str]
    labels: BenchmarkBoxes
    predictions: BenchmarkBoxes


def boxes_that_count(
    labels: EvaluatedObjects,
    predictions: EvaluatedObjects,
    own_ranges_m: Mapping[str, float],
    settings: dict[str, Any],
    lacks: list[str],
) -> BothSides:
    """Apply the benchmark's filters; those that the data lack something for are told of.

    Raises
    ------
    ValueError
        A frame has more predictions than the benchmark permits.
    """
    scores = scores_or_ones(predictions, lacks)
    labels, predictions = standing_on_xy(labels, predictions)
    found = benchmark_classes(
        labels, predictions, own_ranges_m, settings["class_range"], settings["classes"], lacks
    )
    settings["class_range"] = dict(found.ranges_m)
    _require_few(predictions, found.prediction_classes, settings["max_boxes_per_sample"])
    _tell_lacks(labels, settings, lacks)
    ranges = np.array([*found.ranges_m.values(), 0.0])
    names = list(found.ranges_m)
    sides = []
    for objects, classes in (
        (labels, found.label_classes), (predictions, found.prediction_classes),
    ):  # fmt: skip
        counts = (classes >= 0) & np.isfinite(objects.centers_m).all(axis=1)
        if settings["filter_range"]:
            distances = _ego_distances_m(objects)
            counts &= ~np.isfinite(distances) | (distances < ranges[classes])
        if settings["filter_points"] and objects is labels and objects.point_counts is not None:
            counts &= objects.point_counts != 0
        if settings["filter_bike_racks"]:
            is_bike = np.array([name in BIKES for name in names] + [False])[classes]
            suspects = np.flatnonzero(counts & is_bike)
            counts[suspects[_in_racks(objects, suspects, labels)]] = False
        own_scores = scores if objects is predictions else np.full(len(objects), np.nan)
        counts &= own_scores != -np.inf
        rows = np.flatnonzero(counts)
        sides.append(
            BenchmarkBoxes(
                objects, rows, classes[rows], own_scores[rows], attribute_names(objects)[rows]
            )
        )
    return BothSides(names, sides[0], sides[1])


def yaws_rad(objects: EvaluatedObjects, rows: Ints) -> Floats:
    """(N,) heading of the front in the xy plane."""
    fronts = matrix_from_quaternion(objects.rotations[rows])[:, :, 0]
    yaws: Floats = np.arctan2(fronts[:, 1], fronts[:, 0])
    return yaws


def attribute_names(objects: EvaluatedObjects) -> npt.NDArray[np.object_]:
    """(N,) the one attribute that a box may have in the benchmark, empty for none.

    The first of `attributes` where there are several.
    """
    names = np.full(len(objects), "", dtype=object)
    for row, attributes in enumerate(objects.attributes or ()):
        held = attributes.get("attributes")
        if held and isinstance(held, list | tuple):
            names[row] = str(held[0])
    return names


def _ego_distances_m(objects: EvaluatedObjects) -> Floats:
    gaps = objects.centers_m[:, :2] - objects.frames.ego_positions_m[objects.frame_rows, :2]
    distances: Floats = np.sqrt((gaps**2).sum(axis=1))
    return distances


def _require_few(predictions: EvaluatedObjects, classes: Ints, most: int) -> None:
    counts = np.bincount(predictions.frame_rows[classes >= 0], minlength=len(predictions.frames))
    if len(counts) and counts.max() > most:
        frame = int(counts.argmax())
        raise ValueError(
            f"frame {predictions.frames.keys[frame]} has {counts[frame]} predictions, and the"
            f" benchmark permits {most}; setting 'max_boxes_per_sample' permits more"
        )


def _tell_lacks(labels: EvaluatedObjects, settings: Mapping[str, Any], lacks: list[str]) -> None:
    known = np.isfinite(labels.frames.ego_positions_m).all(axis=1)
    if settings["filter_range"] and not known.all():
        which = "in any frame" if not known.any() else f"in {(~known).sum():,} frames"
        lacks.append(f"The vehicle's place is not known {which}: no box is too far away there.")
    points = labels.point_counts
    if settings["filter_points"] and (points is None or bool((points < 0).any())):
        which = "any label" if points is None or (points < 0).all() else "some labels"
        lacks.append(f"The number of points in {which} is not known: such labels are kept.")


def _in_racks(
    objects: EvaluatedObjects, rows: Ints, labels: EvaluatedObjects
) -> npt.NDArray[np.bool_]:
    """(N,) which middles lie in a rack of the same frame, its faces included."""
    inside = np.zeros(len(rows), dtype=bool)
    if BIKE_RACK not in labels.class_names or not len(rows):
        return inside
    racks = np.flatnonzero(labels.class_rows == labels.class_names.index(BIKE_RACK))
    matrices = matrix_from_quaternion(labels.rotations[racks])
    for rack, matrix in zip(racks.tolist(), matrices, strict=True):
        first, last = np.searchsorted(
            objects.frame_rows[rows], [labels.frame_rows[rack], labels.frame_rows[rack] + 1]
        )
        local = (objects.centers_m[rows[first:last]] - labels.centers_m[rack]) @ matrix
        inside[first:last] |= (np.abs(local) <= labels.sizes_m[rack] / 2).all(axis=1)
    return inside
