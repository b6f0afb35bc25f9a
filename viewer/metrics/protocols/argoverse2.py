"""Argoverse 2's detection benchmark: AP by distance, three errors of matches, and CDS.

As in the kit a prediction is assigned to the label whose middle is nearest in space, however far;
only the surest prediction of a label can match it, so one that is surer and too far takes the label
from those that would match. Equal scores keep the order of the file (the kit's sort is not stable
within a sweep). Figures are not rounded (the kit's have three digits).
"""

import sys
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import numpy as np
import numpy.typing as npt
from scipy.spatial.transform import Rotation

from viewer.metrics.objects import EvaluatedObjects, Floats, Ints
from viewer.metrics.protocols.argoverse2_kernels import nearest_labels
from viewer.metrics.protocols.base import Evaluation, Protocol
from viewer.metrics.protocols.confidence import scores_or_ones
from viewer.metrics.protocols.declared_settings import (
    Setting,
    list_of,
    name_of,
    number,
    optional,
    read_settings,
    whole_number,
)
from viewer.metrics.protocols.ranges import within_range
from viewer.metrics.protocols.upright import AXES, vertical_axis
from viewer.progress import JobContext

ALL: Final = "all"
"""Where the mean over the classes stands."""
CATEGORIES: Final = (
    "ARTICULATED_BUS", "BICYCLE", "BICYCLIST", "BOLLARD", "BOX_TRUCK", "BUS",
    "CONSTRUCTION_BARREL", "CONSTRUCTION_CONE", "DOG", "LARGE_VEHICLE", "MESSAGE_BOARD_TRAILER",
    "MOBILE_PEDESTRIAN_CROSSING_SIGN", "MOTORCYCLE", "MOTORCYCLIST", "PEDESTRIAN",
    "REGULAR_VEHICLE", "SCHOOL_BUS", "SIGN", "STOP_SIGN", "STROLLER", "TRUCK", "TRUCK_CAB",
    "VEHICULAR_TRAILER", "WHEELCHAIR", "WHEELED_DEVICE", "WHEELED_RIDER",
)  # fmt: skip
SETTINGS: Final[Mapping[str, Setting]] = {
    "classes": Setting(
        None,
        optional(list_of(name_of)),
        "classes that are averaged; else Argoverse's, or all of the labels if none occurs",
    ),
    "thresholds_m": Setting(
        [0.5, 1.0, 2.0, 4.0],
        list_of(number(0, 1000), ascending=True),
        "distances that a match must stay below",
    ),
    "error_threshold_m": Setting(2.0, number(1e-6, 1000), "distance below which errors count"),
    "max_range_m": Setting(150.0, number(0, 1e6), "distance from the vehicle, in space"),
    "min_points": Setting(1, whole_number(0, 10**9), "lidar points in a label that counts"),
    "max_predictions": Setting(100, whole_number(1, 10**9), "a class and frame, surest first"),
    "recall_samples": Setting(101, whole_number(2, 10**6), "recalls from 0 to 1"),
}


@dataclass(frozen=True, eq=False, slots=True)
class _Assigned:
    """Predictions that take part, from the surest down, and what each was assigned to."""

    classes: Ints
    owns_label: npt.NDArray[np.bool_]
    distances_m: Floats
    errors: Floats
    """(N, 3) of place in metres, of size, and of heading in radians."""
    label_counts: Ints
    """(C,) labels that take part."""


class Argoverse2Protocol(Protocol):
    """AP, ATE, ASE, AOE and CDS a class, and their average."""

    name: ClassVar[str] = "argoverse2"
    title: ClassVar[str] = "Argoverse 2 detection"
    source: ClassVar[str] = (
        "Wilson et al.: Argoverse 2 (NeurIPS Datasets 2021); av2-api, evaluation/detection"
    )
    version: ClassVar[str] = "av2 0.3.6, without the region of interest"
    settings: ClassVar[Mapping[str, Setting]] = SETTINGS

    def evaluate(
        self,
        labels: EvaluatedObjects,
        predictions: EvaluatedObjects,
        settings: Mapping[str, Any],
        job: JobContext,
    ) -> Evaluation:
        chosen = read_settings(SETTINGS, settings)
        if chosen["classes"] is None:
            chosen["classes"] = _classes(labels, predictions)
        lacks = ["The map's region of interest is unknown: objects outside of it count too."]
        assigned = _assign(labels, predictions, chosen, lacks)
        results: dict[str, Any] = {}
        for row, name in enumerate(job.track(chosen["classes"], "Evaluating classes")):
            results[name] = _class_figures(assigned, row, chosen)
        if results:
            results[ALL] = _average(list(results.values()))
        return Evaluation(self.name, self.version, chosen, results, tuple(lacks))


