"""A sure prediction of another class on a label."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from viewer.checks.base import Check, Group, Need, Parameter, Parameters
from viewer.checks.finding import BoxRole, Finding, Fix, FixKind, Severity
from viewer.checks.frame.predicted import Beside, beside, scores_of
from viewer.checks.frame.predicted_flat import beside_flat, flat_evidence
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
    needs: ClassVar[frozenset[Need]] = frozenset({Need.PREDICTIONS})
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
        for each in (*beside(scene), *beside_flat(scene)):
            votes = _votes(each, parameters)
            names = each.objects.class_names
            said = {names[row].lower() for row in np.unique(each.objects.class_rows).tolist()}
            usual = _usual_scores(scene, votes)
            for rows in _objects(scene, votes):
                cast = {row: votes[row] for row in rows if row in votes}
                other, share = _majority(scene, cast)
                against = {row: vote for row, vote in cast.items() if vote.name == other}
                severity = _severity(against, usual, parameters)
                if severity is None or share < parameters.of("least_majority"):
                    continue
                for row, vote in against.items():
                    labelled = str(scene.class_of[row]).lower()
                    if labelled != other.lower() and labelled in said:
                        numbers = {"score": vote.score, "votes": len(against), "majority": share}
                        yield self._swapped(scene, each, row, vote, numbers, severity)

    def _swapped(
        self, scene: CheckedScene, each: Beside, row: int, vote: "_Vote",
        numbers: dict[str, float], severity: Severity,
    ) -> Finding:  # fmt: skip
        text = (
            f"{each.set_id} sees a {vote.name} ({vote.score:.2f}) where a "
            f"{scene.class_of[row]} is labelled"
        )
        fix = Fix(FixKind.CHANGE_CLASS, f"make it a {vote.name}", {"class_name": vote.name})
        score = numbers["majority"] * vote.score
        if not each.objects.has_cuboid()[vote.guess]:
            return Finding(
                self.id, scene.scene_id, scene.frame_key(row), (scene.name(row),),
                str(scene.class_of[row]), score, severity, text,
                flat_evidence(scene.labels, row, numbers), fix,
            )  # fmt: skip
        return self.found(
            scene, row, score=score, severity=severity, text=text, numbers=numbers,
            boxes=(evidence_box(each.objects, vote.guess, BoxRole.PREDICTION),), fix=fix,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Vote:
    name: str
    score: float
    guess: int
    """Row of the prediction."""


Votes = dict[int, _Vote]
"""The surest prediction on each label that has one, by the label's row."""


def _votes(each: Beside, parameters: Parameters) -> Votes:
    objects = each.objects
    scores = scores_of(objects)[each.prediction_rows]
    good = each.overlaps >= parameters.of("least_iou")
    good &= scores >= parameters.of("least_score")
    votes: Votes = {}
    for place in np.flatnonzero(good).tolist():
        label, guess = int(each.label_rows[place]), int(each.prediction_rows[place])
        name = objects.class_names[int(objects.class_rows[guess])]
        vote = _Vote(name, float(scores[place]), guess)
        if label not in votes or vote.score > votes[label].score:
            votes[label] = vote
    return votes


def _objects(scene: CheckedScene, votes: Votes) -> Iterable[list[int]]:
    """Yield rows of each track, and each label of none that a prediction lies on."""
    tracked: set[int] = set()
    for rows in track_rows_of(scene).values():
        tracked.update(rows.tolist())
        yield rows.tolist()
    yield from ([row] for row in votes if row not in tracked)


def _severity(against: Votes, usual: dict[str, float], parameters: Parameters) -> Severity | None:
    """How bad the votes against a label are; None where they say nothing."""
    sure = max((vote.score for vote in against.values()), default=0.0)
    if not against:
        return None
    if len(against) >= parameters.of("least_votes") or sure >= parameters.of("sure_score"):
        return Severity.HIGH
    # One frame is a hint, where the model is as sure as it is of objects that it knows.
    name = next(iter(against.values())).name.lower()
    return Severity.LOW if sure >= usual.get(name, np.inf) else None


def _usual_scores(scene: CheckedScene, votes: Votes) -> dict[str, float]:
    """Mean score of each class where the label is of it, as confident learning takes it.

    Northcutt, Jiang and Chuang (2021): a model that says another class more surely than it says
    that class where it is right disagrees for good.
    """
    agreed: dict[str, list[float]] = {}
    for row, vote in votes.items():
        if vote.name.lower() == str(scene.class_of[row]).lower():
            agreed.setdefault(vote.name.lower(), []).append(vote.score)
    return {name: sum(scores) / len(scores) for name, scores in agreed.items()}


def _majority(scene: CheckedScene, cast: Votes) -> tuple[str, float]:
    """Class with most votes against the labels, and its share of all votes."""
    counts: dict[str, int] = {}
    for row, vote in cast.items():
        if vote.name.lower() != str(scene.class_of[row]).lower():
            counts[vote.name] = counts.get(vote.name, 0) + 1
    if not counts:
        return "", 0.0
    name = max(sorted(counts), key=lambda each: counts[each])
    return name, counts[name] / len(cast)
