"""The best camera's picture of the object, cut out at the image's own resolution."""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from viewer.session.frame_content import FrameContent
from viewer.session.review_crops import Crop, cut_crop, load_crops
from viewer.session.review_object import camera_views
from viewer.session.selection import LabelKey
from viewer.session.session import Session
from viewer.ui.review.crop_painting import Rgb, paint_crop
from viewer.ui.review.crop_view import CropView

CROP_JOB = "review-crop"


class ObjectCrop(CropView):
    """Shows where the object is largest and least cut; a click shows that camera large."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, CROP_JOB, QSize(80, 60), QSize(240, 170), parent)
        self._crop: Crop | None = None
        self._colour: Rgb = (150, 150, 150)
        self._nothing_text = ""
        self.setAccessibleName("Best camera picture of the object")

    @property
    def crop(self) -> Crop | None:
        """What is shown."""
        return self._crop

    @property
    def empty_text(self) -> str:
        """Why there is no picture."""
        return self._nothing_text if self._crop is None else "No camera sees it"

    def show_object(self, content: FrameContent | None, key: LabelKey | None, colour: Rgb) -> None:
        """Show another object: at once from what is loaded, then as sharp as the image is."""
        self._colour = colour
        self._nothing_text = "Select a label to see it here" if key is None else ""
        session = self._session
        if content is None or key is None:
            session.jobs.cancel(CROP_JOB)
            self._take(None)
            return
        aspect = self.aspect
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
        width_px = self.width_on_screen_px
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

    def paint_crop(self, painter: QPainter, rect: QRectF) -> None:
        """Paint the picture with the object's box."""
        if self._crop is not None:
            paint_crop(painter, rect, self._crop, self._colour)
