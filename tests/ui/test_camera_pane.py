"""A camera pane driven by real mouse and wheel events."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QHelpEvent, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication, QToolTip

from tests.fake_drive import make_scene
from viewer.formats.frame_cache import FrameCache
from viewer.progress import JobContext
from viewer.render.overlay_prepare import PREPARED, PaneRequest, prepare_overlays
from viewer.session.frame_store import FrameStore
from viewer.session.selection import LabelKey, PointedPosition
from viewer.session.view_settings import ImageTone, Layers, ViewSettings
from viewer.ui.camera_pane import CameraPane

VIEW = ViewSettings(layers=Layers(predictions=False))
CAR = LabelKey("gt", 4, "car-4", "1")


def load(index=4, view=VIEW, requests=None):
    store = FrameStore(make_scene(), FrameCache(10_000_000))
    try:
        content = store.load(JobContext(), index, view, 640)
    finally:
        store.close()
    if requests is None:
        return content
    return replace(content, prepared={PREPARED: prepare_overlays(content, view, requests)})


@pytest.fixture
def pane(qtbot):
    pane = CameraPane("front")
    qtbot.addWidget(pane)
    pane.resize(640, 400)
    pane.set_camera("front")
    pane.show()
    pane.show_frame(load(), VIEW)
    return pane


def _picture(pane):
    image = pane.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)
    return rows[:, : image.width(), 2::-1].copy()


def _wheel(pane, position, notches):
    event = QWheelEvent(
        QPointF(position), pane.mapToGlobal(QPointF(position)), QPoint(0, 0),
        QPoint(0, 120 * notches), Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(pane, event)


def _car_edge(pane):
    """Widget position on an edge of the car's box."""
    label = next(label for label in pane.overlay.labels if label.key == CAR)
    segment = label.visible.segments[0]
    middle = (segment[:2] + segment[2:]) / 2
    x, y = pane.placement.to_buffer(middle) + 0.5
    return QPoint(round(x), round(y))


def test_car_is_drawn_in_its_class_colour(pane):
    colour = np.array(load().scene.class_map.colour("car"))
    away = np.abs(_picture(pane).astype(int) - colour).max(axis=2)
    assert (away < 12).sum() > 100


def test_wheel_zooms_to_the_cursor_and_double_click_fits(pane, qtbot):
    position = QPoint(420, 130)
    before = pane.image_position(QPointF(position))
    _wheel(pane, position, 4)
    assert not pane.is_fitted
    assert pane.image_position(QPointF(position)) == pytest.approx(before, abs=1.0)
    assert pane.placement.scale == pytest.approx(1.25**4)
    qtbot.mouseDClick(pane, Qt.MouseButton.LeftButton, pos=position)
    assert pane.is_fitted


def test_double_click_on_a_fitted_image_activates(pane, qtbot):
    with qtbot.waitSignal(pane.activated) as caught:
        qtbot.mouseDClick(pane, Qt.MouseButton.LeftButton, pos=QPoint(10, 390))
    assert caught.args == ["front"]


def test_drag_pans_a_zoomed_image_and_picks_nothing(pane, qtbot):
    _wheel(pane, QPoint(320, 200), 5)
    before = pane.image_position(QPointF(200, 200))
    picked = []
    pane.picked.connect(picked.append)
    qtbot.mousePress(pane, Qt.MouseButton.LeftButton, pos=QPoint(200, 200))
    qtbot.mouseMove(pane, QPoint(240, 180))
    qtbot.mouseRelease(pane, Qt.MouseButton.LeftButton, pos=QPoint(240, 180))
    assert pane.image_position(QPointF(240, 180)) == pytest.approx(before, abs=0.5)
    assert picked == []


def test_click_picks_the_label_and_beside_it_nothing(pane, qtbot):
    picked = []
    pane.picked.connect(picked.append)
    qtbot.mouseClick(pane, Qt.MouseButton.LeftButton, pos=_car_edge(pane))
    qtbot.mouseClick(pane, Qt.MouseButton.LeftButton, pos=QPoint(20, 380))
    assert picked == [CAR, None]


