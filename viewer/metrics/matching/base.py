"""How alike a label and a prediction are."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from viewer.metrics.matching.near_pairs import near_pairs
from viewer.metrics.objects import EvaluatedObjects, Floats, Ints
from viewer.progress import JobContext
from viewer.scene.scene import Dataset

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False, slots=True)
class Pairs:
    """K pairs of a label and a prediction of one frame, ascending by label, then prediction."""

    label_rows: Ints
    prediction_rows: Ints
    values: Floats
    """(K,) overlap in 0..1 (larger is better) or distance in metres (smaller is better)."""

    def __len__(self) -> int:
        return len(self.values)

    def select(self, rows: npt.NDArray[np.bool_]) -> "Pairs":
        """Return some of them."""
        return Pairs(self.label_rows[rows], self.prediction_rows[rows], self.values[rows])


class Similarity(ABC):
    """One measure; a new one is a file listed in `catalog.py`."""

    name: ClassVar[str]
    title: ClassVar[str]
    is_distance: ClassVar[bool] = False
    """True where values are metres and smaller is better."""
    default_threshold: ClassVar[float] = 0.5
    needs: ClassVar[str] = ""
    """What both sides must have, for people."""

    @abstractmethod
    def pairs(
        self, labels: EvaluatedObjects, predictions: EvaluatedObjects, *, covering: bool = False
    ) -> Pairs:
        """Return every pair that is alike at all.

        With `covering` an overlap is told as the share of the prediction that lies in the label,
        as for labels that stand for a crowd or a region; measures without one give their own.
        """

    def ready(
        self, dataset: Dataset, objects: EvaluatedObjects, job: JobContext
    ) -> EvaluatedObjects:
        """Return the objects with what `pairs` needs from the recording beside them."""
        return objects

    def closeness(self, values: Floats) -> Floats:
        """Return values, turned where needed so that larger is better."""
        return -values if self.is_distance else values


def radii(objects: EvaluatedObjects, *, flat: bool) -> Floats:
    """(N,) half diagonal of each box, in space or seen from above."""
    size = objects.sizes_m[:, :2] if flat else objects.sizes_m
    found: Floats = np.sqrt((size * size).sum(axis=1)) / 2
    return found


def boxes_near(
    labels: EvaluatedObjects, predictions: EvaluatedObjects, *, flat: bool
) -> tuple[Ints, Ints]:
    """Return the rows of cuboids whose surrounding balls (circles) meet, frame by frame."""
    columns = slice(0, 2) if flat else slice(0, 3)
    return near_pairs(
        labels.frame_rows, labels.centers_m[:, columns], radii(labels, flat=flat),
        predictions.frame_rows, predictions.centers_m[:, columns],
        radii(predictions, flat=flat),
    )  # fmt: skip


def no_pairs() -> Pairs:
    """Return none, where a side has nothing of the kind."""
    return Pairs(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
