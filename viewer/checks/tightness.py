"""A box that is too loose around its points, or cuts some of them off."""

from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from viewer.checks.base import Check, Group, Need, Parameter, Parameters
from viewer.checks.finding import Finding, Severity
from viewer.checks.learned import Learned
from viewer.checks.scene_labels import CheckedScene
from viewer.geometry.box_fit import SIDES
from viewer.metrics.objects import Floats
from viewer.progress import JobContext

NEAR_SIDES = slice(0, 4)
_AXIS = (0, 0, 1, 1)
_SIGN = (-1.0, 1.0, -1.0, 1.0)


class Tightness(Check):
    """Only sides that the lidar looks at tell how tight a box is: it sees nothing of the others."""

    id: ClassVar[str] = "tightness"
    numbers: ClassVar[tuple[int, ...]] = (5,)
    title: ClassVar[str] = "Loose box or points cut off"
    question: ClassVar[str] = "Do the sides that the lidar sees lie on the object's points?"
    group: ClassVar[Group] = Group.SINGLE_BOX
    needs: ClassVar[frozenset[Need]] = frozenset({Need.CUBOIDS, Need.POINTS, Need.EGO_POSES})
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("most_slack_m", 0.35, "between a side that is seen and the outermost point",
                  "nuScenes annotation rules (almost none)"),
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
        rows = scene.boxes
        rows = rows[fit.standing[rows] >= parameters.of("least_points")]
        slack = fit.slack_m(scene.labels.sizes_m)[rows, NEAR_SIDES]
        facing = _facing(scene)[rows]
        for place, row in enumerate(rows.tolist()):
            class_name = str(scene.class_of[row])
            seen = np.flatnonzero(facing[place] > 0.35)
            if not len(seen):
                continue
            side = int(seen[np.argmax(slack[place, seen])])
            loose = float(slack[place, side])
            most = parameters.of("most_slack_m", class_name)
            if loose > most:
                yield self.found(
                    scene, row, score=1.0 - most / (loose + most / 2),
                    severity=Severity.MEDIUM,
                    text=f"Its {SIDES[side]} side is {loose:.2f} m away from the nearest point",
                    numbers={"slack_m": loose, "points": fit.standing[row]},
                )  # fmt: skip
                continue
            outside = fit.outside[row, NEAR_SIDES]
            side = int(np.argmax(outside))
            share = outside[side] / fit.standing[row]
            if outside[side] >= parameters.of("least_outside", class_name) and (
                share > parameters.of("most_outside_share", class_name)
            ):
                yield self.found(
                    scene, row, score=min(1.0, 0.3 + share / 2), severity=Severity.MEDIUM,
                    text=f"{outside[side]} points lie just outside of its {SIDES[side]} side, "
                    f"{fit.standing[row]} inside",
                    numbers={"outside": outside[side], "points": fit.standing[row]},
                )  # fmt: skip


def _facing(scene: CheckedScene) -> Floats:
    """(N, 4) cosine between each side's outward normal and the way to the vehicle."""
    labels = scene.labels
    ego = scene.world_from_ego[labels.frame_rows, :3, 3]
    way = ego - labels.centers_m
    way /= np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-9)
    yaw = scene.yaws_rad
    axes = np.stack([np.cos(yaw), np.sin(yaw), -np.sin(yaw), np.cos(yaw)], axis=1).reshape(-1, 2, 2)
    along = np.einsum("nai,ni->na", axes, way[:, :2])
    facing: Floats = along[:, _AXIS] * np.array(_SIGN)
    return np.nan_to_num(facing, nan=-1.0)
