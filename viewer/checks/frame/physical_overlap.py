"""Two solid objects in one place."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from viewer.checks.base import Check, Group, Parameter, Parameters
from viewer.checks.finding import Finding, Severity
from viewer.checks.frame.duplicate_boxes import DuplicateBoxes
from viewer.checks.frame.pairs import close_pairs
from viewer.checks.learned import Learned
from viewer.checks.scene_labels import CheckedScene
from viewer.geometry.cuboids import Cuboids
from viewer.geometry.overlap import bev_iou_pairs, iou_3d_pairs
from viewer.metrics.objects import Floats, Ints
from viewer.progress import JobContext

ALLOWED = (
    ("pedestrian", "cyclist"), ("rider", "bicycle"), ("pedestrian", "bicycle"),
    ("rider", "motorcycle"), ("pedestrian", "motorcycle"), ("truck", "trailer"),
    ("car", "trailer"), ("bus", "trailer"),
)  # fmt: skip
"""Words that class names hold; an object may lie in one of the other kind."""
SOFT = (
    "pedestrian", "person", "people", "rider", "cyclist", "animal", "bicycle", "motorcycle",
    "scooter", "stroller", "wheelchair", "cart",
)  # fmt: skip
"""Their boxes are wider than they are: arms swing, handlebars stick out."""


LEAST_USUAL = 3
"""Pairs of objects from which an overlap may be how a dataset labels."""


class PhysicalOverlap(Check):
    """Boxes that are duplicates are left to their own check.

    Of two the one that overlaps more others is accused. Small things that lie in a large box have
    a small share of the union, and cannot be there all the same. Where most objects of a class
    overlap one of another, that is how the dataset labels, as with doors of cars.
    """

    id: ClassVar[str] = "physical-overlap"
    numbers: ClassVar[tuple[int, ...]] = (11,)
    title: ClassVar[str] = "Objects in one place"
    question: ClassVar[str] = "Do two solid objects overlap?"
    group: ClassVar[Group] = Group.FRAME
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("least_iou", 0.02, "overlap of the volumes over their union", high=1.0),
        Parameter("least_iou_soft", 0.1, "of people and two-wheelers; a hint below", high=1.0),
        Parameter(
            "least_inside",
            0.6,
            "share of the smaller box in the other, from which it is no hint",
            high=1.0,
        ),
    )

    def run(
        self, scene: CheckedScene, learned: Learned, parameters: Parameters, job: JobContext
    ) -> Iterable[Finding]:
        pairs = _overlapping(scene, parameters)
        partners = np.bincount(np.concatenate([pairs.first, pairs.second]), minlength=1)
        least_inside = parameters.of("least_inside")
        for place in range(len(pairs.first)):
            one, two = int(pairs.first[place]), int(pairs.second[place])
            if partners[two] > partners[one]:
                one, two = two, one
            names = _name(scene, one), _name(scene, two)
            iou, inside = float(pairs.overlaps[place]), float(pairs.inside[place])
            hint = iou < parameters.of("least_iou_soft") and _soft(*names) and inside < least_inside
            yield self.found(
                scene, one, others=(two,), score=min(1.0, 0.3 + max(2 * iou, 0.5 * inside)),
                severity=Severity.HIGH if iou > 0.2 else Severity.LOW if hint else Severity.MEDIUM,
                text=f"It overlaps a {names[1]} by {iou:.0%} of their volume"
                if inside < least_inside
                else f"It and a {names[1]} lie in one place: {inside:.0%} of the smaller box",
                numbers={"iou": iou, "inside": inside},
            )  # fmt: skip


@dataclass(frozen=True, eq=False, slots=True)
class _Pairs:
    """P pairs of labels that overlap and should not."""

    first: Ints
    second: Ints
    overlaps: Floats
    """(P,) volume that both have over that of either."""
    inside: Floats
    """(P,) the same over that of the smaller."""


def _overlapping(scene: CheckedScene, parameters: Parameters) -> _Pairs:
    labels = scene.labels
    first, second = close_pairs(labels, scene.boxes)
    a, b = labels.cuboids(first), labels.cuboids(second)
    overlaps = iou_3d_pairs(a, b)
    inside = _shares_inside(overlaps, a, b)
    hit = overlaps >= parameters.of("least_iou")
    hit |= inside >= parameters.of("least_inside")
    hit &= bev_iou_pairs(a, b) < DuplicateBoxes.defaults().of("least_iou")
    places = np.flatnonzero(hit)
    pairs = zip(first[places].tolist(), second[places].tolist(), strict=True)
    solid = [not _allowed(_name(scene, one), _name(scene, two)) for one, two in pairs]
    places = places[np.array(solid, dtype=bool)]
    places = places[~_usual(scene, first[places], second[places])]
    return _Pairs(first[places], second[places], overlaps[places], inside[places])


def _usual(scene: CheckedScene, first: Ints, second: Ints) -> npt.NDArray[np.bool_]:
    """(P,) True for classes that mostly overlap, as parts do with what they are parts of."""
    tracks = scene.labels.track_rows
    objects = -1 - np.arange(len(scene.labels))
    if tracks is not None:
        objects = np.where(tracks >= 0, tracks, objects)
    of_class: dict[str, set[int]] = defaultdict(set)
    for row in scene.boxes.tolist():
        of_class[str(scene.class_of[row])].add(int(objects[row]))
    kinds, owners = [], defaultdict(set)
    involved: dict[tuple[str, str], set[int]] = defaultdict(set)
    for one, two in zip(first.tolist(), second.tolist(), strict=True):
        names = str(scene.class_of[one]), str(scene.class_of[two])
        if len(of_class[names[1]]) < len(of_class[names[0]]):
            one, two, names = two, one, names[::-1]
        kinds.append(names)
        involved[names].add(int(objects[one]))
        owners[names].add(int(objects[two]))
    usual = [
        names[0] != names[1]
        and min(len(involved[names]), len(owners[names])) >= LEAST_USUAL
        and 2 * len(involved[names]) > len(of_class[names[0]])
        for names in kinds
    ]
    return np.array(usual, dtype=bool)


def _name(scene: CheckedScene, row: int) -> str:
    return str(scene.class_of[row]).lower()


def _shares_inside(overlaps: Floats, a: Cuboids, b: Cuboids) -> Floats:
    """(P,) of the smaller box of each pair, told from the overlap over the union."""
    one, other = a.size.prod(axis=1), b.size.prod(axis=1)
    common = overlaps * (one + other) / (1.0 + overlaps)
    shares: Floats = common / np.maximum(np.minimum(one, other), 1e-9)
    return shares


def _allowed(one: str, other: str) -> bool:
    return any(
        (a in one and b in other) or (a in other and b in one) for a, b in ALLOWED
    )  # fmt: skip


def _soft(*names: str) -> bool:
    return any(word in name for name in names for word in SOFT)
