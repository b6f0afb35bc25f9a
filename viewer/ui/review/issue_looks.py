"""What the window knows of a sight: where the eye is, and pictures of what is shown."""

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

from viewer.formats.pictures import encode_jpeg
from viewer.ui.review.window import ReviewWindow

PICTURE_WIDTH_PX = 640
"""A hundred thousand issues have two pictures each."""
QUALITY = 80


class WindowLooks:
    """Looks through the window's 3D view; see `session.review_sights.Looks`."""

    def __init__(self, window: ReviewWindow) -> None:
        self._window = window

    def eye(self) -> tuple[float, ...] | None:
        """Numbers of the 3D eye."""
        numbers: tuple[float, ...] = self._window.viewport.view.eye.numbers()
        return numbers

    def look_from(self, numbers: tuple[float, ...]) -> None:
        """Bring the eye there; numbers of another version of the eye are left alone."""
        try:
            self._window.viewport.go_to_numbers(numbers)
        except ValueError:
            self._window.session.say("The eye of this view cannot be used", is_problem=True)

    def pictures(self) -> tuple[bytes | None, bytes | None]:
        """JPEGs of the 3D view and of the large camera, or of all."""
        strip = self._window.strip
        is_large = self._window.session.large_camera is not None
        cameras = (strip.large_pane if is_large else strip).grab().toImage()
        return _jpeg(self._window.viewport.picture()), _jpeg(cameras)


def _jpeg(image: QImage) -> bytes | None:
    if image.isNull() or min(image.width(), image.height()) < 2:
        return None
    if image.width() > PICTURE_WIDTH_PX:
        image = image.scaledToWidth(PICTURE_WIDTH_PX, Qt.TransformationMode.SmoothTransformation)
    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), plain.bytesPerLine())
    rgb = rows[:, : 3 * plain.width()].reshape(plain.height(), plain.width(), 3)
    return encode_jpeg(rgb, QUALITY)
