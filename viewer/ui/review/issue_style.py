"""How issues look: violet, with a shape for each state."""

from functools import cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap

from viewer.review.issues.model import IssueState
from viewer.ui.theme import palette

GLYPH_PX = 16
_SCALE = 3.0


def state_icon(state: IssueState) -> QIcon:
    """Glyph of a state in the theme's colours."""
    shown = palette()
    return _icon(state, shown.colour("issue").name(), shown.colour("secondary").name())


@cache
def _icon(state: IssueState, issue: str, quiet: str) -> QIcon:
    side = round(GLYPH_PX * _SCALE)
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.scale(_SCALE, _SCALE)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _paint(painter, state, QColor(issue), QColor(quiet))
    painter.end()
    return QIcon(pixmap)


def _paint(painter: QPainter, state: IssueState, issue: QColor, quiet: QColor) -> None:
    """Ring for triage, half full in progress, full in review, tick and cross when it is over."""
    ring = QRectF(2.5, 2.5, 11, 11)
    is_open = state in (IssueState.TRIAGE, IssueState.IN_PROGRESS, IssueState.IN_REVIEW)
    painter.setPen(QPen(issue if is_open else quiet, 1.6))
    painter.drawEllipse(ring)
    match state:
        case IssueState.IN_PROGRESS:
            painter.setBrush(issue)
            painter.drawPie(ring, 90 * 16, -180 * 16)
        case IssueState.IN_REVIEW:
            painter.setBrush(issue)
            painter.drawEllipse(QRectF(5, 5, 6, 6))
        case IssueState.RESOLVED:
            painter.drawPolyline([QPointF(5, 8.2), QPointF(7.2, 10.4), QPointF(11, 5.8)])
        case IssueState.CANCELLED:
            painter.drawLine(QPointF(5.6, 5.6), QPointF(10.4, 10.4))
            painter.drawLine(QPointF(10.4, 5.6), QPointF(5.6, 10.4))
        case _:
            pass
