"""The confusion matrix as a heat table: counts, shades, one click from each cell to its list."""

import numpy as np
from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from viewer.metrics.class_roles import BACKGROUND
from viewer.session.compare_values import MatrixCounts, Query, QueryKind
from viewer.ui.theme import CAPTION_PX, Palette, contrast, palette, ui_font

CELL_PX = 24
NARROWEST_CELL_PX, WIDEST_CELL_PX = 30, 64
LONGEST_NAME_PX = 96
_Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_PADDING_PX = 6


class MatrixModel(QAbstractTableModel):
    """Counts, or shares of each label class."""

    def __init__(self) -> None:
        super().__init__()
        self.matrix: MatrixCounts | None = None
        self.as_shares = False
        self._totals = np.zeros(0, np.int64)
        self._largest_error = 1

    def show(self, matrix: MatrixCounts | None) -> None:
        """Show another matrix; where the classes stay, so does what is selected."""
        before = None if self.matrix is None else self.matrix.names
        same = matrix is not None and matrix.names == before
        if not same:
            self.beginResetModel()
        self.matrix = matrix
        if matrix is not None:
            self._totals = matrix.counts.sum(axis=1)
            errors = matrix.counts - np.diag(np.diag(matrix.counts))
            self._largest_error = max(1, int(errors.max(initial=0)))
        if not same:
            self.endResetModel()
        else:
            self.refresh()

    def refresh(self) -> None:
        """Draw every cell anew."""
        last = self.rowCount() - 1
        self.dataChanged.emit(self.index(0, 0), self.index(last, last))

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() or self.matrix is None else len(self.matrix.names) + 1

    def columnCount(self, parent: _Index = _NOWHERE) -> int:
        return self.rowCount(parent)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if self.matrix is None or not 0 <= section < len(self.matrix.all_names):
            return None
        name = self.matrix.all_names[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return name
        if role == Qt.ItemDataRole.ToolTipRole:
            if orientation == Qt.Orientation.Horizontal:
                return "Labels that nothing was predicted for" if name == BACKGROUND else (
                    f"Predicted as {name}; a click lists what was wrongly taken for it"
                )  # fmt: skip
            return "Predictions where no label is" if name == BACKGROUND else (
                f"Labelled {name}; a click lists what it was wrongly taken for"
            )  # fmt: skip
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if self.matrix is None or not index.isValid():
            return None
        row, column = index.row(), index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(row, column)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.sentence(row, column)
        return None

    def text(self, row: int, column: int) -> str:
        """What stands in a cell."""
        if self.matrix is None or row == column == len(self.matrix.names):
            return ""
        count = int(self.matrix.counts[row, column])
        if not count:
            return "·"
        if self.as_shares and row < len(self.matrix.names):
            share = 100 * count / self._totals[row]
            return f"{share:.0f} %" if share >= 1 or share == 0 else "<1 %"
        return f"{count:,}" if count < 100_000 else f"{count / 1000:,.0f}k"

    def sentence(self, row: int, column: int) -> str:
        """A cell in words."""
        if self.matrix is None or row == column == len(self.matrix.names):
            return ""
        count, total = int(self.matrix.counts[row, column]), int(self._totals[row])
        query = self.query(row, column)
        told = f"{'' if query is None else query.text}: {count:,}"
        if row < len(self.matrix.names) and total:
            told += f", {100 * count / total:.1f} % of {total:,} labels"
        return told

    def query(self, row: int, column: int) -> Query | None:
        """What a cell asks of the list; None for the empty corner."""
        if self.matrix is None or row == column == len(self.matrix.names):
            return None
        names = self.matrix.all_names
        return Query(QueryKind.CELL, names[row], names[column])

    def shade(self, row: int, column: int) -> float:
        """0 .. 1, how strongly a cell is coloured."""
        if self.matrix is None:
            return 0.0
        count = int(self.matrix.counts[row, column])
        if not count:
            return 0.0
        if row == column:
            return 0.15 + 0.55 * count / max(1, int(self._totals[row]))
        return float(0.12 + 0.63 * np.sqrt(count / self._largest_error))


def shaded(colours: Palette, is_right: bool, strength: float) -> tuple[QColor, QColor]:
    """Ground and text of a cell; the text is the theme colour that reads better on the ground."""
    ground, ink = colours.colour("panel"), colours.colour("accent" if is_right else "warning")
    mixed = QColor(
        *(
            round(a * (1 - strength) + b * strength)
            for a, b in zip(ground.getRgb()[:3], ink.getRgb()[:3], strict=True)  # type: ignore[index]
        )
    )
    candidates = (colours.text, "#000000", "#ffffff")
    best = max(candidates, key=lambda each: contrast(each, mixed.name()))
    return mixed, QColor(best)


class _HeatDelegate(QStyledItemDelegate):
    """Paints a cell in its shade."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        model = index.model()
        if not isinstance(model, MatrixModel) or model.matrix is None:
            return
        rect: QRect = option.rect
        colours = palette()
        row, column = index.row(), index.column()
        strength = model.shade(row, column)
        ground, ink = colours.colour("panel"), colours.colour("secondary")
        if strength:
            ground, ink = shaded(colours, row == column, strength)
        painter.save()
        painter.fillRect(rect.adjusted(0, 0, -1, -1), ground)
        painter.setPen(ink)
        painter.setFont(ui_font(CAPTION_PX))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, model.text(row, column))
        state = option.state
        if state & QStyle.StateFlag.State_Selected:
            painter.setPen(colours.colour("text"))
            painter.drawRect(rect.adjusted(0, 0, -2, -2))
        painter.restore()


class _Names(QHeaderView):
    """Class names, upright over narrow columns; long ones lose their middle."""

    def __init__(self, orientation: Qt.Orientation) -> None:
        super().__init__(orientation)
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)

    def length_px(self) -> int:
        """Room for the longest name."""
        model = self.model()
        if model is None:
            return CELL_PX
        upright = self.orientation() == Qt.Orientation.Horizontal
        count = model.columnCount() if upright else model.rowCount()
        metrics = self.fontMetrics()
        names = (str(model.headerData(i, self.orientation()) or "") for i in range(count))
        longest = max((metrics.horizontalAdvance(name) for name in names), default=0)
        return min(longest, LONGEST_NAME_PX) + 2 * _PADDING_PX

    def sizeHint(self) -> QSize:
        """As long as the longest name."""
        hint = super().sizeHint()
        if self.orientation() == Qt.Orientation.Horizontal:
            return QSize(hint.width(), self.length_px())
        return QSize(self.length_px(), hint.height())

    def paintSection(self, painter: QPainter, rect: QRect, index: int) -> None:
        model = self.model()
        if model is None:
            return
        name = str(model.headerData(index, self.orientation()) or "")
        colours = palette()
        painter.save()
        painter.fillRect(rect, colours.colour("panel"))
        painter.setFont(ui_font(CAPTION_PX))
        painter.setPen(colours.colour("secondary"))
        room = self.length_px() - 2 * _PADDING_PX
        text = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, room)
        if self.orientation() == Qt.Orientation.Horizontal:
            painter.translate(rect.left(), rect.bottom() + 1)
            painter.rotate(-90)
            inner = QRect(_PADDING_PX, 0, rect.height() - _PADDING_PX, rect.width())
            painter.drawText(
                inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text
            )
        else:
            inner = rect.adjusted(_PADDING_PX, 0, -_PADDING_PX, 0)
            painter.drawText(
                inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, text
            )
        painter.restore()


class MatrixTable(QTableView):
    """Labels in rows, predictions in columns, background last."""

    asked = Signal(object)
    """A `Query`: a cell or a name was clicked, or Enter pressed on a cell."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Confusion matrix: labels in rows, predictions in columns")
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setHorizontalHeader(_Names(Qt.Orientation.Horizontal))
        self.setVerticalHeader(_Names(Qt.Orientation.Vertical))
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setItemDelegate(_HeatDelegate(self))
        self.matrix_model = MatrixModel()
        self.setModel(self.matrix_model)
        self.clicked.connect(lambda _index: self._ask_cell())
        self.horizontalHeader().sectionClicked.connect(self._ask_column)
        self.verticalHeader().sectionClicked.connect(self._ask_row)

    def show_matrix(self, matrix: MatrixCounts | None) -> None:
        """Show other counts."""
        self.matrix_model.show(matrix)
        self.fit()

    def show_shares(self, *, as_shares: bool) -> None:
        """Show counts, or shares of the labels of each class."""
        self.matrix_model.as_shares = as_shares
        self.fit()
        if self.matrix_model.matrix is not None:
            self.matrix_model.refresh()

    def fit(self) -> None:
        """Make cells as wide as their numbers."""
        model = self.matrix_model
        if model.matrix is None:
            return
        count = model.rowCount()
        metrics = QFontMetrics(ui_font(CAPTION_PX))
        texts = (model.text(row, column) for row in range(count) for column in range(count))
        widest = max((metrics.horizontalAdvance(text) for text in texts), default=0) + 8
        room = (self.width() - self.verticalHeader().sizeHint().width() - 14) // max(count, 1)
        width = max(NARROWEST_CELL_PX, widest, min(room, WIDEST_CELL_PX))
        self.horizontalHeader().setDefaultSectionSize(width)
        self.verticalHeader().setDefaultSectionSize(CELL_PX)
        self.horizontalHeader().setFixedHeight(self.horizontalHeader().sizeHint().height())
        self.verticalHeader().setFixedWidth(self.verticalHeader().sizeHint().width())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def full_size(self) -> QSize:
        """Size at which nothing has to scroll."""
        header = QSize(self.verticalHeader().width(), self.horizontalHeader().height())
        inner = QSize(self.horizontalHeader().length(), self.verticalHeader().length())
        return header + inner + QSize(2 * self.frameWidth() + 2, 2 * self.frameWidth() + 2)

    def select_query(self, query: Query | None) -> None:
        """Mark the cell that the list was asked for."""
        matrix = self.matrix_model.matrix
        if matrix is None or query is None or query.kind is not QueryKind.CELL:
            self.clearSelection()
            return
        names = list(matrix.all_names)
        if query.truth in names and query.prediction in names:
            self.setCurrentIndex(
                self.matrix_model.index(names.index(query.truth), names.index(query.prediction))
            )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._ask_cell()
            return
        super().keyPressEvent(event)

    def _ask_cell(self) -> None:
        index = self.currentIndex()
        query = self.matrix_model.query(index.row(), index.column()) if index.isValid() else None
        if query is not None:
            self.asked.emit(query)

    def _ask_row(self, row: int) -> None:
        matrix = self.matrix_model.matrix
        if matrix is None:
            return
        if row == len(matrix.names):
            self.asked.emit(Query(QueryKind.FALSE_POSITIVES))
        else:
            self.asked.emit(Query(QueryKind.CONFUSED_FROM, truth=matrix.names[row]))

    def _ask_column(self, column: int) -> None:
        matrix = self.matrix_model.matrix
        if matrix is None:
            return
        if column == len(matrix.names):
            self.asked.emit(Query(QueryKind.FALSE_NEGATIVES))
        else:
            self.asked.emit(Query(QueryKind.CONFUSED_AS, prediction=matrix.names[column]))
