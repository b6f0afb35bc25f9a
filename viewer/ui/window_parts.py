"""What the window holds, for those who work on it without knowing the window itself."""

from collections.abc import Mapping
from typing import Protocol

from PySide6.QtWidgets import QDockWidget, QWidget

from viewer.session.session import Session
from viewer.session.settings import Settings
from viewer.ui.about import About
from viewer.ui.camera_strip import CameraStrip
from viewer.ui.command_palette import CommandPalette
from viewer.ui.measure_tool import MeasureTool
from viewer.ui.problem_list import ProblemList
from viewer.ui.shortcut_sheet import ShortcutSheet
from viewer.ui.start_page import StartPage
from viewer.ui.viewport_bar import ViewportBar
from viewer.ui.viewport_controller import Viewport, ViewportController


class WindowParts(Protocol):
    """Parts of the main window; they are there once it is built."""

    session: Session
    settings: Settings
    viewport: Viewport
    viewport_pane: QWidget
    """The 3D view with its bar."""
    controller: ViewportController
    viewport_bar: ViewportBar
    strip: CameraStrip
    start_page: StartPage
    measure: MeasureTool
    palette_popover: CommandPalette
    sheet: ShortcutSheet
    problem_list: ProblemList
    about: About

    @property
    def docks(self) -> Mapping[str, QDockWidget]:
        """Docks by the name of their panel."""
        ...

    @property
    def cameras_fill(self) -> bool:
        """True while the cameras have the whole centre."""
        ...

    def toggle_fill(self) -> None:
        """Give the whole centre to the cameras, or share it again."""
        ...

    def reset_layout(self) -> None:
        """Put every dock to its place."""
        ...

    def remember(self, settings: Settings) -> None:
        """Keep settings."""
        ...
