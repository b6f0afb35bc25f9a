"""An attribute or a velocity that the motion of the track contradicts."""

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from viewer.checks.base import Check, Group, Need, NotAsked, Parameter, Parameters
from viewer.checks.finding import Finding, Severity
from viewer.checks.learned import Learned
from viewer.checks.scene_labels import CheckedScene
from viewer.checks.smooth_way import way_velocities
from viewer.checks.trails import segments_of, trail_of
from viewer.checks.world_rest import world_stands
from viewer.metrics.objects import Floats, Ints
from viewer.progress import JobContext

STILL = ("parked", "stationary", "static", "standing", "still")


class StillOrMoving(Check):
    """Parked objects stand still in the world; where they drift, the box or the ego pose does.

    It is not asked where the vehicle's pose is not known, and nothing stands still.
    """

    id: ClassVar[str] = "still-or-moving"
    numbers: ClassVar[tuple[int, ...]] = (24,)
    title: ClassVar[str] = "Still or moving"
    question: ClassVar[str] = "Do state and velocity of the label agree with how its track moves?"
    group: ClassVar[Group] = Group.TRACK
    needs: ClassVar[frozenset[Need]] = frozenset({Need.CUBOIDS, Need.TRACKS, Need.TIMES})
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("most_drift_m", 0.3, "of a parked object from its usual place"),
        Parameter("most_speed_mps", 1.5, "of a label that is said to be still"),
        Parameter("most_velocity_error_mps", 3.0, "between the label's velocity and its track's"),
    )

    def run(
        self, scene: CheckedScene, learned: Learned, parameters: Parameters, job: JobContext
    ) -> Iterable[Finding]:
        if not world_stands(scene):
            raise NotAsked("the poses of the vehicle are not known")
        velocity = way_velocities(scene)
        speed = np.nan_to_num(np.hypot(velocity[:, 0], velocity[:, 1]))
        still = _still(scene)
        accused: set[str] = set()
        for rows in segments_of(scene):
            for finding in self._drifts(scene, rows, still, speed, parameters):
                accused.add(finding.finding_id)
                yield finding
        told = scene.labels.velocities_mps
        if told is None:
            return
        error = np.linalg.norm(told[:, :2] - velocity[:, :2], axis=1)
        most = parameters.of("most_velocity_error_mps")
        for row in np.flatnonzero(error > most).tolist():
            by = float(error[row])
            finding = self.found(
                scene, row, score=by / (by + most), severity=Severity.MEDIUM,
                text=f"Its velocity differs by {by:.1f} m/s from how its track moves",
                numbers={"error_mps": by, "speed_mps": speed[row]}, trail_m=trail_of(scene, row),
            )  # fmt: skip
            if finding.finding_id not in accused:
                yield finding

    def _drifts(
        self, scene: CheckedScene, rows: Ints, still: "np.ndarray[Any, np.dtype[np.bool_]]",
        speed: Floats, parameters: Parameters,
    ) -> Iterable[Finding]:  # fmt: skip
        own = rows[still[rows]]
        if not len(own):
            return
        moving = own[speed[own] > parameters.of("most_speed_mps")].tolist()
        for row in moving:
            yield self.found(
                scene, row, score=min(1.0, 0.5 + speed[row] / 20), severity=Severity.HIGH,
                text=f"It is said to be still, and its track moves at {speed[row]:.1f} m/s",
                numbers={"speed_mps": speed[row]}, trail_m=trail_of(scene, row),
            )  # fmt: skip
        if len(own) < 3 or len(moving) > len(own) / 2:
            return
        usual = np.median(scene.labels.centers_m[own], axis=0)
        drift = np.linalg.norm((scene.labels.centers_m[own] - usual)[:, :2], axis=1)
        most = parameters.of("most_drift_m")
        for place in np.flatnonzero(drift > most).tolist():
            row, by = int(own[place]), float(drift[place])
            if row in moving:
                continue
            yield self.found(
                scene, row, score=by / (by + most),
                severity=Severity.HIGH if by > 2 * most else Severity.MEDIUM,
                text=f"It is said to be still, and lies {by:.2f} m from where it usually does",
                numbers={"drift_m": by}, trail_m=trail_of(scene, row),
            )  # fmt: skip


def _still(scene: CheckedScene) -> "np.ndarray[Any, np.dtype[np.bool_]]":
    """(N,) True for labels of which an attribute says that they stand still."""
    attributes = scene.labels.attributes
    still = np.zeros(len(scene.labels), dtype=bool)
    if attributes is None:
        return still
    for row in scene.boxes.tolist():
        words = [str(value).lower() for value in attributes[row].values() if isinstance(value, str)]
        # Names may carry their kind, as in ``vehicle.parked``.
        still[row] = any(word.rpartition(".")[2] in STILL for word in words)
    return still
