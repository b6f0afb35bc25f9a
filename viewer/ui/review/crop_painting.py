"""Paints a crop of an object: the image with its box, or its points where no camera sees it."""

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from viewer.session.marks_set import is_marks
from viewer.session.review_crops import Crop
from viewer.ui.review.fine_views import SIDES, paint_object
from viewer.ui.theme import palette

Rgb = tuple[int, int, int]


def image_of(crop: Crop) -> QImage:
    """Wrap a crop's pixels without copying; keep the crop while the image is used."""
    if crop.pixels is None:
        return QImage()
    height, width = crop.pixels.shape[:2]
    return QImage(crop.pixels.data, width, height, width * 4, QImage.Format.Format_RGB32)


def paint_crop(
    painter: QPainter, rect: QRectF, crop: Crop, colour: Rgb, *, line_px: float = 1.8
) -> None:
    """Paint a crop into a rectangle, as large as it fits."""
    painter.fillRect(rect, palette().colour("scene"))
    if crop.pixels is None:
        paint_object(painter, rect, crop.points, SIDES[0], colour, with_scale=False)
        return
    place = fitted(rect, crop)
    painter.save()
    painter.setClipRect(rect)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(place, image_of(crop))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    casing = QPen(QColor(0, 0, 0, 160), line_px + 1.6)
    line = QPen(QColor(*colour), line_px)
    is_rough = is_marks(crop.key.label_set_id)
    for pen in (casing, line):
        if is_rough:
            pen.setStyle(Qt.PenStyle.DotLine)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        for edge in crop.edges:
            painter.drawPolyline(_polygon(edge, place))
    painter.setPen(QPen(QColor(*colour), line_px * 1.7))
    for edge in () if is_rough else crop.front:
        painter.drawPolyline(_polygon(edge, place))
    painter.restore()


def fitted(rect: QRectF, crop: Crop) -> QRectF:
    """Where the whole crop lies in a rectangle."""
    if crop.pixels is None:
        return rect
    height, width = crop.pixels.shape[:2]
    scale = min(rect.width() / width, rect.height() / height)
    size = width * scale, height * scale
    return QRectF(
        rect.center().x() - size[0] / 2, rect.center().y() - size[1] / 2, size[0], size[1]
    )


def _polygon(edge: npt.NDArray[np.float64], place: QRectF) -> QPolygonF:
    x = place.left() + edge[:, 0] * place.width()
    y = place.top() + edge[:, 1] * place.height()
    return QPolygonF([QPointF(*at) for at in zip(x.tolist(), y.tolist(), strict=True)])
