"""Waiting until the window has computed what it shows."""

from PySide6.QtWidgets import QApplication


def settle(qtbot, window, rounds=2):
    """Wait for what was asked for, and for what its answer asks for."""
    for _ in range(rounds):
        QApplication.processEvents()
        qtbot.waitUntil(lambda: not window.session.jobs.busy, timeout=120_000)
    QApplication.processEvents()
