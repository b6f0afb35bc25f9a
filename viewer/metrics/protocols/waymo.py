"""Waymo's 3D detection benchmark: AP and APH at two levels of difficulty, also by range.

Written from the published definitions (metrics.proto, and the tool that sets the metrics up) and
held to the figures of the package. As there, matches of hard labels count at both levels, and only
misses tell them apart; scores and overlaps are compared as 32 bit floats. The rest is computed in
doubles (the package sums floats: its six printed digits are the same). Zones without labels are
unknown.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar, Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from viewer.metrics.objects import EvaluatedObjects, Floats, Ints
from viewer.metrics.protocols.base import Evaluation, Protocol
from viewer.metrics.protocols.confidence import scores_or_ones
from viewer.metrics.protocols.declared_settings import (
    Setting,
    by_name,
    list_of,
    number,
    one_of,
    optional,
    read_settings,
    whole_number,
)
from viewer.metrics.protocols.ranges import ranges_m
from viewer.metrics.protocols.upright import (
    AXES,
    TILTED_RAD,
    UprightBoxes,
    overlapping_pairs,
    upright,
    vertical_axis,
)
from viewer.metrics.protocols.waymo_kernels import count_matches
from viewer.progress import JobContext

OWN_OVERLAPS: Final = {"vehicle": 0.7, "pedestrian": 0.5, "sign": 0.5, "cyclist": 0.5}
OTHER_OVERLAP: Final = 0.5
WEIGHT_STEPS: Final = 1_000_000
"""Overlaps are rounded to this many steps before their sum is made greatest."""
LEVELS: Final = ("LEVEL_1", "LEVEL_2")
LEVEL_ATTRIBUTE: Final = "detection_difficulty_level"
SETTINGS: Final[Mapping[str, Setting]] = {
    "min_overlaps": Setting(
        None,
        optional(by_name(number(0.001, 1))),
        "3D overlap by class that a match must reach; else Waymo's classes, or all if none occurs",
    ),
    "score_cutoffs": Setting(
        [row * 0.01 for row in range(100)] + [1.0],
        list_of(number(0, 1), ascending=True),
        "least scores at which precision and recall are taken",
    ),
    "recall_step": Setting(0.05, number(1e-3, 1), "largest step of the recall between two points"),
    "hard_points": Setting(5, whole_number(0, 10**9), "lidar points of a label of LEVEL_2 at most"),
    "range_bounds_m": Setting(
        [30.0, 50.0], list_of(number(0, 1e6), ascending=True), "where ranges end"
    ),
    "vertical": Setting(
        None, optional(one_of(*AXES)), "axis that is vertical; else the one the boxes stand along"
    ),
}


@dataclass(frozen=True, eq=False, slots=True)
class _Side:
    """What one side has to match: its boxes, and by class and range where they belong."""

    boxes: UprightBoxes
    offsets: Ints
    classes: Ints
    """(N,) -1 for what takes no part."""
    bands: Ints
    """(N,) range."""


class WaymoProtocol(Protocol):
    """AP and APH a class and level, over all ranges and in each."""

    name: ClassVar[str] = "waymo"
    title: ClassVar[str] = "Waymo 3D detection"
    source: ClassVar[str] = (
        "Sun et al.: Scalability in Perception for Autonomous Driving (CVPR 2020); "
        "waymo-open-dataset, metrics.proto and metrics/"
    )
    version: ClassVar[str] = (
        "waymo-open-dataset 1.6.7, TYPE_HUNGARIAN, TYPE_3D, without no-label zones"
    )
    settings: ClassVar[Mapping[str, Setting]] = SETTINGS

    def evaluate(
        self,
        labels: EvaluatedObjects,
        predictions: EvaluatedObjects,
        settings: Mapping[str, Any],
        job: JobContext,
    ) -> Evaluation:
        chosen = read_settings(SETTINGS, settings)
        chosen["vertical"] = chosen["vertical"] or vertical_axis((labels, predictions))
        lacks = ["Zones without labels are unknown: predictions in them are false alarms."]
        chosen["min_overlaps"] = _classes(labels, predictions, chosen, lacks)
        scores = scores_or_ones(predictions, lacks)
        levels = _levels(labels, chosen, lacks)
        sides = _side(labels, levels > 0, chosen), _side(predictions, np.isfinite(scores), chosen)
        _tell_lacks(sides, labels, predictions, lacks)
        job.report(0, None, "Evaluating classes")
        found = _Matching(*sides, levels, scores, chosen)
        names = _band_names(chosen["range_bounds_m"])
        results: dict[str, Any] = {}
        whole, banded = found.figures(by_range=False), found.figures(by_range=True)
        for name in job.track(list(chosen["min_overlaps"]), "Evaluating classes"):
            results[name] = next(whole)
            results[name]["ranges"] = {band: next(banded) for band in names}
        return Evaluation(self.name, self.version, chosen, results, tuple(lacks))


def _plain(name: str) -> str:
    return name.lower().removeprefix("type_")


def _classes(
    labels: EvaluatedObjects,
    predictions: EvaluatedObjects,
    settings: Mapping[str, Any],
    lacks: list[str],
) -> dict[str, float]:
    """Overlap by class: those given, or Waymo's own that occur, or, without any, all."""
    if settings["min_overlaps"] is not None:
        return dict(settings["min_overlaps"])
    occurring = sorted({*labels.class_names, *predictions.class_names})
    own = {name: OWN_OVERLAPS[_plain(name)] for name in occurring if _plain(name) in OWN_OVERLAPS}
    if own or not occurring:
        return own
    lacks.append(
        f"None of Waymo's classes occurs: all are evaluated, with an overlap of {OTHER_OVERLAP}."
    )
    return dict.fromkeys(occurring, OTHER_OVERLAP)


