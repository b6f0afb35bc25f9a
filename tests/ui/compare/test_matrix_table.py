"""The heat table: what stands in cells, how they read, what a click asks."""

import numpy as np
import pytest
from PySide6.QtCore import Qt

from viewer.session.compare_values import MatrixCounts, Query, QueryKind
from viewer.ui.compare.matrix_table import MatrixTable, shaded
from viewer.ui.theme import DARK, LIGHT, contrast

pytestmark = pytest.mark.ui

COUNTS = MatrixCounts(
    ("car", "van"), np.array([[90, 4, 6], [3, 20, 1], [12, 0, 0]], dtype=np.int64)
)


@pytest.fixture
def table(themed, qtbot):
    made = MatrixTable()
    qtbot.addWidget(made)
    made.resize(400, 300)
    made.show_matrix(COUNTS)
    made.show()
    return made


def click(qtbot, table, row, column):
    place = table.visualRect(table.model().index(row, column)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_sums_are_those_of_the_cells():
    assert COUNTS.correct == 110
    assert COUNTS.confused == 7
    assert COUNTS.false_positives == 12
    assert COUNTS.false_negatives == 7


def test_counts_and_shares_of_the_labels(table):
    model = table.matrix_model
    assert [model.text(0, column) for column in range(3)] == ["90", "4", "6"]
    assert model.text(2, 1) == "·"
    assert model.text(2, 2) == ""
    table.show_shares(as_shares=True)
    assert [model.text(0, column) for column in range(3)] == ["90 %", "4 %", "6 %"]
    assert model.text(2, 0) == "12"


def test_each_cell_is_told_in_words(table):
    model = table.matrix_model
    assert model.sentence(0, 1) == "car taken for van: 4, 4.0 % of 100 labels"
    assert model.sentence(1, 2) == "van missed: 1, 4.2 % of 24 labels"
    assert model.sentence(2, 0) == "car where nothing is: 12"


def test_clicks_ask_for_cells_rows_and_columns(table, qtbot):
    asked = []
    table.asked.connect(asked.append)
    click(qtbot, table, 1, 0)
    table.verticalHeader().sectionClicked.emit(0)
    table.verticalHeader().sectionClicked.emit(2)
    table.horizontalHeader().sectionClicked.emit(1)
    table.horizontalHeader().sectionClicked.emit(2)
    assert asked == [
        Query(QueryKind.CELL, "van", "car"),
        Query(QueryKind.CONFUSED_FROM, truth="car"),
        Query(QueryKind.FALSE_POSITIVES),
        Query(QueryKind.CONFUSED_AS, prediction="van"),
        Query(QueryKind.FALSE_NEGATIVES),
    ]


def test_keys_walk_the_cells_and_enter_asks(table, qtbot):
    asked = []
    table.asked.connect(asked.append)
    table.setCurrentIndex(table.model().index(0, 0))
    qtbot.keyClick(table, Qt.Key.Key_Right)
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert asked == [Query(QueryKind.CELL, "car", "van")]


def test_the_empty_corner_asks_nothing(table, qtbot):
    asked = []
    table.asked.connect(asked.append)
    click(qtbot, table, 2, 2)
    assert asked == []


def test_moving_thresholds_keeps_the_chosen_cell(table):
    table.setCurrentIndex(table.model().index(0, 1))
    table.show_matrix(MatrixCounts(("car", "van"), COUNTS.counts + 1))
    assert (table.currentIndex().row(), table.currentIndex().column()) == (0, 1)
    assert table.matrix_model.text(0, 1) == "5"


@pytest.mark.parametrize("colours", [DARK, LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize("is_right", [True, False])
def test_counts_read_on_every_shade(colours, is_right):
    for strength in np.linspace(0.05, 0.8, 40):
        ground, ink = shaded(colours, is_right, float(strength))
        assert contrast(ground.name(), ink.name()) >= 4.5
