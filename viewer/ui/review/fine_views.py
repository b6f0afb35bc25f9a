"""Three fine views of one object, without perspective: from above, from its side, from ahead."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from viewer.geometry.cuboids import EDGES
from viewer.session.ghosts import FrameGhosts, ghost_rgb
from viewer.session.marks_set import is_marks
from viewer.session.review_object import ObjectPoints
from viewer.ui.theme import CAPTION_PX, DARK, palette, ui_font

DOT_PX = 1.8
ABOVE_GROUND_M = 0.15
"""Points lower than this above the ground are drawn fainter."""
_PADDING_PX = 6


@dataclass(frozen=True, slots=True)
class Side:
    """One of the views: which axis of the box runs across and which one up."""

    name: str
    across: int
    up: int
    size_text: str
    """Names of the two measures."""


SIDES = (
    Side("Top", 0, 1, "length × width"),
    Side("Side", 0, 2, "length × height"),
    Side("Front", 1, 2, "width × height"),
)


class FineView(QWidget):
    """Shows the points in and around a box along one of the box's axes."""

    def __init__(self, side: Side, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._side = side
        self._shown: ObjectPoints | None = None
        self._ghosts: FrameGhosts | None = None
        self._colour: tuple[int, int, int] = (150, 150, 150)
        self.setMinimumSize(80, 60)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.show_object(None, self._colour)

    def sizeHint(self) -> QSize:
        """Size that fits beside the 3D view."""
        return QSize(240, 150)

    def show_object(self, shown: ObjectPoints | None, colour: tuple[int, int, int]) -> None:
        """Show another object, in the colour of its class."""
        self._shown, self._colour = shown, colour
        name = f"{self._side.name} view of the object"
        self.setAccessibleName(f"{name}: {self._measures()}" if shown is not None else name)
        self.setToolTip(f"{name}, {self._side.size_text}" if shown is not None else "")
        self.update()

    def show_ghosts(self, ghosts: FrameGhosts | None) -> None:
        """Show what the frame's labels are compared with, dotted."""
        if ghosts is not self._ghosts:
            self._ghosts = ghosts
            self.update()

    def _measures(self) -> str:
        if self._shown is None:
            return ""
        across, up = (float(self._shown.size[axis]) for axis in (self._side.across, self._side.up))
        return f"{across:.2f} × {up:.2f} m"

    # -- painting ----------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_object(
            painter, QRectF(self.rect()), self._shown, self._side, self._colour,
            ghosts=self._ghosts,
        )  # fmt: skip
        painter.setFont(ui_font(CAPTION_PX))
        metrics = painter.fontMetrics()
        top = metrics.ascent() + 4
        self._paint_text(painter, _PADDING_PX, top, self._side.name, "text")
        text = self._measures()
        room = metrics.horizontalAdvance(text)
        if text and room + metrics.horizontalAdvance(self._side.name) + 20 < self.width():
            self._paint_text(painter, self.width() - room - _PADDING_PX, top, text, "secondary")
        painter.end()

    def _paint_text(
        self, painter: QPainter, left: float, baseline: float, text: str, colour: str
    ) -> None:
        """Write over the points, on a ground of its own."""
        metrics = painter.fontMetrics()
        plate = palette().colour("scene")
        plate.setAlphaF(0.75)
        painter.fillRect(
            QRectF(left - 3, baseline - metrics.ascent() - 1,
                   metrics.horizontalAdvance(text) + 6, metrics.height() + 2), plate,
        )  # fmt: skip
        painter.setPen(palette().colour(colour))
        painter.drawText(QPointF(left, baseline), text)


def paint_object(
    painter: QPainter,
    rect: QRectF,
    shown: ObjectPoints | None,
    side: Side,
    colour: tuple[int, int, int],
    *,
    with_scale: bool = True,
    ghosts: FrameGhosts | None = None,
) -> None:
    """Paint an object into a rectangle; without one only the ground of the picture."""
    colours = palette()
    painter.fillRect(rect, colours.colour("scene"))
    if shown is None:
        return
    size = shown.size[[side.across, side.up]]
    reach = size + 2 * shown.margin_m
    scale = min(rect.width() / reach[0], rect.height() / reach[1])
    middle = rect.center()

    def at(across: float, up: float) -> QPointF:
        return QPointF(middle.x() + across * scale, middle.y() - up * scale)

    painter.save()
    painter.setClipRect(rect)
    _paint_points(painter, rect, shown, side, scale, QColor(*colour))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if shown.ground_m is not None and side.up == 2:
        painter.setPen(QPen(colours.colour("disabled"), 1, Qt.PenStyle.DashLine))
        y = at(0, shown.ground_m).y()
        painter.drawLine(QPointF(rect.left(), y), QPointF(rect.right(), y))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colours.colour("secondary"), 1, Qt.PenStyle.DotLine))
    for corners in shown.others:
        for first, second in EDGES:
            painter.drawLine(
                at(*corners[first][[side.across, side.up]]),
                at(*corners[second][[side.across, side.up]]),
            )
    half = size / 2
    corner, opposite = at(-half[0], half[1]), at(half[0], -half[1])
    for width, pen_colour in ((3.5, colours.colour("scene")), (1.8, QColor(*colour))):
        pen = QPen(pen_colour, width)
        if is_marks(shown.key.label_set_id):
            pen.setStyle(Qt.PenStyle.DotLine)
        painter.setPen(pen)
        painter.drawRect(QRectF(corner, opposite))
    if not is_marks(shown.key.label_set_id):
        _paint_heading(painter, at, half, side, QColor(*colour))
    if ghosts is not None and len(ghosts.cuboids):
        _paint_ghosts(painter, at, shown, side, ghosts)
    painter.restore()
    if with_scale:
        _paint_scale(painter, rect, scale)


