"""Keys of the window, and who takes them."""

import pytest
from PySide6.QtCore import Qt
from ui.pressing import press

from viewer.session.selection import LabelKey
from viewer.session.view_settings import Solo

pytestmark = pytest.mark.ui
CAR = LabelKey("gt", 0, "a", "1")


class TestKeys:
    def test_arrows_step_and_home_end_jump(self, browsing, qtbot, frame):
        press(qtbot, browsing, Qt.Key.Key_Right)
        frame(1)
        press(qtbot, browsing, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
        frame(11)
        press(qtbot, browsing, Qt.Key.Key_Left)
        frame(10)
        press(qtbot, browsing, Qt.Key.Key_End)
        frame(29)
        press(qtbot, browsing, Qt.Key.Key_Home)
        frame(0)

    def test_up_and_down_go_through_labels(self, browsing, session, qtbot):
        press(qtbot, browsing, Qt.Key.Key_Down)
        assert session.selection.label_id == "a"
        press(qtbot, browsing, Qt.Key.Key_Down)
        assert session.selection.label_id == "b"
        press(qtbot, browsing, Qt.Key.Key_Up)
        assert session.selection.label_id == "a"

    def test_digits_choose_cameras_and_number_block_chooses_presets(self, browsing, session, qtbot):
        press(qtbot, browsing, Qt.Key.Key_2)
        assert session.large_camera == "rear"
        press(qtbot, browsing, Qt.Key.Key_1, Qt.KeyboardModifier.KeypadModifier)
        assert session.large_camera == "rear"
        assert browsing.viewport_widget.last("preset") == ("preset", "front")
        press(qtbot, browsing, Qt.Key.Key_0)
        assert session.large_camera is None

    @pytest.mark.parametrize(
        ("key", "preset"), [("Home", "top"), ("End", "front"), ("PageDown", "side")]
    )
    def test_number_block_without_num_lock_chooses_presets_too(
        self, browsing, session, qtbot, key, preset
    ):
        session.go_to_frame(3)
        press(qtbot, browsing, Qt.Key[f"Key_{key}"], Qt.KeyboardModifier.KeypadModifier)
        assert browsing.viewport_widget.last("preset") == ("preset", preset)
        assert session.frame_index == 3

    def test_key_of_a_camera_that_is_not_there_does_nothing(self, browsing, session, qtbot):
        press(qtbot, browsing, Qt.Key.Key_7)
        assert session.large_camera is None

    @pytest.mark.parametrize(
        ("key", "read"),
        [
            (Qt.Key.Key_X, lambda view: view.layers.xray),
            (Qt.Key.Key_P, lambda view: view.images.points),
            (Qt.Key.Key_H, lambda view: view.layers.predictions),
            (Qt.Key.Key_L, lambda view: (view.layers.captions, view.images.captions)),
        ],
    )
    def test_switch_goes_over_and_back(self, browsing, session, qtbot, key, read):
        before = read(session.view)
        press(qtbot, browsing, key)
        assert read(session.view) != before
        press(qtbot, browsing, key)
        assert read(session.view) == before

    def test_space_plays_and_pauses(self, browsing, session, qtbot):
        press(qtbot, browsing, Qt.Key.Key_Space)
        assert session.playback.playing
        press(qtbot, browsing, Qt.Key.Key_Space)
        assert not session.playback.playing

    def test_views_of_object_camera_and_vehicle(self, browsing, session, qtbot):
        viewport = browsing.viewport_widget
        press(qtbot, browsing, Qt.Key.Key_B)
        assert viewport.last("preset") is None
        session.select(CAR)
        press(qtbot, browsing, Qt.Key.Key_B)
        assert viewport.last("preset") == ("preset", "behind")
        press(qtbot, browsing, Qt.Key.Key_E)
        assert viewport.last("preset") == ("preset", "ego")
        press(qtbot, browsing, Qt.Key.Key_V)
        assert viewport.last("camera") == ("camera", "front")
        press(qtbot, browsing, Qt.Key.Key_Z)
        assert viewport.last("focus") == ("focus",)

    def test_escape_steps_back_one_thing_at_a_time(self, browsing, session, qtbot):
        session.set_large_camera("rear")
        session.select(CAR)
        browsing.table.run("label.solo")
        assert session.view.filters.solo is Solo.LABEL
        press(qtbot, browsing, Qt.Key.Key_Escape)
        assert session.view.filters.solo is Solo.OFF
        assert session.selection == CAR
        press(qtbot, browsing, Qt.Key.Key_Escape)
        assert session.selection is None
        assert session.large_camera == "rear"
        press(qtbot, browsing, Qt.Key.Key_Escape)
        assert session.large_camera is None


def test_arrows_in_the_label_filter_do_not_step_through_all_labels(browsing, session, qtbot):
    table = browsing.panels["labels"]
    table.filter_edit.setFocus()
    table.filter_edit.setText("person")
    for _ in range(3):
        press(qtbot, browsing, Qt.Key.Key_Down)
        assert session.selection.label_id == "c"
    table.view.setFocus()
    press(qtbot, browsing, Qt.Key.Key_Up)
    assert session.selection.label_id == "c"
