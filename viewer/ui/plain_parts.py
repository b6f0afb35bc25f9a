"""Texts and buttons as panels and pages have them."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QScrollArea, QSizePolicy, QWidget


def wrapped_label(text: str = "", *, role: str) -> QLabel:
    """Return a text in as many lines as it needs, in the theme's look for a role."""
    label = QLabel(text)
    label.setWordWrap(True)
    label.setProperty("role", role)
    return label


def plain_label(text: str = "", *, role: str) -> QLabel:
    """Return such a text with what people named in it: shown as it is."""
    label = wrapped_label(text, role=role)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


def facts_label() -> QLabel:
    """Return a place for what people named: shown as it is, however long its words are."""
    label = plain_label(role="caption")
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    return label


def scrolled(body: QWidget) -> QScrollArea:
    """Return a body as wide as its panel, that scrolls where it is higher."""
    area = QScrollArea()
    scroll_down_alone(area)
    area.setWidget(body)
    return area


def scroll_down_alone(area: QScrollArea) -> None:
    """Keep what stands in an area as wide as it."""
    area.setObjectName("panelScroll")
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)


def text_button(text: str, tip: str, run: Callable[[], object]) -> QPushButton:
    """Return a button that runs something."""
    button = QPushButton(text)
    button.setToolTip(tip)
    button.clicked.connect(lambda _checked=False: run())
    return button
