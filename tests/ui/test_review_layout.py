"""The Review layout by keyboard: verdicts, reasons, queues, undo, marks; views of the object."""

from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QFileDialog

from viewer.review import Reviewer, Workspace
from viewer.review.commands.datasets import AddDataset
from viewer.review.issues.model import Pixel, Point
from viewer.review.issues.reading import elements_of
from viewer.review.verdicts.reading import all_verdicts
from viewer.session.marks_set import MARKS_ID
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


@pytest.fixture(autouse=True)
def workspaces(tmp_path, monkeypatch):
    """Where workspaces are made."""
    monkeypatch.setenv("SIGHTLINE_CONFIG", str(tmp_path / "config"))
    return tmp_path / "config" / "workspaces"


@pytest.fixture
def reviewing(browsing, session, qtbot):
    """The window in the Review layout, the tracks read."""
    session.load_kernels()
    browsing.table.run("layout.review")
    qtbot.waitUntil(lambda: session.scene_tracks is not None and not session.jobs.busy)
    return browsing


def press(qtbot, window, key, modifier=Qt.KeyboardModifier.NoModifier):
    qtbot.keyClick(QApplication.focusWidget() or window, key, modifier)


def settle(qtbot, session):
    qtbot.waitUntil(lambda: not session.jobs.busy)


def state(window):
    return window.review.desk.judging.state_of(window.session.selection)


# -- the layout ------------------------------------------------------------------------------


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


# -- verdicts --------------------------------------------------------------------------------


class TestVerdicts:
    @pytest.mark.parametrize(("key", "expected"), [
        (KEY.Key_A, "accepted"), (KEY.Key_S, "skipped"),
    ])  # fmt: skip
    def test_one_key_is_a_verdict(self, reviewing, session, qtbot, key, expected):
        session.select(CAR)
        press(qtbot, reviewing, key)
        assert state(reviewing) == expected
        assert reviewing.review.room.centre.bar.buttons[expected].isChecked()

    def test_a_digit_gives_the_reason_and_the_focus_goes_back(self, reviewing, session, qtbot):
        session.select(CAR)
        press(qtbot, reviewing, KEY.Key_R)
        bar = reviewing.review.room.centre.bar
        assert bar.picker.isVisible()
        assert QApplication.focusWidget() is bar.picker.field
        assert state(reviewing) is None
        press(qtbot, reviewing, KEY.Key_2)
        verdict = reviewing.review.desk.judging.verdict()
        assert (str(verdict.state), verdict.reasons) == ("rejected", ("loose box",))
        assert not bar.picker.isVisible()
        assert QApplication.focusWidget() is reviewing.viewport_widget
        assert "loose box" in bar.state_text

    def test_typing_finds_a_reason(self, reviewing, session, qtbot):
        session.select(CAR)
        press(qtbot, reviewing, KEY.Key_F)
        qtbot.keyClicks(QApplication.focusWidget(), "head")
        press(qtbot, reviewing, KEY.Key_Return)
        assert reviewing.review.desk.judging.verdict().reasons == ("bad heading",)
        assert state(reviewing) == "needs_fix"

    def test_the_same_key_again_gives_no_reason_and_escape_no_verdict(
        self, reviewing, session, qtbot
    ):
        session.select(CAR)
        press(qtbot, reviewing, KEY.Key_R)
        press(qtbot, reviewing, KEY.Key_Escape)
        assert state(reviewing) is None
        assert session.selection == CAR
        press(qtbot, reviewing, KEY.Key_R)
        press(qtbot, reviewing, KEY.Key_R)
        assert reviewing.review.desk.judging.verdict().reasons == ()
        assert state(reviewing) == "rejected"

    def test_comment_is_typed_and_goes_with_the_verdict(self, reviewing, session, qtbot):
        session.select(CAR)
        press(qtbot, reviewing, KEY.Key_C)
        qtbot.keyClicks(QApplication.focusWidget(), "a wheel is out")
        press(qtbot, reviewing, KEY.Key_Return)
        assert state(reviewing) is None
        press(qtbot, reviewing, KEY.Key_A)
        assert reviewing.review.desk.judging.verdict().comment == "a wheel is out"

    def test_undo_says_what_it_does_in_menu_and_tooltip(self, reviewing, session, qtbot):
        session.select(CAR)
        undo = reviewing.table["review.undo"]
        assert not undo.isEnabled()
        press(qtbot, reviewing, KEY.Key_A)
        assert undo.text() == "Undo “Accept label a in street_1 / 000000”"
        assert undo.toolTip().startswith(undo.text())
        press(qtbot, reviewing, KEY.Key_Z, Qt.KeyboardModifier.ControlModifier)
        assert state(reviewing) is None
        assert reviewing.status.message == "Undone: Accept label a in street_1 / 000000"
        both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        press(qtbot, reviewing, KEY.Key_Z, both)
        assert state(reviewing) == "accepted"

    def test_verdict_keys_do_nothing_while_browsing(self, reviewing, session, qtbot):
        session.select(CAR)
        press(qtbot, reviewing, KEY.Key_F1)
        press(qtbot, reviewing, KEY.Key_A)
        assert state(reviewing) is None

    def test_table_and_inspector_show_the_verdict(self, reviewing, session, qtbot):
        session.select(CAR)
        reviewing.review.desk.judging.next_scope()
        press(qtbot, reviewing, KEY.Key_A)
        row = reviewing.review.room.marks.row
        assert row.word.text() == "accepted (track)"
        table = reviewing.panels["labels"]
        reviewing.docks["labels"].raise_()
        table.show()
        qtbot.waitUntil(lambda: table.model.total_count > 0)
        states = {table.model.label_at(i).key.label_id: table.model.label_at(i).verdict
                  for i in range(table.model.rowCount())}  # fmt: skip
        assert states["a"] == "accepted"
        assert states["b"] == ""

    def test_timeline_is_painted_with_what_is_decided(self, reviewing, session, qtbot):
        session.select(CAR)
        area = reviewing.panels["timeline"].area
        before = area.grab().toImage()
        reviewing.review.desk.judging.next_scope()
        press(qtbot, reviewing, KEY.Key_R)
        press(qtbot, reviewing, KEY.Key_R)
        assert area.grab().toImage() != before


