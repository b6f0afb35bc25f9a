"""Selecting labels and walking through them, from frame to frame."""

from dataclasses import replace

from session.hearing import car, kinds

from viewer.session.changes import (
    FocusRequested,
    HoverChanged,
    LargeCameraChanged,
    PointerMoved,
    SelectionChanged,
    TracksRead,
)
from viewer.session.selection import LabelKey, PointedPosition


def test_selection_follows_its_track(open_desk):
    session = open_desk.session
    session.select(car(0))
    session.go_to_frame(5)
    open_desk.settle()
    assert session.selection == car(5)


def test_selection_waits_where_its_track_has_a_gap(open_desk):
    session = open_desk.session
    session.go_to_frame(4)
    open_desk.settle()
    walker = LabelKey("gt", 4, "walker-4", "2")
    session.select(walker)
    session.step(1)
    open_desk.settle()
    assert session.selection == walker
    session.step(1)
    open_desk.settle()
    assert session.selection == LabelKey("gt", 6, "walker-6", "2")


def test_same_selection_again_is_no_change(open_desk):
    session = open_desk.session
    session.select(car(0))
    session.select(car(0))
    session.hover(car(0))
    session.hover(car(0))
    session.point_at(PointedPosition((1.0, 2.0, 3.0), "3d"))
    session.point_at(PointedPosition((1.0, 2.0, 3.0), "3d"))
    session.set_large_camera("front")
    session.set_large_camera("front")
    assert kinds(open_desk) == [SelectionChanged, HoverChanged, PointerMoved, LargeCameraChanged]


def test_next_label_walks_round_the_visible_ones(open_desk):
    session = open_desk.session
    walked = []
    for _ in range(4):
        session.select_next_label(1)
        walked.append(session.selection.label_id)
    assert walked == ["car-0", "p0-0", "p1-0", "car-0"]
    session.select_next_label(-1)
    assert session.selection.label_id == "p1-0"


def test_next_label_leaves_out_what_is_hidden(open_desk):
    session = open_desk.session
    session.set_view(filters=replace(session.view.filters, min_score=0.5))
    session.set_view(layers=replace(session.view.layers, predictions=False))
    assert [key.label_id for key in session.visible_labels()] == ["car-0"]


def test_a_companion_keeps_its_halo_until_another_label_is_selected(open_desk):
    session, guess = open_desk.session, LabelKey("guess", 0, "p-0")
    session.select(car(0), guess)
    assert (session.selection, session.hovered) == (car(0), guess)
    session.hover(car(0))
    assert session.hovered == car(0)
    session.hover(None)
    assert session.hovered == guess
    session.select(car(0), guess)
    assert kinds(open_desk) == [SelectionChanged, *[HoverChanged] * 3]
    session.select(car(0))
    assert (session.companion, session.hovered) == (None, None)


def test_focus_needs_a_selection(open_desk):
    open_desk.session.focus_selection()
    assert open_desk.changes == []
    open_desk.session.select(car(0))
    open_desk.session.focus_selection()
    assert kinds(open_desk) == [SelectionChanged, FocusRequested]


# -- tracks -----------------------------------------------------------------------------------


def test_tracks_are_read_once_a_scene(open_desk):
    session = open_desk.session
    assert session.scene_tracks is None
    session.read_tracks()
    assert [status.title for status in session.jobs.statuses] == ["Reading tracks"]
    open_desk.settle()
    assert len(open_desk.seen(TracksRead)) == 1
    tracks = session.scene_tracks
    session.read_tracks()
    assert not session.jobs.busy
    session.show_scene(1)
    assert session.scene_tracks is None
    open_desk.settle()
    session.show_scene(0)
    assert session.scene_tracks is tracks


def test_leaving_the_scene_gives_up_reading_its_tracks(open_desk):
    session = open_desk.session
    session.scene.reader.gate.clear()
    reader = session.scene.reader
    session.read_tracks()
    session.show_scene(1)
    reader.gate.set()
    open_desk.settle()
    assert TracksRead not in kinds(open_desk)
    assert session.jobs.statuses == ()
