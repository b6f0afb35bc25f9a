"""Charts of what is usual for a class, painted by hand: sharp on every screen, in both themes."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from viewer.session.findings_usual import RangeChart, UsualChart, number
from viewer.ui.findings.frame_chart import ticks
from viewer.ui.theme import CAPTION_PX, palette, ui_font

HEIGHT_PX, RANGE_PX, NARROWEST_PX = 92, 132, 200
SIDE_PX, TOP_PX, BOTTOM_PX = 6, 18, 16
OWN_PX = 4.0


class _Chart(QWidget):
    def __init__(self, height_px: int) -> None:
        super().__init__()
        self._height_px = height_px
        self.setFont(ui_font(CAPTION_PX))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(NARROWEST_PX, self._height_px)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _mark_own(self, painter: QPainter, x: float, y: float, text: str) -> None:
        """A triangle that points at the value, with words."""
        colour = palette().colour("accent")
        painter.setPen(QPen(colour, 1.5))
        painter.drawLine(QPointF(x, y), QPointF(x, self.height() - BOTTOM_PX))
        painter.setBrush(colour)
        painter.setPen(Qt.PenStyle.NoPen)
        tip = [QPointF(x, y + OWN_PX), QPointF(x - OWN_PX, y - 3), QPointF(x + OWN_PX, y - 3)]
        painter.drawPolygon(QPolygonF(tip))
        painter.setPen(colour)
        _words(painter, x, y - 5, text, self.width())


class HistogramView(_Chart):
    """Columns of labels, quantiles as a bar, limits dashed, the label's own value."""

    def __init__(self, chart: UsualChart) -> None:
        super().__init__(HEIGHT_PX)
        self.chart = chart

    def x_of(self, value: float) -> float:
        """Where a value stands; the nearer end for what lies beyond."""
        edges = self.chart.edges
        scaled = np.log(edges) if self.chart.logarithmic else edges
        low, high = float(scaled[0]), float(scaled[-1])
        at = np.log(max(value, 1e-9)) if self.chart.logarithmic else value
        share = min(max((float(at) - low) / max(high - low, 1e-12), 0.0), 1.0)
        return SIDE_PX + share * (self.width() - 2 * SIDE_PX)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        colours, chart = palette(), self.chart
        floor = self.height() - BOTTOM_PX
        tall = floor - TOP_PX
        most = max(float(chart.counts.max()), 1e-9)
        wide = (self.width() - 2 * SIDE_PX) / len(chart.counts)
        for place, count in enumerate(chart.counts.tolist()):
            height = tall * (count / most) ** 0.5
            painter.fillRect(
                QRectF(SIDE_PX + place * wide, floor - height, max(wide - 0.5, 0.5), height),
                colours.colour("disabled"),
            )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_quantiles(painter, floor)
        self._paint_limits(painter, floor)
        if chart.own is not None:
            self._mark_own(painter, self.x_of(chart.own), TOP_PX - 4, number(chart.own))
        painter.end()

    def _paint_quantiles(self, painter: QPainter, floor: float) -> None:
        colours = palette()
        low, middle, high = (self.x_of(value) for value in self.chart.quantiles)
        painter.setPen(QPen(colours.colour("text"), 2.0))
        painter.drawLine(QPointF(low, floor + 1), QPointF(high, floor + 1))
        painter.drawLine(QPointF(middle, floor - 5), QPointF(middle, floor + 3))
        painter.setPen(colours.colour("secondary"))
        self._paint_numbers(painter)

    def _paint_numbers(self, painter: QPainter) -> None:
        """Values under the columns, as many as there is room for; the ends first."""
        taken: list[tuple[float, float]] = []
        metrics = QFontMetricsF(self.font())
        low, middle, high = self.chart.quantiles
        for value in (middle, low, high, float(self.chart.edges[0]), float(self.chart.edges[-1])):
            text = number(value)
            half = metrics.horizontalAdvance(text) / 2
            x = min(max(self.x_of(value), half), self.width() - half)
            if all(x + half + 4 < left or x - half - 4 > right for left, right in taken):
                taken.append((x - half, x + half))
                painter.drawText(QPointF(x - half, self.height() - 3), text)

    def _paint_limits(self, painter: QPainter, floor: float) -> None:
        colours, edges = palette(), self.chart.edges
        for limit in self.chart.limits:
            if not edges[0] <= limit.value <= edges[-1]:
                continue
            style = Qt.PenStyle.SolidLine if limit.is_pinned else Qt.PenStyle.DashLine
            painter.setPen(QPen(colours.colour("warning"), 1.5, style))
            x = self.x_of(limit.value)
            painter.drawLine(QPointF(x, TOP_PX - 2), QPointF(x, floor))
            if limit.is_pinned:
                painter.drawEllipse(QPointF(x, TOP_PX - 4), 2.0, 2.0)


