"""The same figures apart for parts of the data: by attribute, range, points, occlusion, speed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from viewer.metrics.class_metrics import MetricsTable, metrics_table
from viewer.metrics.confusion import Confusion
from viewer.metrics.objects import EvaluatedObjects, Floats, Ints
from viewer.metrics.scope import ranges_m
from viewer.progress import report_progress

UNKNOWN = "unknown"
REPORTED_ROWS = 4096
RANGE_EDGES_M = (0.0, 10.0, 20.0, 30.0, 50.0, 75.0, 100.0)
POINT_EDGES = (0.0, 1.0, 5.0, 10.0, 50.0, 100.0, 500.0)
SPEED_EDGES_MPS = (0.0, 0.5, 2.0, 5.0, 10.0, 20.0)
KITTI_OCCLUSIONS = ("fully visible", "partly occluded", "largely occluded", "not told")


class Stratifier(Protocol):
    """Tells objects apart."""

    @property
    def name(self) -> str:
        """For people, and as the attribute is called."""
        ...

    def groups(self, objects: EvaluatedObjects) -> Sequence[str | None]:
        """(N,) name of each object's part, None where it does not tell."""
        ...

    def ordered(self, found: Sequence[str]) -> Sequence[str]:
        """Return the names that occur in the order in which people expect them."""
        ...


@dataclass(frozen=True, slots=True)
class ByAttribute:
    """By the value of an attribute of the objects."""

    name: str
    ordered_values: tuple[str, ...] = ()
    """Only these, in this order; empty for all that occur."""

    def groups(self, objects: EvaluatedObjects) -> Sequence[str | None]:
        """Read attributes, which may go back to the file; tells the job that runs here."""
        if objects.attributes is None:
            return [None] * len(objects)
        found: list[str | None] = []
        for row, each in enumerate(objects.attributes):
            if not row % REPORTED_ROWS:
                report_progress(row, len(objects), f"Reading {self.name}")
            found.append(self._group(each))
        return found

    def _group(self, attributes: Mapping[str, Any]) -> str | None:
        value = attributes.get(self.name)
        if value is None:
            return None
        if isinstance(value, bool):
            text = "true" if value else "false"
        else:
            text = value if isinstance(value, str) else f"{value}"
        return text if not self.ordered_values or text in self.ordered_values else None

    def ordered(self, found: Sequence[str]) -> Sequence[str]:
        """Return the given order, else that of the alphabet, numbers by size."""
        return self.ordered_values or sorted(found, key=_by_size)


@dataclass(frozen=True, slots=True)
class ByNumber:
    """By bins of a number: an object on an edge belongs to the bin above."""

    name: str
    edges: tuple[float, ...]
    """Ascending; beyond the last is a bin without end, below the first there is none."""
    unit: str = ""

    def values(self, objects: EvaluatedObjects) -> Floats:
        """(N,) the number, NaN where it is not known."""
        if self.name == "range":
            return ranges_m(objects)
        if self.name == "points inside":
            counts = objects.point_counts
            return _unknown(objects) if counts is None else np.where(counts < 0, np.nan, counts)
        if self.name == "speed":
            velocities = objects.velocities_mps
            if velocities is None:
                return _unknown(objects)
            found: Floats = np.sqrt((velocities * velocities).sum(axis=1))
            return found
        return _numbers(objects, self.name)

    def groups(self, objects: EvaluatedObjects) -> Sequence[str | None]:
        """Name the bin of each object."""
        values = self.values(objects)
        rows = np.searchsorted(np.array(self.edges), values, side="right") - 1
        rows = np.where(np.isnan(values), -1, rows)
        names = [*self._names(), None]
        return [names[row] for row in rows.tolist()]

    def ordered(self, found: Sequence[str]) -> Sequence[str]:
        """Return all bins, from low to high."""
        return self._names()

    def _names(self) -> list[str]:
        unit = f" {self.unit}" if self.unit else ""
        ends = [f"{low:g} to {high:g}{unit}" for low, high in
                zip(self.edges[:-1], self.edges[1:], strict=True)]  # fmt: skip
        return [*ends, f"from {self.edges[-1]:g}{unit}"]


