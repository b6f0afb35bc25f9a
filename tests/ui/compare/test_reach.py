"""Everything in the Compare layout has a name for screen readers and can be reached by keys."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QHeaderView,
    QLineEdit,
    QScrollBar,
)
from ui.compare.settling import settle

from viewer.metrics.protocols.catalog import all_protocols
from viewer.session.compare_protocols import Run
from viewer.ui.compare.metrics_panel import PAGES

pytestmark = pytest.mark.ui
KINDS = (QAbstractButton, QAbstractItemView, QAbstractSlider, QAbstractSpinBox, QComboBox)
INNER = (QScrollBar, QHeaderView)


def controls(panel):
    """What a person works with, not what Qt builds it of."""
    for kind in KINDS:
        for widget in panel.findChildren(kind):
            inside = isinstance(widget.parent(), QAbstractItemView | QComboBox | QLineEdit)
            of_popup = widget.window() is not panel.window()
            if not (isinstance(widget, INNER) or inside or of_popup or widget.isHidden()):
                yield widget


def test_every_control_has_a_name_and_a_place_in_the_tab_order(comparing, qtbot):
    room = comparing.compare.room
    metrics = room.part("metrics")
    for place in range(metrics.tabs.count()):
        metrics.tabs.setCurrentIndex(place)
        settle(qtbot, comparing)
    nameless, unreachable = [], []
    for name in ("sides", "errors", "metrics"):
        for widget in controls(room.part(name)):
            text = widget.text() if isinstance(widget, QAbstractButton) else ""
            if not (widget.accessibleName() or text):
                nameless.append((name, widget))
            if widget.focusPolicy() == Qt.FocusPolicy.NoFocus and widget.isEnabled():
                unreachable.append((name, widget))
    assert nameless == []
    assert unreachable == []


def test_every_page_has_a_tab_that_names_it(comparing):
    metrics = comparing.compare.room.part("metrics")
    titles = [metrics.tabs.tabText(place) for place in range(metrics.tabs.count())]
    assert titles == [title for title, _ in PAGES]
    assert metrics.tabs.tabBar().accessibleName() == "Metrics"


@pytest.mark.parametrize("name", [each.name for each in all_protocols()])
def test_any_protocol_runs_or_says_what_it_lacks(comparing, qtbot, name):
    page = comparing.compare.room.part("metrics").page("Protocols")
    page.box.setCurrentIndex(page.box.findData(name))
    runs = comparing.compare.desk.protocols
    runs.run(name)
    settle(qtbot, comparing)
    page.refresh()
    evaluation = runs.results.get(Run(name))
    assert evaluation is not None or runs.problems[Run(name)]
    if evaluation is not None:
        assert page.exported.rows or evaluation.lacks
