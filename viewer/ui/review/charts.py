"""Charts of the dashboard. Imports pyqtgraph, so only imported once a chart is wanted."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QBrush, QHelpEvent, QWheelEvent
from PySide6.QtWidgets import QToolTip

from viewer.ui.theme import CAPTION_PX, palette, ui_font

ROW_PX, AXIS_PX, TIME_PX = 22, 22, 132
BAR_SHARE = 0.62
NAME_LETTERS = 16


@dataclass(frozen=True, slots=True)
class Series:
    """One kind of thing that bars count."""

    word: str
    colour: str
    """Name in the palette."""
    pattern: Qt.BrushStyle = Qt.BrushStyle.SolidPattern
    """Tells kinds apart without colour."""


@dataclass(frozen=True, slots=True)
class ChartBar:
    """One bar; its counts are in the order of the series."""

    name: str
    counts: tuple[int, ...]
    start_s: float = 0.0
    """Where it begins on a time axis, seconds since 1970."""

    @property
    def total(self) -> int:
        """Sum of its pieces."""
        return sum(self.counts)


class _Chart(pg.PlotWidget):  # type: ignore[misc]
    """A plot that stays as it is: it neither pans nor takes the wheel from the panel."""

    def __init__(self, name: str, axis_items: dict[str, pg.AxisItem] | None = None) -> None:
        super().__init__(axisItems=axis_items or {})
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMenuEnabled(False)
        self.setMouseEnabled(x=False, y=False)
        self.hideButtons()
        self.setFrameShape(self.Shape.NoFrame)
        self.bars: tuple[ChartBar, ...] = ()
        self.series: tuple[Series, ...] = ()

    def show_bars(self, bars: Sequence[ChartBar], series: Sequence[Series]) -> None:
        """Draw these bars in the theme's colours."""
        self.bars, self.series = tuple(bars), tuple(series)
        told = "; ".join(self.text_of(bar) for bar in self.bars[:40])
        self.setAccessibleDescription(told)
        self.redraw()

    def redraw(self) -> None:
        """Draw again, e.g. in another theme."""
        colours = palette()
        self.setBackground(colours.colour("panel"))
        self.clear()
        for side in ("left", "bottom"):
            axis = self.getAxis(side)
            axis.setPen(colours.colour("line"))
            axis.setTextPen(colours.colour("secondary"))
            axis.setTickFont(ui_font(CAPTION_PX))
        self._draw()

    def _draw(self) -> None:
        raise NotImplementedError

    def _brush(self, series: Series) -> QBrush:
        return QBrush(palette().colour(series.colour), series.pattern)

    def text_of(self, bar: ChartBar) -> str:
        """A bar in words, e.g. ``car: 12 accepted, 3 rejected``."""
        pieces = zip(self.series, bar.counts, strict=True)
        return f"{bar.name}: " + ", ".join(f"{n:,} {each.word}" for each, n in pieces if n)

    def bar_at(self, _position: QPointF) -> ChartBar | None:
        """The bar at a place of the plot."""
        return None

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            scene = self.mapToScene(event.pos())
            bar = self.bar_at(self.getViewBox().mapSceneToView(scene))
            QToolTip.showText(event.globalPos(), "" if bar is None else self.text_of(bar), self)
            return True
        return bool(super().viewportEvent(event))

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class NamedBars(_Chart):
    """Horizontal bars with their names on the left and their sums at the end."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.getViewBox().invertY(True)
        self.getAxis("left").setStyle(tickLength=0)
        self.hideAxis("bottom")

    def _draw(self) -> None:
        bars = self.bars
        self.setFixedHeight(max(1, len(bars)) * ROW_PX + 10)
        axis = self.getAxis("left")
        axis.setTicks([[(row, _short(bar.name)) for row, bar in enumerate(bars)]])
        axis.setTextPen(palette().colour("text"))
        axis.setPen(None)
        longest = max((bar.total for bar in bars), default=1) or 1
        left = [0] * len(bars)
        for place, series in enumerate(self.series):
            wide = [bar.counts[place] for bar in bars]
            rows = [row for row, count in enumerate(wide) if count]
            if rows:
                self.addItem(
                    pg.BarGraphItem(
                        x0=[left[row] for row in rows], width=[wide[row] for row in rows],
                        y=rows, height=BAR_SHARE, brush=self._brush(series),
                        pen=pg.mkPen(palette().colour(series.colour)),
                    )
                )  # fmt: skip
            left = [at + count for at, count in zip(left, wide, strict=True)]
        for row, bar in enumerate(bars):
            text = pg.TextItem(f"{bar.total:,}", palette().colour("secondary"), anchor=(0, 0.5))
            text.setFont(ui_font(CAPTION_PX))
            text.setPos(bar.total, row)
            self.addItem(text)
        digits = len(f"{longest:,}")
        self.setXRange(0, longest * (1.06 + 0.05 * digits), padding=0)
        self.setYRange(-0.5, max(len(bars), 1) - 0.5, padding=0)

    def bar_at(self, position: QPointF) -> ChartBar | None:
        row = round(position.y())
        return self.bars[row] if 0 <= row < len(self.bars) else None


class TimeBars(_Chart):
    """Bars that stand on an axis of time, on the clock of this machine."""

    def __init__(self, name: str) -> None:
        super().__init__(name, {"bottom": pg.DateAxisItem(orientation="bottom")})
        self.setFixedHeight(TIME_PX)
        self.step_s = 60.0
        """How long each bar lasts."""

    def _draw(self) -> None:
        bars = self.bars
        low = [0] * len(bars)
        middles = [bar.start_s + self.step_s / 2 for bar in bars]
        for place, series in enumerate(self.series):
            high = [bar.counts[place] for bar in bars]
            if any(high):
                self.addItem(
                    pg.BarGraphItem(
                        x=middles, width=self.step_s * 0.8, y0=low, height=high,
                        brush=self._brush(series), pen=pg.mkPen(palette().colour(series.colour)),
                    )
                )  # fmt: skip
            low = [at + count for at, count in zip(low, high, strict=True)]
        if bars:
            # A single bar shall not fill the chart.
            first, last = bars[0].start_s, bars[-1].start_s + self.step_s
            room = max(0.0, 12 * self.step_s - (last - first)) / 2
            self.setXRange(first - room, last + room, padding=0.02)
        most = max(low, default=0)
        # There is no half a verdict.
        step = max(1, math.ceil(most / 4))
        self.getAxis("left").setTickSpacing(step, step)
        self.setYRange(0, most * 1.08 or 1, padding=0)

    def bar_at(self, position: QPointF) -> ChartBar | None:
        found = (b for b in self.bars if b.start_s <= position.x() < b.start_s + self.step_s)
        return next(found, None)


def _short(name: str) -> str:
    return name if len(name) <= NAME_LETTERS else f"{name[: NAME_LETTERS - 1]}…"
