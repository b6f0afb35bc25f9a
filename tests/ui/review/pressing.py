"""Pressing keys in the Review layout, and what came of it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication


def press(qtbot, window, key, modifier=Qt.KeyboardModifier.NoModifier):
    qtbot.keyClick(QApplication.focusWidget() or window, key, modifier)


def settle(qtbot, session):
    qtbot.waitUntil(lambda: not session.jobs.busy)


def state(window):
    return window.review.desk.judging.state_of(window.session.selection)
