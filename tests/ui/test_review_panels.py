"""Dashboard, versions and conflicts in the whole window, reached by their actions."""

import pytest
from PySide6.QtWidgets import QApplication, QFileDialog

from viewer.review import Reviewer, Subject, Workspace
from viewer.review.commands.edits import ChangeBox
from viewer.review.commands.verdicts import SetVerdict
from viewer.review.verdicts.model import VerdictState
from viewer.ui.layouts import REVIEW

pytestmark = pytest.mark.ui
ON_DEMAND = ("dashboard", "versions", "conflicts")


@pytest.fixture
def reviewing(browsing, own_config, qtbot):
    browsing.show()
    browsing.shell.show_layout(REVIEW)
    qtbot.waitUntil(lambda: browsing.shell.layout_shown(REVIEW))
    desk = browsing.shell.review.desk
    assert desk is not None
    assert desk.dataset_id is not None
    return browsing


def panel_of(window, name):
    return window.shell.review.room.panel(name)


def open_panel(window, name, qtbot):
    window.table.run(f"panel.{name}")
    qtbot.waitUntil(lambda: panel_of(window, name) is not None)
    return panel_of(window, name)


def test_panels_on_demand_cost_nothing_until_they_are_asked_for(reviewing):
    for name in ON_DEMAND:
        assert not reviewing.shell.panel_shown(name)
        assert panel_of(reviewing, name) is None


@pytest.mark.parametrize("name", ["versions", "conflicts"])
def test_their_actions_give_them_the_keys(reviewing, qtbot, name):
    reviewing.table.run(f"review.{name}")
    qtbot.waitUntil(lambda: panel_of(reviewing, name) is not None)
    panel = panel_of(reviewing, name)
    qtbot.waitUntil(
        lambda: (
            QApplication.focusWidget() is panel
            or panel.isAncestorOf(QApplication.focusWidget() or reviewing)
        )
    )


def test_the_dashboard_becomes_a_window_and_a_panel_again(reviewing, qtbot):
    panel = open_panel(reviewing, "dashboard", qtbot)
    qtbot.waitUntil(lambda: panel.shown is not None)
    dock = reviewing.docks["dashboard"]
    panel.float_button.click()
    assert dock.isFloating()
    assert panel.float_button.text() == "Dock"
    panel.float_button.click()
    assert not dock.isFloating()


def test_what_a_label_was_is_dotted_in_the_3d_view(reviewing, qtbot):
    panel = open_panel(reviewing, "versions", qtbot)
    desk = reviewing.shell.review.desk
    subject = Subject.label(desk.dataset_id, "street_1", "000000", "gt", "a")
    desk.workspace.run(ChangeBox(subject, center=(11, 0, 0.8)))
    panel.compare()
    qtbot.waitUntil(lambda: panel.compared is not None)
    ghosts = reviewing.viewport.last("ghosts")[1]
    assert ghosts.cuboids.center.tolist() == [[10, 0, 0.8]]
    reviewing.table.run("panel.versions")
    qtbot.waitUntil(lambda: reviewing.viewport.last("ghosts")[1] is None)


def test_merging_goes_on_in_the_merged_file_with_its_conflicts(
    reviewing, tmp_path, qtbot, monkeypatch
):
    desk = reviewing.shell.review.desk
    other, into = tmp_path / "bob.sightline", tmp_path / "both"
    desk.workspace.copy_to(other)
    subject = Subject.label(desk.dataset_id, "street_1", "000000", "gt", "a")
    desk.workspace.run(SetVerdict(subject, VerdictState.ACCEPTED))
    with Workspace.open(other, Reviewer("bob")) as theirs:
        theirs.run(SetVerdict(subject, VerdictState.REJECTED))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_a, **_k: (str(other), ""))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_a, **_k: (str(into), ""))
    reviewing.table.run("review.merge")
    merged = into.with_suffix(".sightline")
    qtbot.waitUntil(lambda: desk.workspace.path == merged)
    qtbot.waitUntil(lambda: panel_of(reviewing, "conflicts") is not None)
    panel = panel_of(reviewing, "conflicts")
    qtbot.waitUntil(lambda: panel.model.rowCount() == 1)
    assert reviewing.shell.panel_shown("conflicts")
