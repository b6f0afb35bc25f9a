"""The list of issues and the panel of one, worked with keys."""

import time

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from viewer.review import Reviewer, Workspace, new_id
from viewer.review.commands.issues import OpenIssue
from viewer.review.issues.model import IssueState, IssueType, Priority
from viewer.review.issues.reading import comments_of, issue, issues
from viewer.ui.review.issue_list_panel import PAGE, IssueListPanel
from viewer.ui.review.issue_panel import IssuePanel

pytestmark = pytest.mark.ui


def opened(desk, count, **fields):
    ids = [new_id() for _ in range(count)]
    for number, issue_id in enumerate(ids):
        desk.workspace.run(OpenIssue(issue_id, f"Issue {number}", **fields))
    return ids


@pytest.fixture
def listed(review, on_screen):
    return on_screen(IssueListPanel(review), 300, 500)


@pytest.fixture
def panel(review, on_screen):
    return on_screen(IssuePanel(review), 300, 700)


def titles(listed):
    model = listed.model
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def test_states_count_and_narrow(review, listed):
    assert listed.empty.isVisible()
    opened(review, 3)
    opened(review, 1, state=IssueState.RESOLVED)
    texts = [listed.state_box.itemText(place) for place in range(listed.state_box.count())]
    assert texts == [
        "Open  3", "Triage  3", "In progress  0", "In review  0", "Resolved  1", "Cancelled  0",
        "All  4",
    ]  # fmt: skip
    assert len(titles(listed)) == 3
    listed.state_box.setCurrentIndex(4)
    assert titles(listed) == ["Issue 0"]
    listed.state_box.setCurrentIndex(6)
    assert len(titles(listed)) == 4


def test_words_narrow_after_typing(review, listed, qtbot):
    opened(review, 12)
    QTest.keyClicks(listed.words, "11")
    qtbot.waitUntil(lambda: titles(listed) == ["Issue 11"])
    listed.words.setText("nothing like it")
    qtbot.waitUntil(listed.empty.isVisible)
    assert listed.empty.text() == "No issue has these words."


def test_keys_choose_and_enter_shows(review, listed, monkeypatch):
    ids = opened(review, 3)
    shown_ids = []
    monkeypatch.setattr(review.issues, "show", shown_ids.append)
    listed.list.setFocus()
    QTest.keyClick(listed.list, Qt.Key.Key_Down)
    QTest.keyClick(listed.list, Qt.Key.Key_Down)
    assert review.issues.current_id in ids
    QTest.keyClick(listed.list, Qt.Key.Key_Return)
    assert shown_ids == [review.issues.current_id]


def test_a_hundred_thousand_come_in_pages(review, listed):
    connection = review.workspace._connection
    connection.execute("BEGIN")
    connection.executemany(
        "INSERT INTO issues (key, type, state, title, description, reporter, created_ns)"
        " VALUES (?, 'Bucket', 'triage', ?, '', 'ann', ?)",
        ((f"{number:032x}", f"Issue {number}", number) for number in range(100_000)),
    )
    connection.execute("COMMIT")
    start = time.perf_counter()
    listed.refresh()
    spent_s = time.perf_counter() - start
    assert len(titles(listed)) == PAGE
    assert listed.model.canFetchMore()
    listed.model.fetchMore()
    assert len(titles(listed)) == 2 * PAGE
    assert len(set(titles(listed))) == 2 * PAGE
    assert spent_s < 5.0  # a bound for a busy machine; the benchmark tells the real figure


def test_fields_are_written_down_when_they_are_left(review, panel):
    assert panel.empty.isVisible()
    (issue_id,) = opened(review, 1)
    review.issues.choose(issue_id)
    assert panel.title.text() == "Issue 0"
    panel.start_naming()
    QTest.keyClicks(panel.title, "Turned box")
    QTest.keyClick(panel.title, Qt.Key.Key_Return)
    QTest.keyClicks(panel.assignee, "bob")
    QTest.keyClick(panel.assignee, Qt.Key.Key_Return)
    QTest.keyClicks(panel.due, "2026-12-31")
    QTest.keyClick(panel.due, Qt.Key.Key_Return)
    QTest.keyClicks(panel.labels, "night, lidar,")
    QTest.keyClick(panel.labels, Qt.Key.Key_Return)
    found = issue(review.reading, issue_id)
    assert (found.title, found.assignee, str(found.due)) == ("Turned box", "bob", "2026-12-31")
    assert found.labels == ("lidar", "night")
    for box, text in (
        (panel.state, "in review"),
        (panel.kind, "Scenario"),
        (panel.priority, "high"),
    ):
        box.setCurrentIndex(box.findText(text))
        box.activated.emit(box.currentIndex())
    found = issue(review.reading, issue_id)
    assert found.state is IssueState.IN_REVIEW
    assert found.type is IssueType.SCENARIO
    assert found.priority is Priority.HIGH


