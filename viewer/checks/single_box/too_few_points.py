"""A box that holds far fewer points than others of its class at its range."""

from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from viewer.checks.base import Check, Group, Need, Parameter, Parameters
from viewer.checks.finding import Finding, Severity
from viewer.checks.learned import Learned, points_at
from viewer.checks.scene_labels import CheckedScene
from viewer.progress import JobContext


class TooFewPoints(Check):
    """Boxes beside their object hold a few of its points, or of the ground.

    Of what is mostly hidden few points are to be expected.
    """

    id: ClassVar[str] = "too-few-points"
    numbers: ClassVar[tuple[int, ...]] = (2,)
    title: ClassVar[str] = "Too few points"
    question: ClassVar[str] = "Does the box hold as many points as its class and range let expect?"
    group: ClassVar[Group] = Group.SINGLE_BOX
    needs: ClassVar[frozenset[Need]] = frozenset({Need.CUBOIDS, Need.POINTS})
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("rarest_share", 0.01, "share of the labels of a class and range that is flagged",
                  high=0.5),
        Parameter("least_labels", 100.0, "labels of a class and range to learn from"),
        Parameter("least_usual_points", 20.0, "median below which nothing is told"),
        Parameter("most_hidden", 0.5, "share of the rays towards the box that end before it, above "
                  "which nothing is told", high=1.0),
    )  # fmt: skip

    def run(
        self, scene: CheckedScene, learned: Learned, parameters: Parameters, job: JobContext
    ) -> Iterable[Finding]:
        measures = scene.points
        if measures is None:
            return
        rows = scene.boxes[measures.has_points[scene.labels.frame_rows[scene.boxes]]]
        sight = measures.sight
        rays = sight.passed + sight.blocked + sight.ended
        hidden = sight.blocked / np.maximum(rays, 1)
        known: dict[tuple[str, str], tuple[int, float, float]] = {}
        for row in rows[measures.fit.counts[rows] > 0].tolist():
            class_name, range_m = str(scene.class_of[row]), float(scene.ranges_m[row])
            if not range_m >= 0:
                continue
            place = class_name, points_at(range_m)
            if place not in known:
                usual = learned.usual(*place)
                low = usual.quantile(parameters.of("rarest_share", class_name))
                known[place] = usual.total, usual.median, low
            total, median, low = known[place]
            if total < parameters.of("least_labels", class_name):
                continue
            if hidden[row] > parameters.of("most_hidden", class_name):
                continue
            points = int(measures.fit.counts[row])
            if median < parameters.of("least_usual_points", class_name) or points > low:
                continue
            yield self.found(
                scene, row, score=1.0 - points / median, severity=Severity.MEDIUM,
                text=f"The box holds {points} points; a {class_name} at {range_m:.0f} m usually "
                f"holds {median:.0f}",
                numbers={"points": points, "usual_points": median, "range_m": range_m},
            )  # fmt: skip
