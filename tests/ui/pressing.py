"""Pressing keys as a person does."""

from PySide6.QtCore import Qt


def press(qtbot, window, key, modifier=Qt.KeyboardModifier.NoModifier):
    window.activateWindow()
    target = window.focusWidget() or window
    qtbot.keyClick(target, key, modifier)
