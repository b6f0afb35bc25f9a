"""Who reviews: one quiet line, asked once and changeable at any time."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from viewer.review import Reviewer
from viewer.session.review_changes import (
    DeskChange,
    HoldingChanged,
    WorkspaceClosed,
    WorkspaceOpened,
)
from viewer.session.review_desk import ReviewDesk
from viewer.ui.plain_parts import wrapped_label


class ReviewerRow(QWidget):
    """The name that stands beside decisions, and where they are kept."""

    renamed = Signal(str)
    """Another name was entered, and is in use."""

    def __init__(self, desk: ReviewDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.field = QLineEdit()
        self.field.setAccessibleName("Your name as a reviewer")
        self.field.setToolTip("Stands beside everything that you decide; Enter keeps it")
        self.field.editingFinished.connect(self._on_entered)
        label = QLabel("Reviewer")
        label.setProperty("role", "secondary")
        label.setBuddy(self.field)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(label)
        line.addWidget(self.field, 1)
        self.file_label = wrapped_label(role="caption")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(line)
        column.addWidget(self.file_label)
        self._unsubscribe = desk.subscribe(self._on_change)
        self.refresh()

    def dispose(self) -> None:
        """Stop listening."""
        self._unsubscribe()

    def _on_change(self, change: DeskChange) -> None:
        if isinstance(change, WorkspaceOpened | WorkspaceClosed):
            self.refresh()
        elif isinstance(change, HoldingChanged):
            self._show_file()

    def refresh(self) -> None:
        """Show the name and the file."""
        self.field.setText(self._desk.reviewer.name)
        self._show_file()

    def _show_file(self) -> None:
        workspace = self._desk.workspace
        if workspace is None:
            self.file_label.setText("")
            return
        reason = workspace.read_only_reason
        kept = "Every decision is on disk at once" if reason is None else f"Read only: {reason}"
        self.file_label.setText(f"{kept}: {workspace.path.name}")
        self.file_label.setToolTip(str(workspace.path))

    def _on_entered(self) -> None:
        name = self.field.text().strip()
        if name == self._desk.reviewer.name:
            return
        try:
            reviewer = Reviewer(name, self._desk.reviewer.email)
        except ValueError as error:
            self._desk.session.say(str(error), is_problem=True)
            self.refresh()
            return
        self._desk.set_reviewer(reviewer)
        self.renamed.emit(reviewer.name)
