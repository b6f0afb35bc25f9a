"""A widget of one picture that is cut out of an image; a click shows its camera large."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from viewer.session.review_crops import Crop
from viewer.session.session import Session
from viewer.ui.theme import CAPTION_PX, palette, ui_font

NAME_PADDING_PX = 6
PLATE_OPACITY = 0.75


class CropView(QWidget):
    """Paints the picture with the camera's name on it, or a text where there is none.

    A subclass reads the picture in a job of the session, which ends with the widget.
    """

    def __init__(
        self, session: Session, job: str, shortest: QSize, usual: QSize, parent: QWidget | None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._job = job
        self._usual = usual
        self.setMinimumSize(shortest)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def sizeHint(self) -> QSize:
        """Size that fits beside what it belongs to."""
        return self._usual

    def dispose(self) -> None:
        """Stop reading."""
        self._session.jobs.cancel(self._job)

    @property
    def crop(self) -> Crop | None:
        """What is shown."""
        raise NotImplementedError

    @property
    def empty_text(self) -> str:
        """What stands there while no camera's picture does."""
        raise NotImplementedError

    def paint_crop(self, painter: QPainter, rect: QRectF) -> None:
        """Paint what is shown."""
        raise NotImplementedError

    @property
    def aspect(self) -> float:
        """Width over height."""
        return max(self.width(), 1) / max(self.height(), 1)

    @property
    def width_on_screen_px(self) -> int:
        """How wide a picture is seen in full."""
        return round(self.width() * self.devicePixelRatioF())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        crop = self.crop
        if event.button() == Qt.MouseButton.LeftButton and crop is not None:
            self._session.set_large_camera(crop.sensor_id)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        rect = QRectF(self.rect())
        painter.fillRect(rect, palette().colour("scene"))
        painter.setFont(ui_font(CAPTION_PX))
        crop = self.crop
        if crop is not None and crop.pixels is not None:
            self.paint_crop(painter, rect)
            self._paint_name(painter, crop.sensor_id or "")
        else:
            painter.setPen(palette().colour("secondary"))
            centred = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(rect.adjusted(8, 0, -8, 0), centred, self.empty_text)
        painter.end()

    def _paint_name(self, painter: QPainter, name: str) -> None:
        metrics = painter.fontMetrics()
        room = max(self.width() - 2 * NAME_PADDING_PX, 20)
        name = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, room)
        plate = palette().colour("scene")
        plate.setAlphaF(PLATE_OPACITY)
        width = metrics.horizontalAdvance(name) + 2 * NAME_PADDING_PX
        painter.fillRect(QRectF(0, 0, width, metrics.height() + 4), plate)
        painter.setPen(palette().colour("text"))
        painter.drawText(QPointF(NAME_PADDING_PX, metrics.ascent() + 2), name)
