"""A track that moves faster, or changes its speed more, than its class can."""

from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from viewer.checks.base import Check, Group, Need, Parameter, Parameters
from viewer.checks.finding import Finding, Severity
from viewer.checks.learned import Learned
from viewer.checks.scene_labels import CheckedScene
from viewer.checks.smooth_way import JUMP_M, jumping_rows, residuals
from viewer.checks.trails import trail_of
from viewer.progress import JobContext


class SpeedLimit(Check):
    """A label that jumps away from the smooth way of its track and comes back."""

    id: ClassVar[str] = "speed-limit"
    numbers: ClassVar[tuple[int, ...]] = (16,)
    title: ClassVar[str] = "Impossible speed or acceleration"
    question: ClassVar[str] = "Can an object of its class move like this?"
    group: ClassVar[Group] = Group.TRACK
    needs: ClassVar[frozenset[Need]] = frozenset({Need.CUBOIDS, Need.TRACKS, Need.TIMES})
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter(
            "most_deviations",
            8.0,
            "robust deviations from the class's usual acceleration",
            "Fixy (KDE of speed by class)",
        ),
        Parameter(
            "least_acceleration_mps2", 10.0, "that vehicles reach; 5 for people", "our proposal"
        ),
        Parameter("most_speed_mps", 60.0, "of anything"),
    )

    def run(
        self, scene: CheckedScene, learned: Learned, parameters: Parameters, job: JobContext
    ) -> Iterable[Finding]:
        steps = scene.steps
        jumping = set(jumping_rows(scene).tolist())
        for rows, away in residuals(scene):
            times = scene.times_s[scene.labels.frame_rows[rows]]
            step_s = float(np.median(np.diff(times)))
            for place, row in enumerate(rows.tolist()):
                if row not in jumping:
                    continue
                class_name, by = str(scene.class_of[row]), float(np.linalg.norm(away[place]))
                usual = learned.usual(class_name, "acceleration_mps2")
                limit = max(
                    parameters.of("least_acceleration_mps2", class_name),
                    usual.median + parameters.of("most_deviations", class_name) * usual.spread,
                )
                # To be d off for one step of dt takes an acceleration of 2 d / dt^2.
                needed = 2 * by / step_s**2
                if needed <= limit:
                    continue
                yield self.found(
                    scene, row, score=by / (by + JUMP_M),
                    severity=Severity.HIGH if by > 2 * JUMP_M else Severity.MEDIUM,
                    text=f"It jumps {by:.2f} m away from its way, {needed:.0f} m/s2",
                    numbers={"away_m": by, "acceleration_mps2": needed},
                    trail_m=trail_of(scene, row),
                )  # fmt: skip
        limit_mps = parameters.of("most_speed_mps")
        for place in np.flatnonzero(steps.speed_mps > limit_mps).tolist():
            row = int(steps.after[place])
            if jumping & {row, int(steps.before[place])}:
                continue
            speed = float(steps.speed_mps[place])
            yield self.found(
                scene, row, others=(int(steps.before[place]),), score=speed / (speed + limit_mps),
                severity=Severity.HIGH,
                text=f"Its track moves at {speed:.0f} m/s here",
                numbers={"speed_mps": speed,
                         "moved_m": float(np.linalg.norm(steps.moved_m[place]))},
                trail_m=trail_of(scene, row),
            )  # fmt: skip
