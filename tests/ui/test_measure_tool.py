"""The measuring tool around a view without graphics."""

from types import SimpleNamespace

import pytest
from fake_drive import make_dataset, make_scene
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from viewer.session.changes import MessageShown
from viewer.session.measure import MeasureKind
from viewer.session.selection import LabelKey
from viewer.ui.measure_tool import MeasureTool

pytestmark = pytest.mark.ui
LEFT = Qt.MouseButton.LeftButton
CAR, WALKER = LabelKey("gt", 4, "car-4", "1"), LabelKey("gt", 4, "walker-4", "2")


class View(QWidget):
    picked = Signal(object)
    hovered = Signal(object)

    def __init__(self):
        super().__init__()
        self.drawn = ()

    def set_measurements(self, measurements):
        self.drawn = measurements

    def click(self, *position, label=None):
        self.picked.emit(SimpleNamespace(position_world=position, label=label))

    def point(self, *position, label=None):
        self.hovered.emit(SimpleNamespace(position_world=position, label=label))


@pytest.fixture
def desk(desk):
    """A drive, its fifth frame shown."""
    desk.session.open_dataset(make_dataset(make_scene()))
    desk.settle()
    desk.session.go_to_frame(4)
    desk.settle()
    return desk


@pytest.fixture
def view(qtbot):
    view = View()
    qtbot.addWidget(view)
    view.resize(900, 600)
    view.show()
    return view


@pytest.fixture
def tool(desk, view):
    tool = MeasureTool(desk.session, view)
    yield tool
    tool.dispose()


@pytest.fixture
def active(tool):
    tool.toggle()
    return tool


def choose(qtbot, tool, kind):
    qtbot.mouseClick(tool.panel.kind_buttons[kind], LEFT)


def prompt(tool):
    return tool.panel.prompt_label.text()


def test_clicks_do_nothing_until_it_is_started(tool, view):
    view.click(0, 0, 0)
    view.click(3, 4, 0)
    assert tool.measuring.measurements == []
    assert not tool.panel.isVisible()


def test_starting_tells_the_window_and_shows_the_panel(tool, qtbot):
    with qtbot.waitSignal(tool.active_changed) as told:
        tool.toggle()
    assert told.args == [True]
    assert tool.panel.isVisible()
    assert prompt(tool) == "Click the first point"


def test_two_clicks_draw_and_list_a_distance(active, view, desk):
    view.click(1, 2, 0)
    assert prompt(active) == "Click the second point"
    view.click(4, 6, 0)
    (line,) = view.drawn
    assert (line.start, line.end, line.text) == ((1, 2, 0), (4, 6, 0), "5.00 m")
    assert active.panel.list.count() == 1
    assert "dx +3.00  dy +4.00  dz +0.00" in active.panel.list.item(0).text()
    said = [change.text for change in desk.changes if isinstance(change, MessageShown)]
    assert said[-1].startswith("Point to point: 5.00 m")


def test_line_follows_the_pointer_and_is_not_kept(active, view):
    view.click(0, 0, 0)
    view.point(0, 2, 0)
    assert [line.text for line in view.drawn] == ["2.00 m"]
    view.hovered.emit(None)
    assert view.drawn == ()
    assert active.measuring.measurements == []


def test_to_ground_needs_one_click(active, view, qtbot):
    choose(qtbot, active, MeasureKind.GROUND)
    view.click(14.0, 0.0, 2.0)
    (line,) = view.drawn
    assert line.end[2] == pytest.approx(0.5, abs=0.03)
    assert "Ground: plane" in active.panel.list.item(0).toolTip()


def test_no_ground_is_said_in_the_panel(active, view, qtbot):
    choose(qtbot, active, MeasureKind.GROUND)
    view.click(900.0, 0.0, 2.0)
    assert prompt(active) == "There are no points within 12 m to tell the ground from"
    assert active.panel.prompt_label.property("role") == "problem"
    view.click(14.0, 0.0, 2.0)
    assert active.panel.prompt_label.property("role") == ""


def test_boxes_by_clicks(active, view, qtbot):
    choose(qtbot, active, MeasureKind.BOXES)
    view.click(0, 0, 0)
    assert prompt(active) == "Click a box: nothing labelled lies here"
    view.click(0, 0, 0, label=CAR)
    assert prompt(active) == "Click the second box"
    view.click(0, 0, 0, label=WALKER)
    assert [line.text for line in view.drawn] == ["14.20 m"]


