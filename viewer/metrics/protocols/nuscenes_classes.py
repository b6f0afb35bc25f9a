"""The classes of the nuScenes benchmarks, and what the tables' categories become in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from viewer.metrics.objects import EvaluatedObjects, Ints

DETECTION_RANGES_M: Final[Mapping[str, float]] = {
    "car": 50.0, "truck": 50.0, "bus": 50.0, "trailer": 50.0, "construction_vehicle": 50.0,
    "pedestrian": 40.0, "motorcycle": 40.0, "bicycle": 40.0, "traffic_cone": 30.0, "barrier": 30.0,
}  # fmt: skip
TRACKING_RANGES_M: Final[Mapping[str, float]] = {
    "bicycle": 40.0, "bus": 50.0, "car": 50.0, "motorcycle": 40.0, "pedestrian": 40.0,
    "trailer": 50.0, "truck": 50.0,
}  # fmt: skip
OTHER_RANGE_M: Final = 50.0
BIKE_RACK: Final = "static_object.bicycle_rack"
CATEGORIES: Final[Mapping[str, str]] = {
    "movable_object.barrier": "barrier",
    "vehicle.bicycle": "bicycle",
    "vehicle.bus.bendy": "bus",
    "vehicle.bus.rigid": "bus",
    "vehicle.car": "car",
    "vehicle.construction": "construction_vehicle",
    "vehicle.motorcycle": "motorcycle",
    "human.pedestrian.adult": "pedestrian",
    "human.pedestrian.child": "pedestrian",
    "human.pedestrian.construction_worker": "pedestrian",
    "human.pedestrian.police_officer": "pedestrian",
    "movable_object.trafficcone": "traffic_cone",
    "vehicle.trailer": "trailer",
    "vehicle.truck": "truck",
}
OTHER_CATEGORIES: Final = frozenset(
    {
        "animal", "human.pedestrian.personal_mobility", "human.pedestrian.stroller",
        "human.pedestrian.wheelchair", "movable_object.debris", "movable_object.pushable_pullable",
        BIKE_RACK, "vehicle.emergency.ambulance", "vehicle.emergency.police",
    }
)  # fmt: skip
"""Categories of the tables that the benchmarks leave out."""
_KNOWN: Final = OTHER_CATEGORIES | set(DETECTION_RANGES_M)


@dataclass(frozen=True, eq=False, slots=True)
class BenchmarkClasses:
    """The classes evaluated, and which of them each object has."""

    ranges_m: Mapping[str, float]
    label_classes: Ints
    """(L,) row among `ranges_m`, -1 for objects of no class of the benchmark."""
    prediction_classes: Ints


def benchmark_classes(
    labels: EvaluatedObjects,
    predictions: EvaluatedObjects,
    own_ranges_m: Mapping[str, float],
    wanted_ranges_m: Mapping[str, float] | None,
    renamed: Mapping[str, str],
    lacks: list[str],
) -> BenchmarkClasses:
    """Name each object in the benchmark's words; data without any of them bring their own.

    Parameters
    ----------
    own_ranges_m
        Of the benchmark, by class.
    wanted_ranges_m
        Instead of them; None for the benchmark's.
    renamed
        Classes by the names that the data have for them.
    """
    ranges = dict(own_ranges_m if wanted_ranges_m is None else wanted_ranges_m)
    named = _named(labels, renamed, ranges)
    if wanted_ranges_m is None and len(labels) and not set(named) & {*ranges, *_KNOWN}:
        occurring = sorted({*named, *_named(predictions, renamed, ranges)})
        ranges = dict.fromkeys(occurring, OTHER_RANGE_M)
        lacks.append(
            "None of the benchmark's classes occurs: all classes are evaluated, to"
            f" {OTHER_RANGE_M:g} m; setting 'classes' renames them."
        )
    return BenchmarkClasses(
        ranges,
        _rows(labels, "labels", renamed, ranges, lacks),
        _rows(predictions, "predictions", renamed, ranges, lacks),
    )


def _named(
    objects: EvaluatedObjects, renamed: Mapping[str, str], ranges: Mapping[str, float]
) -> list[str]:
    folded = {name.casefold(): name for name in ranges}
    names = []
    for name in objects.class_names:
        word = renamed.get(name, CATEGORIES.get(name, name))
        names.append(folded.get(word.casefold(), word))
    return names


def _rows(
    objects: EvaluatedObjects,
    side: str,
    renamed: Mapping[str, str],
    ranges: Mapping[str, float],
    lacks: list[str],
) -> Ints:
    order = {name: row for row, name in enumerate(ranges)}
    names = _named(objects, renamed, ranges)
    counts = np.bincount(objects.class_rows[objects.has_cuboid()], minlength=len(names))
    foreign = [
        f"{count:,} of {name!r}"
        for name, word, count in zip(objects.class_names, names, counts, strict=True)
        if word not in order and count and word not in _KNOWN
    ]
    if foreign:
        lacks.append(f"These {side} are of no class of the benchmark: {', '.join(foreign)}.")
    rows = np.array([order.get(word, -1) for word in names], dtype=np.int64)
    return rows[objects.class_rows] if len(rows) else np.empty(0, np.int64)
