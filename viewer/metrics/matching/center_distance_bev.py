"""How far apart the middles of two cuboids are on the ground."""

from typing import ClassVar

from viewer.metrics.matching.center_distance import CenterDistance


class CenterDistanceBev(CenterDistance):
    """Distance in the ground plane."""

    name: ClassVar[str] = "center_distance_bev"
    title: ClassVar[str] = "centre distance, BEV"
    axes: ClassVar[int] = 2
