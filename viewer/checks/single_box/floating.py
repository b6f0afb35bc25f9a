"""A box that does not stand on the ground."""

from collections.abc import Iterable
from typing import ClassVar, Final

import numpy as np

from viewer.checks.base import Check, Group, Need, Parameter, Parameters
from viewer.checks.finding import Finding, Fix, FixKind, Severity
from viewer.checks.learned import Learned
from viewer.checks.scene_labels import CheckedScene
from viewer.checks.smooth_way import residuals
from viewer.metrics.objects import Floats
from viewer.progress import JobContext

AROUND_M: Final = 8.0
LEAST_AROUND: Final = 3
LEAST_LABELS: Final = 7
"""Of a track that tells where the ground is."""


class Floating(Check):
    """The ground is told from the points of the whole scene that lie in no box.

    A class whose boxes mostly do not stand on the ground (signs, lights) is left alone. Far away a
    fence or a wall may be all that is seen of the ground: a box with points lower than that, or
    beside which others stand as low, is not below it. Where no ground is seen at all, the other
    labels of the track tell how high it stands.
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
        bottoms = labels.centers_m[:, 2] - labels.sizes_m[:, 2] / 2
        known = bottoms - scene.points.ground_m
        classes = scene.class_of[rows]
        above_way = _above_way(scene)
        for class_name in sorted(set(classes.tolist())):
            own = rows[classes == class_name]
            gap = known[own]
            told = np.isfinite(gap)
            most = parameters.of("most_gap_m", class_name)
            usual = float(np.median(gap[told])) if told.any() else np.nan
            standing = (np.abs(gap[told] - usual) <= most).mean() if told.any() else 0.0
            if standing < parameters.of("least_standing", class_name) or not abs(usual) <= most:
                continue
            gap = np.where(told, gap - usual, above_way[own])
            for place in np.flatnonzero(np.abs(gap) > most).tolist():
                row, by = int(own[place]), float(gap[place])
                if not (told[place] and by < 0 and _is_lower_ground(scene, row, most)):
                    yield self._beside(scene, row, by, most, on_ground=bool(told[place]))

    def _beside(
        self, scene: CheckedScene, row: int, by: float, most: float, *, on_ground: bool
    ) -> Finding:
        center = scene.labels.centers_m[row].copy()
        bottom = float(center[2] - scene.labels.sizes_m[row, 2] / 2)
        center[2] -= by
        sure = on_ground and abs(by) > 1.3 * most
        than = "the ground" if on_ground else "where its track has it; no ground is seen there"
        return self.found(
            scene, row, score=1.0 - most / (abs(by) + most / 2),
            severity=Severity.HIGH if sure else Severity.MEDIUM,
            text=f"Its bottom is {abs(by):.2f} m {'above' if by > 0 else 'below'} {than}",
            numbers={"gap_m": by, "ground_m": bottom - by},
            fix=Fix(FixKind.SET_BOX, f"move it {'down' if by > 0 else 'up'} by {abs(by):.2f} m",
                    {"center_m": center.tolist()}),
        )  # fmt: skip


def _above_way(scene: CheckedScene) -> Floats:
    """(N,) metres that each label lies above the smooth way of its track; NaN without one.

    What is pushed aside as far is no matter of the ground: NaN too.
    """
    found: Floats = np.full(len(scene.labels), np.nan)
    for rows, away in residuals(scene):
        if len(rows) >= LEAST_LABELS:
            upright = np.abs(away[:, 2]) > np.hypot(away[:, 0], away[:, 1])
            found[rows[upright]] = away[upright, 2]
    return found


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
