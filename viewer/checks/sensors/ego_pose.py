"""Poses of the vehicle that no vehicle takes."""

from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from viewer.checks.base import Check, Group, Need, Parameter, Parameters
from viewer.checks.finding import Evidence, Finding, Severity
from viewer.checks.learned import Learned
from viewer.checks.scene_labels import CheckedScene
from viewer.progress import JobContext


class EgoPose(Check):
    """A jump of the pose moves all labels of a frame in the world."""

    id: ClassVar[str] = "ego-pose"
    numbers: ClassVar[tuple[int, ...]] = (31,)
    title: ClassVar[str] = "Ego pose jumps"
    question: ClassVar[str] = "Does the vehicle move as a vehicle can?"
    group: ClassVar[Group] = Group.SENSORS
    needs: ClassVar[frozenset[Need]] = frozenset({Need.EGO_POSES, Need.TIMES})
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("most_acceleration_mps2", 15.0, "of the vehicle"),
        Parameter("least_jump_m", 0.3, "from the line of the neighbouring poses"),
        Parameter("flat_m", 1e-6, "change of height over a drive that no road has"),
        Parameter("least_drive_m", 100.0, "driven for the height to be judged"),
    )

    def run(
        self, scene: CheckedScene, learned: Learned, parameters: Parameters, job: JobContext
    ) -> Iterable[Finding]:
        places, times = scene.world_from_ego[:, :3, 3], scene.times_s
        known = np.flatnonzero(np.isfinite(places).all(axis=1) & np.isfinite(times))
        if len(known) < 3:
            return
        p, t = places[known], times[known]
        span = t[2:] - t[:-2]
        share = np.divide(t[1:-1] - t[:-2], span, out=np.full(len(span), 0.5), where=span > 0)
        jump = np.linalg.norm(p[1:-1] - (p[:-2] + share[:, None] * (p[2:] - p[:-2])), axis=1)
        needed = 8 * jump / np.maximum(span, 1e-3) ** 2
        odd = (needed > parameters.of("most_acceleration_mps2")) & (
            jump > parameters.of("least_jump_m")
        )
        for place in np.flatnonzero(odd).tolist():
            by = float(jump[place])
            yield Finding(
                check=self.id, scene_id=scene.scene_id,
                frame_key=scene.labels.frames.keys[int(known[place + 1])], labels=(),
                class_name="", score=by / (by + 0.5), severity=Severity.HIGH,
                text=f"The vehicle's pose jumps {by:.2f} m from the line of its neighbours",
                evidence=Evidence({"jump_m": by, "acceleration_mps2": float(needed[place])}),
            )  # fmt: skip
        driven = float(np.linalg.norm(np.diff(p, axis=0), axis=1).sum())
        if driven > parameters.of("least_drive_m") and np.ptp(p[:, 2]) < parameters.of("flat_m"):
            yield Finding(
                check=self.id, scene_id=scene.scene_id, frame_key=None, labels=(), class_name="",
                score=0.3, severity=Severity.INFO,
                text=f"The vehicle's height stays the same over {driven:.0f} m: poses may be 2D",
                evidence=Evidence({"driven_m": driven}),
            )  # fmt: skip
