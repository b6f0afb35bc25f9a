"""Commands that change labels, on disk."""

import math

import numpy as np
import pytest
from fake_drive import truth
from hypothesis import given
from hypothesis import strategies as st
from review.edits_examples import DATASET, FRAME, SNAPSHOT, label

from viewer.geometry.rotation import matrix_from_quaternion, yaw_from_quaternion
from viewer.review import CommandRefused, LabelSnapshot, Reviewer, Workspace
from viewer.review.commands.datasets import AddDataset
from viewer.review.commands.edits import (
    ChangeAttribute,
    ChangeBox,
    ChangeClass,
    DeleteLabel,
    FlipHeading,
    RestoreLabel,
    flipped_rotation,
)
from viewer.review.commands.tracks import ChangeTrackId, MergeTracks, SplitTrack
from viewer.review.edits.model import NO_TRACK
from viewer.review.edits.reading import (
    count_edits,
    edit_of,
    edits,
    edits_in_frame,
    edits_in_scene,
    has_edits,
)
from viewer.review.flat_snapshots import snapshot_of


@pytest.fixture
def street(workspace: Workspace) -> Workspace:
    workspace.run(AddDataset(DATASET, "street", "street", "native"))
    return workspace


def test_a_class_is_changed_and_given_back(street: Workspace):
    street.run(ChangeClass(label("18"), "truck", SNAPSHOT))
    edit = edit_of(street.reading, label("18"))
    assert (edit.class_name, edit.base_hash, edit.changed) == ("truck", SNAPSHOT.hash, ("class",))
    assert street.reading.snapshot(edit.base_hash) == SNAPSHOT
    street.run(ChangeClass(label("18"), SNAPSHOT.class_name, SNAPSHOT))
    assert edit_of(street.reading, label("18")) is None
    street.undo()
    assert edit_of(street.reading, label("18")).class_name == "truck"


def test_parts_of_a_label_are_edited_and_restored_each_alone(street: Workspace):
    street.run(ChangeClass(label("18"), "truck", SNAPSHOT))
    street.run(ChangeAttribute(label("18"), "doors", 5))
    street.run(ChangeAttribute(label("18"), "colour", None))
    street.run(ChangeBox(label("18"), size=(5, 2, 2)))
    street.run(DeleteLabel(label("18")))
    edit = edit_of(street.reading, label("18"))
    assert edit.attributes == {"doors": 5, "colour": None}
    assert (edit.center, edit.size, edit.deleted) == (None, (5, 2, 2), True)
    assert edit.changed == ("deleted",)
    street.run(RestoreLabel(label("18"), ("deleted", "class_name")))
    edit = edit_of(street.reading, label("18"))
    assert edit.changed == ("attribute colour", "attribute doors", "box")
    street.run(RestoreLabel(label("18")))
    assert edit_of(street.reading, label("18")) is None
    assert street.run(RestoreLabel(label("18"))) is None


def test_a_flip_turns_the_front_back_and_the_second_gives_the_delivered_box(street: Workspace):
    labels = truth(3)
    snapshot = snapshot_of(labels, "walker-3")
    street.run(FlipHeading(label("walker-3"), snapshot))
    edit = edit_of(street.reading, label("walker-3"))
    turned = yaw_from_quaternion(np.array([edit.rotation]))[0]
    assert math.isclose(math.remainder(turned - math.pi / 2 - math.pi, math.tau), 0, abs_tol=1e-12)
    street.run(FlipHeading(label("walker-3"), snapshot))
    assert edit_of(street.reading, label("walker-3")) is None


def test_a_flip_after_a_change_of_the_box_turns_the_new_one(street: Workspace):
    street.run(ChangeBox(label("18"), rotation=(1, 0, 0, 1), snapshot=SNAPSHOT))
    street.run(FlipHeading(label("18"), SNAPSHOT))
    yaw = yaw_from_quaternion(np.array([edit_of(street.reading, label("18")).rotation]))[0]
    assert math.isclose(yaw, -math.pi / 2)


