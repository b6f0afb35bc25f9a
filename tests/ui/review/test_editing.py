"""Marks, edits, issues at places, and the history, by keyboard."""

from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from ui.review.pressing import press, settle

from viewer.review.issues.model import Pixel, Point
from viewer.review.issues.reading import elements_of
from viewer.session.marks_set import MARKS_ID
from viewer.session.selection import LabelKey

pytestmark = pytest.mark.ui
KEY = Qt.Key
CAR = LabelKey("gt", 0, "a", "1")
PERSON = LabelKey("gt", 0, "c", "3")


class TestMarksAndEdits:
    def click(self, window, x, y, z):
        window.viewport_widget.picked.emit(
            SimpleNamespace(label=None, position_world=np.array([x, y, z]))
        )

    def test_n_and_a_click_mark_what_is_missing(self, reviewing, session, qtbot):
        press(qtbot, reviewing, KEY.Key_N)
        marking = reviewing.review.room.marking
        assert marking.active
        assert not reviewing.controller.clicks_select
        assert reviewing.strip.isVisible()
        marking.panel.class_box.setCurrentText("person")
        self.click(reviewing, 12.0, -4.0, 0.9)
        settle(qtbot, session)
        assert not marking.active
        assert reviewing.controller.clicks_select
        labels = session.content.labels[MARKS_ID].cuboids
        row = labels.row_of(session.selection.label_id)
        assert labels.class_names[row] == "missing person"
        assert labels.cuboids.center[row].tolist() == [12.0, -4.0, 0.9]
        assert labels.cuboids.size[row].tolist() == [4.0, 2.0, 1.6]
        press(qtbot, reviewing, KEY.Key_A)
        assert reviewing.review.desk.judging.missing == "this is a mark of a missing object"

    def test_mark_goes_with_delete_and_comes_back_with_undo(self, reviewing, session, qtbot):
        press(qtbot, reviewing, KEY.Key_N)
        self.click(reviewing, 12.0, -4.0, 0.9)
        settle(qtbot, session)
        assert len(session.content.labels[MARKS_ID].cuboids) == 1
        press(qtbot, reviewing, KEY.Key_Delete)
        settle(qtbot, session)
        assert MARKS_ID not in session.content.labels
        press(qtbot, reviewing, KEY.Key_Z, Qt.KeyboardModifier.ControlModifier)
        settle(qtbot, session)
        assert len(session.content.labels[MARKS_ID].cuboids) == 1

    def test_a_pixel_without_a_point_is_marked_on_its_image(self, reviewing, session, qtbot):
        press(qtbot, reviewing, KEY.Key_N)
        reviewing.strip.pixel_clicked.emit("front", 100.0, 20.0, None)
        settle(qtbot, session)
        boxes = session.content.labels[MARKS_ID].boxes_2d
        assert list(boxes.sensor_ids) == ["front"]
        left, top, right, bottom = boxes.boxes_px[0]
        assert (left + right) / 2 == 100.0
        assert (top + bottom) / 2 == 20.0

    def test_escape_gives_up_marking(self, reviewing, qtbot):
        press(qtbot, reviewing, KEY.Key_N)
        press(qtbot, reviewing, KEY.Key_Escape)
        assert not reviewing.review.room.marking.active

    def test_delete_and_flip_are_edits(self, reviewing, session, qtbot):
        session.select(CAR)
        press(qtbot, reviewing, KEY.Key_Y)
        settle(qtbot, session)
        cuboids = session.content.labels["gt"].cuboids
        assert abs(cuboids.cuboids.yaw_rad[cuboids.row_of("a")]) == pytest.approx(np.pi)
        press(qtbot, reviewing, KEY.Key_Delete)
        settle(qtbot, session)
        assert session.content.labels["gt"].cuboids.row_of("a") is None
        assert session.selection is None

    def test_fields_change_class_and_box_in_numbers(self, reviewing, session, qtbot):
        session.select(CAR)
        press(qtbot, reviewing, KEY.Key_E, Qt.KeyboardModifier.ControlModifier)
        edits = reviewing.review.room.marks.edits
        assert edits.is_open
        edits.size_fields[0].setValue(4.75)
        edits.size_fields[0].editingFinished.emit()
        settle(qtbot, session)
        edits.class_box.setCurrentText("bus")
        edits.class_box.activated.emit(0)
        settle(qtbot, session)
        cuboids = session.content.labels["gt"].cuboids
        row = cuboids.row_of("a")
        assert cuboids.class_names[row] == "bus"
        assert cuboids.cuboids.size[row].tolist() == [4.75, 2.0, 1.6]
        assert edits.restore_button.isVisible()
        edits.restore_button.click()
        settle(qtbot, session)
        cuboids = session.content.labels["gt"].cuboids
        assert cuboids.class_names[cuboids.row_of("a")] == "car"

    def test_a_field_that_was_only_visited_changes_nothing(self, reviewing, session, qtbot):
        session.select(CAR)
        press(qtbot, reviewing, KEY.Key_E, Qt.KeyboardModifier.ControlModifier)
        edits = reviewing.review.room.marks.edits
        seq = reviewing.review.desk.workspace.journal.last_seq
        for field in (*edits.center_fields, *edits.size_fields, edits.yaw):
            field.editingFinished.emit()
        assert reviewing.review.desk.workspace.journal.last_seq == seq


