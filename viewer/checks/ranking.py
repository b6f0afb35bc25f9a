"""Worst first: the findings on one label, of all checks, as one score.

A logistic sum: each check adds its weight times how sure it is, none takes anything away, so one
more finding never makes a label better. The weights are fitted on planted errors
(`packaging/quality/fit_ranking.py`). What comes out is a score, not a probability, until enough
verdicts of people recalibrate it.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from scipy.optimize import minimize

from viewer.checks.finding import Finding, LabelName, Severity
from viewer.metrics.objects import Floats

WEIGHTS_FILE = "ranking_weights.json"
LEAST_VERDICTS = 200
"""Below so many the score is no probability."""
SURENESS = {
    Severity.INFO: 0.1,
    Severity.LOW: 0.3,
    Severity.MEDIUM: 0.7,
    Severity.HIGH: 1.0,
}


@dataclass(frozen=True, slots=True)
class Weights:
    """What each check adds, and what a label without findings has; in log odds."""

    bias: float
    by_check: Mapping[str, float]
    unknown: float = 1.0
    """Of a check that was not there when the weights were fitted."""

    def of(self, check: str) -> float:
        """Weight of a check."""
        return self.by_check.get(check, self.unknown)


@dataclass(frozen=True, eq=False, slots=True)
class Ranked:
    """One label, or one place without one, with everything that is said of it."""

    label: LabelName | None
    """None for a label that is missing; the finding tells where."""
    findings: tuple[Finding, ...]
    """What adds most comes first."""
    contributions: Mapping[str, float]
    """Log odds that each check adds."""
    score: float
    """0..1."""


@cache
def default_weights() -> Weights:
    """Weights that were fitted on planted errors."""
    text = files("viewer.checks").joinpath(WEIGHTS_FILE).read_text(encoding="utf-8")
    document = json.loads(text)
    return Weights(float(document["bias"]), document["by_check"])


def sureness(finding: Finding) -> float:
    """How much of its weight a finding adds, 0..1."""
    return SURENESS[finding.severity] * (0.5 + 0.5 * finding.score)


def grouped(findings: Iterable[Finding]) -> list[tuple[LabelName | None, list[Finding]]]:
    """Put findings together by the label that they accuse; those without one stay alone.

    Findings on a scene or a sensor as a whole are left out: they rank no label.
    """
    by_label: dict[LabelName, list[Finding]] = {}
    alone: list[tuple[LabelName | None, list[Finding]]] = []
    for finding in findings:
        if finding.labels:
            by_label.setdefault(finding.labels[0], []).append(finding)
        elif finding.evidence.boxes:
            alone.append((None, [finding]))
    return [*by_label.items(), *alone]


def features(findings: Iterable[Finding]) -> dict[str, float]:
    """Surest finding of each check."""
    found: dict[str, float] = {}
    for finding in findings:
        found[finding.check] = max(found.get(finding.check, 0.0), sureness(finding))
    return found


def rank(findings: Iterable[Finding], weights: Weights | None = None) -> list[Ranked]:
    """Return labels with findings, the worst first; equal ones in the order of the findings."""
    chosen = weights or default_weights()
    ranked = []
    for label, own in grouped(findings):
        adds = {check: chosen.of(check) * value for check, value in features(own).items()}
        odds = chosen.bias + sum(adds.values())
        own.sort(key=lambda each: -chosen.of(each.check) * sureness(each))
        score = float(1.0 / (1.0 + np.exp(-odds)))
        ranked.append(Ranked(label, tuple(own), adds, score))
    ranked.sort(key=lambda each: -each.score)
    return ranked


@dataclass(frozen=True, slots=True)
class Calibration:
    """Turns log odds of the ranking into a probability, as people's verdicts say."""

    slope: float
    offset: float
    verdicts: int

    def probability(self, score: float) -> float:
        """Probability that a label of a score is wrong."""
        clipped = min(max(score, 1e-9), 1.0 - 1e-9)
        odds = float(np.log(clipped / (1.0 - clipped)))
        return float(1.0 / (1.0 + np.exp(-(self.slope * odds + self.offset))))


def calibrate(scores: Sequence[float], wrong: Sequence[bool]) -> Calibration | None:
    """Fit a calibration to labels that people judged; None while there are too few, or of one kind.

    Platt's method (1999) with his targets, which keep a few verdicts from being taken for certain.
    The slope is never negative: what ranks higher stays higher.

    Parameters
    ----------
    scores
        Of the ranking, one a judged label; of a label without findings the score of the bias alone.
    wrong
        Whether the person found it wrong.
    """
    truth = np.asarray(wrong, dtype=bool)
    if len(truth) < LEAST_VERDICTS or truth.all() or not truth.any():
        return None
    clipped = np.clip(np.asarray(scores, dtype=np.float64), 1e-9, 1.0 - 1e-9)
    odds = np.log(clipped / (1.0 - clipped))
    count = int(truth.sum())
    high, low = (count + 1.0) / (count + 2.0), 1.0 / (len(truth) - count + 2.0)
    target = np.where(truth, high, low)

    def loss(values: Floats) -> tuple[float, Floats]:
        raw = values[0] * odds + values[1]
        missed = 1.0 / (1.0 + np.exp(-raw)) - target
        return (
            float((np.logaddexp(0.0, raw) - target * raw).mean()),
            np.array([(missed * odds).mean(), missed.mean()]),
        )

    values = minimize(loss, np.array([1.0, 0.0]), jac=True, method="BFGS").x
    if values[0] < 0:
        # Verdicts that contradict the ranking tell how many are wrong, not which.
        return Calibration(0.0, float(np.log(target.mean() / (1.0 - target.mean()))), len(truth))
    return Calibration(float(values[0]), float(values[1]), len(truth))
