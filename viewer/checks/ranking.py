"""Worst first: the findings on one label, of all checks, as one score.

A logistic sum: each check adds its weight times how sure it is, none takes anything away, so one
more finding never makes a label better. The weights are fitted on planted errors
(`packaging/quality/fit_ranking.py`). What comes out is a score, not a probability, until enough
verdicts of people recalibrate it.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from viewer.checks.finding import Finding, LabelName, Severity

WEIGHTS_FILE = "ranking_weights.json"
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
