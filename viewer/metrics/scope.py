"""Which objects an evaluation counts: by difficulty, range, points and attributes."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from viewer.metrics.objects import EvaluatedObjects, Floats

Flags = npt.NDArray[np.bool_]


class Difficulty(IntEnum):
    """KITTI's, each within the next."""

    EASY = 0
    MODERATE = 1
    HARD = 2


LEAST_HEIGHT_PX = (40.0, 25.0, 25.0)
MOST_OCCLUDED = (0, 1, 2)
MOST_TRUNCATED = (0.15, 0.30, 0.50)


@dataclass(frozen=True, slots=True)
class Scope:
    """What counts. A label outside is passed over, and so is a prediction on it.

    A prediction outside by its own range or image height is passed over where nothing in scope
    takes it. What an object does not tell never puts it outside, but for KITTI's difficulty: a
    label without a 2D box has none.
    """

    difficulty: Difficulty | None = None
    least_range_m: float = 0.0
    most_range_m: float = np.inf
    least_points: int = 0
    """Points that a label must have inside."""
    labels_where: Callable[[EvaluatedObjects], Flags] | None = None
    """(N,) True for the labels that count, for anything else."""

    def labels_in(self, labels: EvaluatedObjects) -> Flags:
        """(N,) True for labels that count."""
        found = self._in_range(labels)
        if self.least_points and labels.point_counts is not None:
            counts = labels.point_counts
            found &= (counts < 0) | (counts >= self.least_points)
        if self.difficulty is not None:
            found &= is_as_easy(labels, self.difficulty)
        if self.labels_where is not None:
            found &= self.labels_where(labels)
        return found

    def predictions_in(self, predictions: EvaluatedObjects) -> Flags:
        """(N,) True for predictions that count against a model when nothing takes them."""
        found = self._in_range(predictions)
        if self.difficulty is not None and predictions.boxes_px is not None:
            height = predictions.boxes_px[:, 3] - predictions.boxes_px[:, 1]
            found &= ~(height < LEAST_HEIGHT_PX[self.difficulty])
        return found

    def _in_range(self, objects: EvaluatedObjects) -> Flags:
        if self.least_range_m <= 0 and self.most_range_m == np.inf:
            return np.ones(len(objects), dtype=bool)
        away = ranges_m(objects)
        return ~((away < self.least_range_m) | (away > self.most_range_m))


def ranges_m(objects: EvaluatedObjects) -> Floats:
    """(N,) distance of each middle from the vehicle; NaN where either is not known."""
    apart = objects.centers_m - objects.frames.ego_positions_m[objects.frame_rows]
    found: Floats = np.sqrt((apart * apart).sum(axis=1))
    return found


def is_as_easy(labels: EvaluatedObjects, difficulty: Difficulty) -> Flags:
    """(N,) True for labels that KITTI counts at a difficulty."""
    if labels.boxes_px is None:
        return np.zeros(len(labels), dtype=bool)
    found = labels.boxes_px[:, 3] - labels.boxes_px[:, 1] > LEAST_HEIGHT_PX[difficulty]
    if labels.occlusions is not None:
        found &= labels.occlusions <= MOST_OCCLUDED[difficulty]
    if labels.truncations is not None:
        found &= ~(labels.truncations > MOST_TRUNCATED[difficulty])
    return found