def test_escape_and_nonsense_change_nothing(review, panel):
    (issue_id,) = opened(review, 1)
    review.issues.choose(issue_id)
    before = review.workspace.journal.last_seq
    panel.start_naming()
    QTest.keyClicks(panel.title, "no")
    QTest.keyClick(panel.title, Qt.Key.Key_Escape)
    assert panel.title.text() == "Issue 0"
    QTest.keyClicks(panel.due, "tomorrow")
    QTest.keyClick(panel.due, Qt.Key.Key_Return)
    assert panel.due.text() == ""
    panel.title.editingFinished.emit()
    assert review.workspace.journal.last_seq == before


def test_a_thread_is_talked_in_edited_and_cut(review, panel, qtbot):
    (issue_id,) = opened(review, 1)
    review.issues.choose(issue_id)
    entry = panel.talk.entry
    QTest.keyClicks(entry, "look @bob")
    QTest.keyClick(entry, Qt.Key.Key_Return)
    QTest.keyClicks(entry, "here")
    QTest.keyClick(entry, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    (said,) = comments_of(review.reading, issue_id)
    assert said.text == "look @bob\nhere"
    assert entry.toPlainText() == ""
    panel.talk._edit(said)
    assert panel.talk.send_button.text() == "Save"
    QTest.keyClicks(entry, "!")
    QTest.keyClick(entry, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    (said,) = comments_of(review.reading, issue_id)
    assert said.edited_ns is not None
    panel.talk._delete(said)
    (said,) = comments_of(review.reading, issue_id)
    assert (said.text, said.deleted_ns is not None) == ("", True)


def test_what_is_typed_stays_while_others_write(review, panel):
    (issue_id,) = opened(review, 1)
    review.issues.choose(issue_id)
    QTest.keyClicks(panel.talk.entry, "half a sen")
    opened(review, 1)
    assert panel.talk.entry.toPlainText() == "half a sen"


def test_elements_are_ticked_off(review, panel, shown):
    shown.select(None)
    issue_id = review.issues.open_here()
    assert panel.elements.heading.text() == "About: 0 of 1 done"
    panel.elements.list.item(0).setCheckState(Qt.CheckState.Checked)
    assert issue(review.reading, issue_id).done_count == 1
    assert panel.elements.heading.text() == "About: 1 of 1 done"
    panel.elements.list.setCurrentRow(0)
    panel.elements.remove_current()
    assert panel.elements.heading.text() == "About: nothing"


def test_a_held_workspace_is_read_only(review, shown, qtbot):
    path = review.workspace.path
    (issue_id,) = opened(review, 1)
    review.close_workspace()
    with Workspace.open(path, Reviewer("bob")):
        assert review.open_workspace(path)
        panel = IssuePanel(review)
        qtbot.addWidget(panel)
        panel.show()
        review.issues.choose(issue_id)
        assert panel.title.isReadOnly()
        assert not panel.state.isEnabled()
        assert not panel.talk.send_button.isEnabled()
        panel.dispose()


def test_the_keys_of_the_window(window, browsing, qtbot, own_config):
    window.activateWindow()
    window.table.run("review.open_issue")
    qtbot.waitUntil(lambda: window.review.room is not None)
    panel = None

    def there():
        nonlocal panel
        panel = window.review.room.panel("issue")
        return panel is not None and panel.title.hasFocus()

    qtbot.waitUntil(there)
    QTest.keyClicks(panel.title, "By key")
    QTest.keyClick(panel.title, Qt.Key.Key_Return)
    assert [each.title for each in issues(window.review.desk.reading)] == ["By key"]
    assert window.viewport_widget.hasFocus() or not window.isActiveWindow()
