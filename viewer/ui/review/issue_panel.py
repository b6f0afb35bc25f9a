"""One issue: its fields, what it is about, and the thread."""

import datetime as dt
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from viewer.review.issues.model import Issue, IssueState, IssueType, Priority
from viewer.session.review_changes import DeskChange, concerns_issues
from viewer.session.review_desk import ReviewDesk
from viewer.ui.panel import quietly
from viewer.ui.plain_parts import scrolled, wrapped_label
from viewer.ui.review.ago import ago_text
from viewer.ui.review.desk_panel import DeskPanel
from viewer.ui.review.issue_elements import IssueElements
from viewer.ui.review.issue_style import state_icon
from viewer.ui.review.issue_thread import IssueThread
from viewer.ui.review.leaving_field import LeavingField

NO_PRIORITY = "none"


class IssuePanel(DeskPanel):
    """The chosen issue; every field is written down when it is left."""

    def __init__(self, desk: ReviewDesk, parent: QWidget | None = None) -> None:
        super().__init__(desk, "Issue", parent)
        self.focus_target: QWidget | None = None
        """Where the keys go when a field is left."""
        self.title = LeavingField("Title of the issue")
        self.title.editingFinished.connect(self._rename)
        self.about = wrapped_label(role="caption")
        self.state = _ChoiceBox("State", [(each.text, each) for each in IssueState])
        for place, state in enumerate(IssueState):
            self.state.setItemIcon(place, state_icon(state))
        self.kind = _ChoiceBox("Type", [(str(each), each) for each in IssueType])
        levels = [(each.name.lower(), each) for each in reversed(Priority)]
        self.priority = _ChoiceBox("Priority", [(NO_PRIORITY, None), *levels])
        self.assignee = LeavingField("Assigned to", "nobody")
        self.due = LeavingField("Due", "YYYY-MM-DD")
        self.labels = LeavingField("Labels", "one, another")
        self.state.chosen.connect(lambda: self._set("state", self.state))
        self.kind.chosen.connect(lambda: self._set("type", self.kind))
        self.priority.chosen.connect(lambda: self._set("priority", self.priority))
        self.assignee.editingFinished.connect(self._assign)
        self.due.editingFinished.connect(self._set_due)
        self.labels.editingFinished.connect(self._set_labels)
        self.elements = IssueElements(desk)
        self.talk = IssueThread(desk)
        self.empty = wrapped_label(
            "Choose an issue, or press I to open one on what is selected.", role="secondary"
        )
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.empty.setContentsMargins(12, 12, 12, 12)
        self._shown_id: str | None = None
        for field in (self.title, self.assignee, self.due, self.labels):
            field.left.connect(self._leave)
        self.talk.left.connect(self._leave)
        self._lay_out()
        self.refresh()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setSpacing(6)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for name, widget in (
            ("State", self.state), ("Type", self.kind), ("Priority", self.priority),
            ("Assigned to", self.assignee), ("Due", self.due), ("Labels", self.labels),
        ):  # fmt: skip
            label = QLabel(name)
            label.setProperty("role", "secondary")
            form.addRow(label, widget)
        self.body = QWidget()
        self.body.setObjectName("panelBody")
        column = QVBoxLayout(self.body)
        column.setContentsMargins(12, 8, 12, 12)
        column.setSpacing(8)
        column.addWidget(self.title)
        column.addWidget(self.about)
        column.addLayout(form)
        column.addWidget(self.elements)
        column.addWidget(self.talk)
        column.addStretch(1)
        area = scrolled(self.body)
        self._area = area
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)
        outer.addWidget(self.empty, 1)

    def concerns(self, change: DeskChange) -> bool:
        """Only issues."""
        return concerns_issues(change)

    def refresh(self) -> None:
        """Show the chosen issue as it is now."""
        issue = self.desk.issues.current
        self._area.setVisible(issue is not None)
        self.empty.setVisible(issue is None)
        is_other = issue is None or issue.issue_id != self._shown_id
        self._shown_id = None if issue is None else issue.issue_id
        if issue is None:
            return
        self._show_fields(issue, keep_typed=not is_other)
        self.elements.show_issue(issue)
        self.talk.show_issue(issue, is_other=is_other)
        self.body.setEnabled(True)
        writable = self.desk.read_only_reason is None
        for widget in (self.state, self.kind, self.priority):
            widget.setEnabled(writable)
        for field in (self.title, self.assignee, self.due, self.labels):
            field.setReadOnly(not writable)

    def _show_fields(self, issue: Issue, *, keep_typed: bool) -> None:
        texts = (
            (self.title, issue.title),
            (self.assignee, issue.assignee or ""),
            (self.due, "" if issue.due is None else issue.due.isoformat()),
            (self.labels, ", ".join(issue.labels)),
        )
        for field, text in texts:
            if not keep_typed:
                field.setModified(False)
            field.show_text(text)
        for box, value in (
            (self.state, issue.state), (self.kind, issue.type), (self.priority, issue.priority),
        ):  # fmt: skip
            box.show_value(value)
        self.about.setText(f"opened by {issue.reporter}, {ago_text(issue.created_ns)}")

    def start_naming(self) -> None:
        """Let the title be typed over."""
        self.title.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.title.selectAll()

    def start_commenting(self) -> None:
        """Let a comment be typed."""
        self.talk.entry.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _leave(self) -> None:
        if self.focus_target is not None:
            self.focus_target.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- changing ----------------------------------------------------------------------------

    def _set(self, name: str, box: "_ChoiceBox") -> None:
        self.desk.issues.change(**{name: box.value})

    def _rename(self) -> None:
        issue, text = self.desk.issues.current, self.title.text().strip()
        if issue is None or not self.title.isModified():
            return
        self.title.setModified(False)
        if text and text != issue.title:
            self.desk.issues.change(title=text)
        else:
            self.title.setText(issue.title)

    def _assign(self) -> None:
        if self.assignee.isModified():
            self.assignee.setModified(False)
            self.desk.issues.change(assignee=self.assignee.text().strip() or None)

    def _set_due(self) -> None:
        if not self.due.isModified():
            return
        self.due.setModified(False)
        text = self.due.text().strip()
        try:
            due = dt.date.fromisoformat(text) if text else None
        except ValueError:
            self.desk.session.say(f"{text} is no date like 2026-12-31", is_problem=True)
            self.refresh()
            return
        self.desk.issues.change(due=due)

    def _set_labels(self) -> None:
        if self.labels.isModified():
            self.labels.setModified(False)
            parts = (part.strip() for part in self.labels.text().split(","))
            self.desk.issues.change(labels=tuple(sorted({part for part in parts if part})))


class _ChoiceBox(QComboBox):
    """Some values, of which a person chooses one."""

    chosen = Signal()

    def __init__(self, name: str, entries: Sequence[tuple[str, object]]) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        # Qt would turn an enumeration into the text that it is, too.
        self._values = [value for _, value in entries]
        for text, _ in entries:
            self.addItem(text)
        self.activated.connect(lambda _place: self.chosen.emit())

    @property
    def value(self) -> object:
        """The value that stands in the box."""
        return self._values[self.currentIndex()]

    def show_value(self, value: object) -> None:
        """Put a value there; nobody is told."""
        with quietly(self):
            self.setCurrentIndex(self._values.index(value))