@dataclass(frozen=True, slots=True)
class ByOcclusion:
    """By KITTI's occlusion; other datasets have theirs as an attribute."""

    name: str = "occlusion"

    def groups(self, objects: EvaluatedObjects) -> Sequence[str | None]:
        """Name the state of each object."""
        if objects.occlusions is None:
            return [None] * len(objects)
        names = [*KITTI_OCCLUSIONS, None]
        known = np.where(objects.occlusions < len(KITTI_OCCLUSIONS), objects.occlusions, -1)
        return [names[row] for row in known.tolist()]

    def ordered(self, found: Sequence[str]) -> Sequence[str]:
        """Return all, the most visible first."""
        return KITTI_OCCLUSIONS


def by_range(edges_m: Sequence[float] = RANGE_EDGES_M) -> ByNumber:
    """By distance from the vehicle."""
    return ByNumber("range", tuple(edges_m), "m")


def by_points(edges: Sequence[float] = POINT_EDGES) -> ByNumber:
    """By points inside."""
    return ByNumber("points inside", tuple(edges))


def by_speed(edges_mps: Sequence[float] = SPEED_EDGES_MPS) -> ByNumber:
    """By speed."""
    return ByNumber("speed", tuple(edges_mps), "m/s")


@dataclass(frozen=True, slots=True)
class Stratum:
    """The figures of one part."""

    name: str
    table: MetricsTable
    labels: int
    predictions: int
    """Sure predictions: those with a label of this part, and false positives of this part."""


def stratified(confusion: Confusion, stratifier: Stratifier) -> tuple[Stratum, ...]:
    """Return each part that occurs; what tells nothing of itself is ``unknown``, last.

    A pair belongs where its label does, a false positive where the prediction does: only what a
    prediction can tell of itself (range, speed, an attribute it has) tells false positives apart.
    """
    index = confusion.index
    of_labels = stratifier.groups(index.labels)
    of_predictions = stratifier.groups(index.predictions)
    found = {*of_labels, *of_predictions}
    names = list(stratifier.ordered([name for name in found if name is not None]))
    rows = {name: row for row, name in enumerate(names)}
    last = len(names)
    cells = cells_by_group(
        confusion,
        np.array([rows.get(name, last) if name is not None else last for name in of_labels], int),
        np.array(
            [rows.get(name, last) if name is not None else last for name in of_predictions], int
        ),
        last + 1,
    )
    return tuple(
        Stratum(
            name,
            metrics_table(cells[row], index.roles.names),
            int(cells[row, :-1].sum()),
            int(cells[row, :, :-1].sum()),
        )
        for row, name in enumerate([*names, UNKNOWN])
        if cells[row].any()
    )


def cells_by_group(
    confusion: Confusion, label_groups: Ints, prediction_groups: Ints, count: int
) -> Ints:
    """(count, K + 1, K + 1) the cells of each group; a pair belongs to its label's group.

    Objects of group -1 are left out.
    """
    own = confusion.index.candidates
    background = len(confusion.cells) - 1
    pairs, wrong, missed = (
        confusion.matched_predictions, confusion.false_positives, confusion.false_negatives,
    )  # fmt: skip
    partners = confusion.label_of[pairs]
    group = np.concatenate([label_groups[partners], prediction_groups[wrong], label_groups[missed]])
    down = np.concatenate(
        [own.label_classes[partners], np.full(len(wrong), background), own.label_classes[missed]]
    )
    across = np.concatenate(
        [own.prediction_classes[pairs], own.prediction_classes[wrong],
         np.full(len(missed), background)]
    )  # fmt: skip
    size = background + 1
    flat = (group * size + down) * size + across
    counts = np.bincount(flat[group >= 0], minlength=count * size * size)
    return counts.reshape(count, size, size)


def _numbers(objects: EvaluatedObjects, name: str) -> Floats:
    if objects.attributes is None:
        return _unknown(objects)
    values = [each.get(name) for each in objects.attributes]
    return np.array(
        [value if isinstance(value, int | float) and not isinstance(value, bool) else np.nan
         for value in values], dtype=np.float64,
    )  # fmt: skip


def _unknown(objects: EvaluatedObjects) -> Floats:
    return np.full(len(objects), np.nan)


def _by_size(text: str) -> tuple[int, float, str]:
    try:
        return (0, float(text), text)
    except ValueError:
        return (1, 0.0, text)
