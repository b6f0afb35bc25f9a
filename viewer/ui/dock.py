"""Docks: a quiet title, buttons to float and hide, and a place to come back to."""

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import (
    QBoxLayout,
    QDockWidget,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from viewer.ui.icons import icon
from viewer.ui.key_rules import is_for_focus

TITLE_PX = 24
_BUTTON_PX = 20


class DockTitle(QWidget):
    """Title of a dock. Upright docks have it on the left, to leave the height to the content."""

    def __init__(self, dock: QDockWidget, *, upright: bool = False) -> None:
        super().__init__(dock)
        self.setObjectName("dockTitle")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._dock = dock
        self._upright = upright
        self._in_tabs = False
        self._label = QLabel(dock.windowTitle())
        self._label.setProperty("role", "caption")
        self._float = self._button("float", "Float or dock", self._toggle_floating)
        self._hide = self._button("close", "Hide", dock.close)
        row: QBoxLayout
        if upright:
            self.setFixedWidth(TITLE_PX)
            row = QVBoxLayout(self)
            row.setContentsMargins(2, 4, 2, 4)
            for widget in (self._hide, self._float):
                row.addWidget(widget)
            row.addStretch(1)
            self._label.hide()
        else:
            self.setFixedHeight(TITLE_PX)
            row = QHBoxLayout(self)
            row.setContentsMargins(12, 0, 4, 0)
            row.addWidget(self._label)
            row.addStretch(1)
            for widget in (self._float, self._hide):
                row.addWidget(widget)
        row.setSpacing(0)

    def set_in_tabs(self, *, in_tabs: bool) -> None:
        """Leave the title to the tab where there is one; a tab is dragged out to float."""
        if not self._upright and in_tabs != self._in_tabs:
            self._in_tabs = in_tabs
            self.setFixedHeight(0 if in_tabs else TITLE_PX)
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Size that the dock gives to its title."""
        if self._upright:
            return QSize(TITLE_PX, 2 * TITLE_PX)
        return QSize(2 * TITLE_PX, 0 if self._in_tabs else TITLE_PX)

    def minimumSizeHint(self) -> QSize:
        """As `sizeHint`."""
        return self.sizeHint()

    def _toggle_floating(self) -> None:
        self._dock.setFloating(not self._dock.isFloating())

    def _button(self, glyph: str, text: str, run: object) -> QToolButton:
        button = QToolButton()
        button.setProperty("role", "tiny")
        button.setFixedSize(_BUTTON_PX, _BUTTON_PX)
        button.setIconSize(QSize(14, 14))
        button.setIcon(icon(glyph, "secondary"))
        button.setToolTip(text)
        button.setAccessibleName(f"{text}: {self._dock.windowTitle()}")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda _checked=False: run())  # type: ignore[operator]
        return button


class Dock(QDockWidget):
    """A dock; afloat it is a window of its own, where the same keys hold."""

    def event(self, event: QEvent) -> bool:
        return is_for_focus(event) or super().event(event)


def make_dock(
    window: QMainWindow, name: str, title: str, content: QWidget, *, upright: bool = False
) -> QDockWidget:
    """Make a dock whose place is remembered under its name."""
    dock = Dock(title, window)
    dock.setObjectName(f"dock_{name}")
    dock.setWidget(content)
    dock.setAllowedAreas(Qt.DockWidgetArea.AllDockWidgetAreas)
    title_bar = DockTitle(dock, upright=upright)
    features = (
        QDockWidget.DockWidgetFeature.DockWidgetClosable
        | QDockWidget.DockWidgetFeature.DockWidgetMovable
        | QDockWidget.DockWidgetFeature.DockWidgetFloatable
    )
    if upright:
        features |= QDockWidget.DockWidgetFeature.DockWidgetVerticalTitleBar
    dock.setFeatures(features)
    dock.setTitleBarWidget(title_bar)
    return dock
