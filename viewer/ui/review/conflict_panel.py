"""Conflicts: what two merged files say differently, both values, and whose holds."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from viewer.progress import JobContext
from viewer.review.conflicts.model import Choice
from viewer.review.merge.reading import Conflict, ConflictSide
from viewer.session.review_changes import (
    DecisionsChanged,
    DeskChange,
    HoldingChanged,
    WorkspaceClosed,
    WorkspaceOpened,
)
from viewer.session.review_desk import ReviewDesk
from viewer.session.review_merge import (
    ConflictWork,
    about_text,
    issue_of,
    read_conflicts,
    value_lines,
)
from viewer.ui.numbers import counted
from viewer.ui.panel import quietly
from viewer.ui.plain_parts import text_button
from viewer.ui.review.ago import local_time
from viewer.ui.review.desk_panel import DeskPanel
from viewer.ui.review.row_model import RowModel
from viewer.ui.review.row_table import RowTable
from viewer.ui.review.third_value import ThirdValueCard

JOB = "review-conflicts"
_KEYS = {Qt.Key.Key_1: Choice.FIRST, Qt.Key.Key_2: Choice.SECOND}
_OTHER_KEY = Qt.Key.Key_3


class ConflictModel(RowModel):
    """Conflicts, one a row."""

    columns = ("About", "Said")

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Conflict] = []

    def show(self, rows: list[Conflict]) -> None:
        """Show these."""
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def row_total(self) -> int:
        return len(self.rows)

    def cell_text(self, row: int, column: int) -> str:
        return said_text(self.rows[row]) if column else about_text(self.rows[row])

    def row_text(self, row: int) -> str:
        found = self.rows[row]
        settled = "" if found.resolution is None else "\nSettled"
        return f"{about_text(found)}\n{said_text(found)}{settled}"


def said_text(found: Conflict) -> str:
    """Both values in short, e.g. ``rejected / accepted``."""
    parts = [f"{line.first} / {line.second}" for line in value_lines(found)]
    text = "; ".join(parts)
    return text if found.resolution is None else f"settled: {text}"


class ConflictPanel(DeskPanel):
    """The list, then both sides of the chosen one."""

    def __init__(self, desk: ReviewDesk, parent: QWidget | None = None) -> None:
        super().__init__(desk, "Conflicts", parent)
        self.work = ConflictWork(desk)
        self.model = ConflictModel()
        self._is_reading = False
        self._is_behind_reading = False
        self._told: Conflict | None = None
        self.note = QLabel("Reading…")
        self.note.setWordWrap(True)
        self.with_settled = QCheckBox("Settled ones too")
        self.with_settled.toggled.connect(lambda _on: self.refresh())
        self.table = _ConflictTable(self)
        self.table.setModel(self.model)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(True)
        header.resizeSection(0, 150)
        self.table.selectionModel().currentRowChanged.connect(lambda _new, _old: self._tell())
        self.table.activated.connect(lambda _index: self.show_current())
        self.sides = {choice: _SideCard(choice) for choice in _KEYS.values()}
        for choice, card in self.sides.items():
            card.keep.clicked.connect(lambda _checked=False, which=choice: self.settle(which))
        self.other = ThirdValueCard()
        self.other.asked.connect(self.ask_other)
        self.other.given.connect(self.give_other)
        self.other.left.connect(self.leave_other)
        self.show_button = text_button("Show", "Go to what it is about  (Enter)", self.show_current)
        self._lay_out()
        self.setFocusProxy(self.table)
        self.refresh()

    def _lay_out(self) -> None:
        top = QVBoxLayout()
        top.setContentsMargins(12, 8, 12, 4)
        top.addWidget(self.note)
        top.addWidget(self.with_settled)
        self.below = QWidget()
        below = QVBoxLayout(self.below)
        below.setContentsMargins(12, 8, 12, 8)
        below.setSpacing(8)
        for card in self.sides.values():
            below.addWidget(card)
        below.addWidget(self.other)
        row = QHBoxLayout()
        row.addWidget(self.show_button)
        row.addStretch(1)
        below.addLayout(row)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self.table, 1)
        column.addWidget(self.below)
        self.filler = QWidget()
        column.addWidget(self.filler, 1)

    def dispose(self) -> None:
        """Stop reading and listening."""
        super().dispose()
        self._is_behind_reading = False
        self.desk.session.jobs.cancel(JOB)

    def concerns(self, change: DeskChange) -> bool:
        """Whatever can make, settle or change a conflict."""
        if isinstance(change, DecisionsChanged):
            return any(entity == "merge_conflicts" for entity, _ in change.changed.touched)
        return isinstance(change, WorkspaceOpened | WorkspaceClosed | HoldingChanged)

    # -- reading -----------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read the conflicts again, off the window's thread."""
        workspace = self.desk.workspace
        if workspace is None:
            self._show([])
            return
        if self._is_reading:
            self._is_behind_reading = True
            return
        self._is_reading, self._is_behind_reading = True, False
        only_open = not self.with_settled.isChecked()

        def job(_context: JobContext) -> list[Conflict]:
            return read_conflicts(workspace, only_open=only_open)

        def done(found: list[Conflict]) -> None:
            self._end_reading()
            if self.desk.workspace is workspace:
                self._show(found)

        def failed(error: Exception) -> None:
            self._end_reading()
            self.note.setText(f"The conflicts cannot be read: {error}")

        self.desk.session.jobs.start(
            JOB, job, done=done, failed=failed, given_up=self._end_reading, priority=30
        )

    def _end_reading(self) -> None:
        self._is_reading = False
        if self._is_behind_reading:
            self._is_behind_reading = False
            self.refresh()

    def _show(self, found: list[Conflict]) -> None:
        row = max(0, self.table.currentIndex().row())
        with quietly(self.table.selectionModel()):
            self.model.show(found)
            if found:
                self.table.setCurrentIndex(self.model.index(min(row, len(found) - 1), 0))
        still_open = sum(each.resolution is None for each in found)
        if still_open:
            self.note.setText(
                f"{counted(still_open, 'conflict')} to settle. The later value holds until then."
                " 1 keeps the first, 2 the second, 3 gives another value."
            )
        else:
            self.note.setText(
                "Nothing contradicts itself. Review → Merge with another workspace… brings"
                " together what two people decided."
            )
        self.setFocusProxy(self.table if found else self.with_settled)
        if not found and self.table.hasFocus():
            self.with_settled.setFocus()
        for widget in (self.table, self.below):
            widget.setVisible(bool(found))
        self.filler.setVisible(not found)
        self._tell()

    # -- one conflict ------------------------------------------------------------------------

    def current(self) -> Conflict | None:
        """The chosen one."""
        row = self.table.currentIndex().row()
        return self.model.rows[row] if 0 <= row < len(self.model.rows) else None

    def _tell(self) -> None:
        found = self.current()
        if found is None:
            return
        lines = value_lines(found)
        writable = self.desk.read_only_reason is None
        said = (
            (Choice.FIRST, found.first, [(each.name, each.first) for each in lines]),
            (Choice.SECOND, found.second, [(each.name, each.second) for each in lines]),
        )
        for choice, side, values in said:
            holds = found.resolution == choice or (
                found.resolution is None and choice is Choice.SECOND
            )
            self.sides[choice].tell(side, values, holds=holds)
            self.sides[choice].keep.setEnabled(writable)
        if found != self._told:
            self._told = found
            self.other.close_form()
            self.other.setVisible(bool(self.work.fields(found)))
        self.other.give.setEnabled(writable)
        self.show_button.setEnabled(found.subject is not None or issue_of(found) is not None)

    def settle(self, choice: Choice) -> None:
        """Have one side hold; the list goes on to the next."""
        found = self.current()
        if found is not None and self.desk.read_only_reason is None:
            self.work.settle(found, choice)

    def ask_other(self) -> None:
        """Let a value of neither side be given."""
        found = self.current()
        if found is None or self.desk.read_only_reason is not None:
            return
        fields = self.work.fields(found)
        if fields:
            self.other.open_form(fields)
        else:
            self.desk.session.say("This cannot be typed: keep one of the two")

    def give_other(self, texts: dict[str, str]) -> None:
        """Have what was typed hold; the list goes on to the next."""
        found = self.current()
        if found is None:
            return
        problem = self.work.give(found, texts)
        if problem is None:
            self.leave_other()
        else:
            self.other.tell_problem(problem)

    def leave_other(self) -> None:
        """Give no other value; the list has the keys again."""
        self.other.close_form()
        self.table.setFocus()

    def show_current(self) -> None:
        """Go to what the chosen one is about."""
        found = self.current()
        if found is None:
            return
        issue_id = issue_of(found)
        if issue_id is not None:
            self.desk.issues.show(issue_id)
        elif found.subject is None:
            self.desk.session.say("This concerns no label, track, frame or scene")
        else:
            self.desk.walk.show(found.subject)


