"""Bookmarks at the desk: kept under a name, brought back, renamed, moved and forgotten."""

from dataclasses import replace

import pytest

from tests.session.reviewing import CAR_2, EYE, FakeLooks, go
from viewer.review import Reviewer, Workspace
from viewer.session.changes import MessageShown
from viewer.session.review_bookmarks import concerns_bookmarks

ELSEWHERE = (9.0,) * 11


@pytest.fixture
def reviewing(desk, reviewing):
    reviewing.sights.looks = FakeLooks()
    go(desk, CAR_2)
    return reviewing


def names(review):
    return [each.name for each in review.bookmarks.all()]


def leave(desk, review):
    session = desk.session
    session.show_scene(1)
    desk.settle()
    session.set_view(points=replace(session.view.points, colour_by="auto"))
    session.set_large_camera(None)
    review.sights.looks.at = ELSEWHERE


def test_a_bookmark_brings_back_the_view_after_a_restart(desk, reviewing):
    session = desk.session
    session.set_view(points=replace(session.view.points, colour_by="height"))
    session.set_large_camera("front")
    kept = reviewing.bookmarks.keep("  Gate ")
    path = reviewing.workspace.path
    reviewing.close_workspace()
    assert reviewing.bookmarks.all() == []
    leave(desk, reviewing)
    assert reviewing.open_workspace(path)
    assert names(reviewing) == ["Gate"]
    assert reviewing.bookmarks.show(kept)
    desk.settle()
    assert (session.dataset.scenes.index(session.scene), session.frame_index) == (0, 2)
    assert session.selection == CAR_2
    assert session.view.points.colour_by == "height"
    assert session.large_camera == "front"
    assert reviewing.sights.looks.went == [EYE]


def test_it_can_be_renamed_moved_and_forgotten_and_undo_brings_it_back(desk, reviewing):
    changes = []
    kept = reviewing.bookmarks.keep("Gate")
    reviewing.subscribe(changes.append)
    assert reviewing.bookmarks.rename(kept, "Barrier")
    assert names(reviewing) == ["Barrier"]
    leave(desk, reviewing)
    assert reviewing.bookmarks.move_here(kept)
    desk.session.show_scene(0)
    desk.settle()
    assert reviewing.bookmarks.show(kept)
    desk.settle()
    assert desk.session.scene.scene_id == "yard"
    assert reviewing.sights.looks.went == [ELSEWHERE]
    assert reviewing.bookmarks.remove(kept)
    assert names(reviewing) == []
    assert not reviewing.bookmarks.show(kept)
    assert not reviewing.bookmarks.remove(kept)
    reviewing.undo()
    assert names(reviewing) == ["Barrier"]
    assert sum(concerns_bookmarks(change) for change in changes) == 4


def test_the_suggested_name_tells_object_and_place(desk, reviewing):
    scene_id = desk.session.scene.scene_id
    assert reviewing.bookmarks.suggested_name() == f"1, {scene_id} frame 3"
    desk.session.select(None)
    assert reviewing.bookmarks.suggested_name() == f"{scene_id} frame 3"


def test_what_cannot_be_kept_or_shown_is_said(desk, reviewing):
    assert reviewing.bookmarks.keep("  ") is None
    kept = reviewing.bookmarks.keep("Gate")
    path = reviewing.workspace.path
    desk.session.open_dataset(replace(desk.session.dataset, scenes=desk.session.dataset.scenes[1:]))
    desk.settle()
    assert not reviewing.bookmarks.show(kept)
    reviewing.close_workspace()
    with Workspace.open(path, Reviewer("bob")):
        assert reviewing.open_workspace(path)
        assert reviewing.bookmarks.keep("Other") is None
    said = [change.text for change in desk.seen(MessageShown)]
    assert "a name needs a letter at least" in said
    assert "The dataset has no frame of “Gate”" in said
    assert any(text.startswith("No bookmark: ") and "bob" in text for text in said)
