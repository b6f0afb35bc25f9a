"""Paints camera images with overlays through QtGui: for panes, mosaics and without a display.

The only file here that uses Qt. Pixels come finished from `overlay_prepare`; Qt adds the text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QGuiApplication,
    QImage,
    QPainter,
    QPainterPath,
    QPen,
    QPolygonF,
)

from viewer.render.class_colours import LegendRow, short_name
from viewer.render.image_mosaic import mosaic_cells
from viewer.render.image_resample import new_buffer
from viewer.render.overlay import Overlay, build_overlay
from viewer.render.overlay_captions import Caption, PlacedCaption, place_captions
from viewer.render.overlay_flat import image_classes, shown_image
from viewer.render.overlay_prepare import (
    DARK_GROUND_RGB,
    LIGHT_GROUND_RGB,
    raster_pane,
    shown_size,
)
from viewer.render.rasterizer import Buffer, Placement, Rgb
from viewer.session.frame_content import FrameContent
from viewer.session.pins import PIN_RGB
from viewer.session.selection import LabelKey
from viewer.session.view_settings import ViewSettings

CAPTION_PX = 11
PLATE_RGB: Rgb = (22, 24, 28)
TEXT_RGB: Rgb = (230, 232, 235)
SECONDARY_RGB: Rgb = (154, 161, 171)
AMBER_RGB: Rgb = (224, 168, 60)
ACCENT_RGB: Rgb = (76, 158, 254)
_PLATE_ALPHA = 0.78
_PADDING_PX = 4.0
_SWATCH_PX = 3.0
_CORNER_PX = 3.0
_MARGIN_PX = 6.0
_SMALLEST_FOR_CAPTIONS_PX = 250.0
_SMALLEST_FOR_LEGEND_PX = 420.0
_MARK_RADIUS_PX = 6.0
PIN_RADIUS_PX = 5.5
PIN_HEIGHT_PX = 13.0
"""From the tip to the middle of the head."""
_MOST_FOR_REFUSAL = 0.25
"""Share of a pane's height that the words may take why there is no overlay."""


def ensure_application() -> QGuiApplication:
    """Return the running application, or start one that needs no display: text needs fonts."""
    running = QGuiApplication.instance()
    if isinstance(running, QGuiApplication):
        return running
    return QGuiApplication(["sightline", "-platform", "offscreen"])