def _classes(labels: EvaluatedObjects, predictions: EvaluatedObjects) -> list[str]:
    occurring = {*labels.class_names, *predictions.class_names}
    if not occurring or occurring & set(CATEGORIES):
        return list(CATEGORIES)
    return sorted(labels.class_names or predictions.class_names)


def _assign(
    labels: EvaluatedObjects,
    predictions: EvaluatedObjects,
    settings: Mapping[str, Any],
    lacks: list[str],
) -> _Assigned:
    vertical = vertical_axis((labels, predictions))
    label_rows, label_classes, label_groups = _taking_part(
        labels, settings, _countable(labels, settings, lacks), "labels", lacks
    )
    scores = scores_or_ones(predictions, lacks)
    rows, classes, groups = _taking_part(
        predictions, settings, np.isfinite(scores), "predictions", lacks
    )
    order = np.lexsort((-scores[rows], groups))
    rows, classes, groups = rows[order], classes[order], groups[order]
    # The surest of each class and frame: how many of the group came before.
    place = np.arange(len(groups)) - np.searchsorted(groups, groups)
    kept = place < settings["max_predictions"]
    rows, classes, groups = rows[kept], classes[kept], groups[kept]
    nearest, distances = nearest_labels(
        groups, predictions.centers_m[rows], label_groups, labels.centers_m[label_rows]
    )
    owns = nearest >= 0
    errors = np.full((len(rows), 3), np.nan)
    if owns.any():
        ours, theirs = rows[owns], label_rows[nearest[owns]]
        errors[owns] = np.c_[
            distances[owns],
            _size_errors(predictions.sizes_m[ours], labels.sizes_m[theirs]),
            _heading_errors(
                _headings(predictions.rotations[ours], vertical),
                _headings(labels.rotations[theirs], vertical),
            ),
        ]
    surest_first = _surest_first(predictions, rows, scores)
    return _Assigned(
        classes[surest_first],
        owns[surest_first],
        distances[surest_first],
        errors[surest_first],
        np.bincount(label_classes, minlength=len(settings["classes"])),
    )


def _countable(
    labels: EvaluatedObjects, settings: Mapping[str, Any], lacks: list[str]
) -> npt.NDArray[np.bool_]:
    """(N,) labels with enough points, or of whose points nothing is known."""
    known = np.zeros(len(labels), bool) if labels.point_counts is None else labels.point_counts >= 0
    unknown = ~known & labels.has_cuboid()
    if unknown.any():
        lacks.append(f"{unknown.sum()} labels have no count of points: they count as if seen.")
    if labels.point_counts is None:
        return ~known
    enough: npt.NDArray[np.bool_] = ~known | (labels.point_counts >= settings["min_points"])
    return enough


def _taking_part(
    objects: EvaluatedObjects,
    settings: Mapping[str, Any],
    counts: npt.NDArray[np.bool_],
    side: str,
    lacks: list[str],
) -> tuple[Ints, Ints, Ints]:
    """Row, class and group of the objects evaluated, by group; one is a class in a frame."""
    numbers = {name: row for row, name in enumerate(settings["classes"])}
    number_of = np.array([numbers.get(name, -1) for name in objects.class_names], dtype=np.int64)
    classes = number_of[objects.class_rows] if len(objects) else np.empty(0, dtype=np.int64)
    near = within_range(objects, settings["max_range_m"], side, lacks)
    turned = np.isfinite(objects.rotations).all(axis=1) & (objects.rotations != 0).any(axis=1)
    rows = np.flatnonzero(counts & near & turned & (classes >= 0))
    groups = classes[rows] * len(objects.frames) + objects.frame_rows[rows]
    order = np.argsort(groups, kind="stable")
    return rows[order], classes[rows][order], groups[order]


