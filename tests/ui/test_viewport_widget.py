"""The widget of the 3D view under a real display: pictures, mouse, keys, and leaving cleanly."""

import gc

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication

from tests.render_content import drive_content, still_content
from viewer.render.snapshot import snapshot_scene
from viewer.session.selection import LabelKey
from viewer.session.view_settings import Layers, PointStyle, ViewSettings
from viewer.ui.viewport_widget import ViewportWidget

pytestmark = pytest.mark.smoke

WIDTH, HEIGHT = 480, 360
# On software GL the window and the off-screen view draw the same picture.
PLAIN = ViewSettings(points=PointStyle(eye_dome_lighting=False))
BOX = ((0.0, 0, 0), (4.0, 2, 1.5), 0.4, "red")


@pytest.fixture
def viewport(qtbot):
    if QGuiApplication.platformName() == "offscreen":
        pytest.skip("the offscreen platform has no OpenGL widgets; a display is needed")
    widget = ViewportWidget()
    qtbot.addWidget(widget, before_close_func=lambda w: w.dispose())
    widget.resize(WIDTH, HEIGHT)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def _pixels(widget):
    image = widget.picture().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    return rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3).copy()


def _settle(qtbot, widget):
    qtbot.waitUntil(
        lambda: not widget.motion.is_moving and not widget.view.is_refinable, timeout=20_000
    )
    with qtbot.waitSignal(widget.painted, timeout=20_000):
        widget.request_paint()


def _shown(qtbot, widget, content, view=PLAIN):
    with qtbot.waitSignal(widget.painted, timeout=20_000):
        widget.show_frame(content, view)
    _settle(qtbot, widget)


def _middle_of_box(widget):
    x, y = widget.view.project(np.zeros((1, 3)))[0] / widget.devicePixelRatioF()
    return QPoint(round(x), round(y))


@pytest.mark.parametrize("view", [PLAIN, ViewSettings()], ids=["plain", "with lighting"])
def test_window_shows_the_same_picture_as_a_snapshot(qtbot, viewport, view):
    content = drive_content(5)
    _shown(qtbot, viewport, content, view)
    pixels = _pixels(viewport)
    expected = snapshot_scene(content, view, (pixels.shape[1], pixels.shape[0]))
    apart = np.abs(pixels.astype(int) - expected).max(axis=2) > 8
    assert apart.mean() < 1e-4
    assert np.ptp(pixels) > 100


def test_click_tells_the_label(qtbot, viewport):
    _shown(qtbot, viewport, still_content(np.array([[9.0, 9, 0], [-9, -9, 0]]), [BOX]))
    with qtbot.waitSignal(viewport.picked) as blocker:
        qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=_middle_of_box(viewport))
    assert blocker.args[0].label == LabelKey("gt", 0, "gt0")
    with qtbot.waitSignal(viewport.picked) as blocker:
        qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=QPoint(3, 3))
    assert blocker.args[0] is None


def test_drag_orbits_and_is_no_click(qtbot, viewport):
    _shown(qtbot, viewport, still_content(np.array([[9.0, 9, 0], [-9, -9, 0]]), [BOX]))
    before = viewport.view.eye.current
    picks = []
    viewport.picked.connect(picks.append)
    qtbot.mousePress(viewport, Qt.MouseButton.LeftButton, pos=QPoint(240, 30))
    for step in range(1, 6):
        qtbot.mouseMove(viewport, QPoint(240 + 12 * step, 30))
    QApplication.processEvents()
    qtbot.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=QPoint(300, 30))
    after = viewport.view.eye.current
    assert after.yaw_rad != before.yaw_rad
    assert after.distance_m == pytest.approx(before.distance_m)
    assert picks == []


def test_dragging_the_legend_changes_the_range_and_not_the_eye(qtbot, viewport):
    _shown(qtbot, viewport, still_content(np.array([[9.0, 9, 0], [-9, -9, 10], [3, 3, 5]])))
    view, ratio = viewport.view, viewport.devicePixelRatioF()
    low, high = view.colour_range
    left, top, right, bottom = view._heads_up.legend_px
    y = round((top + bottom) / 2 / ratio)
    near_high = QPoint(round((right - 4) / ratio), y)
    eye = view.eye.current
    ranges = []
    viewport.range_dragged.connect(ranges.append)
    qtbot.mousePress(viewport, Qt.MouseButton.LeftButton, pos=near_high)
    further = QPoint(near_high.x() - round((right - left) / 2 / ratio), y)
    qtbot.mouseMove(viewport, further)
    qtbot.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=further)
    assert ranges[-1][0] == low
    assert ranges[-1][1] == pytest.approx((low + high) / 2, abs=0.05 * (high - low))
    assert view.eye.current == eye
    qtbot.mouseDClick(viewport, Qt.MouseButton.LeftButton, pos=near_high)
    assert ranges[-1] is None


