"""Settling conflicts with keys."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from viewer.review import Reviewer, Subject, Workspace
from viewer.review.commands.verdicts import SetVerdict
from viewer.review.verdicts.model import VerdictState
from viewer.review.verdicts.reading import effective_verdict
from viewer.ui.review import merging
from viewer.ui.review.conflict_panel import ConflictPanel

pytestmark = pytest.mark.ui
STATES = (VerdictState.REJECTED, VerdictState.ACCEPTED)


def subjects(dataset_id):
    return [Subject.label(dataset_id, "street_1", "000002", "gt", each) for each in "ab"]


@pytest.fixture
def merged(review, tmp_path, qtbot):
    """Ann rejects two labels that bob accepts in a copy, later; she goes on in the merged file."""
    other = tmp_path / "bob.sightline"
    review.workspace.copy_to(other)
    for subject in subjects(review.dataset_id):
        review.workspace.run(SetVerdict(subject, STATES[0], ("loose box",)))
    with Workspace.open(other, Reviewer("bob")) as theirs:
        for subject in subjects(review.dataset_id):
            theirs.run(SetVerdict(subject, STATES[1]))
    done = []
    merging.merge(review, other, tmp_path / "both.sightline", done.append)
    qtbot.waitUntil(lambda: bool(done))
    assert done[0].conflicts == 2
    assert review.open_workspace(done[0].path)
    return review


@pytest.fixture
def panel(review, on_screen):
    return on_screen(ConflictPanel(review), 304, 600)


def states(review):
    found = (effective_verdict(review.reading, each) for each in subjects(review.dataset_id))
    return [each.verdict.state for each in found]


def test_without_conflicts_it_says_how_to_merge(panel, qtbot):
    qtbot.waitUntil(lambda: "Merge with" in panel.note.text())
    assert not panel.table.isVisible()


def test_keys_settle_one_after_the_other_and_undo_reopens(merged, panel, qtbot):
    qtbot.waitUntil(lambda: panel.model.rowCount() == 2)
    assert panel.note.text().startswith("2 conflicts to settle")
    first, second = panel.sides.values()
    assert (first.who.text(), second.who.text()) == ("ann", "bob, holds now")
    assert "state: rejected" in first.values.text()
    assert "state: accepted" in second.values.text()
    assert states(merged) == [STATES[1]] * 2
    QTest.keyClick(panel.table, Qt.Key.Key_1)
    qtbot.waitUntil(lambda: panel.model.rowCount() == 1)
    assert states(merged) == [STATES[0], STATES[1]]
    QTest.keyClick(panel.table, Qt.Key.Key_2)
    qtbot.waitUntil(lambda: panel.model.rowCount() == 0)
    assert states(merged) == [STATES[0], STATES[1]]
    merged.undo()
    qtbot.waitUntil(lambda: panel.model.rowCount() == 1)
    panel.with_settled.setChecked(True)
    qtbot.waitUntil(lambda: panel.model.rowCount() == 2)
    assert panel.model.index(1, 1).data().startswith("settled: ")


def test_another_value_is_given_with_keys_alone(merged, panel, qtbot):
    qtbot.waitUntil(lambda: panel.model.rowCount() == 2)
    QTest.keyClick(panel.table, Qt.Key.Key_3)
    state, reasons, comment = panel.other.inputs.values()
    assert state.currentText() == "accepted"
    QTest.keyClick(state, Qt.Key.Key_N)
    assert state.currentText() == "needs fix"
    reasons.setCurrentRow(1)
    QTest.keyClick(reasons, Qt.Key.Key_Space)
    QTest.keyClicks(comment, "half a metre")
    QTest.keyClick(comment, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: panel.model.rowCount() == 1)
    assert states(merged) == [VerdictState.NEEDS_FIX, STATES[1]]
    verdict = effective_verdict(merged.reading, subjects(merged.dataset_id)[0]).verdict
    assert (verdict.reasons, verdict.comment) == (("loose box",), "half a metre")
    assert not panel.other.is_open
    merged.undo()
    qtbot.waitUntil(lambda: panel.model.rowCount() == 2)
    assert states(merged) == [STATES[1]] * 2


def test_a_value_that_cannot_be_is_told_beside_it(merged, panel, qtbot):
    qtbot.waitUntil(lambda: panel.model.rowCount() == 2)
    panel.other.give.click()
    panel.other.given.emit({"state": "great"})
    assert panel.other.problem.text().startswith("State: “great” is none of accepted")
    assert panel.other.is_open
    QTest.keyClick(panel.other.inputs["comment"], Qt.Key.Key_Escape)
    assert not panel.other.is_open
    assert panel.model.rowCount() == 2


def test_enter_goes_to_what_it_is_about(merged, panel, qtbot):
    qtbot.waitUntil(lambda: panel.model.rowCount() == 2)
    QTest.keyClick(panel.table, Qt.Key.Key_Return)
    session = merged.session
    qtbot.waitUntil(lambda: session.selection is not None)
    assert (session.frame_index, session.selection.label_id) == (2, "a")


@pytest.mark.parametrize("target", ["both.sightline", "own"])
def test_merging_says_what_it_cannot_do(merged, tmp_path, target):
    said = []
    merged.session.subscribe(said.append)
    other = merged.workspace.path if target == "own" else tmp_path / "bob.sightline"
    into = tmp_path / ("new.sightline" if target == "own" else target)
    merging.merge(merged, other, into, lambda _merged: pytest.fail("it was merged"))
    assert said[-1].is_problem
    assert not merged.session.jobs.statuses
