"""A box that holds no lidar point."""

from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from viewer.checks.base import Check, Group, Need, Parameter, Parameters
from viewer.checks.finding import Finding, Fix, FixKind, Severity
from viewer.checks.learned import Learned, points_at
from viewer.checks.scene_labels import FLOOR_M, CheckedScene
from viewer.progress import JobContext


class EmptyBox(Check):
    """Benchmarks leave such labels out; nearby they are usually forgotten or misplaced boxes.

    Where others of the class hold a point or two, one that holds none is no wonder.
    """

    id: ClassVar[str] = "empty-box"
    numbers: ClassVar[tuple[int, ...]] = (1,)
    title: ClassVar[str] = "Empty box"
    question: ClassVar[str] = "Does the box hold any lidar point?"
    group: ClassVar[Group] = Group.SINGLE_BOX
    needs: ClassVar[frozenset[Need]] = frozenset({Need.CUBOIDS, Need.POINTS})
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter(
            "least_passed", 5.0, "rays that pass through an empty box, and are more than end "
            "before it, for severity high",
        ),
        Parameter(
            "least_usual_points", 5.0, "median of points of the class and range for an empty box "
            "that nothing hides to be of severity high",
        ),
        Parameter(
            "rare_points", 3.0, "median of points of the class and range below which one box in "
            "twenty holds none by chance (Poisson), and severity is medium at most",
        ),
    )  # fmt: skip

    def run(
        self, scene: CheckedScene, learned: Learned, parameters: Parameters, job: JobContext
    ) -> Iterable[Finding]:
        measures = scene.points
        if measures is None:
            return
        sight = measures.sight
        rows = scene.boxes
        seen = measures.has_points[scene.labels.frame_rows[rows]]
        # The ground under a box may graze its bottom; of what lies flat nothing stands higher.
        tall = scene.labels.sizes_m[:, 2] > 3 * FLOOR_M
        points = np.where(tall, measures.fit.standing, measures.fit.counts)
        for row in rows[seen & (points[rows] == 0)].tolist():
            class_name, range_m = str(scene.class_of[row]), float(scene.ranges_m[row])
            passed, blocked = int(sight.passed[row]), int(sight.blocked[row])
            usual = learned.usual(class_name, points_at(range_m)).median if range_m >= 0 else np.nan
            crossed = passed >= parameters.of("least_passed", class_name) and passed > blocked
            expected = usual >= parameters.of("least_usual_points", class_name)
            open_sky = expected and passed + blocked < usual / 5
            free = crossed or open_sky
            told = (
                f"; {passed} rays pass through it" if crossed
                else f"; nothing hides it, and a {class_name} there usually holds {usual:.0f}"
                if open_sky else f"; {blocked} rays end before it" if blocked else ""
            )  # fmt: skip
            yield self.found(
                scene, row,
                score=0.8 if open_sky else (passed + 0.5) / (passed + blocked + 5.0),
                severity=Severity.LOW if not free else Severity.MEDIUM
                if usual < parameters.of("rare_points", class_name) else Severity.HIGH,
                text=f"No lidar point lies in the box above its floor{told}",
                numbers={"points": measures.fit.counts[row], "passed": passed, "blocked": blocked,
                         "usual_points": usual, "range_m": range_m},
                fix=Fix(FixKind.DELETE, "delete the label") if free else None,
            )  # fmt: skip
