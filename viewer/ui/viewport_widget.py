"""The widget that hosts the 3D view: VTK draws inside Qt's OpenGL, Qt's events move the eye."""

import time
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QOpenGLContext,
    QResizeEvent,
    QSurface,
    QSurfaceFormat,
    QWheelEvent,
)
from PySide6.QtOpenGLWidgets import QOpenGLWidget
from PySide6.QtWidgets import QWidget
from vtkmodules.vtkRenderingOpenGL2 import vtkGenericOpenGLRenderWindow

from viewer.geometry.cuboids import Cuboid
from viewer.render.convert import observe
from viewer.render.layers.base import Measurement
from viewer.render.scene_pick import Pick
from viewer.render.scene_view import SceneView
from viewer.session.findings_lit import LitEvidence
from viewer.session.frame_content import FrameContent
from viewer.session.ghosts import FrameGhosts
from viewer.session.pins import Pins
from viewer.session.selection import LabelKey
from viewer.session.view_settings import ViewSettings
from viewer.ui.eye_motion import FLY_KEYS, EyeMotion
from viewer.ui.legend_drag import LegendDrag

_READ_FRAMEBUFFER, _DRAW_FRAMEBUFFER, _FRAMEBUFFER = 0x8CA8, 0x8CA9, 0x8D40
_COLOR_BUFFER_BIT, _NEAREST, _SCISSOR_TEST = 0x4000, 0x2600, 0x0C11

_HOVER_MS = 40
_CLICK_PX = 4
_ZOOM_PER_NOTCH = 0.85


def install_default_format() -> None:
    """Set the OpenGL format of the whole process; call it before the QApplication is made."""
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)
    surface = QSurfaceFormat()
    surface.setRenderableType(QSurfaceFormat.RenderableType.OpenGL)
    surface.setVersion(3, 2)
    surface.setProfile(QSurfaceFormat.OpenGLContextProfile.CoreProfile)
    surface.setSamples(0)
    surface.setAlphaBufferSize(0)
    surface.setSwapInterval(0)
    QSurfaceFormat.setDefaultFormat(surface)