class TestHistory:
    def test_lists_jumps_and_undoes_to_a_place(self, reviewing, session, qtbot):
        for key in (CAR, LabelKey("gt", 0, "b", "2"), PERSON):
            session.select(key)
            press(qtbot, reviewing, KEY.Key_A)
        reviewing.table.run("panel.history")
        if reviewing.docks["history"].isHidden():
            reviewing.table.run("panel.history")
        reviewing.docks["history"].raise_()
        qtbot.waitUntil(lambda: reviewing.review.room.panel("history") is not None)
        panel = reviewing.review.room.panel("history")
        panel.refresh()
        texts = [panel.list.topLevelItem(i).text(2) for i in range(panel.list.topLevelItemCount())]
        assert [text.split()[2] for text in texts] == ["c", "b", "a"]
        panel.list.setCurrentItem(panel.list.topLevelItem(2))
        panel.go_to_current()
        settle(qtbot, session)
        assert session.selection == CAR
        panel.undo_to_current()
        states = [reviewing.review.desk.judging.state_of(key) for key in (CAR, PERSON)]
        assert states == ["accepted", None]


class TestIssuesAtPlaces:
    def test_i_over_an_image_with_nothing_selected_is_about_the_pixel(
        self, reviewing, session, qtbot
    ):
        session.select(None)
        reviewing.strip.pixel_pointed = ("front", 80.0, 40.0)
        press(qtbot, reviewing, KEY.Key_I)
        desk = reviewing.review.desk
        (element,) = elements_of(desk.reading, desk.issues.current_id)
        assert element.anchor == Pixel("front", 80.0, 40.0)
        pins = reviewing.viewport.last("pins")[1]
        assert [pin.pixel for pin in pins] == [(80.0, 40.0)]

    def test_the_menu_of_an_image_opens_an_issue_or_a_mark_at_its_pixel(
        self, reviewing, session, qtbot
    ):
        menu = reviewing.camera_menu.make("front", 80.0, 40.0, None)
        actions = {action.text(): action for action in menu.actions()}
        actions["New issue at this pixel"].trigger()
        desk = reviewing.review.desk
        (element,) = elements_of(desk.reading, desk.issues.current_id)
        assert element.anchor == Pixel("front", 80.0, 40.0)
        actions["An object is missing here"].trigger()
        settle(qtbot, session)
        assert session.selection.label_set_id == MARKS_ID
        assert list(session.content.labels[MARKS_ID].boxes_2d.sensor_ids) == ["front"]
        actions["Show it large"].trigger()
        assert session.large_camera == "front"

    def test_the_menu_of_the_3d_view_opens_an_issue_at_its_point(self, reviewing, session):
        pick = SimpleNamespace(label=None, position_world=np.array([1.0, 2.0, 3.0]))
        menu = reviewing.viewport_menu.make(pick)
        next(a for a in menu.actions() if a.text() == "New issue at this point").trigger()
        desk = reviewing.review.desk
        (element,) = elements_of(desk.reading, desk.issues.current_id)
        assert element.anchor == Point("world", (1.0, 2.0, 3.0))
