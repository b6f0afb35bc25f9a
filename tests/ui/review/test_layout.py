"""The Review layout: its views of the object, its parts, and opening files in it."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog
from ui.review.pressing import press, settle, state

from viewer.review import Reviewer, Workspace
from viewer.review.commands.datasets import AddDataset
from viewer.review.verdicts.reading import all_verdicts
from viewer.session.review_object import ObjectPoints
from viewer.session.selection import LabelKey
from viewer.session.settings import Settings
from viewer.ui.actions.catalog import action_by_id
from viewer.ui.keymap import keys_conflict
from viewer.ui.review.ago import ago_text
from viewer.ui.review.fine_views import SIDES, FineView
from viewer.ui.review.panels import REVIEW_PANELS
from viewer.ui.review.reason_picker import ReasonPicker
from viewer.ui.review.verdict_style import STYLES, verdict_icon

pytestmark = pytest.mark.ui
KEY = Qt.Key
CAR = LabelKey("gt", 0, "a", "1")
PERSON = LabelKey("gt", 0, "c", "3")


class TestLayout:
    def test_nothing_of_the_review_is_imported_by_a_window_that_browses(self, browsing):
        assert browsing.review.room is None
        assert browsing.review.desk is None
        assert "queue" not in browsing.docks

    def test_f2_shows_the_object_and_f1_the_cameras_again(self, reviewing, session, qtbot):
        session.select(CAR)
        centre = reviewing.review.room.centre
        assert centre.side.isVisible()
        assert centre.bar.isVisible()
        assert not reviewing.strip.isVisible()
        assert not reviewing.docks["queue"].isHidden()
        press(qtbot, reviewing, KEY.Key_F1)
        assert not centre.side.isVisible()
        assert not centre.bar.isVisible()
        assert reviewing.strip.isVisible()
        assert reviewing.docks["queue"].isHidden()
        assert not reviewing.docks["layers"].isHidden()

    def test_each_layout_keeps_its_own_arrangement(self, reviewing, qtbot):
        reviewing.docks["timeline"].hide()
        press(qtbot, reviewing, KEY.Key_F1)
        assert not reviewing.docks["timeline"].isHidden()
        press(qtbot, reviewing, KEY.Key_F2)
        assert reviewing.docks["timeline"].isHidden()
        reviewing.table.run("window.reset")
        assert not reviewing.docks["timeline"].isHidden()

    def test_title_says_that_decisions_are_saved(self, reviewing):
        name = reviewing.review.desk.workspace.path.name
        assert reviewing.windowTitle() == f"street_1 - {name}, saved as you decide - Sightline"

    def test_title_says_who_holds_the_workspace(self, browsing, session, workspaces, qtbot):
        workspaces.mkdir(parents=True)
        path = workspaces / "nowhere.sightline"
        with Workspace.create(path, Reviewer("carol")):
            browsing.review.open_with(path)
            browsing.table.run("layout.review")
            assert "read only: it is held by carol" in browsing.windowTitle()
            session.select(CAR)
            told = browsing.review.room.centre.bar.state_text
            assert told.startswith("nowhere.sightline cannot be changed: it is held by carol")
            assert not browsing.review.room.centre.bar.buttons["accepted"].isEnabled()
            row = browsing.review.room.panel("queue").reviewer
            assert row.file_label.text().startswith("Read only: it is held by carol")
        browsing.review.desk.poll()
        assert row.file_label.text() == "Every decision is on disk at once: nowhere.sightline"

    def test_the_workspace_of_a_dataset_is_remembered(self, reviewing, saved):
        path = str(reviewing.review.desk.workspace.path)
        assert dict(saved[-1].workspaces) == {"/nowhere": path}

    def test_a_workspace_opens_again_by_itself(self, make_window, session, dataset, qtbot,
                                               workspaces):  # fmt: skip
        workspaces.mkdir(parents=True)
        path = workspaces / "mine.sightline"
        Workspace.create(path, Reviewer("ann")).close()
        window = make_window(Settings(workspaces=(("/nowhere", str(path)),)))
        session.open_dataset(dataset)
        qtbot.waitUntil(lambda: session.content is not None)
        window.review.open_if_known()
        assert window.review.desk.workspace.path == path

    def test_large_camera_brings_the_cameras_back(self, reviewing, session):
        session.set_large_camera("front")
        assert reviewing.strip.isVisible()
        session.set_large_camera(None)
        assert not reviewing.strip.isVisible()

    def test_panels_have_names_and_actions(self, reviewing):
        for place in REVIEW_PANELS:
            assert reviewing.docks[place.name].windowTitle() == place.title
            assert reviewing.table[f"panel.{place.name}"].shortcut().toString() == place.shortcut

    def test_no_two_actions_share_a_key(self):
        assert keys_conflict(action_by_id()) == []


class TestParts:
    def test_states_differ_in_shape_not_only_in_colour(self, themed):
        def shape(name):
            image = verdict_icon(name).pixmap(32, 32).toImage()
            image = image.convertToFormat(QImage.Format.Format_Alpha8)
            return bytes(image.constBits())

        shapes = {shape(name) for name in (*STYLES, None)}
        assert len(shapes) == len(STYLES) + 1

    def test_several_reasons_are_picked_with_control(self, themed, qtbot):
        picker = ReasonPicker()
        qtbot.addWidget(picker)
        chosen = []
        picker.chosen.connect(lambda state, reasons: chosen.append((state, reasons)))
        picker.ask("rejected", ("wrong class", "loose box", "bad heading"))
        control = Qt.KeyboardModifier.ControlModifier
        qtbot.keyClick(picker.field, KEY.Key_1, control)
        qtbot.keyClick(picker.field, KEY.Key_3, control)
        qtbot.keyClick(picker.field, KEY.Key_Return)
        assert chosen == [("rejected", ("wrong class", "bad heading"))]

    def test_fine_views_place_points_in_the_axes_of_the_box(self, themed, qtbot):

        side = FineView(SIDES[0])
        qtbot.addWidget(side)
        side.resize(200, 200)
        # One point, 2 m ahead and 1 m left of the middle of a box of 6 x 4 m: right of and above
        # the middle of the view from above, which covers 8 m over 200 px.
        points = np.array([[2.0, 1.0, 0.0]], np.float32)
        size = np.array([6.0, 4.0, 2.0])
        shown = ObjectPoints(CAR, "car", size, 1.0, points, np.array([True]), None,
                             np.empty((0, 8, 3)), 1)  # fmt: skip
        side.show_object(shown, (255, 0, 0))
        side.show()
        with_point = side.grab().toImage()
        nothing = ObjectPoints(CAR, "car", size, 1.0, points[:0], np.array([], bool), None,
                               np.empty((0, 8, 3)), 0)  # fmt: skip
        side.show_object(nothing, (255, 0, 0))
        without = side.grab().toImage()
        changed = [(x, y) for x in range(200) for y in range(200)
                   if with_point.pixel(x, y) != without.pixel(x, y)]  # fmt: skip
        middle = np.mean(changed, axis=0)
        assert np.allclose(middle, [100 + 2 * 25, 100 - 1 * 25], atol=1.5)

    def test_strip_shows_the_frames_and_goes_to_the_one_clicked(self, reviewing, session, qtbot):
        session.select(CAR)
        settle(qtbot, session)
        strip = reviewing.review.room.centre.strip
        assert [key.frame_index for key in strip.keys][:3] == [0, 1, 2]
        place = strip.cell(2).center().toPoint()
        qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(place.x(), place.y()))
        settle(qtbot, session)
        assert session.frame_index == 2
        assert session.selection.label_id == "a"

    def test_times_are_told_in_words(self):
        hour = 3_600_000_000_000
        assert ago_text(0, 2 * hour) == "2 h ago"
        assert ago_text(0, 100 * hour).startswith("on 19")


class TestFiles:
    @pytest.fixture
    def answered(self, monkeypatch):
        """The next file dialog answers this path."""
        answers = []
        for name in ("getOpenFileName", "getSaveFileName"):
            monkeypatch.setattr(QFileDialog, name, lambda *_: (answers.pop(), ""))
        return answers

    def test_go_on_in_a_copy(self, reviewing, session, qtbot, answered, tmp_path):
        session.select(CAR)
        press(qtbot, reviewing, KEY.Key_A)
        former = reviewing.review.desk.workspace.path
        answered.append(str(tmp_path / "copy.sightline"))
        reviewing.table.run("review.copy_workspace")
        settle(qtbot, reviewing.session)
        assert reviewing.review.desk.workspace.path == tmp_path / "copy.sightline"
        assert state(reviewing) == "accepted"
        press(qtbot, reviewing, KEY.Key_S)
        with Workspace.open(former, Reviewer("x"), read_only=True) as kept:
            assert [str(each.state) for _, each in all_verdicts(kept.reading)] == ["accepted"]

    def test_new_workspace_gets_its_suffix(self, reviewing, answered, tmp_path):
        answered.append(str(tmp_path / "other"))
        reviewing.table.run("review.new_workspace")
        assert reviewing.review.desk.workspace.path == tmp_path / "other.sightline"

    def test_a_workspace_file_opens_its_dataset(self, window, session, monkeypatch, tmp_path):
        dataset = tmp_path / "drive"
        dataset.mkdir()
        path = tmp_path / "mine.sightline"
        with Workspace.create(path, Reviewer("ann")) as workspace:
            workspace.run(AddDataset("d" * 32, "drive", str(dataset), "memory"))
        asked = []
        monkeypatch.setattr(session, "open_path", lambda text, *_: asked.append(text))
        window.shell.open_text(str(path))
        assert asked == [str(dataset)]
        assert window.review.desk.workspace.path == path

    def test_a_workspace_whose_dataset_is_gone_says_where_it_was(self, window, session, tmp_path):
        path = tmp_path / "mine.sightline"
        with Workspace.create(path, Reviewer("ann")) as workspace:
            workspace.run(AddDataset("d" * 32, "drive", "/lost/drive", "memory"))
        window.shell.open_text(str(path))
        assert "no longer at /lost/drive" in window.status.message

    def test_name_and_file_can_be_given_at_the_start(self, browsing, session, tmp_path):
        browsing.review.use_reviewer("Eve")
        browsing.review.open_with(tmp_path / "given.sightline")
        assert browsing.review.desk.workspace.path == tmp_path / "given.sightline"
        assert browsing.review.desk.reviewer.name == "Eve"