def test_hover_names_the_label_once_and_points(pane, qtbot):
    hovered, pointed, left = [], [], []
    pane.hovered.connect(hovered.append)
    pane.pointed.connect(lambda *args: pointed.append(args))
    pane.left.connect(left.append)
    place = _car_edge(pane)
    qtbot.mouseMove(pane, QPoint(20, 380))
    qtbot.mouseMove(pane, place)
    qtbot.mouseMove(pane, place + QPoint(1, 0))
    assert hovered == [CAR]
    assert pointed[-1][0] == "front"
    assert pointed[-1][1] == pytest.approx(place.x() + 0.5, abs=1.1)
    QApplication.sendEvent(pane, QEvent(QEvent.Type.Leave))
    assert hovered == [CAR, None]
    assert left == ["front"]


def test_selection_changes_the_picture_and_back(pane):
    plain = _picture(pane)
    pane.show_selection(CAR, None)
    assert (_picture(pane) != plain).any()
    pane.show_selection(None, None)
    assert np.array_equal(_picture(pane), plain)


def test_prepared_picture_equals_the_one_made_here(pane):
    here = _picture(pane)
    content = load(requests={"front": PaneRequest("front", 640, 400, 1.0)})
    prepared = content.prepared[PREPARED]["front"]
    pane.show_frame(content, VIEW)
    assert pane.overlay is prepared.overlay
    assert np.array_equal(_picture(pane), here)


def test_overlay_prepared_for_other_settings_is_not_shown(pane):
    content = load(requests={"front": PaneRequest("front", 640, 400, 1.0)})
    without = replace(VIEW, images=replace(VIEW.images, cuboids=False))
    pane.show_frame(content, without)
    assert pane.overlay.labels == ()


def test_late_overlay_of_an_old_frame_is_dropped(qtbot):
    waiting = []
    pane = CameraPane("front", lambda key, job, done: waiting.append((job, done)))
    qtbot.addWidget(pane)
    pane.set_camera("front")
    pane.show_frame(load(4), VIEW)
    pane.show_frame(load(5), VIEW)
    (old_job, old_done), (new_job, new_done) = waiting
    new_done(new_job(JobContext()))
    old_done(old_job(JobContext()))
    assert pane.overlay.content.index == 5


def test_camera_without_a_lens_says_why(qtbot):
    pane = CameraPane("side")
    qtbot.addWidget(pane)
    pane.resize(400, 250)
    pane.set_camera("side")
    pane.show_frame(load(), VIEW)
    assert "double_sphere" in pane.overlay.refusal
    assert (_picture(pane) > 60).any()
    middle = pane.rect().center()
    QApplication.sendEvent(pane, QHelpEvent(QEvent.Type.ToolTip, middle, pane.mapToGlobal(middle)))
    assert QToolTip.text() == pane.overlay.refusal
    QToolTip.hideText()


def test_tone_brightens_without_projecting_again(pane):
    before, overlay = _picture(pane), pane.overlay
    pane.show_view(replace(VIEW, tones={"front": ImageTone(brightness=0.3)}))
    assert pane.overlay is overlay
    assert _picture(pane)[300, 60].astype(int).mean() > before[300, 60].mean() + 60


def test_position_pointed_at_elsewhere_is_marked(pane):
    plain = _picture(pane)
    pane.show_pointed(PointedPosition((14.0, 0.0, 1.0), "3d"))
    marked = np.argwhere((_picture(pane) != plain).any(axis=2))
    assert len(marked) > 40
    assert np.ptp(marked, axis=0).max() < 24
    pane.show_pointed(PointedPosition((-400.0, 0.0, 1.0), "3d"))
    assert np.array_equal(_picture(pane), plain)


def test_loading_line_appears_and_its_timer_ends(pane, qtbot):
    plain = _picture(pane)
    pane.set_loading(loading=True)
    qtbot.waitUntil(lambda: (_picture(pane)[:2] != plain[:2]).any())
    pane.set_loading(loading=False)
    assert np.array_equal(_picture(pane), plain)
