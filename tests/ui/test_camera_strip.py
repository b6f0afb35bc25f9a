"""The strip of cameras over a session."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication

from tests.fake_drive import Desk, make_dataset
from viewer.render.overlay_prepare import PREPARED, OverlayPreparer
from viewer.render.painter import PIN_HEIGHT_PX
from viewer.session.pins import Pin
from viewer.session.selection import LabelKey, PointedPosition
from viewer.ui.camera_strip import SMALLEST_PANE_PX, CameraStrip, fitting_height, strip_layout


class Bench:
    """A session, its preparer and a strip over it, shown."""

    def __init__(self, qtbot, size=(900, 200)):
        self.preparer = OverlayPreparer()
        self.desk = Desk(preparers={PREPARED: self.preparer})
        self.session = self.desk.session
        self.strip = CameraStrip(self.session, self.preparer)
        qtbot.addWidget(self.strip)
        self.strip.resize(*size)
        self.strip.show()
        self.session.open_dataset(make_dataset())
        self.desk.settle()
        self.qtbot = qtbot

    def announced(self):
        self.qtbot.waitUntil(lambda: bool(self.preparer.requests))
        self.desk.settle()


@pytest.fixture
def bench(qtbot):
    bench = Bench(qtbot)
    yield bench
    bench.strip.dispose()
    bench.desk.close()


@pytest.mark.parametrize(
    ("count", "width", "most"),
    [(6, 1030, 300), (6, 757, 250), (5, 800, 400), (3, 500, 300), (8, 1030, 300), (7, 1600, 400)],
)
def test_fitting_height_leaves_no_dead_band(count, width, most):
    height = fitting_height([1.6] * count, width, most)
    assert 0 < height <= most
    cells = strip_layout([1.6] * count, (width, height), None).small
    covered = sum(cell[2] * cell[3] for cell in cells)
    assert covered > 0.78 * width * height
    assert min(cell[3] for cell in cells) >= SMALLEST_PANE_PX[1] - 2


def test_fitting_height_prefers_larger_images_where_they_cover_as_well():
    assert fitting_height([1.6] * 6, 900, 500) > 370  # two rows of three, not one of six


def test_fitting_height_of_one_wide_room_is_all_there_is():
    assert fitting_height([1.6], 1600, 300) == 300
    assert fitting_height([], 1600, 300) < 300


def test_only_one_scroll_bar_is_ever_needed(bench):
    area = bench.strip._area
    for size in ((300, 80), (90, 400), (900, 200)):
        bench.strip.resize(*size)
        policies = {area.horizontalScrollBarPolicy(), area.verticalScrollBarPolicy()}
        assert Qt.ScrollBarPolicy.ScrollBarAlwaysOff in policies


def test_every_camera_has_a_pane_and_a_picture(bench):
    assert list(bench.strip.panes) == ["front", "rear", "side"]
    assert all(pane.overlay is not None for pane in bench.strip.panes.values())
    assert not bench.strip.large_pane.isVisible()


def test_frames_after_the_first_come_prepared(bench):
    bench.announced()
    bench.session.step(5)
    bench.desk.settle()
    prepared = bench.session.content.prepared[PREPARED]
    assert set(prepared) == {"front", "rear", "side"}
    for name, pane in bench.strip.panes.items():
        assert pane.overlay.content.index == 5
        assert pane.overlay is prepared[name].overlay


def test_click_beside_labels_makes_large_and_a_second_large_replaces_it(bench, qtbot):
    qtbot.mouseClick(bench.strip.panes["front"], Qt.MouseButton.LeftButton, pos=QPoint(12, 150))
    bench.desk.settle()
    assert bench.session.large_camera == "front"
    large = bench.strip.large_pane
    assert large.isVisible()
    assert large.overlay.sensor_id == "front"
    assert [pane.framed for pane in bench.strip.panes.values()] == [True, False, False]
    bench.session.set_large_camera("rear")
    bench.desk.settle()
    assert large.overlay.sensor_id == "rear"
    bench.session.set_large_camera(None)
    assert not large.isVisible()


def test_double_click_asks_to_fill(bench, qtbot):
    with qtbot.waitSignal(bench.strip.fill_requested) as caught:
        qtbot.mouseDClick(bench.strip.panes["rear"], Qt.MouseButton.LeftButton, pos=QPoint(9, 99))
    assert caught.args == ["rear"]
    assert bench.session.large_camera == "rear"


def test_second_click_of_a_double_click_may_land_on_the_pane_that_moved_there(bench, qtbot):
    asked = []
    bench.strip.fill_requested.connect(asked.append)
    place = QPoint(12, 150)
    qtbot.mouseClick(bench.strip.panes["front"], Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseDClick(bench.strip.panes["rear"], Qt.MouseButton.LeftButton, pos=QPoint(9, 9))
    assert asked == ["front"]
    assert bench.session.large_camera == "front"


def test_selection_made_elsewhere_shows_in_every_pane(bench):
    key = LabelKey("gt", 0, "car-0", "1")
    bench.session.select(key)
    front = bench.strip.panes["front"].overlay
    assert front.labels[front.selected].key == key
    assert bench.strip.panes["rear"].overlay.selected is None


def test_pointing_at_an_image_points_at_a_lidar_position(bench, qtbot):
    pane = bench.strip.panes["front"]
    ground = pane.placement.to_buffer((300.0, 330.0)) + 0.5
    qtbot.mouseMove(pane, QPoint(*(round(float(x)) for x in ground)))
    pointed = bench.session.pointed
    assert pointed.source == "front"
    x, _, z = pointed.position  # the ground of the drive rises 5 cm a metre
    assert 1 < x < 20
    assert z == pytest.approx(0.05 * x, abs=0.01)


def test_position_of_another_view_is_marked_and_forgotten(bench):
    bench.session.point_at(PointedPosition((10.0, 0.0, 1.0), "3d"))
    assert bench.strip.panes["front"].overlay.mark_px(bench.session.pointed) is not None
    bench.session.point_at(None)


def test_another_scene_replaces_the_panes(bench):
    before = bench.strip.panes["front"]
    bench.session.open_dataset(make_dataset())
    bench.desk.settle()
    assert bench.strip.panes["front"] is not before
    bench.session.close()
    assert bench.strip.panes == {}


@pytest.mark.parametrize("count", range(1, 13))
@pytest.mark.parametrize("size", [(1280, 180), (900, 400), (260, 800)])
@pytest.mark.parametrize("large", [None, 1.78])
def test_layout_keeps_panes_usable_and_inside_what_scrolls(count, size, large):
    layout = strip_layout([1.78] * count, size, large)
    width, height = layout.content_size
    for left, top, pane_width, pane_height in layout.small:
        assert left >= 0
        assert top >= 0
        assert left + pane_width <= width
        assert top + pane_height <= height
        assert pane_width / pane_height == pytest.approx(1.78, abs=0.1)
    if layout.small and size != (260, 800):
        smallest = min(cell[2] for cell in layout.small), min(cell[3] for cell in layout.small)
        assert smallest[0] >= SMALLEST_PANE_PX[0] or smallest[1] >= SMALLEST_PANE_PX[1]
    if layout.large is not None:
        assert layout.large[2] <= size[0]


def test_a_click_on_a_pin_opens_its_issue_and_a_right_click_asks_for_the_menu(bench, qtbot):
    strip, pane = bench.strip, bench.strip.panes["front"]
    opened, asked = [], []
    strip.pin_clicked.connect(opened.append)
    strip.menu_requested.connect(lambda *told: asked.append(told[1:]))
    strip.show_pins((Pin("issue-1", "A lamp", "front", (100.0, 60.0)),))
    x, y = (pane.placement.to_buffer((100.0, 60.0)) + 0.5) / pane.devicePixelRatioF()
    head = QPoint(round(float(x)), round(float(y) - PIN_HEIGHT_PX))
    qtbot.mouseClick(pane, Qt.MouseButton.LeftButton, pos=head)
    assert opened == ["issue-1"]
    assert bench.session.large_camera is None
    tip = QPoint(round(float(x)), round(float(y)))
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, tip, pane.mapToGlobal(tip))
    QApplication.sendEvent(pane, event)
    (told,) = asked
    assert told[0] == "front"
    assert told[1:3] == pytest.approx((100.0, 60.0), abs=2 * pane.image_units_per_px)
    # Another frame brings its own pins.
    bench.session.go_to_frame(1)
    bench.desk.settle()
    qtbot.mouseClick(pane, Qt.MouseButton.LeftButton, pos=head)
    assert opened == ["issue-1"]


def test_a_hidden_strip_marks_the_selection_once_it_is_shown(bench):
    pane, session = bench.strip.panes["front"], bench.session
    bench.desk.settle()
    key = next(label.key for label in pane.overlay.labels)
    bench.strip.hide()
    session.select(key)
    assert pane.overlay.selected is None
    bench.strip.show()
    assert pane.overlay.selected is not None