class RangeView(_Chart):
    """A band of points by range, logarithmic; the least that is usual, dashed."""

    def __init__(self, chart: RangeChart) -> None:
        super().__init__(RANGE_PX)
        self.chart = chart
        own = [] if chart.own is None else [chart.own[1]]
        top = max([1.0, *own, float(np.nanmax(chart.quantiles, initial=1.0))])
        self._top = float(np.log10(top * 1.3))

    def x_of(self, range_m: float) -> float:
        """Where a range stands."""
        share = min(max(range_m / float(self.chart.edges_m[-1]), 0.0), 1.0)
        left = self._left()
        return left + share * (self.width() - SIDE_PX - left)

    def y_of(self, points: float) -> float:
        """Where a number of points stands; no point counts as half a point."""
        low = -0.35
        share = (float(np.log10(max(points, 0.5))) - low) / (self._top - low)
        floor = self.height() - BOTTOM_PX
        return floor - min(max(share, 0.0), 1.0) * (floor - TOP_PX)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours, chart = palette(), self.chart
        self._paint_scale(painter)
        band = colours.colour("disabled")
        band.setAlphaF(0.45)
        for place in np.flatnonzero(np.isfinite(chart.quantiles[:, 1])).tolist():
            left, right = (self.x_of(float(each)) for each in chart.edges_m[place : place + 2])
            low, middle, high = (self.y_of(float(each)) for each in chart.quantiles[place])
            painter.fillRect(QRectF(left, high, right - left - 1, max(low - high, 1.0)), band)
            painter.setPen(QPen(colours.colour("text"), 2.0))
            painter.drawLine(QPointF(left, middle), QPointF(right - 1, middle))
            least = float(chart.least[place])
            if np.isfinite(least):
                painter.setPen(QPen(colours.colour("warning"), 1.5, Qt.PenStyle.DashLine))
                painter.drawLine(
                    QPointF(left, self.y_of(least)), QPointF(right - 1, self.y_of(least))
                )
        if chart.own is not None:
            self._paint_own(painter, *chart.own)
        painter.end()

    def _left(self) -> float:
        return QFontMetricsF(self.font()).horizontalAdvance("10k") + 8

    def _paint_scale(self, painter: QPainter) -> None:
        colours, left = palette(), self._left()
        painter.setPen(colours.colour("secondary"))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for power, text in ((0, "1"), (1, "10"), (2, "100"), (3, "1k"), (4, "10k"), (5, "100k")):
            if power > self._top:
                break
            y = self.y_of(10.0**power)
            painter.drawText(QRectF(0, y - 8, left - 4, 16), right, text)
            painter.setPen(QPen(colours.colour("line"), 1.0))
            painter.drawLine(QPointF(left, y), QPointF(self.width() - SIDE_PX, y))
            painter.setPen(colours.colour("secondary"))
        for range_m in _few(ticks(0.0, float(self.chart.edges_m[-1]))):
            _words(painter, self.x_of(range_m), self.height() - 3, f"{range_m:.0f} m", self.width())

    def _paint_own(self, painter: QPainter, range_m: float, points: float) -> None:
        colour = palette().colour("accent")
        x, y = self.x_of(range_m), self.y_of(points)
        painter.setPen(QPen(colour, 1.5))
        painter.setBrush(colour)
        painter.drawEllipse(QPointF(x, y), OWN_PX, OWN_PX)
        _words(painter, x, max(y - 7, 10.0), f"{points:,.0f}", self.width())


def _words(painter: QPainter, x: float, baseline: float, text: str, width: float) -> None:
    """Text around a place, wholly inside of the chart."""
    half = QFontMetricsF(painter.font()).horizontalAdvance(text) / 2
    painter.drawText(QPointF(min(max(x, half), width - half) - half, baseline), text)


def _few(values: Sequence[float]) -> Sequence[float]:
    return values[:: 1 + len(values) // 6]
