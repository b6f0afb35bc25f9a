"""Boxes of a class that are larger or smaller in one batch, or by one annotator."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Final

import numpy as np

from viewer.checks.annotators import annotators_of, batch_of
from viewer.checks.base import Group, NotAsked, Parameter, Parameters
from viewer.checks.dataset_base import DatasetCheck, Tally, TallyKey, total, under
from viewer.checks.finding import Evidence, Finding, Severity
from viewer.checks.learned import SIZE_BINS, Usual
from viewer.checks.policy import Policy
from viewer.checks.scene_labels import CheckedScene
from viewer.metrics.objects import Floats, Ints

AXES: Final = ("length", "width", "height")
ANNOTATOR: Final = "annotator"
QUARTILES: Final = (0.25, 0.5, 0.75)
SIGMAS_OF_MEDIAN: Final = 1.2533
"""Error of a median, in errors of a mean, for a normal spread."""


class SizeShift(DatasetCheck):
    """Medians over the frames of each object are compared, so that one long track weighs little.

    All three quartiles must be shifted the same way: a few odd objects shift none of them.
    """

    id: ClassVar[str] = "size-shift"
    numbers: ClassVar[tuple[int, ...]] = (34,)
    title: ClassVar[str] = "Sizes differ by batch"
    question: ClassVar[str] = (
        "Are boxes of a class as large in every batch, and by every annotator?"
    )
    group: ClassVar[Group] = Group.DATASET
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("least_objects", 20, "of the class in a batch, and in all others", low=2),
        Parameter("least_shift_m", 0.1, "of the quartiles"),
        Parameter("least_shift_share", 0.06, "of the usual length, width or height"),
        Parameter("least_sigmas", 4.0, "of the shift, for many comparisons are made"),
    )

    def count(
        self, scene: CheckedScene, found: Sequence[Finding], policy: Policy
    ) -> Mapping[TallyKey, int]:
        rows = scene.boxes[(scene.labels.sizes_m[scene.boxes] > 0).all(axis=1)]
        if not len(rows):
            return {}
        makers = annotators_of(scene)
        kind, batch = batch_of(scene, policy)
        counted: Counter[TallyKey] = Counter()
        _count(counted, scene, rows, kind, batch)
        if makers is not None:
            for maker in sorted(set(makers[rows].tolist()) - {""}):
                _count(counted, scene, rows[makers[rows] == maker], ANNOTATOR, maker)
        return counted

    def judge(self, tallies: Mapping[str, Tally], policy: Policy) -> Iterable[Finding]:
        parameters = policy.parameters_of(type(self))
        whole = total(tallies.values())
        sizes = _Sizes.of(whole)
        if all(len(batches) < 2 for batches in sizes.batches.values()):
            raise NotAsked("there is only one batch")
        least = partial(parameters.of, "least_objects")
        for kind in sizes.batches:
            for batch, class_name in sizes.classes(kind, least):
                shift = _shift(sizes, kind, batch, class_name, parameters)
                if shift is not None:
                    yield self._finding(tallies, kind, batch, class_name, shift)

    def _finding(
        self, tallies: Mapping[str, Tally], kind: str, batch: str, class_name: str, shift: "_Shift"
    ) -> Finding:
        word = "more" if shift.by_m > 0 else "less"
        where = f"by {batch}" if kind == ANNOTATOR else f"in {batch or f'no {kind}'}"
        scene_id = max(tallies, key=lambda each: sum(
            count for _, count in under(tallies[each], kind, batch, class_name, AXES[0])
        ))  # fmt: skip
        share = abs(shift.by_m) / shift.usual_m
        return Finding(
            check=self.id, scene_id=scene_id, frame_key=None, labels=(), class_name=class_name,
            score=abs(shift.by_m) / (abs(shift.by_m) + 0.3),
            severity=Severity.MEDIUM if share >= 0.15 else Severity.LOW,
            about=f"{class_name} {where}",
            text=f"{class_name} {where}: the {AXES[shift.axis]} is {abs(shift.by_m):.2f} m "
            f"({share:.0%}) {word} than elsewhere, {shift.own_m:.2f} m against "
            f"{shift.usual_m:.2f} m; {shift.objects:,} and {shift.others:,} objects",
            evidence=Evidence(
                {"shift_m": shift.by_m, "median_m": shift.own_m, "usual_m": shift.usual_m,
                 "sigmas": shift.sigmas, "objects": shift.objects, "other_objects": shift.others}
            ),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Shift:
    axis: int
    by_m: float
    """Median over the quartiles."""
    own_m: float
    usual_m: float
    sigmas: float
    objects: int
    others: int


@dataclass(frozen=True, eq=False, slots=True)
class _Sizes:
    """Histograms by kind of batch, batch, class and axis; few bins of each hold anything."""

    counts: Mapping[tuple[str, str, str, str], Mapping[int, int]]
    batches: Mapping[str, tuple[str, ...]]
    """Names of the batches of each kind."""
    wholes: Mapping[tuple[str, str, str], Ints]
    """Over all batches, by kind, class and axis."""

    @classmethod
    def of(cls, tally: Tally) -> "_Sizes":
        counts: dict[tuple[str, str, str, str], dict[int, int]] = {}
        wholes: dict[tuple[str, str, str], Ints] = {}
        names: dict[str, set[str]] = {}
        for (kind, batch, class_name, axis, place), count in tally.items():
            key = str(kind), str(batch), str(class_name), str(axis)
            counts.setdefault(key, {})[int(place)] = count
            whole = wholes.setdefault((key[0], key[2], key[3]), np.zeros(SIZE_BINS.count, np.int64))
            whole[int(place)] += count
            names.setdefault(key[0], set()).add(key[1])
        batches = {kind: tuple(sorted(names[kind])) for kind in sorted(names)}
        return cls(counts, batches, wholes)

    def classes(self, kind: str, least: Callable[[str], float]) -> list[tuple[str, str]]:
        """Batches of a kind and their classes that have objects enough."""
        return sorted(
            (key[1], key[2]) for key, own in self.counts.items()
            if key[0] == kind and key[3] == AXES[0] and sum(own.values()) >= least(key[2])
        )  # fmt: skip

    def own(self, kind: str, batch: str, class_name: str, axis: str) -> Ints:
        """Histogram of one batch."""
        counts = np.zeros(SIZE_BINS.count, np.int64)
        for place, count in self.counts[kind, batch, class_name, axis].items():
            counts[place] = count
        return counts


def _shift(
    sizes: _Sizes, kind: str, batch: str, class_name: str, parameters: Parameters
) -> _Shift | None:
    """Return the surest shift of the three axes; None where there is none."""
    found: list[_Shift] = []
    for axis, name in enumerate(AXES):
        own = Usual(SIZE_BINS, sizes.own(kind, batch, class_name, name))
        rest = Usual(SIZE_BINS, sizes.wholes[kind, class_name, name] - own.counts)
        if min(own.total, rest.total) < parameters.of("least_objects", class_name):
            return None
        here = np.array([own.quantile(share) for share in QUARTILES])
        there = np.array([rest.quantile(share) for share in QUARTILES])
        by = here - there
        typical = float(np.median(by))
        least = max(
            parameters.of("least_shift_m", class_name),
            parameters.of("least_shift_share", class_name) * float(there[1]),
        )
        sigmas = abs(float(by[1])) / float(
            np.hypot(_median_error(here, own.total), _median_error(there, rest.total))
        )
        same_way = bool((by > 0).all() or (by < 0).all())
        if same_way and abs(typical) >= least and sigmas >= parameters.of("least_sigmas"):
            found.append(_Shift(axis, typical, float(here[1]), float(there[1]), sigmas,
                                own.total, rest.total))  # fmt: skip
    return max(found, key=lambda each: each.sigmas) if found else None


def _median_error(quartiles: Floats, count: int) -> float:
    """Standard error of a median in metres; at least what a bin hides."""
    spread = max(float(quartiles[2] - quartiles[0]) / 1.349, 0.01 * float(quartiles[1]))
    return SIGMAS_OF_MEDIAN * spread / float(np.sqrt(count))


def _count(counted: Counter[TallyKey], scene: CheckedScene, rows: Ints, kind: str, batch: str
           ) -> None:  # fmt: skip
    """Count the median size of every object among some labels."""
    objects = _objects(scene, rows)
    for name in sorted(set(scene.class_of[rows].tolist())):
        own = scene.class_of[rows] == name
        medians = _medians(scene.labels.sizes_m[rows[own]], objects[own])
        for axis, axis_name in enumerate(AXES):
            for place in SIZE_BINS.places(medians[:, axis]).tolist():
                counted[kind, batch, str(name), axis_name, place] += 1


def _objects(scene: CheckedScene, rows: Ints) -> Ints:
    """(K,) a number for the object of each label: its track's, else its own."""
    tracks = scene.labels.track_rows
    if tracks is None or scene.scene.independent:
        return rows
    own = tracks[rows]
    return np.where(own >= 0, own, len(scene.labels.track_ids) + rows)


def _medians(values: Floats, objects: Ints) -> Floats:
    """(M, 3) median of the labels of each object."""
    return np.array([np.median(values[objects == each], axis=0) for each in np.unique(objects)])
