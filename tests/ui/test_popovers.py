"""Search, keys, problems, about: what they find, change and copy."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication

from viewer.scene.scene import Problem
from viewer.session.changes import ProblemsChanged
from viewer.ui.actions.catalog import ACTIONS

pytestmark = pytest.mark.ui


class TestPalette:
    @pytest.fixture
    def palette(self, browsing, qtbot):
        browsing.activateWindow()
        browsing.table.run("help.palette")
        qtbot.waitUntil(lambda: browsing.palette_popover.isVisible())
        return browsing.palette_popover

    def test_action_is_found_and_run(self, palette, session, qtbot):
        palette._field.setText("xray")
        assert palette.shown_texts()[0] == "X-ray boxes"
        qtbot.keyClick(palette._field, Qt.Key.Key_Return)
        assert session.view.layers.xray
        assert not palette.isVisible()

    @pytest.mark.parametrize(
        ("text", "found", "check"),
        [
            ("frame 12", "Frame 12", lambda s: s.frame_index == 11),
            ("000007", "Frame 8", lambda s: s.frame_index == 7),
            ("yard", "yard_2", lambda s: s.scene.scene_id == "yard_2"),
            ("rear", "rear", lambda s: s.large_camera == "rear"),
            ("person", "person 3", lambda s: s.selection.label_id == "c"),
        ],
    )
    def test_place_is_found_and_gone_to(self, palette, session, qtbot, text, found, check):
        palette._field.setText(text)
        assert palette.shown_texts()[0] == found
        qtbot.keyClick(palette._field, Qt.Key.Key_Return)
        assert check(session)

    def test_at_sign_leaves_only_places(self, palette):
        palette._field.setText("@fr")
        texts = palette.shown_texts()
        assert "Frame 1" in texts
        assert "Frame the selection" not in texts

    def test_impossible_actions_are_not_offered(self, palette):
        palette._field.setText("behind")
        assert "Behind the object" not in palette.shown_texts()

    def test_nothing_found_says_so_and_enter_does_nothing(self, palette, qtbot):
        palette._field.setText("qqqqzzzz")
        assert palette.shown_texts() == ["Nothing fits “qqqqzzzz”"]
        qtbot.keyClick(palette._field, Qt.Key.Key_Return)
        assert palette.isVisible()

    def test_arrows_choose_and_escape_closes(self, palette, session, qtbot):
        palette._field.setText("@frame")
        qtbot.keyClick(palette._field, Qt.Key.Key_Down)
        assert palette._list.currentIndex().row() == 1
        before = session.frame_index
        qtbot.keyClick(palette._field, Qt.Key.Key_Escape)
        assert not palette.isVisible()
        assert session.frame_index == before

    def test_letters_do_not_run_actions_while_it_is_open(self, palette, session, qtbot):
        palette._field.clear()
        qtbot.keyClicks(palette._field, "xp 1")
        assert palette._field.text() == "xp 1"
        assert not session.view.layers.xray
        assert session.large_camera is None

    def test_click_beside_it_closes(self, palette, browsing, qtbot):
        corner = QPoint(5, browsing.height() - 5)
        on_top = browsing.childAt(corner)
        qtbot.mouseClick(on_top, Qt.MouseButton.LeftButton, pos=on_top.mapFrom(browsing, corner))
        assert not palette.isVisible()


class TestKeys:
    @pytest.fixture
    def sheet(self, browsing):
        browsing.table.run("help.shortcuts")
        return browsing.sheet

    def test_lists_every_action_with_its_key(self, sheet):
        texts = {}
        for at in range(sheet._tree.topLevelItemCount()):
            group = sheet._tree.topLevelItem(at)
            for row in range(group.childCount()):
                texts[group.child(row).text(0)] = group.child(row).text(1)
        assert {action.text.rstrip("…") for action in ACTIONS} <= set(texts)
        assert texts["Next frame"] == "Right"
        assert texts["Top view"] == "T  or  Num+7  or  Num+Home"

    def test_changed_key_works_at_once_and_is_remembered(
        self, sheet, browsing, session, saved, qtbot
    ):
        sheet.choose("layer.xray")
        sheet.assign_key("Ctrl+J")
        assert sheet.message == ""
        assert saved[-1].shortcuts == (("layer.xray", "Ctrl+J"),)
        sheet.close_popover()
        qtbot.keyClick(browsing, Qt.Key.Key_X)
        assert not session.view.layers.xray
        qtbot.keyClick(browsing, Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier)
        assert session.view.layers.xray
        assert "Ctrl+J" in browsing.table["layer.xray"].toolTip()

    def test_taken_key_is_refused_in_place(self, sheet, browsing, saved):
        before = len(saved)
        sheet.choose("layer.xray")
        sheet.assign_key("P")
        assert "Points on images" in sheet.message
        assert browsing.table.keymap.keys("layer.xray") == ("X",)
        assert len(saved) == before

    def test_filter_leaves_what_fits(self, sheet):
        sheet._field.setText("ctrl+k")
        group = sheet._tree.topLevelItem(0)
        assert group.child(0).text(0) == "Search or run a command"

    def test_changed_search_key_is_named_in_the_bar(self, sheet, browsing):
        sheet.choose("help.palette")
        sheet.assign_key("F9")
        assert browsing.bar._search.text().endswith("F9")


class TestProblems:
    PROBLEM = Problem("labels/000001.txt", "line 3", "needs 15 columns, has 14")

    def test_problem_is_counted_listed_and_copied(self, browsing, session):
        assert not browsing.status._problems.isVisible()
        session.scene.reader.found.append(self.PROBLEM)
        session._emit(ProblemsChanged())
        assert browsing.status._problems.text() == "1 problem"
        browsing.status._problems.click()
        tree = browsing.problem_list._tree
        row = tree.topLevelItem(0)
        assert [row.text(column) for column in range(3)] == [
            "labels/000001.txt", "line 3", "needs 15 columns, has 14",
        ]  # fmt: skip
        browsing.problem_list.copy_details()
        assert QGuiApplication.clipboard().text() == str(self.PROBLEM)

    def test_opening_the_list_counts_anew(self, browsing, session):
        session.scene.reader.found.append(self.PROBLEM)
        session._emit(ProblemsChanged())
        # Frames that are read ahead find more without telling.
        session.scene.reader.found.append(Problem("labels/000002.txt", "", "is missing"))
        browsing.status._problems.click()
        assert browsing.status._problems.text() == "2 problems"
        assert browsing.problem_list._tree.topLevelItemCount() == 2

    def test_nothing_wrong_says_so(self, browsing):
        browsing.table.run("help.problems")
        assert browsing.problem_list._empty.isVisible()
        assert not browsing.problem_list._copy.isEnabled()


def test_about_names_versions_and_renderer(browsing):
    browsing.viewport_widget.painted.emit(1.0)
    browsing.table.run("help.about")
    details = browsing.about.details()
    assert "PySide6-Essentials 6." in details
    assert "Renderer: fake (none)" in details
    assert browsing.status._renderer.text() == "GL: fake"


def test_only_one_popover_is_open(browsing):
    browsing.table.run("help.about")
    browsing.table.run("help.problems")
    assert not browsing.about.isVisible()
    assert browsing.problem_list.isVisible()