def test_wheel_zooms_to_the_cursor(qtbot, viewport):
    _shown(qtbot, viewport, still_content(np.array([[9.0, 9, 0], [-9, -9, 0], [3, 3, 1]]), [BOX]))
    target = np.array([[3.0, 3, 1]])
    at_px = viewport.view.project(target)[0]
    place = QPointF(*(at_px / viewport.devicePixelRatioF()))
    event = QWheelEvent(
        place, viewport.mapToGlobal(place), QPoint(), QPoint(0, 240), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    before = viewport.view.eye.current.distance_m
    QApplication.sendEvent(viewport, event)
    assert viewport.view.eye.current.distance_m == pytest.approx(before * 0.85**2)
    np.testing.assert_allclose(viewport.view.project(target)[0], at_px, atol=1e-3)


def test_preset_is_reached_by_easing(qtbot, viewport):
    _shown(qtbot, viewport, drive_content(5))
    viewport.go_to_preset("top")
    assert not viewport.view.eye.current.parallel
    qtbot.waitUntil(lambda: viewport.view.eye.current.parallel)
    assert viewport.view.eye.current.pitch_rad == pytest.approx(-np.pi / 2)


def test_flying_needs_the_right_button(qtbot, viewport):
    _shown(qtbot, viewport, drive_content(5))
    before = viewport.view.eye.position
    qtbot.keyPress(viewport, Qt.Key.Key_W)
    assert not viewport.motion.is_flying
    qtbot.keyRelease(viewport, Qt.Key.Key_W)
    qtbot.mousePress(viewport, Qt.MouseButton.RightButton, pos=QPoint(100, 100))
    qtbot.keyPress(viewport, Qt.Key.Key_W)
    forward = viewport.view.eye.forward
    qtbot.waitUntil(lambda: np.linalg.norm(viewport.view.eye.position - before) > 0.1)
    qtbot.mouseRelease(viewport, Qt.MouseButton.RightButton, pos=QPoint(100, 100))
    assert not viewport.motion.is_flying
    moved = viewport.view.eye.position - before
    assert moved @ forward == pytest.approx(np.linalg.norm(moved), rel=1e-6)


def test_a_flight_is_no_right_click(qtbot, viewport):
    _shown(qtbot, viewport, drive_content(5))
    asked = []
    viewport.context_requested.connect(lambda *place: asked.append(place))
    for fly in (True, False):
        qtbot.mousePress(viewport, Qt.MouseButton.RightButton, pos=_middle_of_box(viewport))
        if fly:
            qtbot.keyPress(viewport, Qt.Key.Key_W)
            qtbot.keyRelease(viewport, Qt.Key.Key_W)
        qtbot.mouseRelease(viewport, Qt.MouseButton.RightButton, pos=_middle_of_box(viewport))
        assert len(asked) == (0 if fly else 1)


def test_settings_and_selection_repaint(qtbot, viewport):
    _shown(qtbot, viewport, drive_content(5))
    before = _pixels(viewport)
    with qtbot.waitSignal(viewport.painted, timeout=20_000):
        viewport.show_selection(LabelKey("gt", 5, "car-5", "1"), None)
    selected = _pixels(viewport)
    assert (selected != before).any()
    with qtbot.waitSignal(viewport.painted, timeout=20_000):
        viewport.show_view(ViewSettings(layers=Layers(points=False)), frozenset({"layers"}))
    assert (_pixels(viewport) != selected).any()


def test_nothing_is_left_after_dispose(qtbot):
    if QGuiApplication.platformName() == "offscreen":
        pytest.skip("the offscreen platform has no OpenGL widgets; a display is needed")
    from vtkmodules.vtkRenderingCore import vtkActor
    from vtkmodules.vtkRenderingOpenGL2 import vtkGenericOpenGLRenderWindow

    kinds = (vtkActor, vtkGenericOpenGLRenderWindow)

    def alive():
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        gc.collect()
        return sum(isinstance(one, kinds) for one in gc.get_objects())

    before = alive()
    widget = ViewportWidget()
    widget.resize(WIDTH, HEIGHT)
    widget.show()
    qtbot.waitExposed(widget)
    _shown(qtbot, widget, drive_content(5))
    assert alive() > before
    widget.dispose()
    widget.show_pointed((0, 0, 0))
    widget.close()
    widget.deleteLater()
    del widget
    assert alive() == before
