"""Marks of missing objects among the labels that are shown, and edits of what is selected."""

import math

import numpy as np
import pytest
from fake_drive import Desk, make_dataset, make_scene

from viewer.review import Reviewer
from viewer.session.review_desk import ReviewDesk
from viewer.session.review_marks import PREFIX, is_mark
from viewer.session.selection import LabelKey


@pytest.fixture
def desk():
    desk = Desk()
    yield desk
    desk.close()


@pytest.fixture
def reviewing(desk, tmp_path, monkeypatch):
    monkeypatch.setenv("SIGHTLINE_CONFIG", str(tmp_path / "config"))
    desk.session.open_dataset(make_dataset(make_scene(12)))
    desk.session.go_to_frame(5)
    desk.settle()
    review = ReviewDesk(desk.session, Reviewer("ann"))
    assert review.open_default()
    desk.settle()
    yield review
    review.dispose()


def cuboids(desk):
    return desk.session.content.labels["gt"].cuboids


def mark(desk, reviewing, position=(20.0, -3.0, 1.0)):
    mark_id = reviewing.editing.mark_at_point("car", position)
    desk.settle()
    key = LabelKey("gt", desk.session.frame_index, PREFIX + mark_id)
    desk.session.select(key)
    return key


def test_a_mark_stands_where_it_was_set_in_the_world(desk, reviewing):
    key = mark(desk, reviewing)
    labels = cuboids(desk)
    row = labels.row_of(key.label_id)
    # In frame 5 the ego is at x = 5, its lidar 1.8 m above it.
    assert labels.cuboids.coord_frame_id == "lidar"
    assert np.allclose(labels.cuboids.center[row], [15.0, -3.0, 1.0 - 1.8])
    assert labels.class_names[row] == "missing car"
    assert labels.attributes[row]["marked by"] == "ann"
    assert np.isnan(labels.scores[row])


def test_a_mark_is_in_its_frame_and_label_set_only(desk, reviewing):
    key = mark(desk, reviewing)
    assert key.label_id not in desk.session.content.labels["model"].cuboids.label_ids
    desk.session.go_to_frame(6)
    desk.settle()
    assert not any(map(is_mark, cuboids(desk).label_ids))


def test_marks_are_there_again_when_the_workspace_is_opened_again(desk, reviewing):
    key, path = mark(desk, reviewing), reviewing.workspace.path
    reviewing.close_workspace()
    desk.settle()
    assert cuboids(desk).row_of(key.label_id) is None
    reviewing.open_workspace(path)
    desk.settle()
    assert cuboids(desk).row_of(key.label_id) is not None


def test_changing_and_removing_a_mark(desk, reviewing):
    key = mark(desk, reviewing)
    assert reviewing.selected.change_class("bus")
    assert reviewing.selected.change_box(size=[9.0, 2.5, 3.0], yaw_rad=0.5)
    desk.settle()
    labels = cuboids(desk)
    row = labels.row_of(key.label_id)
    assert labels.class_names[row] == "missing bus"
    assert labels.cuboids.size[row].tolist() == [9.0, 2.5, 3.0]
    assert labels.cuboids.yaw_rad[row] == pytest.approx(0.5)
    assert np.allclose(labels.cuboids.center[row], [15.0, -3.0, -0.8])
    assert reviewing.selected.flip()
    desk.settle()
    labels = cuboids(desk)
    assert labels.cuboids.yaw_rad[row] == pytest.approx(0.5 - math.pi)
    assert not reviewing.selected.change_track("7")
    assert reviewing.selected.delete()
    desk.settle()
    assert cuboids(desk).row_of(key.label_id) is None
    reviewing.undo()
    desk.settle()
    assert cuboids(desk).row_of(key.label_id) is not None


def test_yaw_of_a_label_turns_about_the_vertical_and_keeps_pitch(desk, reviewing):
    key = LabelKey("gt", 5, "car-5", "1")
    desk.session.select(key)
    pitched = [math.cos(0.1), 0.0, math.sin(0.1), 0.0]
    assert reviewing.editing.change_box(rotation=pitched)
    desk.settle()
    up_before = cuboids(desk).cuboids.rotation_matrices()[0][2].copy()
    assert reviewing.selected.change_box(yaw_rad=1.0)
    desk.settle()
    boxes = cuboids(desk).cuboids
    assert boxes.yaw_rad[0] == pytest.approx(1.0)
    assert np.allclose(boxes.rotation_matrices()[0][2], up_before)


def test_attribute_is_read_as_what_it_looks_like(desk, reviewing):
    desk.session.select(LabelKey("gt", 5, "car-5", "1"))
    for text in ("yes", "4", "left"):
        assert reviewing.selected.change_attribute("parked", text)
        desk.settle()
    assert cuboids(desk).attributes[0]["parked"] == "left"
    assert reviewing.selected.change_attribute("parked", "")
    desk.settle()
    assert "parked" not in cuboids(desk).attributes[0]
    assert reviewing.selected.is_edited
