"""A rigid object whose size changes along its track."""

from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from viewer.checks.base import Check, Group, Need, Parameter, Parameters
from viewer.checks.finding import Finding, Fix, FixKind, Severity
from viewer.checks.learned import Learned
from viewer.checks.scene_labels import CheckedScene
from viewer.checks.trails import track_rows_of
from viewer.progress import JobContext

NAMES = ("length", "width", "height")


class SizeChange(Check):
    """Beside the median of the track; a track whose labels all differ is not of a rigid object."""

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