def test_boxes_by_keys_alone(active, desk, qtbot):
    choose(qtbot, active, MeasureKind.BOXES)
    for key in (CAR, WALKER):
        desk.session.select(key)
        assert active.panel.selected_button.isVisible()
        qtbot.keyClick(active.panel.selected_button, Qt.Key.Key_Space)
    assert active.measuring.measurements[0].subject == "car 1 to pedestrian 2"


def test_panel_grows_with_what_a_selection_adds(active, desk):
    before = active.panel.height()
    desk.session.select(CAR)
    panel = active.panel
    assert panel.height() > before
    assert panel.height() >= panel.sizeHint().height()
    assert not panel.prompt_label.geometry().intersects(panel.selected_button.geometry())
    desk.session.select(None)
    assert panel.height() == before


def test_click_beside_everything_is_said(active, view):
    view.picked.emit(None)
    assert prompt(active) == "Nothing lies here; click a point or a box"


def test_stepping_back_first_drops_the_point_then_ends(active, view):
    view.click(0, 0, 0)
    assert active.step_back()
    assert active.active
    assert prompt(active) == "Click the first point"
    assert active.step_back()
    assert not active.active
    assert not active.step_back()


def test_measurements_stay_drawn_after_the_end_and_go_with_their_frame(active, view, desk):
    view.click(0, 0, 0)
    view.click(1, 0, 0)
    active.toggle()
    assert len(view.drawn) == 1
    desk.session.step(1)
    desk.settle()
    assert view.drawn == ()
    desk.session.step(-1)
    desk.settle()
    assert len(view.drawn) == 1


def test_begun_point_survives_a_step_and_a_begun_box_does_not(active, view, desk, qtbot):
    view.click(0, 0, 0)
    desk.session.step(1)
    desk.settle()
    assert active.measuring.begun
    choose(qtbot, active, MeasureKind.BOXES)
    view.click(0, 0, 0, label=LabelKey("gt", 5, "car-5", "1"))
    desk.session.step(1)
    desk.settle()
    assert prompt(active) == "Click the first box"


def test_begun_box_survives_more_of_the_same_frame(active, view, desk, qtbot):
    choose(qtbot, active, MeasureKind.BOXES)
    view.click(0, 0, 0, label=CAR)
    desk.session.want_image_width(1200)
    desk.settle()
    assert prompt(active) == "Click the second box"


def test_list_copies_removes_and_clears(active, view, qtbot):
    for x in (1, 2, 3):
        view.click(0, 0, 0)
        view.click(x, 0, 0)
    panel = active.panel
    qtbot.mouseClick(panel.copy_button, LEFT)
    lines = QGuiApplication.clipboard().text().split("\n")
    assert [line.split("\t")[2] for line in lines] == ["total m", "1.000", "2.000", "3.000"]
    panel.list.setCurrentRow(1)
    qtbot.keyClick(panel.list, Qt.Key.Key_Delete)
    assert [made.total_m for made in active.measuring.measurements] == [1.0, 3.0]
    assert [line.text for line in view.drawn] == ["1.00 m", "3.00 m"]
    panel.list.setCurrentRow(0)
    qtbot.mouseClick(panel.remove_button, LEFT)
    qtbot.mouseClick(panel.clear_button, LEFT)
    assert view.drawn == ()
    assert not panel.copy_button.isVisible()


def test_another_scene_forgets(active, view, desk):
    view.click(0, 0, 0)
    view.click(1, 0, 0)
    desk.session.open_dataset(make_dataset(make_scene(scene_id="b")))
    desk.settle()
    assert view.drawn == ()
    assert active.measuring.measurements == []


def test_closing_the_dataset_ends_it(active, desk):
    desk.session.close()
    assert not active.active
    active.toggle()
    assert not active.active


@pytest.mark.parametrize("size", [(900, 600), (420, 300)])
def test_panel_stays_inside_the_view(active, view, size, qtbot):
    for x in range(6):
        view.click(0, 0, 0)
        view.click(x + 1, 0, 0)
    view.resize(*size)
    assert view.rect().contains(active.panel.geometry())


def test_disposed_tool_hears_nothing(desk, view):
    tool = MeasureTool(desk.session, view)
    tool.toggle()
    tool.dispose()
    view.click(0, 0, 0)
    view.click(1, 0, 0)
    assert tool.measuring.measurements == []
