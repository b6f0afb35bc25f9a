"""What the window shows while nothing is open: how to open something, and why something did not."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from viewer.session.changes import Change, DatasetOpened, JobsChanged, OpenFailed
from viewer.session.session import Session
from viewer.ui.action_table import ActionTable
from viewer.ui.panel import clear_layout
from viewer.ui.plain_parts import wrapped_label

MAX_SHOWN_RECENT = 6
CARD_WIDTH_PX = 560


class StartPage(QScrollArea):
    """Drop, open, paste, or choose a recent path; a path that fails is explained here."""

    dismissed = Signal()

    def __init__(
        self,
        session: Session,
        table: ActionTable,
        recent: Callable[[], tuple[str, ...]],
        open_text: Callable[[str], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("startPage")
        self.setAccessibleName("Start")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self._session = session
        self._recent = recent
        self._open_text = open_text
        self._failure: OpenFailed | None = None
        body = QWidget()
        body.setObjectName("startPage")
        outer = QHBoxLayout(body)
        outer.addStretch(1)
        self._column = QVBoxLayout()
        self._column.setSpacing(16)
        outer.addLayout(self._column)
        outer.addStretch(1)
        self.setWidget(body)
        self._column.addStretch(2)
        self._failure_card = self._make_failure_card()
        self._column.addWidget(self._failure_card)
        self._column.addWidget(self._make_drop_card(table))
        self._recent_rows = QVBoxLayout()
        self._recent_rows.setSpacing(0)
        self._column.addLayout(self._recent_rows)
        self._column.addStretch(3)
        self._failure_card.hide()
        self.refresh()
        self._unsubscribe = session.subscribe(self._on_change)

    def dispose(self) -> None:
        """Stop listening."""
        self._unsubscribe()

    def refresh(self) -> None:
        """Show the recent paths that still exist."""
        clear_layout(self._recent_rows)
        paths = self._recent()[:MAX_SHOWN_RECENT]
        if not paths:
            return
        heading = QLabel("Recent")
        heading.setProperty("role", "caption")
        self._recent_rows.addWidget(heading)
        for path in paths:
            button = QPushButton()
            button.setProperty("role", "flat")
            button.setText(short_path(path, button))
            button.setToolTip(path)
            button.setAccessibleName(f"Open {path}")
            button.setStyleSheet("text-align: left;")
            button.setEnabled(Path(path).exists())
            button.clicked.connect(lambda _checked=False, path=path: self._open_text(path))
            self._recent_rows.addWidget(button)

    def set_dropping(self, *, dropping: bool) -> None:
        """Show that a drop would be taken."""
        self._drop_card.setProperty("dropping", "true" if dropping else "false")
        self._drop_card.style().unpolish(self._drop_card)
        self._drop_card.style().polish(self._drop_card)

    @property
    def failure(self) -> OpenFailed | None:
        """What is explained, if anything."""
        return self._failure

    def clear_failure(self) -> None:
        """Stop explaining."""
        self._failure = None
        self._failure_card.hide()

    def _make_drop_card(self, table: ActionTable) -> QWidget:
        card = self._drop_card = QFrame()
        card.setObjectName("dropCard")
        card.setFixedWidth(CARD_WIDTH_PX)
        self.setFocusProxy(card)
        column = QVBoxLayout(card)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(12)
        title = QLabel("Open a scene")
        title.setProperty("role", "title")
        column.addWidget(title, 0, Qt.AlignmentFlag.AlignHCenter)
        hint = QLabel("Drop a folder, a point cloud, an image or a scene pack here.")
        hint.setProperty("role", "secondary")
        column.addWidget(hint, 0, Qt.AlignmentFlag.AlignHCenter)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        for action_id, role in (("file.open_folder", "primary"), ("file.open_file", "")):
            button = QPushButton(table[action_id].text())
            button.setProperty("role", role)
            button.setToolTip(table[action_id].toolTip())
            button.clicked.connect(lambda _checked=False, action_id=action_id: table.run(action_id))
            buttons.addWidget(button)
        buttons.addStretch(1)
        column.addLayout(buttons)
        self._path = QLineEdit()
        self._path.setPlaceholderText("or paste a path or a link, then Enter")
        self._path.setAccessibleName("Path or link")
        self._path.returnPressed.connect(self._open_typed)
        column.addWidget(self._path)
        card.setFocusProxy(self._path)
        return card

    def _make_failure_card(self) -> QWidget:
        card = QFrame()
        card.setObjectName("popup")
        card.setFixedWidth(CARD_WIDTH_PX)
        card.setAccessibleName("Why the path did not open")
        column = QVBoxLayout(card)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        self._failure_title = wrapped_label(role="problem")
        column.addWidget(self._failure_title)
        self._reasons_hint = QLabel("What each format missed:")
        self._reasons_hint.setProperty("role", "caption")
        column.addWidget(self._reasons_hint)
        self._reasons = QGridLayout()
        self._reasons.setHorizontalSpacing(16)
        self._reasons.setVerticalSpacing(4)
        self._reasons.setColumnStretch(1, 1)
        column.addLayout(self._reasons)
        row = QHBoxLayout()
        copy = QPushButton("Copy details")
        copy.clicked.connect(self._copy_failure)
        row.addWidget(copy)
        dismiss = QPushButton("Dismiss")
        dismiss.clicked.connect(self._dismiss)
        row.addWidget(dismiss)
        row.addStretch(1)
        column.addLayout(row)
        return card

    def _on_change(self, change: Change) -> None:
        if isinstance(change, OpenFailed):
            self._explain(change)
        elif isinstance(change, DatasetOpened):
            self.clear_failure()
            self.refresh()
        elif isinstance(change, JobsChanged) and self._session.jobs.statuses:
            self.clear_failure()

    def _explain(self, failure: OpenFailed) -> None:
        self._failure = failure
        self._failure_title.setText(failure.message)
        self._reasons_hint.setVisible(bool(failure.reasons))
        clear_layout(self._reasons)
        for row, (title, reason) in enumerate(failure.reasons):
            name = QLabel(title)
            text = wrapped_label(reason, role="secondary")
            text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._reasons.addWidget(name, row, 0, Qt.AlignmentFlag.AlignTop)
            self._reasons.addWidget(text, row, 1)
        self._failure_card.show()

    def _dismiss(self) -> None:
        self.clear_failure()
        self.dismissed.emit()

    def _copy_failure(self) -> None:
        failure = self._failure
        if failure is not None:
            lines = [failure.message, *(f"{title}: {why}" for title, why in failure.reasons)]
            QGuiApplication.clipboard().setText("\n".join(lines))

    def _open_typed(self) -> None:
        text = self._path.text().strip()
        if text:
            self._open_text(text)


def short_path(path: str, widget: QWidget) -> str:
    """Path that fits the card, its middle left out."""
    return widget.fontMetrics().elidedText(
        path, Qt.TextElideMode.ElideMiddle, CARD_WIDTH_PX - 24
    )  # fmt: skip
