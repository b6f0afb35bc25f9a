"""An overview of sensors: a row each, its figures, and the worst that checks say against it."""

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHeaderView, QSizePolicy

from viewer.session.findings_doctor_text import SensorLine
from viewer.ui.findings.severity_style import GLYPH_PX, STYLES, severity_icon
from viewer.ui.panel import quietly
from viewer.ui.review.row_table import RowTable
from viewer.ui.theme import ROW_PX

_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
MOST_ROWS = 8
"""Shown without scrolling."""
PADDING_PX, NARROWEST_NAME_PX = 20, 48
SHORTEST_NAME_PX = 88


class SensorModel(QAbstractTableModel):
    """Lines of sensors; the last column says what checks found.

    Parameters
    ----------
    kind
        What the first column names.
    columns
        Name and meaning of each figure.
    """

    def __init__(self, kind: str, columns: tuple[tuple[str, str], ...]) -> None:
        super().__init__()
        self._names = (kind, *(name for name, _ in columns), "checks")
        self._tips = ("", *(tip for _, tip in columns), "The worst that a check says against it")
        self.lines: list[SensorLine] = []

    def show(self, lines: list[SensorLine]) -> None:
        """Show others."""
        self.beginResetModel()
        self.lines = lines
        self.endResetModel()

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._names)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._names[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tips[section] or None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if self._is_number(section) else _LEFT
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        line, column = self.lines[index.row()], index.column()
        last = column == len(self._names) - 1
        if role == Qt.ItemDataRole.DisplayRole:
            return line.sensor_id if not column else _word(line) if last else line.cells[column - 1]
        if role == Qt.ItemDataRole.TextAlignmentRole and self._is_number(column):
            return _RIGHT
        if role == Qt.ItemDataRole.DecorationRole and last and line.finding is not None:
            return severity_icon(line.finding.severity)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._told(line, column, last=last)
        return None

    def _is_number(self, column: int) -> bool:
        return 0 < column < len(self._names) - 1

    def _told(self, line: SensorLine, column: int, *, last: bool) -> str:
        if last and line.finding is not None:
            return line.finding.text
        if self._is_number(column):
            return f"{line.sensor_id}: {line.cells[column - 1]} {self._tips[column]}"
        return line.sensor_id


def _word(line: SensorLine) -> str:
    if line.finding is not None:
        return STYLES[line.finding.severity].word
    return "fine" if line.measured else "not told"


class SensorTable(RowTable):
    """As high as its rows; names take what figures leave."""

    def __init__(self, name: str, model: SensorModel) -> None:
        super().__init__(name)
        self.own = model
        self.setModel(model)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self.horizontalHeader()
        header.setFixedHeight(ROW_PX)
        header.setMinimumSectionSize(24)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        metrics, last = self.fontMetrics(), model.columnCount() - 1
        for column in range(1, last):
            name = str(model.headerData(column, Qt.Orientation.Horizontal))
            widest = max(metrics.horizontalAdvance(each) for each in ("+88.8", name))
            header.resizeSection(column, widest + PADDING_PX)
        icon_px = GLYPH_PX + 2 * PADDING_PX
        header.resizeSection(last, metrics.horizontalAdvance("Medium") + icon_px)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        last, room = self.own.columnCount() - 1, self.viewport().width()
        for column in range(1, last + 1):
            self.setColumnHidden(column, False)
        # Names tell sensors apart: in a narrow panel figures give way, which stand below as well.
        for column in range(last - 1, 1, -1):
            if room - self._others_px() < SHORTEST_NAME_PX:
                self.setColumnHidden(column, True)
        self.setColumnWidth(0, max(room - self._others_px(), NARROWEST_NAME_PX))

    def _others_px(self) -> int:
        columns = range(1, self.own.columnCount())
        return sum(self.columnWidth(each) for each in columns if not self.isColumnHidden(each))

    def show_lines(self, lines: list[SensorLine]) -> None:
        """Show others; the same sensor stays current."""
        before = self.current
        with quietly(self.selectionModel()):
            self.own.show(lines)
            self.choose(before)
        rows = min(max(len(lines), 1), MOST_ROWS)
        self.setFixedHeight((rows + 1) * ROW_PX + 2 * self.frameWidth())

    @property
    def current(self) -> str | None:
        """The sensor of the current row."""
        row = self.currentIndex().row()
        return self.own.lines[row].sensor_id if 0 <= row < len(self.own.lines) else None

    def choose(self, sensor_id: str | None) -> None:
        """Make a sensor current; none where it is not listed."""
        rows = [row for row, each in enumerate(self.own.lines) if each.sensor_id == sensor_id]
        index = self.own.index(rows[0], 0) if rows else QModelIndex()
        self.setCurrentIndex(index)
        if not rows:
            self.clearSelection()
