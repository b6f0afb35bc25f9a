"""What the first look at the review makes, and what waits until someone looks."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox

from viewer.review import Reviewer, SubjectKind, Workspace
from viewer.ui.dock_watch import DockWatch
from viewer.ui.lazy_panel import LazyPanel

pytestmark = pytest.mark.ui


@pytest.fixture
def reviewing(browsing, session, own_config, qtbot):
    browsing.table.run("layout.review")
    qtbot.waitUntil(lambda: not session.jobs.busy)
    return browsing


def test_the_review_makes_no_panel_that_is_behind_another_one(reviewing, qtbot):
    qtbot.waitUntil(lambda: reviewing.panels["queue"].panel is not None)
    for name in ("filters", "points", "images"):
        assert reviewing.panels[name]._panel is None
    for name in ("history", "issues", "dashboard"):
        assert reviewing.panels[name].panel is None
    reviewing.table.run("panel.history")
    qtbot.waitUntil(lambda: reviewing.panels["history"].panel is not None)


def test_only_where_docks_end_is_told_while_they_are_arranged(qtbot):
    told, changed = [], []

    class Told(LazyPanel):
        def set_on_screen(self, *, on_screen):
            told.append((self.name, on_screen))

    panels = {}
    for name in ("a", "b"):
        panels[name] = Told("", None)
        panels[name].name = name
        qtbot.addWidget(panels[name])
    watch = DockWatch(panels, lambda: changed.append(1))
    with watch.arranging():
        for name, shown in (("a", True), ("a", False), ("b", False), ("b", True)):
            watch.on_shown(name, shown)
        assert watch.is_arranging
        assert told == []
    assert told == [("a", False), ("b", True)]
    assert len(changed) == 1
    watch.on_shown("a", True)
    assert told[-1] == ("a", True)
    watch.ended = True
    watch.on_shown("b", False)
    assert len(told) == 3


def test_letters_choose_in_a_drop_down_list_and_escape_leaves_it(reviewing, qtbot):
    reviewing.activateWindow()
    room = reviewing.review.room
    box: QComboBox = room.centre.bar.scope_box
    box.setFocus()
    qtbot.waitUntil(box.hasFocus)
    QTest.keyClick(box, Qt.Key.Key_F)
    assert box.currentText() == "Frame"
    assert str(room.desk.judging.scope) == "frame"
    QTest.keyClick(box, Qt.Key.Key_Down)
    assert box.currentText() == "Scene"
    QTest.keyClick(box, Qt.Key.Key_Escape)
    assert not box.hasFocus()


def test_why_nothing_can_be_decided_is_said_in_full(reviewing, qtbot):
    desk = reviewing.review.desk
    path = desk.workspace.path
    desk.close_workspace()
    with Workspace.open(path, Reviewer("someone with quite a long name")):
        assert desk.open_workspace(path)
        bar = reviewing.review.room.centre.bar
        bar.resize(420, bar.height())
        assert bar.state_label.text() == bar.state_text
        assert bar.state_label.wordWrap()
        assert "Review menu" in bar.state_label.text()


def test_a_queue_of_tracks_is_one_of_tracks(reviewing, session, qtbot):
    room = reviewing.review.room
    builder = room.panel("queue").builder
    builder.kind_box.setCurrentIndex(builder.kind_box.findText("Tracks"))
    assert builder.request().kind is SubjectKind.TRACK
    builder.build()
    desk = room.desk
    qtbot.waitUntil(lambda: desk.walk.progress is not None, timeout=20_000)
    # Two cars and a person in each of two scenes, each one track.
    assert desk.walk.progress.total == 6
