"""Labels without a cuboid: their rows, which are shown, and how they are found again."""

import math
from dataclasses import replace

import pytest

from tests.all_kinds import all_kinds_content
from viewer.session.flat_labels import (
    class_counts,
    find_flat_label,
    flat_labels,
    has_only_images,
    passes,
)
from viewer.session.label_lookup import carried_label, find_label, visible_keys
from viewer.session.label_rows import label_rows
from viewer.session.selection import LabelKey
from viewer.session.view_settings import Filters, ImageStyle, ViewSettings

SHOWN = ViewSettings(images=ImageStyle(boxes_2d=True))


@pytest.fixture(scope="module")
def content():
    return all_kinds_content()


def test_every_label_has_a_row_and_a_cuboids_own_box_is_no_other(content):
    rows = [row for row in label_rows(content, SHOWN, None) if not row.predicted]
    told = [(row.key.label_id, row.kind, row.place, row.class_name) for row in rows[2:]]
    assert [row.kind for row in rows[:2]] == ["cuboid", "cuboid"]
    assert told == [
        ("b", "2D box", "rear", "bus"),
        ("p", "polygon", "front", "car"),
        ("k", "keypoints", "front", "dog"),
        ("m", "mask", "front", "car"),
        ("s", "class mask", "rear", "1 class"),
        ("c1", "class", "front", "rain"),
        ("c2", "class", "scene", "city"),
        ("t", "text", "notes", "verb"),
        ("points lidar 0", "points", "lidar", "road"),
        ("points lidar 3", "points", "lidar", "car"),
    ]


def test_a_cuboids_labels_on_images_have_rows_while_they_are_drawn(content):
    """Mask "m" is of the track of a cuboid."""
    drawn, not_drawn = (
        {row.key.label_id for row in label_rows(content, view, None)}
        for view in (SHOWN, ViewSettings())
    )
    assert drawn - not_drawn == {"m"}


def test_numbers_and_words_of_a_row(content):
    rows = {row.key.label_id: row for row in label_rows(content, SHOWN, None)}
    assert rows["m"].score == 0.25
    assert rows["m"].track_id == "1"
    assert math.isnan(rows["p"].distance_m)
    assert rows["p"].attributes == "colour: red"
    assert rows["b"].occlusion == "half"
    assert rows["t"].attributes == "text: turns"
    count = len(content.sweeps[0].cloud)
    assert rows["points lidar 3"].point_count == 30
    assert rows["points lidar 3"].attributes == "objects: 1"
    assert rows["points lidar 0"].point_count == count - 30
    assert "polygon" in rows["p"].search_text
    assert "front" in rows["p"].search_text


@pytest.mark.parametrize(
    ("filters", "hidden"),
    [
        (Filters(hidden_classes=frozenset({"car"})), {"p", "m", "points lidar 3"}),
        (Filters(min_score=0.45), {"b", "m"}),
        (Filters(attribute=("colour", "red")), {"b", "k", "m", "s", "c1", "c2", "t"}),
    ],
)
def test_filters_hold_for_rows_as_for_pictures(content, filters, hidden):
    rows = label_rows(content, replace(SHOWN, filters=filters), None)
    flat = [row for row in rows if row.kind != "cuboid"]
    assert {row.key.label_id for row in flat if not row.shown} == hidden


def test_a_label_without_a_score_passes():
    assert passes(Filters(min_score=0.9), "car", math.nan, {})
    assert not passes(Filters(min_score=0.9), "car", 0.89, {})


def test_an_object_counts_once_in_its_class(content):
    """The mask "m" shows a car that has a cuboid, the polygon another one."""
    assert class_counts(content, "gt") == {
        "car": 2, "pedestrian": 1, "bus": 1, "dog": 1, "rain": 1, "city": 1, "verb": 1,
    }  # fmt: skip


def test_keys_step_through_what_is_drawn(content):
    plain = [key.label_id for key in visible_keys(content, ViewSettings(), None)]
    assert plain == ["car-4", "walker-4", "p0-4", "p1-4"]
    drawn = [key.label_id for key in visible_keys(content, SHOWN, None)]
    assert drawn == ["car-4", "walker-4", "b", "p", "k", "m", "s", "p0-4", "p1-4"]


def test_a_label_is_found_by_its_id_and_by_its_track(content):
    assert find_label(content, "gt:m") == LabelKey("gt", 4, "m", "1")
    assert find_label(content, "gt:nobody") is None
    named = replace(content, labels={"gt:v2": content.labels["gt"]})
    assert find_label(named, "gt:v2:m") == LabelKey("gt:v2", 4, "m", "1")
    assert find_label(content, "nothing:m") is None
    assert find_flat_label(content, LabelKey("gt", 5, "m", "1")) is None
    found = find_flat_label(content, LabelKey("gt", 4, "k"))
    assert found is not None
    assert (found.kind, found.row) == ("keypoints", 1)
    before = LabelKey("gt", 3, "b-before", "9")
    assert carried_label(content, before) == LabelKey("gt", 4, "b", "9")
    # A track with a cuboid stays with it.
    assert carried_label(content, LabelKey("gt", 3, "x", "1")).label_id == "car-4"
    assert carried_label(content, LabelKey("gt", 3, "x", "unknown")) is None


def test_sets_without_labels_have_none(content):
    assert list(flat_labels(replace(content, labels={}), "gt")) == []


def test_posed_cameras_alone_show_nothing_in_3d_unless_labels_may_come(content):
    scene = replace(content.scene, lidar_ids=(), label_sets=())
    assert any(camera.model is not None for camera in content.rig.cameras.values())
    assert has_only_images(replace(content, scene=scene, labels={}))
    labelled = replace(scene, label_sets=content.scene.label_sets)
    assert not has_only_images(replace(content, scene=labelled, labels={}))
    assert not has_only_images(replace(content, labels={}))
