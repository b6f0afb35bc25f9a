"""The inspector: what it shows of labels, cameras and scenes, and what its buttons do."""

from dataclasses import replace

import numpy as np
import pytest
from fake_drive import CAR_POINTS, make_dataset, make_scene
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QPushButton

from viewer.scene.point_cloud import PointCloud
from viewer.session.changes import FocusRequested
from viewer.session.selection import LabelKey
from viewer.session.view_settings import Solo
from viewer.ui import inspector as inspector_module
from viewer.ui.inspector import Inspector
from viewer.ui.inspector_rows import breakable, unbroken

pytestmark = pytest.mark.ui
LEFT = Qt.MouseButton.LeftButton
CAR, WALKER = LabelKey("gt", 4, "car-4", "1"), LabelKey("gt", 4, "walker-4", "2")


@pytest.fixture
def make(desk, on_screen):
    def make(scene=None):
        widget = on_screen(Inspector(desk.session), 300, 700)
        if scene is not None:
            desk.session.open_dataset(make_dataset(scene))
            desk.session.read_tracks()
            desk.settle()
            desk.session.go_to_frame(4)
            desk.settle()
        return widget

    return make


@pytest.fixture
def inspector(make):
    return make(make_scene())


def shown_texts(widget):
    QApplication.processEvents()
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisible()]


class TestLabel:
    def test_head_and_numbers(self, inspector, desk):
        desk.session.select(CAR)
        assert inspector.title_label.text() == "car 1"
        assert inspector.note_label.text() == "Ground truth"
        texts = shown_texts(inspector)
        for text in ("4.00 × 2.00 × 1.50 m", "30.00  2.00  2.30 m", "partly", "yes", "4"):
            assert text in texts
        assert inspector.rows.value_of("Box", "Points inside") == str(CAR_POINTS)

    def test_next_frame_updates_the_same_rows(self, inspector, desk):
        desk.session.select(CAR)
        before = inspector.rows.findChildren(QLabel)
        desk.session.step(1)
        desk.settle()
        assert inspector.rows.value_of("In ego", "Center") == "25.00  2.00  2.30 m"
        assert inspector.rows.findChildren(QLabel) == before
        assert "25.00  2.00  2.30 m" in shown_texts(inspector)

    def test_values_can_be_selected_by_mouse(self, inspector, desk):
        desk.session.select(CAR)
        value = next(v for v in inspector.rows.findChildren(QLabel) if v.text() == "12.00 m³")
        assert value.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse
        assert value.accessibleName() == "Volume: 12.00 m³"

    def test_cameras_that_see_it_open_large(self, inspector, desk, qtbot):
        desk.session.select(CAR)
        (button,) = inspector.cameras.findChildren(QPushButton)
        assert button.text() == "front"
        assert "100 % in the image" in shown_texts(inspector)
        qtbot.mouseClick(button, LEFT)
        assert desk.session.large_camera == "front"
        assert inspector.title_label.text() == "car 1"

    def test_track_without_a_label_here_says_so(self, inspector, desk):
        desk.session.select(WALKER)
        desk.session.step(1)
        desk.settle()
        assert inspector.title_label.text() == "Track 2"
        assert inspector.note_label.text() == "Not labelled in this frame"
        assert inspector.rows.value_of("Track", "Labelled") == "5 frames: 4 to 5, 7 to 9"
        assert inspector.rows.value_of("Box", "Size") is None

    def test_many_points_are_counted_in_the_background(self, make, desk, monkeypatch):
        monkeypatch.setattr(inspector_module, "COUNT_AT_ONCE", 10)
        inspector = make(make_scene())
        desk.session.select(CAR)
        assert inspector.rows.value_of("Box", "Points inside") == "…"
        desk.settle()
        assert inspector.rows.value_of("Box", "Points inside") == str(CAR_POINTS)

    def test_late_count_of_another_label_is_not_shown(self, make, desk, monkeypatch):
        monkeypatch.setattr(inspector_module, "COUNT_AT_ONCE", 10)
        inspector = make(make_scene())
        desk.session.select(CAR)
        desk.session.select(WALKER)
        desk.settle()
        content = desk.session.content
        inside = content.labels["gt"].cuboids.cuboids.contains(content.sweeps[0].cloud.xyz)
        expected = int(inside.sum(1)[1])
        assert inspector.rows.value_of("Box", "Points inside") == str(expected)

    def test_frame_without_points_has_no_count(self, make, desk):
        scene = make_scene()
        frames = tuple(replace(frame, sweeps=()) for frame in scene.frames)
        inspector = make(replace(scene, frames=frames))
        desk.session.select(CAR)
        assert inspector.rows.value_of("Box", "Points inside") is None
        assert inspector.rows.value_of("Box", "Size") is not None


