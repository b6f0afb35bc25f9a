"""Curves over confidence: precision, recall and F1, and how far confidences can be believed."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from viewer.metrics.class_metrics import rates
from viewer.metrics.confusion import ConfusionIndex
from viewer.metrics.matching.candidates import Matcher
from viewer.metrics.objects import Floats, Ints
from viewer.progress import JobContext

STEPS = 101
BINS = 10


@dataclass(frozen=True, eq=False, slots=True)
class ConfidenceCurve:
    """What one class, or all, would have at each of P confidences, the highest first.

    Row i holds with predictions of at least `confidences[i]`.
    """

    name: str
    confidences: Floats
    true_positives: Ints
    false_positives: Ints
    labels: int
    """Labels that count."""
    precisions: Floats
    recalls: Floats
    f1s: Floats

    @property
    def average_precision(self) -> float:
        """Area under precision over recall, precision at a recall being the best at any higher.

        0 without predictions, NaN without labels.
        """
        if not self.labels:
            return float("nan")
        best = np.maximum.accumulate(self.precisions[::-1])[::-1]
        return float((np.diff(self.recalls, prepend=0.0) * best).sum())

    @property
    def best(self) -> tuple[float, float]:
        """The highest F1 and the confidence that gives it; NaN without predictions."""
        if not len(self.f1s):
            return float("nan"), float("nan")
        row = int(self.f1s.argmax())
        return float(self.f1s[row]), float(self.confidences[row])


@dataclass(frozen=True, eq=False, slots=True)
class Calibration:
    """How often predictions are right, beside how sure they are, in B bins of confidence."""

    name: str
    edges: Floats
    """(B + 1,) from 0 to 1."""
    counts: Ints
    """(B,) predictions."""
    confidences: Floats
    """(B,) mean of each bin, NaN where it is empty."""
    accuracies: Floats
    """(B,) share of true positives, NaN where it is empty."""
    expected_error: float
    """ECE: mean distance of the two, weighted by counts; NaN without predictions."""
    largest_error: float
    """MCE: the largest of any bin."""


def confidence_curves(
    index: ConfusionIndex, threshold: float, job: JobContext
) -> tuple[ConfidenceCurve, ...]:
    """Return a curve for each class, then one for all together named ``all``.

    Greedy by confidence it has a point at each score that occurs. The other matchers choose anew
    at each confidence; they are asked at `STEPS` of them.
    """
    if index.matcher == Matcher.BY_SCORE:
        return _exact_curves(index, threshold)
    steps = np.linspace(1.0, 0.0, STEPS)
    tables = [
        index.at(confidence, threshold).cells
        for confidence in job.track(steps.tolist(), "Drawing curves")
    ]
    cells = np.array(tables)
    true = np.diagonal(cells, axis1=1, axis2=2)[:, :-1]
    false = cells[:, :, :-1].sum(axis=1) - true
    labels = cells[0, :-1].sum(axis=1)
    curves = [
        _curve(name, steps, true[:, k], false[:, k], int(labels[k]))
        for k, name in enumerate(index.roles.names)
    ]
    total = _curve("all", steps, true.sum(axis=1), false.sum(axis=1), int(labels.sum()))
    return (*curves, total)


def _exact_curves(index: ConfusionIndex, threshold: float) -> tuple[ConfidenceCurve, ...]:
    own = index.candidates
    classes, scores, right = _judged(index, threshold)
    label_classes = own.label_classes[own.label_classes >= 0]
    labels = np.bincount(label_classes, minlength=len(index.roles.names))
    order = np.argsort(-scores, kind="stable")
    classes, scores, right = classes[order], scores[order], right[order]
    curves = [
        _stepped(name, scores[classes == k], right[classes == k], int(labels[k]))
        for k, name in enumerate(index.roles.names)
    ]
    return (*curves, _stepped("all", scores, right, int(labels.sum())))


def _judged(index: ConfusionIndex, threshold: float) -> tuple[Ints, Floats, npt.NDArray[np.bool_]]:
    """Class, score and whether it is right, of each prediction that counts at all."""
    own = index.candidates
    confusion = index.at(-np.inf, threshold)
    pairs, wrong = confusion.matched_predictions, confusion.false_positives
    rows = np.concatenate([pairs, wrong])
    right = np.zeros(len(rows), dtype=bool)
    partners = confusion.label_of[pairs]
    right[: len(pairs)] = own.label_classes[partners] == own.prediction_classes[pairs]
    return own.prediction_classes[rows], own.scores[rows], right


def _stepped(
    name: str, scores: Floats, right: npt.NDArray[np.bool_], labels: int
) -> ConfidenceCurve:
    """Return a point after the last of each score; scores descend."""
    lasts = np.flatnonzero(np.append(scores[1:] != scores[:-1], True)[: len(scores)])
    true = np.cumsum(right, dtype=np.int64)[lasts]
    return _curve(name, scores[lasts], true, lasts + 1 - true, labels)


def _curve(name: str, confidences: Floats, true: Ints, false: Ints, labels: int) -> ConfidenceCurve:
    true = true.astype(np.int64)
    precision, recall, f1 = rates(true, false, labels - true)
    return ConfidenceCurve(name, confidences, true, false, labels, precision, recall, f1)


def calibrations(
    index: ConfusionIndex, threshold: float, *, bins: int = BINS, least_confidence: float = 0.0
) -> tuple[Calibration, ...]:
    """Return one for each class, then one for all together named ``all``.

    Bins are equally wide; a score on an edge belongs to the bin above, 1 to the last. Scores
    outside 0..1 belong to none.
    """
    classes, scores, right = _judged(index, threshold)
    kept = (scores >= least_confidence) & (scores >= 0) & (scores <= 1)
    classes, scores, right = classes[kept], scores[kept], right[kept]
    found = [
        _calibration(name, scores[classes == k], right[classes == k], bins)
        for k, name in enumerate(index.roles.names)
    ]
    return (*found, _calibration("all", scores, right, bins))


def _calibration(name: str, scores: Floats, right: npt.NDArray[np.bool_], bins: int) -> Calibration:
    edges = np.linspace(0.0, 1.0, bins + 1)
    rows = np.clip(np.searchsorted(edges, scores, side="right") - 1, 0, bins - 1)
    counts = np.bincount(rows, minlength=bins)
    some = np.where(counts > 0, counts, np.nan)
    confidences = np.bincount(rows, weights=scores, minlength=bins) / some
    accuracies = np.bincount(rows, weights=right, minlength=bins) / some
    apart = np.nan_to_num(np.abs(confidences - accuracies))
    total = counts.sum()
    expected = float((apart * counts).sum() / total) if total else float("nan")
    largest = float(apart.max()) if total else float("nan")
    return Calibration(name, edges, counts, confidences, accuracies, expected, largest)
