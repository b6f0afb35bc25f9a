"""The panel of tasks: made, changed and worked off by keyboard."""

import datetime as dt

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit

from viewer.review import Reviewer, SubjectKind, Workspace
from viewer.review.queues.split import Share
from viewer.review.tasks.model import MandatoryAttribute, TaskKind, TaskPriority
from viewer.session.review_builder import QueueRequest, Source
from viewer.session.review_tasks import TaskRequest
from viewer.ui.review.task_maker import TaskMaker, task_maker
from viewer.ui.review.tasks_panel import TasksPanel

pytestmark = [pytest.mark.ui, pytest.mark.usefixtures("own_config")]
KEY = Qt.Key
FRAMES = QueueRequest(SubjectKind.FRAME, Source.SCENE, "gt", "street_1", open_only=False)


@pytest.fixture
def panel(review, on_screen):
    return on_screen(TasksPanel(review), 304, 640)


def make(review, qtbot, name="check", kind=TaskKind.ANNOTATION, **others):
    items = others.pop("items", FRAMES)
    review.tasks.make(TaskRequest(name, kind, items, **others))
    qtbot.waitUntil(lambda: any(task.name == name for task in review.tasks.all()))
    return next(task for task in review.tasks.all() if task.name == name)


def rows(panel):
    found, item = [], panel.tree.topLevelItem(0)
    while item is not None:
        found.append(tuple(item.text(column) for column in range(3)))
        item = panel.tree.itemBelow(item)
    return found


def test_a_task_is_made_by_keys(review, panel, qtbot):
    assert panel.empty.isVisible()
    panel.new_button.click()
    maker = panel.findChild(TaskMaker)
    assert maker.isVisible()
    QTest.keyClick(maker.name_field, KEY.Key_Return)
    assert maker.problem.text() == "Give the task a name"
    QTest.keyClicks(maker.name_field, "frames first")
    for typed, problem in (("soon", "year-month-day"), ("2020-01-05", "")):
        maker.due_field.clear()
        QTest.keyClicks(maker.due_field, typed)
        maker.shares_field.setText("ann 60, bob 60")
        QTest.keyClick(maker.due_field, KEY.Key_Return)
        assert (problem or "the percentages total 120, not 100") in maker.problem.text()
    maker.shares_field.setText("ann 60, bob 40")
    maker.priority_box.setCurrentText("High")
    maker.mandatory_field.setText("colour of car")
    QTest.keyClick(maker.shares_field, KEY.Key_Return)
    assert not maker.isVisible()
    qtbot.waitUntil(lambda: rows(panel) == [("▲ frames first", "! 5 Jan 2020", "0 %")])
    text = panel.facts.text()
    assert "Annotation, high priority, of ann" in text
    assert "30 open" in text
    assert "days late" in text
    assert "Assigned: ann 18, bob 12" in text
    assert "Labels must have: colour of car" in text


def test_enter_works_on_a_task_and_what_blocks_is_listed(review, panel, shown, qtbot):
    make(review, qtbot, mandatory=(MandatoryAttribute("colour", frozenset({"person"})),))
    qtbot.waitUntil(lambda: len(rows(panel)) == 1)
    assert not panel.item_part.isVisible()
    panel.activateWindow()
    panel.tree.setFocus()
    QTest.keyClick(panel.tree, KEY.Key_Return)
    qtbot.waitUntil(panel.item_part.isVisible)
    assert panel.item_label.text() == "Frame 000000: open"
    panel.done_button.click()
    qtbot.waitUntil(panel.blocking.isVisible)
    assert panel.blocking.item(0).text() == "label c (person) lacks colour"
    assert panel.blocking_label.text().startswith("Not complete yet")
    panel.blocking.setCurrentRow(0)
    QTest.keyClick(panel.blocking, KEY.Key_Return)
    qtbot.waitUntil(lambda: shown.selection is not None and shown.selection.label_id == "c")
    panel.discard_button.click()
    qtbot.waitUntil(lambda: panel.item_label.text() == "Frame 000001: open")
    assert not panel.blocking.isVisible()
    qtbot.waitUntil(lambda: panel.log.count() == 1)
    assert panel.log.item(0).text().endswith("ann  discarded  frame 000000")
    assert rows(panel)[0][2] == "3 %"


