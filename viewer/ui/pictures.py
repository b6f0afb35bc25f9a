"""Pictures of what is on screen."""

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from viewer.ui.window_parts import WindowParts


def take_picture(window: QWidget, parts: WindowParts, subject: str) -> QImage:
    """Picture of the ``3d`` view, the ``camera`` (the large one, else all) or the ``window``."""
    if subject == "3d":
        return parts.viewport.picture()
    if subject == "camera":
        large = parts.session.large_camera is not None
        return (parts.strip.large_pane if large else parts.strip).grab().toImage()
    return window.grab().toImage()