# -- queues ----------------------------------------------------------------------------------


class TestQueue:
    def test_is_built_and_worked_off_by_keyboard_alone(self, reviewing, session, qtbot):
        press(qtbot, reviewing, KEY.Key_Q)
        qtbot.waitUntil(lambda: QApplication.focusWidget() is not reviewing.viewport_widget)
        builder = reviewing.review.room.panel("queue").builder
        builder.source_box.setCurrentIndex(builder.source_box.findText("This frame"))
        press(qtbot, reviewing, KEY.Key_Return)
        desk = reviewing.review.desk
        qtbot.waitUntil(lambda: desk.walk.item is not None)
        settle(qtbot, session)
        assert QApplication.focusWidget() is reviewing.viewport_widget
        seen = []
        for key in (KEY.Key_A, KEY.Key_S, KEY.Key_A):
            seen.append(session.selection.label_id)
            press(qtbot, reviewing, key)
            settle(qtbot, session)
        assert seen == ["a", "b", "c"]
        assert (desk.walk.progress.done, desk.walk.progress.total) == (3, 3)
        assert reviewing.status.message == "The queue is done"
        found = all_verdicts(desk.reading)
        assert sorted(subject.label_id for subject, _ in found) == ["a", "b", "c"]

    def test_the_next_object_is_framed(self, reviewing, session, qtbot):
        session.select(CAR)
        calls = reviewing.viewport_widget.calls
        calls.clear()
        session.select(PERSON)
        assert ("focus",) in calls
        calls.clear()
        session.step(1)
        settle(qtbot, session)
        assert ("focus",) not in calls

    def test_empty_panel_teaches(self, reviewing):
        panel = reviewing.review.room.panel("queue")
        assert panel.note.text().startswith("No queue yet. Build one here")

    def test_reviewer_is_asked_in_a_quiet_line_and_remembered(self, reviewing, saved, qtbot):
        row = reviewing.review.room.panel("queue").reviewer
        row.field.setText("Ann")
        qtbot.keyClick(row.field, KEY.Key_Return)
        assert reviewing.review.desk.reviewer.name == "Ann"
        assert saved[-1].reviewer == "Ann"


