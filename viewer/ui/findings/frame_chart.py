"""A small chart over the frames of a scene: painted by hand, worked with mouse and keys."""

import math
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from viewer.session.findings_doctor_text import (
    FrameChartData,
    FrameSeries,
    measured_frames,
    reading,
)
from viewer.ui.theme import CAPTION_PX, palette, ui_font

HEIGHT_PX, NARROWEST_PX = 148, 200
TOP_PX, BOTTOM_PX, RIGHT_PX = 20, 18, 8
GAP_PX = 4
DOT_PX = 2.6
COLOURS = ("accent", "warning", "issue")
LEAST_REACH = 2.0
"""So far up and down a chart shows at least, in its unit."""
SHOWN_SHARE = 0.9
"""Of the values that the scale holds; those beyond stand at its edge as arrows."""
_STEPS = (1.0, 2.0, 5.0)
_KEYS = (
    Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_Return,
    Qt.Key.Key_Enter,
)  # fmt: skip


class FrameChart(QWidget):
    """Points and bars by frame; a click, or Enter, goes to the frame under the cursor."""

    chosen = Signal(int)
    pointed = Signal(str)
    """What is read under the cursor; empty for nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Chart over the frames")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFont(ui_font(CAPTION_PX))
        self.data = FrameChartData("", "", 0, ())
        self._frames: Sequence[int] = ()
        self._scale = (-LEAST_REACH, LEAST_REACH)
        self.cursor_frame: int | None = None
        self._shown_frame = -1

    def sizeHint(self) -> QSize:
        return QSize(NARROWEST_PX, HEIGHT_PX)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def show_data(self, data: FrameChartData) -> None:
        """Show other series."""
        self.data, self._frames = data, measured_frames(data)
        self._scale = scale_of(data)
        if self.cursor_frame not in self._frames:
            self.cursor_frame = None
        self._tell()
        self.update()

    def show_frame(self, index: int) -> None:
        """Mark the frame that the window shows."""
        if index != self._shown_frame:
            self._shown_frame = index
            self.update()

    # -- acting ------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        # Arrows move over the chart while it has the focus; elsewhere they step frames.
        asked = event.type() == QEvent.Type.ShortcutOverride
        if asked and self._frames and _is_own(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, frames = event.key(), self._frames
        if key not in _KEYS or not frames:
            super().keyPressEvent(event)
            return
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.cursor_frame is not None:
                self.chosen.emit(self.cursor_frame)
            return
        begin = self._shown_frame if self.cursor_frame is None else self.cursor_frame
        place = int(np.searchsorted(frames, begin))
        if key == Qt.Key.Key_Home:
            place = 0
        elif key == Qt.Key.Key_End:
            place = len(frames) - 1
        elif key == Qt.Key.Key_Left:
            place -= 1
        elif place < len(frames) and frames[place] == begin:
            place += 1
        self._point_at(frames[min(max(place, 0), len(frames) - 1)])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point_at(self._frame_near(event.position().x()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        frame = self._frame_near(event.position().x())
        if event.button() == Qt.MouseButton.LeftButton and frame is not None:
            self._point_at(frame)
            self.chosen.emit(frame)

    def leaveEvent(self, event: QEvent) -> None:
        if not self.hasFocus():
            self._point_at(None)
        super().leaveEvent(event)

    def _point_at(self, frame: int | None) -> None:
        if frame != self.cursor_frame:
            self.cursor_frame = frame
            self._tell()
            self.update()

    def _tell(self) -> None:
        told = "" if self.cursor_frame is None else reading(self.data, self.cursor_frame)
        self.setAccessibleDescription(told or self.data.title)
        self.pointed.emit(told)

    def _frame_near(self, x: float) -> int | None:
        if not self._frames:
            return None
        return min(self._frames, key=lambda frame: abs(self.x_of(frame) - x))

    # -- painting ----------------------------------------------------------------------------

    def plot_rect(self) -> QRectF:
        """Where values stand, in this widget."""
        metrics = QFontMetricsF(self.font())
        left = max(metrics.horizontalAdvance(_number(each)) for each in ticks(*self._scale)) + 8
        return QRectF(
            left, TOP_PX, max(self.width() - left - RIGHT_PX, 1.0),
            max(self.height() - TOP_PX - BOTTOM_PX, 1.0),
        )  # fmt: skip

    def x_of(self, frame: int) -> float:
        """Where a frame stands."""
        plot = self.plot_rect()
        return plot.left() + plot.width() * (frame + 0.5) / max(self.data.frames, 1)

    def y_of(self, value: float) -> float:
        """Where a value stands; the nearer edge for what lies beyond the scale."""
        plot, (low, high) = self.plot_rect(), self._scale
        share = (min(max(value, low), high) - low) / (high - low)
        return plot.bottom() - plot.height() * share

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours, plot = palette(), self.plot_rect()
        painter.fillRect(plot, colours.colour("field"))
        self._paint_scale(painter, plot)
        if self._shown_frame >= 0:
            painter.setPen(QPen(colours.colour("text"), 1.0))
            x = self.x_of(self._shown_frame)
            painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
        for place, series in enumerate(self.data.series):
            self._paint_series(painter, series, place)
        trend = self.data.trend
        if trend is not None:
            painter.setPen(QPen(colours.colour("text"), 1.2))
            ends = zip(trend.frames, trend.values, strict=True)
            painter.drawLine(*(QPointF(self.x_of(x), self.y_of(y)) for x, y in ends))
        if self.cursor_frame is not None:
            painter.setPen(QPen(colours.colour("secondary"), 1.0, Qt.PenStyle.DotLine))
            x = self.x_of(self.cursor_frame)
            painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
        self._paint_key(painter)
        if self.hasFocus():
            painter.setPen(QPen(colours.colour("accent"), 1.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(plot)
        painter.end()

    def _paint_scale(self, painter: QPainter, plot: QRectF) -> None:
        colours = palette()
        flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for value in ticks(*self._scale):
            y = self.y_of(value)
            painter.setPen(QPen(colours.colour("line"), 1.0))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(colours.colour("secondary"))
            painter.drawText(QRectF(0, y - 8, plot.left() - GAP_PX, 16), flags, _number(value))
        low, high = self._scale
        for limit in self.data.limits:
            if low < limit < high:
                painter.setPen(QPen(colours.colour("rejected"), 1.0, Qt.PenStyle.DashLine))
                y = self.y_of(limit)
                painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
        painter.setPen(colours.colour("secondary"))
        below = QRectF(plot.left(), plot.bottom() + 2, plot.width(), BOTTOM_PX - 2)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, "frame 1")
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, f"{self.data.frames:,}")

    def _paint_series(self, painter: QPainter, series: FrameSeries, place: int) -> None:
        colour = palette().colour(COLOURS[place % len(COLOURS)])
        low, high = self._scale
        for row, frame in enumerate(series.frames.tolist()):
            x, value = self.x_of(frame), float(series.values[row])
            if series.low is not None and series.high is not None:
                painter.setPen(QPen(colour, 1.0))
                painter.drawLine(
                    QPointF(x, self.y_of(float(series.low[row]))),
                    QPointF(x, self.y_of(float(series.high[row]))),
                )
            sure = series.sure is None or bool(series.sure[row])
            painter.setPen(QPen(colour, 1.2))
            painter.setBrush(colour if sure else Qt.BrushStyle.NoBrush)
            where = QPointF(x, self.y_of(value))
            if value > high or value < low:
                painter.drawPolygon(_arrow(where, up=value > high))
            else:
                _mark(painter, where, place)

    def _paint_key(self, painter: QPainter) -> None:
        metrics = QFontMetricsF(self.font())
        x = self.plot_rect().left()
        entries = [(each.name, place) for place, each in enumerate(self.data.series)]
        for name, place in entries:
            colour = palette().colour(COLOURS[place % len(COLOURS)])
            painter.setPen(QPen(colour, 1.2))
            painter.setBrush(colour)
            _mark(painter, QPointF(x + 4, TOP_PX / 2), place)
            painter.setPen(palette().colour("secondary"))
            painter.drawText(QPointF(x + 12, TOP_PX / 2 + metrics.ascent() / 2 - 1), name)
            x += metrics.horizontalAdvance(name) + 24
        low, high = self._scale
        colours = palette()
        lines = []
        if any(low < limit < high for limit in self.data.limits):
            pen = QPen(colours.colour("rejected"), 1.0, Qt.PenStyle.DashLine)
            lines.append(("limit", pen))
        if self.data.trend is not None:
            lines.append(("fit", QPen(colours.colour("text"), 1.2)))
        for name, pen in lines:
            if x + 16 + metrics.horizontalAdvance(name) > self.width():
                break
            painter.setPen(pen)
            painter.drawLine(QPointF(x, TOP_PX / 2), QPointF(x + 12, TOP_PX / 2))
            painter.setPen(colours.colour("secondary"))
            painter.drawText(QPointF(x + 16, TOP_PX / 2 + metrics.ascent() / 2 - 1), name)
            x += metrics.horizontalAdvance(name) + 28


def _is_own(event: QEvent) -> bool:
    if not isinstance(event, QKeyEvent):
        return False
    return event.key() in _KEYS and event.modifiers() in _PLAIN


_PLAIN = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)


def scale_of(data: FrameChartData) -> tuple[float, float]:
    """Lowest and highest value that a chart shows: most of them, and the limits that are near."""
    if not data.series:
        return -LEAST_REACH, LEAST_REACH
    values = np.concatenate([each.values for each in data.series])
    values = values[np.isfinite(values)]
    if not len(values):
        return -LEAST_REACH, LEAST_REACH
    edge = (1 - SHOWN_SHARE) / 2
    ends = np.quantile(values, (edge, 1 - edge), method="nearest")
    low, high = (float(value) for value in ends)
    middle, reach = (low + high) / 2, max((high - low) / 2, LEAST_REACH) * 1.25
    low, high = middle - reach, middle + reach
    for limit in data.limits:
        # A limit far beyond all values would flatten them.
        if abs(limit - middle) < 3 * reach:
            low, high = min(low, limit - 0.1 * reach), max(high, limit + 0.1 * reach)
    if values.min() >= 0 and not any(limit < 0 for limit in data.limits):
        low = max(low, 0.0)
    return low, high


def ticks(low: float, high: float) -> list[float]:
    """Round values between two others, three to six of them.

    Examples
    --------
    >>> ticks(-2.5, 2.5)
    [-2.0, -1.0, 0.0, 1.0, 2.0]
    >>> ticks(0.0, 47.0)
    [0.0, 10.0, 20.0, 30.0, 40.0]
    """
    span = high - low
    power = 10.0 ** math.floor(math.log10(span / 3))
    step = next((each * power for each in (*_STEPS, 10.0) if span / (each * power) < 6), 10 * power)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [round(number * step, 10) + 0.0 for number in range(first, last + 1)]


def _number(value: float) -> str:
    return f"{value:.3g}".replace("-", "\N{MINUS SIGN}")


def _mark(painter: QPainter, where: QPointF, place: int) -> None:
    """A disc for the first series, a diamond for others: told apart without colour."""
    if place == 0:
        painter.drawEllipse(where, DOT_PX, DOT_PX)
        return
    x, y, reach = where.x(), where.y(), DOT_PX * 1.3
    painter.drawPolygon(
        [QPointF(x, y - reach), QPointF(x + reach, y), QPointF(x, y + reach), QPointF(x - reach, y)]
    )


def _arrow(where: QPointF, *, up: bool) -> list[QPointF]:
    x, tip = where.x(), where.y() + (1 if up else -1)
    base = tip + (6 if up else -6)
    return [QPointF(x, tip), QPointF(x - 3.5, base), QPointF(x + 3.5, base)]