class VtkHost(QOpenGLWidget):
    """Draws a VTK render window inside this widget and copies its picture."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        window = self.window_vtk = vtkGenericOpenGLRenderWindow()
        window.SetMultiSamples(0)
        window.SetOwnContext(0)
        window.SetForceMaximumHardwareLineWidth(1)
        window.SetReadyForRendering(False)
        window.SetFrameBlitModeToNoBlit()
        self._painting = self._resizing = False
        self._dirty = True
        self._held_context: QOpenGLContext | None = None
        self._held_surface: QSurface | None = None
        self._tags = [
            observe(window, "WindowMakeCurrentEvent", self._on_make_current),
            observe(window, "WindowIsCurrentEvent", self._on_is_current),
        ]

    def paint_scene(self) -> None:
        """Draw into the render window; overridden by the view."""
        self.window_vtk.Render()

    def release_scene(self) -> None:
        """Free graphics memory while the context is still there; overridden by the view."""

    def request_paint(self) -> None:
        """Draw anew as soon as Qt lets us."""
        self._dirty = True
        self.update()

    @property
    def has_context(self) -> bool:
        """True while there is an OpenGL context to draw with."""
        return self._held_context is not None

    # makeCurrent() of the widget would also bind its own framebuffer in the middle of VTK's
    # set-up, so the context is made current by itself.
    def _on_make_current(self, _source: object, _event: str) -> None:
        context, surface = self._held_context, self._held_surface
        if context is None or surface is None:
            return
        if QOpenGLContext.currentContext() is not context:
            context.makeCurrent(surface)

    def _on_is_current(self, _source: object, _event: str) -> None:
        current = QOpenGLContext.currentContext()
        self.window_vtk.SetIsCurrent(current is not None and current is self._held_context)

    def initializeGL(self) -> None:
        context = self.context()
        self._held_context, self._held_surface = context, context.surface()
        context.aboutToBeDestroyed.connect(self.release)
        window = self.window_vtk
        window.SetReadyForRendering(True)
        window.SetSupportsOpenGL(1)
        window.SetIsDirect(1)
        window.InitializeFromCurrentContext()
        window.SetMapped(1)
        self._dirty = True

    def release(self) -> None:
        """Free VTK's graphics objects while the context lives. Can be called again."""
        context = self._held_context
        if context is None:
            return
        self.makeCurrent()
        self.release_scene()
        self.window_vtk.Finalize()
        self.window_vtk.SetReadyForRendering(False)
        context.aboutToBeDestroyed.disconnect(self.release)
        self.doneCurrent()
        self._held_context = self._held_surface = None

    def dispose(self) -> None:
        """Let go of everything for good, before the window that holds this widget closes."""
        self.release()
        for tag in self._tags:
            self.window_vtk.RemoveObserver(tag)
        self._tags = []

    def resizeGL(self, width: int, height: int) -> None:
        ratio = self.devicePixelRatioF()
        width_px, height_px = max(1, round(width * ratio)), max(1, round(height * ratio))
        self.window_vtk.SetSize(width_px, height_px)
        self.window_vtk.SetScreenSize(width_px, height_px)
        self.window_vtk.SetDPI(round(72 * ratio))
        self._dirty = True

    def resizeEvent(self, event: QResizeEvent) -> None:
        # Qt paints within this event, for a size that the layout may change again before anything
        # is on screen; the paint event that follows it is enough.
        self._resizing = True
        super().resizeEvent(event)
        self._resizing = False
        self.update()

    def paintGL(self) -> None:
        if self._painting or self._resizing or self._held_context is None:
            return
        self._painting = True
        try:
            state = self.window_vtk.GetState()
            if self._dirty:
                self._dirty = False
                state.Reset()
                self.paint_scene()
                self.makeCurrent()
            self._copy_picture(self._held_context)
            state.ResetFramebufferBindings()
        finally:
            self._painting = False

    def _copy_picture(self, context: QOpenGLContext) -> None:
        gl = context.extraFunctions()
        ratio = self.devicePixelRatioF()
        width_px, height_px = self.window_vtk.GetSize()
        target = self.defaultFramebufferObject()
        source = self.window_vtk.GetRenderFramebuffer().GetFBOIndex()
        gl.glBindFramebuffer(_READ_FRAMEBUFFER, source)
        gl.glBindFramebuffer(_DRAW_FRAMEBUFFER, target)
        gl.glDisable(_SCISSOR_TEST)
        gl.glBlitFramebuffer(
            0, 0, width_px, height_px,
            0, 0, round(self.width() * ratio), round(self.height() * ratio),
            _COLOR_BUFFER_BIT, _NEAREST,
        )  # fmt: skip
        gl.glBindFramebuffer(_FRAMEBUFFER, target)
        # Opaque alpha, else the desktop shines through.
        gl.glColorMask(0, 0, 0, 1)
        gl.glClearColor(0, 0, 0, 1)
        gl.glClear(_COLOR_BUFFER_BIT)
        gl.glColorMask(1, 1, 1, 1)