def image_of(buffer: Buffer, unit_px: float = 1.0) -> QImage:
    """Wrap a (H, W, 4) BGRA buffer without copying; keep the buffer while it is used."""
    height, width = buffer.shape[:2]
    image = QImage(buffer.data, width, height, width * 4, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(unit_px)
    return image


@lru_cache(maxsize=4)
def caption_font(*, strong: bool = False) -> QFont:
    """Return the system's UI font at caption size."""
    font = QFont(QGuiApplication.font())
    font.setPixelSize(CAPTION_PX)
    font.setWeight(QFont.Weight.DemiBold if strong else QFont.Weight.Normal)
    return font


@lru_cache(maxsize=4)
def _metrics(*, strong: bool = False) -> QFontMetricsF:
    return QFontMetricsF(caption_font(strong=strong))


@lru_cache(maxsize=4096)
def _text_width(text: str, *, strong: bool = False) -> float:
    return _metrics(strong=strong).horizontalAdvance(text)


@dataclass(frozen=True, slots=True)
class PaneText:
    """What is written on a pane beside captions."""

    name: str = ""
    detail: str = ""
    """Beside the name, quieter."""
    problem: str | None = None
    """In the middle: why there is no image."""
    refusal: str | None = None
    """Along the bottom: why there is no overlay."""
    legend: tuple[LegendRow, ...] = ()
    """In the lower right corner: what the points' colours stand for."""


_NO_TEXT = PaneText()


def paint_captions(
    painter: QPainter,
    captions: Sequence[Caption],
    placement: Placement,
    unit_px: float,
    view_rect: tuple[float, float, float, float],
    text: PaneText = _NO_TEXT,
) -> list[PlacedCaption]:
    """Write captions at their labels, beside a pane's name; returns what fitted.

    All in the painter's logical pixels.
    """
    width, height = view_rect[2] - view_rect[0], view_rect[3] - view_rect[1]
    if max(width, height) < _SMALLEST_FOR_CAPTIONS_PX:
        captions = [caption for caption in captions if caption.emphasised]
    if not captions:
        return []
    corners = np.array([caption.outline_px for caption in captions]).reshape(-1, 2)
    outlines = (placement.to_buffer(corners) + 0.5).reshape(-1, 4) / unit_px
    plate_height = float(np.ceil(_metrics().height())) + 2
    sizes = [
        (_text_width(c.text, strong=c.emphasised) + 2 * _PADDING_PX + _SWATCH_PX, plate_height)
        for c in captions
    ]
    rects = [(float(a), float(b), float(c), float(d)) for a, b, c, d in outlines]
    reserved = []
    if text.name:
        name = _name_plate(text, view_rect[2])[0]
        reserved.append((name.left(), name.top(), name.right(), name.bottom()))
    placed = place_captions(captions, sizes, rects, view_rect, reserved)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for entry in reversed(placed):
        _paint_caption(painter, entry)
    return placed


def _paint_caption(painter: QPainter, placed: PlacedCaption) -> None:
    caption = placed.caption
    left, top, right, bottom = placed.rect
    plate = QRectF(round(left), round(top), round(right - left), round(bottom - top))
    painter.setPen(Qt.PenStyle.NoPen)
    if caption.emphasised:
        painter.setBrush(_colour(caption.rgb, 0.96))
        painter.drawRoundedRect(plate, _CORNER_PX, _CORNER_PX)
        text_rgb = PLATE_RGB if _luminance(caption.rgb) > 0.18 else (255, 255, 255)
        text_left = plate.left() + _PADDING_PX + _SWATCH_PX / 2
        painter.setPen(_colour(text_rgb, 1.0))
    else:
        painter.setBrush(_colour(PLATE_RGB, _PLATE_ALPHA * placed.alpha**0.5))
        painter.drawRoundedRect(plate, _CORNER_PX, _CORNER_PX)
        swatch = QRectF(plate.left(), plate.top(), _SWATCH_PX, plate.height())
        painter.setBrush(_colour(caption.rgb, placed.alpha))
        painter.drawRoundedRect(swatch, 1.5, 1.5)
        text_left = plate.left() + _PADDING_PX + _SWATCH_PX
        painter.setPen(_colour(TEXT_RGB, placed.alpha))
    painter.setFont(caption_font(strong=caption.emphasised))
    painter.drawText(QPointF(text_left, _baseline(plate)), caption.text)


def paint_text(painter: QPainter, text: PaneText, size_px: tuple[float, float]) -> None:
    """Write a pane's name, and what is wrong with it, into (width, height) logical pixels."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    width, height = size_px
    if text.problem:
        _paint_problem(painter, text.problem, QRectF(0, 0, width, height))
    if text.name:
        _paint_name(painter, text, width)
    if text.refusal:
        _paint_refusal(painter, text.refusal, width, height)
    if text.legend and min(width, 1.5 * height) >= _SMALLEST_FOR_LEGEND_PX:
        _paint_legend(painter, text.legend, width, height)


def _paint_legend(
    painter: QPainter, legend: tuple[LegendRow, ...], width: float, height: float
) -> None:
    """Swatches and names of the most frequent classes."""
    line = float(np.ceil(_metrics().height())) + 1
    most = max(1, min(len(legend), int(0.6 * height / line) - 1))
    names = [short_name(row.name) for row in legend[:most]]
    rest = [f"and {len(legend) - most} more"] if len(legend) > most else []
    swatch = 9.0
    wide = max(_text_width(name) for name in [*names, *rest]) + swatch + 4 * _PADDING_PX
    tall = line * (len(names) + len(rest)) + _PADDING_PX
    plate = QRectF(width - _MARGIN_PX - wide, height - _MARGIN_PX - tall, wide, tall)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_colour(PLATE_RGB, _PLATE_ALPHA))
    painter.drawRoundedRect(plate, _CORNER_PX, _CORNER_PX)
    painter.setFont(caption_font())
    left = plate.left() + _PADDING_PX
    for place, name in enumerate([*names, *rest]):
        row = QRectF(left, plate.top() + _PADDING_PX / 2 + place * line, wide, line)
        if place < len(names):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(_colour(legend[place].rgb, 1.0))
            square = QRectF(left, row.center().y() - swatch / 2, swatch, swatch)
            painter.drawRoundedRect(square, 1.5, 1.5)
        painter.setPen(_colour(TEXT_RGB if place < len(names) else SECONDARY_RGB, 1.0))
        painter.drawText(QPointF(left + swatch + _PADDING_PX, _baseline(row)), name)


def _name_plate(text: PaneText, width: float) -> tuple[QRectF, str, float]:
    """Where the name goes, what of it is written, and how wide it is; the rest is the detail."""
    metrics = _metrics(strong=True)
    room = max(0.0, width - 2 * (_MARGIN_PX + _PADDING_PX))
    name = metrics.elidedText(text.name, Qt.TextElideMode.ElideMiddle, room)
    name_width = metrics.horizontalAdvance(name)
    detail_width = _text_width(text.detail) + 6.0 if text.detail else 0.0
    if name_width + detail_width > room:
        detail_width = 0.0
    wide = round(name_width + detail_width + 2 * _PADDING_PX + 2)
    plate = QRectF(_MARGIN_PX, _MARGIN_PX, wide, float(np.ceil(metrics.height())) + 2)
    return plate, name, name_width


def _paint_name(painter: QPainter, text: PaneText, width: float) -> None:
    plate, name, name_width = _name_plate(text, width)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_colour(PLATE_RGB, _PLATE_ALPHA))
    painter.drawRoundedRect(plate, _CORNER_PX, _CORNER_PX)
    painter.setFont(caption_font(strong=True))
    painter.setPen(_colour(TEXT_RGB, 1.0))
    painter.drawText(QPointF(plate.left() + _PADDING_PX + 1, _baseline(plate)), name)
    if text.detail and plate.width() > name_width + 2 * _PADDING_PX + 6:
        painter.setFont(caption_font())
        painter.setPen(_colour(SECONDARY_RGB, 1.0))
        left = plate.left() + _PADDING_PX + 1 + name_width + 6.0
        painter.drawText(QPointF(left, _baseline(plate)), text.detail)


def _paint_problem(painter: QPainter, problem: str, area: QRectF) -> None:
    inner = area.adjusted(16, 28, -16, -16)
    flags = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWrapAnywhere)
    bounds = _metrics().boundingRect(inner, flags, problem)
    plate = bounds.adjusted(-2 * _PADDING_PX, -_PADDING_PX, 2 * _PADDING_PX, _PADDING_PX)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_colour(PLATE_RGB, 0.9))
    painter.drawRoundedRect(plate, _CORNER_PX, _CORNER_PX)
    painter.setFont(caption_font())
    painter.setPen(_colour(TEXT_RGB, 1.0))
    painter.drawText(bounds.adjusted(-1, -1, 1, 1), flags, problem)


def _paint_refusal(painter: QPainter, refusal: str, width: float, height: float) -> None:
    """A plate along the bottom with a warning triangle, so that colour is not all that tells."""
    metrics = _metrics()
    sign = 14.0
    room = max(20.0, width - 2 * _MARGIN_PX - 4 * _PADDING_PX - sign)
    flags = int(Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap)
    bounds = metrics.boundingRect(QRectF(0, 0, room, height), flags, refusal)
    if bounds.height() > _MOST_FOR_REFUSAL * height:
        # A small pane is there for its image; the whole sentence is in its tooltip.
        refusal = metrics.elidedText(refusal, Qt.TextElideMode.ElideRight, room)
        flags = int(Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextSingleLine)
        bounds = metrics.boundingRect(QRectF(0, 0, room, height), flags, refusal)
    plate_height = float(np.ceil(bounds.height())) + 2 * _PADDING_PX
    plate_width = bounds.width() + 4 * _PADDING_PX + sign
    plate = QRectF(_MARGIN_PX, height - _MARGIN_PX - plate_height, plate_width, plate_height)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_colour(PLATE_RGB, 0.9))
    painter.drawRoundedRect(plate, _CORNER_PX, _CORNER_PX)
    left, middle = plate.left() + _PADDING_PX + 1, plate.center().y()
    triangle = [(left, middle + 5), (left + 6, middle - 6), (left + 12, middle + 5)]
    painter.setBrush(_colour(AMBER_RGB, 1.0))
    painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in triangle]))
    painter.setPen(QPen(_colour(PLATE_RGB, 1.0), 1.5))
    painter.drawLine(QPointF(left + 6, middle - 2), QPointF(left + 6, middle + 1))
    painter.drawPoint(QPointF(left + 6, middle + 3))
    painter.setPen(_colour(TEXT_RGB, 1.0))
    painter.setFont(caption_font())
    text_left = left + sign + _PADDING_PX
    rect = QRectF(text_left, plate.top() + _PADDING_PX, room, bounds.height() + 1)
    painter.drawText(rect, flags, refusal)


def paint_mark(
    painter: QPainter, pixel: tuple[float, float], placement: Placement, unit_px: float
) -> None:
    """Ring and dot at the image position of what is pointed at in another view."""
    x, y = (placement.to_buffer(pixel) + 0.5) / unit_px
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for rgb, ring_width, dot_radius in ((PLATE_RGB, 4.0, 3.0), (ACCENT_RGB, 2.0, 2.0)):
        painter.setPen(QPen(_colour(rgb, 0.95), ring_width))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(QPointF(x, y), _MARK_RADIUS_PX, _MARK_RADIUS_PX)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_colour(rgb, 0.95))
        painter.drawEllipse(QPointF(x, y), dot_radius, dot_radius)


def paint_pin(
    painter: QPainter, pixel: tuple[float, float], placement: Placement, unit_px: float
) -> None:
    """A pin in the colour of issues, its tip on the place."""
    x, y = (placement.to_buffer(pixel) + 0.5) / unit_px
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    r, up = PIN_RADIUS_PX, PIN_HEIGHT_PX
    shape = QPainterPath(QPointF(x, y))
    shape.lineTo(x - 0.85 * r, y - up + 0.5 * r)
    shape.arcTo(QRectF(x - r, y - up - r, 2 * r, 2 * r), 210, -240)
    shape.closeSubpath()
    painter.setPen(QPen(_colour(PLATE_RGB, 0.9), 1.5))
    painter.setBrush(_colour(PIN_RGB, 1.0))
    painter.drawPath(shape)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_colour(PLATE_RGB, 0.9))
    painter.drawEllipse(QPointF(x, y - up), 0.4 * r, 0.4 * r)


def _baseline(plate: QRectF) -> float:
    metrics = _metrics()
    return round(plate.center().y() + (metrics.ascent() - metrics.descent()) / 2)


def _colour(rgb: Rgb, alpha: float) -> QColor:
    return QColor(*rgb, round(255 * min(max(alpha, 0.0), 1.0)))


def _luminance(rgb: Rgb) -> float:
    """Relative luminance as WCAG 2.1 defines it."""
    parts = np.array(rgb) / 255.0
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def pane_text(content: FrameContent, overlay: Overlay, *, named: bool = True) -> PaneText:
    """What to write on the pane of an overlay's camera."""
    sensor_id = overlay.sensor_id
    problem = None
    if sensor_id not in content.images:
        reasons = [p for p in content.problems if _concerns(content, sensor_id, p.source)]
        problem = str(reasons[0]) if reasons else "There is no image of this camera in this frame"
    name = sensor_id if named else ""
    rectified = overlay.view.images.rectified and overlay.lens is not None
    said = ("rectified" if rectified else "", image_classes(content, sensor_id, overlay.view))
    detail = " · ".join(part for part in said if part)
    return PaneText(name, detail, problem, overlay.refusal, overlay.points_legend)


def _concerns(content: FrameContent, sensor_id: str, source: str) -> bool:
    own = [image.source for image in content.frame.images if image.sensor_id == sensor_id]
    return any(source.endswith(name) or name.endswith(source) for name in own)


def paint_pane(
    painter: QPainter,
    picture: Buffer,
    overlay: Overlay,
    placement: Placement,
    unit_px: float,
    text: PaneText,
) -> list[PlacedCaption]:
    """Paint a finished picture at the painter's origin, then captions and texts over it."""
    painter.drawImage(QPointF(0, 0), image_of(picture, unit_px))
    width, height = picture.shape[1] / unit_px, picture.shape[0] / unit_px
    placed = paint_captions(
        painter, overlay.captions, placement, unit_px, (2.0, 2.0, width - 2.0, height - 2.0), text
    )
    paint_text(painter, text, (width, height))
    return placed


def _paint_camera(
    painter: QPainter,
    content: FrameContent,
    sensor_id: str,
    view: ViewSettings,
    size_px: tuple[int, int],
    selected: LabelKey | None,
    rect_px: tuple[float, float, float, float] | None = None,
) -> None:
    overlay = build_overlay(content, sensor_id, view, selected=selected)
    image = shown_image(content, sensor_id, view)
    if rect_px is None:
        placement = Placement.fit(shown_size(overlay, image), size_px)
    else:
        placement = Placement.of_rect(rect_px, size_px)
    tone = view.tone(sensor_id)
    raster = raster_pane(image, tone, overlay, placement, size_px, 1.0, dark=view.dark)
    text = pane_text(content, overlay)
    paint_pane(painter, raster.with_labels(overlay), overlay, placement, 1.0, text)


def render_camera(
    content: FrameContent,
    sensor_id: str,
    view: ViewSettings,
    size_px: tuple[int, int],
    *,
    selected: LabelKey | None = None,
    rect_px: tuple[float, float, float, float] | None = None,
) -> npt.NDArray[np.uint8]:
    """(H, W, 3) RGB picture of one camera with its overlay, as a pane of `size_px` shows it.

    `rect_px` is the part of the image to show: left, top, right, bottom in its pixels; None for
    all of it.
    """
    ensure_application()
    buffer = new_buffer(size_px, DARK_GROUND_RGB if view.dark else LIGHT_GROUND_RGB)
    canvas = image_of(buffer)
    painter = QPainter(canvas)
    try:
        _paint_camera(painter, content, sensor_id, view, size_px, selected, rect_px)
    finally:
        painter.end()
    return _rgb(buffer)


def render_mosaic(
    content: FrameContent,
    view: ViewSettings,
    size_px: tuple[int, int],
    *,
    selected: LabelKey | None = None,
) -> npt.NDArray[np.uint8]:
    """(H, W, 3) RGB picture of all cameras side by side."""
    ensure_application()
    buffer = new_buffer(size_px, DARK_GROUND_RGB if view.dark else LIGHT_GROUND_RGB)
    canvas = image_of(buffer)
    painter = QPainter(canvas)
    sensor_ids = content.scene.camera_ids
    cells = mosaic_cells([camera_aspect(content, name) for name in sensor_ids], size_px)
    try:
        for sensor_id, (left, top, width, height) in zip(sensor_ids, cells, strict=True):
            painter.save()
            painter.translate(left, top)
            painter.setClipRect(0, 0, width, height)
            _paint_camera(painter, content, sensor_id, view, (width, height), selected)
            painter.restore()
    finally:
        painter.end()
    return _rgb(buffer)


def camera_aspect(content: FrameContent, sensor_id: str) -> float:
    """Width to height of a camera's image, of its calibration, or 16:9."""
    image = content.images.get(sensor_id)
    if image is not None and image.full_height_px:
        return image.full_width_px / image.full_height_px
    camera = content.rig.cameras.get(sensor_id)
    if camera is not None and camera.model is not None:
        return camera.model.width_px / camera.model.height_px
    return 16 / 9


def _rgb(buffer: Buffer) -> npt.NDArray[np.uint8]:
    return np.ascontiguousarray(buffer[:, :, 2::-1])
