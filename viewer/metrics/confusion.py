"""Which class is taken for which, at any confidence and any overlap, while a slider moves."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from viewer.metrics.class_roles import BACKGROUND, ClassRoles
from viewer.metrics.matching.assignment import matched
from viewer.metrics.matching.base import Similarity
from viewer.metrics.matching.candidates import (
    Candidates,
    Matcher,
    MatchRules,
    prepare_candidates,
)
from viewer.metrics.matching.match_kernels import count_cells
from viewer.metrics.objects import EvaluatedObjects, Floats, Ints
from viewer.progress import JobContext
from viewer.scene.scene import Dataset


@dataclass(frozen=True, eq=False)
class Confusion:
    """What became of every object at one confidence and one threshold."""

    index: "ConfusionIndex"
    confidence: float
    threshold: float
    cells: Ints
    """(K + 1, K + 1) counts: labels' classes down, predictions' across, background last."""
    label_of: Ints
    """(M,) label of each prediction, -1 for none; also of predictions below the confidence."""

    @property
    def class_names(self) -> tuple[str, ...]:
        """(K + 1,) the background last."""
        return (*self.index.roles.names, BACKGROUND)

    @cached_property
    def is_sure(self) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
        """(M,) True for predictions of evaluated classes at or above the confidence."""
        own = self.index.candidates
        found: np.ndarray[tuple[int], np.dtype[np.bool_]] = (own.scores >= self.confidence) & (
            own.prediction_classes >= 0
        )
        return found

    @cached_property
    def matched_predictions(self) -> Ints:
        """(P,) rows of sure predictions with a label."""
        return np.flatnonzero(self.is_sure & (self.label_of >= 0))

    @cached_property
    def false_positives(self) -> Ints:
        """Rows of sure predictions with no label, and none that would excuse them."""
        own = self.index.candidates
        excused = own.excuses >= self.index.closeness_at(self.threshold)
        return np.flatnonzero(self.is_sure & (self.label_of < 0) & ~excused)

    @cached_property
    def false_negatives(self) -> Ints:
        """Rows of labels that count and that no sure prediction has."""
        taken = np.zeros(len(self.index.candidates.label_classes), dtype=bool)
        taken[self.label_of[self.matched_predictions]] = True
        return np.flatnonzero((self.index.candidates.label_classes >= 0) & ~taken)

    @cached_property
    def values(self) -> Floats:
        """(M,) overlap or distance of each prediction with its label, NaN without one."""
        return self.index.values_of(self.label_of)


class ConfusionIndex:
    """Prepared once from both sides; `at` is quick.

    Immutable but for what it keeps of its last answer; any thread may ask.
    """

    def __init__(
        self,
        labels: EvaluatedObjects,
        predictions: EvaluatedObjects,
        roles: ClassRoles,
        similarity: Similarity,
        candidates: Candidates,
        matcher: Matcher,
    ) -> None:
        self.labels = labels
        self.predictions = predictions
        self.roles = roles
        self.similarity = similarity
        self.candidates = candidates
        self.matcher = matcher
        self._kept: tuple[tuple[float, float], Ints] | None = None

    @classmethod
    def prepare(
        cls,
        labels: EvaluatedObjects,
        predictions: EvaluatedObjects,
        roles: ClassRoles,
        similarity: Similarity,
        job: JobContext,
        *,
        rules: MatchRules | None = None,
        matcher: Matcher = Matcher.BY_SCORE,
        dataset: Dataset | None = None,
    ) -> "ConfusionIndex":
        """Find all pairs of objects that may be one.

        Parameters
        ----------
        dataset
            Where the labels come from, for measures that ask its cameras; without it these find
            no pair.
        """
        if dataset is not None:
            labels = similarity.ready(dataset, labels, job)
            predictions = similarity.ready(dataset, predictions, job)
        candidates = prepare_candidates(
            labels, predictions, roles, similarity, rules or MatchRules(), matcher, job
        )
        return cls(labels, predictions, roles, similarity, candidates, matcher)

    @property
    def score_bounds(self) -> tuple[float, float]:
        """Lowest and highest score: 0 and 1 hold all where they are probabilities.

        Scores of other kinds, as KITTI's, may lie anywhere; 0 and 1 without predictions.
        """
        scores = self.candidates.scores
        if not len(scores):
            return 0.0, 1.0
        return min(0.0, float(scores.min())), max(1.0, float(scores.max()))

    def closeness_at(self, threshold: float) -> float:
        """Return a threshold so that larger is better."""
        return -threshold if self.similarity.is_distance else threshold

    def at(self, confidence: float, threshold: float) -> Confusion:
        """Match and count.

        Parameters
        ----------
        confidence
            Predictions below it take part in nothing.
        threshold
            Least overlap, or farthest distance, of a pair.
        """
        # Kernels are compiled for floats.
        confidence, threshold = float(confidence), float(threshold)
        label_of = self._label_of(confidence, threshold)
        own = self.candidates
        count = len(self.roles.names) + 1
        cells = np.zeros((count, count), dtype=np.int64)
        taken = np.zeros(len(own.label_classes), dtype=bool)
        count_cells(
            label_of, own.label_classes, own.prediction_classes, own.scores, confidence,
            own.excuses, self.closeness_at(threshold), cells, taken,
        )  # fmt: skip
        return Confusion(self, confidence, threshold, cells, label_of)

    def _label_of(self, confidence: float, threshold: float) -> Ints:
        # Who the surest get does not hang on those below them.
        asked = (threshold, 0.0 if self.matcher == Matcher.BY_SCORE else confidence)
        kept = self._kept
        if kept is not None and kept[0] == asked:
            return kept[1]
        found = matched(self.candidates, self.matcher, self.closeness_at(threshold), confidence)
        self._kept = (asked, found)
        return found

    def values_of(self, label_of: Ints) -> Floats:
        """(M,) overlap or distance of each prediction with the label that it was given."""
        own = self.candidates
        values = np.full(len(label_of), np.nan)
        chosen = label_of[own.prediction_rows] == own.label_rows
        closeness = own.closeness[chosen]
        values[own.prediction_rows[chosen]] = (
            -closeness if self.similarity.is_distance else closeness
        )
        return values
