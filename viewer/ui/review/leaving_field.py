"""Fields that give the keys back: Enter keeps what was typed, Esc does not."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


def _is_escape(event: QEvent) -> bool:
    """Whether Esc asks first whether it is a key of the window: here it is the field's."""
    return (
        event.type() == QEvent.Type.ShortcutOverride
        and isinstance(event, QKeyEvent)
        and event.key() == Qt.Key.Key_Escape
    )


class LeavingField(QLineEdit):
    """One line; `editingFinished` tells of a change, `left` that the keys go elsewhere."""

    left = Signal()

    def __init__(self, name: str, hint: str = "") -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setPlaceholderText(hint)
        self._before = ""

    def show_text(self, text: str) -> None:
        """Show what is kept; what is being typed stays."""
        if self.hasFocus() and self.isModified():
            return
        self._before = text
        self.setText(text)
        self.setCursorPosition(0)

    def event(self, event: QEvent) -> bool:
        if _is_escape(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.setText(self._before)
            self.setModified(False)
            self.left.emit()
            return
        super().keyPressEvent(event)
        if event.key() in _ENTER:
            self.left.emit()


class CommentEntry(QPlainTextEdit):
    """Several lines of text; Ctrl+Enter sends them, Tab and Esc leave."""

    sent = Signal()
    left = Signal()

    def __init__(self, hint: str, name: str, height_px: int) -> None:
        super().__init__()
        self.setPlaceholderText(hint)
        self.setAccessibleName(name)
        self.setTabChangesFocus(True)
        self.setFixedHeight(height_px)

    def event(self, event: QEvent) -> bool:
        if _is_escape(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _ENTER and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.sent.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)
