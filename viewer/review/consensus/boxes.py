"""How near two reviewers' versions of the same labels are: overlap, centre, heading, class."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from viewer.geometry.cuboids import Cuboids
from viewer.geometry.overlap import iou_3d_pairs
from viewer.review.consensus.versions import LabelVersion

LABEL_FRAME = "label set"
"""Both boxes of a label lie in its label set's coord frame, whichever that is."""


@dataclass(frozen=True, slots=True)
class LabelComparison:
    """Two reviewers' versions of one label.

    The three numbers are None where there are not two cuboids to compare.
    """

    subject_key: str
    first_class: str | None
    second_class: str | None
    iou_3d: float | None
    """Exact volume overlap, 0 to 1."""
    centre_m: float | None
    """Distance of the centres."""
    heading_rad: float | None
    """Difference of the headings, 0 to pi."""
    both_moved: bool
    """Whether both changed the box, so that the numbers tell of two opinions."""
    first_deleted: bool = False
    second_deleted: bool = False

    @property
    def same_class(self) -> bool:
        """Whether both call it the same."""
        return self.first_class == self.second_class


@dataclass(frozen=True, slots=True)
class BoxAgreement:
    """How near two reviewers are over several labels; means are None without any cuboids.

    The numbers are over the cuboids that both moved; classes over all labels that both changed.
    """

    labels: int
    same_class: int
    deleted_by_one: int
    """Labels that one of them deleted and the other kept."""
    boxes: int
    mean_iou_3d: float | None
    least_iou_3d: float | None
    mean_centre_m: float | None
    mean_heading_rad: float | None
    same_box: int = 0
    """Boxes that are the same within the limits."""


@dataclass(frozen=True, slots=True)
class SameBox:
    """Within what two boxes count as the same; all three must hold."""

    least_iou_3d: float = 0.7
    most_centre_m: float = 0.3
    most_heading_rad: float = math.radians(10)

    def holds(self, found: LabelComparison) -> bool:
        """Whether a label's two boxes are the same."""
        return (
            found.iou_3d is not None
            and found.centre_m is not None
            and found.heading_rad is not None
            and found.iou_3d >= self.least_iou_3d
            and found.centre_m <= self.most_centre_m
            and found.heading_rad <= self.most_heading_rad
        )


SAME_BOX = SameBox()


def compare_labels(
    versions: Mapping[str, Mapping[str, LabelVersion]], first: str, second: str
) -> list[LabelComparison]:
    """Compare two reviewers' versions of labels, as `versions_by_reviewer` gives them."""
    keys = [key for key, by_name in versions.items() if first in by_name and second in by_name]
    pairs = [(versions[key][first], versions[key][second]) for key in keys]
    numbers = _numbers(pairs)
    return [
        LabelComparison(
            key, one.class_name, other.class_name, *measured, one.has_moved and other.has_moved,
            one.is_deleted, other.is_deleted,
        )
        for key, (one, other), measured in zip(keys, pairs, numbers, strict=True)
    ]  # fmt: skip


def box_agreement(found: Sequence[LabelComparison], limits: SameBox = SAME_BOX) -> BoxAgreement:
    """Return the means over several labels, and how many boxes are the same within limits."""
    boxes = [each for each in found if each.both_moved and each.iou_3d is not None]
    overlaps = [each.iou_3d for each in boxes if each.iou_3d is not None]
    return BoxAgreement(
        len(found),
        sum(each.same_class for each in found),
        sum(each.first_deleted != each.second_deleted for each in found),
        len(boxes),
        _mean(overlaps),
        min(overlaps, default=None),
        _mean([each.centre_m for each in boxes if each.centre_m is not None]),
        _mean([each.heading_rad for each in boxes if each.heading_rad is not None]),
        sum(map(limits.holds, boxes)),
    )


def box_agreement_by_class(
    found: Sequence[LabelComparison], limits: SameBox = SAME_BOX
) -> dict[str, BoxAgreement]:
    """Return it for each class that the first reviewer gave, in their order."""
    by_class: dict[str, list[LabelComparison]] = {}
    for each in found:
        by_class.setdefault(each.first_class or "", []).append(each)
    return {name: box_agreement(labels, limits) for name, labels in sorted(by_class.items())}


_Numbers = tuple[float | None, float | None, float | None]


def _numbers(pairs: Sequence[tuple[LabelVersion, LabelVersion]]) -> list[_Numbers]:
    """Return overlap, distance and heading difference of each pair of cuboids, all at once."""
    found: list[_Numbers] = [(None, None, None)] * len(pairs)
    rows = [row for row, pair in enumerate(pairs) if all(_is_cuboid(each) for each in pair)]
    if not rows:
        return found
    one = _cuboids([pairs[row][0] for row in rows])
    other = _cuboids([pairs[row][1] for row in rows])
    overlap = iou_3d_pairs(one, other)
    distance = np.linalg.norm(one.center - other.center, axis=1)
    turn = np.abs((one.yaw_rad - other.yaw_rad + np.pi) % (2 * np.pi) - np.pi)
    for row, *measured in zip(
        rows, overlap.tolist(), distance.tolist(), turn.tolist(), strict=True
    ):
        found[row] = (measured[0], measured[1], measured[2])
    return found


def _is_cuboid(version: LabelVersion) -> bool:
    return (
        version.shape == "cuboid"
        and not version.is_deleted
        and version.geometry is not None
        and len(version.geometry) == 10
    )


def _cuboids(versions: Sequence[LabelVersion]) -> Cuboids:
    table: npt.NDArray[np.float64] = np.array([each.geometry for each in versions], dtype=float)
    return Cuboids(table[:, 0:3], table[:, 3:6], table[:, 6:10], LABEL_FRAME)


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None
