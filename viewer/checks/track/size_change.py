"""A rigid object whose size changes along its track."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
import numpy.typing as npt

from viewer.checks.base import Check, Group, Need, Parameter, Parameters
from viewer.checks.finding import Finding, Fix, FixKind, Severity
from viewer.checks.learned import Learned
from viewer.checks.scene_labels import CheckedScene
from viewer.checks.trails import track_rows_of
from viewer.metrics.objects import Floats, Ints
from viewer.progress import JobContext

NAMES = ("length", "width", "height")
LEAST_LASTING: Final = 10
"""Labels in a row of another size that begin or end a track."""
SAME_SIZE: Final = 0.03
"""Of the logarithm."""
LEAST_ALIKE: Final = 0.6
"""Share of them that are of one size."""


class SizeChange(Check):
    """Beside the median of the track; a track whose labels all differ is not of a rigid object.

    Where a track has one size up to a label and another from it on, for long, it goes on with
    another object, or was measured anew: that label alone is told.
    """

    id: ClassVar[str] = "size-change"
    numbers: ClassVar[tuple[int, ...]] = (19,)
    title: ClassVar[str] = "Size changes"
    question: ClassVar[str] = "Does the object keep its size along the track?"
    group: ClassVar[Group] = Group.TRACK
    needs: ClassVar[frozenset[Need]] = frozenset({Need.CUBOIDS, Need.TRACKS})
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("most_change", 0.05, "of any side from the track's median, as a share of it",
                  "SUSTechPOINTS", high=1.0),
        Parameter("least_change_m", 0.1, "of the same in metres"),
        Parameter("least_constant", 0.5, "share of the track that has its size", high=1.0),
    )  # fmt: skip

    def run(
        self, scene: CheckedScene, learned: Learned, parameters: Parameters, job: JobContext
    ) -> Iterable[Finding]:
        for rows in track_rows_of(scene).values():
            if len(rows) < 3:
                continue
            class_name = str(scene.class_of[rows[0]])
            sizes = scene.labels.sizes_m[rows]
            median = np.median(sizes, axis=0)
            change = np.abs(sizes - median)
            most = np.maximum(
                parameters.of("most_change", class_name) * median,
                parameters.of("least_change_m", class_name),
            )
            odd = change > most
            if 1 - odd.any(axis=1).mean() < parameters.of("least_constant", class_name):
                continue
            step = _lasting_step(sizes, odd)
            if step is not None:
                yield self._step(scene, rows, step.place)
                # Some labels may have neither size.
                odd &= ~step.alike[:, None]
            for place in np.flatnonzero(odd.any(axis=1)).tolist():
                row = int(rows[place])
                axis = int(np.argmax(change[place] / most))
                share = float(change[place, axis] / median[axis])
                yield self.found(
                    scene, row, score=share / (share + parameters.of("most_change", class_name)),
                    severity=Severity.HIGH if share > 0.1 else Severity.MEDIUM,
                    text=f"Its {NAMES[axis]} is {sizes[place, axis]:.2f} m; the track has "
                    f"{median[axis]:.2f} m",
                    numbers={"size_m": sizes[place, axis], "track_size_m": median[axis]},
                    fix=Fix(FixKind.SET_BOX, "give it the size of its track",
                            {"size_m": median.tolist()}),
                )  # fmt: skip

    def _step(self, scene: CheckedScene, rows: Ints, place: int) -> Finding:
        row, before = int(rows[place]), int(rows[place - 1])
        sizes = scene.labels.sizes_m
        axis = int(np.abs(np.log(sizes[row] / sizes[before])).argmax())
        now_m, was_m = float(sizes[row, axis]), float(sizes[before, axis])
        return self.found(
            scene,
            row,
            score=0.5,
            severity=Severity.MEDIUM,
            text=f"From here on its {NAMES[axis]} is {now_m:.2f} m, before {was_m:.2f} m",
            numbers={"size_m": now_m, "track_size_m": was_m},
        )


@dataclass(frozen=True, eq=False, slots=True)
class _Step:
    place: int
    """From which on the track has another size for good."""
    alike: npt.NDArray[np.bool_]
    """(T,) labels that have the rarer size."""


def _lasting_step(sizes_m: Floats, odd_sides: npt.NDArray[np.bool_]) -> _Step | None:
    """Return where a track changes its size for good; None where labels are odd alone."""
    places = np.flatnonzero(odd_sides.any(axis=1))
    count = len(places)
    if count < LEAST_LASTING or places[-1] - places[0] != count - 1:
        return None
    logs = np.log(np.maximum(sizes_m, 1e-9))
    near = (np.abs(logs - np.median(logs[places], axis=0)) <= SAME_SIZE).all(axis=1)
    alike = np.zeros(len(sizes_m), dtype=bool)
    alike[places] = near[places]
    if alike.sum() < LEAST_ALIKE * count:
        return None
    if places[0] == 0:
        return _Step(count, alike)
    return _Step(int(places[0]), alike) if places[-1] == len(sizes_m) - 1 else None
