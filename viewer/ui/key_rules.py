"""Which keys a focused control keeps for itself, before the window's actions see them."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QMenu,
    QMenuBar,
    QPlainTextEdit,
    QTabBar,
    QTextEdit,
    QWidget,
)

_Key = Qt.Key
_ALONG = frozenset({_Key.Key_Left, _Key.Key_Right})
_ACROSS = frozenset({_Key.Key_Up, _Key.Key_Down})
_PAGES = frozenset({_Key.Key_Home, _Key.Key_End, _Key.Key_PageUp, _Key.Key_PageDown})
_PRESS = frozenset({_Key.Key_Space})
_KEPT: tuple[tuple[type[QWidget], frozenset[Qt.Key]], ...] = (
    (QMenu, _ALONG | _ACROSS | _PAGES | _PRESS),
    (QMenuBar, _ALONG | _ACROSS | _PRESS),
    (QAbstractItemView, _ACROSS | _PAGES | _PRESS),
    (QComboBox, _ACROSS | _PRESS),
    (QAbstractSpinBox, _ACROSS | _PAGES),
    (QAbstractSlider, _ALONG | _ACROSS | _PAGES),
    (QTabBar, _ALONG),
    (QAbstractButton, _PRESS),
)
_TEXT = (QLineEdit, QTextEdit, QPlainTextEdit, QAbstractSpinBox)


class KeyRules(QObject):
    """Filters the keys of the control with the focus: arrows move in a list or slider.

    Every other key still reaches the actions, so a table with the focus does not stop the review.
    """

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        application.focusChanged.connect(self._follow)

    def _follow(self, before: QWidget | None, now: QWidget | None) -> None:
        if before is not None:
            before.removeEventFilter(self)
        if now is not None:
            now.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is not QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
            return False
        if not isinstance(watched, QWidget) or not keeps_key(watched, event):
            return False
        event.accept()
        return True


def keeps_key(widget: QWidget, event: QKeyEvent) -> bool:
    """Whether a focused widget uses this key itself."""
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    key = Qt.Key(event.key())
    if isinstance(widget, _TEXT):
        plain = modifiers in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier)
        if plain and ((event.text().isprintable() and event.text()) or key in _ALONG | _PAGES):
            return True
    if modifiers != Qt.KeyboardModifier.NoModifier:
        return False
    return any(isinstance(widget, kind) and key in keys for kind, keys in _KEPT)
