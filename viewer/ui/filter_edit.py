"""A text field above rows: the arrow keys step through what it leaves."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit

_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


class FilterEdit(QLineEdit):
    """Keeps Up and Down for its rows, before the window steps through all labels with them."""

    stepped = Signal(int)
    """1 for the next row, -1 for the one before; the field keeps the focus."""

    def event(self, event: QEvent) -> bool:
        """Claim the keys that would be the window's."""
        if event.type() is QEvent.Type.ShortcutOverride and _step(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _step(event)
        if step:
            self.stepped.emit(step)
        else:
            super().keyPressEvent(event)


def _step(event: QEvent) -> int:
    if not isinstance(event, QKeyEvent):
        return 0
    if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier != Qt.KeyboardModifier.NoModifier:
        return 0
    return _STEPS.get(Qt.Key(event.key()), 0)
