"""A box that does not stand on the ground."""

from collections.abc import Iterable
from typing import ClassVar, Final

import numpy as np

from viewer.checks.base import Check, Group, Need, Parameter, Parameters
from viewer.checks.finding import Finding, Fix, FixKind, Severity
from viewer.checks.learned import Learned
from viewer.checks.scene_labels import CheckedScene
from viewer.progress import JobContext

AROUND_M: Final = 8.0
LEAST_AROUND: Final = 3


class Floating(Check):
    """The ground is told from the points of the whole scene that lie in no box.

    A class whose boxes mostly do not stand on the ground (signs, lights) is left alone. Far away a
    fence or a wall may be all that is seen of the ground: a box with points lower than that, or
    beside which others stand as low, is not below it.
    """

    id: ClassVar[str] = "floating"
    numbers: ClassVar[tuple[int, ...]] = (6,)
    title: ClassVar[str] = "Floating or underground"
    question: ClassVar[str] = "Does the box stand on the ground?"
    group: ClassVar[Group] = Group.SINGLE_BOX
    needs: ClassVar[frozenset[Need]] = frozenset({Need.CUBOIDS, Need.POINTS})
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("most_gap_m", 0.3, "between the box's bottom and the ground, either way"),
        Parameter("least_standing", 0.6, "share of a class that must stand on the ground for it "
                  "to be a class that does", high=1.0),
    )  # fmt: skip

    def run(
        self, scene: CheckedScene, learned: Learned, parameters: Parameters, job: JobContext
    ) -> Iterable[Finding]:
        if scene.points is None:
            return
        labels, rows = scene.labels, scene.boxes
        gaps = labels.centers_m[rows, 2] - labels.sizes_m[rows, 2] / 2
        gaps = gaps - scene.points.ground_m[rows]
        rows, gaps = rows[np.isfinite(gaps)], gaps[np.isfinite(gaps)]
        classes = scene.class_of[rows]
        for class_name in sorted(set(classes.tolist())):
            own, gap = rows[classes == class_name], gaps[classes == class_name]
            most = parameters.of("most_gap_m", class_name)
            usual = float(np.median(gap))
            standing = (np.abs(gap - usual) <= most).mean()
            if standing < parameters.of("least_standing", class_name) or abs(usual) > most:
                continue
            for place in np.flatnonzero(np.abs(gap - usual) > most).tolist():
                row, by = int(own[place]), float(gap[place] - usual)
                if by < 0 and _is_lower_ground(scene, row, most):
                    continue
                center = labels.centers_m[row].copy()
                center[2] -= by
                word = "above" if by > 0 else "below"
                yield self.found(
                    scene, row, score=1.0 - most / (abs(by) + most / 2),
                    severity=Severity.HIGH if abs(by) > 1.3 * most else Severity.MEDIUM,
                    text=f"Its bottom is {abs(by):.2f} m {word} the ground",
                    numbers={"gap_m": by, "ground_m": scene.points.ground_m[row]},
                    fix=Fix(FixKind.SET_BOX, f"move it {'down' if by > 0 else 'up'} by "
                            f"{abs(by):.2f} m", {"center_m": center.tolist()}),
                )  # fmt: skip


def _is_lower_ground(scene: CheckedScene, row: int, most_gap_m: float) -> bool:
    """Whether something tells that the ground under a box is lower than it seems."""
    assert scene.points is not None
    labels = scene.labels
    lowest_m = float(labels.centers_m[row, 2] + scene.points.fit.low_m[row, 2])
    if lowest_m < scene.points.ground_m[row] - most_gap_m / 2:
        return True
    boxes, tracks = scene.boxes, labels.track_rows
    offset = labels.centers_m[boxes, :2] - labels.centers_m[row, :2]
    near = np.hypot(offset[:, 0], offset[:, 1]) <= AROUND_M
    near &= boxes != row if tracks is None or tracks[row] < 0 else tracks[boxes] != tracks[row]
    if near.sum() < LEAST_AROUND:
        return False
    bottoms = labels.centers_m[:, 2] - labels.sizes_m[:, 2] / 2
    return bool(abs(np.median(bottoms[boxes[near]]) - bottoms[row]) <= most_gap_m)