class TestButtons:
    def test_walk_along_the_track_over_its_gap(self, inspector, desk, qtbot):
        desk.session.select(WALKER)
        qtbot.mouseClick(inspector.next_button, LEFT)
        desk.settle()
        assert desk.session.content.index == 6
        assert desk.session.selection == LabelKey("gt", 6, "walker-6", "2")
        qtbot.keyClick(inspector.previous_button, Qt.Key.Key_Space)
        desk.settle()
        assert desk.session.selection == WALKER

    def test_ends_of_the_track(self, inspector, desk):
        desk.session.select(WALKER)
        desk.session.go_to_frame(8)
        desk.settle()
        assert not inspector.next_button.isEnabled()
        assert inspector.previous_button.isEnabled()

    def test_label_without_a_track(self, inspector, desk):
        desk.session.select(LabelKey("model", 4, "p0-4"))
        for button in (
            inspector.next_button, inspector.previous_button, inspector.solo_track_button,
        ):  # fmt: skip
            assert not button.isEnabled()

    def test_focus(self, inspector, desk, qtbot):
        desk.session.select(CAR)
        qtbot.mouseClick(inspector.focus_button, LEFT)
        assert len(desk.seen(FocusRequested)) == 1

    def test_solo_and_isolate_toggle_and_follow_the_view(self, inspector, desk, qtbot):
        session = desk.session
        session.select(CAR)
        qtbot.mouseClick(inspector.solo_button, LEFT)
        assert session.view.filters.solo is Solo.LABEL
        qtbot.mouseClick(inspector.solo_track_button, LEFT)
        assert session.view.filters.solo is Solo.TRACK
        assert not inspector.solo_button.isChecked()
        qtbot.mouseClick(inspector.solo_track_button, LEFT)
        assert session.view.filters.solo is Solo.OFF
        qtbot.mouseClick(inspector.isolate_button, LEFT)
        assert session.view.filters.isolate_margin_m == 0.5
        session.set_view(filters=replace(session.view.filters, isolate_margin_m=None))
        assert not inspector.isolate_button.isChecked()

    def test_copy_everything(self, inspector, desk, qtbot):
        desk.session.select(CAR)
        qtbot.mouseClick(inspector.copy_button, LEFT)
        text = QGuiApplication.clipboard().text()
        assert text.startswith("car 1\n\nBox\nSize\t4.00 × 2.00 × 1.50 m")
        assert "Seen by\nfront\t100 % in the image" in text

    def test_every_button_has_a_name_and_takes_the_focus(self, inspector):
        for button in (
            inspector.previous_button, inspector.next_button, inspector.focus_button,
            inspector.solo_button, inspector.solo_track_button, inspector.isolate_button,
            inspector.copy_button,
        ):  # fmt: skip
            assert button.accessibleName()
            assert button.focusPolicy() & Qt.FocusPolicy.TabFocus


