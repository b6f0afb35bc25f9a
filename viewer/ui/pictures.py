"""Pictures of what is on screen."""

from typing import TYPE_CHECKING

from PySide6.QtGui import QImage

if TYPE_CHECKING:
    from viewer.ui.main_window import MainWindow


def take_picture(window: "MainWindow", subject: str) -> QImage:
    """Picture of the ``3d`` view, the ``camera`` (the large one, else all) or the ``window``."""
    if subject == "3d":
        picture: QImage = window.viewport_widget.picture()  # type: ignore[attr-defined]
        return picture
    if subject == "camera":
        strip = window.strip
        large = window.session.large_camera is not None
        return (strip.large_pane if large else strip).grab().toImage()
    return window.grab().toImage()