def _levels(labels: EvaluatedObjects, settings: Mapping[str, Any], lacks: list[str]) -> Ints:
    """(N,) 1 or 2; 0 for a label that holds no point."""
    levels = np.ones(len(labels), dtype=np.int64)
    points = labels.point_counts
    unknown = np.ones(len(labels), bool) if points is None else points < 0
    if points is not None:
        levels[~unknown & (points <= settings["hard_points"])] = 2
        levels[~unknown & (points == 0)] = 0
    for row, attributes in enumerate(labels.attributes or ()):
        given = _given_level(attributes.get(LEVEL_ATTRIBUTE))
        if given and levels[row] > 0:
            levels[row] = given
            unknown[row] = False
    unknown &= labels.has_cuboid()
    if unknown.any():
        lacks.append(f"{unknown.sum()} labels have no count of points: they are of LEVEL_1.")
    return levels


def _given_level(value: object) -> int:
    """Level that a person gave a label, 0 for none."""
    return {"LEVEL_1": 1, "LEVEL_2": 2, "1": 1, "2": 2}.get(str(value), 0)


def _side(
    objects: EvaluatedObjects, kept: npt.NDArray[np.bool_], settings: Mapping[str, Any]
) -> _Side:
    numbers = {name: row for row, name in enumerate(settings["min_overlaps"])}
    class_numbers = np.array([numbers.get(name, -1) for name in objects.class_names], np.int64)
    boxes = upright(objects, settings["vertical"])
    classes = class_numbers[objects.class_rows] if len(objects) else np.empty(0, dtype=np.int64)
    classes = np.where(kept & np.isfinite(boxes.yaws_rad), classes, -1)
    distances = ranges_m(objects)
    bands = np.searchsorted(settings["range_bounds_m"], distances, side="right")
    return _Side(boxes, objects.frame_offsets(), classes, bands)


def _tell_lacks(
    sides: tuple[_Side, _Side],
    labels: EvaluatedObjects,
    predictions: EvaluatedObjects,
    lacks: list[str],
) -> None:
    for side, objects, name in zip(
        sides, (labels, predictions), ("labels", "predictions"), strict=True
    ):
        boxed = np.isfinite(side.boxes.centers_m).all(axis=1)
        if not boxed.all():
            lacks.append(f"{(~boxed).sum()} {name} without a cuboid take no part.")
        if (side.boxes.tilts_rad > TILTED_RAD).any():
            lacks.append(f"Some {name} are tilted: the tilt is left out, as Waymo has none.")
        if (boxed & np.isnan(ranges_m(objects))).any():
            lacks.append(f"The vehicle's place is unknown: some {name} count as in the last range.")


def _band_names(bounds: list[float]) -> list[str]:
    edges = ["0", *(f"{bound:g}" for bound in bounds), "+inf"]
    return [f"[{low}, {high})" for low, high in pairwise(edges)]


