"""The page of curves: precision over recall, F1 over confidence, calibration."""

from PySide6.QtCore import QTimer
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QWidget
from PySide6.QtWidgets import QVBoxLayout as Column

from viewer.session.changes import Change, ViewChanged
from viewer.session.compare_desk import CompareDesk
from viewer.session.compare_values import Plot, Plots
from viewer.ui.compare.class_colours import class_colours
from viewer.ui.compare.curve_plot import CurvePlot
from viewer.ui.compare.desk_panel import fine_picture
from viewer.ui.compare.page import FigurePage
from viewer.ui.panel import quietly
from viewer.ui.plain_parts import scrolled

ALL = "All classes"


class CurvesPage(FigurePage):
    """Plots one below the other; a box narrows them to one class."""

    kind = "curves"
    file_name = "curves"

    def __init__(self, desk: CompareDesk, parent: QWidget | None = None) -> None:
        super().__init__(desk, "Curves", parent)
        self.class_box = QComboBox()
        self.class_box.setAccessibleName("Classes shown")
        self.class_box.activated.connect(lambda _place: self._draw())
        line = QHBoxLayout()
        line.setContentsMargins(12, 4, 12, 0)
        line.addWidget(QLabel("Show"))
        line.addWidget(self.class_box, 1)
        self.body.addLayout(line)
        inner = QWidget()
        inner.setObjectName("panelBody")
        self._inner = inner
        self._plots = Column(inner)
        self._plots.setContentsMargins(4, 4, 8, 8)
        self._plots.setSpacing(8)
        area = scrolled(inner)
        self.body.addWidget(area, 1)
        self.plots: list[CurvePlot] = []
        self._value: Plots | None = None
        self._waiting: dict[int, Plot] = {}
        self._next = QTimer(self)
        self._next.setSingleShot(True)
        self._next.timeout.connect(self._draw_next)
        self._stop_listening = desk.session.subscribe(self._on_session)
        self.setFocusProxy(self.class_box)

    def dispose(self) -> None:
        """Stop listening and drawing."""
        self._next.stop()
        self._stop_listening()
        super().dispose()

    def picture(self) -> QPixmap:
        """Every plot, however far the panel is scrolled."""
        return fine_picture(self._inner)

    def _on_session(self, change: Change) -> None:
        if isinstance(change, ViewChanged) and "dark" in change.sections:
            for plot in self.plots:
                plot.redraw()

    def show_figure(self, value: object) -> None:
        """Draw the curves."""
        assert isinstance(value, Plots)
        self._value = value
        chosen = self.class_box.currentText()
        names = list(dict.fromkeys(c.name for plot in value.plots for c in plot.curves))
        with quietly(self.class_box):
            self.class_box.clear()
            self.class_box.addItems([ALL, *names])
            self.class_box.setCurrentIndex(max(self.class_box.findText(chosen), 0))
        while len(self.plots) < len(value.plots):
            plot = CurvePlot("")
            self.plots.append(plot)
            self._plots.addWidget(plot, 1)
        self._draw()

    def _draw(self) -> None:
        if self._value is None:
            return
        chosen = self.class_box.currentText()
        for place, plot in enumerate(self._value.plots):
            shown = plot if chosen in (ALL, "") else plot.only(chosen)
            self._waiting[place] = shown
            self.plots[place].setAccessibleName(plot.title)
        self._draw_next()

    def _draw_next(self) -> None:
        """Draw the plots one after the other, so that the window never waits for all."""
        if not self._waiting:
            return
        place = min(self._waiting)
        plot = self._waiting.pop(place)
        mark = self.desk.thresholds.confidence if plot.over_confidence else None
        self.plots[place].show_plot(plot, class_colours(self.desk), mark)
        self._next.start(0)
