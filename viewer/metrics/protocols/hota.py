"""HOTA (Luiten 2020): how well objects are found, and found as the same ones."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

import numpy as np

from viewer.metrics.objects import EvaluatedObjects, Floats, Ints
from viewer.metrics.protocols.assignment_kernels import match_by_weight
from viewer.metrics.protocols.base import Evaluation, Protocol
from viewer.metrics.protocols.declared_settings import Setting, read_settings
from viewer.metrics.protocols.tracked_class import (
    TRACKING_SETTINGS,
    TrackedClass,
    missing_for_tracking,
    resolve_settings,
    tracked_class,
)
from viewer.progress import JobContext

ALL: Final = "all"
ALPHAS: Final = np.arange(0.05, 0.99, 0.05)
_EPSILON = float(np.finfo(float).eps)
_NOTHING = 1e-10


class Hota(Protocol):
    """Pairs each frame by similarity and by how well tracks fit over all frames.

    The similarity is stated among the settings: in space the overlap of the cuboids unless it is
    chosen otherwise, with KITTI's own labels the overlap of the 2D boxes after KITTI's rules.
    Every figure is a mean over 19 limits of the similarity, 0.05 to 0.95; `alpha` has each.
    """

    name: ClassVar[str] = "hota"
    title: ClassVar[str] = "HOTA"
    source: ClassVar[str] = "Luiten et al. 2020; TrackEval"
    needs_tracks: ClassVar[bool] = True
    version: ClassVar[str] = "TrackEval 1.3.0, HOTA"
    settings: ClassVar[Mapping[str, Setting]] = TRACKING_SETTINGS

    def evaluate(
        self,
        labels: EvaluatedObjects,
        predictions: EvaluatedObjects,
        settings: Mapping[str, Any],
        job: JobContext,
    ) -> Evaluation:
        chosen = read_settings(self.settings, settings)
        resolve_settings(labels, predictions, chosen)
        lacks = missing_for_tracking(labels, predictions, chosen)
        results: dict[str, Any] = {}
        sums: list[_Sums] = []
        for name in job.track(chosen["classes"], "Matching tracks"):
            tracked = tracked_class(labels, predictions, name, chosen, lacks)
            sums.append(_sums(tracked))
            results[name] = _figures(sums[-1])
        if len(sums) > 1:
            results[ALL] = _figures(
                {key: np.sum([part[key] for part in sums], axis=0) for key in sums[0]}
            )
        chosen["alpha"] = [round(float(alpha), 2) for alpha in ALPHAS]
        return Evaluation(self.name, self.version, chosen, results, tuple(lacks))


_Sums = dict[str, Floats]
"""By name, (19,) sums over the objects, or one count."""


def _sums(tracked: TrackedClass) -> _Sums:
    label_tracks, prediction_tracks, similarity = _matches(tracked)
    keys = label_tracks * max(1, tracked.prediction_track_count) + prediction_tracks
    unique, pair_of = np.unique(keys, return_inverse=True)
    pair_of = pair_of.reshape(-1)
    a, b = np.divmod(unique, max(1, tracked.prediction_track_count))
    a_size = np.bincount(tracked.label_tracks, minlength=1)[a].astype(float)
    b_size = np.bincount(tracked.prediction_tracks, minlength=1)[b].astype(float)
    names = ("TP", "AssA", "AssRe", "AssPr", "LocA")
    sums: _Sums = {name: np.zeros(len(ALPHAS)) for name in names}
    for k, alpha in enumerate(ALPHAS):
        enough = similarity >= alpha - _EPSILON
        shared = np.bincount(pair_of[enough], minlength=len(unique)).astype(float)
        sums["TP"][k] = enough.sum()
        sums["LocA"][k] = similarity[enough].sum()
        sums["AssA"][k] = (shared * shared / np.maximum(1, a_size + b_size - shared)).sum()
        sums["AssRe"][k] = (shared * shared / np.maximum(1, a_size)).sum()
        sums["AssPr"][k] = (shared * shared / np.maximum(1, b_size)).sum()
    counts = {
        "Dets": len(tracked.prediction_rows), "GT_Dets": len(tracked.label_rows),
        "IDs": tracked.prediction_track_count, "GT_IDs": tracked.label_track_count,
    }  # fmt: skip
    return sums | {name: np.array(count) for name, count in counts.items()}


def _matches(tracked: TrackedClass) -> tuple[Ints, Ints, Floats]:
    """Return the tracks and the similarity of what is matched before any limit."""
    pairs = tracked.pairs
    values = pairs.values
    of_label = np.bincount(pairs.labels, values, len(tracked.label_rows))
    of_prediction = np.bincount(pairs.predictions, values, len(tracked.prediction_rows))
    denominator = of_prediction[pairs.predictions] + of_label[pairs.labels] - values
    share = np.where(denominator > _EPSILON, values / denominator, 0.0)
    label_tracks = tracked.label_tracks[pairs.labels]
    prediction_tracks = tracked.prediction_tracks[pairs.predictions]
    keys = label_tracks * max(1, tracked.prediction_track_count) + prediction_tracks
    _, pair_of = np.unique(keys, return_inverse=True)
    pair_of = pair_of.reshape(-1)
    together = np.bincount(pair_of, share)[pair_of] if len(keys) else share
    a_size = np.bincount(tracked.label_tracks, minlength=1)[label_tracks]
    b_size = np.bincount(tracked.prediction_tracks, minlength=1)[prediction_tracks]
    weights = together / (a_size + b_size - together) * values
    matched = match_by_weight(
        tracked.label_offsets, tracked.prediction_offsets, pairs.offsets, pairs.labels,
        pairs.predictions, weights,
    )  # fmt: skip
    chosen = matched[pairs.labels] == pairs.predictions
    return label_tracks[chosen], prediction_tracks[chosen], values[chosen]


def _figures(sums: _Sums) -> dict[str, Any]:
    hits = sums["TP"]
    missed, extra = sums["GT_Dets"] - hits, sums["Dets"] - hits
    by_alpha = {name: sums[name] / np.maximum(1, hits) for name in ("AssA", "AssRe", "AssPr")}
    by_alpha["LocA"] = np.maximum(_NOTHING, sums["LocA"]) / np.maximum(_NOTHING, hits)
    by_alpha["DetRe"] = hits / np.maximum(1, hits + missed)
    by_alpha["DetPr"] = hits / np.maximum(1, hits + extra)
    by_alpha["DetA"] = hits / np.maximum(1, hits + missed + extra)
    by_alpha["HOTA"] = np.sqrt(by_alpha["DetA"] * by_alpha["AssA"])
    by_alpha["OWTA"] = np.sqrt(by_alpha["DetRe"] * by_alpha["AssA"])
    counts = {"HOTA_TP": hits, "HOTA_FN": missed, "HOTA_FP": extra}
    order = ("HOTA", "DetA", "AssA", "DetRe", "DetPr", "AssRe", "AssPr", "LocA", "OWTA")
    figures: dict[str, Any] = {name: float(by_alpha[name].mean()) for name in order}
    first_hota, first_local = float(by_alpha["HOTA"][0]), float(by_alpha["LocA"][0])
    figures |= {
        "HOTA(0)": first_hota, "LocA(0)": first_local, "HOTALocA(0)": first_hota * first_local,
    }  # fmt: skip
    figures |= {name: float(values.mean()) for name, values in counts.items()}
    figures |= {name: int(sums[name]) for name in ("Dets", "GT_Dets", "IDs", "GT_IDs")}
    figures["alpha"] = {name: by_alpha[name].tolist() for name in order} | {
        name: values.astype(int).tolist() for name, values in counts.items()
    }
    return figures
