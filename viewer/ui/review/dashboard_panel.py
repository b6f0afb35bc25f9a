"""Dashboard: how far the review is, as figures and charts, and handing it over."""

import datetime as dt
import time
from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import (
    QDockWidget,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from viewer.progress import JobContext
from viewer.review.verdicts.model import VerdictState
from viewer.session.review_changes import (
    DecisionsChanged,
    DeskChange,
    WorkspaceClosed,
    WorkspaceOpened,
)
from viewer.session.review_dashboard import Dashboard, StateBar, read_dashboard
from viewer.session.review_desk import ReviewDesk
from viewer.ui.plain_parts import scrolled, text_button, wrapped_label
from viewer.ui.review.ago import local_time
from viewer.ui.review.dashboard_parts import PATTERNS, Card, Cards, Figures, WorkCard, legend
from viewer.ui.review.desk_panel import DeskPanel
from viewer.ui.review.hand_over import ask_export, ask_report
from viewer.ui.review.verdict_style import STYLES

if TYPE_CHECKING:
    from viewer.ui.review.charts import ChartBar

JOB = "review-dashboard"
SHORTEST_PAUSE_S = 0.4
FLOATING_PX = (960, 680)
IN_TIME, BY_CLASS = "Verdicts over time", "Verdicts by class"
REASONS, BY_REVIEWER = "Reasons", "Verdicts by reviewer"


class DashboardPanel(DeskPanel):
    """Figures on top, then cards that stand beside each other as the width allows."""

    def __init__(self, desk: ReviewDesk, parent: QWidget | None = None) -> None:
        super().__init__(desk, "Dashboard", parent)
        self.shown: Dashboard | None = None
        self._is_reading = False
        self._is_behind_reading = False
        self._pause_s = SHORTEST_PAUSE_S
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._read)
        self.note = wrapped_label("Reading the figures…", role="secondary")
        self.figures = Figures()
        self.work = WorkCard()
        self._charts: _Charts | None = None
        self._drawing: Iterator[None] | None = None
        self.legend = legend()
        self.cards = Cards()
        self.cards.add(self.work)
        self._lay_out(self._make_buttons())
        self.setFocusProxy(self.report_button)
        self.refresh()

    def _make_buttons(self) -> QHBoxLayout:
        self.report_button = text_button(
            "Write report…", "One HTML page with all of this and the issues' pictures",
            lambda: ask_report(self.desk, self),
        )  # fmt: skip
        self.export_button = text_button(
            "Export…", "Verdicts, issues and marks in the shape of another tool",
            lambda: ask_export(self.desk, self),
        )  # fmt: skip
        self.float_button = text_button(
            "Large", "In a window of its own; again to bring it back", self._toggle_floating
        )
        row = QHBoxLayout()
        row.setContentsMargins(8, 4, 8, 8)
        for button in (self.report_button, self.export_button, self.float_button):
            row.addWidget(button)
        row.addStretch(1)
        return row

    def _lay_out(self, buttons: QHBoxLayout) -> None:
        body = QWidget()
        body.setObjectName("panelBody")
        column = QVBoxLayout(body)
        column.setContentsMargins(12, 8, 12, 12)
        column.setSpacing(8)
        column.setAlignment(Qt.AlignmentFlag.AlignTop)
        for widget in (self.note, self.figures, self.legend, self.cards):
            column.addWidget(widget)
        area = scrolled(body)
        area.setAccessibleName("Figures and charts")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(area, 1)
        outer.addLayout(buttons)

    def dispose(self) -> None:
        """Stop reading and listening."""
        super().dispose()
        self._is_behind_reading = False
        self._drawing = None
        self.desk.session.jobs.cancel(JOB)
        self._later.stop()

    # -- following ---------------------------------------------------------------------------

    def concerns(self, change: DeskChange) -> bool:
        """Whatever can change a figure."""
        return isinstance(change, DecisionsChanged | WorkspaceOpened | WorkspaceClosed)

    def refresh(self) -> None:
        """Read again soon: many decisions in a row are read once."""
        if self._is_reading:
            self._is_behind_reading = True
        elif not self._later.isActive():
            self._later.start(0 if self.shown is None else round(self._pause_s * 1000))
        self._sync_buttons()

    def _read(self) -> None:
        desk, workspace = self.desk, self.desk.workspace
        if workspace is None:
            self.shown = None
            self._say("No workspace is open. Review → Open workspace… opens one.")
            return
        self._is_reading, self._is_behind_reading = True, False
        begin = time.monotonic()
        dataset_id, today = desk.dataset_id, dt.date.today()

        def job(_context: JobContext) -> Dashboard:
            # Takes a third of a second, for which the window shall not stand still.
            import_module("viewer.ui.review.charts")
            return read_dashboard(workspace, dataset_id, today)

        def done(found: Dashboard) -> None:
            # What takes long to read is not read without pause.
            self._pause_s = max(SHORTEST_PAUSE_S, 2 * (time.monotonic() - begin))
            self._end_reading()
            self._show(found)

        def failed(error: Exception) -> None:
            self._end_reading()
            self._say(f"The figures cannot be read: {error}")

        desk.session.jobs.start(
            JOB, job, done=done, failed=failed, given_up=self._end_reading, priority=30
        )

    def _end_reading(self) -> None:
        self._is_reading = False
        if self._is_behind_reading:
            self._is_behind_reading = False
            self.refresh()

    # -- showing -----------------------------------------------------------------------------

    def _say(self, text: str) -> None:
        self.note.setText(text)
        self.note.setVisible(bool(text))
        self.figures.setVisible(self.shown is not None)
        self.legend.setVisible(self.shown is not None and self.shown.judged > 0)
        self.cards.setVisible(self.shown is not None and not self.shown.is_empty)
        self._sync_buttons()

    def _show(self, found: Dashboard) -> None:
        if self.desk.workspace is None:
            return
        self.shown = found
        if self._charts is None:
            self._charts = _Charts(self.cards)
        self.figures.show_figures(found)
        self.work.show_work(found)
        self._drawing = self._charts.drawn(found)
        QTimer.singleShot(0, self, self._draw_next)
        self._say("Nothing is judged yet. Figures and charts appear with the first verdict."
                  if found.is_empty else "")  # fmt: skip

    def _draw_next(self) -> None:
        """Draw one more chart, and leave the window its turn before the next."""
        if self._drawing is None:
            return
        try:
            next(self._drawing)
        except StopIteration:
            self._drawing = None
        else:
            QTimer.singleShot(0, self, self._draw_next)

    @property
    def is_drawn(self) -> bool:
        """Whether the charts show the figures that were read last."""
        return self.shown is not None and self._drawing is None

    def _sync_buttons(self) -> None:
        is_open = self.desk.workspace is not None and self.desk.session.dataset is not None
        for button in (self.report_button, self.export_button):
            button.setEnabled(is_open)
        dock = self._dock()
        self.float_button.setText("Dock" if dock is not None and dock.isFloating() else "Large")

    def _dock(self) -> QDockWidget | None:
        above: QObject | None = self.parent()
        while above is not None and not isinstance(above, QDockWidget):
            above = above.parent()
        return above

    def _toggle_floating(self) -> None:
        dock = self._dock()
        if dock is None:
            return
        dock.setFloating(not dock.isFloating())
        if dock.isFloating():
            window = dock.parentWidget()
            dock.resize(*FLOATING_PX)
            if window is not None:
                place = dock.rect()
                place.moveCenter(window.geometry().center())
                dock.move(place.topLeft())
        self._sync_buttons()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and getattr(self, "_charts", None) is not None:
            self._charts.redraw()  # type: ignore[union-attr]


