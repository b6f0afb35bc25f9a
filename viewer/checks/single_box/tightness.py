"""A box that is too loose around its points, or cuts some of them off."""

from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from viewer.checks.base import Check, Group, Need, Parameter, Parameters
from viewer.checks.finding import Finding, Severity
from viewer.checks.learned import Learned
from viewer.checks.scene_labels import CheckedScene
from viewer.checks.seen_sides import NEAR_SIDES, moved_in_turn, slacks
from viewer.geometry.box_fit import SIDES
from viewer.metrics.objects import Floats, Ints
from viewer.progress import JobContext

DRAWN_OUT_M = 0.1
"""Moved in a turn of the lidar, which draws it out: points outside of a side say nothing then."""
LASTING_LABELS = 8


class Tightness(Check):
    """Only sides that the lidar looks at tell how tight a box is: it sees nothing of the others.

    Rounded objects lie less close to their boxes: what is usual for a class is learned.
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
        fit = scene.points.fit
        rows, slack = slacks(scene, parameters.of("least_points"))
        shares = np.where(
            moved_in_turn(scene)[rows] > DRAWN_OUT_M, 0.0,
            fit.outside[rows, NEAR_SIDES] / fit.standing[rows, None],
        )  # fmt: skip
        lasting = _over_track(scene, rows, shares)
        for place, row in enumerate(rows.tolist()):
            class_name = str(scene.class_of[row])
            if not np.isfinite(slack[place]).any():
                continue
            side = int(np.nanargmax(slack[place]))
            loose = float(slack[place, side])
            usual = learned.usual(class_name, "slack_m")
            most = max(
                parameters.of("most_slack_m", class_name),
                usual.median + parameters.of("most_deviations", class_name) * usual.spread,
            )
            if loose > most:
                yield self.found(
                    scene, row, score=1.0 - most / (loose + most / 2),
                    severity=Severity.MEDIUM,
                    text=f"Its {SIDES[side]} side is {loose:.2f} m away from the nearest point",
                    numbers={"slack_m": loose, "most_m": most, "points": fit.standing[row]},
                )  # fmt: skip
                continue
            side = int(np.argmax(shares[place]))
            share, outside = float(shares[place, side]), int(fit.outside[row, side])
            least = parameters.of("most_outside_share", class_name)
            if outside >= parameters.of("least_outside", class_name) and share > least:
                hint = lasting[place, side] > least / 2
                yield self.found(
                    scene, row, score=min(1.0, 0.3 + share / 2),
                    severity=Severity.LOW if hint else Severity.MEDIUM,
                    text=f"{outside} points lie just outside of its {SIDES[side]} side, "
                    f"{fit.standing[row]} inside",
                    numbers={"outside": outside, "points": fit.standing[row]},
                )  # fmt: skip


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
