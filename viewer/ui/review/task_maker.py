"""A few fields that make or change a task, over the window; Enter keeps them, Esc does not."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)

from viewer.review import SubjectKind
from viewer.review.queues.split import Share, split
from viewer.review.slices.reading import slices
from viewer.review.tasks.model import Task, TaskKind, TaskPriority
from viewer.session.review_builder import QueueRequest, Source
from viewer.session.review_desk import ReviewDesk
from viewer.session.review_tasks import (
    TaskRequest,
    mandatory_from,
    mandatory_text,
    shares_from,
)
from viewer.ui.panel import named, quietly
from viewer.ui.plain_parts import wrapped_label
from viewer.ui.popover import Popover

WIDTH_PX, HEIGHT_PX = 440, 350
_KINDS = (("Annotation", TaskKind.ANNOTATION), ("QA", TaskKind.QA))
_PRIORITIES = (("High", TaskPriority.HIGH), ("Medium", TaskPriority.MEDIUM),
               ("Low", TaskPriority.LOW))  # fmt: skip
_WHOLE = (("frames", SubjectKind.FRAME), ("labels", SubjectKind.LABEL),
          ("tracks", SubjectKind.TRACK))  # fmt: skip
_DAY = "%Y-%m-%d"


class TaskMaker(Popover):
    """Asks what a task shall be."""

    def __init__(self, desk: ReviewDesk, window: QWidget) -> None:
        super().__init__(window, "Task", width_px=WIDTH_PX, height_px=HEIGHT_PX)
        self._desk, self._session = desk, desk.session
        self._changed: Task | None = None
        self._parent: Task | None = None
        title = self.add_title("Task").itemAt(0)
        self.title = title.widget() if title is not None else None
        self.name_field = QLineEdit()
        self.kind_box, self.items_box, self.priority_box = QComboBox(), QComboBox(), QComboBox()
        for text, kind in _KINDS:
            self.kind_box.addItem(text, kind)
        for text, priority in _PRIORITIES:
            self.priority_box.addItem(text, priority)
        self.priority_box.setCurrentIndex(1)
        self.due_field = _line("2026-12-24, or empty", "Year-month-day; empty for no due date")
        self.shares_field = _line(
            "ann, bob", "Reviewers with commas between, a percentage behind each if you like"
        )
        self.mandatory_field = _line(
            "occlusion of car or truck; colour",
            "Attributes with semicolons between; what a label lacks blocks completion",
        )
        self.instructions_field = _line("", "What to do, for those who work it off")
        self.problem = wrapped_label(role="problem")
        self.problem.hide()
        self.keep_button = QPushButton()
        self.keep_button.setProperty("role", "primary")
        self.keep_button.clicked.connect(lambda _checked=False: self.keep())
        self._labels: dict[QWidget, QLabel] = {}
        self._arrange()

    def _arrange(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        fields = (
            ("Name", self.name_field), ("Kind", self.kind_box), ("Items", self.items_box),
            ("Due", self.due_field), ("Priority", self.priority_box),
            ("Assignees", self.shares_field), ("Must have", self.mandatory_field),
            ("Instructions", self.instructions_field),
        )  # fmt: skip
        for row, (text, field) in enumerate(fields):
            self._labels[field] = named(text, field)
            grid.addWidget(self._labels[field], row, 0)
            grid.addWidget(field, row, 1)
        for box in (self.kind_box, self.items_box, self.priority_box):
            box.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
        self.column.addLayout(grid)
        self.column.addWidget(self.problem)
        self.column.addStretch(1)
        self.column.addWidget(self.keep_button)

    # -- asking ------------------------------------------------------------------------------

    def asks(self, desk: ReviewDesk) -> bool:
        """Whether it makes tasks at a desk."""
        return desk is self._desk

    def ask_new(self, parent: Task | None = None) -> None:
        """Open for a new task; with a parent, one that checks what was completed there."""
        self._changed, self._parent = None, parent
        self._offer_items()
        self.kind_box.setCurrentIndex(0 if parent is None else 1)
        for field in (self.name_field, self.due_field, self.shares_field, self.instructions_field):
            field.clear()
        self.mandatory_field.setText("" if parent is None else mandatory_text(parent.mandatory))
        self.name_field.setPlaceholderText("" if parent is None else f"QA of {parent.name}")
        self._open("New task" if parent is None else f"QA task of “{parent.name}”", "Make task")

    def ask_change(self, task: Task) -> None:
        """Open with what is said about a task."""
        self._changed, self._parent = task, None
        self.name_field.setText(task.name)
        self.kind_box.setCurrentIndex([kind for _, kind in _KINDS].index(task.kind))
        self.priority_box.setCurrentIndex([p for _, p in _PRIORITIES].index(task.priority))
        self.due_field.setText("" if task.due is None else task.due.strftime(_DAY))
        held = self._desk.tasks.assignees(task)
        self.shares_field.setText(", ".join(name for name in held if name is not None))
        self.mandatory_field.setText(mandatory_text(task.mandatory))
        self.instructions_field.setText(task.instructions)
        self._open(f"Change “{task.name}”", "Change task")

    def _open(self, title: str, act: str) -> None:
        reason = self._desk.read_only_reason
        if reason is not None:
            self._session.say(f"No task: {reason}", is_problem=True)
            return
        if isinstance(self.title, QLabel):
            self.title.setText(title)
        self.keep_button.setText(act)
        is_new = self._changed is None
        for field in (self.kind_box, self.items_box):
            field.setVisible(is_new)
            self._labels[field].setVisible(is_new)
        self._complain("")
        self.open_popover(self.name_field)
        self.name_field.selectAll()

    def _offer_items(self) -> None:
        scene, dataset, reading = self._session.scene, self._session.dataset, self._desk.reading
        entries: list[tuple[str, Any]] = []
        if self._parent is not None:
            entries.append((f"Completed in “{self._parent.name}”", None))
        elif reading is not None and scene is not None:
            sets = scene.label_sets
            label_set = sets[0].label_set_id if sets else None
            several = dataset is not None and len(dataset.scenes) > 1
            places = [("this scene", Source.SCENE)]
            places += [("the whole dataset", Source.DATASET)] if several else []
            for where, source in places:
                for what, kind in _WHOLE:
                    request = QueueRequest(kind, source, label_set, scene.scene_id, open_only=False)
                    entries.append((f"All {what} of {where}", request))
            for each in slices(reading):
                request = QueueRequest(
                    each.kind, Source.SLICE, slice_id=each.slice_id, open_only=False
                )
                entries.append((f"Slice {each.name}", request))
        with quietly(self.items_box):
            self.items_box.clear()
            for text, request_or_none in entries:
                self.items_box.addItem(text, (request_or_none,))

    # -- keeping -----------------------------------------------------------------------------

    def _complain(self, text: str) -> None:
        self.problem.setText(text)
        self.problem.setVisible(bool(text))

    def _due(self) -> dt.date | None:
        text = self.due_field.text().strip()
        return dt.date.fromisoformat(text) if text else None

    def keep(self) -> None:
        """Make or change the task; what is wrong in the fields is said below them."""
        name = self.name_field.text().strip() or self.name_field.placeholderText()
        if not name:
            self._complain("Give the task a name")
            return
        try:
            due = self._due()
        except ValueError:
            self._complain("The due date is year-month-day, e.g. 2026-12-24")
            return
        try:
            shares = shares_from(self.shares_field.text())
            if shares:
                split(1, shares)
        except ValueError as error:
            self._complain(f"Assignees: {error}")
            return
        if self._changed is not None:
            kept = self._change(self._changed, name, due, shares)
        else:
            kept = self._make(name, due, shares)
        if kept:
            self.close_popover()

    def _make(self, name: str, due: dt.date | None, shares: tuple[Share, ...]) -> bool:
        chosen = self.items_box.currentData()
        if chosen is None:
            self._complain("Open a scene first")
            return False
        parent = self._parent
        self._desk.tasks.make(
            TaskRequest(
                name, TaskKind(self.kind_box.currentData()), chosen[0],
                None if parent is None else parent.task_id, due,
                TaskPriority(self.priority_box.currentData()), shares,
                mandatory_from(self.mandatory_field.text()),
                self.instructions_field.text().strip(),
            )
        )  # fmt: skip
        return True

    def _change(
        self, task: Task, name: str, due: dt.date | None, shares: tuple[Share, ...]
    ) -> bool:
        work = self._desk.tasks
        values: Mapping[str, Any] = {
            "name": name, "due": due, "has_no_due": due is None,
            "priority": TaskPriority(self.priority_box.currentData()),
            "mandatory": mandatory_from(self.mandatory_field.text()),
            "instructions": self.instructions_field.text().strip(),
        }  # fmt: skip
        present = {each for each in work.assignees(task) if each is not None}
        if not work.change(task, **values):
            return False
        is_other = {each.reviewer for each in shares} != present or any(
            each.percent is not None for each in shares
        )
        return work.share(task, shares) if shares and is_other else True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.keep()
        else:
            super().keyPressEvent(event)


def task_maker(desk: ReviewDesk, near: QWidget) -> TaskMaker:
    """The fields over the window in which a widget stands."""
    window = near.window()
    found = [each for each in window.findChildren(TaskMaker) if each.asks(desk)]
    return found[0] if found else TaskMaker(desk, window)


def _line(hint: str, tip: str) -> QLineEdit:
    field = QLineEdit()
    field.setPlaceholderText(hint)
    field.setToolTip(tip)
    return field
