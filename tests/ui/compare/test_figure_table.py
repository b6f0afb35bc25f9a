"""Tables of figures: digits, order, and rows that ask for their list."""

import pytest
from PySide6.QtCore import Qt

from viewer.session.compare_values import Column, Format, Query, QueryKind, Table
from viewer.ui.compare.figure_table import FigureTable

pytestmark = pytest.mark.ui
MISSED = Query(QueryKind.CONFUSED_FROM, truth="van")
TABLE = Table(
    "By class",
    (Column("Class"), Column("Labels", Format.COUNT), Column("F1", Format.SHARE),
     Column("Holds", Format.VERDICT)),
    (("car", 1200, 0.91234, True), ("van", 30, None, False), ("cyclist", 7, float("nan"), None)),
    queries=(None, MISSED, None),
)  # fmt: skip


@pytest.fixture
def table(themed, qtbot):
    made = FigureTable("Figures")
    qtbot.addWidget(made)
    made.show_table(TABLE)
    made.show()
    return made


def cells(table, row):
    model = table.model()
    return [model.index(row, column).data() for column in range(model.columnCount())]


def test_figures_read_as_people_write_them(table):
    assert cells(table, 0) == ["car", "1,200", "0.912", "passed"]
    assert cells(table, 1) == ["van", "30", "–", "failed"]
    assert cells(table, 2) == ["cyclist", "7", "–", ""]


def test_columns_sort_by_value_and_unknown_comes_last_when_descending(table):
    table.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    assert [cells(table, row)[0] for row in range(3)] == ["cyclist", "van", "car"]
    table.sortByColumn(2, Qt.SortOrder.DescendingOrder)
    assert cells(table, 0)[0] == "car"


def test_a_row_asks_for_its_list_whatever_the_order(table, qtbot):
    asked = []
    table.asked.connect(asked.append)
    table.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    table.setCurrentIndex(table.model().index(1, 0))
    qtbot.keyClick(table, Qt.Key.Key_Return)
    table.setCurrentIndex(table.model().index(0, 0))
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert asked == [MISSED]
