"""What the review needs of the window that it stands in, without knowing the window itself."""

from collections.abc import Callable
from typing import Protocol

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDockWidget, QSplitter, QWidget

from viewer.session.session import Session
from viewer.session.settings import Settings
from viewer.ui.camera_strip import CameraStrip
from viewer.ui.viewport_controller import Viewport


class KeyedActions(Protocol):
    """The window's actions by id."""

    def __getitem__(self, action_id: str) -> QAction:
        """One action, with its text, key and tooltip."""
        ...

    def run(self, action_id: str) -> None:
        """Do it, if it is possible now."""
        ...


class LayoutSwitch(Protocol):
    """Which layout is shown."""

    def layout_shown(self, name: str) -> bool:
        """Whether a layout is the one shown."""
        ...

    def show_panel(self, name: str) -> None:
        """Show a panel and give it the keys."""
        ...


class ReviewWindow(Protocol):
    """The main window, as the review sees it."""

    session: Session
    settings: Settings
    viewport_widget: QWidget
    viewport: Viewport
    strip: CameraStrip
    across: QSplitter
    docks: dict[str, QDockWidget]
    panels: dict[str, QWidget]

    @property
    def table(self) -> KeyedActions:
        """The actions."""
        ...

    @property
    def shell(self) -> LayoutSwitch:
        """The layouts."""
        ...

    @property
    def docks_changed(self) -> Callable[..., None]:
        """Called when a dock is shown or hidden."""
        ...

    def add_below(self, widget: QWidget) -> None:
        """Put a widget below the views."""
        ...

    def take_clicks(self, *, taken: bool) -> None:
        """Leave clicks to a tool, or let them select again."""
        ...

    def retitle(self) -> None:
        """Name scene and workspace in the title."""
        ...

    def remember(self, settings: Settings) -> None:
        """Keep settings."""
        ...


def as_widget(window: ReviewWindow) -> QWidget:
    """The window as what it is besides, e.g. the parent of a dialog."""
    if not isinstance(window, QWidget):
        raise TypeError("the window of a review is a widget")
    return window
