"""A heading that turns round from one frame to the next."""

from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from viewer.checks.base import Check, Group, Need, Parameter, Parameters
from viewer.checks.finding import Finding, Fix, FixKind, Severity
from viewer.checks.learned import Learned
from viewer.checks.motion import wrapped
from viewer.checks.scene_labels import CheckedScene
from viewer.checks.trails import segments_of
from viewer.geometry.rotation import quaternion_from_yaw, quaternion_multiply
from viewer.metrics.objects import Floats, Ints
from viewer.progress import JobContext


class YawFlip(Check):
    """Of two headings in a track the rarer is wrong; of as many, the one that moves backwards."""

    id: ClassVar[str] = "yaw-flip"
    numbers: ClassVar[tuple[int, ...]] = (17,)
    title: ClassVar[str] = "Heading flips"
    question: ClassVar[str] = "Does the heading keep its sense along the track?"
    group: ClassVar[Group] = Group.TRACK
    needs: ClassVar[frozenset[Need]] = frozenset({Need.CUBOIDS, Need.TRACKS})
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("least_turn_deg", 120.0, "from one label to the next", "SUSTechPOINTS (30)",
                  high=180.0),
    )  # fmt: skip

    def run(
        self, scene: CheckedScene, learned: Learned, parameters: Parameters, job: JobContext
    ) -> Iterable[Finding]:
        least = np.radians(parameters.of("least_turn_deg"))
        for rows in segments_of(scene):
            side = _sides(scene.yaws_rad[rows], least)
            if not side.any():
                continue
            wrong = rows[side == _wrong_side(scene, rows, side)]
            for row in wrong.tolist():
                turned = quaternion_multiply(
                    quaternion_from_yaw(np.pi), scene.labels.rotations[row]
                )
                yield self.found(
                    scene, row, score=0.95, severity=Severity.HIGH,
                    text="Its heading is the reverse of the rest of its track",
                    numbers={"labels": len(rows), "reversed": len(wrong)},
                    fix=Fix(FixKind.FLIP_HEADING, "flip the heading",
                            {"rotation_wxyz": np.asarray(turned).ravel().tolist()}),
                )  # fmt: skip


def _sides(yaws_rad: Floats, least_rad: float) -> Ints:
    """0 or 1 for each label of a track: another after every flip."""
    flips = np.abs(wrapped(np.diff(yaws_rad))) >= least_rad
    sides: Ints = np.concatenate([[0], np.cumsum(flips) % 2]).astype(np.int64)
    return sides


def _wrong_side(scene: CheckedScene, rows: Ints, side: Ints) -> int:
    ones = int(side.sum())
    if 2 * ones != len(side):
        return int(2 * ones < len(side))
    step = np.gradient(scene.labels.centers_m[rows, :2], axis=0)
    yaws = scene.yaws_rad[rows]
    ahead = np.cos(yaws) * step[:, 0] + np.sin(yaws) * step[:, 1]
    return int(ahead[side == 1].sum() < ahead[side == 0].sum())
