"""One camera image with its overlay: zoom, pan, hover, pick."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import (
    QBasicTimer,
    QEvent,
    QPoint,
    QPointF,
    QRectF,
    QSize,
    Qt,
    QTimerEvent,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from viewer.progress import JobContext
from viewer.render.image_zoom import ImageZoom
from viewer.render.overlay import Overlay, build_overlay, overlay_inputs
from viewer.render.overlay_lens import shown_image
from viewer.render.overlay_prepare import (
    DARK_GROUND_RGB,
    LIGHT_GROUND_RGB,
    PREPARED,
    PaneRaster,
    PaneRequest,
    PreparedPane,
    raster_pane,
    shown_size,
)
from viewer.render.painter import (
    ACCENT_RGB,
    PaneText,
    camera_aspect,
    paint_mark,
    paint_pane,
    pane_text,
)
from viewer.render.rasterizer import Buffer, Placement
from viewer.scene.images import Image
from viewer.session.frame_content import FrameContent
from viewer.session.selection import LabelKey, PointedPosition
from viewer.session.view_settings import ViewSettings

Built = tuple[Overlay, Image | None]
RunJob = Callable[[str, Callable[[JobContext], Built], Callable[[Built], None]], None]
"""Runs the second argument, by key the newest only, and calls the third on the UI thread."""

ZOOM_PER_NOTCH = 1.25
HIT_TOLERANCE_PX = 5.0
POINT_TOLERANCE_PX = 14.0
_DRAG_THRESHOLD_PX = 4
_LINE_PERIOD_MS = 40
_LINE_DELAY_TICKS = 4
_LINE_STEPS = 30


def run_here(_key: str, job: Callable[[JobContext], Built], done: Callable[[Built], None]) -> None:
    """Build at once, on the calling thread."""
    done(job(JobContext()))


class CameraPane(QWidget):
    """Shows one camera. The wheel zooms to the cursor, a drag pans, a double click fits.

    Parameters
    ----------
    name
        The pane's own name; with it prepared pictures are found.
    run_job
        Runs the projection of labels and points off the UI thread.
    """

    pointed = Signal(str, float, float)
    """sensor_id and pixel of the shown image under the pointer."""
    left = Signal(str)
    """sensor_id: the pointer is no longer over the image."""
    hovered = Signal(object)
    """`LabelKey` under the pointer, or None; only when it changes."""
    picked = Signal(object)
    """`LabelKey` that was clicked, or None for a click beside every label."""
    activated = Signal(str)
    """sensor_id: double click on a fitted image."""
    zoomed = Signal()
    """The shown scale changed."""

    def __init__(
        self, name: str, run_job: RunJob = run_here, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.name = name
        self.sensor_id: str | None = None
        self.framed = False
        self._run_job = run_job
        self._content: FrameContent | None = None
        self._view = ViewSettings()
        self._selected: LabelKey | None = None
        self._hovered: LabelKey | None = None
        self._mark_px: tuple[float, float] | None = None
        self._pointed: PointedPosition | None = None
        self._overlay: Overlay | None = None
        self._image: Image | None = None
        self._text = PaneText()
        self._raster: PaneRaster | None = None
        self._picture: Buffer | None = None
        self._zoom = ImageZoom()
        self._under_pointer: LabelKey | None = None
        self._press: QPoint | None = None
        self._press_placement: Placement | None = None
        self._dragging = False
        self._loading_timer = QBasicTimer()
        self._loading_ticks = 0
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(48, 36)

    # -- content -----------------------------------------------------------------------------

    @property
    def aspect(self) -> float:
        """Width to height of the image."""
        if self._content is None or self.sensor_id is None:
            return 16 / 9
        return camera_aspect(self._content, self.sensor_id)

    @property
    def overlay(self) -> Overlay | None:
        """What is drawn over the image now."""
        return self._overlay

    @property
    def request(self) -> PaneRequest | None:
        """What to prepare for this pane; None while it shows nothing."""
        if self.sensor_id is None:
            return None
        width, height = self._device_size()
        return PaneRequest(self.sensor_id, width, height, self.devicePixelRatioF())

    def set_camera(self, sensor_id: str | None) -> None:
        """Show another camera, fitted."""
        if sensor_id == self.sensor_id:
            return
        self.sensor_id = sensor_id
        self._zoom.fit()
        self._overlay = self._raster = self._picture = None
        self._image = None
        self._mark_px = None
        self.setAccessibleName(f"Camera {sensor_id}" if sensor_id else "Camera")
        if self._content is not None:
            self.show_frame(self._content, self._view)
        self.update()

    def clear(self) -> None:
        """Show nothing."""
        self._content = self._overlay = self._raster = self._picture = None
        self._image = None
        self._mark_px = None
        self._under_pointer = None
        self._text = PaneText()
        self.set_loading(loading=False)
        self.update()

    def show_frame(self, content: FrameContent, view: ViewSettings) -> None:
        """Show a frame; at once where it was prepared, else when its overlay is built."""
        self._content, self._view = content, view
        if self.sensor_id is None:
            return
        prepared = self._prepared(content)
        if prepared is None:
            self._rebuild()
            return
        fits = self._zoom.is_fitted and self._is_current(prepared)
        self._adopt(prepared.overlay, prepared.image, prepared if fits else None)

    def show_view(self, view: ViewSettings) -> None:
        """Settings changed: project again where they matter, else only draw again."""
        before, self._view = self._view, view
        if self._content is None or self.sensor_id is None:
            return
        wanted = overlay_inputs(view, self.sensor_id, self._selected)
        if self._overlay is None or wanted != self._inputs(self._overlay):
            self._rebuild()
        elif before.tone(self.sensor_id) != view.tone(self.sensor_id) or before.dark != view.dark:
            self._raster = self._picture = None
            self.update()

    def show_selection(self, selected: LabelKey | None, hovered: LabelKey | None) -> None:
        """Mark the selected and the hovered label."""
        self._selected, self._hovered = selected, hovered
        if self._overlay is None or self.sensor_id is None:
            return
        if overlay_inputs(self._view, self.sensor_id, selected) != self._inputs(self._overlay):
            self._rebuild()
            return
        styled = self._overlay.with_selection(selected, hovered)
        if styled is not self._overlay:
            self._overlay = styled
            self._picture = None
            self.update()

    def show_pointed(self, pointed: PointedPosition | None) -> None:
        """Mark the position that is pointed at in another view."""
        self._pointed = pointed
        mark = self._overlay.mark_px(pointed) if self._overlay is not None else None
        if mark != self._mark_px:
            self._mark_px = mark
            self.update()

    def set_loading(self, *, loading: bool) -> None:
        """Run a thin line along the top edge while a frame is awaited."""
        if loading and not self._loading_timer.isActive():
            self._loading_ticks = 0
            self._loading_timer.start(_LINE_PERIOD_MS, self)
        elif not loading and self._loading_timer.isActive():
            self._loading_timer.stop()
            self.update(0, 0, self.width(), 3)

    def _prepared(self, content: FrameContent) -> PreparedPane | None:
        """Find the prepared pane of this camera that was built for these settings, if any."""
        panes: dict[str, PreparedPane] = content.prepared.get(PREPARED, {})
        found = panes.get(self.name)
        if found is None or found.overlay.sensor_id != self.sensor_id:
            same = (pane for pane in panes.values() if pane.overlay.sensor_id == self.sensor_id)
            found = next(same, None)
        if found is None or self.sensor_id is None:
            return None
        wanted = overlay_inputs(self._view, self.sensor_id, self._selected)
        return found if self._inputs(found.overlay) == wanted else None

    def _is_current(self, prepared: PreparedPane) -> bool:
        height, width = prepared.raster.pixels.shape[:2]
        return (
            (width, height) == self._device_size()
            and prepared.raster.unit_px == self.devicePixelRatioF()
            and self.sensor_id is not None
            and prepared.tone == self._view.tone(self.sensor_id)
            and prepared.overlay.view.dark == self._view.dark
        )

    def _inputs(self, overlay: Overlay) -> tuple[Any, ...]:
        return overlay_inputs(overlay.view, overlay.sensor_id, overlay.solo_of)

    def _rebuild(self) -> None:
        content, view, sensor_id = self._content, self._view, self.sensor_id
        selected, hovered = self._selected, self._hovered
        if content is None or sensor_id is None:
            return

        def build(_context: JobContext) -> Built:
            overlay = build_overlay(content, sensor_id, view, selected=selected, hovered=hovered)
            return overlay, shown_image(content, sensor_id, view)

        def show(built: Built) -> None:
            if built[0].content is self._content and built[0].sensor_id == self.sensor_id:
                self._adopt(*built, None)

        self._run_job(f"overlay-{self.name}", build, show)

    def _adopt(self, overlay: Overlay, image: Image | None, prepared: PreparedPane | None) -> None:
        self._overlay = overlay.with_selection(self._selected, self._hovered)
        self._image = image
        self._zoom.set_image_size(shown_size(overlay, image))
        self._raster = prepared.raster if prepared is not None else None
        unmarked = prepared is not None and self._overlay is prepared.overlay
        self._picture = prepared.picture if prepared is not None and unmarked else None
        self._text = pane_text(overlay.content, overlay)
        self._mark_px = self._overlay.mark_px(self._pointed)
        self.update()

    # -- placement ---------------------------------------------------------------------------

    def _device_size(self) -> tuple[int, int]:
        ratio = self.devicePixelRatioF()
        return max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio))

    @property
    def placement(self) -> Placement:
        """Where the image lies, in device pixels."""
        return self._zoom.placement

    def fit(self) -> None:
        """Show the whole image."""
        self._zoom.fit()
        self._moved()

    @property
    def is_fitted(self) -> bool:
        """True while the whole image is shown."""
        return self._zoom.is_fitted

    def zoom_at(self, position: QPointF, factor: float) -> None:
        """Scale the image about a position of the widget."""
        ratio = self.devicePixelRatioF()
        self._zoom.zoom_at(position.x() * ratio, position.y() * ratio, factor)
        self._moved()

    def _moved(self) -> None:
        self._raster = self._picture = None
        self.update()
        self.zoomed.emit()

    def image_position(self, position: QPointF) -> tuple[float, float]:
        """Pixel of the shown image under a position of the widget."""
        ratio = self.devicePixelRatioF()
        device = (position.x() * ratio - 0.5, position.y() * ratio - 0.5)
        u, v = self.placement.to_image(device)
        return float(u), float(v)

    def _on_image(self, u: float, v: float) -> bool:
        if self._overlay is None:
            return False
        width, height = shown_size(self._overlay, self._image)
        return -0.5 <= u < width - 0.5 and -0.5 <= v < height - 0.5

    @property
    def shown_width_px(self) -> float:
        """Width of the whole image at the present scale, device pixels."""
        return self.placement.scale * self._zoom.image_size[0]

    @property
    def image_units_per_px(self) -> float:
        """Image pixels under one logical pixel of the widget."""
        return self.devicePixelRatioF() / self.placement.scale

    # -- painting ----------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """Return a common size for layouts."""
        return QSize(320, 200)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the finished picture and the texts over it."""
        painter = QPainter(self)
        try:
            if self._overlay is None:
                ground = DARK_GROUND_RGB if self._view.dark else LIGHT_GROUND_RGB
                painter.fillRect(self.rect(), QColor(*ground))
            else:
                self._paint_picture(painter, self._overlay)
            self._paint_frame(painter)
        finally:
            painter.end()

    def _paint_picture(self, painter: QPainter, overlay: Overlay) -> None:
        ratio = self.devicePixelRatioF()
        if self._raster is None or self.sensor_id is None:
            self._raster = raster_pane(
                self._image, self._view.tone(overlay.sensor_id), overlay, self.placement,
                self._device_size(), ratio, dark=self._view.dark,
            )  # fmt: skip
            self._picture = None
        if self._picture is None:
            self._picture = self._raster.with_labels(overlay)
        paint_pane(painter, self._picture, overlay, self.placement, ratio, self._text)
        if self._mark_px is not None:
            paint_mark(painter, self._mark_px, self.placement, ratio)

    def _paint_frame(self, painter: QPainter) -> None:
        accent = QColor(*ACCENT_RGB)
        if self._loading_timer.isActive() and self._loading_ticks > _LINE_DELAY_TICKS:
            place = (self._loading_ticks % _LINE_STEPS) / _LINE_STEPS
            length = self.width() * 0.3
            left = place * (self.width() + length) - length
            painter.fillRect(QRectF(left, 0, length, 2), accent)
        if self.framed or self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
            painter.setPen(QPen(accent, 2 if self.framed else 1))
            inset = 1 if self.framed else 0
            painter.drawRect(self.rect().adjusted(inset, inset, -inset - 1, -inset - 1))

    # -- events ------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit again; a zoomed image keeps the pixel in the middle."""
        self._zoom.set_view_size(self._device_size())
        self._raster = self._picture = None
        super().resizeEvent(event)

    def event(self, event: QEvent) -> bool:
        """Draw anew when the window moves to a screen of another scale."""
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._zoom.set_view_size(self._device_size())
            self._raster = self._picture = None
            self.update()
        return super().event(event)

    def timerEvent(self, event: QTimerEvent) -> None:
        """Move the loading line."""
        if event.timerId() == self._loading_timer.timerId():
            self._loading_ticks += 1
            self.update(0, 0, self.width(), 3)
        else:
            super().timerEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom to the cursor."""
        notches = event.angleDelta().y() / 120
        if notches == 0:
            event.ignore()
            return
        self.zoom_at(event.position(), ZOOM_PER_NOTCH**notches)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Zoom with plus and minus, about the middle."""
        middle = QPointF(self.rect().center())
        if event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_at(middle, ZOOM_PER_NOTCH)
        elif event.key() == Qt.Key.Key_Minus:
            self.zoom_at(middle, 1 / ZOOM_PER_NOTCH)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Start a click or a drag."""
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._press = event.position().toPoint()
            self._press_placement = self.placement
            self._dragging = False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pan while a button is down, else point."""
        if self._press is None or self._press_placement is None:
            self._point(event.position())
            return
        moved = event.position().toPoint() - self._press
        if not self._dragging and moved.manhattanLength() < _DRAG_THRESHOLD_PX:
            return
        self._dragging = True
        if not self._zoom.is_fitted:
            ratio = self.devicePixelRatioF()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self._zoom.pan_from(self._press_placement, moved.x() * ratio, moved.y() * ratio)
            self._moved()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Pick what was clicked, unless it was a drag."""
        clicked = self._press is not None and not self._dragging
        self._press = self._press_placement = None
        self._dragging = False
        self.unsetCursor()
        if clicked and event.button() == Qt.MouseButton.LeftButton:
            u, v = self.image_position(event.position())
            self.picked.emit(self._label_at(u, v))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Fit a zoomed image; a fitted one is activated."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if not self.is_fitted:
            self.fit()
        elif self.sensor_id is not None:
            self.activated.emit(self.sensor_id)

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is pointed at any more."""
        self._set_under_pointer(None)
        if self.sensor_id is not None:
            self.left.emit(self.sensor_id)
        super().leaveEvent(event)

    def _point(self, position: QPointF) -> None:
        u, v = self.image_position(position)
        if self.sensor_id is None or not self._on_image(u, v):
            self._set_under_pointer(None)
            if self.sensor_id is not None:
                self.left.emit(self.sensor_id)
            return
        self._set_under_pointer(self._label_at(u, v))
        self.pointed.emit(self.sensor_id, u, v)

    def _label_at(self, u: float, v: float) -> LabelKey | None:
        if self._overlay is None or not self._on_image(u, v):
            return None
        return self._overlay.hit(u, v, HIT_TOLERANCE_PX * self.image_units_per_px)

    def position_at(self, u: float, v: float) -> tuple[float, float, float] | None:
        """World position of the lidar point shown nearest to a pixel, if one is near."""
        if self._overlay is None:
            return None
        return self._overlay.point_near(u, v, POINT_TOLERANCE_PX * self.image_units_per_px)

    def _set_under_pointer(self, key: LabelKey | None) -> None:
        if key != self._under_pointer:
            self._under_pointer = key
            self.hovered.emit(key)
