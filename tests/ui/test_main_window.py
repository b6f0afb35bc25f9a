"""The window as a whole, around a viewport without graphics."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QToolButton,
)

from viewer.render.scene_pick import Pick
from viewer.scene.labels import CuboidLabels, FrameLabels
from viewer.scene.scene import Dataset
from viewer.scene.sensors import CameraSensor, Rig
from viewer.session.changes import DatasetOpened, MessageShown, OpenFailed
from viewer.session.link import parse_link
from viewer.session.measure import MeasureKind
from viewer.session.selection import LabelKey, PointedPosition
from viewer.session.settings import Settings
from viewer.session.view_settings import Solo
from viewer.ui.actions.window import PANELS
from viewer.ui.main_window import SMALLEST_PX

pytestmark = pytest.mark.ui
CAR = LabelKey("gt", 0, "a", "1")


def pick_of(label):
    return SimpleNamespace(label=label, position_world=np.array([1.0, 2.0, 3.0]))


def press(qtbot, window, key, modifier=Qt.KeyboardModifier.NoModifier):
    window.activateWindow()
    target = window.focusWidget() or window
    qtbot.keyClick(target, key, modifier)


@pytest.fixture
def frame(browsing, session, qtbot):
    """Wait until a frame is shown."""

    def wait(index):
        qtbot.waitUntil(lambda: session.content.index == index)

    return wait


class TestOpening:
    def test_start_page_is_shown_while_nothing_is_open(self, window):
        assert window.pages.currentWidget() is window.start_page

    def test_views_are_shown_with_a_scene_and_the_title_names_it(self, browsing):
        assert browsing.splitter.isVisible()
        assert browsing.windowTitle() == "street_1 - Sightline"
        assert browsing.bar.place_text == "street_1 / frame 1 of 30   0.0 s"

    def test_closing_the_dataset_brings_the_start_page_back(self, browsing, session):
        browsing.table.run("file.close")
        assert session.dataset is None
        assert browsing.pages.currentWidget() is browsing.start_page
        assert browsing.windowTitle() == "Sightline"

    def test_opened_path_is_remembered_where_there_is_one(
        self, browsing, session, dataset, saved, tmp_path
    ):
        assert saved == []
        session.open_dataset(replace(dataset, path=tmp_path))
        assert saved[-1].recent == (str(tmp_path),)

    def test_unknown_folder_lists_what_each_format_missed(self, browsing, session):
        reasons = (("KITTI object", "needs a folder 'calib'"), ("Scene pack", "needs a file"))
        session._emit(OpenFailed("/x", "/x fits no known format", reasons))
        page = browsing.start_page
        assert browsing.pages.currentWidget() is page
        assert page.failure.reasons == reasons
        texts = [
            page._reasons.itemAtPosition(row, column).widget().text()
            for row in range(2)
            for column in range(2)
        ]
        assert texts == [part for pair in reasons for part in pair]

    def test_dismissing_a_failure_goes_back_to_the_open_scene(self, browsing, session):
        session._emit(OpenFailed("/x", "/x does not exist"))
        browsing.start_page._dismiss()
        assert browsing.splitter.isVisible()

    def test_failure_details_can_be_copied(self, browsing, session):
        session._emit(OpenFailed("/x", "/x fits no known format", (("A", "needs b"),)))
        browsing.start_page._copy_failure()
        assert QGuiApplication.clipboard().text() == "/x fits no known format\nA: needs b"

    def test_dropped_folder_is_opened(self, window, session, monkeypatch, tmp_path):
        asked = []
        monkeypatch.setattr(session, "open_path", lambda path, sight: asked.append(path))
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(tmp_path))])
        arguments = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
                     Qt.KeyboardModifier.NoModifier)  # fmt: skip
        enter = QDragEnterEvent(QPoint(5, 5), *arguments)
        window.dragEnterEvent(enter)
        assert enter.isAccepted()
        window.dropEvent(QDropEvent(QPointF(5, 5), *arguments))
        assert asked == [str(tmp_path)]

    def test_pasted_link_opens_its_place_and_its_eye(self, window, session, monkeypatch):
        asked = []
        monkeypatch.setattr(session, "open_path", lambda path, sight: asked.append(sight))
        link = "/data/run#street/000004/gt%3Aa?eye=1,2,3,4,5,6,7,8,9"
        QGuiApplication.clipboard().setText(link)
        window.table.run("file.paste_path")
        assert asked == [parse_link(link)]
        assert window.controller.pending_eye == (1, 2, 3, 4, 5, 6, 7, 8, 9)


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


class TestOneSelection:
    def test_click_in_3d_selects_and_a_click_beside_deselects(self, browsing, session):
        viewport = browsing.viewport_widget
        viewport.picked.emit(SimpleNamespace(label=CAR, position_world=np.zeros(3)))
        assert session.selection == CAR
        assert viewport.last("selection")[1] == CAR
        viewport.picked.emit(None)
        assert session.selection is None

    def test_double_click_frames_what_it_hit(self, browsing, session):
        viewport = browsing.viewport_widget
        viewport.double_clicked.emit(SimpleNamespace(label=CAR, position_world=np.zeros(3)))
        assert session.selection == CAR
        assert viewport.last("focus") is not None

    def test_hover_in_3d_is_marked_elsewhere_and_ends(self, browsing, session):
        viewport = browsing.viewport_widget
        viewport.hovered.emit(Pick("point", np.array([1.0, 2.0, 3.0]), None, 5, 0))
        assert session.pointed == PointedPosition((1.0, 2.0, 3.0), "3d", (0, 5))
        assert viewport.last("pointed") is None
        viewport.hovered.emit(None)
        assert session.pointed is None

    def test_position_pointed_at_in_an_image_is_marked_in_3d(self, browsing, session):
        viewport = browsing.viewport_widget
        session.point_at(PointedPosition((4.0, 5.0, 6.0), "front"))
        assert viewport.last("pointed") == ("pointed", (4.0, 5.0, 6.0))
        session.point_at(None)
        assert viewport.last("pointed") == ("pointed", None)

    def test_changes_that_3d_does_not_draw_do_not_repaint_it(self, browsing, session):
        viewport = browsing.viewport_widget
        browsing.table.run("image.points")
        assert viewport.last("view") is None
        browsing.table.run("layer.xray")
        assert viewport.last("view") == ("view", frozenset({"layers"}))


class TestViewport:
    def test_dragged_legend_sets_the_range_and_a_double_click_frees_it(self, browsing, session):
        viewport = browsing.viewport_widget
        viewport.range_dragged.emit((2.0, 8.0))
        assert session.view.points.colour_range == (2.0, 8.0)
        viewport.range_dragged.emit(None)
        assert session.view.points.colour_range is None

    def test_closing_empties_the_3d_view(self, browsing, session):
        session.close()
        assert browsing.viewport_widget.calls[-1] == ("clear",)

    def test_menu_on_a_label_selects_it_and_offers_what_concerns_it(self, browsing, session):
        menu = browsing.viewport_menu.make(pick_of(CAR))
        assert session.selection == CAR
        offered = [action.text() for action in menu.actions() if not action.isSeparator()]
        for text in ("Frame the selection", "Only the selected label", "Measure from here"):
            assert text in offered
        assert all(a.isEnabled() for a in menu.actions() if a.text() == "Only the selected label")

    def test_menu_copies_the_position(self, browsing):
        menu = browsing.viewport_menu.make(pick_of(None))
        next(a for a in menu.actions() if a.text() == "Copy position").trigger()
        assert QGuiApplication.clipboard().text() == "1.000, 2.000, 3.000"

    def test_menu_starts_measuring_where_it_was_opened(self, browsing):
        menu = browsing.viewport_menu.make(pick_of(None))
        next(a for a in menu.actions() if a.text() == "Measure from here").trigger()
        assert browsing.measure.active
        assert browsing.measure.measuring.begun

    def test_menu_beside_everything_offers_views(self, browsing):
        menu = browsing.viewport_menu.make(None)
        texts = [action.text() for action in menu.actions()]
        assert "Top view" in texts
        assert "Measure from here" not in texts


class TestMeasuringOnImages:
    def test_clicks_on_images_measure_and_do_not_select(self, browsing, session, qtbot):
        pane = browsing.strip.panes["front"]
        qtbot.waitUntil(lambda: pane.overlay is not None)
        browsing.table.run("measure.toggle")
        pane.position_at = lambda _u, _v: (1.0, 2.0, 3.0)
        pane.picked.emit(CAR)
        assert session.selection is None
        assert browsing.measure.measuring.begun
        pane.position_at = lambda _u, _v: (1.0, 2.0, 5.5)
        pane.picked.emit(None)
        (made,) = browsing.measure.measuring.measurements
        assert made.total_m == pytest.approx(2.5)
        assert session.large_camera is None

    def test_boxes_are_measured_from_image_to_image_without_points(self, browsing):
        browsing.table.run("measure.toggle")
        browsing.measure.panel.kind_chosen.emit(MeasureKind.BOXES)
        for key in (CAR, LabelKey("gt", 0, "b", "2")):
            browsing.measure.pick_on_image(None, key)
        (made,) = browsing.measure.measuring.measurements
        # 4 x 2 m boxes at (10, 0) and (15, 4): 1 m apart along x, 2 m along y.
        assert made.total_m == pytest.approx(np.hypot(1.0, 2.0))


class TestCopying:
    def test_link_comes_back_to_the_same_sight(self, browsing, session):
        session.select(CAR)
        browsing.table.run("file.copy_link")
        sight = parse_link(QGuiApplication.clipboard().text())
        assert (sight.path, sight.scene_id, sight.frame_key) == ("/nowhere", "street_1", "000000")
        assert sight.label == "gt:a"
        assert sight.eye == browsing.viewport_widget.numbers

    def test_picture_of_the_3d_view_is_what_the_view_drew(self, browsing):
        browsing.table.run("file.copy_view")
        picture = QGuiApplication.clipboard().image()
        assert (picture.width(), picture.height()) == (40, 30)
        assert picture.pixelColor(5, 5).name() == "#336699"

    @pytest.mark.parametrize("subject", ["camera", "window"])
    def test_pictures_have_the_size_of_what_they_show(self, browsing, subject):
        browsing.table.run(f"file.copy_{subject}")
        widget = browsing.strip if subject == "camera" else browsing
        assert QGuiApplication.clipboard().image().size() == widget.size()

    def test_saved_picture_lies_where_it_was_asked_for(self, browsing, monkeypatch, tmp_path):
        target = tmp_path / "view"
        monkeypatch.setattr(
            "viewer.ui.shell.QFileDialog.getSaveFileName", lambda *_: (str(target), "")
        )
        browsing.table.run("file.save_view")
        assert (tmp_path / "view.png").read_bytes().startswith(b"\x89PNG")

    def test_picture_that_cannot_be_saved_says_so(self, browsing, session, monkeypatch):
        monkeypatch.setattr(
            "viewer.ui.shell.QFileDialog.getSaveFileName", lambda *_: ("/nowhere/a.png", "")
        )
        said = []
        session.subscribe(lambda change: said.append(change))
        browsing.table.run("file.save_view")
        assert any(isinstance(c, MessageShown) and c.is_problem for c in said)


class TestPanels:
    def test_every_panel_has_a_name_and_can_be_hidden_and_shown(self, browsing, qtbot):
        for name, _title, _key in PANELS:
            dock = browsing.docks[name]
            assert dock.objectName() == f"dock_{name}"
            # One behind a tab comes to the front first.
            dock.raise_()
            qtbot.waitUntil(lambda dock=dock: not dock.visibleRegion().isEmpty())
            browsing.table.run(f"panel.{name}")
            assert dock.isHidden()
            assert not browsing.table[f"panel.{name}"].isChecked()
            browsing.table.run(f"panel.{name}")
            assert not dock.isHidden()

    def test_arrangement_and_settings_come_back(self, make_window, saved, session):
        first = make_window()
        first.table.run("panel.inspector")
        first.docks["layers"].setFloating(True)
        session.set_view(dark=False)
        first.close()
        second = make_window(saved[-1])
        assert second.docks["inspector"].isHidden()
        assert second.docks["layers"].isFloating()
        assert saved[-1].view.dark is False
        second.table.run("window.reset")
        assert not second.docks["inspector"].isHidden()
        assert not second.docks["layers"].isFloating()

    def test_damaged_window_state_is_ignored(self, make_window):
        settings = Settings(window=(("geometry", "%%%"), ("browse", "AAAA")))
        assert make_window(settings).isVisible()

    def test_every_control_has_a_name_for_screen_readers(self, browsing):
        kinds = (QAbstractButton, QAbstractSlider, QAbstractSpinBox, QComboBox)
        nameless = [
            f"{type(widget).__name__} in {type(widget.parent()).__name__}"
            for kind in kinds
            for widget in browsing.findChildren(kind)
            if not (widget.accessibleName() or getattr(widget, "text", str)())
            and not isinstance(widget.parent(), QLineEdit)
            and not widget.objectName().startswith(("qt_", "ScrollLeft", "ScrollRight"))
            and type(widget).__name__ not in ("QScrollBar",)
        ]
        assert nameless == []

    def test_theme_changes_at_once_and_back(self, browsing, session, themed):
        from viewer.ui.theme import DARK, LIGHT, palette

        browsing.table.run("window.light")
        assert palette() is LIGHT
        assert LIGHT.panel in themed.styleSheet()
        browsing.table.run("window.light")
        assert palette() is DARK


def test_first_window_fits_the_screen(window):
    room = window.screen().availableSize()
    assert window.width() <= max(window.minimumWidth(), room.width())
    assert window.height() < room.height()


def test_menus_that_do_not_fit_are_behind_a_visible_sign(browsing):
    menus = browsing.bar.menus
    more = menus.findChild(QToolButton, "qt_menubar_ext_button")
    menus.resize(120, menus.height())
    picture = more.grab().toImage()
    colours = {
        picture.pixelColor(x, y).rgb()
        for x in range(picture.width())
        for y in range(picture.height())
    }
    assert len(colours) > 3


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


def test_closed_window_listens_to_nothing(browsing, session):
    viewport = browsing.viewport_widget
    browsing.close()
    assert viewport.last("dispose") is not None
    assert session._listeners == []
    before = len(viewport.calls)
    session._emit(DatasetOpened())
    session.select(CAR)
    assert len(viewport.calls) == before


def test_panels_stay_readable_in_the_smallest_window(browsing, qtbot):
    browsing.show()
    browsing.resize(SMALLEST_PX)
    qtbot.waitUntil(lambda: browsing.size() == SMALLEST_PX)
    browsing.resizeDocks(
        [browsing.docks["scenes"], browsing.docks["inspector"]], [10, 10], Qt.Orientation.Horizontal
    )
    assert browsing.size() == SMALLEST_PX
    assert browsing.docks["inspector"].width() >= 272
    assert browsing.docks["layers"].width() >= 240
    assert browsing.viewport_widget.width() >= 300


def test_view_settings_are_saved_without_closing(browsing, session, saved, qtbot):
    before = len(saved)
    browsing._save_later.setInterval(20)
    session.set_view(layers=replace(session.view.layers, trails=True))
    session.set_view(layers=replace(session.view.layers, frusta=True))
    qtbot.waitUntil(lambda: len(saved) > before)
    assert len(saved) == before + 1
    assert saved[-1].view.layers.trails
    assert saved[-1].view.layers.frusta
    assert dict(saved[-1].window)["browse"]


class TestImagesAlone:
    @pytest.fixture
    def images(self, dataset):
        """A scene of images whose lenses nobody knows, without boxes in 3D."""
        (scene, _) = dataset.scenes

        class Flat:
            def __getattr__(self, name):
                return getattr(scene.reader, name)

            def read_rig(self, frame_index):
                rig = scene.reader.read_rig(frame_index)
                unknown = {
                    name: CameraSensor(name, "world", None, "no lens") for name in rig.cameras
                }
                return Rig(unknown, {}, rig.transforms)

            def read_labels(self, frame_index, label_set_id):
                return FrameLabels(CuboidLabels.empty("world"))

        frames = tuple(replace(frame, sweeps=()) for frame in scene.frames)
        flat = replace(scene, scene_id="images", frames=frames, reader=Flat(), lidar_ids=())
        return Dataset(dataset.path, "memory", (flat, scene))

    def test_they_fill_the_middle_until_there_is_something_in_3d(
        self, window, session, images, qtbot
    ):
        session.open_dataset(images)
        qtbot.waitUntil(lambda: session.content is not None)
        assert window.cameras_fill
        assert not isinstance(QGuiApplication.focusObject(), QLineEdit)
        window.toggle_fill()
        session.step(1)
        qtbot.waitUntil(lambda: session.content.index == 1)
        # What a person chose holds from frame to frame.
        assert not window.cameras_fill
        session.show_scene(1)
        qtbot.waitUntil(lambda: session.content is not None)
        assert not window.cameras_fill