class _SideCard(QFrame):
    """Who said what, when."""

    def __init__(self, choice: Choice) -> None:
        super().__init__()
        digit = "1" if choice is Choice.FIRST else "2"
        self.who, self.what, self.values = QLabel(), QLabel(), QLabel()
        self.who.setProperty("role", "heading")
        self.what.setProperty("role", "caption")
        for label in (self.who, self.what, self.values):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        self.keep = QPushButton(f"Keep  {digit}")
        self.keep.setToolTip(f"This one holds  ({digit})")
        self.keep.setAccessibleName(f"Keep the {choice} value")
        top = QHBoxLayout()
        top.addWidget(self.who, 1)
        top.addWidget(self.keep)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(top)
        column.addWidget(self.values)
        column.addWidget(self.what)

    def tell(self, side: ConflictSide, values: list[tuple[str, str]], *, holds: bool) -> None:
        """Show one side."""
        self.who.setText(f"{side.reviewer}{', holds now' if holds else ''}")
        when = local_time(side.time_ns)
        self.what.setText(f"{side.text}, {when:%Y-%m-%d %H:%M:%S}")
        self.values.setText("\n".join(f"{name}: {value}" for name, value in values))


class _ConflictTable(RowTable):
    """Takes 1, 2 and 3 before the window does, while it has the keys."""

    def __init__(self, panel: ConflictPanel) -> None:
        super().__init__(
            "Conflicts; 1 keeps the first value, 2 the second, 3 another, Enter goes there"
        )
        self._panel = panel

    def event(self, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() in (*_KEYS, _OTHER_KEY)
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        choice = _KEYS.get(Qt.Key(event.key()))
        if choice is not None:
            self._panel.settle(choice)
            return
        if event.key() == _OTHER_KEY:
            self._panel.ask_other()
            return
        super().keyPressEvent(event)
