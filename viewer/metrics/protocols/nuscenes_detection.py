"""nuScenes detection: mAP over distances, five errors of the true positives, and the NDS.

Where the development kit leaves a choice open: predictions of equal score are taken from the last
to the first; a velocity or attribute that a label lacks leaves its pair out of that error; a label
has the first of its attributes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import numpy as np

from viewer.metrics.objects import EvaluatedObjects, Floats, Ints
from viewer.metrics.protocols.base import Evaluation, Protocol
from viewer.metrics.protocols.declared_settings import (
    Setting,
    list_of,
    number,
    read_settings,
    whole_number,
)
from viewer.metrics.protocols.nearest_kernels import match_nearest
from viewer.metrics.protocols.nuscenes_boxes import (
    BOX_SETTINGS,
    BenchmarkBoxes,
    BothSides,
    boxes_that_count,
    yaws_rad,
)
from viewer.metrics.protocols.nuscenes_classes import DETECTION_RANGES_M
from viewer.progress import JobContext

ALL: Final = "all"
STEPS: Final = 101
ERRORS: Final = ("ATE", "ASE", "AOE", "AVE", "AAE")
UNDEFINED: Final[Mapping[str, tuple[str, ...]]] = {
    "traffic_cone": ("AOE", "AVE", "AAE"),
    "barrier": ("AVE", "AAE"),
}
"""Errors that a class cannot have: its heading, motion or attribute says nothing."""
HALF_TURN_CLASSES: Final = ("barrier",)
"""Front and back of these are alike."""


class NuScenesDetection(Protocol):
    """AP by distance of the middles in xy; errors as cumulative means over the recall reached."""

    name: ClassVar[str] = "nuscenes-detection"
    title: ClassVar[str] = "nuScenes detection"
    source: ClassVar[str] = "Caesar et al. 2020, configuration detection_cvpr_2019; nuscenes-devkit"
    version: ClassVar[str] = "nuscenes-devkit 1.2.0, detection_cvpr_2019"
    settings: ClassVar[Mapping[str, Setting]] = {
        **BOX_SETTINGS,
        "dist_ths": Setting(
            [0.5, 1.0, 2.0, 4.0], list_of(number(1e-9, 1e9)), "distances in m that a match is below"
        ),
        "dist_th_tp": Setting(2.0, number(1e-9, 1e9), "the distance at which errors are taken"),
        "min_recall": Setting(0.1, number(0, 0.99), "recall above which anything counts"),
        "min_precision": Setting(0.1, number(0, 0.99), "precision that counts as none"),
        "mean_ap_weight": Setting(5, whole_number(0, 1000), "weight of mAP beside each error"),
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
        sides = boxes_that_count(labels, predictions, DETECTION_RANGES_M, chosen, lacks)
        _tell_lacks(sides, lacks)
        results: dict[str, Any] = {}
        for row, name in enumerate(job.track(list(sides.class_names), "Evaluating classes")):
            results[name] = _class_figures(sides, row, name, chosen)
        results[ALL] = _overall(results, chosen["mean_ap_weight"])
        return Evaluation(self.name, self.version, chosen, results, tuple(lacks))


@dataclass(frozen=True, eq=False, slots=True)
class _Class:
    """One class: labels by frame, predictions in the order of their turn."""

    labels: BenchmarkBoxes
    predictions: BenchmarkBoxes
    label_offsets: Ints
    order: Ints
    """(M,) rows of the predictions, the surest first."""


@dataclass(frozen=True, eq=False, slots=True)
class _Curve:
    """(101,) by recall."""

    precision: Floats
    score: Floats


def _class_figures(
    sides: BothSides, row: int, name: str, settings: Mapping[str, Any]
) -> dict[str, Any]:
    chosen = _select(sides, row)
    least = round(100 * settings["min_recall"]) + 1
    aps = {}
    for limit in settings["dist_ths"]:
        found = _match(chosen, limit)
        precision = np.zeros(STEPS) if found is None else _curve(chosen, found).precision
        above = np.maximum(precision[least:] - settings["min_precision"], 0.0)
        aps[f"AP@{limit:g}"] = float(above.mean()) / (1.0 - settings["min_precision"])
    found = _match(chosen, settings["dist_th_tp"])
    figures: dict[str, Any] = {"AP": float(np.mean(list(aps.values()))), **aps}
    figures |= _errors(chosen, found, name, least)
    for error in UNDEFINED.get(name, ()):
        figures[error] = None
    return figures | {"labels": len(chosen.labels), "predictions": len(chosen.predictions)}


def _select(sides: BothSides, row: int) -> _Class:
    labels, predictions = (
        side.select(np.flatnonzero(side.classes == row))
        for side in (sides.labels, sides.predictions)
    )
    frames = np.arange(len(labels.objects.frames) + 1)
    offsets = np.searchsorted(labels.frames, frames).astype(np.int64)
    order = np.argsort(predictions.scores, kind="stable")[::-1]
    return _Class(labels, predictions, offsets, np.ascontiguousarray(order))


def _match(chosen: _Class, limit: float) -> Ints | None:
    """(M,) label of each prediction in the order of their turn; None where nothing matches."""
    if not len(chosen.labels) or not len(chosen.predictions):
        return None
    matched = match_nearest(
        chosen.order, chosen.label_offsets, chosen.labels.places_m, chosen.predictions.frames,
        chosen.predictions.places_m, limit,
    )  # fmt: skip
    return matched[chosen.order] if bool((matched >= 0).any()) else None


def _curve(chosen: _Class, found: Ints) -> _Curve:
    hits = np.cumsum(found >= 0).astype(float)
    precision = hits / np.arange(1, len(found) + 1)
    recall = hits / len(chosen.labels)
    steps = np.linspace(0, 1, STEPS)
    scores = chosen.predictions.scores[chosen.order]
    return _Curve(
        np.interp(steps, recall, precision, right=0), np.interp(steps, recall, scores, right=0)
    )


def _errors(chosen: _Class, found: Ints | None, name: str, least: int) -> dict[str, Any]:
    """Mean of each error's cumulative mean from the least recall to the highest reached."""
    if found is None:
        return dict.fromkeys(ERRORS, 1.0)
    curve = _curve(chosen, found)
    reached = np.flatnonzero(curve.score)
    last = int(reached[-1]) if len(reached) else 0
    if last < least:
        return dict.fromkeys(ERRORS, 1.0)
    hits = found >= 0
    scores = chosen.predictions.scores[chosen.order][hits]
    pairs = _pair_errors(chosen, found[hits], chosen.order[hits], name)
    figures = {}
    for error, values in pairs.items():
        means = _cumulative_means(values)
        spread = np.interp(curve.score[::-1], scores[::-1], means[::-1])[::-1]
        figures[error] = float(spread[least : last + 1].mean())
    return figures


