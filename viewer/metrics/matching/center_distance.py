"""How far apart the middles of two cuboids are."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from viewer.metrics.matching.base import Pairs, Similarity
from viewer.metrics.matching.near_pairs import near_pairs
from viewer.metrics.objects import EvaluatedObjects
from viewer.metrics.protocols.ground import standing_on_xy

FARTHEST_M = 10.0
"""Objects farther apart are never one: no threshold goes beyond."""


@dataclass(frozen=True)
class CenterDistance(Similarity):
    """Distance in space."""

    name: ClassVar[str] = "center_distance_3d"
    title: ClassVar[str] = "centre distance"
    is_distance: ClassVar[bool] = True
    default_threshold: ClassVar[float] = 2.0
    needs: ClassVar[str] = "cuboids"
    axes: ClassVar[int] = 3

    farthest_m: float = FARTHEST_M

    def pairs(
        self, labels: EvaluatedObjects, predictions: EvaluatedObjects, *, covering: bool = False
    ) -> Pairs:
        if self.axes == 2:
            labels, predictions = standing_on_xy(labels, predictions)
        a, b = labels.centers_m[:, : self.axes], predictions.centers_m[:, : self.axes]
        rows, columns = near_pairs(
            labels.frame_rows, a, np.full(len(a), self.farthest_m),
            predictions.frame_rows, b, np.zeros(len(b)),
        )  # fmt: skip
        apart = a[rows] - b[columns]
        return Pairs(rows, columns, np.sqrt((apart * apart).sum(axis=1)))
