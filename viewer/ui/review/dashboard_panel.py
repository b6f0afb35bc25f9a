"""Dashboard: how far the review is, as figures and charts, and handing it over."""

import datetime as dt
import time
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QBrush, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QDockWidget,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSizePolicy,
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
from viewer.session.review_dashboard import Dashboard, StateBar, WorkFact, read_dashboard
from viewer.session.review_desk import ReviewDesk
from viewer.ui.numbers import duration_text
from viewer.ui.panel import clear_layout
from viewer.ui.review.ago import local_time
from viewer.ui.review.desk_panel import DeskPanel
from viewer.ui.review.hand_over import ask_export, ask_report
from viewer.ui.review.verdict_style import STYLES
from viewer.ui.theme import palette

if TYPE_CHECKING:
    from viewer.ui.review.charts import ChartBar

JOB = "review-dashboard"
SHORTEST_PAUSE_S = 0.4
COLUMN_PX = 300
FLOATING_PX = (960, 680)
SWATCH_PX = (16, 10)
_PATTERNS = {
    "accepted": Qt.BrushStyle.SolidPattern,
    "rejected": Qt.BrushStyle.Dense3Pattern,
    "needs_fix": Qt.BrushStyle.VerPattern,
    "skipped": Qt.BrushStyle.BDiagPattern,
}


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
        self.note = QLabel("Reading the figures…")
        self.note.setWordWrap(True)
        self.note.setProperty("role", "secondary")
        self.figures = _Figures()
        self.work = _WorkCard()
        self._charts: _Charts | None = None
        self.legend = _legend()
        self.cards = _Cards()
        self.cards.add(self.work)
        self._lay_out(self._make_buttons())
        self.setFocusProxy(self.report_button)
        self.refresh()

    def _make_buttons(self) -> QHBoxLayout:
        self.report_button = _button(
            "Write report…", "One HTML page with all of this and the issues' pictures",
            lambda: ask_report(self.desk, self),
        )  # fmt: skip
        self.export_button = _button(
            "Export…", "Verdicts, issues and marks in the shape of another tool",
            lambda: ask_export(self.desk, self),
        )  # fmt: skip
        self.float_button = _button(
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
        area = QScrollArea()
        area.setObjectName("panelScroll")
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setAccessibleName("Figures and charts")
        area.setWidget(body)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(area, 1)
        outer.addLayout(buttons)

    def dispose(self) -> None:
        """Stop reading and listening."""
        self._later.stop()
        self.desk.session.jobs.cancel(JOB)
        super().dispose()

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
        self._charts.show_charts(found)
        self._say("Nothing is judged yet. Figures and charts appear with the first verdict."
                  if found.is_empty else "")  # fmt: skip

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


def _button(text: str, tip: str, run: Callable[[], None]) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    button.clicked.connect(lambda _checked=False: run())
    return button


class _Row(QWidget):
    """Small things beside each other, in as many columns as there is room for."""

    def __init__(self, spacing_px: int, columns: tuple[int, ...]) -> None:
        super().__init__()
        # However wide they are, the panel is not wider for it.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._possible = columns
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(spacing_px)
        self._grid.setVerticalSpacing(4)
        self._items: list[QWidget] = []
        self._columns = 0

    def show_items(self, items: list[QWidget]) -> None:
        """Show these instead of the former ones."""
        clear_layout(self._grid)
        self._items, self._columns = items, 0
        self._arrange()

    def _arrange(self) -> None:
        columns = next((c for c in self._possible if self._width_of(c) <= self.width()), 1)
        if columns == self._columns:
            return
        for column in range(max(self._possible) + 1):
            self._grid.setColumnStretch(column, 0)
        for place, item in enumerate(self._items):
            self._grid.addWidget(item, place // columns, place % columns)
        self._grid.setColumnStretch(columns, 1)
        self._columns = columns

    def _width_of(self, columns: int) -> int:
        widths = [item.sizeHint().width() for item in self._items]
        widest = (max(widths[column::columns], default=0) for column in range(columns))
        return sum(widest) + columns * self._grid.horizontalSpacing()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()


class _Figures(_Row):
    """A few numbers in large."""

    def __init__(self) -> None:
        super().__init__(10, (6, 3, 2))

    def show_figures(self, found: Dashboard) -> None:
        """Fill in the numbers."""
        accepted = found.states.get(VerdictState.ACCEPTED, 0)
        share = f"{100 * accepted / found.judged:.0f} %" if found.judged else "–"
        reviewers = len(found.by_reviewer)
        facts = (
            (f"{found.judged:,}", "judged"), (share, "accepted"),
            (f"{found.open_issues:,} of {found.issues:,}", "issues open"),
            (f"{found.marks:,}", "marked missing"), (f"{found.changed_labels:,}", "labels edited"),
            (f"{reviewers:,}", "reviewer" if reviewers == 1 else "reviewers"),
        )  # fmt: skip
        self.show_items([_tile(number, words) for number, words in facts])


def _tile(number: str, words: str) -> QWidget:
    tile = QWidget()
    column = QVBoxLayout(tile)
    column.setContentsMargins(0, 0, 0, 4)
    column.setSpacing(0)
    top, below = QLabel(number), QLabel(words)
    top.setProperty("role", "title")
    below.setProperty("role", "caption")
    column.addWidget(top)
    column.addWidget(below)
    return tile


class _Cards(QWidget):
    """Cards that stand beside each other as the width allows."""

    def __init__(self) -> None:
        super().__init__()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(24)
        self._columns: list[QVBoxLayout] = []
        self._cards: list[QWidget] = []
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def add(self, card: QWidget) -> None:
        """Put a card below the others."""
        card.setParent(self)
        self._cards.append(card)
        self._columns = []
        self._arrange()

    def _arrange(self) -> None:
        count = max(1, min(3, self.width() // COLUMN_PX))
        if count == len(self._columns):
            return
        while (item := self._row.takeAt(0)) is not None:
            layout = item.layout()
            if layout is not None:
                while layout.takeAt(0) is not None:
                    pass
                layout.deleteLater()
        self._columns = []
        for _ in range(count):
            column = QVBoxLayout()
            column.setSpacing(16)
            column.setAlignment(Qt.AlignmentFlag.AlignTop)
            self._row.addLayout(column, 1)
            self._columns.append(column)
        for place, card in enumerate(self._cards):
            self._columns[place % count].addWidget(card)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()


class _Card(QWidget):
    """A heading and what stands below it."""

    def __init__(self, heading: str) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(4)
        self.heading = QLabel(heading)
        self.heading.setProperty("role", "heading")
        self.column.addWidget(self.heading)


class _WorkCard(_Card):
    """Progress of queues and tasks."""

    def __init__(self) -> None:
        super().__init__("Queues and tasks")
        self._rows = QVBoxLayout()
        self._rows.setSpacing(4)
        self.column.addLayout(self._rows)

    def show_work(self, found: Dashboard) -> None:
        """Show a bar for each."""
        clear_layout(self._rows)
        for fact in (*found.tasks, *found.queues):
            self._rows.addWidget(_work_row(fact))
        self.setVisible(bool(found.tasks or found.queues))


def _work_row(fact: WorkFact) -> QWidget:
    row = QWidget()
    column = QVBoxLayout(row)
    column.setContentsMargins(0, 0, 0, 4)
    column.setSpacing(2)
    top = QHBoxLayout()
    name = QLabel(fact.name)
    name.setTextFormat(Qt.TextFormat.PlainText)
    name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    name.setToolTip(fact.name)
    top.addWidget(name, 1)
    top.addWidget(QLabel(f"{fact.done:,} of {fact.total:,}"))
    bar = QProgressBar()
    bar.setTextVisible(False)
    bar.setRange(0, max(fact.total, 1))
    bar.setValue(fact.done)
    bar.setAccessibleName(f"{fact.name}: {fact.done:,} of {fact.total:,} done")
    column.addLayout(top)
    column.addWidget(bar)
    left = "" if fact.seconds_left is None else f"about {duration_text(fact.seconds_left)} to go"
    note = ", ".join(part for part in (fact.note, left) if part)
    if note:
        below = QLabel(f"{note}, overdue" if fact.is_overdue else note)
        below.setProperty("role", "problem" if fact.is_overdue else "caption")
        column.addWidget(below)
    return row


class _Charts:
    """The cards with plots, made when pyqtgraph is there."""

    def __init__(self, cards: _Cards) -> None:
        from viewer.ui.review.charts import NamedBars, Series, TimeBars

        self._series: tuple[Series, ...] = tuple(
            Series(style.word, style.colour, _PATTERNS[style.state]) for style in STYLES.values()
        )
        self._given: tuple[Series, ...] = (Series("times", "issue"),)
        self.in_time: TimeBars = TimeBars("Verdicts over time")
        self.by_class: NamedBars = NamedBars("Verdicts by class")
        self.reasons: NamedBars = NamedBars("Reasons")
        self.by_reviewer: NamedBars = NamedBars("Verdicts by reviewer")
        self._cards: dict[TimeBars | NamedBars, _Card] = {}
        for chart in (self.in_time, self.by_class, self.reasons, self.by_reviewer):
            card = _Card(chart.accessibleName())
            card.column.addWidget(chart)
            self._cards[chart] = card
            cards.add(card)

    def show_charts(self, found: Dashboard) -> None:
        """Fill in the charts; one of nothing is not there."""
        from viewer.ui.review.charts import ChartBar

        step_s = found.step_ns / 1e9
        steps = [
            ChartBar(f"{local_time(bar.start_ns):%Y-%m-%d %H:%M}", _counts(bar.counts),
                     bar.start_ns / 1e9)
            for bar in found.in_time
        ]  # fmt: skip
        self.in_time.show_steps(steps, self._series, step_s)
        self.by_class.show_bars(_bars(found.by_class), self._series)
        self.by_reviewer.show_bars(_bars(found.by_reviewer), self._series)
        self.reasons.show_bars([ChartBar(name, (n,)) for name, n in found.reasons], self._given)
        for chart, card in self._cards.items():
            card.setVisible(bool(chart.bars))

    def redraw(self) -> None:
        """Draw in the present theme."""
        for chart in self._cards:
            chart.redraw()


def _counts(counts: object) -> tuple[int, ...]:
    return tuple(counts.get(VerdictState(state), 0) for state in STYLES)  # type: ignore[attr-defined]


def _bars(bars: tuple[StateBar, ...]) -> "list[ChartBar]":
    from viewer.ui.review.charts import ChartBar

    return [ChartBar(bar.name, _counts(bar.counts)) for bar in bars]


def _legend() -> QWidget:
    """What the pieces of the bars stand for."""
    items: list[QWidget] = []
    for style in STYLES.values():
        item, word = QWidget(), QLabel(style.word)
        word.setProperty("role", "caption")
        row = QHBoxLayout(item)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(_Swatch(style.state))
        row.addWidget(word)
        items.append(item)
    legend = _Row(10, (4, 2))
    legend.show_items(items)
    return legend


class _Swatch(QWidget):
    """A piece of a bar as the charts draw it."""

    def __init__(self, state: str) -> None:
        super().__init__()
        self._state = state
        self.setFixedSize(*SWATCH_PX)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        colour = palette().colour(STYLES[self._state].colour)
        painter.setPen(colour)
        painter.setBrush(QBrush(colour, _PATTERNS[self._state]))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()