def _surest_first(predictions: EvaluatedObjects, rows: Ints, scores: Floats) -> Ints:
    """Order over all frames; equal scores by the scene's name, then as the file has them."""
    frames = predictions.frames
    by_name = np.empty(len(frames.scene_ids), dtype=np.int64)
    by_name[np.argsort(np.array(frames.scene_ids), kind="stable")] = np.arange(len(by_name))
    scenes = by_name[frames.scene_of_frame[predictions.frame_rows[rows]]]
    order: Ints = np.lexsort((rows, scenes, -scores[rows]))
    return order


def _size_errors(sizes: Floats, label_sizes: Floats) -> Floats:
    """One less the overlap of the boxes laid over each other."""
    shared = np.minimum(sizes, label_sizes).prod(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        errors: Floats = 1 - shared / np.maximum(sizes, label_sizes).prod(axis=1)
    return errors


def _headings(rotations: Floats, vertical: str) -> Floats:
    """Turn about the vertical, the last of three; of a box that stands on its nose as scipy's."""
    turn = np.array(AXES[vertical], dtype=np.float64)
    matrices = turn @ Rotation.from_quat(rotations[:, [1, 2, 3, 0]]).as_matrix()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        headings: Floats = Rotation.from_matrix(matrices).as_euler("xyz")[:, 2]
    return headings


def _heading_errors(yaws: Floats, label_yaws: Floats) -> Floats:
    """Smallest angle between the headings, as the kit wraps it."""
    apart = np.abs(yaws - label_yaws)
    turns, rest = np.divmod(apart, np.pi)
    return np.where(turns == 0, apart, np.pi - rest)


def _class_figures(assigned: _Assigned, row: int, settings: Mapping[str, Any]) -> dict[str, Any]:
    of_class = assigned.classes == row
    owns, distances = assigned.owns_label[of_class], assigned.distances_m[of_class]
    worst = np.array([settings["error_threshold_m"], 1.0, np.pi])
    recalls = np.linspace(0, 1, settings["recall_samples"])
    label_count = assigned.label_counts[row]
    precisions = {
        f"{threshold:g}": _average_precision(owns & (distances < threshold), label_count, recalls)
        for threshold in settings["thresholds_m"]
    }
    errors = worst
    matched = owns & (distances < settings["error_threshold_m"])
    if matched.any():
        errors = assigned.errors[of_class][matched].mean(axis=0)
    mean = float(np.mean(list(precisions.values())))
    score = mean * float(np.mean(1 - errors / worst))
    names = ("AP", "ATE", "ASE", "AOE", "CDS")
    figures = dict(zip(names, map(_value, (mean, *errors, score)), strict=True))
    return {**figures, "AP_by_distance_m": precisions}


def _average_precision(matches: npt.NDArray[np.bool_], label_count: int, recalls: Floats) -> float:
    if label_count == 0 or not len(matches):
        return 0.0
    hits = np.cumsum(matches)
    precisions = hits / (np.arange(1, len(hits) + 1) + sys.float_info.epsilon)
    precisions = np.maximum.accumulate(precisions[::-1])[::-1]
    return float(np.interp(recalls, hits / label_count, precisions, right=0).mean())


def _average(figures: list[dict[str, Any]]) -> dict[str, Any]:
    def mean(values: list[Any]) -> float | None:
        return None if None in values else float(np.mean(values))

    average: dict[str, Any] = {
        name: mean([each[name] for each in figures]) for name in ("AP", "ATE", "ASE", "AOE", "CDS")
    }
    distances = figures[0]["AP_by_distance_m"]
    average["AP_by_distance_m"] = {
        distance: mean([each["AP_by_distance_m"][distance] for each in figures])
        for distance in distances
    }
    return average


def _value(figure: float) -> float | None:
    return None if np.isnan(figure) else float(figure)
