"""From score to probability: what people said of labels tells how often a score means wrong.

By Platt's method over the log odds of the ranking, which needs two numbers, or by steps (isotonic
regression), which follow where scores and truth go apart: whichever does better on verdicts that it
was not fitted on. These tell how good it is, too. What ranks higher stays higher.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import isotonic_regression, minimize

from viewer.metrics.objects import Floats

LEAST_VERDICTS: Final = 200
"""Below so many the score is no probability."""
FOLDS: Final = 5
BINS: Final = 10
LEAST_IN_BIN: Final = 25
Truths = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Held:
    """How good probabilities are on verdicts that they were not fitted on."""

    brier: float
    """Mean squared difference between probability and truth."""
    brier_of_share: float
    """The same of who says the share of wrong labels of each."""
    ece: float
    """Expected calibration error: mean difference between what is said and what comes true."""


@dataclass(frozen=True, slots=True)
class PlattCurve:
    """A logistic curve over the log odds of a score."""

    slope: float
    """Never negative."""
    offset: float

    def __call__(self, scores: Floats) -> Floats:
        return _logistic(self.slope * _odds(scores) + self.offset)


@dataclass(frozen=True, slots=True)
class StepCurve:
    """Straight lines between the middles of steps, over the log odds of a score."""

    odds: tuple[float, ...]
    """Ascending."""
    shares: tuple[float, ...]
    """Ascending; how many were wrong at each."""

    def __call__(self, scores: Floats) -> Floats:
        values: Floats = np.interp(_odds(scores), self.odds, self.shares)
        return values


Curve = PlattCurve | StepCurve


@dataclass(frozen=True, slots=True)
class Calibration:
    """Turns scores of the ranking into probabilities, as people's verdicts say."""

    curve: Curve
    verdicts: int
    wrong: int = 0
    """So many of them found the label wrong."""
    held: Held | None = None
    """None where a fold has verdicts of one kind alone."""

    def probability(self, score: float) -> float:
        """Probability that a label of a score is wrong."""
        return float(self.probabilities(np.array([score]))[0])

    def probabilities(self, scores: Floats) -> Floats:
        """(N,) the same of many."""
        return self.curve(scores)


@dataclass(frozen=True, slots=True)
class Scale:
    """How scores of the ranking are told: as such, or as probabilities once they are calibrated."""

    judged: int = 0
    """Labels that the checks rank and people judged."""
    calibration: Calibration | None = None

    @property
    def word(self) -> str:
        """What the numbers are."""
        return "score" if self.calibration is None else "probability"

    def value(self, score: float) -> float:
        """What is told of a score."""
        return score if self.calibration is None else self.calibration.probability(score)

    def text(self, score: float) -> str:
        """The same for people: a bare number, or percent."""
        # Nothing is certain.
        hundredths = min(max(round(100.0 * self.value(score)), 1), 99)
        return f"{hundredths / 100:.2f}" if self.calibration is None else f"{hundredths} %"

    @property
    def progress(self) -> str:
        """How far it is to a probability, e.g. ``143 of 200 verdicts``."""
        if self.calibration is not None:
            return f"{self.judged:,} verdicts"
        return f"{min(self.judged, LEAST_VERDICTS):,} of {LEAST_VERDICTS} verdicts"

    @property
    def told(self) -> str:
        """What the numbers mean, in a sentence or two."""
        known = self.calibration
        if known is None and self.judged >= LEAST_VERDICTS:
            return (
                f"A score, no probability: all {self.judged:,} verdicts on labels with findings "
                "say the same."
            )
        if known is None:
            return (
                "A score, no probability: that needs "
                f"{LEAST_VERDICTS} verdicts on labels with findings, {self.judged:,} are there."
            )
        text = (
            f"The probability that the label is wrong, from {known.verdicts:,} verdicts on labels "
            f"with findings; {known.wrong:,} found the label wrong."
        )
        if known.held is not None:
            text += (
                f" Tried on verdicts that were held out, it is off by {100 * known.held.ece:.0f} "
                f"percentage points on average; Brier score {known.held.brier:.3f}, where saying "
                f"the same of every label has {known.held.brier_of_share:.3f}."
            )
        return text


