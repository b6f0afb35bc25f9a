"""A box that is wider than long, or otherwise unlike its class in shape."""

from collections.abc import Iterable
from typing import ClassVar

from viewer.checks.base import Check, Group, Parameter, Parameters
from viewer.checks.finding import Finding, Fix, FixKind, Severity
from viewer.checks.learned import Learned
from viewer.checks.scene_labels import CheckedScene
from viewer.progress import JobContext


class Aspect(Check):
    """Length and width that were swapped make a box of the usual area and an unusual shape."""

    id: ClassVar[str] = "aspect"
    numbers: ClassVar[tuple[int, ...]] = (4,)
    title: ClassVar[str] = "Length and width swapped"
    question: ClassVar[str] = "Is a long object longer than wide?"
    group: ClassVar[Group] = Group.SINGLE_BOX
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("least_usual_ratio", 1.3, "median length over width of a class that is long"),
        Parameter("rarest_share", 0.05, "share of the class that is wider than long", high=1.0),
        Parameter("least_labels", 20.0, "labels of a class to learn from"),
    )  # fmt: skip

    def run(
        self, scene: CheckedScene, learned: Learned, parameters: Parameters, job: JobContext
    ) -> Iterable[Finding]:
        sizes = scene.labels.sizes_m
        rows = scene.boxes[(sizes[scene.boxes] > 0).all(axis=1)]
        for row in rows[sizes[rows, 1] > sizes[rows, 0]].tolist():
            class_name = str(scene.class_of[row])
            usual = learned.usual(class_name, "length_over_width")
            ratio = usual.median
            if (
                usual.total < parameters.of("least_labels", class_name)
                or not ratio >= parameters.of("least_usual_ratio", class_name)
                or usual.quantile(parameters.of("rarest_share", class_name)) < 1.0
            ):
                continue
            length, width, height = sizes[row].tolist()
            yield self.found(
                scene, row, score=min(1.0, width / length / ratio),
                severity=Severity.HIGH,
                text=f"It is {width:.2f} m wide and {length:.2f} m long; a {class_name} is usually "
                f"{ratio:.1f} times as long as wide",
                numbers={"length_m": length, "width_m": width, "usual_ratio": ratio},
                fix=Fix(FixKind.SET_BOX, "swap length and width",
                        {"size_m": [width, length, height]}),
            )  # fmt: skip
