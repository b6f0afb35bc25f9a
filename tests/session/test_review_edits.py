"""Labels changed from the window: what is selected becomes a command with its snapshot."""

from dataclasses import replace

import numpy as np
import pytest
from fake_drive import make_dataset, make_scene, truth

from viewer.review import Reviewer
from viewer.review.commands.settings import ChangeSetting
from viewer.review.edits.reading import edits
from viewer.review.flat_snapshots import snapshot_of
from viewer.review.marks.reading import count_marks
from viewer.scene.masks import InstanceMask, RunLengths
from viewer.session.changes import MessageShown
from viewer.session.review_board import ReviewBoard
from viewer.session.review_edits import LabelEditing
from viewer.session.selection import LabelKey


@pytest.fixture
def board(desk, tmp_path):
    made = ReviewBoard(desk.session, Reviewer("ann"))
    desk.session.open_dataset(make_dataset(make_scene(car_count=3)))
    desk.settle()
    desk.session.read_tracks()
    desk.settle()
    assert made.new_workspace(tmp_path / "a.sightline")
    desk.settle()
    yield made
    made.dispose()


@pytest.fixture
def editing(board):
    return LabelEditing(board)


def select(desk, label_id="car-0", track_id="1", index=0):
    desk.session.go_to_frame(index)
    desk.settle()
    desk.session.select(LabelKey("gt", index, label_id, track_id))


def shown(desk, label_set_id="gt"):
    desk.settle()
    return desk.session.content.labels[label_set_id].cuboids


def said(desk):
    return [each.text for each in desk.changes if isinstance(each, MessageShown)][-1]


def test_each_change_of_the_selected_label_is_seen_at_once(desk, board, editing):
    select(desk)
    assert editing.missing is None
    assert editing.change_class("bus")
    assert editing.change_attribute("doors", 2)
    assert editing.change_track("77")
    assert editing.change_box(size=(5, 2, 2))
    assert editing.flip_heading()
    labels = shown(desk)
    assert (labels.class_names[0], labels.track_ids[0]) == ("bus", "77")
    assert labels.attributes[0]["doors"] == 2
    assert labels.cuboids.size[0].tolist() == [5, 2, 2]
    assert abs(labels.cuboids.yaw_rad[0]) == pytest.approx(np.pi)
    assert editing.edit().changed == ("class", "track", "attribute doors", "box")
    ((_, edit),) = edits(board.reading)
    assert edit.base_hash == snapshot_of(truth(0, 3), "car-0").hash
    assert said(desk) == "Flip heading of label car-0"
    assert editing.restore()
    assert shown(desk).class_names[0] == "car"
    assert editing.edit() is None


def test_a_deleted_label_goes_and_comes_back_with_undo(desk, board, editing):
    select(desk)
    assert editing.delete()
    assert desk.session.selection is None
    assert "car-0" not in shown(desk).label_ids
    board.undo()
    assert "car-0" in shown(desk).label_ids


def test_without_a_selection_or_a_workspace_it_says_why(desk, board, editing):
    desk.session.select(None)
    assert not editing.change_class("bus")
    assert said(desk) == "Nothing changed: select a label first"
    select(desk)
    board.close_workspace()
    assert not editing.flip_heading()
    assert editing.mark_at_pixel("car", "front", (1, 2)) is None
    assert "no workspace is open" in said(desk)


def test_tracks_are_split_and_merged_over_all_their_frames(desk, board, editing):
    select(desk, "car-4", index=4)
    assert editing.split_track()
    desk.settle()
    found = {subject.frame_key: edit.track_id for subject, edit in edits(board.reading)}
    assert found == {f"{index:06d}": "1-2" for index in range(4, 12)}
    assert all(edit.base_hash for _, edit in edits(board.reading))
    tracks = desk.session.scene_tracks
    assert tracks.find("gt", "1").frames == (0, 1, 2, 3)
    assert tracks.find("gt", "1-2").frames == tuple(range(4, 12))
    select(desk, "car-4", "1-2", index=4)
    assert editing.merge_tracks("1")
    desk.settle()
    assert edits(board.reading) == []
    assert len(desk.session.scene_tracks.find("gt", "1").frames) == 12
    assert board.undo_text == "Merge track 1-2 into track 1"


def test_tracks_that_meet_in_a_frame_are_not_merged(desk, board, editing):
    select(desk)
    assert editing.merge_tracks("x1")
    desk.settle()
    assert "split one of them first" in said(desk)
    assert edits(board.reading) == []
    assert editing.merge_tracks("no such track")
    desk.settle()
    assert "two tracks of the scene are needed" in said(desk)
    assert not editing.merge_tracks("1")
    assert editing.split_track()
    desk.settle()
    assert "begins before it" in said(desk)
    assert edits(board.reading) == []


class WithMasks:
    """A reader whose cars are masks on the front image too, each with an id of its own."""

    def __init__(self, reader):
        self._reader = reader

    def __getattr__(self, name):
        return getattr(self._reader, name)

    def read_labels(self, frame_index, label_set_id):
        labels = self._reader.read_labels(frame_index, label_set_id)
        runs = RunLengths.of(np.ones((2, 2), bool))
        mask = InstanceMask("front", f"mask-{frame_index}", "car", runs, track_id="1")
        return replace(labels, masks=(mask,))


def test_masks_of_a_track_go_with_it(desk, tmp_path):
    scene = make_scene(12)
    scene = replace(scene, reader=WithMasks(scene.reader))
    board = ReviewBoard(desk.session, Reviewer("ann"))
    desk.session.open_dataset(make_dataset(scene))
    desk.settle()
    assert board.new_workspace(tmp_path / "a.sightline")
    desk.settle()
    editing = LabelEditing(board)

    def masks():
        return {
            subject.frame_key: edit.track_id
            for subject, edit in edits(board.reading)
            if subject.label_id.startswith("mask-")
        }

    select(desk, "car-4", index=4)
    assert editing.split_track("2")
    desk.settle()
    assert "there is a track 2" in said(desk)
    assert editing.split_track("9")
    desk.settle()
    assert masks() == {f"{index:06d}": "9" for index in range(4, 12)}
    assert desk.session.content.labels["gt"].masks[0].track_id == "9"
    assert editing.merge_tracks("1", "9")
    desk.settle()
    assert edits(board.reading) == []
    board.undo()
    assert len(masks()) == 8
    board.dispose()


def test_marks_have_the_usual_size_of_their_class(desk, board, editing):
    select(desk)
    assert editing.likely_class() == "car"
    mark_id = editing.mark_at_point("car", (1, 2, 0.5), "behind the bus")
    editing.mark_at_pixel("pedestrian", "front", (10, 20))
    found = {mark.class_name: mark for mark in editing.marks()}
    assert found["car"].mark_id == mark_id
    assert found["car"].size == tuple(truth(0).cuboids.cuboids.size[0])
    assert (found["car"].position, found["car"].coord_frame_id) == ((1, 2, 0.5), "world")
    assert (found["pedestrian"].sensor_id, found["pedestrian"].pixel) == ("front", (10, 20))
    assert found["car"].label_set_id == "gt"
    assert count_marks(board.reading) == {"car": 1, "pedestrian": 1}
    assert editing.remove_mark(found["car"])
    assert len(editing.marks()) == 1


def test_other_decisions_do_not_load_the_frame_again(desk, board, editing):
    select(desk)
    before = desk.session.content
    board.run(ChangeSetting("a", 1))
    desk.settle()
    assert desk.session.content is before
