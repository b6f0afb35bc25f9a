"""Curves of figures. Imports pyqtgraph, so only imported once a plot is wanted."""

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from viewer.session.compare_values import Curve, Plot
from viewer.ui.compare.curve_key import CurveKey, KeyEntry
from viewer.ui.theme import CAPTION_PX, palette, ui_font

STYLES = (
    Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine, Qt.PenStyle.DashDotLine,
)  # fmt: skip
"""Tell curves apart without colour, the first ones at least."""
ALL = "all"
SHORTEST_PX = 170
FEW_POINTS = 20
"""So many are marked one by one."""


class _Lines(pg.PlotWidget):  # type: ignore[misc]
    """A plot that stays as it is and leaves the wheel to the panel."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMenuEnabled(False)
        self.setMouseEnabled(x=False, y=False)
        self.hideButtons()
        self.setFrameShape(self.Shape.NoFrame)
        self.setMinimumHeight(SHORTEST_PX)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class CurvePlot(QWidget):
    """One plot of curves between 0 and 1, its title above and its key below."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.plot: Plot | None = None
        self._colours: dict[str, QColor] = {}
        self._mark: float | None = None
        self.title = QLabel()
        self.title.setProperty("role", "heading")
        self.title.setContentsMargins(8, 0, 0, 0)
        self.lines = _Lines()
        self.key = CurveKey()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(2)
        column.addWidget(self.title)
        column.addWidget(self.lines, 1)
        column.addWidget(self.key)

    def show_plot(
        self, plot: Plot | None, colours: dict[str, QColor], mark: float | None = None
    ) -> None:
        """Draw a plot; `mark` is a place on the x axis, e.g. the present threshold."""
        self.plot, self._colours, self._mark = plot, colours, mark
        self.redraw()

    def redraw(self) -> None:
        """Draw again, e.g. in another theme."""
        theme = palette()
        lines = self.lines
        lines.setBackground(theme.colour("panel"))
        lines.clear()
        for side in ("left", "bottom"):
            axis = lines.getAxis(side)
            axis.setPen(theme.colour("line"))
            axis.setTextPen(theme.colour("secondary"))
            axis.setTickFont(ui_font(CAPTION_PX))
        if self.plot is None:
            self.key.show_entries(())
            return
        self.title.setText(self.plot.title)
        small = {"color": theme.secondary, "font-size": f"{CAPTION_PX}px"}
        lines.setLabel("left", self.plot.y_name, **small)
        lines.setLabel("bottom", self.plot.x_name, **small)
        lines.showGrid(x=True, y=True, alpha=0.15)
        lines.setXRange(*self.plot.x_bounds, padding=0.02)
        lines.setYRange(0, 1, padding=0.02)
        if self.plot.diagonal:
            pen = pg.mkPen(theme.colour("disabled"), width=1, style=Qt.PenStyle.DashLine)
            lines.plotItem.plot([0, 1], [0, 1], pen=pen)
        if self._mark is not None:
            pen = pg.mkPen(theme.colour("secondary"), width=1, style=Qt.PenStyle.DotLine)
            lines.addItem(pg.InfiniteLine(self._mark, angle=90, pen=pen))
        entries = tuple(self._draw(place, curve) for place, curve in enumerate(self.plot.curves))
        self.key.show_entries(entries)
        self.setAccessibleDescription("; ".join(each.text for each in entries[:40]))

    def _draw(self, place: int, curve: Curve) -> KeyEntry:
        own = palette().colour("text" if curve.name == ALL else "accent")
        colour = self._colours.get(curve.name, own)
        style = STYLES[place % len(STYLES)]
        self.lines.plotItem.plot(
            curve.x, curve.y, pen=pg.mkPen(colour, width=2, style=style), connect="finite",
            symbol="o" if len(curve.x) <= FEW_POINTS else None, symbolSize=5,
            symbolBrush=colour, symbolPen=None,
        )  # fmt: skip
        return KeyEntry(f"{curve.name}  {curve.note}".rstrip(), colour, style)
