"""What the second of two sets mends and breaks."""

import pytest
from evaluated_objects import objects

from viewer.metrics.class_roles import ClassRoles
from viewer.metrics.comparison import Change, compare
from viewer.metrics.confusion import ConfusionIndex
from viewer.metrics.matching.catalog import similarity_by_name
from viewer.progress import JobContext
from viewer.scene.class_map import ClassMap


def confusion(labels, predictions, roles, similarity="center_distance_3d"):
    return ConfusionIndex.prepare(
        labels, predictions, roles, similarity_by_name(similarity), JobContext()
    ).at(0.5, 2.0)


LABELS = objects([0.0, 10, 20, 30, 40], classes=["car", "car", "van", "van", "car"])
FIRST = objects([0.0, 20, 30, 60, 70], classes=["car", "van", "car", "car", "car"],
                scores=[0.9, 0.9, 0.9, 0.9, 0.9])  # fmt: skip
SECOND = objects([0.0, 10, 20, 61, 80, 40], classes=["car", "car", "car", "car", "car", "car"],
                 scores=[0.9, 0.9, 0.9, 0.9, 0.9, 0.2])  # fmt: skip
ROLES = ClassRoles.of(ClassMap(), LABELS, FIRST, SECOND)


def test_fixed_broken_both_wrong_and_both_right():
    found = compare(confusion(LABELS, FIRST, ROLES), confusion(LABELS, SECOND, ROLES))
    assert {each: found.rows[each].tolist() for each in Change} == {
        Change.FIXED: [1],
        Change.BROKEN: [2],
        Change.BOTH_WRONG: [3, 4],
        Change.BOTH_RIGHT: [0],
    }
    assert found.count(Change.BOTH_WRONG) == 2
    # The one at 60 m is still there, a metre on.
    assert found.gone_false_positives.tolist() == [4]
    assert found.new_false_positives.tolist() == [4]
    assert found.first.of("car").true_positives == 1
    assert found.second.of("car").true_positives == 2


def test_a_set_beside_itself_changes_nothing():
    same = confusion(LABELS, FIRST, ROLES)
    found = compare(same, same)
    assert found.count(Change.FIXED) == found.count(Change.BROKEN) == 0
    assert len(found.new_false_positives) == len(found.gone_false_positives) == 0


def test_sets_over_other_labels_are_refused():
    other = objects([0.0])
    with pytest.raises(ValueError, match="same labels"):
        compare(confusion(LABELS, FIRST, ROLES), confusion(other, SECOND, ROLES))
    with pytest.raises(ValueError, match="same measure"):
        compare(confusion(LABELS, FIRST, ROLES), confusion(LABELS, FIRST, ROLES, "iou_3d"))
