"""One camera image with its overlay: zoom, pan, hover, pick."""

from collections.abc import Callable

from PySide6.QtCore import (
    QEvent,
    QPoint,
    QPointF,
    QRectF,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from viewer.progress import JobContext
from viewer.render.overlay import Overlay
from viewer.render.overlay_prepare import DARK_GROUND_RGB, LIGHT_GROUND_RGB, PaneRequest
from viewer.render.painter import ACCENT_RGB, PIN_HEIGHT_PX, PIN_RADIUS_PX, camera_aspect
from viewer.render.rasterizer import Placement
from viewer.session.frame_content import FrameContent
from viewer.session.ghosts import FrameGhosts
from viewer.session.pins import Pin, Pins
from viewer.session.selection import LabelKey, PointedPosition
from viewer.session.view_settings import ViewSettings
from viewer.ui.camera_picture import Built, CameraPicture, RunJob

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
    menu_requested = Signal(QPoint, float, float, object)
    """Position on the screen, pixel of the shown image, `LabelKey` there or None."""
    pin_clicked = Signal(str)
    """Id of the issue whose pin was clicked."""
    zoomed = Signal()
    """The shown scale or place changed."""

    def __init__(
        self, name: str, run_job: RunJob = run_here, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._picture = CameraPicture(name, run_job, self.update)
        self._framed = False
        self._focus_by_key = False
        self._under_pointer: LabelKey | None = None
        self.clicked_px = (0.0, 0.0)
        """Pixel of the shown image that was clicked last."""
        self._press: QPoint | None = None
        self._press_placement: Placement | None = None
        self._dragging = False
        # A child, so that it ends with the pane: Qt does not end a QBasicTimer of Python's.
        self._loading_timer = QTimer(self)
        self._loading_timer.setInterval(_LINE_PERIOD_MS)
        self._loading_timer.timeout.connect(self._advance_line)
        self._loading_ticks = 0
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(48, 36)

    # -- content -----------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The pane's own name."""
        return self._picture.name

    @property
    def sensor_id(self) -> str | None:
        """Camera that is shown."""
        return self._picture.sensor_id

    @property
    def overlay(self) -> Overlay | None:
        """What is drawn over the image now."""
        return self._picture.overlay

    @property
    def aspect(self) -> float:
        """Width to height of the image."""
        if self._picture.content is None or self.sensor_id is None:
            return 16 / 9
        return camera_aspect(self._picture.content, self.sensor_id)

    @property
    def request(self) -> PaneRequest | None:
        """What to prepare for this pane; None while it shows nothing."""
        if self.sensor_id is None:
            return None
        return PaneRequest(self.sensor_id, *self._device_size(), self.devicePixelRatioF())

    @property
    def framed(self) -> bool:
        """Whether the pane is marked as the one that is shown large."""
        return self._framed

    def set_framed(self, *, framed: bool) -> None:
        """Mark the pane as the one that is shown large."""
        if framed != self._framed:
            self._framed = framed
            self.update()

    def set_camera(self, sensor_id: str | None) -> None:
        """Show another camera, fitted."""
        if sensor_id != self.sensor_id:
            self.setAccessibleName(f"Camera {sensor_id}" if sensor_id else "Camera")
            self._picture.set_camera(sensor_id)

    def clear(self) -> None:
        """Show nothing."""
        self._under_pointer = None
        self._picture.clear()
        self.set_loading(loading=False)

    def show_frame(self, content: FrameContent, view: ViewSettings) -> None:
        """Show a frame; at once where it was prepared, else when its overlay is built."""
        self._picture.set_size(self._device_size(), self.devicePixelRatioF())
        self._picture.show_frame(content, view)

    def show_view(self, view: ViewSettings) -> None:
        """Settings changed."""
        self._picture.show_view(view)

    def show_selection(self, selected: LabelKey | None, hovered: LabelKey | None) -> None:
        """Mark the selected and the hovered label."""
        self._picture.show_selection(selected, hovered)

    def show_ghosts(self, ghosts: FrameGhosts | None) -> None:
        """Show what the frame's labels are compared with."""
        self._picture.show_ghosts(ghosts)

    def show_pins(self, pins: Pins) -> None:
        """Show where open issues are anchored."""
        self._picture.show_pins(pins)

    def show_pointed(self, pointed: PointedPosition | None) -> None:
        """Mark the position that is pointed at in another view."""
        self._picture.show_pointed(pointed)

    def set_loading(self, *, loading: bool) -> None:
        """Run a thin line along the top edge while a frame is awaited."""
        if loading and not self._loading_timer.isActive():
            self._loading_ticks = 0
            self._loading_timer.start()
        elif not loading and self._loading_timer.isActive():
            self._loading_timer.stop()
            self.update(0, 0, self.width(), 3)

    # -- placement ---------------------------------------------------------------------------

    def _device_size(self) -> tuple[int, int]:
        ratio = self.devicePixelRatioF()
        return max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio))

    @property
    def placement(self) -> Placement:
        """Where the image lies, in device pixels."""
        return self._picture.zoom.placement

    @property
    def is_fitted(self) -> bool:
        """True while the whole image is shown."""
        return self._picture.zoom.is_fitted

    @property
    def shown_width_px(self) -> float:
        """Width of the whole image at the present scale, device pixels."""
        return self.placement.scale * self._picture.zoom.image_size[0]

    @property
    def image_units_per_px(self) -> float:
        """Image pixels under one logical pixel of the widget."""
        return self.devicePixelRatioF() / self.placement.scale

    def fit(self) -> None:
        """Show the whole image."""
        self._picture.zoom.fit()
        self._moved()

    def zoom_at(self, position: QPointF, factor: float) -> None:
        """Scale the image about a position of the widget."""
        ratio = self.devicePixelRatioF()
        self._picture.zoom.zoom_at(position.x() * ratio, position.y() * ratio, factor)
        self._moved()

    def _moved(self) -> None:
        self._picture.redraw()
        self.zoomed.emit()

    def image_position(self, position: QPointF) -> tuple[float, float]:
        """Pixel of the shown image under a position of the widget."""
        ratio = self.devicePixelRatioF()
        device = (position.x() * ratio - 0.5, position.y() * ratio - 0.5)
        u, v = self.placement.to_image(device)
        return float(u), float(v)

    def position_at(self, u: float, v: float) -> tuple[float, float, float] | None:
        """World position of the lidar point shown nearest to a pixel, if one is near."""
        found = self.pointed_at(u, v)
        return None if found is None else found.position

    def pointed_at(self, u: float, v: float) -> PointedPosition | None:
        """The lidar point shown nearest to a pixel, if one is near."""
        if self.overlay is None:
            return None
        return self.overlay.pointed_near(u, v, POINT_TOLERANCE_PX * self.image_units_per_px)

    def _label_at(self, u: float, v: float) -> LabelKey | None:
        if self.overlay is None or not self._picture.covers(u, v):
            return None
        return self.overlay.hit(u, v, HIT_TOLERANCE_PX * self.image_units_per_px)

    # -- painting ----------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """Return a common size for layouts."""
        return QSize(320, 200)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the finished picture and the texts over it."""
        painter = QPainter(self)
        try:
            if self.overlay is None:
                ground = DARK_GROUND_RGB if self._picture.view.dark else LIGHT_GROUND_RGB
                painter.fillRect(self.rect(), QColor(*ground))
            else:
                self._picture.set_size(self._device_size(), self.devicePixelRatioF())
                self._picture.paint(painter)
            self._paint_frame(painter)
        finally:
            painter.end()

    def _paint_frame(self, painter: QPainter) -> None:
        accent = QColor(*ACCENT_RGB)
        if self._loading_timer.isActive() and self._loading_ticks > _LINE_DELAY_TICKS:
            place = (self._loading_ticks % _LINE_STEPS) / _LINE_STEPS
            length = self.width() * 0.3
            left = place * (self.width() + length) - length
            painter.fillRect(QRectF(left, 0, length, 2), accent)
        if self._framed or self._focus_by_key:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
            painter.setPen(QPen(accent, 2 if self._framed else 1))
            inset = 1 if self._framed else 0
            painter.drawRect(self.rect().adjusted(inset, inset, -inset - 1, -inset - 1))

    # -- events ------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit again; a zoomed image keeps the pixel in the middle."""
        self._picture.set_size(self._device_size(), self.devicePixelRatioF())
        super().resizeEvent(event)

    def event(self, event: QEvent) -> bool:
        """Draw anew on a screen of another scale; tell in a tooltip why there is no overlay."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            pin = self._pin_at(QPointF(event.pos()))
            refusal = self.overlay.refusal if self.overlay is not None else None
            told = f"Issue: {pin.title}" if pin is not None else refusal
            if told:
                QToolTip.showText(event.globalPos(), told, self)
                return True
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._picture.set_size(self._device_size(), self.devicePixelRatioF())
        return super().event(event)

    def _advance_line(self) -> None:
        self._loading_ticks += 1
        self.update(0, 0, self.width(), 3)

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

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus when it came by the keyboard."""
        reasons = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        self._focus_by_key = event.reason() in reasons
        self.update()

    def focusOutEvent(self, _event: QFocusEvent) -> None:
        """Hide the focus."""
        self._focus_by_key = False
        self.update()

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
        if not self.is_fitted:
            ratio = self.devicePixelRatioF()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            dx, dy = moved.x() * ratio, moved.y() * ratio
            self._picture.zoom.pan_from(self._press_placement, dx, dy)
            self._moved()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Pick what was clicked, unless it was a drag."""
        clicked = self._press is not None and not self._dragging
        self._press = self._press_placement = None
        self._dragging = False
        self.unsetCursor()
        if clicked and event.button() == Qt.MouseButton.LeftButton:
            self.clicked_px = self.image_position(event.position())
            pin = self._pin_at(event.position())
            if pin is not None:
                self.pin_clicked.emit(pin.issue_id)
                return
            self.picked.emit(self._label_at(*self.clicked_px))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of the pixel under the pointer; by key, of the one in the middle."""
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        place = QPointF(self.rect().center() if by_key else event.pos())
        u, v = self.image_position(place)
        if self.sensor_id is not None and self._picture.covers(u, v):
            at = self.mapToGlobal(place).toPoint()
            self.menu_requested.emit(at, u, v, self._label_at(u, v))

    def _pin_at(self, position: QPointF) -> Pin | None:
        """The pin whose head is under a position of the widget."""
        ratio = self.devicePixelRatioF()
        for pin, pixel in reversed(self._picture.placed_pins()):
            x, y = (self.placement.to_buffer(pixel) + 0.5) / ratio
            away = position - QPointF(float(x), float(y) - PIN_HEIGHT_PX)
            if away.manhattanLength() <= 2 * PIN_RADIUS_PX:
                return pin
        return None

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
        self._leave()
        super().leaveEvent(event)

    def _point(self, position: QPointF) -> None:
        u, v = self.image_position(position)
        if self.sensor_id is None or not self._picture.covers(u, v):
            self._leave()
            return
        self._set_under_pointer(self._label_at(u, v))
        self.pointed.emit(self.sensor_id, u, v)

    def _leave(self) -> None:
        self._set_under_pointer(None)
        if self.sensor_id is not None:
            self.left.emit(self.sensor_id)

    def _set_under_pointer(self, key: LabelKey | None) -> None:
        if key != self._under_pointer:
            self._under_pointer = key
            self.hovered.emit(key)