@given(st.tuples(*[st.floats(-1, 1)] * 4).filter(lambda q: np.linalg.norm(q) > 0.1))
def test_a_flip_is_half_a_turn_about_the_boxs_own_z(wxyz):
    before, after = (
        matrix_from_quaternion(np.array([q]))[0] for q in (wxyz, flipped_rotation(wxyz))
    )
    np.testing.assert_allclose(after, before @ np.diag([-1.0, -1.0, 1.0]), atol=1e-12)


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (ChangeBox(label("18"), size=(1, -1, 1)), "negative"),
        (ChangeBox(label("18"), center=(1, 2)), "3 finite numbers"),
        (ChangeBox(label("18"), center=(1, 2, math.nan)), "3 finite numbers"),
        (ChangeBox(label("18"), rotation=(0, 0, 0, 0)), "zero"),
        (ChangeBox(label("18"), box_px=(5, 0, 1, 2)), "ends right"),
        (ChangeBox(label("18")), "no part"),
        (ChangeClass(label("18"), ""), "name"),
        (ChangeClass(FRAME, "car"), "is no label"),
        (FlipHeading(label("18"), LabelSnapshot("box_2d", "car", (0, 0, 1, 1))), "no cuboid"),
        (RestoreLabel(label("18"), ("subject",)), "no subject"),
        (MergeTracks("", [label("18")]), "needs an id"),
        (MergeTracks("7", [label("18"), label("19")]), "two labels in frame 000042"),
    ],
    ids=lambda each: each if isinstance(each, str) else each.kind,
)
def test_what_makes_no_sense_is_refused_and_nothing_is_left(street: Workspace, command, reason):
    with pytest.raises(CommandRefused, match=reason):
        street.run(command)
    assert street.reading.query("SELECT * FROM label_edits") == []
    assert street.reading.query("SELECT * FROM subjects") == []


def test_tracks_are_merged_and_split_in_one_step(street: Workspace):
    early = [label(f"a{i}", f"{i:06d}") for i in range(3)]
    late = [label(f"b{i}", f"{i:06d}") for i in range(3, 6)]
    snapshots = {each: LabelSnapshot("cuboid", "car", (), "7") for each in early}
    snapshots |= {each: LabelSnapshot("cuboid", "car", (), "8") for each in late}
    street.run(MergeTracks("7", [*early, *late], snapshots, ["8"]))
    assert street.undo_text == "Merge track 8 into track 7"
    found = {subject.label_id: edit.track_id for subject, edit in edits(street.reading)}
    assert found == {"b3": "7", "b4": "7", "b5": "7"}
    street.run(SplitTrack("9", late[1:], snapshots, "7"))
    found = {subject.label_id: edit.track_id for subject, edit in edits(street.reading)}
    assert found == {"b3": "7", "b4": "9", "b5": "9"}
    street.undo()
    street.undo()
    assert edits(street.reading) == []


def test_a_label_is_taken_out_of_its_track(street: Workspace):
    street.run(ChangeTrackId(label("18"), NO_TRACK, SNAPSHOT))
    assert edit_of(street.reading, label("18")).track_id == NO_TRACK
    street.run(ChangeTrackId(label("18"), "18", SNAPSHOT))
    assert edit_of(street.reading, label("18")) is None


def test_edits_are_read_by_frame_scene_and_dataset_and_counted(street: Workspace):
    street.run(ChangeClass(label("18"), "truck", SNAPSHOT))
    street.run(ChangeBox(label("18"), box_px=(0, 0, 1, 1)))
    street.run(DeleteLabel(label("19")))
    street.run(ChangeAttribute(label("30", "000043"), "doors", 5))
    frame = edits_in_frame(street.reading, DATASET, "street_0007", "000042")
    assert [edit.label_id for edit in frame["gt"]] == ["18", "19"]
    assert edits_in_frame(street.reading, DATASET, "street_0007", "000044") == {}
    assert edits_in_frame(street.reading, "e" * 32, "street_0007", "000042") == {}
    scene = edits_in_scene(street.reading, DATASET, "street_0007")
    assert scene == {
        "000042": frame,
        "000043": edits_in_frame(street.reading, DATASET, "street_0007", "000043"),
    }
    counts = {
        "labels": 3, "class": 1, "track": 0, "attributes": 1, "box": 1, "deleted": 1,
    }  # fmt: skip
    assert count_edits(street.reading) == counts
    assert count_edits(street.reading, DATASET) == counts
    assert count_edits(street.reading, "e" * 32)["labels"] == 0


def test_another_reviewers_edit_is_not_undone(street: Workspace):
    street.run(ChangeClass(label("18"), "truck", SNAPSHOT))
    path = street.path
    street.close()
    with Workspace.open(path, Reviewer("bob")) as other:
        assert other.undo() is None
        assert edit_of(other.reading, label("18")).class_name == "truck"


def test_edits_of_one_dataset_among_several(street: Workspace):
    street.run(AddDataset("e" * 32, "yard", "yard", "native"))
    assert not has_edits(street.reading, DATASET)
    street.run(ChangeClass(label("18"), "truck", SNAPSHOT))
    assert has_edits(street.reading, DATASET)
    assert not has_edits(street.reading, "e" * 32)
    assert count_edits(street.reading, DATASET)["class"] == 1
    assert count_edits(street.reading, "e" * 32)["class"] == 0
