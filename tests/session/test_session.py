"""The session: commands in, changes out, in an order that listeners can rely on."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from fake_drive import Desk, make_dataset, make_scene
from session.hearing import car, kinds

from viewer.formats.base import UnknownFormat
from viewer.scene.scene import Problem
from viewer.session.changes import (
    DatasetOpened,
    FrameRequested,
    FrameShown,
    HoverChanged,
    JobsChanged,
    LargeCameraChanged,
    MessageShown,
    OpenFailed,
    PointerMoved,
    ProblemsChanged,
    SceneClosed,
    SceneOpened,
    SelectionChanged,
    ViewChanged,
)
from viewer.session.link import Sight
from viewer.session.selection import LabelKey, PointedPosition
from viewer.session.view_settings import Solo

# -- opening ----------------------------------------------------------------------------------


def test_opening_shows_the_first_frame(desk):
    desk.session.open_dataset(make_dataset())
    desk.settle()
    assert kinds(desk) == [DatasetOpened, SceneOpened, FrameRequested, FrameShown]
    assert desk.session.content.index == 0


def test_opening_a_path_runs_in_the_background_and_is_listed(desk):
    desk.session.open_path("/data/run")
    assert [status.title for status in desk.session.jobs.statuses] == ["Opening /data/run"]
    assert desk.session.dataset is None
    desk.settle()
    assert desk.session.scene.scene_id == "drive"
    assert JobsChanged in kinds(desk)


@pytest.mark.parametrize(
    ("error", "message", "reasons"),
    [
        (
            UnknownFormat(Path("/x"), {"KITTI object": "needs calib"}),
            "/x fits no known format",
            (("KITTI object", "needs calib"),),
        ),
        (FileNotFoundError(2, "No such file"), "/x does not exist", ()),
        (PermissionError(13, "denied"), "/x may not be read", ()),
        (ValueError("odd"), "odd", ()),
    ],
)
def test_path_that_does_not_open_says_why(error, message, reasons):
    def opener(_context, _path):
        raise error

    desk = Desk(opener)
    desk.session.open_path("/x")
    desk.settle()
    assert OpenFailed("/x", message, reasons) in desk.changes
    assert MessageShown(message, is_problem=True) in desk.changes
    desk.close()


def test_failed_opening_leaves_the_open_dataset(open_desk):
    def fail(_context, _path):
        raise ValueError("no")

    open_desk.session._opener = fail
    before = open_desk.session.dataset
    open_desk.session.open_path("/other")
    open_desk.settle()
    assert open_desk.session.dataset is before


def test_sight_names_scene_frame_and_label(desk):
    dataset = make_dataset(make_scene(), make_scene(5, scene_id="yard"))
    desk.session.open_dataset(dataset, Sight("/fake", "yard", "000003", "gt:walker-3"))
    desk.settle()
    session = desk.session
    assert (session.scene.scene_id, session.frame_index) == ("yard", 3)
    assert session.selection == LabelKey("gt", 3, "walker-3", "2")
    assert session.sight() == Sight("/fake", "yard", "000003", "gt:walker-3")


@pytest.mark.parametrize(
    ("sight", "missing"),
    [
        (Sight("/fake", "nowhere"), "scene nowhere"),
        (Sight("/fake", "drive", "999999"), "frame 999999"),
        (Sight("/fake", "drive", "000001", "gt:nobody"), "label gt:nobody"),
        (Sight("/fake", "drive", "000001", "noset:car-1"), "label noset:car-1"),
        (Sight("/fake", "drive", "000001", "nocolon"), "label nocolon"),
    ],
)
def test_sight_that_does_not_exist_is_said_and_the_rest_opens(desk, sight, missing):
    desk.session.open_dataset(make_dataset(), sight)
    desk.settle()
    messages = [c.text for c in desk.changes if isinstance(c, MessageShown) and c.is_problem]
    assert len(messages) == 1
    assert missing in messages[0]
    assert desk.session.content is not None
    assert desk.session.selection is None


def test_empty_scene_and_empty_dataset_open(desk):
    desk.session.open_dataset(make_dataset(make_scene(0)))
    desk.settle()
    assert desk.session.scene is not None
    assert desk.session.content is None
    desk.session.go_to_frame(3)
    desk.session.step(1)
    assert desk.session.sight() is None


def test_closing_lets_go_of_the_files(open_desk):
    scenes = open_desk.session.dataset.scenes
    open_desk.session.close()
    assert all(scene.reader.closed for scene in scenes)
    assert open_desk.session.scene is None
    assert len(open_desk.session.cache) == 0
    assert kinds(open_desk)[-1] is SceneClosed
    open_desk.changes.clear()
    open_desk.session.close()
    assert open_desk.changes == []


def test_another_scene_starts_clean(open_desk):
    session = open_desk.session
    session.go_to_frame(4)
    open_desk.settle()
    session.select(car(4))
    session.set_large_camera("front")
    session.set_view(
        filters=replace(session.view.filters, solo=Solo.TRACK, isolate_margin_m=0.5, min_score=0.3)
    )
    session.show_scene(1)
    open_desk.settle()
    assert (session.scene.scene_id, session.content.index) == ("yard", 0)
    assert session.selection is None
    assert session.large_camera is None
    assert session.view.filters.solo is Solo.OFF
    assert session.view.filters.isolate_margin_m is None
    assert session.view.filters.min_score == 0.3


@pytest.mark.parametrize("leave", [lambda s: s.show_scene(1), lambda s: s.close()])
def test_leaving_a_scene_says_that_nothing_of_it_is_marked_any_more(open_desk, leave):
    session = open_desk.session
    session.select(car(0))
    session.hover(car(0))
    session.point_at(PointedPosition((1.0, 2.0, 3.0), "front"))
    session.set_large_camera("front")
    open_desk.changes.clear()
    leave(session)
    told = kinds(open_desk)
    gone = told.index(SceneOpened if session.scene is not None else SceneClosed)
    for kind in (SelectionChanged, HoverChanged, PointerMoved, LargeCameraChanged):
        assert told.index(kind) < gone
    assert session.hovered is None
    assert session.pointed is None


def test_problems_of_the_dataset_are_told(desk):
    broken = Problem("/nowhere/drive_2", "", "cannot be opened")
    desk.session.open_dataset(replace(make_dataset(make_scene()), problems=(broken,)))
    desk.settle()
    assert desk.session.problems() == (broken,)
    assert ProblemsChanged in kinds(desk)
    desk.session.close()
    assert desk.session.problems() == ()


def test_frame_is_prepared_again_when_what_it_depends_on_changes():
    prepared = []

    def prepare(_content, view):
        prepared.append(view.layers.trails)
        return view.layers.trails

    desk = Desk(preparers={"trails": prepare}, prepared_for=lambda view: view.layers.trails)
    desk.session.open_dataset(make_dataset(make_scene(1)))
    desk.settle()
    view = desk.session.view
    desk.session.set_view(layers=replace(view.layers, trails=True))
    desk.settle()
    assert desk.session.content.prepared["trails"] is True
    desk.session.set_view(layers=replace(desk.session.view.layers, grid=False))
    desk.settle()
    assert prepared == [False, True]
    desk.close()


def test_no_thread_survives_shutting_down():
    before = set(threading.enumerate())
    desk = Desk()
    desk.session.open_dataset(make_dataset())
    desk.settle()
    desk.close()
    assert set(threading.enumerate()) == before


# -- frames -----------------------------------------------------------------------------------


def test_frame_index_is_clamped(open_desk):
    session = open_desk.session
    session.go_to_frame(99)
    open_desk.settle()
    assert session.content.index == 11
    session.step(-50)
    open_desk.settle()
    assert session.content.index == 0


def test_old_content_stays_until_the_new_one_is_loaded(open_desk):
    session = open_desk.session
    session.scene.reader.gate.clear()
    session.go_to_frame(9)
    assert session.frame_index == 9
    assert session.content.index == 0
    session.scene.reader.gate.set()
    open_desk.settle()
    assert session.content.index == 9


def test_same_frame_again_changes_nothing(open_desk):
    open_desk.session.go_to_frame(0)
    assert open_desk.changes == []


def test_only_the_newest_of_many_wanted_frames_is_shown(open_desk):
    session = open_desk.session
    session.scene.reader.gate.clear()
    for index in (3, 5, 7, 9):
        session.go_to_frame(index)
    session.scene.reader.gate.set()
    open_desk.settle()
    assert [change.content.index for change in open_desk.seen(FrameShown)] == [9]


def test_neighbours_are_prefetched_in_the_direction_of_travel(open_desk):
    session = open_desk.session
    session.go_to_frame(8)
    open_desk.settle()
    assert [session._store.cached(i, session.view, 640) is not None for i in (7, 9, 10)] == [
        True, True, True,
    ]  # fmt: skip
    session.go_to_frame(5)
    open_desk.settle()
    assert session._store.cached(3, session.view, 640) is not None


def test_prefetched_frame_is_shown_at_once(open_desk):
    open_desk.session.step(1)
    assert kinds(open_desk)[:2] == [FrameRequested, FrameShown]
    assert open_desk.session.content.index == 1


def test_damaged_frame_is_listed_among_the_problems(open_desk):
    session = open_desk.session
    session.scene.reader.damaged.add(("points", 6))
    session.go_to_frame(6)
    open_desk.settle()
    assert ProblemsChanged in kinds(open_desk)
    assert [problem.source for problem in session.problems()] == ["/fake/6.points"]
    session.show_scene(1)
    open_desk.settle()
    assert session.problems() == ()


def test_more_sweeps_load_the_frame_again(open_desk):
    session = open_desk.session
    session.go_to_frame(5)
    open_desk.settle()
    session.set_view(points=replace(session.view.points, sweep_count=3))
    open_desk.settle()
    assert [sweep.frame_index for sweep in session.content.sweeps] == [5, 4, 3]


def test_wider_images_load_the_frame_again(open_desk):
    session = open_desk.session
    session.want_image_width(700)
    open_desk.settle()
    assert session.image_width_px == 1280
    assert kinds(open_desk) == [FrameShown]
    open_desk.changes.clear()
    session.want_image_width(900)
    assert open_desk.changes == []


# -- view -------------------------------------------------------------------------------------


def test_view_change_names_what_really_changed(open_desk):
    session = open_desk.session
    session.set_view(points=replace(session.view.points, size_px=3.0), layers=session.view.layers)
    assert open_desk.changes == [ViewChanged(frozenset({"points"}))]
    open_desk.changes.clear()
    session.set_view(points=session.view.points)
    assert open_desk.changes == []


def test_unsubscribed_listener_hears_nothing(desk):
    heard = []
    unsubscribe = desk.session.subscribe(heard.append)
    desk.session.say("one")
    unsubscribe()
    unsubscribe()
    desk.session.say("two")
    assert heard == [MessageShown("one")]


def test_listener_may_leave_while_it_is_called(desk):
    heard = []

    def once(change):
        heard.append(change)
        leave()

    leave = desk.session.subscribe(once)
    desk.session.subscribe(heard.append)
    desk.session.say("one")
    assert heard == [MessageShown("one"), MessageShown("one")]