def test_qa_stands_under_its_annotation_task(review, panel, qtbot):
    first = make(review, qtbot)
    review.tasks.work(first)
    qtbot.waitUntil(lambda: review.tasks.item() is not None)
    review.tasks.say_done()
    qtbot.waitUntil(lambda: [row[2] for row in rows(panel)] == ["3 %"])
    panel.qa_button.click()
    maker = panel.findChild(TaskMaker)
    assert maker.title.text() == "QA task of “check”"
    assert maker.items_box.currentText() == "Completed in “check”"
    maker.keep()
    qtbot.waitUntil(lambda: len(rows(panel)) == 2)
    assert rows(panel)[1][0] == "QA of check"
    assert panel.tree.topLevelItemCount() == 1
    assert panel.facts.text().startswith("QA of “check”, medium priority")
    assert not panel.qa_button.isEnabled()


def test_a_task_is_changed_and_put_away(review, panel, qtbot):
    make(review, qtbot, shares=(Share("ann"),), due=dt.date(2031, 5, 6))
    qtbot.waitUntil(lambda: len(rows(panel)) == 1)
    panel.change_button.click()
    maker = panel.findChild(TaskMaker)
    assert (maker.name_field.text(), maker.due_field.text()) == ("check", "2031-05-06")
    assert maker.shares_field.text() == "ann"
    assert not maker.items_box.isVisible()
    maker.name_field.setText("other")
    maker.due_field.clear()
    maker.shares_field.setText("eve")
    maker.keep()
    qtbot.waitUntil(lambda: rows(panel) == [("other", "", "0 %")])
    qtbot.waitUntil(lambda: "Assigned: eve 30" in panel.facts.text())
    assert review.tasks.current.priority is TaskPriority.MEDIUM
    panel.away_button.click()
    qtbot.waitUntil(lambda: rows(panel) == [])
    review.undo()
    qtbot.waitUntil(lambda: len(rows(panel)) == 1)


def test_every_control_has_a_name(review, panel):
    maker = task_maker(review, panel)
    maker.ask_new()
    for kind in (QAbstractButton, QComboBox, QLineEdit):
        for control in (*panel.findChildren(kind), *maker.findChildren(kind)):
            if control.objectName().startswith("qt_"):
                continue
            assert control.accessibleName() or getattr(control, "text", str)(), control


def test_a_held_workspace_shows_but_does_not_change(review, shown, qtbot):
    make(review, qtbot)
    path = review.workspace.path
    review.close_workspace()
    with Workspace.open(path, Reviewer("bob")):
        assert review.open_workspace(path)
        panel = TasksPanel(review)
        qtbot.addWidget(panel)
        panel.show()
        assert len(rows(panel)) == 1
        for button in (panel.new_button, panel.change_button, panel.away_button):
            assert not button.isEnabled()
        task_maker(review, panel).ask_new()
        assert not panel.findChild(TaskMaker).isVisible()
        panel.dispose()


def test_the_keys_work_a_task_off_in_the_window(browsing, window, qtbot):
    window.activateWindow()
    window.table.run("review.tasks")
    desk = window.review.desk
    make(desk, qtbot)
    window.table.run("review.task_work")
    qtbot.waitUntil(lambda: desk.tasks.item() is not None)
    window.table.run("review.task_done")
    qtbot.waitUntil(lambda: desk.walk.progress.done == 1)
    window.table.run("review.task_discard")
    qtbot.waitUntil(lambda: desk.walk.progress.done == 2)