# -- marks and edits -------------------------------------------------------------------------


class TestMarksAndEdits:
    def click(self, window, x, y, z):
        window.viewport_widget.picked.emit(
            SimpleNamespace(label=None, position_world=np.array([x, y, z]))
        )

    def test_n_and_a_click_mark_what_is_missing(self, reviewing, session, qtbot):
        press(qtbot, reviewing, KEY.Key_N)
        marking = reviewing.review.room.marking
        assert marking.active
        assert not reviewing.controller.clicks_select
        assert reviewing.strip.isVisible()
        marking.panel.class_box.setCurrentText("person")
        self.click(reviewing, 12.0, -4.0, 0.9)
        settle(qtbot, session)
        assert not marking.active
        assert reviewing.controller.clicks_select
        labels = session.content.labels[MARKS_ID].cuboids
        row = labels.row_of(session.selection.label_id)
        assert labels.class_names[row] == "missing person"
        assert labels.cuboids.center[row].tolist() == [12.0, -4.0, 0.9]
        assert labels.cuboids.size[row].tolist() == [4.0, 2.0, 1.6]
        press(qtbot, reviewing, KEY.Key_A)
        assert reviewing.review.desk.judging.missing == "this is a mark of a missing object"

    def test_mark_goes_with_delete_and_comes_back_with_undo(self, reviewing, session, qtbot):
        press(qtbot, reviewing, KEY.Key_N)
        self.click(reviewing, 12.0, -4.0, 0.9)
        settle(qtbot, session)
        assert len(session.content.labels[MARKS_ID].cuboids) == 1
        press(qtbot, reviewing, KEY.Key_Delete)
        settle(qtbot, session)
        assert MARKS_ID not in session.content.labels
        press(qtbot, reviewing, KEY.Key_Z, Qt.KeyboardModifier.ControlModifier)
        settle(qtbot, session)
        assert len(session.content.labels[MARKS_ID].cuboids) == 1

    def test_a_pixel_without_a_point_is_marked_on_its_image(self, reviewing, session, qtbot):
        press(qtbot, reviewing, KEY.Key_N)
        reviewing.strip.pixel_clicked.emit("front", 100.0, 20.0, None)
        settle(qtbot, session)
        boxes = session.content.labels[MARKS_ID].boxes_2d
        assert list(boxes.sensor_ids) == ["front"]
        left, top, right, bottom = boxes.boxes_px[0]
        assert (left + right) / 2 == 100.0
        assert (top + bottom) / 2 == 20.0

    def test_escape_gives_up_marking(self, reviewing, qtbot):
        press(qtbot, reviewing, KEY.Key_N)
        press(qtbot, reviewing, KEY.Key_Escape)
        assert not reviewing.review.room.marking.active

    def test_delete_and_flip_are_edits(self, reviewing, session, qtbot):
        session.select(CAR)
        press(qtbot, reviewing, KEY.Key_Y)
        settle(qtbot, session)
        cuboids = session.content.labels["gt"].cuboids
        assert abs(cuboids.cuboids.yaw_rad[cuboids.row_of("a")]) == pytest.approx(np.pi)
        press(qtbot, reviewing, KEY.Key_Delete)
        settle(qtbot, session)
        assert session.content.labels["gt"].cuboids.row_of("a") is None
        assert session.selection is None

    def test_fields_change_class_and_box_in_numbers(self, reviewing, session, qtbot):
        session.select(CAR)
        press(qtbot, reviewing, KEY.Key_E, Qt.KeyboardModifier.ControlModifier)
        edits = reviewing.review.room.marks.edits
        assert edits.is_open
        edits.size_fields[0].setValue(4.75)
        edits.size_fields[0].editingFinished.emit()
        settle(qtbot, session)
        edits.class_box.setCurrentText("bus")
        edits.class_box.activated.emit(0)
        settle(qtbot, session)
        cuboids = session.content.labels["gt"].cuboids
        row = cuboids.row_of("a")
        assert cuboids.class_names[row] == "bus"
        assert cuboids.cuboids.size[row].tolist() == [4.75, 2.0, 1.6]
        assert edits.restore_button.isVisible()
        edits.restore_button.click()
        settle(qtbot, session)
        cuboids = session.content.labels["gt"].cuboids
        assert cuboids.class_names[cuboids.row_of("a")] == "car"

    def test_a_field_that_was_only_visited_changes_nothing(self, reviewing, session, qtbot):
        session.select(CAR)
        press(qtbot, reviewing, KEY.Key_E, Qt.KeyboardModifier.ControlModifier)
        edits = reviewing.review.room.marks.edits
        seq = reviewing.review.desk.workspace.journal.last_seq
        for field in (*edits.center_fields, *edits.size_fields, edits.yaw):
            field.editingFinished.emit()
        assert reviewing.review.desk.workspace.journal.last_seq == seq


