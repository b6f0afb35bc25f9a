"""A box whose size no other of its class has."""

from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from viewer.checks.base import Check, Group, Parameter, Parameters
from viewer.checks.finding import Finding, Fix, FixKind, Severity
from viewer.checks.learned import Learned
from viewer.checks.scene_labels import CheckedScene
from viewer.progress import JobContext

NEAR = 0.08
"""Of the logarithm."""
DIMENSIONS = ("length_m", "width_m", "height_m")


class SizePrior(Check):
    """Far from the class's median, and where few of its labels are: a class may have several kinds.

    Lengths differ by factors: deviations are measured in the logarithm.
    """

    id: ClassVar[str] = "size-prior"
    numbers: ClassVar[tuple[int, ...]] = (3,)
    title: ClassVar[str] = "Size outside its class"
    question: ClassVar[str] = "Is the box as large as others of its class are?"
    group: ClassVar[Group] = Group.SINGLE_BOX
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("most_deviations", 4.0, "robust standard deviations from the class's median",
                  "Fixy (KDE of volume by class)"),
        Parameter("least_spread", 0.05, "standard deviation that every class is granted, as a "
                  "share of the size", high=1.0),
        Parameter("rarest_share", 0.05, "share of the class's labels within 8 % of the size below "
                  "which it is rare", high=1.0),
        Parameter("least_labels", 30.0, "labels of a class to learn from"),
    )  # fmt: skip

    def run(
        self, scene: CheckedScene, learned: Learned, parameters: Parameters, job: JobContext
    ) -> Iterable[Finding]:
        rows = scene.boxes[(scene.labels.sizes_m[scene.boxes] > 0).all(axis=1)]
        for class_name in sorted(set(scene.class_of[rows].tolist())):
            usual = [learned.usual(class_name, name) for name in DIMENSIONS]
            if usual[0].total < parameters.of("least_labels", class_name):
                continue
            least = parameters.of("least_spread", class_name)
            most = parameters.of("most_deviations", class_name)
            medians = np.array([each.median for each in usual])
            spreads = np.array([max(each.spread, least) for each in usual])
            own = rows[scene.class_of[rows] == class_name]
            away = np.log(scene.labels.sizes_m[own] / medians) / spreads
            worst = np.abs(away).argmax(axis=1)
            near = np.stack(
                [each.shares_near(scene.labels.sizes_m[own, axis], NEAR)
                 for axis, each in enumerate(usual)], axis=1,
            )  # fmt: skip
            odd = np.abs(away).max(axis=1) > most
            odd &= near[np.arange(len(own)), worst] < parameters.of("rarest_share", class_name)
            for place in np.flatnonzero(odd).tolist():
                row, axis = int(own[place]), int(worst[place])
                deviations = abs(float(away[place, axis]))
                size = scene.labels.sizes_m[row]
                name = DIMENSIONS[axis]
                word = name.removesuffix("_m")
                yield self.found(
                    scene, row, score=1.0 - most / (deviations + most),
                    severity=Severity.HIGH if deviations > 2 * most else Severity.MEDIUM,
                    text=f"Its {word} is {size[axis]:.2f} m; a {class_name} usually has "
                    f"{medians[axis]:.2f} m",
                    numbers={"deviations": deviations, name: size[axis],
                             f"usual_{name}": medians[axis]},
                    fix=Fix(FixKind.SET_BOX, "give it the usual size of its class",
                            {"size_m": medians.tolist()}),
                )  # fmt: skip
