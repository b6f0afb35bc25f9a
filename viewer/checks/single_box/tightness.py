"""A box that is too loose around its points, or cuts some of them off."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from viewer.checks.base import Check, Group, Need, Parameter, Parameters
from viewer.checks.finding import Finding, Severity
from viewer.checks.learned import Learned
from viewer.checks.scene_labels import CheckedScene
from viewer.checks.seen_sides import (
    NEAR_SIDES,
    hidden_shares,
    moved_in_turn,
    raw_slacks,
    slacks,
)
from viewer.geometry.box_fit import SIDES
from viewer.metrics.objects import Floats, Ints
from viewer.progress import JobContext

DRAWN_OUT_M = 0.1
"""Moved in a turn of the lidar, which draws it out: points outside of a side say nothing then."""
LASTING_LABELS = 8
TRACK_LABELS = 6
TRACK_POINTS = 12
"""Inside a box that is only compared with the rest of its track."""


@dataclass(frozen=True, slots=True)
class _Loose:
    side: int
    slack_m: float
    most_m: float
    than_track: bool


class Tightness(Check):
    """Only sides that the lidar looks at tell how tight a box is: it sees nothing of the others.

    Rounded objects lie less close to their boxes: what is usual for a class is learned. What moves
    is drawn out by the lidar in the same way all along its track: there the track is compared.
    """

    id: ClassVar[str] = "tightness"
    numbers: ClassVar[tuple[int, ...]] = (5,)
    title: ClassVar[str] = "Loose box or points cut off"
    question: ClassVar[str] = "Do the sides that the lidar sees lie on the object's points?"
    group: ClassVar[Group] = Group.SINGLE_BOX
    needs: ClassVar[frozenset[Need]] = frozenset({Need.CUBOIDS, Need.POINTS, Need.EGO_POSES})
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("most_slack_m", 0.35, "between a side that is seen and the outermost point",
                  "nuScenes annotation rules (almost none)"),
        Parameter("most_deviations", 3.0, "robust deviations of the slack from its class's"),
        Parameter("most_excess_m", 0.25, "by which a side is further out than on its track"),
        Parameter("most_hidden", 0.25, "share of rays that end before the box; more hide its sides",
                  high=1.0),
        Parameter("most_outside_share", 0.25, "points just outside of a side over those inside",
                  high=10.0),
        Parameter("least_points", 30.0, "inside, above the ground, for a box to be judged"),
        Parameter("least_outside", 15.0, "points just outside of a side"),
    )  # fmt: skip

    def run(
        self, scene: CheckedScene, learned: Learned, parameters: Parameters, job: JobContext
    ) -> Iterable[Finding]:
        if scene.points is None:
            return
        loose = self._loose(scene, learned, parameters)
        standing = scene.points.fit.standing
        for row, found in sorted(loose.items()):
            told = ", more than on the rest of its track" if found.than_track else ""
            yield self.found(
                scene, row, score=1.0 - found.most_m / (found.slack_m + found.most_m / 2),
                severity=Severity.MEDIUM,
                text=f"Its {SIDES[found.side]} side is {found.slack_m:.2f} m away from the nearest"
                f" point{told}",
                numbers={"slack_m": found.slack_m, "most_m": found.most_m,
                         "points": standing[row]},
            )  # fmt: skip
        yield from self._cut(scene, frozenset(loose), parameters)

    def _loose(
        self, scene: CheckedScene, learned: Learned, parameters: Parameters
    ) -> dict[int, _Loose]:
        loose: dict[int, _Loose] = {}
        rows, slack = slacks(scene, parameters.of("least_points"))
        hidden = hidden_shares(scene, rows)
        for place, row in enumerate(rows.tolist()):
            class_name = str(scene.class_of[row])
            if not np.isfinite(slack[place]).any():
                continue
            if hidden[place] > parameters.of("most_hidden", class_name):
                continue
            side = int(np.nanargmax(slack[place]))
            usual = learned.usual(class_name, "slack_m")
            most = max(
                parameters.of("most_slack_m", class_name),
                usual.median + parameters.of("most_deviations", class_name) * usual.spread,
            )
            if slack[place, side] > most:
                loose[row] = _Loose(side, float(slack[place, side]), most, than_track=False)
        for row, found in _looser_than_track(scene, parameters):
            loose.setdefault(row, found)
        return loose

    def _cut(
        self, scene: CheckedScene, passed_over: frozenset[int], parameters: Parameters
    ) -> Iterator[Finding]:
        if scene.points is None:
            return
        fit = scene.points.fit
        rows, _ = slacks(scene, parameters.of("least_points"))
        shares = np.where(
            moved_in_turn(scene)[rows] > DRAWN_OUT_M, 0.0,
            fit.outside[rows, NEAR_SIDES] / fit.standing[rows, None],
        )  # fmt: skip
        lasting = _over_track(scene, rows, shares)
        for place, row in enumerate(rows.tolist()):
            class_name = str(scene.class_of[row])
            side = int(np.argmax(shares[place]))
            share, outside = float(shares[place, side]), int(fit.outside[row, side])
            least = parameters.of("most_outside_share", class_name)
            few = outside < parameters.of("least_outside", class_name)
            if row in passed_over or few or share <= least:
                continue
            hint = lasting[place, side] > least / 2
            yield self.found(
                scene, row, score=min(1.0, 0.3 + share / 2),
                severity=Severity.LOW if hint else Severity.MEDIUM,
                text=f"{outside} points lie just outside of its {SIDES[side]} side, "
                f"{fit.standing[row]} inside",
                numbers={"outside": outside, "points": fit.standing[row]},
            )  # fmt: skip


def _looser_than_track(scene: CheckedScene, parameters: Parameters) -> Iterator[tuple[int, _Loose]]:
    """Labels that are larger than the rest of their track, and empty where they are.

    A side of few points may lie anywhere, and others hide some: without being larger it is not
    looser.
    """
    tracks = scene.labels.track_rows
    if tracks is None:
        return
    rows, slack = raw_slacks(scene, TRACK_POINTS)
    for track in np.unique(tracks[rows[tracks[rows] >= 0]]).tolist():
        own = np.flatnonzero(tracks[rows] == track)
        if len(own) < TRACK_LABELS:
            continue
        least = parameters.of("most_excess_m", str(scene.class_of[rows[own[0]]]))
        sizes = scene.labels.sizes_m[rows[own], :2]
        larger = np.repeat(sizes - np.median(sizes, axis=0), 2, axis=1) / 2
        over = np.where(larger > least, slack[own] - _usual(slack[own]), -1.0)
        # A box that grew on both sides by so much must show at least half of it.
        loose = np.nan_to_num(over - np.maximum(larger / 2, least / 2), nan=-1.0)
        for place in np.flatnonzero((loose > 0).any(axis=1)).tolist():
            side = int(np.argmax(loose[place]))
            value = float(slack[own[place], side])
            limit = value - float(over[place, side]) + least / 2
            yield int(rows[own[place]]), _Loose(side, value, limit, than_track=True)


def _usual(slack: Floats) -> Floats:
    """(4,) median slack of each side over a track; 0 where too few labels show the side."""
    usual = np.zeros(4)
    for side in range(4):
        seen = np.isfinite(slack[:, side])
        if seen.sum() >= TRACK_LABELS:
            usual[side] = np.median(slack[seen, side])
    return usual


def _over_track(scene: CheckedScene, rows: Ints, shares: Floats) -> Floats:
    """(K, 4) median share along the track: what lasts is a wall beside it as likely as a cut.

    0 for labels of short tracks and of none.
    """
    lasting = np.zeros_like(shares)
    tracks = scene.labels.track_rows
    if tracks is None:
        return lasting
    for track in np.unique(tracks[rows[tracks[rows] >= 0]]).tolist():
        own = tracks[rows] == track
        if own.sum() >= LASTING_LABELS:
            lasting[own] = np.median(shares[own], axis=0)
    return lasting
