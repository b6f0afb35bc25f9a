"""Texts and buttons as panels and pages have them."""

from collections.abc import Callable

from PySide6.QtWidgets import QLabel, QPushButton


def wrapped_label(text: str = "", *, role: str) -> QLabel:
    """Return a text in as many lines as it needs, in the theme's look for a role."""
    label = QLabel(text)
    label.setWordWrap(True)
    label.setProperty("role", role)
    return label


def text_button(text: str, tip: str, run: Callable[[], object]) -> QPushButton:
    """Return a button that runs something."""
    button = QPushButton(text)
    button.setToolTip(tip)
    button.clicked.connect(lambda _checked=False: run())
    return button
