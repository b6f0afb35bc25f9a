"""`sightline review agreement`; the figures are computed by hand."""

import math
from pathlib import Path

import pytest
from cli.review.calling import call, call_json
from review.issues_examples import DATASET

from viewer.review import LabelSnapshot, Reviewer, Subject, Workspace
from viewer.review.commands.base import Command
from viewer.review.commands.edits import ChangeBox
from viewer.review.commands.queues import CreateQueue, FinishItem
from viewer.review.commands.verdicts import SetVerdict
from viewer.review.verdicts.model import VerdictState

YES, NO, SKIPPED = VerdictState.ACCEPTED, VerdictState.REJECTED, VerdictState.SKIPPED
QUEUE = "5" * 32
LABELS = [Subject.label(DATASET, "s", "000001", "gt", str(number)) for number in range(5)]
CUBE = LabelSnapshot("cuboid", "car", (0.0, 0.0, 0.0, 2.0, 2.0, 2.0, 1.0, 0.0, 0.0, 0.0))


def run(path: Path, reviewer: str, *commands: Command) -> None:
    with Workspace.open(path, Reviewer(reviewer)) as workspace:
        for command in commands:
            workspace.run(command)


def say(path: Path, reviewer: str, *states: VerdictState) -> None:
    pairs = zip(LABELS, states, strict=False)
    run(path, reviewer, *(SetVerdict(label, state, snapshot=CUBE) for label, state in pairs))


def test_verdicts_on_the_same_labels_are_compared(path: Path):
    say(path, "ann", YES, YES, NO, NO, YES)
    say(path, "bob", YES, NO, NO, NO, SKIPPED)
    found = call_json("agreement", path, "ann", "bob")
    verdicts = found["verdicts"]
    assert (verdicts["total"], verdicts["agreed"], verdicts["skipped"]) == (4, 3, 1)
    # By chance they would say the same in 2/4 * 1/4 + 2/4 * 3/4 = 1/2 of the cases.
    assert (verdicts["share"], verdicts["kappa"]) == (0.75, 0.5)
    assert found["verdicts_by_class"]["car"]["agreed"] == 3
    [different] = found["disagreements"]
    assert different["subject"]["label"] == "1"
    assert different["states"] == ["accepted", "rejected"]
    text = call("agreement", path, "ann", "bob")
    assert "75 %  0.50" in text
    assert "label 1 in s / 000001 (car)  accepted / rejected" in text


def test_only_what_was_finished_in_a_queue_counts(path: Path):
    say(path, "ann", YES, YES)
    say(path, "bob", YES, NO)
    run(path, "bob", CreateQueue(QUEUE, "night", LABELS), FinishItem(QUEUE, LABELS[0].key))
    found = call_json("agreement", path, "ann", "bob", "--queue", "night")
    assert (found["verdicts"]["total"], found["verdicts"]["agreed"]) == (1, 1)
    assert "no queue" in call("agreement", path, "ann", "bob", "--queue", "day", code=2)


def test_boxes_that_both_changed_are_compared(path: Path):
    quarter = (math.cos(math.pi / 4), 0.0, 0.0, math.sin(math.pi / 4))
    run(path, "ann", ChangeBox(LABELS[0], center=(1.0, 0.0, 0.0), snapshot=CUBE))
    run(path, "bob", ChangeBox(LABELS[0], center=(0.0, 0.0, 0.0), rotation=quarter, snapshot=CUBE))
    found = call_json("agreement", path, "ann", "bob")
    # Two cubes of 2 m, 1 m apart: 4 of 12 cubic metres are both's.
    assert found["boxes"]["mean_iou_3d"] == pytest.approx(4 / 12)
    assert found["boxes"]["mean_centre_m"] == pytest.approx(1)
    assert found["boxes"]["mean_heading_rad"] == pytest.approx(math.pi / 2)
    assert found["boxes_by_class"]["car"]["boxes"] == 1
    assert found["labels"][0]["subject"]["label"] == "0"
    assert "0.33    1.00 m  90.00°" in call("agreement", path, "ann", "bob")


def test_without_anything_in_common_it_says_so(path: Path):
    say(path, "ann", YES)
    assert "no verdicts on the same things" in call("agreement", path, "ann", "bob")
    assert call_json("agreement", path, "ann", "bob")["verdicts"]["kappa"] is None
    assert "two reviewers" in call("agreement", path, "ann", "ann", code=2)
