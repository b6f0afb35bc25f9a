"""A box inside the vehicle that records, or farther than its sensors see."""

from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from viewer.checks.base import Check, Group, Need, Parameter, Parameters
from viewer.checks.finding import Finding, Fix, FixKind, Severity
from viewer.checks.learned import Learned
from viewer.checks.scene_labels import CheckedScene
from viewer.progress import JobContext


class InsideEgo(Check):
    """The vehicle's footprint is laid around its coord frame."""

    id: ClassVar[str] = "inside-ego"
    numbers: ClassVar[tuple[int, ...]] = (9,)
    title: ClassVar[str] = "Inside the vehicle or out of range"
    question: ClassVar[str] = "Is the box where sensors can see objects?"
    group: ClassVar[Group] = Group.SINGLE_BOX
    needs: ClassVar[frozenset[Need]] = frozenset({Need.CUBOIDS, Need.EGO_POSES})
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("half_length_m", 1.5, "of the vehicle's footprint that no centre lies in"),
        Parameter("half_width_m", 0.7, "of the same"),
        Parameter("most_range_m", 250.0, "that a sensor sees"),
    )

    def run(
        self, scene: CheckedScene, learned: Learned, parameters: Parameters, job: JobContext
    ) -> Iterable[Finding]:
        rows = scene.boxes
        pose = scene.world_from_ego[scene.labels.frame_rows[rows]]
        offset = scene.labels.centers_m[rows] - pose[:, :3, 3]
        own = np.einsum("nij,ni->nj", pose[:, :3, :3], offset)
        inside = (np.abs(own[:, 0]) < parameters.of("half_length_m")) & (
            np.abs(own[:, 1]) < parameters.of("half_width_m")
        )
        for row in rows[inside].tolist():
            yield self.found(
                scene, row, score=1.0, severity=Severity.HIGH,
                text="Its centre lies inside the vehicle that records",
                numbers={"range_m": scene.ranges_m[row]},
                fix=Fix(FixKind.DELETE, "delete the label"),
            )  # fmt: skip
        most = parameters.of("most_range_m")
        for row in rows[scene.ranges_m[rows] > most].tolist():
            far = float(scene.ranges_m[row])
            yield self.found(
                scene, row, score=1.0 - most / far, severity=Severity.MEDIUM,
                text=f"It is {far:.0f} m away; sensors see {most:.0f} m",
                numbers={"range_m": far},
            )  # fmt: skip
