"""A file that can be opened but is truncated, empty or nonsense."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

import numpy as np

from viewer.checks.base import Check, Group, Need, Parameter, Parameters
from viewer.checks.file_facts import FileFacts, FileState, InspectedFile
from viewer.checks.files.accused import damaged, of_file
from viewer.checks.finding import Finding, Severity
from viewer.checks.learned import Learned
from viewer.checks.scene_labels import CheckedScene
from viewer.progress import JobContext


class CorruptFile(Check):
    """Points without a place are compared with the sensor's other clouds.

    Many lidars write a point at the origin, or none, for each ray that came not back.
    """

    id: ClassVar[str] = "corrupt-file"
    title: ClassVar[str] = "Corrupt file"
    question: ClassVar[str] = "Is every point cloud and image whole, and does it hold anything?"
    group: ClassVar[Group] = Group.FILES
    needs: ClassVar[frozenset[Need]] = frozenset({Need.FILES})
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("decoded_images", 5, "of each camera that are decoded to their end; of the "
                  "others checksums and end marks tell"),
        Parameter("most_lost_points", 0.95, "share of points without a place, or at the origin",
                  high=1.0),
        Parameter("most_more_lost", 0.3, "share of such points beyond the sensor's usual one",
                  high=1.0),
        Parameter("least_usual_points", 50, "of a sensor's clouds for an empty one to be wrong"),
        Parameter("most_told", 0.2, "share of a sensor's files up to which each is told by itself",
                  high=1.0),
    )  # fmt: skip

    def run(
        self, scene: CheckedScene, learned: Learned, parameters: Parameters, job: JobContext
    ) -> Iterable[Finding]:
        facts = scene.files or FileFacts()
        for _, files in facts.by_sensor():
            bad = [each for each in files if each.state is FileState.CORRUPT]
            yield from damaged(self.id, scene, files, bad, parameters.of("most_told"))
            whole = [each for each in files if each.state is FileState.READ]
            if whole and whole[0].is_image:
                yield from self._images(scene, whole)
            elif whole:
                yield from self._clouds(scene, whole, parameters)

    def _images(self, scene: CheckedScene, images: Sequence[InspectedFile]) -> Iterable[Finding]:
        for each in images:
            if each.is_blank:
                yield of_file(
                    self.id, scene, each, severity=Severity.MEDIUM, score=0.8, about="blank",
                    text="all its pixels are alike",
                )  # fmt: skip

    def _clouds(
        self, scene: CheckedScene, clouds: Sequence[InspectedFile], parameters: Parameters
    ) -> Iterable[Finding]:
        points = np.array([each.points for each in clouds], np.float64)
        infinite = np.array([each.points - each.finite for each in clouds], np.float64)
        lost = infinite + [each.zeros for each in clouds]
        share = lost / np.maximum(points, 1)
        usual_points, usual = float(np.median(points)), float(np.median(share))
        always_finite = float(np.median(infinite)) == 0
        for row, each in enumerate(clouds):
            severity: Severity | None = None
            text, own = "", float(share[row])
            if each.points == 0:
                if usual_points >= parameters.of("least_usual_points"):
                    severity, own = Severity.HIGH, 1.0
                    text = f"it has no points; usually there are {usual_points:,.0f}"
            elif own > parameters.of("most_lost_points"):
                severity = Severity.HIGH
                text = f"{own:.0%} of its {each.points:,} points have no place or lie at the origin"
            elif own - usual > parameters.of("most_more_lost"):
                severity = Severity.MEDIUM
                text = (f"{own:.0%} of its {each.points:,} points have no place or lie at the "
                        f"origin; usually {usual:.0%}")  # fmt: skip
            elif always_finite and infinite[row]:
                severity = Severity.LOW
                text = (f"{_count(int(infinite[row]), 'point')} of {each.points:,} with NaN or "
                        "infinite coordinates, unlike the sensor's other clouds")  # fmt: skip
            if severity is not None:
                yield of_file(
                    self.id, scene, each, severity=severity, score=max(own, 0.2), text=text,
                    about="points", numbers={"points": each.points, "lost_points": lost[row]},
                )  # fmt: skip


def _count(count: int, word: str) -> str:
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"
