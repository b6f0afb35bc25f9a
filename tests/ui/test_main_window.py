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

from viewer.scene.labels import CuboidLabels, FrameLabels
from viewer.scene.scene import Dataset
from viewer.scene.sensors import CameraSensor, Rig
from viewer.session.changes import DatasetOpened, OpenFailed
from viewer.session.link import parse_link
from viewer.session.selection import LabelKey
from viewer.session.settings import Settings
from viewer.ui.actions.window import PANELS
from viewer.ui.main_window import SMALLEST_PX

pytestmark = pytest.mark.ui
CAR = LabelKey("gt", 0, "a", "1")


def pick_of(label):
    return SimpleNamespace(label=label, position_world=np.array([1.0, 2.0, 3.0]))


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
