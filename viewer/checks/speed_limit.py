"""A track that moves faster, or changes its speed more, than its class can."""

from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from viewer.checks.base import Check, Group, Need, Parameter, Parameters
from viewer.checks.finding import Finding, Severity
from viewer.checks.learned import Learned
from viewer.checks.scene_labels import CheckedScene
from viewer.checks.trails import detours, trail_of
from viewer.progress import JobContext


class SpeedLimit(Check):
    """A label that jumps makes two fast steps there and back: it is the one between them."""

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
        Parameter("least_detour_m", 0.6, "of a label from the line of its neighbours"),
    )

    def run(
        self, scene: CheckedScene, learned: Learned, parameters: Parameters, job: JobContext
    ) -> Iterable[Finding]:
        steps = scene.steps
        found: set[int] = set()
        spans = detours(scene)
        for place in np.argsort(-spans.away_m, kind="stable").tolist():
            row = int(spans.rows[place])
            class_name = str(scene.class_of[row])
            usual = learned.usual(class_name, "acceleration_mps2")
            limit = max(
                parameters.of("least_acceleration_mps2", class_name),
                usual.median + parameters.of("most_deviations", class_name) * usual.spread,
            )
            # A detour of d and back in two steps of dt is an acceleration of 2 d / dt^2.
            needed = 2 * spans.away_m[place] / spans.dt_s[place] ** 2
            away = float(spans.away_m[place])
            least = parameters.of("least_detour_m", class_name)
            neighbours = {int(spans.before[place]), int(spans.after[place])}
            if not needed > limit or away < least or found & neighbours:
                continue
            found.add(row)
            yield self.found(
                scene, row, score=away / (away + least),
                severity=Severity.HIGH if away > 2 * least else Severity.MEDIUM,
                text=f"It jumps {away:.2f} m away from the line of its neighbours, "
                f"{needed:.0f} m/s2",
                numbers={"detour_m": away, "acceleration_mps2": needed},
                trail_m=trail_of(scene, row),
            )  # fmt: skip
        limit_mps = parameters.of("most_speed_mps")
        for place in np.flatnonzero(steps.speed_mps > limit_mps).tolist():
            row = int(steps.after[place])
            if found & {row, int(steps.before[place])}:
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
