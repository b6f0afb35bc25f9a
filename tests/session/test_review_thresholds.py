"""The workspace's thresholds: what reads them, and that the window follows."""

import math
from dataclasses import replace

import pytest

from viewer.review import new_id
from viewer.review.commands.class_map import ChangeThreshold
from viewer.review.consensus.summary import same_box_limits
from viewer.review.datasets.known_thresholds import KNOWN, mark_size, threshold


def min_score(desk):
    return desk.session.view.filters.min_score


def test_what_is_not_said_has_a_default(reviewing):
    for each in KNOWN:
        assert threshold(reviewing.reading, each.name) == each.default
        assert each.least <= each.default <= each.most
    with pytest.raises(KeyError):
        threshold(reviewing.reading, "no such")
    assert reviewing.thresholds.change("consensus_iou", 0.5)
    assert threshold(reviewing.reading, "consensus_iou") == 0.5


def test_predictions_show_from_the_score_that_the_workspace_says(desk, reviewing):
    assert min_score(desk) == 0.0
    assert reviewing.thresholds.change("score", 0.5)
    assert min_score(desk) == 0.5
    reviewing.undo()
    assert min_score(desk) == 0.0
    reviewing.redo()
    path = reviewing.workspace.path
    reviewing.close_workspace()
    assert min_score(desk) == 0.0
    assert reviewing.open_workspace(path)
    assert min_score(desk) == 0.5


def test_a_score_that_a_person_set_stays(desk, reviewing):
    session = desk.session
    session.set_view(filters=replace(session.view.filters, min_score=0.3))
    reviewing.thresholds.change("score", 0.5)
    assert min_score(desk) == 0.3


def test_two_boxes_are_the_same_within_the_workspaces_limits(reviewing):
    assert same_box_limits(reviewing.reading).least_iou_3d == 0.7
    for name, value in (
        ("consensus_iou", 0.5), ("consensus_centre_m", 1.0), ("consensus_heading_deg", 90.0),
    ):  # fmt: skip
        reviewing.run(ChangeThreshold(name, value))
    limits = same_box_limits(reviewing.reading)
    assert (limits.least_iou_3d, limits.most_centre_m) == (0.5, 1.0)
    assert limits.most_heading_rad == pytest.approx(math.pi / 2)


def test_a_mark_is_as_large_as_the_workspace_says_where_the_frame_has_none(desk, reviewing):
    assert mark_size(reviewing.reading) is None
    reviewing.run(ChangeThreshold("mark_length_m", 8.0))
    assert mark_size(reviewing.reading) == (8.0, 1.9, 1.6)
    assert reviewing.editing.mark_at_point("truck", (1.0, 2.0, 3.0)) is not None
    assert reviewing.editing.mark_at_point("car", (1.0, 2.0, 3.0)) is not None
    # The frame has a car of 4 x 2 x 1.5 m and no truck.
    assert {each.class_name: tuple(each.size) for each in reviewing.editing.marks()} == {
        "truck": (8.0, 1.9, 1.6), "car": (4.0, 2.0, 1.5),
    }  # fmt: skip


def test_a_threshold_that_nobody_reads_is_kept(reviewing):
    assert reviewing.run(ChangeThreshold(f"own-{new_id()[:4]}", 3.0))
    assert len(reviewing.thresholds.defined()) == 1
