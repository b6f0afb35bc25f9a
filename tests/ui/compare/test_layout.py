"""The Compare layout in the window: made when first shown, found by keys, left without a trace."""

import subprocess
import sys

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from viewer.ui.top_bar import LAYOUTS

pytestmark = pytest.mark.ui
KEY = Qt.Key


def press(qtbot, window, key):
    qtbot.keyClick(QApplication.focusWidget() or window, key)


def test_nothing_of_it_is_made_by_a_window_that_browses(browsing):
    assert browsing.compare.room is None
    assert browsing.compare.desk is None
    assert "metrics" not in browsing.docks


def test_f3_shows_it_and_f1_leaves_it(browsing, qtbot):
    press(qtbot, browsing, KEY.Key_F3)
    assert browsing.shell.layout_shown("compare")
    for name in ("sides", "errors", "metrics"):
        assert not browsing.docks[name].isHidden()
    assert browsing.strip.isVisible()
    press(qtbot, browsing, KEY.Key_F1)
    for name in ("sides", "errors", "metrics"):
        assert browsing.docks[name].isHidden()
    assert not browsing.docks["layers"].isHidden()


def test_its_tab_stands_in_the_top_bar(browsing):
    assert LAYOUTS[2] == ("compare", "Compare")
    browsing.table.run("layout.compare")
    tabs = browsing.bar._tabs
    assert tabs.tabText(tabs.currentIndex()) == "Compare"


def test_all_three_layouts_follow_each_other(browsing, qtbot):
    for key, name, dock in (
        (KEY.Key_F3, "compare", "metrics"), (KEY.Key_F2, "review", "queue"),
        (KEY.Key_F3, "compare", "errors"), (KEY.Key_F1, "browse", "layers"),
        (KEY.Key_F2, "review", "queue"),
    ):  # fmt: skip
        press(qtbot, browsing, key)
        assert browsing.shell.layout_shown(name)
        assert not browsing.docks[dock].isHidden()
    assert browsing.docks["metrics"].isHidden()


def test_a_hidden_panel_comes_back_with_the_reset(browsing, qtbot):
    press(qtbot, browsing, KEY.Key_F3)
    browsing.docks["errors"].hide()
    browsing.table.run("window.reset")
    assert not browsing.docks["errors"].isHidden()


def test_the_start_imports_nothing_of_the_metrics():
    """What F3 needs is read when it is pressed: the first picture does not wait for it."""
    code = (
        "import sys, viewer.ui.main_window\n"
        "late = ('viewer.metrics', 'viewer.session.compare', 'viewer.ui.compare.room', "
        "'pyqtgraph')\n"
        "print([name for name in sys.modules if name.startswith(late)])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