def _cumulative_means(values: Floats) -> Floats:
    """Mean of what is known so far; 0 before anything is, 1 where nothing ever is."""
    known = ~np.isnan(values)
    if not known.any():
        return np.ones(len(values))
    counts = np.cumsum(known)
    means: Floats = np.nancumsum(values) / np.maximum(counts, 1)
    return means


def _pair_errors(chosen: _Class, labels: Ints, predictions: Ints, name: str) -> dict[str, Floats]:
    """(K,) errors of matched pairs, NaN where one side does not say."""
    a, b = chosen.labels.objects, chosen.predictions.objects
    rows, others = chosen.labels.rows[labels], chosen.predictions.rows[predictions]
    gaps = b.centers_m[others, :2] - a.centers_m[rows, :2]
    volume_a, volume_b = a.sizes_m[rows].prod(axis=1), b.sizes_m[others].prod(axis=1)
    shared = np.minimum(a.sizes_m[rows], b.sizes_m[others]).prod(axis=1)
    period = np.pi if name in HALF_TURN_CLASSES else 2 * np.pi
    turn = yaws_rad(a, rows) - yaws_rad(b, others)
    speeds = np.full(len(rows), np.nan)
    if a.velocities_mps is not None and b.velocities_mps is not None:
        drift = b.velocities_mps[others, :2] - a.velocities_mps[rows, :2]
        speeds = np.sqrt((drift**2).sum(axis=1))
    held, said = chosen.labels.attributes[labels], chosen.predictions.attributes[predictions]
    return {
        "ATE": np.sqrt((gaps**2).sum(axis=1)),
        "ASE": 1 - shared / (volume_a + volume_b - shared),
        "AOE": np.abs((turn + period / 2) % period - period / 2),
        "AVE": speeds,
        "AAE": np.where(held == "", np.nan, (held != said).astype(float)),
    }


def _overall(results: Mapping[str, Any], weight: int) -> dict[str, Any]:
    mean_ap = float(np.mean([figures["AP"] for figures in results.values()])) if results else 0.0
    overall: dict[str, Any] = {"mAP": mean_ap}
    for error in ERRORS:
        known = [each[error] for each in results.values() if each[error] is not None]
        overall[f"m{error}"] = float(np.mean(known)) if known else None
    scores = [
        max(0.0, 1.0 - overall[f"m{error}"]) for error in ERRORS
        if overall[f"m{error}"] is not None
    ]  # fmt: skip
    nds = (weight * mean_ap + float(np.sum(scores))) / max(weight + len(ERRORS), 1)
    return {"NDS": nds, **overall}


def _tell_lacks(sides: BothSides, lacks: list[str]) -> None:
    labels, predictions = sides.labels.objects, sides.predictions.objects
    for objects, side in ((labels, "label"), (predictions, "prediction")):
        speeds = objects.velocities_mps
        if len(objects) and (speeds is None or bool(np.isnan(speeds[:, :2]).all())):
            lacks.append(f"No {side} has a velocity: AVE is 1 wherever anything is matched.")
    if len(labels) and not sides.labels.attributes.any():
        lacks.append("No label has an attribute: AAE is 1 wherever anything is matched.")
