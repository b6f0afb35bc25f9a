"""A sure prediction of another class on a label."""

from collections.abc import Iterable
from typing import ClassVar

import numpy as np

from viewer.checks.base import Check, Group, Need, Parameter, Parameters
from viewer.checks.finding import BoxRole, Finding, Fix, FixKind, Severity
from viewer.checks.frame.predicted import beside, scores_of
from viewer.checks.learned import Learned
from viewer.checks.scene_labels import CheckedScene, evidence_box
from viewer.checks.trails import track_rows_of
from viewer.progress import JobContext


class ClassSwap(Check):
    """Over a track the models vote: one that mistakes an object once is left alone.

    One that never says the label's class, where it knows fewer, has no vote on it.
    """

    id: ClassVar[str] = "class-swap"
    numbers: ClassVar[tuple[int, ...]] = (15,)
    title: ClassVar[str] = "Class swapped"
    question: ClassVar[str] = "Do models that see the object agree with its class?"
    group: ClassVar[Group] = Group.FRAME
    needs: ClassVar[frozenset[Need]] = frozenset({Need.CUBOIDS, Need.PREDICTIONS})
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("least_score", 0.5, "of a prediction that votes", high=1.0),
        Parameter("least_iou", 0.4, "seen from above, of a prediction on the label", high=1.0),
        Parameter("sure_score", 0.95, "of a prediction that needs no others", "ObjectLab",
                  high=1.0),
        Parameter("least_votes", 2.0, "for another class over the track"),
        Parameter("least_majority", 0.8, "of the votes of the track", high=1.0),
    )  # fmt: skip

    def run(
        self, scene: CheckedScene, learned: Learned, parameters: Parameters, job: JobContext
    ) -> Iterable[Finding]:
        for each in beside(scene):
            scores = scores_of(each.objects)[each.prediction_rows]
            good = (each.overlaps >= parameters.of("least_iou")) & (
                scores >= parameters.of("least_score")
            )
            names = np.array([*each.objects.class_names], dtype=object)
            said = {str(names[row]).lower() for row in np.unique(each.objects.class_rows).tolist()}
            votes: dict[int, tuple[str, float, int]] = {}
            for place in np.flatnonzero(good).tolist():
                label, guess = int(each.label_rows[place]), int(each.prediction_rows[place])
                vote = (str(names[each.objects.class_rows[guess]]), float(scores[place]), guess)
                if label not in votes or vote[1] > votes[label][1]:
                    votes[label] = vote
            whole = list(track_rows_of(scene).values())
            tracked = set(np.concatenate([np.empty(0, np.int64), *whole]).tolist())
            alone = [np.array([row]) for row in votes if row not in tracked]
            for rows in [*whole, *alone]:
                cast = {row: votes[row] for row in rows.tolist() if row in votes}
                other, share = _majority(scene, cast)
                against = [row for row, vote in cast.items() if vote[0] == other]
                sure = max((cast[row][1] for row in against), default=0.0)
                enough = len(against) >= parameters.of("least_votes") or (
                    sure >= parameters.of("sure_score")
                )
                if not enough or share < parameters.of("least_majority"):
                    continue
                for row in against:
                    labelled = str(scene.class_of[row]).lower()
                    if labelled == other.lower() or labelled not in said:
                        continue
                    yield self.found(
                        scene, row, score=share * cast[row][1], severity=Severity.HIGH,
                        text=f"{each.set_id} sees a {other} ({cast[row][1]:.2f}) where a "
                        f"{scene.class_of[row]} is labelled",
                        numbers={"score": cast[row][1], "votes": len(against),
                                 "majority": share},
                        boxes=(evidence_box(each.objects, cast[row][2], BoxRole.PREDICTION),),
                        fix=Fix(FixKind.CHANGE_CLASS, f"make it a {other}", {"class_name": other}),
                    )  # fmt: skip


def _majority(scene: CheckedScene, cast: dict[int, tuple[str, float, int]]) -> tuple[str, float]:
    """Class with most votes against the labels, and its share of all votes."""
    counts: dict[str, int] = {}
    for row, (name, _, _) in cast.items():
        if name.lower() != str(scene.class_of[row]).lower():
            counts[name] = counts.get(name, 0) + 1
    if not counts:
        return "", 0.0
    name = max(sorted(counts), key=lambda each: counts[each])
    return name, counts[name] / len(cast)
