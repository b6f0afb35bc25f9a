"""Curves of figures. Imports pyqtgraph, so only imported once a plot is wanted."""

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QWheelEvent

from viewer.session.compare_values import Curve, Plot
from viewer.ui.theme import CAPTION_PX, palette, ui_font

STYLES = (
    Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine, Qt.PenStyle.DashDotLine,
)  # fmt: skip
"""Tell curves apart without colour, the first ones at least."""
MOST_IN_LEGEND = 12
SHORTEST_PX = 190


class CurvePlot(pg.PlotWidget):  # type: ignore[misc]
    """One plot of curves between 0 and 1; it takes no wheel from the panel."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMenuEnabled(False)
        self.setMouseEnabled(x=False, y=False)
        self.hideButtons()
        self.setFrameShape(self.Shape.NoFrame)
        self.setMinimumHeight(SHORTEST_PX)
        self.plot: Plot | None = None
        self._colours: dict[str, QColor] = {}
        self._mark: float | None = None
        self._legend = self.addLegend(offset=(-8, -8), labelTextSize=f"{CAPTION_PX}px")

    def show_plot(
        self, plot: Plot | None, colours: dict[str, QColor], mark: float | None = None
    ) -> None:
        """Draw a plot; `mark` is a place on the x axis, e.g. the present threshold."""
        self.plot, self._colours, self._mark = plot, colours, mark
        self.redraw()

    def redraw(self) -> None:
        """Draw again, e.g. in another theme."""
        theme = palette()
        self.setBackground(theme.colour("panel"))
        self.clear()
        self._legend.clear()
        for side in ("left", "bottom"):
            axis = self.getAxis(side)
            axis.setPen(theme.colour("line"))
            axis.setTextPen(theme.colour("secondary"))
            axis.setTickFont(ui_font(CAPTION_PX))
        if self.plot is None:
            return
        self.setTitle(self.plot.title, color=theme.text, size=f"{CAPTION_PX}px")
        for side, text in (("left", self.plot.y_name), ("bottom", self.plot.x_name)):
            self.getAxis(side).setLabel(text, color=theme.secondary)
        self.showGrid(x=True, y=True, alpha=0.15)
        self.setXRange(0, 1, padding=0.02)
        self.setYRange(0, 1, padding=0.02)
        if self.plot.diagonal:
            pen = pg.mkPen(theme.colour("disabled"), width=1, style=Qt.PenStyle.DashLine)
            self.plotItem.plot([0, 1], [0, 1], pen=pen)
        if self._mark is not None:
            pen = pg.mkPen(theme.colour("secondary"), width=1, style=Qt.PenStyle.DotLine)
            self.addItem(pg.InfiniteLine(self._mark, angle=90, pen=pen))
        for place, curve in enumerate(self.plot.curves):
            self._draw(place, curve)
        self.setAccessibleDescription("; ".join(_told(curve) for curve in self.plot.curves[:40]))

    def _draw(self, place: int, curve: Curve) -> None:
        colour = self._colours.get(curve.name, palette().colour("accent"))
        pen = pg.mkPen(colour, width=2, style=STYLES[place % len(STYLES)])
        named = place < MOST_IN_LEGEND
        self.plotItem.plot(
            curve.x, curve.y, pen=pen, name=_told(curve) if named else None, connect="finite",
            symbol="o" if len(curve.x) <= 20 else None, symbolSize=5, symbolBrush=colour,
            symbolPen=None,
        )  # fmt: skip

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


def _told(curve: Curve) -> str:
    return f"{curve.name}  {curve.note}" if curve.note else curve.name