class _Matching:
    """Pairs that overlap enough, from which every breakdown is matched and counted."""

    def __init__(
        self,
        labels: _Side,
        predictions: _Side,
        levels: Ints,
        scores: Floats,
        settings: Mapping[str, Any],
    ) -> None:
        self._labels, self._predictions, self._settings = labels, predictions, settings
        self._levels = levels
        cutoffs = np.array(settings["score_cutoffs"]).astype(np.float32)
        self._reached = np.searchsorted(cutoffs, scores.astype(np.float32), side="right")
        pairs = overlapping_pairs(
            labels.boxes, labels.offsets, predictions.boxes, predictions.offsets
        )
        limits = np.array([*settings["min_overlaps"].values(), np.inf]).astype(np.float32)
        overlaps = pairs.volume.astype(np.float32)
        same = labels.classes[pairs.rows] == predictions.classes[pairs.columns]
        kept = same & (overlaps >= limits[labels.classes[pairs.rows]])
        self._rows, self._columns = pairs.rows[kept], pairs.columns[kept]
        self._weights = np.round(overlaps[kept] * np.float32(WEIGHT_STEPS)).astype(np.float64)
        self._accuracies = _heading_accuracies(labels, predictions, self._rows, self._columns)

    def figures(self, *, by_range: bool) -> Iterator[dict[str, Any]]:
        """Yield AP and APH of each class, or of each class and range."""
        bands = len(self._settings["range_bounds_m"]) + 1 if by_range else 1
        shard_count = len(self._settings["min_overlaps"]) * bands
        label_shards, shards = (
            np.where(side.classes < 0, -1, side.classes * bands + (side.bands if by_range else 0))
            for side in (self._labels, self._predictions)
        )
        counts = self._counts(label_shards, shards, shard_count)
        cutoff_count = len(self._settings["score_cutoffs"])
        for shard in range(shard_count):
            reached = self._reached[shards == shard]
            ended = np.cumsum(np.bincount(reached, minlength=cutoff_count + 1))
            of_labels = self._levels[label_shards == shard]
            yield _shard_figures(
                counts[shard],
                len(reached) - ended[:cutoff_count],
                int((of_labels == 1).sum()),
                len(of_labels),
                self._settings,
            )

    def _counts(self, label_shards: Ints, shards: Ints, shard_count: int) -> Floats:
        kept = label_shards[self._rows] == shards[self._columns]
        rows, columns = self._rows[kept], self._columns[kept]
        nodes = len(self._labels.boxes) + len(self._predictions.boxes)
        ends = rows, columns + len(self._labels.boxes)
        graph = coo_array((np.ones(len(rows), dtype=np.int8), ends), shape=(nodes, nodes))
        groups = connected_components(graph, directed=False)[1][rows]
        order = np.argsort(groups, kind="stable")
        starts = np.flatnonzero(np.diff(groups[order], prepend=-1))
        counts: Floats = count_matches(
            np.append(starts, len(order)), rows[order], columns[order],
            self._weights[kept][order], self._accuracies[kept][order],
            label_shards[rows[order]], self._levels == 1, self._reached,
            len(self._labels.boxes), len(self._predictions.boxes), shard_count,
            len(self._settings["score_cutoffs"]),
        )  # fmt: skip
        return counts


def _heading_accuracies(labels: _Side, predictions: _Side, rows: Ints, columns: Ints) -> Floats:
    """(K,) 1 where both face the same way, 0 where opposite."""
    apart = np.abs(labels.boxes.yaws_rad[rows] - predictions.boxes.yaws_rad[columns])
    apart = np.where(apart > np.pi, 2 * np.pi - apart, apart)
    accuracies: Floats = np.clip(1 - apart / np.pi, 0, 1)
    return accuracies


def _shard_figures(
    counts: Floats, found: Ints, easy: int, labels: int, settings: Mapping[str, Any]
) -> dict[str, Any]:
    matched, easy_matched, accuracy = counts.T
    misses = {"LEVEL_1": easy - easy_matched, "LEVEL_2": labels - matched}
    figures = {}
    for level in LEVELS:
        with np.errstate(divide="ignore", invalid="ignore"):
            recalls = np.nan_to_num(matched / (matched + misses[level]))
            shares = [np.nan_to_num(hits / found) for hits in (matched, accuracy)]
        figures[level] = {
            name: _average_precision(
                np.where(recalls == 0, 1.0, precisions), recalls, settings["recall_step"]
            )
            for name, precisions in zip(("AP", "APH"), shares, strict=True)
        }
    return figures


def _average_precision(precisions: Floats, recalls: Floats, step: float) -> float:
    """Area under the curve, points added so that no step of the recall is larger than `step`."""
    best = {0.0: 1.0}
    for recall, precision in zip(recalls.tolist(), precisions.tolist(), strict=True):
        best[recall] = max(best.get(recall, 0.0), precision)
    points: list[tuple[float, float]] = []
    highest = 0.0
    for recall in sorted(best, reverse=True):
        last = points[-1][0] if points else recall
        while last - recall > step + 1e-6:
            last -= step
            points.append((last, highest))
        highest = max(highest, best[recall])
        points.append((recall, highest))
    if len(points) > 1:
        # The point at recall 0 is made up: it takes the precision of the one before.
        points[-1] = (points[-1][0], points[-2][1])
    return sum(0.5 * (a[0] - b[0]) * (a[1] + b[1]) for a, b in pairwise(points))
