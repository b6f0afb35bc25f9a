"""Rows under named columns, for a `RowTable`; texts are made when they are looked at."""

from typing import ClassVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QIcon

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class RowModel(QAbstractTableModel):
    """A kind of rows is a subclass that says what stands in them."""

    columns: ClassVar[tuple[str, ...]]
    numbers: ClassVar[tuple[int, ...]] = ()
    """Columns whose texts stand on the right."""
    column_tips: ClassVar[tuple[str, ...]] = ()
    """What each column means, where names do not say it."""

    def row_total(self) -> int:
        """How many rows there are."""
        raise NotImplementedError

    def cell_text(self, row: int, column: int) -> str:
        """What stands in a cell."""
        raise NotImplementedError

    def row_text(self, row: int) -> str | None:
        """A row in words, for screen readers; None where its cells say it all."""
        del row
        return None

    def cell_tip(self, row: int, column: int) -> str | None:
        """What the pointer over a cell brings up: the row in words."""
        del column
        return self.row_text(row)

    def row_icon(self, row: int) -> QIcon | None:
        """What stands before the first cell."""
        del row
        return None

    def column_name(self, column: int) -> str:
        """What stands above a column."""
        return self.columns[column]

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else self.row_total()

    def columnCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.column_name(section)
        if role == Qt.ItemDataRole.ToolTipRole and self.column_tips:
            return self.column_tips[section]
        is_number = role == Qt.ItemDataRole.TextAlignmentRole and section in self.numbers
        return RIGHT if is_number else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row, column = index.row(), index.column()
        if not 0 <= row < self.row_total():
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.cell_text(row, column)
        if role == Qt.ItemDataRole.TextAlignmentRole and column in self.numbers:
            return RIGHT
        if role == Qt.ItemDataRole.DecorationRole and not column:
            return self.row_icon(row)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.cell_tip(row, column)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self.row_text(row)
        return None
