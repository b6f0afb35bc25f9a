"""The best camera's picture of the object, cut out at the image's own resolution."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from viewer.session.frame_content import FrameContent
from viewer.session.review_crops import Crop, cut_crop, load_crops
from viewer.session.review_object import camera_views
from viewer.session.selection import LabelKey
from viewer.session.session import Session
from viewer.ui.review.crop_painting import Rgb, paint_crop
from viewer.ui.theme import CAPTION_PX, palette, ui_font

CROP_JOB = "review-crop"


class ObjectCrop(QWidget):
    """Shows where the object is largest and least cut; a click shows that camera large."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._crop: Crop | None = None
        self._colour: Rgb = (150, 150, 150)
        self._empty_text = ""
        self.setMinimumSize(80, 60)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Best camera picture of the object")

    def sizeHint(self) -> QSize:
        """Size that fits beside the 3D view."""
        return QSize(240, 170)

    def dispose(self) -> None:
        """Stop reading."""
        self._session.jobs.cancel(CROP_JOB)

    @property
    def crop(self) -> Crop | None:
        """What is shown."""
        return self._crop

    def show_object(self, content: FrameContent | None, key: LabelKey | None, colour: Rgb) -> None:
        """Show another object: at once from what is loaded, then as sharp as the image is."""
        self._colour = colour
        self._empty_text = "Select a label to see it here" if key is None else ""
        session = self._session
        if content is None or key is None:
            session.jobs.cancel(CROP_JOB)
            self._take(None)
            return
        aspect = max(self.width(), 1) / max(self.height(), 1)
        views = camera_views(content, key, session.view)
        seen = next((view for view in views if view.sensor_id in content.images), None)
        if seen is None:
            session.jobs.cancel(CROP_JOB)
            self._take(Crop(key, None, None) if not views else None)
            return
        self._take(cut_crop(content.images[seen.sensor_id], seen, key, aspect))
        image = content.images[seen.sensor_id]
        if image.scale >= 1.0:
            session.jobs.cancel(CROP_JOB)
            return
        scene, view, edits = content.scene, session.view, session.edit_labels
        width_px = round(self.width() * self.devicePixelRatioF())
        session.jobs.start(
            CROP_JOB,
            lambda context: load_crops(context, scene, [key], view, aspect, width_px, edits),
            done=lambda crops: self._sharpen(crops[0]),
            failed=lambda _error: None,
            priority=4,
        )

    def _sharpen(self, crop: Crop) -> None:
        if crop.pixels is not None:
            self._take(crop)

    def _take(self, crop: Crop | None) -> None:
        self._crop = crop
        if crop is not None and crop.sensor_id is not None:
            seen = f"{crop.share * 100:.0f} % of the box in the image"
            self.setToolTip(f"{crop.sensor_id}: {seen}; a click shows it large in Browse")
            self.setAccessibleName(f"Picture of the object by {crop.sensor_id}")
        else:
            self.setToolTip("")
            self.setAccessibleName("Best camera picture of the object")
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        crop = self._crop
        if event.button() == Qt.MouseButton.LeftButton and crop is not None:
            self._session.set_large_camera(crop.sensor_id)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        colours = palette()
        rect = QRectF(self.rect())
        painter.fillRect(rect, colours.colour("scene"))
        painter.setFont(ui_font(CAPTION_PX))
        crop = self._crop
        if crop is not None and crop.pixels is not None:
            paint_crop(painter, rect, crop, self._colour)
            self._paint_name(painter, crop)
        else:
            empty = "No camera sees it" if crop is not None else self._empty_text
            painter.setPen(colours.colour("secondary"))
            centred = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(rect.adjusted(8, 0, -8, 0), centred, empty)
        painter.end()

    def _paint_name(self, painter: QPainter, crop: Crop) -> None:
        colours = palette()
        text = crop.sensor_id or ""
        metrics = painter.fontMetrics()
        text = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, max(self.width() - 12, 20))
        room = metrics.horizontalAdvance(text)
        plate = colours.colour("scene")
        plate.setAlphaF(0.75)
        painter.fillRect(QRectF(0, 0, room + 12, metrics.height() + 4), plate)
        painter.setPen(colours.colour("text"))
        painter.drawText(QPointF(6, metrics.ascent() + 2), text)
