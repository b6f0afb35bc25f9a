"""Keys of the number block: the platform's shortcut matching forgets that they are apart.

On X11 and Wayland Qt turns the keypad modifier off before it compares a key with shortcuts, so
``Num+7`` would run what ``7`` runs. Here such keys are matched first, with and without Num Lock.
"""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QWidget

from viewer.ui.action_table import ActionTable
from viewer.ui.key_rules import in_popover, is_text

_KEYPAD = Qt.KeyboardModifier.KeypadModifier


class KeypadKeys(QObject):
    """Runs the actions of a window whose keys lie on the number block."""

    def __init__(self, table: ActionTable, parent: QObject) -> None:
        super().__init__(parent)
        self._table = table
        self._taken: str | None = None

    def takes(self, event: QEvent) -> bool:
        """Accept a `ShortcutOverride` of a key that an action has; the press then runs it."""
        if event.type() is not QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
            return False
        if event.modifiers() != _KEYPAD:
            return False
        pressed = QKeySequence(event.keyCombination())
        owner = self._table.keymap.owner(pressed.toString(QKeySequence.SequenceFormat.PortableText))
        watched = QApplication.focusWidget() or self.parent()
        if owner is None or not isinstance(watched, QWidget):
            return False
        if is_text(watched) or in_popover(watched):
            return False
        self._taken = owner.id
        watched.installEventFilter(self)
        event.accept()
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is not QEvent.Type.KeyPress or self._taken is None:
            return False
        taken, self._taken = self._taken, None
        watched.removeEventFilter(self)
        self._table.run(taken)
        return True
