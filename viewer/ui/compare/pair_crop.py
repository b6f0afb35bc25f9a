"""Label and prediction in the best camera's picture: the label solid, the prediction dashed."""

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from viewer.scene.labels import LabelSetKind
from viewer.session.compare_crop import PairPicture, PairSight, pair_sight
from viewer.session.frame_content import FrameContent
from viewer.session.review_crops import Crop
from viewer.session.selection import LabelKey
from viewer.session.session import Session
from viewer.ui.review.crop_painting import Rgb, fitted, image_of
from viewer.ui.review.crop_view import CropView

LINE_PX = 1.8
CROP_JOB = "compare-crop"
_GREY: Rgb = (150, 150, 150)


class PairCrop(CropView):
    """A click shows the camera large."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, CROP_JOB, QSize(80, 72), QSize(240, 150), parent)
        self._picture: PairPicture | None = None
        self._colours: tuple[Rgb, Rgb] = (_GREY, _GREY)
        self._first_dashed = False
        self.setAccessibleName("Picture of the pair")

    @property
    def crop(self) -> Crop | None:
        """What is cut out."""
        return None if self._picture is None else self._picture.crop

    @property
    def empty_text(self) -> str:
        """Why there is no picture."""
        return "No camera sees it"

    @property
    def picture(self) -> PairPicture | None:
        """What is shown."""
        return self._picture

    def show_pair(
        self, content: FrameContent | None, key: LabelKey | None, other: LabelKey | None
    ) -> None:
        """Show the selected label and its companion."""
        sight = None
        if content is not None and key is not None and key.frame_index == content.index:
            sight = pair_sight(content, key, other, self._session.view, self.aspect)
            self._colours = (_colour(content, key), _colour(content, other))
            self._first_dashed = _is_prediction(content, key)
        if content is None or sight is None:
            self._session.jobs.cancel(CROP_JOB)
            self._take(None)
            return
        image = content.images[sight.seen.sensor_id]
        self._take(sight.cut(image))
        if image.scale < 1.0:
            self._sharpen(content, sight)

    def _sharpen(self, content: FrameContent, sight: PairSight) -> None:
        """Read the image as large as the crop needs it."""
        reader, index, sensor_id = content.scene.reader, content.index, sight.seen.sensor_id
        wanted = sight.wanted_px(self.width_on_screen_px)
        self._session.jobs.start(
            CROP_JOB,
            lambda _context: sight.cut(reader.read_image(index, sensor_id, wanted)),
            done=self._take,
            failed=lambda _error: None,
            priority=4,
        )

    def _take(self, picture: PairPicture | None) -> None:
        self._picture = picture
        camera = "" if picture is None else picture.crop.sensor_id or ""
        self.setToolTip(f"{camera}; a click shows it large" if camera else "")
        self.setAccessibleName(f"Picture of the pair by {camera}" if camera else
                               "Picture of the pair")  # fmt: skip
        self.update()

    def paint_crop(self, painter: QPainter, rect: QRectF) -> None:
        """Paint the picture with both boxes."""
        picture = self._picture
        if picture is None:
            return
        place = fitted(rect, picture.crop)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(place, image_of(picture.crop))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        first, second = self._colours
        _paint_edges(painter, place, picture.other_edges, second, dashed=True)
        _paint_edges(painter, place, picture.crop.edges, first, dashed=self._first_dashed)


def _paint_edges(
    painter: QPainter,
    place: QRectF,
    edges: tuple[npt.NDArray[np.float64], ...],
    colour: Rgb,
    *,
    dashed: bool,
) -> None:
    casing = QPen(QColor(0, 0, 0, 160), LINE_PX + 1.6)
    line = QPen(QColor(*colour), LINE_PX)
    if dashed:
        line.setDashPattern([4.0, 3.0])
    for pen in (casing, line):
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        for edge in edges:
            x = place.left() + edge[:, 0] * place.width()
            y = place.top() + edge[:, 1] * place.height()
            points = [QPointF(*at) for at in zip(x.tolist(), y.tolist(), strict=True)]
            painter.drawPolyline(QPolygonF(points))


def _colour(content: FrameContent, key: LabelKey | None) -> Rgb:
    labels = None if key is None else content.labels.get(key.label_set_id)
    if key is None or labels is None:
        return _GREY
    row = labels.cuboids.row_of(key.label_id)
    if row is None:
        return _GREY
    return content.scene.class_map.colour(labels.cuboids.class_names[row])


def _is_prediction(content: FrameContent, key: LabelKey) -> bool:
    return any(
        each.label_set_id == key.label_set_id and each.kind is LabelSetKind.PREDICTIONS
        for each in content.scene.label_sets
    )
