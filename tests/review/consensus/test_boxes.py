import math

import pytest

from viewer.review import LabelSnapshot, Reviewer, Subject, Workspace
from viewer.review.commands.edits import (
    ChangeBox,
    ChangeClass,
    DeleteLabel,
    RestoreLabel,
)
from viewer.review.consensus.boxes import (
    LabelComparison,
    SameBox,
    box_agreement,
    box_agreement_by_class,
    compare_labels,
)
from viewer.review.consensus.versions import versions_by_reviewer

CAR = LabelSnapshot("cuboid", "car", (10.0, 0, 1, 4, 2, 2, 1, 0, 0, 0))
BOX_2D = LabelSnapshot("box_2d", "car", (0.0, 0, 10, 10))


def label(number: int) -> Subject:
    return Subject.label("d", "street", "000042", "gt", str(number))


def become(workspace: Workspace, name: str) -> None:
    workspace.reviewer = Reviewer(name)


def compared(workspace: Workspace):
    versions = versions_by_reviewer(workspace.reading, "ann", "bob")
    return {each.subject_key: each for each in compare_labels(versions, "ann", "bob")}


def yaw(degrees: float) -> list[float]:
    half = math.radians(degrees) / 2
    return [math.cos(half), 0.0, 0.0, math.sin(half)]


def test_two_boxes_by_hand(workspace: Workspace):
    """4 x 2 x 2 m, 1 m apart along x: overlap 3 of 5 m in length, so 12 of 20 m3."""
    workspace.run(ChangeBox(label(1), center=[10.5, 0, 1], snapshot=CAR))
    become(workspace, "bob")
    workspace.run(ChangeBox(label(1), center=[11.5, 0, 1], snapshot=CAR))
    found = compared(workspace)[label(1).key]
    assert found.iou_3d == pytest.approx(12 / 20)
    assert found.centre_m == pytest.approx(1.0)
    assert found.heading_rad == pytest.approx(0.0)
    assert found.both_moved
    assert found.same_class


def test_headings_differ_the_short_way(workspace: Workspace):
    workspace.run(ChangeBox(label(1), rotation=yaw(170), snapshot=CAR))
    become(workspace, "bob")
    workspace.run(ChangeBox(label(1), rotation=yaw(-170), snapshot=CAR))
    assert compared(workspace)[label(1).key].heading_rad == pytest.approx(math.radians(20))


def test_each_ones_own_changes_count_and_not_the_others(workspace: Workspace):
    workspace.run(ChangeClass(label(1), "van", CAR))
    become(workspace, "bob")
    workspace.run(ChangeBox(label(1), center=[11, 0, 1], snapshot=CAR))
    found = compared(workspace)[label(1).key]
    assert (found.first_class, found.second_class) == ("van", "car")
    assert found.centre_m == pytest.approx(1.0)
    assert not found.both_moved


def test_only_labels_that_both_changed_are_compared(workspace: Workspace):
    workspace.run(ChangeClass(label(1), "van", CAR))
    workspace.run(ChangeClass(label(2), "van", CAR))
    become(workspace, "bob")
    workspace.run(ChangeClass(label(2), "bus", CAR))
    workspace.run(ChangeClass(label(3), "bus", CAR))
    assert set(compared(workspace)) == {label(2).key}
    assert versions_by_reviewer(workspace.reading, "ann", "eve") == {}


def test_what_was_taken_back_does_not_count(workspace: Workspace):
    workspace.run(ChangeClass(label(1), "van", CAR))
    become(workspace, "bob")
    workspace.run(ChangeBox(label(1), center=[11, 0, 1], snapshot=CAR))
    workspace.run(ChangeClass(label(1), "bus", CAR))
    assert compared(workspace)[label(1).key].second_class == "bus"
    workspace.undo()
    assert compared(workspace)[label(1).key].second_class == "car"
    workspace.redo()
    assert compared(workspace)[label(1).key].second_class == "bus"
    workspace.undo()
    workspace.undo()
    assert compared(workspace) == {}


def test_a_label_given_back_is_as_delivered_to_the_one_who_did(workspace: Workspace):
    workspace.run(ChangeClass(label(1), "van", CAR))
    workspace.run(RestoreLabel(label(1)))
    become(workspace, "bob")
    workspace.run(ChangeClass(label(1), "bus", CAR))
    assert compared(workspace) == {}


def test_deleted_by_one_and_kept_by_the_other(workspace: Workspace):
    workspace.run(DeleteLabel(label(1), CAR))
    become(workspace, "bob")
    workspace.run(ChangeClass(label(1), "bus", CAR))
    found = compared(workspace)[label(1).key]
    assert (found.first_deleted, found.second_deleted) == (True, False)
    assert found.iou_3d is None
    assert box_agreement([found]).deleted_by_one == 1


def test_boxes_on_images_are_compared_by_class_alone(workspace: Workspace):
    workspace.run(ChangeBox(label(1), box_px=[0, 0, 9, 9], snapshot=BOX_2D))
    become(workspace, "bob")
    workspace.run(ChangeBox(label(1), box_px=[0, 0, 8, 8], snapshot=BOX_2D))
    found = compared(workspace)[label(1).key]
    assert (found.iou_3d, found.centre_m, found.heading_rad) == (None, None, None)
    assert found.same_class


def test_a_label_whose_delivered_box_nobody_kept(workspace: Workspace):
    workspace.run(ChangeBox(label(1), center=[10, 0, 1]))
    become(workspace, "bob")
    workspace.run(ChangeBox(label(1), center=[11, 0, 1]))
    found = compared(workspace)[label(1).key]
    assert found.iou_3d is None


def test_means_over_labels_and_classes(workspace: Workspace):
    """Centres 1 m and 2 m apart along x: overlaps 3/5 and 2/6."""
    for number, name in ((1, "car"), (2, "van")):
        become(workspace, "ann")
        workspace.run(ChangeBox(label(number), center=[10, 5, 1], snapshot=CAR))
        workspace.run(ChangeClass(label(number), name, CAR))
        become(workspace, "bob")
        workspace.run(ChangeBox(label(number), center=[10 + number, 5, 1], snapshot=CAR))
    found = list(compared(workspace).values())
    total = box_agreement(found)
    assert (total.labels, total.boxes, total.same_class) == (2, 2, 1)
    assert total.mean_iou_3d == pytest.approx((3 / 5 + 2 / 6) / 2)
    assert total.least_iou_3d == pytest.approx(2 / 6)
    assert total.mean_centre_m == pytest.approx(1.5)
    assert total.mean_heading_rad == pytest.approx(0.0)
    by_class = box_agreement_by_class(found)
    assert list(by_class) == ["car", "van"]
    assert by_class["van"].mean_centre_m == pytest.approx(2.0)
    assert box_agreement([]).mean_iou_3d is None


@pytest.mark.parametrize(
    ("numbers", "is_same"),
    [
        ((0.7, 0.3, math.radians(10)), True),
        ((0.69, 0.3, 0.0), False),
        ((0.9, 0.31, 0.0), False),
        ((0.9, 0.0, math.radians(10.1)), False),
        ((None, None, None), False),
    ],
)
def test_boxes_are_the_same_within_all_three_limits(numbers, is_same):
    found = LabelComparison("k", "car", "car", *numbers, both_moved=True)
    assert box_agreement([found]).same_box == int(is_same)
    wide = SameBox(0.1, 1.0, math.pi)
    assert box_agreement([found], wide).same_box == int(numbers[0] is not None)
    alone = LabelComparison("k", "car", "car", *numbers, both_moved=False)
    assert box_agreement([alone], wide).same_box == 0
