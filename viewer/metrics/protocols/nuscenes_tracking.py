"""nuScenes tracking: AMOTA and AMOTP over 40 recalls, and the figures at the best threshold.

Traps that the development kit sets: MOTAR takes the recall that was measured, without switches;
a threshold that occurs twice counts twice; recalls that are not reached get the worst value; TID
and LGD count frames that hold a box of the class, at half a second each.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final

import numpy as np

from viewer.metrics.objects import EvaluatedObjects, Floats, Ints
from viewer.metrics.protocols.base import Evaluation, Protocol
from viewer.metrics.protocols.declared_settings import (
    Setting,
    number,
    read_settings,
    whole_number,
)
from viewer.metrics.protocols.expanded_distances import expanded_distances
from viewer.metrics.protocols.motmetrics_counts import TrackHistory, track_history
from viewer.metrics.protocols.neighbour_kernels import neighbours
from viewer.metrics.protocols.nuscenes_boxes import BOX_SETTINGS, boxes_that_count
from viewer.metrics.protocols.nuscenes_classes import TRACKING_RANGES_M
from viewer.metrics.protocols.nuscenes_tracks import (
    CompletedTracks,
    complete_tracks,
    frame_times,
)
from viewer.metrics.protocols.similarity import FramePairs
from viewer.progress import JobContext

ALL: Final = "all"
ROUNDING: Final = 1e-6
"""Share by which the search for pairs reaches further than a match may be away."""
SAMPLE_PERIOD_S: Final = 0.5
WORST_AMOTA: Final = 0.0
WORST_AMOTP: Final = 2.0
WORST_FAF: Final = 500.0
WORST_TIME_S: Final = 20.0
SUMMED: Final = ("MT", "ML", "TP", "FP", "FN", "IDS", "FRAG")
ORDER: Final = (
    "AMOTA", "AMOTP", "RECALL", "MOTAR", "GT", "MOTA", "MOTP", "MT", "ML", "FAF", "TP", "FP", "FN",
    "IDS", "FRAG", "TID", "LGD",
)  # fmt: skip


class NuScenesTracking(Protocol):
    """Matches below 2 m in xy, at score thresholds that reach 40 recalls from 10 to 100 %."""

    name: ClassVar[str] = "nuscenes-tracking"
    title: ClassVar[str] = "nuScenes tracking"
    source: ClassVar[str] = (
        "Caesar et al. 2020, configuration tracking_nips_2019, after Weng 2019; nuscenes-devkit"
    )
    version: ClassVar[str] = "nuscenes-devkit 1.2.0, tracking_nips_2019"
    needs_tracks: ClassVar[bool] = True
    settings: ClassVar[Mapping[str, Setting]] = {
        **BOX_SETTINGS,
        "dist_th_tp": Setting(2.0, number(1e-9, 1e9), "distance in m that a match is below"),
        "min_recall": Setting(0.1, number(0, 1), "the lowest recall"),
        "num_thresholds": Setting(40, whole_number(1, 10_000), "recalls up to 1"),
    }

    def evaluate(
        self,
        labels: EvaluatedObjects,
        predictions: EvaluatedObjects,
        settings: Mapping[str, Any],
        job: JobContext,
    ) -> Evaluation:
        chosen = read_settings(self.settings, settings)
        lacks: list[str] = []
        for objects, side in ((labels, "labels"), (predictions, "predictions")):
            if objects.track_rows is None or bool((objects.track_rows < 0).all()):
                lacks.append(f"The {side} have no track: each counts as a track of one frame.")
        sides = boxes_that_count(labels, predictions, TRACKING_RANGES_M, chosen, lacks)
        times = frame_times(labels.frames, lacks)
        tracks = [complete_tracks(each, times) for each in (sides.labels, sides.predictions)]
        order = np.argsort(np.array(sides.class_names, dtype=object), kind="stable")
        results: dict[str, Any] = {}
        for row in job.track(order.tolist(), "Evaluating classes"):
            own = [each.select(np.flatnonzero(each.classes == row)) for each in tracks]
            job.report(len(results), len(order), f"Matching {sides.class_names[row]}")
            results[sides.class_names[row]] = _class_figures(
                own[0], own[1], len(labels.frames), chosen
            )
        results[ALL] = _overall(results)
        return Evaluation(self.name, self.version, chosen, results, tuple(lacks))


@dataclass(frozen=True, eq=False, slots=True)
class _Class:
    """Labels and predictions of one class with the pairs near enough to match."""

    labels: CompletedTracks
    predictions: CompletedTracks
    label_tracks: Ints
    """(L,) 0 to `track_count`."""
    track_count: int
    label_offsets: Ints
    pairs: FramePairs
    """Those that may be near enough, without their distances."""
    limit_m: float

    def history(self, kept: Ints) -> TrackHistory:
        """Match only some predictions, given by ascending row."""
        frame_count = len(self.label_offsets) - 1
        renumbered = np.full(len(self.predictions.frames), -1)
        renumbered[kept] = np.arange(len(kept))
        pairs = self.pairs.where(renumbered[self.pairs.predictions] >= 0)
        pairs = FramePairs(pairs.labels, renumbered[pairs.predictions], pairs.offsets, pairs.values)
        offsets = _offsets(self.predictions.frames[kept], frame_count)
        distances = expanded_distances(
            self.labels.places_m,
            self.label_offsets,
            self.predictions.places_m[kept],
            offsets,
            pairs,
        )
        pairs = replace(pairs, values=distances).where(distances < self.limit_m)
        is_busy = (np.diff(self.label_offsets) > 0) | (np.diff(offsets) > 0)
        return track_history(
            self.label_offsets, offsets, pairs, pairs.values, self.label_tracks,
            self.predictions.tracks[kept], self.track_count, np.cumsum(is_busy) - 1,
        )  # fmt: skip


def _class_figures(
    labels: CompletedTracks,
    predictions: CompletedTracks,
    frame_count: int,
    settings: Mapping[str, Any],
) -> dict[str, Any]:
    if not len(labels.frames):
        return dict.fromkeys(ORDER)
    tracked = _with_pairs(labels, predictions, frame_count, settings["dist_th_tp"])
    thresholds = _thresholds(tracked, settings)
    by_threshold: dict[float, dict[str, float]] = {}
    for threshold in thresholds[~np.isnan(thresholds)].tolist():
        if threshold not in by_threshold:
            by_threshold[threshold] = _figures(tracked, threshold)
    if not by_threshold:
        return _worst(tracked)
    rows = [by_threshold.get(threshold) for threshold in thresholds.tolist()]
    best = max(
        (row for row in rows if row is not None), key=lambda row: row["MOTA"]
    )  # the first of equals: thresholds ascend, so that it has the highest recall
    averages = {"AMOTA": ("MOTAR", WORST_AMOTA), "AMOTP": ("MOTP", WORST_AMOTP)}
    figures: dict[str, Any] = {}
    for name, (part, worst) in averages.items():
        values = np.array([np.nan if row is None else row[part] for row in rows])
        known = not np.isnan(values).all()
        figures[name] = float(np.where(np.isnan(values), worst, values).mean()) if known else None
    return figures | {
        name: None if np.isnan(best[name]) else best[name] for name in ORDER if name in best
    }


def _with_pairs(
    labels: CompletedTracks,
    predictions: CompletedTracks,
    frame_count: int,
    limit_m: float,
) -> _Class:
    label_offsets = _offsets(labels.frames, frame_count)
    reach_m = limit_m / 2 * (1 + ROUNDING)
    first, second, offsets = neighbours(
        label_offsets, _offsets(predictions.frames, frame_count),
        labels.places_m, np.full(len(labels.frames), reach_m),
        predictions.places_m, np.full(len(predictions.frames), reach_m),
    )  # fmt: skip
    pairs = FramePairs(first, second, offsets, np.empty(len(first)))
    _, tracks = np.unique(labels.tracks, return_inverse=True)
    tracks = tracks.reshape(-1).astype(np.int64)
    count = int(tracks.max(initial=-1)) + 1
    return _Class(labels, predictions, tracks, count, label_offsets, pairs, limit_m)


def _offsets(frames: Ints, frame_count: int) -> Ints:
    return np.searchsorted(frames, np.arange(frame_count + 1)).astype(np.int64)


def _thresholds(tracked: _Class, settings: Mapping[str, Any]) -> Floats:
    """(T,) score that reaches each recall, the highest recall first; NaN where none does."""
    predictions = tracked.predictions
    history = tracked.history(np.arange(len(predictions.frames)))
    scores = np.sort(_scores_of_matches(predictions, history))[::-1]
    steps = np.linspace(settings["min_recall"], 1, settings["num_thresholds"]).round(12)
    if not len(scores):
        return np.full(len(steps), np.nan)
    recalls = np.arange(1, len(scores) + 1) / len(tracked.labels.frames)
    thresholds = np.interp(steps, recalls, scores, right=0)
    thresholds[steps > recalls.max()] = np.nan
    return np.ascontiguousarray(thresholds[::-1])


def _scores_of_matches(predictions: CompletedTracks, history: TrackHistory) -> Floats:
    """Scores of predictions whose track is matched in their frame, switches left out."""
    matched = history.matched[history.is_match]
    width = int(predictions.tracks.max(initial=0)) + 1
    keys = predictions.frames * width + predictions.tracks
    return predictions.scores[np.isin(keys, keys[matched])]


def _figures(tracked: _Class, threshold: float) -> dict[str, float]:
    kept = np.flatnonzero(tracked.predictions.scores >= threshold)
    history = tracked.history(kept)
    counts = history.counts(len(kept))
    matches, switches = counts["num_matches"], counts["num_switches"]
    total, missed = counts["num_objects"], counts["num_misses"]
    extra = counts["num_false_positives"]
    recall = matches / total
    wrong = missed + switches + extra
    frames = np.union1d(tracked.labels.frames, tracked.predictions.frames[kept])
    first, longest = history.delays()
    return {
        "RECALL": (matches + switches) / total,
        "MOTAR": (
            max(0.0, 1 - (wrong - (1 - recall) * total) / (recall * total)) if matches else np.nan
        ),
        "GT": total,
        "MOTA": max(0.0, 1.0 - wrong / total),
        "MOTP": history.distance_sum / (matches + switches) if matches + switches else np.nan,
        "MT": counts["mostly_tracked"],
        "ML": counts["mostly_lost"],
        "FAF": extra / len(frames) * 100,
        "TP": matches,
        "FP": extra,
        "FN": missed,
        "IDS": switches,
        "FRAG": counts["num_fragmentations"],
        "TID": float(first.mean()) * SAMPLE_PERIOD_S if len(first) else np.nan,
        "LGD": float(longest.mean()) * SAMPLE_PERIOD_S if len(longest) else np.nan,
    }


def _worst(tracked: _Class) -> dict[str, Any]:
    """What a class gets whose lowest recall is not reached; errors of unknown kind are None."""
    total = len(tracked.labels.frames)
    return {
        "AMOTA": WORST_AMOTA, "AMOTP": WORST_AMOTP, "RECALL": 0.0, "MOTAR": 0.0, "GT": total,
        "MOTA": 0.0, "MOTP": WORST_AMOTP, "MT": 0, "ML": tracked.track_count, "FAF": WORST_FAF,
        "TP": 0, "FP": None, "FN": total, "IDS": None, "FRAG": None, "TID": WORST_TIME_S,
        "LGD": WORST_TIME_S,
    }  # fmt: skip


def _overall(results: Mapping[str, Any]) -> dict[str, Any]:
    overall: dict[str, Any] = {}
    for name in ORDER:
        known = [figures[name] for figures in results.values() if figures[name] is not None]
        if name in SUMMED:
            overall[name] = sum(known)
        else:
            overall[name] = float(np.mean(known)) if known else None
    return overall
