"""Verdicts, reasons and queues by keyboard."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from ui.review.pressing import press, settle, state

from viewer.review.verdicts.reading import all_verdicts
from viewer.session.selection import LabelKey

pytestmark = pytest.mark.ui
KEY = Qt.Key
CAR = LabelKey("gt", 0, "a", "1")
PERSON = LabelKey("gt", 0, "c", "3")


class TestVerdicts:
    @pytest.mark.parametrize(("key", "expected"), [
        (KEY.Key_A, "accepted"), (KEY.Key_S, "skipped"),
    ])  # fmt: skip
    def test_one_key_is_a_verdict(self, reviewing, session, qtbot, key, expected):
        session.select(CAR)
        press(qtbot, reviewing, key)
        assert state(reviewing) == expected
        assert reviewing.review.room.centre.bar.buttons[expected].isChecked()

    def test_a_digit_gives_the_reason_and_the_focus_goes_back(self, reviewing, session, qtbot):
        session.select(CAR)
        press(qtbot, reviewing, KEY.Key_R)
        bar = reviewing.review.room.centre.bar
        assert bar.picker.isVisible()
        assert QApplication.focusWidget() is bar.picker.field
        assert state(reviewing) is None
        press(qtbot, reviewing, KEY.Key_2)
        verdict = reviewing.review.desk.judging.verdict()
        assert (str(verdict.state), verdict.reasons) == ("rejected", ("loose box",))
        assert not bar.picker.isVisible()
        assert QApplication.focusWidget() is reviewing.viewport_widget
        assert "loose box" in bar.state_text

    def test_typing_finds_a_reason(self, reviewing, session, qtbot):
        session.select(CAR)
        press(qtbot, reviewing, KEY.Key_F)
        qtbot.keyClicks(QApplication.focusWidget(), "head")
        press(qtbot, reviewing, KEY.Key_Return)
        assert reviewing.review.desk.judging.verdict().reasons == ("bad heading",)
        assert state(reviewing) == "needs_fix"

    def test_the_same_key_again_gives_no_reason_and_escape_no_verdict(
        self, reviewing, session, qtbot
    ):
        session.select(CAR)
        press(qtbot, reviewing, KEY.Key_R)
        press(qtbot, reviewing, KEY.Key_Escape)
        assert state(reviewing) is None
        assert session.selection == CAR
        press(qtbot, reviewing, KEY.Key_R)
        press(qtbot, reviewing, KEY.Key_R)
        assert reviewing.review.desk.judging.verdict().reasons == ()
        assert state(reviewing) == "rejected"

    def test_comment_is_typed_and_goes_with_the_verdict(self, reviewing, session, qtbot):
        session.select(CAR)
        press(qtbot, reviewing, KEY.Key_C)
        qtbot.keyClicks(QApplication.focusWidget(), "a wheel is out")
        press(qtbot, reviewing, KEY.Key_Return)
        assert state(reviewing) is None
        press(qtbot, reviewing, KEY.Key_A)
        assert reviewing.review.desk.judging.verdict().comment == "a wheel is out"

    def test_undo_says_what_it_does_in_menu_and_tooltip(self, reviewing, session, qtbot):
        session.select(CAR)
        undo = reviewing.table["review.undo"]
        assert not undo.isEnabled()
        press(qtbot, reviewing, KEY.Key_A)
        assert undo.text() == "Undo “Accept label a in street_1 / 000000”"
        assert undo.toolTip().startswith(undo.text())
        press(qtbot, reviewing, KEY.Key_Z, Qt.KeyboardModifier.ControlModifier)
        assert state(reviewing) is None
        assert reviewing.status.message == "Undone: Accept label a in street_1 / 000000"
        both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        press(qtbot, reviewing, KEY.Key_Z, both)
        assert state(reviewing) == "accepted"

    def test_verdict_keys_do_nothing_while_browsing(self, reviewing, session, qtbot):
        session.select(CAR)
        press(qtbot, reviewing, KEY.Key_F1)
        press(qtbot, reviewing, KEY.Key_A)
        assert state(reviewing) is None

    def test_table_and_inspector_show_the_verdict(self, reviewing, session, qtbot):
        session.select(CAR)
        reviewing.review.desk.judging.next_scope()
        press(qtbot, reviewing, KEY.Key_A)
        row = reviewing.review.room.marks.row
        assert row.word.text() == "accepted (track)"
        table = reviewing.panels["labels"]
        reviewing.docks["labels"].raise_()
        table.show()
        qtbot.waitUntil(lambda: table.model.total_count > 0)
        states = {table.model.label_at(i).key.label_id: table.model.label_at(i).verdict
                  for i in range(table.model.rowCount())}  # fmt: skip
        assert states["a"] == "accepted"
        assert states["b"] == ""

    def test_timeline_is_painted_with_what_is_decided(self, reviewing, session, qtbot):
        session.select(CAR)
        area = reviewing.panels["timeline"].area
        before = area.grab().toImage()
        reviewing.review.desk.judging.next_scope()
        press(qtbot, reviewing, KEY.Key_R)
        press(qtbot, reviewing, KEY.Key_R)
        assert area.grab().toImage() != before


class TestQueue:
    def test_is_built_and_worked_off_by_keyboard_alone(self, reviewing, session, qtbot):
        press(qtbot, reviewing, KEY.Key_Q)
        qtbot.waitUntil(lambda: QApplication.focusWidget() is not reviewing.viewport_widget)
        builder = reviewing.review.room.panel("queue").builder
        builder.source_box.setCurrentIndex(builder.source_box.findText("This frame"))
        press(qtbot, reviewing, KEY.Key_Return)
        desk = reviewing.review.desk
        qtbot.waitUntil(lambda: desk.walk.item is not None)
        settle(qtbot, session)
        assert QApplication.focusWidget() is reviewing.viewport_widget
        seen = []
        for key in (KEY.Key_A, KEY.Key_S, KEY.Key_A):
            seen.append(session.selection.label_id)
            press(qtbot, reviewing, key)
            settle(qtbot, session)
        assert seen == ["a", "b", "c"]
        assert (desk.walk.progress.done, desk.walk.progress.total) == (3, 3)
        assert reviewing.status.message == "The queue is done"
        found = all_verdicts(desk.reading)
        assert sorted(subject.label_id for subject, _ in found) == ["a", "b", "c"]

    def test_the_next_object_is_framed(self, reviewing, session, qtbot):
        session.select(CAR)
        calls = reviewing.viewport_widget.calls
        calls.clear()
        session.select(PERSON)
        assert ("focus",) in calls
        calls.clear()
        session.step(1)
        settle(qtbot, session)
        assert ("focus",) not in calls

    def test_empty_panel_teaches(self, reviewing):
        panel = reviewing.review.room.panel("queue")
        assert panel.note.text().startswith("No queue yet. Build one here")

    def test_reviewer_is_asked_in_a_quiet_line_and_remembered(self, reviewing, saved, qtbot):
        row = reviewing.review.room.panel("queue").reviewer
        row.field.setText("Ann")
        qtbot.keyClick(row.field, KEY.Key_Return)
        assert reviewing.review.desk.reviewer.name == "Ann"
        assert saved[-1].reviewer == "Ann"
