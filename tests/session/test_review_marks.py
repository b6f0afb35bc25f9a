"""Marks of missing objects among the labels that are shown, and edits of what is selected."""

import math

import numpy as np
import pytest
from fake_drive import make_scene

from viewer.review.versions.compare import as_version
from viewer.review.versions.reading import version_by_id
from viewer.scene.labels import CuboidLabels
from viewer.session.label_lookup import visible_keys
from viewer.session.label_rows import label_rows
from viewer.session.marks_set import MARK_KIND, MARKS_ID, labels_alone
from viewer.session.measure import points_world
from viewer.session.review_marks import PREFIX, is_mark
from viewer.session.review_versions import VersionWork
from viewer.session.scene_facts import scene_facts
from viewer.session.selection import LabelKey


@pytest.fixture
def reviewing(desk, open_review):
    review = open_review(make_scene(12))
    desk.session.go_to_frame(5)
    desk.settle()
    return review


def cuboids(desk):
    return desk.session.content.labels["gt"].cuboids


def marked(desk):
    found = desk.session.content.labels.get(MARKS_ID)
    return CuboidLabels.empty("world") if found is None else found.cuboids


def mark(desk, reviewing, position=(20.0, -3.0, 1.0)):
    mark_id = reviewing.editing.mark_at_point("car", position)
    desk.settle()
    key = LabelKey(MARKS_ID, desk.session.frame_index, PREFIX + mark_id)
    desk.session.select(key)
    return key


def test_a_mark_stands_where_it_was_set_in_the_world(desk, reviewing):
    key = mark(desk, reviewing)
    labels = marked(desk)
    row = labels.row_of(key.label_id)
    assert labels.cuboids.coord_frame_id == "world"
    assert np.allclose(labels.cuboids.center[row], [20.0, -3.0, 1.0])
    assert labels.class_names[row] == "missing car"
    assert labels.attributes[row]["marked by"] == "ann"
    assert np.isnan(labels.scores[row])


def test_a_mark_is_no_label(desk, reviewing):
    before = desk.session.content
    rows = label_rows(before, desk.session.view, None)
    count = sum(each.count() for _, each in labels_alone(before))
    key = mark(desk, reviewing)
    after = desk.session.content
    assert sum(each.count() for _, each in labels_alone(after)) == count
    for set_id in ("gt", "model"):
        assert not any(map(is_mark, after.labels[set_id].cuboids.label_ids))
    listed = label_rows(after, desk.session.view, None)
    assert [row.kind for row in listed] == [row.kind for row in rows] + [MARK_KIND]
    assert listed[-1].class_name == "missing car"
    assert visible_keys(after, desk.session.view, None)[-1] == key
    facts = {
        fact.name: fact.value
        for group in scene_facts(desk.session.scene, after, None, ())
        for fact in group.facts
    }
    assert facts["Marks"] == "1 missing object"
    version = VersionWork(reviewing).save("now", "gt")
    found = version_by_id(reviewing.reading, version)
    scene = desk.session.scene
    kept = as_version(reviewing.reading, found)(scene, desk.session.frame_index)
    assert not any(map(is_mark, kept.cuboids.label_ids))


def test_a_mark_is_in_its_frame_only(desk, reviewing):
    mark(desk, reviewing)
    desk.session.go_to_frame(6)
    desk.settle()
    assert MARKS_ID not in desk.session.content.labels


def test_a_mark_at_a_pixel_is_a_rough_box_on_its_image(desk, reviewing):
    mark_id = reviewing.editing.mark_at_pixel("car", "front", (100.0, 60.0))
    desk.settle()
    boxes = desk.session.content.labels[MARKS_ID].boxes_2d
    assert boxes.label_ids == (PREFIX + mark_id,)
    assert boxes.sensor_ids == ("front",)
    assert boxes.boxes_px[0].tolist() == [70, 30, 130, 90]


def test_marks_are_there_again_when_the_workspace_is_opened_again(desk, reviewing):
    key, path = mark(desk, reviewing), reviewing.workspace.path
    reviewing.close_workspace()
    desk.settle()
    assert marked(desk).row_of(key.label_id) is None
    reviewing.open_workspace(path)
    desk.settle()
    assert marked(desk).row_of(key.label_id) is not None


def test_changing_and_removing_a_mark(desk, reviewing):
    key = mark(desk, reviewing)
    assert reviewing.selected.change_class("bus")
    assert reviewing.selected.change_box(size=[9.0, 2.5, 3.0], yaw_rad=0.5)
    desk.settle()
    labels = marked(desk)
    row = labels.row_of(key.label_id)
    assert labels.class_names[row] == "missing bus"
    assert labels.cuboids.size[row].tolist() == [9.0, 2.5, 3.0]
    assert labels.cuboids.yaw_rad[row] == pytest.approx(0.5)
    assert np.allclose(labels.cuboids.center[row], [20.0, -3.0, 1.0])
    assert reviewing.selected.flip()
    desk.settle()
    labels = marked(desk)
    assert labels.cuboids.yaw_rad[row] == pytest.approx(0.5 - math.pi)
    assert not reviewing.selected.change_track("7")
    assert reviewing.selected.delete()
    desk.settle()
    assert marked(desk).row_of(key.label_id) is None
    reviewing.undo()
    desk.settle()
    assert marked(desk).row_of(key.label_id) is not None


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


def test_an_object_stands_where_the_ground_was_pointed_at(desk, reviewing):
    editing = reviewing.editing
    height = editing.usual_size("car")[2]
    low = points_world(desk.session.content, desk.session.view)
    x, y, z = (float(each) for each in low[np.argmin(low[:, 2])])
    standing = editing.standing("car", (x, y, z))
    assert standing[:2] == (x, y)
    assert standing[2] == pytest.approx(z + height / 2, abs=0.05)
    # A point on the object itself is taken as it is.
    assert editing.standing("car", (x, y, z + 1.2)) == (x, y, z + 1.2)
