"""Two sets of predictions over the same labels: what the second mends and what it breaks."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from viewer.metrics.class_metrics import MetricsTable, table_of
from viewer.metrics.confusion import Confusion
from viewer.metrics.objects import Ints


class Change(StrEnum):
    """What became of a label from the first set to the second."""

    FIXED = "fixed"
    """Wrong before, right now."""
    BROKEN = "broken"
    """Right before, wrong now."""
    BOTH_WRONG = "both wrong"
    BOTH_RIGHT = "both right"


@dataclass(frozen=True, eq=False, slots=True)
class LabelChanges:
    """Labels by what became of them, and false positives that came and went."""

    rows: dict[Change, Ints]
    """Rows of labels that count."""
    new_false_positives: Ints
    """Predictions of the second set where the first has no false positive of the class."""
    gone_false_positives: Ints
    """Predictions of the first set where the second has none."""
    first: MetricsTable
    second: MetricsTable

    def count(self, change: Change) -> int:
        """Return how many labels there are of a kind."""
        return len(self.rows[change])


def compare(first: Confusion, second: Confusion) -> LabelChanges:
    """Compare two sets label by label; a label is right when its prediction has its class.

    False positives of both sets are one where they are as close as a pair must be.

    Raises
    ------
    ValueError
        When the two are not over the same labels, or by another measure.
    """
    a, b = first.index, second.index
    if a.labels.label_ids is not b.labels.label_ids or a.similarity.name != b.similarity.name:
        raise ValueError("two sets are compared over the same labels and by the same measure")
    if a.roles.names != b.roles.names:
        raise ValueError("two sets are compared over the same classes")
    counted = np.flatnonzero(a.candidates.label_classes >= 0)
    before, after = _is_right(first)[counted], _is_right(second)[counted]
    rows = {
        Change.FIXED: counted[~before & after],
        Change.BROKEN: counted[before & ~after],
        Change.BOTH_WRONG: counted[~before & ~after],
        Change.BOTH_RIGHT: counted[before & after],
    }
    shared_first, shared_second = _shared(first, second)
    wrong_first, wrong_second = first.false_positives, second.false_positives
    return LabelChanges(
        rows,
        np.setdiff1d(wrong_second, shared_second),
        np.setdiff1d(wrong_first, shared_first),
        table_of(first),
        table_of(second),
    )


def _is_right(confusion: Confusion) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    own = confusion.index.candidates
    found = np.zeros(len(own.label_classes), dtype=bool)
    pairs = confusion.matched_predictions
    labels = confusion.label_of[pairs]
    found[labels] = own.label_classes[labels] == own.prediction_classes[pairs]
    return found


def _shared(first: Confusion, second: Confusion) -> tuple[Ints, Ints]:
    """Return the false positives that both have, one for one, the closest first."""
    a, b = first.false_positives, second.false_positives
    similarity = first.index.similarity
    pairs = similarity.pairs(first.index.predictions.select(a), second.index.predictions.select(b))
    closeness = similarity.closeness(pairs.values)
    of_a = first.index.candidates.prediction_classes[a[pairs.label_rows]]
    of_b = second.index.candidates.prediction_classes[b[pairs.prediction_rows]]
    near = (closeness >= first.index.closeness_at(first.threshold)) & (of_a == of_b)
    taken_a, taken_b = np.zeros(len(a), dtype=bool), np.zeros(len(b), dtype=bool)
    order = np.flatnonzero(near)[np.argsort(-closeness[near], kind="stable")]
    for row in order.tolist():
        i, j = pairs.label_rows[row], pairs.prediction_rows[row]
        if not (taken_a[i] or taken_b[j]):
            taken_a[i] = taken_b[j] = True
    return a[taken_a], b[taken_b]
