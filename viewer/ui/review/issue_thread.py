"""The thread of an issue: what was said, and a field to say more."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from viewer.review.commands.comments import DeleteComment, EditComment
from viewer.review.issues.model import Comment, Issue
from viewer.review.issues.reading import comments_of
from viewer.session.review_desk import ReviewDesk
from viewer.ui.plain_parts import text_button
from viewer.ui.review.ago import ago_text, local_time
from viewer.ui.review.leaving_field import CommentEntry

MOST_SHOWN = 200
ENTRY_PX = 64


class IssueThread(QWidget):
    """Comments, oldest first, and the field for the next one."""

    left = Signal()
    """The keys go elsewhere."""

    def __init__(self, desk: ReviewDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._edited: Comment | None = None
        self.heading = QLabel("Comments")
        self.heading.setProperty("role", "heading")
        self.entry = CommentEntry("Comment; @name calls someone", "New comment", ENTRY_PX)
        self.entry.sent.connect(self.send)
        self.entry.left.connect(self._leave)
        self.send_button = text_button("Comment", "Write it down  (Ctrl+Enter)", self.send)
        self.hint = QLabel("Ctrl+Enter")
        self.hint.setProperty("role", "caption")
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.send_button)
        row.addWidget(self.hint)
        row.addStretch(1)
        self._rows = QVBoxLayout()
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(8)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.heading)
        column.addLayout(self._rows)
        column.addWidget(self.entry)
        column.addLayout(row)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def show_issue(self, issue: Issue, *, is_other: bool) -> None:
        """Show the thread; what is being typed stays while the issue is the same."""
        reading = self._desk.reading
        found = [] if reading is None else comments_of(reading, issue.issue_id)
        if is_other:
            self._stop_editing()
            self.entry.clear()
        while (item := self._rows.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        writable = self._desk.read_only_reason is None
        for comment in found[-MOST_SHOWN:]:
            self._rows.addWidget(self._row(comment, writable=writable))
        count = issue.comment_count
        hidden = f", the last {MOST_SHOWN} shown" if len(found) > MOST_SHOWN else ""
        self.heading.setText(f"Comments: {count:,}{hidden}" if count else "No comment yet")
        self.entry.setReadOnly(not writable)
        self.send_button.setEnabled(writable)

    def _row(self, comment: Comment, *, writable: bool) -> QWidget:
        frame = QFrame()
        frame.setObjectName("commentRow")
        column = QVBoxLayout(frame)
        column.setContentsMargins(8, 0, 0, 0)
        column.setSpacing(2)
        head = QHBoxLayout()
        head.setSpacing(6)
        edited = ", edited" if comment.edited_ns is not None and not comment.deleted_ns else ""
        who = QLabel(f"{comment.author}  {ago_text(comment.created_ns)}{edited}")
        who.setProperty("role", "caption")
        who.setToolTip(f"{local_time(comment.created_ns):%Y-%m-%d %H:%M:%S}")
        head.addWidget(who, 1)
        is_own = comment.author == self._desk.reviewer.name and not comment.deleted_ns
        if is_own and writable:
            for text, run in (("Edit", self._edit), ("Delete", self._delete)):
                button = QPushButton(text)
                button.setProperty("role", "link")
                button.setAccessibleName(f"{text} this comment")
                button.clicked.connect(lambda _checked=False, run=run: run(comment))
                head.addWidget(button)
        column.addLayout(head)
        said = QLabel("deleted" if comment.deleted_ns else comment.text)
        said.setTextFormat(Qt.TextFormat.PlainText)
        said.setWordWrap(True)
        said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        if comment.deleted_ns:
            said.setProperty("role", "secondary")
        column.addWidget(said)
        return frame

    # -- talking -----------------------------------------------------------------------------

    def send(self) -> None:
        """Write down what was typed."""
        text = self.entry.toPlainText().strip()
        if not text:
            return
        if self._edited is None:
            is_written = self._desk.issues.comment(text)
        else:
            issue = self._desk.issues.current
            title = "" if issue is None else issue.title
            is_written = self._desk.run(EditComment(self._edited.comment_id, text, title))
        if is_written:
            self._stop_editing()
            self.entry.clear()
            self.left.emit()

    def _leave(self) -> None:
        """Escape: give up an edit, else leave the field; what was typed stays."""
        if self._edited is not None:
            self._stop_editing()
            self.entry.clear()
        self.left.emit()

    def _edit(self, comment: Comment) -> None:
        self._edited = comment
        self.entry.setPlainText(comment.text)
        self.entry.setFocus()
        self.send_button.setText("Save")
        self.hint.setText("Ctrl+Enter; Esc leaves it as it was")

    def _stop_editing(self) -> None:
        self._edited = None
        self.send_button.setText("Comment")
        self.hint.setText("Ctrl+Enter")

    def _delete(self, comment: Comment) -> None:
        issue = self._desk.issues.current
        title = "" if issue is None else issue.title
        self._desk.run(DeleteComment(comment.comment_id, title))
