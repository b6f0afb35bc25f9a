"""Everything that matching needs of two sides, prepared once."""

from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from viewer.metrics.class_roles import IGNORED, LEFT_OUT, ClassRoles
from viewer.metrics.matching.base import Pairs, Similarity
from viewer.metrics.objects import EvaluatedObjects, Floats, Ints
from viewer.metrics.scope import Scope
from viewer.progress import JobContext

Flags = npt.NDArray[np.bool_]


class Matcher(StrEnum):
    """How pairs are chosen among those that are close enough."""

    BY_SCORE = "greedy by confidence"
    """The surest prediction first takes the closest label that is free."""
    BY_CLOSENESS = "greedy by closeness"
    """The closest pair first, whatever the scores."""
    HUNGARIAN = "Hungarian"
    """As many pairs as there can be, and among these the closest in sum."""


@dataclass(frozen=True, slots=True)
class MatchRules:
    """Which predictions may be which labels."""

    class_agnostic: bool = True
    """True to pair whatever is closest and to tell a wrong class as a confusion; False to pair
    objects of one class only."""
    allowed: Collection[tuple[str, str]] = ()
    """With `class_agnostic` False: more pairs of a label's class and a prediction's that may be
    one, by any of their names."""
    scope: Scope = field(default_factory=Scope)

    def table(self, roles: ClassRoles) -> Flags:
        """(K, K) True where a label's class (down) and a prediction's may be one.

        Raises
        ------
        ValueError
            When pairs are allowed though any class may be any.
        """
        count = len(roles.names)
        if self.class_agnostic:
            if self.allowed:
                raise ValueError("allowed pairs of classes need class_agnostic=False")
            return np.ones((count, count), dtype=bool)
        found = np.eye(count, dtype=bool)
        for label, prediction in self.allowed:
            found[roles.row(label), roles.row(prediction)] = True
        return found


@dataclass(frozen=True, eq=False, slots=True)
class Candidates:
    """Pairs that may be one, sorted for matching, and what excuses a prediction without one."""

    label_classes: Ints
    """(N,) class row, below 0 for a label that is no error when nothing finds it."""
    prediction_classes: Ints
    """(M,) class row, below 0 for a prediction that takes part in nothing."""
    scores: Floats
    """(M,) 1 where a prediction has none."""
    label_rows: Ints
    """(P,) of pairs: frame after frame, the surest prediction first, then the closest label; for
    `Matcher.BY_CLOSENESS` the closest pair first."""
    prediction_rows: Ints
    closeness: Floats
    """(P,) larger is better: an overlap, or a distance below 0."""
    excuses: Floats
    """(M,) closest that a prediction comes to a label that does not count."""

    def __len__(self) -> int:
        return len(self.closeness)


def prepare_candidates(
    labels: EvaluatedObjects,
    predictions: EvaluatedObjects,
    roles: ClassRoles,
    similarity: Similarity,
    rules: MatchRules,
    matcher: Matcher,
    job: JobContext,
) -> Candidates:
    """Find all pairs that are alike at all."""
    job.report(0, 4, "Comparing objects")
    label_classes, classes = roles.rows_of(labels), roles.rows_of(predictions)
    allowed = np.pad(rules.table(roles), (0, 2))
    region = label_classes == IGNORED
    if labels.is_crowd is not None:
        region |= labels.is_crowd & (label_classes != LEFT_OUT)
    # Classes below 0 index the padding: left out last, ignored before it.
    allowed[IGNORED, :-2] = True
    counted = rules.scope.labels_in(labels) & (label_classes >= 0) & ~region
    pairs = _pairs(labels, predictions, ~region & (label_classes >= 0), similarity, covering=False)
    job.report(1, 4, "Comparing objects")
    pairs = pairs.select(allowed[label_classes[pairs.label_rows], classes[pairs.prediction_rows]])
    over = _pairs(labels, predictions, region, similarity, covering=True)
    over = over.select(allowed[label_classes[over.label_rows], classes[over.prediction_rows]])
    job.report(2, 4, "Comparing objects")
    excuses = np.full(len(predictions), -np.inf)
    excuses[~rules.scope.predictions_in(predictions)] = np.inf
    outside = pairs.select(~counted[pairs.label_rows])
    for each in (outside, over):
        np.maximum.at(excuses, each.prediction_rows, similarity.closeness(each.values))
    pairs = pairs.select(counted[pairs.label_rows])
    scores = np.nan_to_num(predictions.scores, nan=1.0)
    closeness = similarity.closeness(pairs.values)
    if matcher == Matcher.BY_CLOSENESS:
        order = np.lexsort((pairs.prediction_rows, pairs.label_rows, -closeness))
    else:
        order = _surest_first(predictions.frame_rows, scores, pairs, closeness)
    job.report(4, 4, "Comparing objects")
    return Candidates(
        np.where(counted, label_classes, LEFT_OUT),
        classes,
        scores,
        pairs.label_rows[order],
        pairs.prediction_rows[order],
        closeness[order],
        excuses,
    )


def _pairs(
    labels: EvaluatedObjects,
    predictions: EvaluatedObjects,
    chosen: Flags,
    similarity: Similarity,
    *,
    covering: bool,
) -> Pairs:
    if chosen.all():
        return similarity.pairs(labels, predictions, covering=covering)
    rows = np.flatnonzero(chosen)
    found = similarity.pairs(labels.select(rows), predictions, covering=covering)
    return Pairs(rows[found.label_rows], found.prediction_rows, found.values)


def _surest_first(frame_rows: Ints, scores: Floats, pairs: Pairs, closeness: Floats) -> Ints:
    """Order pairs by frame, score, prediction, closeness, label: of equals the earlier row wins."""
    ranks = np.empty(len(scores), dtype=np.int64)
    ranks[np.lexsort((-scores, frame_rows))] = np.arange(len(scores))
    return np.lexsort((pairs.label_rows, -closeness, ranks[pairs.prediction_rows]))
