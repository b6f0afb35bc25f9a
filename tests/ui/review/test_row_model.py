"""Rows under named columns, as a view asks for them."""

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from viewer.ui.review.row_model import RIGHT, RowModel

pytestmark = pytest.mark.ui
ROLE = Qt.ItemDataRole
FRUIT = (("apple", 3), ("pear", 12))


class Fruit(RowModel):
    columns = ("Name", "Count")
    numbers = (1,)
    column_tips = ("What it is called", "How many there are")

    def row_total(self):
        return len(FRUIT)

    def cell_text(self, row, column):
        return str(FRUIT[row][column])

    def row_text(self, row):
        return f"{FRUIT[row][1]} of {FRUIT[row][0]}"


@pytest.fixture
def fruit(qapp):
    return Fruit()


def test_it_is_a_model_by_the_rules(fruit):
    QAbstractItemModelTester(fruit, QAbstractItemModelTester.FailureReportingMode.Fatal)
    assert (fruit.rowCount(), fruit.columnCount()) == (2, 2)
    below = fruit.index(0, 0)
    assert (fruit.rowCount(below), fruit.columnCount(below)) == (0, 0)


def test_cells_say_their_text_and_rows_their_words(fruit):
    name, count = fruit.index(1, 0), fruit.index(1, 1)
    assert [fruit.data(each) for each in (name, count)] == ["pear", "12"]
    for role in (ROLE.ToolTipRole, ROLE.AccessibleTextRole):
        assert [fruit.data(each, role) for each in (name, count)] == ["12 of pear"] * 2
    alignments = [fruit.data(each, ROLE.TextAlignmentRole) for each in (name, count)]
    assert alignments == [None, RIGHT]
    assert fruit.data(name, ROLE.DecorationRole) is None
    assert fruit.data(QModelIndex()) is None


def test_columns_are_named_explained_and_aligned_like_their_cells(fruit):
    across = Qt.Orientation.Horizontal

    def told(role):
        return [fruit.headerData(column, across, role) for column in range(2)]

    assert told(ROLE.DisplayRole) == ["Name", "Count"]
    assert told(ROLE.ToolTipRole) == list(Fruit.column_tips)
    assert told(ROLE.TextAlignmentRole) == [None, RIGHT]
    assert fruit.headerData(0, Qt.Orientation.Vertical) is None
