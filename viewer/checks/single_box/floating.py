"""A box that does not stand on the ground."""

from collections.abc import Iterable
from typing import ClassVar, Final

import numpy as np

from viewer.checks.base import Check, Group, Need, Parameter, Parameters
from viewer.checks.finding import Finding, Fix, FixKind, Severity
from viewer.checks.learned import Learned
from viewer.checks.scene_labels import CheckedScene
from viewer.checks.smooth_way import residuals
from viewer.progress import JobContext

AROUND_M: Final = 8.0
LEAST_AROUND: Final = 3
LEAST_LABELS: Final = 7
"""Of a track that tells where the ground is."""


class Floating(Check):
    """The ground is told from the points of the whole scene that lie in no box.

    Where nothing shows it, the rest of a track tells where its label would stand.

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
        jumps = _jumps_of_tracks(scene)
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
                ground_m = float(scene.points.ground_m[row])
                yield self._off(scene, row, by, most, "the ground", {"ground_m": ground_m})
            for row, by in jumps.get(class_name, ()):
                if abs(by) > most:
                    yield self._off(scene, row, by, most, "where its track stands", {})

    def _off(
        self, scene: CheckedScene, row: int, by: float, most_m: float, what: str,
        numbers: dict[str, float],
    ) -> Finding:  # fmt: skip
        center = scene.labels.centers_m[row].copy()
        center[2] -= by
        word = "above" if by > 0 else "below"
        return self.found(
            scene, row, score=1.0 - most_m / (abs(by) + most_m / 2),
            severity=Severity.HIGH if abs(by) > 1.3 * most_m else Severity.MEDIUM,
            text=f"Its bottom is {abs(by):.2f} m {word} {what}",
            numbers={"gap_m": by, **numbers},
            fix=Fix(FixKind.SET_BOX, f"move it {'down' if by > 0 else 'up'} by {abs(by):.2f} m",
                    {"center_m": center.tolist()}),
        )  # fmt: skip


def _jumps_of_tracks(scene: CheckedScene) -> dict[str, list[tuple[int, float]]]:
    """Labels under which the ground is not known, and how far above their track's way they lie.

    By class; below is negative. What is pushed aside as far is no matter of the ground.
    """
    assert scene.points is not None
    jumps: dict[str, list[tuple[int, float]]] = {}
    for rows, away in residuals(scene):
        if len(rows) < LEAST_LABELS:
            continue
        unknown = ~np.isfinite(scene.points.ground_m[rows])
        upright = np.abs(away[:, 2]) > np.hypot(away[:, 0], away[:, 1])
        for place in np.flatnonzero(unknown & upright).tolist():
            row = int(rows[place])
            jumps.setdefault(str(scene.class_of[row]), []).append((row, float(away[place, 2])))
    return jumps


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
