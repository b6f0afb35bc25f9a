"""Who gets whom: greedily by score, greedily by closeness, or the best for a frame as a whole."""

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from viewer.metrics.matching.candidates import Candidates, Matcher
from viewer.metrics.matching.match_kernels import match_by_closeness, match_by_score
from viewer.metrics.objects import Floats, Ints


def matched(
    candidates: Candidates, matcher: Matcher, least_closeness: float, least_score: float
) -> Ints:
    """(M,) label of each prediction, -1 for none.

    The candidates must be prepared for the matcher. Of equals the earlier row wins. With
    `BY_SCORE` a prediction below the score may have a label too: it takes none away from those
    above.
    """
    own = candidates
    found: Ints
    if matcher == Matcher.BY_SCORE:
        found = match_by_score(
            own.label_rows, own.prediction_rows, own.closeness, least_closeness,
            len(own.label_classes), len(own.scores),
        )  # fmt: skip
    elif matcher == Matcher.BY_CLOSENESS:
        found = match_by_closeness(
            own.label_rows, own.prediction_rows, own.closeness, least_closeness, own.scores,
            least_score, len(own.label_classes),
        )  # fmt: skip
    else:
        found = _best(own, least_closeness, least_score)
    return found


def _best(own: Candidates, least_closeness: float, least_score: float) -> Ints:
    found = np.full(len(own.scores), -1, dtype=np.int64)
    good = (own.closeness >= least_closeness) & (own.scores[own.prediction_rows] >= least_score)
    labels, predictions = own.label_rows[good], own.prediction_rows[good]
    if not len(labels):
        return found
    closeness = own.closeness[good]
    groups = _groups(labels, predictions, len(own.label_classes), len(own.scores))
    order = np.argsort(groups, kind="stable")
    sizes = np.bincount(groups)
    # Most pairs stand alone; only where several meet is there a choice.
    alone = sizes[groups] == 1
    found[predictions[alone]] = labels[alone]
    ends = np.cumsum(sizes)
    for group in np.flatnonzero(sizes > 1).tolist():
        rows = order[ends[group] - sizes[group] : ends[group]]
        _assign(labels[rows], predictions[rows], closeness[rows], found)
    return found


def _groups(labels: Ints, predictions: Ints, label_count: int, prediction_count: int) -> Ints:
    """(P,) number of the connected part that each pair belongs to."""
    total = label_count + prediction_count
    joined = coo_matrix(
        (np.ones(len(labels), dtype=bool), (labels, label_count + predictions)), (total, total)
    )
    _, part = connected_components(joined, directed=False)
    _, groups = np.unique(part[labels], return_inverse=True)
    return groups.astype(np.int64)


def _assign(labels: Ints, predictions: Ints, closeness: Floats, found: Ints) -> None:
    label_rows, down = np.unique(labels, return_inverse=True)
    prediction_rows, across = np.unique(predictions, return_inverse=True)
    # A pair more always outweighs how close the others are.
    spread = float(closeness.max() - closeness.min()) + 1.0
    most = min(len(label_rows), len(prediction_rows))
    gain = np.zeros((len(label_rows), len(prediction_rows)))
    gain[down, across] = closeness - closeness.min() + spread * (most + 1)
    rows, columns = linear_sum_assignment(gain, maximize=True)
    kept = gain[rows, columns] > 0
    found[prediction_rows[columns[kept]]] = label_rows[rows[kept]]
