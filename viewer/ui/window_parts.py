"""What the window holds, for those who work on it without knowing the window itself."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from PySide6.QtWidgets import QDockWidget, QWidget

from viewer.session.session import Session
from viewer.session.settings import Settings
from viewer.ui.camera_strip import CameraStrip
from viewer.ui.compare.entry import CompareEntry
from viewer.ui.findings.entry import FindingsEntry
from viewer.ui.layouts import Layouts
from viewer.ui.measure_tool import MeasureTool
from viewer.ui.review.entry import ReviewEntry
from viewer.ui.start_page import StartPage
from viewer.ui.viewport_bar import ViewportBar
from viewer.ui.viewport_controller import Viewport, ViewportController

if TYPE_CHECKING:
    from viewer.ui.about import About
    from viewer.ui.command_palette import CommandPalette
    from viewer.ui.problem_list import ProblemList
    from viewer.ui.shortcut_sheet import ShortcutSheet


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
    layouts: Layouts
    review: ReviewEntry
    compare: CompareEntry
    findings: FindingsEntry
    viewport_widget: QWidget

    @property
    def palette_popover(self) -> "CommandPalette":
        """Search and commands."""
        ...

    @property
    def sheet(self) -> "ShortcutSheet":
        """Every key."""
        ...

    @property
    def problem_list(self) -> "ProblemList":
        """What is wrong with the data."""
        ...

    @property
    def about(self) -> "About":
        """Versions and the renderer."""
        ...

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
