"""A box that points elsewhere than it moves, or than it did."""

from collections.abc import Iterable
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from viewer.checks.base import Check, Group, Need, Parameter, Parameters
from viewer.checks.finding import Finding, Fix, FixKind, Severity
from viewer.checks.learned import Learned
from viewer.checks.motion import wrapped
from viewer.checks.scene_labels import CheckedScene
from viewer.checks.smooth_way import stretches, way_velocities
from viewer.checks.trails import middle, trail_of
from viewer.checks.world_rest import world_stands
from viewer.geometry.rotation import quaternion_from_yaw
from viewer.geometry.smooth_path import REACH
from viewer.metrics.objects import Floats, Ints
from viewer.progress import JobContext

FLIP_RAD = np.radians(120.0)
"""A label of a standing track that is turned by more is left to the check of reversed headings."""


LEAST_CHORD_M = 0.2


class HeadingMotion(Check):
    """Motion is that of the smooth way, so that a label's own jump does not turn it.

    A track that moves backwards all the time reverses; it is left alone. What stands tells its
    heading by the other labels around it. Where the vehicle's pose is not known, or many objects
    move elsewhere than they point, the world moves with the vehicle: motion tells nothing there.
    """

    id: ClassVar[str] = "heading-motion"
    numbers: ClassVar[tuple[int, ...]] = (18,)
    title: ClassVar[str] = "Heading against motion"
    question: ClassVar[str] = "Does it point the way it moves or, where it stands, as it did?"
    group: ClassVar[Group] = Group.TRACK
    needs: ClassVar[frozenset[Need]] = frozenset({Need.CUBOIDS, Need.TRACKS, Need.TIMES})
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("most_angle_deg", 18.0, "between heading and motion", high=180.0),
        Parameter("least_speed_mps", 2.0, "at which motion tells the heading"),
        Parameter("most_elsewhere", 0.1, "share of moving labels that point elsewhere, above which "
                  "the vehicle's pose is not known", high=1.0),
        Parameter("most_unrest_deg", 5.0, "median turn of the labels around one that stands",
                  high=180.0),
    )  # fmt: skip

    def run(
        self, scene: CheckedScene, learned: Learned, parameters: Parameters, job: JobContext
    ) -> Iterable[Finding]:
        velocity = way_velocities(scene)[:, :2]
        speed = np.hypot(velocity[:, 0], velocity[:, 1])
        fast = speed >= parameters.of("least_speed_mps")
        most = np.radians(parameters.of("most_angle_deg"))
        way = np.arctan2(velocity[:, 1], velocity[:, 0])
        angle = np.where(fast, wrapped(scene.yaws_rad - way), np.nan)
        angle = _nearer(angle, wrapped(scene.yaws_rad - _chords(scene)))
        elsewhere = np.cos(angle[fast]) < np.cos(np.radians(45.0))
        known = fast.any() and world_stands(scene)
        if known and elsewhere.mean() <= parameters.of("most_elsewhere"):
            usual = _usual_angle(scene, np.flatnonzero(fast), angle)
            odd = np.abs(wrapped(angle - usual))
            for row in np.flatnonzero(fast & (odd > most)).tolist():
                yield self._turned(
                    scene, row, float(odd[row]), float(way[row] + usual[row]), most,
                    "where it moves", {"speed_mps": speed[row]}, "turn it along its motion",
                )  # fmt: skip
        unrest = np.radians(parameters.of("most_unrest_deg"))
        for row, odd_rad, yaw in _turned_aside(scene, fast, unrest):
            if most < odd_rad < FLIP_RAD:
                yield self._turned(
                    scene, row, odd_rad, yaw, most, "the labels around it in its track", {},
                    "turn it as the labels around it",
                )  # fmt: skip

    def _turned(
        self, scene: CheckedScene, row: int, odd_rad: float, yaw_rad: float, most_rad: float,
        other: str, numbers: dict[str, float], mended: str,
    ) -> Finding:  # fmt: skip
        degrees = float(np.degrees(odd_rad))
        rotation = np.asarray(quaternion_from_yaw(yaw_rad)).ravel().tolist()
        return self.found(
            scene, row, score=odd_rad / (odd_rad + most_rad),
            severity=Severity.HIGH if degrees > 90 else Severity.MEDIUM,
            text=f"It points {degrees:.0f} degrees away from {other}",
            numbers={"angle_deg": degrees, **numbers},
            fix=Fix(FixKind.SET_BOX, mended, {"rotation_wxyz": rotation}),
            trail_m=trail_of(scene, row),
        )  # fmt: skip


def _chords(scene: CheckedScene) -> Floats:
    """(N,) direction from the label before to the one after; what turns points along it; or NaN."""
    found = np.full(len(scene.labels), np.nan)
    for each in stretches(scene):
        centers = scene.labels.centers_m[each.rows, :2]
        last = len(centers) - 1
        places = np.arange(last + 1)
        chord = centers[np.minimum(places + 1, last)] - centers[np.maximum(places - 1, 0)]
        far = np.hypot(chord[:, 0], chord[:, 1]) >= LEAST_CHORD_M
        found[each.rows] = np.where(far, np.arctan2(chord[:, 1], chord[:, 0]), np.nan)
    return found


def _nearer(angle: Floats, other: Floats) -> Floats:
    """(N,) of two angles the one nearer to none, where there is another."""
    nearer: Floats = np.where(np.abs(other) < np.abs(angle), other, angle)
    return nearer


def _usual_angle(scene: CheckedScene, rows: Ints, angle: Floats) -> Floats:
    """(N,) angle that most moving labels of a track have: pi for one that reverses, else 0."""
    tracks = scene.labels.track_rows
    usual = np.zeros(len(scene.labels))
    if tracks is None:
        return usual
    for track in np.unique(tracks[rows]).tolist():
        backwards = np.cos(angle[rows[tracks[rows] == track]]) < 0
        if backwards.mean() > 0.8 and backwards.sum() >= 5:
            usual[tracks == track] = np.pi
    return usual


def _turned_aside(
    scene: CheckedScene, fast: npt.NDArray[np.bool_], most_unrest_rad: float
) -> Iterable[tuple[int, float, float]]:
    """Yield labels that stand, how far each is turned from those around it, and their heading."""
    for each in stretches(scene):
        yaws = scene.yaws_rad[each.rows]
        for place in np.flatnonzero(~fast[each.rows]).tolist():
            low = min(max(0, place - REACH), max(0, len(yaws) - 2 * REACH - 1))
            near = np.arange(low, min(len(yaws), low + 2 * REACH + 1))
            near = near[near != place]
            # Turned by less than half a circle from each other, angles have a median.
            base = float(np.angle(np.exp(1j * yaws[near]).mean()))
            away = wrapped(yaws[near] - base)
            usual = base + float(middle(away))
            if middle(np.abs(wrapped(yaws[near] - usual))) <= most_unrest_rad:
                odd = abs(float(wrapped(np.array([yaws[place] - usual]))[0]))
                yield int(each.rows[place]), odd, usual
