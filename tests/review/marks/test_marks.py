"""Marks of missing objects."""

import math

import pytest
from review.edits_examples import DATASET, FRAME, label

from viewer.review import CommandRefused, Subject, Workspace
from viewer.review.commands.datasets import AddDataset
from viewer.review.commands.marks import ChangeMark, MarkMissing, RemoveMark
from viewer.review.marks.reading import count_marks, mark, marks, marks_in_frame, marks_in_scene

IN_3D = MarkMissing(
    "a" * 32, FRAME, "car", (1, 2, 0.5), "world", size=(4, 2, 1.5), yaw_rad=0.5, label_set_id="gt",
    comment="behind the bus",
)  # fmt: skip


@pytest.fixture
def street(workspace: Workspace) -> Workspace:
    workspace.run(AddDataset(DATASET, "street", "street", "native"))
    return workspace


def test_a_mark_keeps_what_was_said(street: Workspace):
    entry = street.run(IN_3D)
    found = mark(street.reading, "a" * 32)
    assert found.frame == FRAME
    assert (found.class_name, found.label_set_id) == ("car", "gt")
    assert (found.position, found.coord_frame_id) == ((1, 2, 0.5), "world")
    assert (found.size, found.yaw_rad) == ((4, 2, 1.5), 0.5)
    assert (found.sensor_id, found.pixel, found.box_px) == (None, None, None)
    assert (found.comment, found.reviewer) == ("behind the bus", "ann")
    assert found.time_ns == entry.time_ns
    assert marks_in_frame(street.reading, DATASET, "street_0007", "000042") == (found,)


def test_marks_are_changed_and_removed(street: Workspace):
    street.run(IN_3D)
    street.run(ChangeMark("a" * 32, {"class_name": "van", "pixel": (3, 4), "sensor_id": "front"}))
    found = mark(street.reading, "a" * 32)
    assert (found.class_name, found.pixel, found.position) == ("van", (3, 4), (1, 2, 0.5))
    assert street.run(ChangeMark("a" * 32, {"class_name": "van"})) is None
    street.run(RemoveMark("a" * 32, "van"))
    assert marks(street.reading) == ()
    street.undo()
    assert mark(street.reading, "a" * 32) == found


def test_marks_are_counted_by_class_dataset_and_scene(street: Workspace):
    other = Subject.frame(DATASET, "yard", "000001")
    for number, (frame, name) in enumerate(
        [(FRAME, "car"), (FRAME, "bus"), (other, "car"), (FRAME, "car")]
    ):
        street.run(MarkMissing(f"{number:032d}", frame, name, sensor_id="front", pixel=(number, 0)))
    assert list(count_marks(street.reading).items()) == [("car", 3), ("bus", 1)]
    assert count_marks(street.reading, DATASET, "yard") == {"car": 1}
    assert count_marks(street.reading, "e" * 32) == {}
    assert [each.pixel[0] for each in marks_in_scene(street.reading, DATASET, "street_0007")] == [
        0, 1, 3,
    ]  # fmt: skip
    assert len(marks(street.reading, DATASET)) == 4


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (MarkMissing("b" * 32, label("18"), "car", (1, 2, 3), "world"), "is no frame"),
        (MarkMissing("b" * 32, FRAME, "", (1, 2, 3), "world"), "needs a class"),
        (MarkMissing("b" * 32, FRAME, "car"), "position or a pixel"),
        (MarkMissing("b" * 32, FRAME, "car", (1, 2, 3)), "belong together"),
        (MarkMissing("b" * 32, FRAME, "car", pixel=(1, 2)), "belong together"),
        (MarkMissing("b" * 32, FRAME, "car", (1, 2), "world"), "3 finite numbers"),
        (MarkMissing("b" * 32, FRAME, "car", (1, 2, math.inf), "world"), "3 finite numbers"),
        (MarkMissing("b" * 32, FRAME, "car", (1, 2, 3), "world", size=(1, -1, 1)), "negative"),
        (ChangeMark("a" * 32, {"position": None, "coord_frame_id": None}), "position or a pixel"),
        (ChangeMark("a" * 32, {"reviewer": "bob"}), "no reviewer"),
        (ChangeMark("c" * 32, {"class_name": "van"}), "gone"),
    ],
)
def test_what_makes_no_sense_is_refused(street: Workspace, command, reason):
    street.run(IN_3D)
    with pytest.raises(CommandRefused, match=reason):
        street.run(command)
    assert len(marks(street.reading)) == 1