def _paint_ghosts(
    painter: QPainter,
    at: Callable[[float, float], QPointF],
    shown: ObjectPoints,
    side: Side,
    ghosts: FrameGhosts,
) -> None:
    """Boxes that the labels are compared with, dotted in the colour of what became of them."""
    into = shown.box_from_world
    corners = ghosts.cuboids.corners() @ into[:3, :3].T + into[:3, 3]
    reach = shown.size / 2 + shown.margin_m
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for became, own in zip(ghosts.became, corners, strict=True):
        if (own.min(axis=0) > reach).any() or (own.max(axis=0) < -reach).any():
            continue
        pen = QPen(QColor(*ghost_rgb(became, dark=palette() is DARK)), 1.6, Qt.PenStyle.DotLine)
        painter.setPen(pen)
        flat = own[:, [side.across, side.up]]
        for first, second in EDGES:
            painter.drawLine(at(*flat[first]), at(*flat[second]))


def _paint_points(
    painter: QPainter,
    rect: QRectF,
    shown: ObjectPoints,
    side: Side,
    scale: float,
    colour: QColor,
) -> None:
    """Dots: those inside in a light tone of the class, others grey, those on the ground faint."""
    ratio = painter.device().devicePixelRatioF()
    width, height = max(1, round(rect.width() * ratio)), max(1, round(rect.height() * ratio))
    pixels = np.zeros((height, width), np.uint32)
    x = (shown.points[:, side.across] * scale + rect.width() / 2) * ratio
    y = (rect.height() / 2 - shown.points[:, side.up] * scale) * ratio
    low = np.zeros(len(x), bool)
    if shown.ground_m is not None:
        low = shown.points[:, 2] < shown.ground_m + ABOVE_GROUND_M
    colours = palette()
    groups: tuple[tuple[npt.NDArray[np.bool_], QColor], ...] = (
        (~shown.inside & low, colours.colour("disabled")),
        (~shown.inside & ~low, colours.colour("secondary")),
        (shown.inside, _mixed(colour, colours.colour("text"), 0.45)),
    )
    dot = max(1, round(DOT_PX * ratio))
    for chosen, ink in groups:
        columns, rows = x[chosen].astype(np.int64), y[chosen].astype(np.int64)
        for dx in range(dot):
            for dy in range(dot):
                u, v = columns + dx, rows + dy
                fits = (u >= 0) & (u < width) & (v >= 0) & (v < height)
                pixels[v[fits], u[fits]] = ink.rgba()
    image = QImage(pixels.data, width, height, width * 4, QImage.Format.Format_ARGB32)
    image.setDevicePixelRatio(ratio)
    painter.drawImage(rect.topLeft(), image)


def _mixed(first: QColor, second: QColor, share: float) -> QColor:
    parts = zip(first.getRgb()[:3], second.getRgb()[:3], strict=True)  # type: ignore[index]
    return QColor(*(round(a * (1 - share) + b * share) for a, b in parts))


def _paint_heading(
    painter: QPainter, at: object, half: npt.NDArray[np.float64], side: Side, colour: QColor
) -> None:
    """A filled arrow at the front; in the view from ahead there is none."""
    if side.across != 0:
        return
    tip = float(half[0])
    deep = min(0.35 * 2 * tip, 1.2 * float(half[1]))
    wide = 0.45 * float(half[1])
    corners = [(tip, 0.0), (tip - deep, wide), (tip - deep, -wide)]
    painter.setPen(Qt.PenStyle.NoPen)
    fill = QColor(colour)
    fill.setAlphaF(0.55)
    painter.setBrush(fill)
    painter.drawPolygon(QPolygonF([at(*corner) for corner in corners]))  # type: ignore[operator]


def _paint_scale(painter: QPainter, rect: QRectF, scale: float) -> None:
    """A bar of a round length in the lower left corner."""
    most = 0.35 * rect.width() / scale
    steps = [s for s in (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0) if s <= most]
    if not steps:
        return
    length = steps[-1]
    colours = palette()
    painter.setPen(QPen(colours.colour("secondary"), 1.5))
    left, bottom = rect.left() + _PADDING_PX, rect.bottom() - _PADDING_PX
    painter.drawLine(QPointF(left, bottom), QPointF(left + length * scale, bottom))
    painter.setFont(ui_font(CAPTION_PX))
    painter.drawText(QPointF(left + length * scale + 4, bottom + 3), f"{length:g} m")
