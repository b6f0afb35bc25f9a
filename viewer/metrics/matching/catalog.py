"""Every measure of likeness."""

from typing import Final

from viewer.metrics.matching.base import Similarity
from viewer.metrics.matching.center_distance import CenterDistance
from viewer.metrics.matching.center_distance_bev import CenterDistanceBev
from viewer.metrics.matching.iou_2d import Iou2d
from viewer.metrics.matching.iou_3d import Iou3d
from viewer.metrics.matching.iou_bev import IouBev
from viewer.metrics.matching.iou_mask import IouMask
from viewer.metrics.matching.iou_projected import IouProjected
from viewer.metrics.matching.keypoint_oks import KeypointOks

SIMILARITIES: Final[tuple[Similarity, ...]] = (
    Iou3d(), IouBev(), CenterDistanceBev(), CenterDistance(), Iou2d(), IouProjected(), IouMask(),
    KeypointOks(),
)  # fmt: skip


def similarity_by_name(name: str) -> Similarity:
    """Return a measure; KeyError, naming all, when there is none."""
    for each in SIMILARITIES:
        if each.name == name:
            return each
    names = ", ".join(each.name for each in SIMILARITIES)
    raise KeyError(f"no similarity is called {name!r}; there are {names}")
