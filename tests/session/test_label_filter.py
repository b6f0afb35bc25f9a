"""Which labels the filters leave, counted by hand on the fake drive."""

from dataclasses import replace

import numpy as np
import pytest

from tests.render_content import drive_content
from viewer.session.label_filter import ego_range_m, visible_rows
from viewer.session.selection import LabelKey
from viewer.session.view_settings import Filters, Layers, Solo, ViewSettings


def _rows(set_id="gt", *, filters=None, layers=None, selection=None, index=4):
    content = drive_content(index)
    label_set = next(s for s in content.scene.label_sets if s.label_set_id == set_id)
    view = ViewSettings(filters=filters or Filters(), layers=layers or Layers())
    labels = content.labels[set_id].cuboids
    return visible_rows(labels, label_set, content, view, selection).tolist()


def test_all_labels_are_shown_without_filters():
    assert _rows() == [True, True]
    assert _rows("model") == [True, True]


def test_hidden_class_is_left_out():
    assert _rows(filters=Filters(hidden_classes=frozenset({"car"}))) == [False, True]


def test_hidden_label_set_is_left_out():
    assert _rows(filters=Filters(hidden_label_sets=frozenset({"gt"}))) == [False, False]


def test_predictions_follow_their_switch_and_truth_does_not():
    off = Layers(predictions=False)
    assert _rows("model", layers=off) == [False, False]
    assert _rows(layers=off) == [True, True]


def test_score_leaves_labels_without_one():
    filters = Filters(min_score=0.5)
    assert _rows("model", filters=filters) == [True, False]
    assert _rows(filters=filters) == [True, True]


@pytest.mark.parametrize(
    ("attribute", "expected"),
    [
        (("occlusion", "partly"), [True, False]),
        (("occlusion", "none"), [False, True]),
        (("doors", "4"), [True, False]),
        (("missing", "4"), [False, False]),
    ],
)
def test_attribute_matches_its_text(attribute, expected):
    assert _rows(filters=Filters(attribute=attribute)) == expected


def test_range_is_horizontal_from_the_ego():
    """Frame 4: the car is 26 m ahead and 2 m left, the walker 10 m ahead and 3 m right."""
    content = drive_content(4)
    expected = [np.hypot(26, 2), np.hypot(10, 3)]
    np.testing.assert_allclose(ego_range_m(content.labels["gt"].cuboids, content), expected)
    assert _rows(filters=Filters(max_range_m=20)) == [False, True]
    assert _rows(filters=Filters(min_range_m=20)) == [True, False]


def test_solo_needs_a_selection():
    assert _rows(filters=Filters(solo=Solo.LABEL)) == [True, True]


def test_solo_label_hides_every_other_label_and_set():
    selected = LabelKey("gt", 4, "walker-4", "2")
    filters = Filters(solo=Solo.LABEL)
    assert _rows(filters=filters, selection=selected) == [False, True]
    assert _rows("model", filters=filters, selection=selected) == [False, False]


def test_solo_follows_the_track_into_other_frames():
    filters = Filters(solo=Solo.LABEL)
    selected = LabelKey("gt", 3, "car-3", "1")
    assert _rows(filters=filters, selection=selected) == [True, False]
    assert _rows(filters=filters, selection=replace(selected, track_id=None)) == [False, False]


def test_empty_labels_give_an_empty_mask():
    content = drive_content(4)
    label_set = content.scene.label_sets[0]
    labels = content.labels["gt"].cuboids
    empty = type(labels).empty("lidar")
    assert visible_rows(empty, label_set, content, ViewSettings(), None).shape == (0,)
