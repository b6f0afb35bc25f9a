"""Tasks: which there are, how far they are, who did what; the work of one is walked as a queue."""

import datetime as dt
from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QSplitter,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from viewer.review.tasks.model import Task, TaskKind, TaskProgress
from viewer.session.review_changes import DeskChange, SubjectChanged
from viewer.session.review_desk import ReviewDesk
from viewer.session.review_subjects import short_text
from viewer.session.review_tasks import concerns_tasks
from viewer.ui.panel import quietly
from viewer.ui.plain_parts import facts_label, text_button, wrapped_label
from viewer.ui.review.desk_panel import DeskPanel
from viewer.ui.review.task_maker import task_maker
from viewer.ui.review.task_texts import (
    DONE_WORDS,
    done_text,
    due_text,
    log_text,
    share_text,
    status_word,
    task_facts,
)

_ID_ROLE = Qt.ItemDataRole.UserRole
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
MOST_BLOCKING = 50


class TasksPanel(DeskPanel):
    """The list on top, the item and the log of the chosen task below."""

    refresh_after_ms = 60

    def __init__(self, desk: ReviewDesk, parent: QWidget | None = None) -> None:
        super().__init__(desk, "Tasks", parent)
        self._work = desk.tasks
        self.tree = _TaskTree()
        self.tree.currentItemChanged.connect(lambda _new, _old: self._on_chosen())
        self.tree.itemActivated.connect(lambda _item, _column: self.work())
        self.empty = wrapped_label(
            "No task yet. A task is a queue with a purpose: to annotate or to check,"
            " by whom, until when, and what labels must have.",
            role="secondary",
        )
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.facts = facts_label()
        self.item_label = QLabel()
        self.item_label.setWordWrap(True)
        self.item_label.setTextFormat(Qt.TextFormat.PlainText)
        self.blocking_label = wrapped_label(role="problem")
        self.blocking = _LineList("Labels that lack something")
        self.blocking.setMaximumHeight(96)
        self.blocking.chosen = lambda row: self._work.show_blocking(row)
        self.log_label = QLabel("Status log")
        self.log_label.setProperty("role", "heading")
        self.log = _LineList("Status log")
        self.log.chosen = self._show_logged
        self._arrange()
        self.setFocusProxy(self.tree)
        self.refresh()

    # -- parts -------------------------------------------------------------------------------

    def _arrange(self) -> None:
        self.new_button = text_button("New task…", "Make a task", self.make)
        self.new_button.setProperty("role", "primary")
        self.work_button = text_button("Work", "Walk its items as a queue  (Enter)", self.work)
        self.qa_button = text_button(
            "QA task…", "A task that checks what was completed in this one", self.make_qa
        )
        self.change_button = text_button(
            "Change…", "Name, due date, priority, assignees", self.change
        )
        self.away_button = text_button(
            "Put away", "Off the list; undo brings it back", self.put_away
        )
        self.actions_part = QWidget()
        grid = QGridLayout(self.actions_part)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(6)
        for place, button in enumerate((self.work_button, self.qa_button, self.change_button,
                                        self.away_button)):  # fmt: skip
            grid.addWidget(button, place // 2, place % 2)
        upper = QWidget()
        column = QVBoxLayout(upper)
        column.setContentsMargins(8, 8, 8, 4)
        column.setSpacing(6)
        for widget in (self.new_button, self.empty):
            column.addWidget(widget)
        column.addWidget(self.tree, 1)
        column.addWidget(self.facts)
        column.addWidget(self.actions_part)
        self.lower_part = QWidget()
        below = QVBoxLayout(self.lower_part)
        below.setContentsMargins(8, 4, 8, 8)
        below.setSpacing(6)
        below.addWidget(self._make_item_part())
        below.addWidget(self.log_label)
        below.addWidget(self.log, 1)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        split.addWidget(upper)
        split.addWidget(self.lower_part)
        split.setStretchFactor(0, 1)
        split.setStretchFactor(1, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(split)

    def _make_item_part(self) -> QWidget:
        self.done_button = text_button(
            "Complete", "The item is done; what labels lack is told", self._work.say_done
        )
        self.discard_button = text_button("Discard", "The item is not to be used",
                                      self._work.discard)  # fmt: skip
        self.clear_button = text_button("Clear", "Take the status away", self._work.clear)
        self.item_part = QWidget()
        column = QVBoxLayout(self.item_part)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.item_label)
        row = QHBoxLayout()
        row.setSpacing(6)
        for button in (self.done_button, self.discard_button, self.clear_button):
            row.addWidget(button)
        column.addLayout(row)
        column.addWidget(self.blocking_label)
        column.addWidget(self.blocking)
        return self.item_part

    # -- showing -----------------------------------------------------------------------------

    def concerns(self, change: DeskChange) -> bool:
        """Tasks; another selection is followed at once, it may be an item."""
        if isinstance(change, SubjectChanged) and self.isVisible():
            self._show_item(self.desk.read_only_reason is None)
        return concerns_tasks(change)

    def refresh(self) -> None:
        """Read again; the chosen one stays chosen."""
        found = [(task, progress) for task in self._work.all()
                 if (progress := self._work.progress(task)) is not None]  # fmt: skip
        current = self._work.current
        self.tree.show_tasks(found, None if current is None else current.task_id)
        self._work.current_id = self.tree.current_id
        for widget in (self.tree, self.actions_part, self.lower_part):
            widget.setVisible(bool(found))
        self.empty.setVisible(not found)
        self._show_current()

    def _on_chosen(self) -> None:
        self._work.current_id = self.tree.current_id
        self._show_current()

    def _show_current(self) -> None:
        task = self._work.current
        writable = self.desk.read_only_reason is None
        self.new_button.setEnabled(writable)
        self.new_button.setToolTip(self.desk.read_only_reason or "Make a task")
        for button in (self.qa_button, self.change_button, self.away_button):
            button.setEnabled(writable and task is not None)
        self.facts.setVisible(task is not None)
        progress = None if task is None else self._work.progress(task)
        if task is None or progress is None:
            return
        self.qa_button.setEnabled(writable and task.kind is TaskKind.ANNOTATION)
        parent = next(
            (t.name for t in self._work.all(archived=True) if t.task_id == task.parent_id), None
        )
        self.facts.setText(
            task_facts(task, progress, self._work.assignees(task), parent, dt.date.today())
        )
        self._show_item(writable)
        entries = self._work.log(task)
        lines = []
        for entry in entries:
            subject = self._work.subject(entry.subject_key)
            name = "an item that is gone" if subject is None else short_text(subject)
            lines.append(log_text(entry, name))
        self._logged = [entry.subject_key for entry in entries]
        self.log.show_lines(lines)
        self.log_label.setText("Status log" if lines else "Status log: nothing yet")
        self.log.setVisible(bool(lines))

    def _show_item(self, writable: bool) -> None:
        worked = self._work.worked
        is_worked = worked is not None and worked.task_id == self._work.current_id
        self.item_part.setVisible(is_worked)
        if not is_worked or worked is None:
            return
        item = self._work.item()
        for button in (self.done_button, self.discard_button):
            button.setEnabled(writable and item is not None)
        self.done_button.setText(DONE_WORDS[worked.kind])
        status = None if item is None else self._work.status(item)
        self.clear_button.setEnabled(writable and status is not None)
        self.item_label.setText(
            "No item in view: ] brings the next one"
            if item is None else f"{short_text(item).capitalize()}: {status_word(status)}"
        )  # fmt: skip
        blocking = self._work.blocking
        self.blocking_label.setVisible(bool(blocking))
        self.blocking.setVisible(bool(blocking))
        more = len(blocking) - MOST_BLOCKING
        rest = f", {more:,} more not listed" if more > 0 else ""
        self.blocking_label.setText(f"Not complete yet{rest}; Enter brings a label into view:")
        self.blocking.show_lines([each.text for each in blocking[:MOST_BLOCKING]])

    # -- acting ------------------------------------------------------------------------------

    def make(self) -> None:
        """Ask what a new task shall be."""
        task_maker(self.desk, self).ask_new()

    def make_qa(self) -> None:
        """Ask for a task that checks what was completed in the chosen one."""
        task = self._work.current
        if task is not None:
            task_maker(self.desk, self).ask_new(task)

    def change(self) -> None:
        """Ask what shall be said about the chosen task."""
        task = self._work.current
        if task is not None:
            task_maker(self.desk, self).ask_change(task)

    def put_away(self) -> None:
        """Take the chosen task off the list."""
        task = self._work.current
        if task is not None:
            self._work.put_away(task)

    def work(self) -> None:
        """Walk the items of the chosen task."""
        task = self._work.current
        if task is not None:
            self._work.work(task)

    def _show_logged(self, row: int) -> None:
        subject = self._work.subject(self._logged[row])
        if subject is not None:
            self.desk.walk.return_to(subject)


class _TaskTree(QTreeWidget):
    """Tasks under those that they check; Enter works on one."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Tasks")
        self.setColumnCount(3)
        self.setHeaderLabels(["Task", "Due", "Done"])
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in (1, 2):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        self.headerItem().setTextAlignment(2, _RIGHT)
        self.setIndentation(14)
        self.setUniformRowHeights(True)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    @property
    def current_id(self) -> str | None:
        """The chosen task."""
        item = self.currentItem()
        return None if item is None else str(item.data(0, _ID_ROLE))

    def show_tasks(self, found: list[tuple[Task, TaskProgress]], current: str | None) -> None:
        """Show them anew."""
        today = dt.date.today()
        items = {task.task_id: _item(task, progress, today) for task, progress in found}
        with quietly(self):
            self.clear()
            for task, _ in found:
                parent = items.get(task.parent_id or "")
                if parent is None:
                    self.addTopLevelItem(items[task.task_id])
                else:
                    parent.addChild(items[task.task_id])
            self.expandAll()
            chosen = items.get(current or "") or self.topLevelItem(0)
            if chosen is not None:
                self.setCurrentItem(chosen)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item = self.currentItem()
        if item is not None and event.key() in _ENTER:
            self.itemActivated.emit(item, 0)
        else:
            super().keyPressEvent(event)


class _LineList(QListWidget):
    """Lines of which Enter or a click chooses one."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setUniformItemSizes(True)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.itemClicked.connect(lambda _item: self._choose())
        self.chosen: Callable[[int], object] = lambda _row: None

    def show_lines(self, lines: list[str]) -> None:
        """Show other lines; where they are the same, the chosen one stays."""
        if lines == [self.item(row).text() for row in range(self.count())]:
            return
        self.clear()
        for line in lines:
            item = QListWidgetItem(line)
            item.setToolTip(line)
            self.addItem(item)

    def _choose(self) -> None:
        if self.currentRow() >= 0:
            self.chosen(self.currentRow())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _ENTER:
            self._choose()
        else:
            super().keyPressEvent(event)


def _item(task: Task, progress: TaskProgress, today: dt.date) -> QTreeWidgetItem:
    kind = "QA" if task.kind is TaskKind.QA else "Annotation"
    marks = {"high": "▲ ", "low": "▽ "}
    due, done = due_text(task, progress, today), done_text(progress)
    name = f"{marks.get(task.priority, '')}{task.name}"
    item = QTreeWidgetItem([name, due, share_text(progress)])
    item.setData(0, _ID_ROLE, task.task_id)
    item.setTextAlignment(2, _RIGHT)
    tip = f"{task.name}\n{kind}, {task.priority} priority, {done} done"
    late = " (late)" if due.startswith("!") else ""
    tip += "" if task.due is None else f"\nDue {task.due.isoformat()}{late}"
    for column in range(3):
        item.setToolTip(column, tip)
    item.setData(0, Qt.ItemDataRole.AccessibleTextRole, tip)
    return item
