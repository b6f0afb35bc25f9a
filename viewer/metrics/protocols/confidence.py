"""Scores of predictions, where a protocol cannot do without."""

import numpy as np

from viewer.metrics.objects import EvaluatedObjects, Floats


def scores_or_ones(predictions: EvaluatedObjects, lacks: list[str]) -> Floats:
    """(N,) scores; all 1 where no prediction has one, -inf for the few that have none.

    What was done is told in `lacks`. Predictions with -inf are for the caller to leave out.
    """
    missing = np.isnan(predictions.scores)
    if not missing.any():
        return np.ascontiguousarray(predictions.scores)
    if missing.all():
        lacks.append("No prediction has a score: all count as equally sure, in the file's order.")
        return np.ones(len(predictions))
    lacks.append(f"{missing.sum()} predictions without a score are left out.")
    return np.where(missing, -np.inf, predictions.scores)
