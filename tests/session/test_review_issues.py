"""Issues at the desk: opened on what is selected, talked about, and their view brought back."""

from dataclasses import replace

import numpy as np
import pytest

from tests.session.reviewing import CAR_2, EYE, FakeLooks, go, only_element
from viewer.formats.pictures import encode_jpeg
from viewer.review import Reviewer, SubjectKind, Workspace
from viewer.review.issues.model import IssueState, Point, Priority
from viewer.review.issues.reading import comments_of, elements_of, issue, sight_of
from viewer.session.changes import MessageShown
from viewer.session.review_changes import IssueChosen
from viewer.session.selection import LabelKey, PointedPosition


@pytest.fixture
def reviewing(reviewing):
    picture = encode_jpeg(np.zeros((9, 16, 3), np.uint8))
    reviewing.sights.looks = FakeLooks((picture, None))
    return reviewing


def test_an_issue_is_about_the_selected_label_and_keeps_the_view(desk, reviewing):
    go(desk, CAR_2)
    points = desk.session.view.points
    desk.session.set_view(points=replace(points, colour_by="height"))
    desk.session.set_large_camera("front")
    issue_id = reviewing.issues.open_here()
    found = issue(reviewing.reading, issue_id)
    assert found.reporter == "ann"
    assert found.thumbnail_hash is not None
    element = only_element(reviewing, issue_id)
    assert (element.subject.kind, element.subject.label_id) == (SubjectKind.LABEL, "car-2")
    assert element.snapshot_hash is not None
    sight = sight_of(reviewing.reading, issue_id)
    assert sight["label"] == "gt:car-2"
    assert sight["frame_key"] == desk.session.scene.frames[2].key
    assert tuple(sight["eye"]) == EYE
    assert (sight["colour_by"], sight["large_camera"]) == ("height", "front")
    assert reviewing.issues.current.issue_id == issue_id


@pytest.mark.parametrize("elsewhere", ["frame", "scene"])
def test_showing_it_brings_back_exactly_that_view(desk, reviewing, elsewhere):
    go(desk, CAR_2)
    session = desk.session
    session.set_view(points=replace(session.view.points, colour_by="height"))
    session.set_large_camera("front")
    issue_id = reviewing.issues.open_here()
    if elsewhere == "frame":
        session.go_to_frame(7)
    else:
        session.show_scene(1)
    desk.settle()
    session.select(None)
    session.set_view(points=replace(session.view.points, colour_by="auto"))
    session.set_large_camera(None)
    reviewing.sights.looks.at = (9.0,) * 11
    assert reviewing.issues.show(issue_id)
    desk.settle()
    assert (session.scene.scene_id, session.frame_index) == (
        session.dataset.scenes[0].scene_id, 2,
    )  # fmt: skip
    assert session.selection == CAR_2
    assert session.view.points.colour_by == "height"
    assert session.large_camera == "front"
    assert reviewing.sights.looks.went == [EYE]


def test_without_a_selection_it_is_about_the_frame_or_the_marked_place(desk, reviewing):
    desk.session.go_to_frame(3)
    desk.settle()
    desk.session.select(None)
    frame = only_element(reviewing, reviewing.issues.open_here())
    assert (frame.subject.kind, frame.anchor) == (SubjectKind.FRAME, None)
    desk.session.point_at(PointedPosition((1.0, 2.0, 3.0), "3d"))
    place = only_element(reviewing, reviewing.issues.open_here())
    assert place.anchor == Point("world", (1.0, 2.0, 3.0))


def test_a_track_when_tracks_are_judged(desk, reviewing):
    go(desk, CAR_2)
    reviewing.judging.set_scope(SubjectKind.TRACK)
    element = only_element(reviewing, reviewing.issues.open_here())
    assert (element.subject.kind, element.subject.track_id) == (SubjectKind.TRACK, "1")


def test_comments_go_to_the_open_issue_of_the_selection(desk, reviewing):
    go(desk, CAR_2)
    first = reviewing.issues.open_here()
    reviewing.issues.choose(None)
    assert reviewing.issues.comment_here() == first
    assert reviewing.issues.comment("too wide, @bob")
    assert not reviewing.issues.comment("   ")
    (said,) = comments_of(reviewing.reading, first)
    assert (said.author, said.text, said.mentions) == ("ann", "too wide, @bob", ("bob",))
    assert reviewing.issues.set_state(IssueState.RESOLVED)
    second = reviewing.issues.comment_here()
    assert second not in (None, first)


def test_fields_change_and_undo_takes_them_back(desk, reviewing):
    go(desk, CAR_2)
    issue_id = reviewing.issues.open_here()
    assert reviewing.issues.change(title="Too wide", priority=Priority.HIGH, labels=("lidar",))
    found = reviewing.issues.current
    assert (found.title, found.priority, found.labels) == ("Too wide", Priority.HIGH, ("lidar",))
    reviewing.undo()
    assert reviewing.issues.current.priority is None
    chosen = []
    reviewing.subscribe(chosen.append)
    reviewing.undo()
    assert issue(reviewing.reading, issue_id) is None
    assert reviewing.issues.current is None
    assert any(isinstance(change, IssueChosen) for change in chosen)


def test_renaming_tells_both_names(desk, reviewing):
    reviewing.issues.open_here()
    before = reviewing.issues.current.title
    assert reviewing.issues.change(title="Too wide")
    assert reviewing.undo_text == f"Rename “{before}” to “Too wide”"


def test_an_element_is_added_once(desk, reviewing):
    go(desk, CAR_2)
    issue_id = reviewing.issues.open_here()
    go(desk, LabelKey("gt", 4, "car-4", "1"))
    assert reviewing.issues.add_here()
    labels = [each.subject.label_id for each in elements_of(reviewing.reading, issue_id)]
    assert labels == ["car-2", "car-4"]


def test_places_tell_where_open_issues_are(desk, reviewing):
    go(desk, CAR_2)
    places = reviewing.issue_places
    assert not places.any_here
    issue_id = reviewing.issues.open_here()
    assert [each.element.issue_id for each in places.on_label(CAR_2)] == [issue_id]
    assert places.on_label(LabelKey("gt", 3, "car-3", "1")) == ()
    reviewing.judging.set_scope(SubjectKind.TRACK)
    reviewing.issues.open_here()
    assert len(places.on_track(CAR_2)) == 1
    assert reviewing.issues.set_state(IssueState.CANCELLED)
    assert places.on_track(CAR_2) == ()
    desk.session.show_scene(1)
    assert not places.any_here
    desk.session.show_scene(0)
    assert places.any_here
    reviewing.close_workspace()
    assert not places.any_here


def test_a_label_that_is_gone_is_told_and_the_frame_is_shown(desk, reviewing):
    go(desk, CAR_2)
    issue_id = reviewing.issues.open_here()
    sight = dict(sight_of(reviewing.reading, issue_id)) | {"label": "gt:gone"}
    assert reviewing.sights.go_to(sight)
    desk.settle()
    assert desk.session.selection is None
    said = [change.text for change in desk.seen(MessageShown)]
    assert "The frame no longer has the label of this view" in said


def test_nothing_is_opened_where_nothing_can_be_written(desk, reviewing):
    path = reviewing.workspace.path
    reviewing.close_workspace()
    with Workspace.open(path, Reviewer("bob")):
        assert reviewing.open_workspace(path)
        go(desk, CAR_2)
        assert reviewing.issues.open_here() is None
    said = [change.text for change in desk.seen(MessageShown)]
    assert any(text.startswith("No issue: ") and "bob" in text for text in said)