def calibrate(scores: Sequence[float], wrong: Sequence[bool]) -> Calibration | None:
    """Fit a calibration to labels that people judged; None while there are too few, or of one kind.

    Parameters
    ----------
    scores
        Of the ranking, one a judged label.
    wrong
        Whether the person found it wrong.
    """
    truth = np.asarray(wrong, dtype=bool)
    known = np.asarray(scores, dtype=np.float64)
    if len(truth) < LEAST_VERDICTS or not _is_mixed(truth):
        return None
    tried = [(_held(fit, known, truth), fit) for fit in (platt_curve, step_curve)]
    held, fit = min(tried, key=lambda each: np.inf if each[0] is None else each[0].brier)
    return Calibration(fit(known, truth), len(truth), int(truth.sum()), held)


def _held(fit: Callable[[Floats, Truths], Curve], scores: Floats, truth: Truths) -> Held | None:
    """Fit without each fifth in turn and ask what it says of that fifth."""
    # Every fifth of the order by score: each fold spans all scores.
    fold = np.empty(len(scores), np.int64)
    fold[np.lexsort((truth, scores))] = np.arange(len(scores)) % FOLDS
    said, share = np.empty(len(scores)), np.empty(len(scores))
    for number in range(FOLDS):
        held = fold == number
        if not _is_mixed(truth[~held]):
            return None
        said[held] = fit(scores[~held], truth[~held])(scores[held])
        share[held] = truth[~held].mean()
    return Held(
        brier=float(((said - truth) ** 2).mean()),
        brier_of_share=float(((share - truth) ** 2).mean()),
        ece=expected_calibration_error(said, truth),
    )


def expected_calibration_error(said: Floats, truth: Truths) -> float:
    """Mean difference of said and true share over bins of as many labels each (Naeini, 2015).

    Bins of equal counts, not widths: the scores of a ranking crowd at its ends. Each has 25 labels
    or more, since a few tell a share by chance alone.
    """
    bins = min(max(len(said) // LEAST_IN_BIN, 1), BINS)
    # Equal ones stay together: their order says nothing.
    place = np.searchsorted(np.sort(said), said) * bins // len(said)
    apart = np.bincount(place, said - truth)
    return float(np.abs(apart).sum() / len(said))


def step_curve(scores: Floats, truth: Truths) -> StepCurve:
    """Return the steps that fit best: each share is of the verdicts of one step, never falling.

    Two more verdicts on each step, one of either kind, keep a few from being certain.
    """
    odds = _odds(scores)
    order = np.lexsort((truth, odds))
    # Labels of one score are one.
    values, first, counts = np.unique(odds[order], return_index=True, return_counts=True)
    shares = np.add.reduceat(truth[order].astype(np.float64), first) / counts
    fitted = isotonic_regression(shares, weights=counts)
    edges = fitted.blocks
    middles, kept = [], []
    for start, end in pairwise(edges.tolist()):
        own = counts[start:end]
        total = float(own.sum())
        middles.append(float((values[start:end] * own).sum() / total))
        kept.append((float(fitted.x[start]) * total + 1.0) / (total + 2.0))
    # The two that were added may turn small steps round.
    return StepCurve(tuple(middles), tuple(np.maximum.accumulate(kept).tolist()))


def platt_curve(scores: Floats, truth: Truths) -> PlattCurve:
    """Return the curve by Platt (1999), whose targets keep a few verdicts from being certain."""
    odds = _odds(scores)
    count = int(truth.sum())
    high, low = (count + 1.0) / (count + 2.0), 1.0 / (len(truth) - count + 2.0)
    target = np.where(truth, high, low)

    def loss(values: Floats) -> tuple[float, Floats]:
        raw = values[0] * odds + values[1]
        missed = _logistic(raw) - target
        return (
            float((np.logaddexp(0.0, raw) - target * raw).mean()),
            np.array([(missed * odds).mean(), missed.mean()]),
        )

    slope, offset = minimize(loss, np.array([1.0, 0.0]), jac=True, method="BFGS").x
    if slope < 0:
        # Verdicts that contradict the ranking tell how many are wrong, not which.
        return PlattCurve(0.0, float(np.log(target.mean() / (1.0 - target.mean()))))
    return PlattCurve(float(slope), float(offset))


def _is_mixed(truth: Truths) -> bool:
    return bool(truth.any() and not truth.all())


def _odds(scores: Floats) -> Floats:
    clipped = np.clip(scores, 1e-9, 1.0 - 1e-9)
    odds: Floats = np.log(clipped / (1.0 - clipped))
    return odds


def _logistic(odds: Floats) -> Floats:
    values: Floats = 1.0 / (1.0 + np.exp(-odds))
    return values