# -- history ---------------------------------------------------------------------------------


class TestHistory:
    def test_lists_jumps_and_undoes_to_a_place(self, reviewing, session, qtbot):
        for key in (CAR, LabelKey("gt", 0, "b", "2"), PERSON):
            session.select(key)
            press(qtbot, reviewing, KEY.Key_A)
        reviewing.table.run("panel.history")
        if reviewing.docks["history"].isHidden():
            reviewing.table.run("panel.history")
        reviewing.docks["history"].raise_()
        qtbot.waitUntil(lambda: reviewing.review.room.panel("history") is not None)
        panel = reviewing.review.room.panel("history")
        panel.refresh()
        texts = [panel.list.topLevelItem(i).text(2) for i in range(panel.list.topLevelItemCount())]
        assert [text.split()[2] for text in texts] == ["c", "b", "a"]
        panel.list.setCurrentItem(panel.list.topLevelItem(2))
        panel.go_to_current()
        settle(qtbot, session)
        assert session.selection == CAR
        panel.undo_to_current()
        states = [reviewing.review.desk.judging.state_of(key) for key in (CAR, PERSON)]
        assert states == ["accepted", None]


# -- parts -----------------------------------------------------------------------------------


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


# -- opening files ---------------------------------------------------------------------------


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


class TestIssuesAtPlaces:
    def test_i_over_an_image_with_nothing_selected_is_about_the_pixel(
        self, reviewing, session, qtbot
    ):
        session.select(None)
        reviewing.strip.pixel_pointed = ("front", 80.0, 40.0)
        press(qtbot, reviewing, KEY.Key_I)
        desk = reviewing.review.desk
        (element,) = elements_of(desk.reading, desk.issues.current_id)
        assert element.anchor == Pixel("front", 80.0, 40.0)
        pins = reviewing.viewport.last("pins")[1]
        assert [pin.pixel for pin in pins] == [(80.0, 40.0)]

    def test_the_menu_of_an_image_opens_an_issue_or_a_mark_at_its_pixel(
        self, reviewing, session, qtbot
    ):
        menu = reviewing.camera_menu.make("front", 80.0, 40.0, None)
        actions = {action.text(): action for action in menu.actions()}
        actions["New issue at this pixel"].trigger()
        desk = reviewing.review.desk
        (element,) = elements_of(desk.reading, desk.issues.current_id)
        assert element.anchor == Pixel("front", 80.0, 40.0)
        actions["An object is missing here"].trigger()
        settle(qtbot, session)
        assert session.selection.label_set_id == MARKS_ID
        assert list(session.content.labels[MARKS_ID].boxes_2d.sensor_ids) == ["front"]
        actions["Show it large"].trigger()
        assert session.large_camera == "front"

    def test_the_menu_of_the_3d_view_opens_an_issue_at_its_point(self, reviewing, session):
        pick = SimpleNamespace(label=None, position_world=np.array([1.0, 2.0, 3.0]))
        menu = reviewing.viewport_menu.make(pick)
        next(a for a in menu.actions() if a.text() == "New issue at this point").trigger()
        desk = reviewing.review.desk
        (element,) = elements_of(desk.reading, desk.issues.current_id)
        assert element.anchor == Point("world", (1.0, 2.0, 3.0))