class _Charts:
    """The cards with plots, once pyqtgraph is there."""

    def __init__(self, cards: Cards) -> None:
        from viewer.ui.review.charts import NamedBars, Series, TimeBars

        self._stack = cards
        self._series: tuple[Series, ...] = tuple(
            Series(style.word, style.colour, PATTERNS[style.state]) for style in STYLES.values()
        )
        self._given: tuple[Series, ...] = (Series("times", "issue"),)
        self._kinds: dict[str, type[TimeBars | NamedBars]] = {
            IN_TIME: TimeBars, BY_CLASS: NamedBars, REASONS: NamedBars, BY_REVIEWER: NamedBars,
        }  # fmt: skip
        self.made: dict[str, TimeBars | NamedBars] = {}
        self._cards: dict[str, Card] = {}

    def drawn(self, found: Dashboard) -> Iterator[None]:
        """Fill in the charts, one at each step: each takes a few hundredths of a second."""
        from viewer.ui.review.charts import ChartBar, TimeBars

        bars = {
            IN_TIME: [
                ChartBar(f"{local_time(bar.start_ns):%Y-%m-%d %H:%M}", _counts(bar.counts),
                         bar.start_ns / 1e9)
                for bar in found.in_time
            ],
            BY_CLASS: _bars(found.by_class),
            REASONS: [ChartBar(name, (count,)) for name, count in found.reasons],
            BY_REVIEWER: _bars(found.by_reviewer),
        }  # fmt: skip
        for name, shown in bars.items():
            if name not in self.made:
                self._make(name)
                yield
            chart = self.made[name]
            if isinstance(chart, TimeBars):
                chart.step_s = found.step_ns / 1e9
            chart.show_bars(shown, self._given if name == REASONS else self._series)
            # One of nothing is not there.
            self._cards[name].setVisible(bool(shown))
            yield

    def _make(self, name: str) -> None:
        chart, card = self._kinds[name](name), Card(name)
        card.column.addWidget(chart)
        card.hide()
        self.made[name], self._cards[name] = chart, card
        self._stack.add(card)

    def redraw(self) -> None:
        """Draw in the present theme."""
        for chart in self.made.values():
            chart.redraw()


def _counts(counts: object) -> tuple[int, ...]:
    return tuple(counts.get(VerdictState(state), 0) for state in STYLES)  # type: ignore[attr-defined]


def _bars(bars: tuple[StateBar, ...]) -> "list[ChartBar]":
    from viewer.ui.review.charts import ChartBar

    return [ChartBar(bar.name, _counts(bar.counts)) for bar in bars]
