"""A track whose labels are of several classes."""

from collections import Counter
from collections.abc import Iterable
from typing import ClassVar

from viewer.checks.base import Check, Group, Need, Parameters
from viewer.checks.finding import Finding, Fix, FixKind, Severity
from viewer.checks.learned import Learned
from viewer.checks.scene_labels import CheckedScene
from viewer.checks.trails import track_rows_of
from viewer.progress import JobContext


class ClassChange(Check):
    """The rarer class is accused."""

    id: ClassVar[str] = "class-change"
    numbers: ClassVar[tuple[int, ...]] = (20,)
    title: ClassVar[str] = "Class changes"
    question: ClassVar[str] = "Has the track one class?"
    group: ClassVar[Group] = Group.TRACK
    needs: ClassVar[frozenset[Need]] = frozenset({Need.CUBOIDS, Need.TRACKS})

    def run(
        self, scene: CheckedScene, learned: Learned, parameters: Parameters, job: JobContext
    ) -> Iterable[Finding]:
        for rows in track_rows_of(scene).values():
            counts = Counter(scene.class_of[rows].tolist())
            if len(counts) < 2:
                continue
            usual, most = counts.most_common(1)[0]
            for row in rows[scene.class_of[rows] != usual].tolist():
                own = str(scene.class_of[row])
                yield self.found(
                    scene, row, score=most / len(rows), severity=Severity.HIGH,
                    text=f"It is a {own}; {most} of {len(rows)} labels of its track are {usual}",
                    numbers={"labels": len(rows), "usual_labels": most},
                    fix=Fix(FixKind.CHANGE_CLASS, f"make it a {usual}", {"class_name": usual}),
                )  # fmt: skip
