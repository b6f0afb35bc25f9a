"""The key of a plot: a piece of each line beside its name and figure, in as many columns as fit."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from viewer.ui.theme import CAPTION_PX, palette, ui_font

LINE_PX, GAP_PX, ROW_PX = 22, 6, 16
MOST_ENTRIES = 40


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """One line of the plot."""

    text: str
    colour: QColor
    style: Qt.PenStyle


class CurveKey(QWidget):
    """Grows as high as its entries need at its width."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries: tuple[KeyEntry, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_entries(self, entries: tuple[KeyEntry, ...]) -> None:
        """Show these lines."""
        self._entries = entries[:MOST_ENTRIES]
        self._fit()
        self.update()

    def _columns(self) -> int:
        metrics = QFontMetrics(ui_font(CAPTION_PX))
        widest = max((metrics.horizontalAdvance(each.text) for each in self._entries), default=1)
        column = widest + LINE_PX + 3 * GAP_PX
        return max(1, min(len(self._entries) or 1, (self.width() - LINE_PX) // column))

    def _fit(self) -> None:
        rows = -(-len(self._entries) // self._columns())
        self.setFixedHeight(rows * ROW_PX)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def sizeHint(self) -> QSize:
        """As high as the entries."""
        return QSize(200, self.height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(ui_font(CAPTION_PX))
        columns = self._columns()
        width = (self.width() - LINE_PX) / columns
        for place, entry in enumerate(self._entries):
            row, column = divmod(place, columns)
            left, middle = LINE_PX + column * width, (row + 0.5) * ROW_PX
            painter.setPen(QPen(entry.colour, 2, entry.style))
            painter.drawLine(QPointF(left, middle), QPointF(left + LINE_PX, middle))
            painter.setPen(palette().colour("text"))
            room = QRectF(left + LINE_PX + GAP_PX, row * ROW_PX, width - LINE_PX - GAP_PX, ROW_PX)
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, entry.text)
        painter.end()
