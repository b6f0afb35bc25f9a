"""A box that points elsewhere than it moves."""

from collections.abc import Iterable
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from viewer.checks.base import Check, Group, Need, Parameter, Parameters
from viewer.checks.finding import Finding, Fix, FixKind, Severity
from viewer.checks.learned import Learned
from viewer.checks.motion import wrapped
from viewer.checks.scene_labels import CheckedScene
from viewer.checks.trails import detours, trail_of
from viewer.geometry.rotation import quaternion_from_yaw
from viewer.metrics.objects import Floats, Ints
from viewer.progress import JobContext


class HeadingMotion(Check):
    """Motion is taken over both neighbours, so that a label's own jump does not turn it.

    A track that moves backwards all the time reverses; it is left alone.
    """

    id: ClassVar[str] = "heading-motion"
    numbers: ClassVar[tuple[int, ...]] = (18,)
    title: ClassVar[str] = "Heading against motion"
    question: ClassVar[str] = "Does the object move the way it points?"
    group: ClassVar[Group] = Group.TRACK
    needs: ClassVar[frozenset[Need]] = frozenset({Need.CUBOIDS, Need.TRACKS, Need.TIMES})
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("most_angle_deg", 18.0, "between heading and motion", high=180.0),
        Parameter("least_speed_mps", 2.0, "at which motion tells the heading"),
        Parameter("least_moved_m", 0.8, "between the neighbours"),
    )

    def run(
        self, scene: CheckedScene, learned: Learned, parameters: Parameters, job: JobContext
    ) -> Iterable[Finding]:
        spans = detours(scene)
        centers = scene.labels.centers_m
        moved = centers[spans.after, :2] - centers[spans.before, :2]
        distance = np.hypot(moved[:, 0], moved[:, 1])
        fast = distance / (2 * spans.dt_s) >= parameters.of("least_speed_mps")
        fast &= distance >= parameters.of("least_moved_m")
        way = np.arctan2(moved[:, 1], moved[:, 0])
        angle = wrapped(scene.yaws_rad[spans.rows] - way)
        usual = _usual_angle(scene, spans.rows, angle, fast)
        most = np.radians(parameters.of("most_angle_deg"))
        odd = np.abs(wrapped(angle - usual))
        for place in np.flatnonzero(fast & (odd > most)).tolist():
            row = int(spans.rows[place])
            degrees = float(np.degrees(odd[place]))
            yaw = way[place] + usual[place]
            yield self.found(
                scene, row, score=degrees / (degrees + float(np.degrees(most))),
                severity=Severity.HIGH if degrees > 90 else Severity.MEDIUM,
                text=f"It points {degrees:.0f} degrees away from where it moves",
                numbers={"angle_deg": degrees,
                         "speed_mps": distance[place] / (2 * spans.dt_s[place])},
                fix=Fix(FixKind.SET_BOX, "turn it along its motion",
                        {"rotation_wxyz": np.asarray(quaternion_from_yaw(yaw)).ravel().tolist()}),
                trail_m=trail_of(scene, row),
            )  # fmt: skip


def _usual_angle(
    scene: CheckedScene, rows: Ints, angle: Floats, fast: npt.NDArray[np.bool_]
) -> Floats:
    """Angle that most moving labels of a track have: pi for one that reverses, else 0."""
    tracks = scene.labels.track_rows
    usual = np.zeros(len(rows))
    if tracks is None:
        return usual
    own = tracks[rows]
    for track in np.unique(own[fast]).tolist():
        of_track = own == track
        backwards = np.cos(angle[of_track & fast]) < 0
        if backwards.mean() > 0.8 and backwards.sum() >= 5:
            usual[of_track] = np.pi
    return usual
