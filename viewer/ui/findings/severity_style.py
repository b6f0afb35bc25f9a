"""How severities look: as many bars as they matter, so that they are told apart without colour."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap

from viewer.checks.finding import Severity
from viewer.ui.theme import palette

GLYPH_PX = 14
_SCALE = 3.0
_BARS = 3


@dataclass(frozen=True, slots=True)
class SeverityStyle:
    """Look of one severity."""

    word: str
    bars: int
    """Of three, filled."""
    colour: str
    """Name in the palette."""


STYLES: Mapping[Severity, SeverityStyle] = {
    Severity.HIGH: SeverityStyle("High", 3, "rejected"),
    Severity.MEDIUM: SeverityStyle("Medium", 2, "warning"),
    Severity.LOW: SeverityStyle("Low", 1, "secondary"),
    Severity.INFO: SeverityStyle("Info", 0, "secondary"),
}


def paint_severity(painter: QPainter, rect: QRectF, severity: Severity) -> None:
    """Paint three rising bars, filled as far as it matters; the others are outlines."""
    colours, style = palette(), STYLES[severity]
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    width, gap = rect.width() / (_BARS + 0.6), rect.width() * 0.3 / _BARS
    for bar in range(_BARS):
        height = rect.height() * (bar + 1.2) / (_BARS + 0.2)
        left = rect.left() + bar * (width + gap)
        own = QRectF(left, rect.bottom() - height, width, height)
        colour = colours.colour(style.colour if bar < style.bars else "disabled")
        if bar < style.bars:
            painter.fillRect(own, colour)
        else:
            painter.fillRect(QRectF(left, rect.bottom() - 2, width, 2), colour)
    painter.restore()


def severity_icon(severity: Severity) -> QIcon:
    """Glyph of a severity in the theme's colours."""
    colours = palette()
    return _icon(severity, colours.colour(STYLES[severity].colour).name(), colours.disabled)


@cache
def _icon(severity: Severity, _colour: str, _off: str) -> QIcon:
    side = round(GLYPH_PX * _SCALE)
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.scale(_SCALE, _SCALE)
    paint_severity(painter, QRectF(1, 1, GLYPH_PX - 2, GLYPH_PX - 2), severity)
    painter.end()
    return QIcon(pixmap)


def severity_colour(severity: Severity) -> QColor:
    """Colour of a severity in the theme."""
    return palette().colour(STYLES[severity].colour)
