"""How unsure a model is of each prediction, from the probabilities that it gives the classes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from viewer.metrics.objects import EvaluatedObjects, Floats, Ints


@dataclass(frozen=True, eq=False, slots=True)
class Uncertainty:
    """Scores of N predictions, larger is less sure; NaN where nothing tells."""

    entropies: Floats
    """Shannon entropy over the logarithm of the number of classes: 0 sure, 1 no idea."""
    margins: Floats
    """1 minus the distance of the two most probable classes."""
    least_confidences: Floats
    """1 minus the highest probability."""

    def by_frame(self, frame_rows: Ints, frame_count: int, name: str = "entropies") -> Floats:
        """(F,) the largest score of each frame; NaN where no prediction has one."""
        scores: Floats = getattr(self, name)
        found = np.full(frame_count, -np.inf)
        known = ~np.isnan(scores)
        np.maximum.at(found, frame_rows[known], scores[known])
        return np.where(np.isinf(found), np.nan, found)


def uncertainty(predictions: EvaluatedObjects) -> Uncertainty:
    """Score predictions that have a class distribution.

    A distribution is scaled to a sum of 1. One with a single class lacks the rest: what is missing
    to 1 stands for one more class. A prediction without a distribution is judged by its score
    alone, as one class against all others.
    """
    if predictions.class_distributions is None:
        return _by_score(predictions.scores)
    spreads: Sequence[Mapping[str, float] | None]
    spreads = predictions.class_distributions or (None,) * len(predictions)
    found = np.array(
        [
            _scores(_probabilities(spread, score))
            for spread, score in zip(spreads, predictions.scores.tolist(), strict=True)
        ]
    ).reshape(-1, 3)
    return Uncertainty(found[:, 0], found[:, 1], found[:, 2])


def _by_score(scores: Floats) -> Uncertainty:
    """Judge each by its score alone; one outside 0..1 tells nothing."""
    likely = np.where((scores >= 0) & (scores <= 1), scores, np.nan)
    both = np.stack([likely, 1 - likely])
    logarithms = np.log2(both, out=np.zeros(both.shape), where=both > 0)
    entropies = np.where(np.isnan(likely), np.nan, -(both * logarithms).sum(axis=0))
    highest = both.max(axis=0, initial=-np.inf)
    return Uncertainty(np.maximum(entropies, 0.0), 2 - 2 * highest, 1 - highest)


def _probabilities(spread: Mapping[str, float] | None, score: float) -> list[float]:
    values = list(spread.values()) if spread else [score]
    if not all(np.isfinite(value) and value >= 0 for value in values):
        return []
    if len(values) == 1:
        return [values[0], 1 - values[0]] if values[0] <= 1 else []
    total = sum(values)
    return [value / total for value in values] if total > 0 else []


def _scores(probabilities: list[float]) -> tuple[float, float, float]:
    """Entropy, margin, least confidence.

    Examples
    --------
    >>> _scores([0.5, 0.5])
    (1.0, 1.0, 0.5)
    """
    if not probabilities:
        return (float("nan"),) * 3
    known = np.array([value for value in probabilities if value > 0])
    entropy = float(-(known * np.log(known)).sum() / np.log(len(probabilities)))
    second, first = sorted(probabilities)[-2:]
    return max(entropy, 0.0), 1 - (first - second), 1 - first
