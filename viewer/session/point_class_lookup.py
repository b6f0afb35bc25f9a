"""The class of every point: which label set tells it, what it is called, how many there are."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from viewer.scene.labels import LabelSet, LabelSetKind
from viewer.scene.point_classes import PointClasses
from viewer.session.facts import position
from viewer.session.frame_content import FrameContent, LoadedSweep
from viewer.session.selection import PointedPosition
from viewer.session.view_settings import ViewSettings

POINTS = "points"
"""Kind of the summary of a class of points."""
_TABLE_SIZE = 1 << 16
"""Class numbers below this are looked up in a table, others by sorting."""


@dataclass(frozen=True, slots=True)
class ClassCount:
    """How many points have a class; a number without a name is a class of its own."""

    number: int
    name: str | None
    count: int
    object_count: int = 0
    """Objects that the points belong to; 0 where the format tells none."""

    @property
    def title(self) -> str:
        """Name of the class, or its number where it has none."""
        return f"class {self.number} without a name" if self.name is None else self.name


def points_label_id(sensor_id: str, number: int) -> str:
    """What stands for the id of all points of a class, which have none together."""
    return f"{POINTS} {sensor_id} {number}"


def has_point_classes(content: FrameContent) -> bool:
    """Whether any label set of the frame has a class for points."""
    return any(labels.point_classes for labels in content.labels.values())


def told_classes(
    content: FrameContent, sweep: LoadedSweep
) -> Iterator[tuple[LabelSet, PointClasses]]:
    """What each label set says of a sweep's points, row by row; others are left out."""
    for label_set in content.scene.label_sets:
        set_id = label_set.label_set_id
        found = sweep.point_classes.get(set_id)
        labels = content.labels.get(set_id)
        if found is None and labels is not None and sweep.frame_index == content.index:
            own = (each for each in labels.point_classes if each.sensor_id == sweep.sensor_id)
            found = next(own, None)
        if found is not None and len(found.class_indices) == len(sweep.cloud):
            yield label_set, found


def shown_classes(
    content: FrameContent, sweep: LoadedSweep, view: ViewSettings
) -> tuple[LabelSet, PointClasses] | None:
    """The first label set that is shown and tells the classes of a sweep's points."""
    for label_set, found in told_classes(content, sweep):
        predicted = label_set.kind is LabelSetKind.PREDICTIONS
        if label_set.label_set_id in view.filters.hidden_label_sets:
            continue
        if predicted and not view.layers.predictions:
            continue
        return label_set, found
    return None


def class_of_point(
    content: FrameContent, sweep_index: int, row: int, view: ViewSettings
) -> str | None:
    """Class and object of one point in words; None where no shown label set tells it."""
    told = shown_classes(content, content.sweeps[sweep_index], view)
    if told is None:
        return None
    found = told[1]
    number = int(found.class_indices[row])
    name = found.class_names.get(number, f"class {number} without a name")
    instance = 0 if found.instances is None else int(found.instances[row])
    return f"{name}, object {instance}" if instance else name


def pointed_text(
    content: FrameContent | None, pointed: PointedPosition | None, view: ViewSettings
) -> str:
    """Position, class and object of the point that is pointed at; empty without one."""
    if content is None or pointed is None:
        return ""
    text = position(np.array(pointed.position))
    if pointed.point is None or pointed.point[0] >= len(content.sweeps):
        return text
    sweep_index, row = pointed.point
    if row >= len(content.sweeps[sweep_index].cloud):
        return text
    told = class_of_point(content, sweep_index, row, view)
    return text if told is None else f"{told}   {text}"


def places(found: PointClasses) -> tuple[list[int], npt.NDArray[np.intp]]:
    """Distinct class numbers, ascending, and (N,) the place of each point's number in them."""
    numbers = found.class_indices
    if not len(numbers):
        return [], np.empty(0, np.intp)
    if numbers.min() < 0 or numbers.max() >= _TABLE_SIZE:
        distinct, inverse = np.unique(numbers, return_inverse=True)
        return distinct.tolist(), inverse.astype(np.intp)
    present = np.flatnonzero(np.bincount(numbers))
    table = np.zeros(int(present[-1]) + 1, np.intp)
    table[present] = np.arange(len(present))
    return present.tolist(), table[numbers]


def count_classes(found: PointClasses) -> list[ClassCount]:
    """Points and objects of each class, the most frequent first."""
    numbers, place = places(found)
    counts = np.bincount(place, minlength=len(numbers)).tolist()
    objects = [0] * len(numbers)
    if found.instances is not None and len(numbers):
        own = found.instances != 0
        pairs = np.unique(
            (place[own].astype(np.int64) << 32) | found.instances[own].astype(np.uint32)
        )
        objects = np.bincount(pairs >> 32, minlength=len(numbers)).tolist()
    rows = zip(numbers, counts, objects, strict=True)
    told = [ClassCount(n, found.class_names.get(n), count, held) for n, count, held in rows]
    return sorted(told, key=lambda each: -each.count)
