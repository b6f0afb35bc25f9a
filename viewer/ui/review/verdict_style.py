"""How verdicts look: each state has a colour of the palette, a shape and a word."""

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPen, QPixmap, QPolygonF

from viewer.ui.theme import palette

GLYPH_PX = 12


@dataclass(frozen=True, slots=True)
class VerdictStyle:
    """Look of one state."""

    state: str
    word: str
    """What a thing is then."""
    act: str
    """What a person does."""
    key: str
    colour: str
    """Name in the palette."""


STYLES: Mapping[str, VerdictStyle] = {
    style.state: style
    for style in (
        VerdictStyle("accepted", "accepted", "Accept", "A", "accepted"),
        VerdictStyle("rejected", "rejected", "Reject", "R", "rejected"),
        VerdictStyle("needs_fix", "needs fix", "Needs fix", "F", "warning"),
        VerdictStyle("skipped", "skipped", "Skip", "S", "secondary"),
    )
}
"""By state, in the order of the keys."""


def paint_glyph(painter: QPainter, rect: QRectF, state: str | None) -> None:
    """Paint a state: a disc with a tick, a square with a cross, a triangle, a ring with a bar.

    Nothing decided yet is an empty ring.
    """
    colours = palette()
    side = min(rect.width(), rect.height())
    box = QRectF(rect.center().x() - side / 2, rect.center().y() - side / 2, side, side)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    style = None if state is None else STYLES.get(state)
    colour = colours.colour("disabled" if style is None else style.colour)
    ink = QPen(colours.colour("on_accent"), max(1.2, side / 8))
    ink.setCapStyle(Qt.PenCapStyle.RoundCap)

    def at(x: float, y: float) -> QPointF:
        return QPointF(box.left() + x * side, box.top() + y * side)

    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    if state == "accepted":
        painter.drawEllipse(box)
        painter.setPen(ink)
        painter.drawPolyline(QPolygonF([at(0.27, 0.53), at(0.44, 0.7), at(0.75, 0.34)]))
    elif state == "rejected":
        painter.drawRoundedRect(box, side / 8, side / 8)
        painter.setPen(ink)
        painter.drawLine(at(0.28, 0.28), at(0.72, 0.72))
        painter.drawLine(at(0.72, 0.28), at(0.28, 0.72))
    elif state == "needs_fix":
        painter.drawPolygon(QPolygonF([at(0.5, 0.0), at(1.0, 0.95), at(0.0, 0.95)]))
        painter.setPen(ink)
        painter.drawLine(at(0.5, 0.38), at(0.5, 0.62))
        painter.drawPoint(at(0.5, 0.8))
    else:
        ring = QPen(colour, max(1.2, side / 9))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(ring)
        inset = ring.widthF() / 2
        painter.drawEllipse(box.adjusted(inset, inset, -inset, -inset))
        if state == "skipped":
            painter.drawLine(at(0.3, 0.5), at(0.7, 0.5))
    painter.restore()


def verdict_icon(state: str | None) -> QIcon:
    """Return the glyph as an icon; it follows the theme."""
    return QIcon(_Glyph(state))


class _Glyph(QIconEngine):
    def __init__(self, state: str | None) -> None:
        super().__init__()
        self._state = state

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, _state: QIcon.State) -> None:
        painter.save()
        if mode == QIcon.Mode.Disabled:
            painter.setOpacity(0.4)
        paint_glyph(painter, QRectF(rect).adjusted(1, 1, -1, -1), self._state)
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        picture = QPixmap(size)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        self.paint(painter, QRect(0, 0, size.width(), size.height()), mode, state)
        painter.end()
        return picture

    def clone(self) -> QIconEngine:
        return _Glyph(self._state)
