"""Curves of a comparison, thinned so that drawing them costs the same however long they are."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from viewer.metrics.curves import Calibration, ConfidenceCurve, calibrations, confidence_curves
from viewer.progress import JobContext
from viewer.session.compare_found import Asked
from viewer.session.compare_values import Curve, Floats, Ints, Plot, Plots

Named = TypeVar("Named", ConfidenceCurve, Calibration)
MOST_POINTS = 300
ALL = "all"


def plots(context: JobContext, asked: Asked) -> Plots:
    """Precision over recall, F1 over confidence, and calibration; a curve a class."""
    index = asked.found.index
    if index is None:
        raise ValueError("nothing is compared")
    at = asked.thresholds
    curves = _all_first(confidence_curves(index, at.similarity, context))
    reliable = calibrations(index, at.similarity)
    return Plots((
        Plot("Precision over recall", "recall", "precision", tuple(map(_precision, curves))),
        Plot("F1 over the score threshold", "score from", "F1", tuple(map(_f1, curves)),
             over_confidence=True, x_bounds=asked.found.score_bounds),
        Plot("Calibration", "mean score", "share that is right",
             tuple(_reliability(each) for each in _all_first(reliable)), diagonal=True),
    ))  # fmt: skip


def _all_first(found: Sequence[Named]) -> list[Named]:
    return sorted(found, key=lambda each: each.name != ALL)


def _precision(curve: ConfidenceCurve) -> Curve:
    rows = _thinned(len(curve.recalls))
    figure = curve.average_precision
    note = f"AP {figure:.3f}" if np.isfinite(figure) else ""
    return Curve(curve.name, curve.recalls[rows], curve.precisions[rows], note)


def _f1(curve: ConfidenceCurve) -> Curve:
    rows = _thinned(len(curve.confidences))
    best, at = curve.best
    note = f"{best:.3f} at {at:.2f}" if np.isfinite(best) else ""
    return Curve(curve.name, curve.confidences[rows], curve.f1s[rows], note)


def _reliability(found: Calibration) -> Curve:
    error = found.expected_error
    note = f"ECE {error:.3f}" if np.isfinite(error) else ""
    known = found.counts > 0
    x: Floats = found.confidences[known]
    return Curve(found.name, x, found.accuracies[known], note)


def _thinned(count: int) -> Ints:
    if count <= MOST_POINTS:
        return np.arange(count)
    return np.unique(np.linspace(0, count - 1, MOST_POINTS).astype(np.int64))
