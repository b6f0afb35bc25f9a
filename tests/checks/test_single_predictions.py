"""What one frame's predictions say, where no track or neighbouring frame supports them."""

from dataclasses import replace

import pytest
from checked_drive import Row, changed, drive_scene, true_rows

from viewer.checks.finding import Severity
from viewer.checks.frame.class_swap import ClassSwap
from viewer.checks.frame.missing_label import MissingLabel
from viewer.checks.gathering import Wanted, gather_scene
from viewer.checks.learned import learn_scene
from viewer.checks.policy import Policy
from viewer.checks.running import check_scene
from viewer.progress import JobContext

FRAME = 6
T = [row for row in true_rows() if row.frame <= FRAME]


def findings(check, rows, predictions):
    scene = replace(drive_scene(rows, predictions, truth=T), independent=True)
    seen = gather_scene(scene, Wanted("ground_truth", ("model",), points=False), JobContext())
    result = check_scene(seen, learn_scene(seen), Policy(), JobContext(), [check])
    assert check.id not in result.skipped
    return result.findings


def predicted(rows, score=0.8):
    return [replace(row, track=None, name=f"p-{row.label_id}", score=score) for row in rows]


@pytest.mark.parametrize(
    ("score", "severities"),
    [(0.7, []), (0.85, [Severity.LOW]), (0.97, [Severity.HIGH])],
)
def test_one_surer_than_usual_is_a_hint_at_a_swapped_class(score, severities):
    """The model is sure of the cars that it knows by 0.8."""
    rows = changed(T, "car-3", [FRAME], class_name="truck")
    guesses = [
        replace(each, score=score) if each.label_id == f"p-car-3.{FRAME:03d}" else each
        for each in predicted(T)
    ]  # fmt: skip
    found = findings(ClassSwap, rows, guesses)
    assert [each.severity for each in found] == severities
    assert all(each.labels[0].label_id == f"car-3.{FRAME:03d}" for each in found)


def person(name, y, score=float("nan")):
    return Row(FRAME, None, "pedestrian", (0.0, y, 0.9), (0.5, 0.5, 1.75), name=name, score=score)


def test_one_of_two_who_walk_together_may_lack_a_label():
    rows = [*T, person("left", -17.0)]
    both = [person("p-left", -17.0, 0.9), person("p-right", -17.7, 0.9)]
    (found,) = findings(MissingLabel, rows, [*predicted(T), *both])
    assert found.evidence.boxes[0].center_m == pytest.approx((0.0, -17.7, 0.9))
    # A label that no other prediction lies on may be this one's own, badly placed.
    assert findings(MissingLabel, rows, [*predicted(T), both[1]]) == ()


def test_frames_without_time_between_them_support_nothing():
    ghosts = [Row(frame, None, "car", (0.0, -17.0, 0.75), (4.5, 1.8, 1.5), name=f"g{frame}",
                  score=0.6) for frame in (4, 5, 6)]  # fmt: skip
    found = findings(MissingLabel, T, [*predicted(T), *ghosts])
    assert [(each.severity, each.evidence.numbers["supporters"]) for each in found] == [
        (Severity.LOW, 0.0)
    ] * 3  # fmt: skip
    assert all(each.whole_track is None for each in found)
