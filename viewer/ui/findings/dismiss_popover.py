"""Why a finding is none: a digit, or words of one's own."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QWidget

from viewer.session.findings_review import DISMISS_REASONS
from viewer.ui.popover import Popover

WIDTH_PX, HEIGHT_PX = 420, 330


class DismissPopover(Popover):
    """Enter takes what is typed, or no reason; a digit takes one of the list; Esc gives up."""

    def __init__(self, window: QWidget, dismiss: Callable[[str], object]) -> None:
        super().__init__(window, "Dismiss a finding", width_px=WIDTH_PX, height_px=HEIGHT_PX)
        self._dismiss = dismiss
        self.add_title("Dismiss: why is it none?")
        self.sentence = QLabel()
        self.sentence.setWordWrap(True)
        self.sentence.setProperty("role", "secondary")
        self.column.addWidget(self.sentence)
        self.field = QLineEdit()
        self.field.setPlaceholderText("A digit, your own words, or Enter for none")
        self.field.setAccessibleName("Reason")
        self.field.installEventFilter(self)
        self.column.addWidget(self.field)
        self.buttons: list[QPushButton] = []
        for number, reason in enumerate(DISMISS_REASONS, start=1):
            button = QPushButton(f"{number}   {reason}")
            button.setProperty("role", "flat")
            button.setStyleSheet("text-align: left;")
            button.clicked.connect(lambda _checked=False, reason=reason: self._take(reason))
            self.buttons.append(button)
            self.column.addWidget(button)
        note = QLabel("It comes back when the label changes; undo brings it back at once")
        note.setWordWrap(True)
        note.setProperty("role", "caption")
        self.column.addStretch(1)
        self.column.addWidget(note)

    def ask(self, text: str) -> None:
        """Ask about a finding."""
        self.sentence.setText(text)
        self.field.clear()
        self.open_popover(self.field)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is not self.field or not isinstance(event, QKeyEvent):
            return super().eventFilter(watched, event)
        number = event.key() - Qt.Key.Key_1.value
        is_reason = not self.field.text() and 0 <= number < len(DISMISS_REASONS)
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if event.type() == QEvent.Type.ShortcutOverride and (is_reason or is_enter):
            event.accept()
            return True
        if event.type() == QEvent.Type.KeyPress and (is_reason or is_enter):
            self._take(DISMISS_REASONS[number] if is_reason else self.field.text().strip())
            return True
        return super().eventFilter(watched, event)

    def _take(self, reason: str) -> None:
        self.close_popover()
        self._dismiss(reason)
