"""How a finding looks in the list, and the list itself, worked with keys."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
)
from PySide6.QtWidgets import QStyleOptionViewItem as Option

from viewer.checks.finding import Finding
from viewer.session.findings_desk import FindingsDesk
from viewer.session.findings_list import TITLES, Grouping
from viewer.session.findings_text import short_place
from viewer.ui.findings.finding_model import FindingModel
from viewer.ui.findings.severity_style import GLYPH_PX, paint_severity
from viewer.ui.review.row_table import RowTable
from viewer.ui.review.verdict_style import paint_glyph
from viewer.ui.theme import CAPTION_PX, FONT_PX, palette, ui_font

ROW_PX = 58
_LEFT_PX, _TEXT_PX, _RIGHT_PX = 10, 32, 10
_LINE_PX = 17
_Index = QModelIndex | QPersistentModelIndex


class FindingDelegate(QStyledItemDelegate):
    """A sentence in one or two lines, then whose it is; bars tell severity, a glyph the verdict."""

    def __init__(self, desk: FindingsDesk, model: FindingModel) -> None:
        super().__init__()
        self._desk, self._model = desk, model

    def sizeHint(self, _option: Option, _index: _Index) -> QSize:
        return QSize(120, ROW_PX)

    def paint(self, painter: QPainter, option: Option, index: _Index) -> None:
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        colours = palette()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, colours.colour("selected"))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, colours.colour("hover"))
        painter.save()
        group = self._model.group(index.row())
        if group is not None:
            self._paint_title(painter, rect, group)
        else:
            finding = self._model.finding(index.row())
            if finding is not None:
                self._paint_finding(painter, rect, finding)
        painter.restore()

    def _paint_title(self, painter: QPainter, rect: QRect, group: int) -> None:
        """The group's name with its number, an arrow that says whether it is folded."""
        colours = palette()
        title, count = self._model.title(group)
        x, y = rect.left() + _LEFT_PX + 4.0, rect.center().y() + 4.0
        steps = ((-3, -4), (3, 0), (-3, 4)) if self._desk.is_folded(group) else (
            (-4, -3), (4, -3), (0, 3)
        )  # fmt: skip
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.colour("secondary"))
        painter.drawPolygon(QPolygonF([QPointF(x + dx, y + dy) for dx, dy in steps]))
        painter.setPen(QPen(colours.colour("line")))
        painter.drawLine(rect.left(), rect.top(), rect.right(), rect.top())
        font = ui_font(FONT_PX)
        font.setWeight(font.Weight.DemiBold)
        number = f"{count:,}"
        painter.setFont(font)
        room = painter.fontMetrics().horizontalAdvance(number)
        line = QRect(
            rect.left() + _TEXT_PX, rect.top() + 8,
            rect.width() - _TEXT_PX - _RIGHT_PX - room - 8, rect.height() - 8,
        )  # fmt: skip
        text = painter.fontMetrics().elidedText(title, Qt.TextElideMode.ElideRight, line.width())
        painter.setPen(colours.colour("text"))
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, text)
        painter.setPen(colours.colour("secondary"))
        painter.drawText(
            line.adjusted(0, 0, room + 8, 0),
            Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, number,
        )  # fmt: skip

    def _paint_finding(self, painter: QPainter, rect: QRect, finding: Finding) -> None:
        colours = palette()
        glyph = QRectF(rect.left() + _LEFT_PX, rect.top() + 6, GLYPH_PX, GLYPH_PX)
        paint_severity(painter, glyph, finding.severity)
        state, right = self._desk.work.state_of(finding), _RIGHT_PX
        if state is not None:
            paint_glyph(
                painter, QRectF(rect.right() - 20, rect.top() + 7, 12, 12), state
            )  # fmt: skip
            right += 18
        width = rect.width() - _TEXT_PX - right
        painter.setFont(ui_font(FONT_PX))
        painter.setPen(colours.colour("text"))
        line = QRect(rect.left() + _TEXT_PX, rect.top() + 4, width, _LINE_PX)
        first, rest = _broken(finding.text, painter.fontMetrics(), width)
        self._write(painter, line, first)
        if rest:
            line.translate(0, _LINE_PX)
            self._write(painter, line, rest)
        painter.setFont(ui_font(CAPTION_PX))
        painter.setPen(colours.colour("secondary"))
        self._write(painter, line.translated(0, _LINE_PX), self._second(finding))

    def _second(self, finding: Finding) -> str:
        parts = [short_place(finding)]
        if finding.whole_track is not None and self._desk.grouping is Grouping.NONE:
            ranked = self._desk.ranked_of(finding)
            parts[0] += "" if ranked is None else f", {ranked.frames:,} frames"
        if self._desk.grouping is not Grouping.CHECK:
            parts.append(TITLES.get(finding.check, finding.check))
        if len(self._desk.scenes) > 1:
            parts.append(finding.scene_id)
        return "  ".join(parts)

    def _write(self, painter: QPainter, line: QRect, text: str) -> None:
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, line.width())
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, shown)


def _broken(text: str, metrics: QFontMetrics, width: int) -> tuple[str, str]:
    """Break a sentence after the last word that fits into the first line."""
    if metrics.horizontalAdvance(text) <= width:
        return text, ""
    words = text.split(" ")
    count = next(
        (n for n in range(len(words) - 1, 0, -1)
         if metrics.horizontalAdvance(" ".join(words[:n])) <= width),
        1,
    )  # fmt: skip
    return " ".join(words[:count]), " ".join(words[count:])


class FindingView(RowTable):
    """Up and Down look at findings as they go, Enter frames one again or folds a group.

    A table, since a list view asks for the place of each of 100,000 rows before it shows ten.
    """

    def __init__(self) -> None:
        super().__init__("Findings; Up, Down and Enter look at one")
        self.setMouseTracking(True)
        self.horizontalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.horizontalHeader().setMinimumSectionSize(0)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(ROW_PX)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setFrameShape(QFrame.Shape.NoFrame)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        before = self.currentIndex().row()
        super().keyPressEvent(event)
        if self.currentIndex().row() != before:
            self.clicked.emit(self.currentIndex())
