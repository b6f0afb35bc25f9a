"""Which keys a focused control keeps for itself, before the window's actions see them."""

from PySide6.QtCore import QEvent, Qt
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

from viewer.ui.popover import Popover

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


def is_for_focus(event: QEvent) -> bool:
    """Accept a `ShortcutOverride` that the control with the focus, or an open popover, keeps.

    Windows ask this in `event`: Qt offers them the key once their controls did not take it. So
    arrows move in the list or slider that has the focus, and every other key still reaches the
    actions: a table with the focus does not stop the review. A drop-down list keeps letters too,
    for they choose its entries.
    """
    if event.type() is not QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
        return False
    focus = QApplication.focusWidget()
    if focus is None or not (in_popover(focus) or keeps_key(focus, event)):
        return False
    event.accept()
    return True


def in_popover(widget: QWidget) -> bool:
    """True for a popover and what it holds."""
    while not isinstance(widget, Popover):
        parent = widget.parentWidget()
        if parent is None:
            return False
        widget = parent
    return True


def is_text(widget: QWidget) -> bool:
    """True for what a person types into."""
    return isinstance(widget, _TEXT)


def keeps_key(widget: QWidget, event: QKeyEvent) -> bool:
    """Whether a focused widget uses this key itself."""
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    key = Qt.Key(event.key())
    if is_text(widget):
        plain = modifiers in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier)
        if plain and ((event.text().isprintable() and event.text()) or key in _ALONG | _PAGES):
            return True
    if modifiers != Qt.KeyboardModifier.NoModifier:
        return False
    if isinstance(widget, QComboBox) and event.text().isprintable() and event.text():
        # Letters choose an entry; Esc and Tab leave it.
        return True
    return any(isinstance(widget, kind) and key in keys for kind, keys in _KEPT)