class TestCamera:
    def test_large_camera_without_a_selection(self, inspector, desk):
        desk.session.set_large_camera("rear")
        assert inspector.title_label.text() == "rear"
        assert inspector.rows.value_of("Lens", "Model") == "Fisheye (Kannala-Brandt)"
        assert inspector.rows.value_of("Lens parameters", "k4") == "0"
        assert not inspector.button_row.isVisible()
        desk.session.select(CAR)
        assert inspector.title_label.text() == "car 1"
        desk.session.select(None)
        assert inspector.title_label.text() == "rear"

    def test_refused_camera_says_why_in_red(self, inspector, desk):
        desk.session.set_large_camera("side")
        reason = next(
            label for label in inspector.rows.findChildren(QLabel) if "double_sphere" in
            label.text().replace("\N{ZERO WIDTH SPACE}", "")
        )  # fmt: skip
        assert reason.property("role") == "problem"

    def test_time_offset_is_followed(self, inspector, desk):
        desk.session.set_large_camera("front")
        desk.session.set_view(time_offsets_ns={"front": 5_000_000})
        assert inspector.rows.value_of("Image", "Time offset") == "+5.0 ms"


class TestScene:
    def test_nothing_selected_shows_the_scene(self, inspector):
        assert inspector.title_label.text() == "drive"
        assert inspector.rows.value_of("Scene", "Frames") == "12"
        assert inspector.rows.value_of("Labels: Model", "car") == "24"

    def test_problems_appear(self, inspector, desk):
        desk.session.scene.reader.damaged.add(("points", 9))
        desk.session.go_to_frame(9)
        desk.settle()
        assert inspector.rows.value_of("Problems (1)", "byte 7") == "the file is cut off"

    def test_nothing_open_teaches(self, make):
        inspector = make()
        assert inspector.title_label.text() == "Nothing open"
        assert inspector.note_label.text() == "Open a scene to see what it holds"

    def test_hidden_inspector_waits(self, inspector, desk):
        inspector.hide()
        desk.session.select(CAR)
        assert inspector.title_label.text() == "drive"
        inspector.show()
        assert inspector.title_label.text() == "car 1"

    def test_cloud_without_any_finite_point(self, make, desk):
        scene = make_scene()

        def read(frame_index, sensor_id):
            return PointCloud(np.full((5, 3), np.nan, np.float32), {}, "lidar", None)

        scene.reader.read_point_cloud = read
        inspector = make(scene)
        assert inspector.rows.value_of("Frame", "lidar") == "0 points"
        desk.session.select(CAR)
        assert inspector.rows.value_of("Box", "Points inside") == "0"


def test_long_values_do_not_widen_the_panel(make, desk):
    scene = replace(make_scene(), description="x" * 30 + "/" + "y" * 200)
    inspector = make(scene)
    assert inspector.widget().width() <= inspector.viewport().width()


def test_long_titles_and_unparted_names_do_not_widen_the_panel(make, desk):
    name = "host-a101-lidar0-" + "1240710366399037786" * 4
    inspector = make(replace(make_scene(), scene_id=name, description="z" * 300))
    assert inspector.widget().width() <= inspector.viewport().width()
    assert inspector.title_label.width() <= inspector.viewport().width()
    assert inspector.title_label.height() > 2 * inspector.title_label.fontMetrics().height()


def test_copied_values_hold_no_places_to_break(make, desk, qtbot):
    path = "/data/a_long_folder/of_many_parts/" + "f" * 40
    inspector = make(replace(make_scene(), description=path))
    label = next(
        label for label in inspector.findChildren(QLabel) if unbroken(label.text()) == path
    )
    assert label.text() != path
    inspector.rows._show_menu(label, label.rect().center())
    menu = inspector.rows.findChild(QMenu)
    menu.actions()[0].trigger()
    menu.close()
    assert QGuiApplication.clipboard().text() == path
    QGuiApplication.clipboard().clear()
    label.setSelection(0, len(label.text()))
    qtbot.keyClick(label, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == path


def test_long_numbers_break_where_there_is_no_room(make, desk):
    number = "1718100000000000000"
    assert unbroken(breakable(f"{number} ns")) == f"{number} ns"
    assert len(breakable(f"{number} ns")) > len(f"{number} ns")
    assert breakable("171810.5 ns") == "171810.5 ns"
