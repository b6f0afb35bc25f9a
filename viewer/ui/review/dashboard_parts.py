"""What the dashboard consists of: figures, cards, progress of work, the legend."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from viewer.review.verdicts.model import VerdictState
from viewer.session.review_dashboard import Dashboard, WorkFact
from viewer.ui.numbers import duration_text
from viewer.ui.panel import clear_layout
from viewer.ui.review.verdict_style import STYLES
from viewer.ui.theme import palette

COLUMN_PX = 300
SWATCH_PX = (16, 10)
PATTERNS = {
    "accepted": Qt.BrushStyle.SolidPattern,
    "rejected": Qt.BrushStyle.Dense3Pattern,
    "needs_fix": Qt.BrushStyle.VerPattern,
    "skipped": Qt.BrushStyle.BDiagPattern,
}
"""Tells the pieces of bars apart without colour."""


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


class Figures(_Row):
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


class Cards(QWidget):
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


class Card(QWidget):
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


class WorkCard(Card):
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
    top.setSpacing(8)
    top.addWidget(_Elided(fact.name), 1)
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


class _Elided(QLabel):
    """A name that is cut in its middle where it has no room."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setToolTip(name)
        self.setAccessibleName(name)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        metrics = self.fontMetrics()
        self.setText(metrics.elidedText(self._name, Qt.TextElideMode.ElideMiddle, self.width()))


def legend() -> QWidget:
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
    row_of_all = _Row(10, (4, 2))
    row_of_all.show_items(items)
    return row_of_all


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
        painter.setBrush(QBrush(colour, PATTERNS[self._state]))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()
