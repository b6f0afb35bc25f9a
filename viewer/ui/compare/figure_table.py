"""A table of figures: numbers align, columns sort, rows may ask for their list."""

import numpy as np
from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFontMetrics
from PySide6.QtWidgets import QHeaderView

from viewer.session.compare_values import Format, Query, Table, cell_text
from viewer.ui.review.row_table import RowTable
from viewer.ui.theme import CAPTION_PX, palette, ui_font

_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
FITTED_ROWS, WIDEST_PX = 200, 240
_SORT_ROLE = Qt.ItemDataRole.UserRole
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class FigureModel(QAbstractTableModel):
    """One `Table`."""

    def __init__(self) -> None:
        super().__init__()
        self.table: Table | None = None

    def show(self, table: Table | None) -> None:
        """Show another table."""
        self.beginResetModel()
        self.table = table
        self.endResetModel()

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() or self.table is None else len(self.table.rows)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() or self.table is None else len(self.table.columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if self.table is None or orientation != Qt.Orientation.Horizontal:
            return None
        column = self.table.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.name
        if role == Qt.ItemDataRole.ToolTipRole:
            return column.tip or None
        if role == Qt.ItemDataRole.TextAlignmentRole and column.format is not Format.TEXT:
            return _RIGHT
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if self.table is None or not index.isValid():
            return None
        column = self.table.columns[index.column()]
        value = self.table.rows[index.row()][index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return cell_text(value, column.format)
        if role == Qt.ItemDataRole.TextAlignmentRole and column.format is not Format.TEXT:
            return _RIGHT
        if role == _SORT_ROLE:
            return _sortable(value)
        if role == Qt.ItemDataRole.ForegroundRole and column.format is Format.VERDICT:
            return _verdict_colour(value)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            told = f"{column.name}: {cell_text(value, column.format)}"
            return f"{told}\n{column.tip}" if column.tip else told
        return None


def _sortable(value: object) -> object:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return -np.inf
    return float(value) if isinstance(value, int | float | np.number) else str(value).lower()


def _verdict_colour(value: object) -> QColor | None:
    if value is None:
        return None
    return palette().colour("accepted" if value else "rejected")


class FigureTable(RowTable):
    """Shows a `Table`; Enter or a click on a row asks for its list, where it has one."""

    asked = Signal(object)
    """A `Query`."""
    placed = Signal(object)
    """A `PairPlace`: a row is to be looked at."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.figures = FigureModel()
        self._sorted = QSortFilterProxyModel(self)
        self._sorted.setSourceModel(self.figures)
        self._sorted.setSortRole(_SORT_ROLE)
        self.setModel(self._sorted)
        self.setSortingEnabled(True)
        self.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.activated.connect(self._ask)
        self.clicked.connect(self._ask)

    def show_table(self, table: Table | None) -> None:
        """Show another table, in the order that was chosen for its like."""
        before = self.figures.table
        self.figures.show(table)
        if table is None:
            return
        if before is None or before.columns != table.columns:
            self._sorted.sort(-1)
            self.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
            self._fit(table)

    def _fit(self, table: Table) -> None:
        """Make columns as wide as their names and first figures."""
        small, usual = QFontMetrics(ui_font(CAPTION_PX)), QFontMetrics(ui_font())
        for section, column in enumerate(table.columns):
            texts = (cell_text(row[section], column.format) for row in table.rows[:FITTED_ROWS])
            widest = max(map(usual.horizontalAdvance, texts), default=0)
            wanted = max(widest + 24, small.horizontalAdvance(column.name) + 18)
            self.setColumnWidth(section, min(wanted, WIDEST_PX))

    def _ask(self, index: QModelIndex) -> None:
        table = self.figures.table
        row = self._sorted.mapToSource(index).row()
        if table is not None and 0 <= row < len(table.places):
            self.placed.emit(table.places[row])
        if table is None or not 0 <= row < len(table.queries):
            return
        query: Query | None = table.queries[row]
        if query is not None:
            self.asked.emit(query)
