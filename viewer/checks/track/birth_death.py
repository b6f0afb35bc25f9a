"""A track that begins or ends in the middle of what the lidar sees."""

from collections.abc import Iterable
from typing import ClassVar

from viewer.checks.base import Check, Group, Need, Parameter, Parameters
from viewer.checks.finding import Finding, Severity
from viewer.checks.learned import Learned
from viewer.checks.scene_labels import CheckedScene
from viewer.checks.trails import track_rows_of, trail_of
from viewer.progress import JobContext


class BirthDeath(Check):
    """Objects come into view small and far; one with many points was there before.

    Whether it was, the points tell where its motion leads to in the frame before or after.
    """

    id: ClassVar[str] = "birth-death"
    numbers: ClassVar[tuple[int, ...]] = (25,)
    title: ClassVar[str] = "Begins or ends in view"
    question: ClassVar[str] = "Does the track begin and end where the object comes into view?"
    group: ClassVar[Group] = Group.TRACK
    needs: ClassVar[frozenset[Need]] = frozenset(
        {Need.CUBOIDS, Need.TRACKS, Need.POINTS, Need.EGO_POSES}
    )
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("most_range_m", 35.0, "at which an object is surely seen"),
        Parameter("least_points", 50.0, "in the first or last box"),
        Parameter("most_hidden", 0.3, "share of rays that end before the box", high=1.0),
        Parameter(
            "least_share",
            0.3,
            "of these points where it would be a frame before or after; a hint below",
            high=1.0,
        ),
        Parameter("least_frames", 5.0, "of the scene; fewer tell of no track where it begins"),
    )

    def run(
        self, scene: CheckedScene, learned: Learned, parameters: Parameters, job: JobContext
    ) -> Iterable[Finding]:
        if scene.points is None or len(scene.labels.frames) < parameters.of("least_frames"):
            return
        frames, last = scene.labels.frame_rows, len(scene.labels.frames) - 1
        counts, sight = scene.points.fit.counts, scene.points.sight
        for rows in track_rows_of(scene).values():
            for row, edge, word in ((int(rows[0]), 0, "begins"), (int(rows[-1]), last, "ends")):
                if frames[row] == edge:
                    continue
                points, far = int(counts[row]), float(scene.ranges_m[row])
                rays = points + int(sight.blocked[row]) + int(sight.passed[row])
                hidden = int(sight.blocked[row]) / max(rays, 1)
                if (
                    points < parameters.of("least_points")
                    or not far <= parameters.of("most_range_m")
                    or hidden > parameters.of("most_hidden")
                ):
                    continue
                beyond = _points_beyond(scene, row, -1 if edge == 0 else 1)
                there = beyond is None or beyond >= parameters.of("least_share") * points
                yield self.found(
                    scene, row, score=min(1.0, 0.3 + points / 1000),
                    severity=Severity.MEDIUM if there else Severity.LOW,
                    text=f"Its track {word} {far:.0f} m away with {points} points in the box",
                    numbers={"points": points, "range_m": far, "hidden_share": hidden,
                             "points_beyond": -1 if beyond is None else beyond},
                    trail_m=trail_of(scene, row),
                )  # fmt: skip


def _points_beyond(scene: CheckedScene, row: int, towards: int) -> int | None:
    """Points where the first or last label of a track would be in the next frame beyond it."""
    absent = None if scene.points is None else scene.points.absent
    if absent is None:
        return None
    places = absent.of(row, [int(scene.labels.frame_rows[row]) + towards])
    return int(absent.points[places[0]]) if len(places) else None
