"""CLEAR MOT (Bernardin 2008) and IDF1 (Ristani 2016), as TrackEval or as py-motmetrics count."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Final

import numpy as np

from viewer.metrics.objects import EvaluatedObjects
from viewer.metrics.protocols.assignment_kernels import match_keeping_tracks
from viewer.metrics.protocols.base import Evaluation, Protocol
from viewer.metrics.protocols.declared_settings import Setting, number, one_of, read_settings
from viewer.metrics.protocols.identity import IdentityCounts, identity_counts
from viewer.metrics.protocols.motmetrics_counts import motmetrics_figures, overall_figures
from viewer.metrics.protocols.tracked_class import (
    TRACKING_SETTINGS,
    TrackedClass,
    missing_for_tracking,
    resolve_settings,
    tracked_class,
)
from viewer.progress import JobContext

ALL: Final = "all"
"""Name under which classes are counted together, where there are several."""
TRACKEVAL: Final = "trackeval"
MOTMETRICS: Final = "motmetrics"
COUNTS: Final = ("CLR_TP", "CLR_FN", "CLR_FP", "IDSW", "MT", "PT", "ML", "Frag", "CLR_Frames")
COVERED, LOST = 0.8, 0.2


class Clear(Protocol):
    """Matches frame by frame, keeping pairs of the frame before, and counts what goes wrong.

    A pair needs a similarity of `threshold`. `counting` says whose: TrackEval's keeps only
    pairs of the frame right before and has a track covered above 80 %; py-motmetrics' keeps the
    last pair whenever it was, and has a track covered from 80 % on.
    """

    name: ClassVar[str] = "clear"
    title: ClassVar[str] = "CLEAR MOT and IDF1"
    source: ClassVar[str] = (
        "Bernardin and Stiefelhagen 2008, Ristani et al. 2016; TrackEval and py-motmetrics"
    )
    needs_tracks: ClassVar[bool] = True
    version: ClassVar[str] = "TrackEval 1.3.0, CLEAR and Identity"
    settings: ClassVar[Mapping[str, Setting]] = {
        **TRACKING_SETTINGS,
        "threshold": Setting(0.5, number(1e-6, 1), "least similarity of a match"),
        "counting": Setting(
            TRACKEVAL, one_of(TRACKEVAL, MOTMETRICS), "whose counting: trackeval or motmetrics"
        ),
    }

    def evaluate(
        self,
        labels: EvaluatedObjects,
        predictions: EvaluatedObjects,
        settings: Mapping[str, Any],
        job: JobContext,
    ) -> Evaluation:
        chosen = read_settings(self.settings, settings)
        threshold = chosen["threshold"]
        of_motmetrics = chosen["counting"] == MOTMETRICS
        resolve_settings(labels, predictions, chosen)
        lacks = missing_for_tracking(labels, predictions, chosen)
        count = _motmetrics_results if of_motmetrics else _trackeval_results
        names = job.track(chosen["classes"], "Matching tracks")
        classes = (tracked_class(labels, predictions, name, chosen, lacks) for name in names)
        results = count(classes, labels, threshold)
        version = "py-motmetrics 1.4.0" if of_motmetrics else self.version
        return Evaluation(self.name, version, chosen, results, tuple(lacks))


_Counts = tuple[dict[str, int], float, IdentityCounts, dict[str, int]]


def _trackeval_results(
    classes: Iterable[TrackedClass], labels: EvaluatedObjects, threshold: float
) -> dict[str, Any]:
    counts = {tracked.name: _counts(tracked, labels, threshold) for tracked in classes}
    results = {name: _figures(*own) for name, own in counts.items()}
    return results | ({ALL: _together(list(counts.values()))} if len(counts) > 1 else {})


def _motmetrics_results(
    classes: Iterable[TrackedClass], labels: EvaluatedObjects, threshold: float
) -> dict[str, Any]:
    found = {tracked.name: motmetrics_figures(tracked, labels, threshold) for tracked in classes}
    results = {name: figures for name, (_, figures) in found.items()}
    together = {ALL: overall_figures([counts for counts, _ in found.values()])}
    return results | (together if len(found) > 1 else {})


def _counts(tracked: TrackedClass, labels: EvaluatedObjects, threshold: float) -> _Counts:
    """Return what is counted, the sum of the similarities of hits, and what has identity."""
    pairs = tracked.pairs
    matched, is_switch, resumed = match_keeping_tracks(
        tracked.label_offsets, tracked.prediction_offsets, pairs.offsets, pairs.labels,
        pairs.predictions, pairs.values, threshold, tracked.label_tracks,
        tracked.prediction_tracks, tracked.label_track_count,
    )  # fmt: skip
    is_hit = matched >= 0
    chosen = matched[pairs.labels] == pairs.predictions
    hits = int(is_hit.sum())
    there = np.bincount(tracked.label_tracks, minlength=tracked.label_track_count)
    covered = np.bincount(tracked.label_tracks[is_hit], minlength=tracked.label_track_count)
    share = covered / np.maximum(there, 1)
    mostly, at_all = int((share > COVERED).sum()), int((share >= LOST).sum())
    counts = {
        "CLR_TP": hits,
        "CLR_FN": len(is_hit) - hits,
        "CLR_FP": len(tracked.prediction_rows) - hits,
        "IDSW": int(is_switch.sum()),
        "MT": mostly,
        "PT": at_all - mostly,
        "ML": tracked.label_track_count - at_all,
        "Frag": int(np.maximum(resumed - 1, 0).sum()),
        "CLR_Frames": _frames_with_both(tracked, labels),
    }
    objects = {
        "Dets": len(tracked.prediction_rows),
        "GT_Dets": len(is_hit),
        "IDs": tracked.prediction_track_count,
        "GT_IDs": tracked.label_track_count,
    }
    return counts, float(pairs.values[chosen].sum()), identity_counts(tracked, threshold), objects


def _frames_with_both(tracked: TrackedClass, labels: EvaluatedObjects) -> int:
    """Frames of the scenes that have labels and predictions of the class; others do not count."""
    frames = labels.frames
    busy = [
        np.unique(frames.scene_of_frame[np.flatnonzero(np.diff(offsets))])
        for offsets in (tracked.label_offsets, tracked.prediction_offsets)
    ]
    return int(np.isin(frames.scene_of_frame, np.intersect1d(busy[0], busy[1])).sum())


def _figures(
    counts: Mapping[str, int],
    similarity: float,
    identity: IdentityCounts,
    objects: Mapping[str, int],
) -> dict[str, Any]:
    hits, missed, extra = counts["CLR_TP"], counts["CLR_FN"], counts["CLR_FP"]
    switches = counts["IDSW"]
    total, tracks = max(1.0, hits + missed), max(1.0, counts["MT"] + counts["PT"] + counts["ML"])
    return {
        "MOTA": (hits - extra - switches) / total,
        "MOTP": similarity / max(1.0, hits),
        "MODA": (hits - extra) / total,
        "sMOTA": (similarity - extra - switches) / total,
        "MOTAL": (hits - extra - (np.log10(switches) if switches else 0.0)) / total,
        "CLR_Re": hits / total,
        "CLR_Pr": hits / max(1.0, hits + extra),
        "CLR_F1": hits / max(1.0, hits + 0.5 * missed + 0.5 * extra),
        "FP_per_frame": extra / max(1.0, counts["CLR_Frames"]),
        "MTR": counts["MT"] / tracks,
        "PTR": counts["PT"] / tracks,
        "MLR": counts["ML"] / tracks,
        "MOTP_sum": similarity,
        **counts,
        **identity.figures(),
        **objects,
    }


def _together(parts: list[_Counts]) -> dict[str, Any]:
    counts = {name: sum(part[0][name] for part in parts) for name in COUNTS}
    identity = IdentityCounts(
        sum(part[2].true_positives for part in parts),
        sum(part[2].false_negatives for part in parts),
        sum(part[2].false_positives for part in parts),
    )
    objects = {name: sum(part[3][name] for part in parts) for name in parts[0][3]}
    return _figures(counts, sum(part[1] for part in parts), identity, objects)
