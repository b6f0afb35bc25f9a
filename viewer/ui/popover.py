"""A panel over the window: search, keys, problems. Esc or a click outside closes it."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from viewer.ui.icons import icon

MARGIN_PX = 32
_DIMMED = 70
"""Opacity of the backdrop, 0 to 255."""


class Popover(QFrame):
    """Child of the window, so that it works the same on X11, Wayland and in tests.

    It keeps the focus while it is open and gives it back when it closes.
    """

    def __init__(self, window: QWidget, name: str, *, width_px: int, height_px: int) -> None:
        super().__init__(window)
        self.setObjectName("popup")
        self.setAccessibleName(name)
        self.setAutoFillBackground(True)
        self._window = window
        self._backdrop = _Backdrop(window, self)
        self._wanted = width_px, height_px
        self._focus_before: QWidget | None = None
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(12, 12, 12, 12)
        self.column.setSpacing(8)
        self.hide()

    def add_title(self, text: str) -> QHBoxLayout:
        """Put a title and a close button on top; more may be added to the returned row."""
        row = QHBoxLayout()
        title = QLabel(text)
        title.setProperty("role", "heading")
        row.addWidget(title)
        row.addStretch(1)
        close = QToolButton()
        close.setIcon(icon("close", "secondary"))
        close.setProperty("role", "flat")
        close.setAccessibleName("Close")
        close.setToolTip("Close  (Esc)")
        close.clicked.connect(self.close_popover)
        row.addWidget(close)
        self.column.addLayout(row)
        return row

    def open_popover(self, focus: QWidget) -> None:
        """Show it in the middle, near the top, with the focus on one of its controls."""
        for other in self._window.findChildren(Popover):
            if other is not self and other.isVisible():
                other.close_popover()
        self._focus_before = QApplication.focusWidget()
        self.place()
        self._backdrop.show()
        self._backdrop.raise_()
        self.show()
        self.raise_()
        focus.setFocus(Qt.FocusReason.PopupFocusReason)

    def close_popover(self) -> None:
        """Hide it and give the focus back."""
        if not self.isVisible():
            return
        self.hide()
        self._backdrop.hide()
        before, self._focus_before = self._focus_before, None
        if before is not None and before.isVisible():
            before.setFocus(Qt.FocusReason.PopupFocusReason)
        else:
            self._window.setFocus(Qt.FocusReason.PopupFocusReason)

    def place(self) -> None:
        """Fit into the window."""
        window = self._window
        self._backdrop.setGeometry(window.rect())
        width = min(self._wanted[0], window.width() - 2 * MARGIN_PX)
        height = min(self._wanted[1], window.height() - 2 * MARGIN_PX)
        top = min(2 * MARGIN_PX, (window.height() - height) // 2)
        self.setGeometry((window.width() - width) // 2, top, width, height)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_popover()
        else:
            super().keyPressEvent(event)


class _Backdrop(QWidget):
    """Covers the window behind a popover; a click on it closes the popover."""

    def __init__(self, window: QWidget, popover: Popover) -> None:
        super().__init__(window)
        self._popover = popover
        self.hide()

    def mousePressEvent(self, _event: QMouseEvent) -> None:
        self._popover.close_popover()

    def paintEvent(self, _event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), QColor(0, 0, 0, _DIMMED))