class ViewportWidget(VtkHost):
    """The 3D view. It knows frames and settings, not the session: it tells by signals."""

    picked = Signal(object)
    """A click: `Pick`, or None where nothing lies."""
    double_clicked = Signal(object)
    """A double click: `Pick` or None."""
    hovered = Signal(object)
    """What lies under the resting pointer: `Pick` or None."""
    context_requested = Signal(QPoint, object)
    """A right click: position on screen, `Pick` or None."""
    range_dragged = Signal(object)
    """An end of the legend was dragged: (low, high); None for the automatic range again."""
    eye_moved = Signal()
    painted = Signal(float)
    """A picture was drawn; the milliseconds that it took."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(160, 120)
        self.setAccessibleName("3D view")
        self.view = SceneView(self.window_vtk)
        self._refine_next = False
        self._press: QPointF | None = None
        self._last = QPointF()
        self._dragging = False
        self._legend_drag: LegendDrag | None = None
        self._drag_center: Any = None
        self._wheel_anchor: Any = None
        self._hover_timer = QTimer(self)
        self._hover_timer.setInterval(_HOVER_MS)
        self._hover_timer.setSingleShot(True)
        self._hover_timer.timeout.connect(self._hover_now)
        self.motion = EyeMotion(self.view.eye, self)
        self.motion.moved.connect(self._eye_changed)
        self.motion.rested.connect(self._come_to_rest)

    # -- what is shown -----------------------------------------------------------------------

    def show_frame(self, content: FrameContent, view: ViewSettings) -> None:
        """Show a frame."""
        self._wheel_anchor = None
        self.view.show_frame(content, view)
        self.request_paint()

    def clear(self) -> None:
        """Show nothing and let go of the data."""
        self._wheel_anchor = None
        self.motion.stop()
        self.view.clear()
        self.request_paint()

    def show_view(self, view: ViewSettings, sections: frozenset[str]) -> None:
        """Follow changed settings."""
        self.view.show_view(view, sections)
        self.request_paint()

    def show_selection(self, selected: LabelKey | None, hovered: LabelKey | None) -> None:
        """Show what is selected and what is previewed."""
        self.view.show_selection(selected, hovered)
        self.request_paint()

    def show_pointed(self, position_world: Any) -> None:  # noqa: ANN401 - anything like an array
        """Mark a position, or with None nothing."""
        self.view.show_pointed(position_world)
        self.request_paint()

    def set_measurements(self, measurements: tuple[Measurement, ...]) -> None:
        """Show measured lines."""
        self.view.set_measurements(measurements)
        self.request_paint()

    def show_ghosts(self, ghosts: FrameGhosts | None) -> None:
        """Show what the labels are compared with."""
        self.view.show_ghosts(ghosts)
        self.request_paint()

    def show_evidence(self, lit: LitEvidence | None) -> None:
        """Show what a finding lights up."""
        self.view.show_evidence(lit)
        self.request_paint()

    def show_pins(self, pins: Pins) -> None:
        """Show where open issues are anchored."""
        self.view.show_pins(pins)
        self.request_paint()

    def picture(self) -> QImage:
        """What is drawn, as an image of its own."""
        return self.grabFramebuffer()

    def dispose(self) -> None:
        """Let go of everything for good, before the window that holds this widget closes."""
        self._hover_timer.stop()
        self.motion.stop()
        if self.has_context:
            self.makeCurrent()
        self.view.dispose()
        super().dispose()

    # -- going somewhere ---------------------------------------------------------------------

    def go_to_preset(self, name: str) -> None:
        """Ease to a preset of the eye: auto, top, side, front, ego, behind."""
        self.motion.ease_to(lambda: self.view.eye.preset(name))

    def go_to_camera(self, sensor_id: str) -> None:
        """Ease to where a recorded camera is; stays where it has no calibration."""
        self.motion.ease_to(lambda: self.view.eye.camera(sensor_id))

    def focus_selection(self) -> None:
        """Ease to the selected object."""
        self.motion.ease_to(self.view.focus_selection)

    def focus_box(self, box: Cuboid) -> None:
        """Ease to a box in world that is no label."""
        self.motion.ease_to(lambda: self.view.eye.focus(box))

    def go_to_numbers(self, numbers: tuple[float, ...]) -> None:
        """Go where a link says; ValueError when it says nothing useful."""
        self.view.eye.restore_numbers(numbers)
        self._eye_changed()

    def _eye_changed(self) -> None:
        if self.motion.is_easing:
            self._wheel_anchor = None
        self.view.set_moving(True)
        self.motion.keep_moving()
        self.request_paint()
        self.eye_moved.emit()

    def _come_to_rest(self) -> None:
        self.view.set_moving(False)
        self.request_paint()

    # -- drawing -----------------------------------------------------------------------------

    def paint_scene(self) -> None:
        begun = time.perf_counter()
        if self._refine_next and self.view.is_refinable:
            self.view.refine()
        else:
            self.view.render()
        self._refine_next = False
        if not self.motion.is_moving and self.view.is_refinable:
            QTimer.singleShot(0, self, self._refine_later)
        self.painted.emit((time.perf_counter() - begun) * 1e3)

    def _refine_later(self) -> None:
        if not self._dirty and not self.motion.is_moving:
            self._refine_next = True
            self.request_paint()

    def release_scene(self) -> None:
        self.view.release_graphics()

    def resizeGL(self, width: int, height: int) -> None:
        super().resizeGL(width, height)
        self.view.set_size(*self.window_vtk.GetSize(), self.devicePixelRatioF())

    # -- mouse -------------------------------------------------------------------------------

    def _pixel(self, position: QPointF) -> tuple[float, float]:
        ratio = self.devicePixelRatioF()
        return position.x() * ratio, position.y() * ratio

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.motion.stop_easing()
        self._press = self._last = event.position()
        self._dragging = False
        self._hover_timer.stop()
        self._drag_center = None
        self._legend_drag = self._legend_drag_at(event)
        if event.button() == Qt.MouseButton.RightButton:
            self.motion.set_fly_speed(max(1.0, 0.6 * self.view.eye.current.distance_m))
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        position = event.position()
        if event.buttons() == Qt.MouseButton.NoButton or self._press is None:
            self._last = position
            if not self._hover_timer.isActive():
                self._hover_timer.start()
            return
        if self._legend_drag is not None:
            self._dragging = True
            self.range_dragged.emit(self._legend_drag.range_at(self._pixel(position)[0]))
            return
        if not self._dragging:
            if (position - self._press).manhattanLength() < _CLICK_PX:
                return
            self._begin_drag(self._press)
        ratio = self.devicePixelRatioF()
        step = (position - self._last) * ratio
        self._last = position
        self._drag(event, step.x(), step.y())
        self._eye_changed()

    def _legend_drag_at(self, event: QMouseEvent) -> LegendDrag | None:
        """A drag of the nearer end when the left button goes down on the legend."""
        x_px, y_px = self._pixel(event.position())
        bar, ends = self.view.legend_at(x_px, y_px), self.view.colour_range
        if bar is None or ends is None or event.button() != Qt.MouseButton.LeftButton:
            return None
        left, width = bar
        return LegendDrag(x_px > left + width / 2, x_px, width, *ends)

    def _begin_drag(self, press: QPointF) -> None:
        """What lies under the pointer becomes the pivot; nothing jumps."""
        self._dragging = True
        self._wheel_anchor = None
        pick = self.view.pick_point(*self._pixel(press))
        if pick is not None:
            self._drag_center = pick.position_world
            self.view.eye.set_pivot_keeping_place(pick.position_world)

    def _drag(self, event: QMouseEvent, dx_px: float, dy_px: float) -> None:
        eye, buttons = self.view.eye, event.buttons()
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if buttons & Qt.MouseButton.RightButton:
            eye.look(dx_px, dy_px)
        elif buttons & Qt.MouseButton.MiddleButton or shift:
            eye.pan(dx_px, dy_px)
        elif self._drag_center is not None:
            eye.orbit_about(self._drag_center, dx_px, dy_px)
        else:
            eye.orbit(dx_px, dy_px)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        clicked = self._press is not None and not self._dragging
        if event.button() == Qt.MouseButton.RightButton:
            clicked = clicked and not self.motion.is_flying
            self.motion.stop_flying()
        on_legend, self._legend_drag = self._legend_drag is not None, None
        self._press, self._dragging = None, False
        if not clicked or on_legend:
            return
        pick = self.view.pick(*self._pixel(event.position()))
        if event.button() == Qt.MouseButton.LeftButton:
            self.picked.emit(pick)
        elif event.button() == Qt.MouseButton.RightButton:
            self.context_requested.emit(event.globalPosition().toPoint(), pick)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._press = None
        if self.view.legend_at(*self._pixel(event.position())) is not None:
            self.range_dragged.emit(None)
        elif event.button() == Qt.MouseButton.LeftButton:
            self.double_clicked.emit(self.view.pick(*self._pixel(event.position())))

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.motion.stop_easing()
        notches = event.angleDelta().y() / 120.0
        at_px = self._pixel(event.position())
        # One search for a whole turn of the wheel: the anchor stays under the pointer anyway.
        if self._wheel_anchor is None or self._wheel_anchor[0] != at_px:
            pick = self.view.pick_point(*at_px)
            self._wheel_anchor = (at_px, None if pick is None else pick.position_world)
        self.view.eye.zoom(_ZOOM_PER_NOTCH**notches, at_px, self._wheel_anchor[1])
        self._eye_changed()
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        self._hover_timer.stop()
        self.hovered.emit(None)
        super().leaveEvent(event)

    def _hover_now(self) -> None:
        if self._press is None and not self.motion.is_moving and self.underMouse():
            self.hovered.emit(self.view.pick(*self._pixel(self._last)))

    def pick_at(self, position: QPointF) -> Pick | None:
        """What lies under a position in widget coordinates."""
        return self.view.pick(*self._pixel(position))

    # -- flying ------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        # While flying, W A S D Q E are ours and not anybody's shortcut.
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and self._press is not None
            and event.key() in FLY_KEYS
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._press is None or event.key() not in FLY_KEYS:
            super().keyPressEvent(event)
        elif not event.isAutoRepeat():
            self._dragging = True  # a press that flew is no click, also once the key is up again
            self.motion.press(Qt.Key(event.key()))

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if not event.isAutoRepeat():
            self.motion.release(event.key())
        super().keyReleaseEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.motion.stop_flying()
        super().focusOutEvent(event)
