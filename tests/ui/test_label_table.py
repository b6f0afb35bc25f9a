"""The label table, driven with keys and the mouse."""

import csv
import io
from dataclasses import replace

import pytest
from fake_drive import CAR_POINTS, make_dataset, make_scene
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication

from tests.all_kinds import all_kinds_content
from viewer.scene.class_map import ClassEntry, ClassMap
from viewer.session.changes import FocusRequested
from viewer.session.selection import LabelKey
from viewer.session.view_settings import Solo
from viewer.ui.label_table import LabelTable
from viewer.ui.label_table_model import COLUMNS, LabelTableModel
from viewer.ui.theme import palette

pytestmark = pytest.mark.ui
LEFT = Qt.MouseButton.LeftButton
COLUMN = {column.name: place for place, column in enumerate(COLUMNS)}


def show_frame(table, desk, qtbot, frame):
    """Go to a frame, and on once the table, which comes after the pictures, lists it."""
    desk.session.go_to_frame(frame)
    desk.settle()
    qtbot.waitUntil(lambda: table.model.label_at(0).key.frame_index == frame)
    desk.settle()


@pytest.fixture
def make(desk, on_screen, qtbot):
    def make(scene=None, frame=4):
        table = on_screen(LabelTable(desk.session), 1000, 400)
        if scene is not None:
            desk.session.open_dataset(make_dataset(scene))
            desk.settle()
            show_frame(table, desk, qtbot, frame)
        return table

    return make


@pytest.fixture
def table(make):
    return make(make_scene())


def ids(table):
    return [table.model.label_at(row).key.label_id for row in range(table.model.rowCount())]


def text(table, row, name):
    return table.model.index(row, COLUMN[name]).data()


def place(table, row, name="Class"):
    return table.view.visualRect(table.model.index(row, COLUMN[name])).center()


def click_header(qtbot, table, name):
    header = table.view.horizontalHeader()
    x = header.sectionViewportPosition(COLUMN[name]) + 10
    qtbot.mouseClick(header.viewport(), LEFT, pos=QPoint(x, header.height() // 2))


def selected_rows(table):
    return [index.row() for index in table.view.selectionModel().selectedRows()]


class TestRows:
    def test_lists_every_label_of_the_frame(self, table):
        assert ids(table) == ["car-4", "walker-4", "p0-4", "p1-4"]
        assert text(table, 0, "Class") == "car"
        assert text(table, 0, "Dist") == "26.1"
        assert text(table, 0, "Length") == "4.00"
        assert text(table, 1, "Yaw") == "90.0"
        assert text(table, 1, "Speed") == "5.0"
        assert text(table, 2, "Score") == "0.90"
        assert text(table, 3, "Set") == "Model"

    def test_longest_class_name_is_read_in_full(self, make):
        name = "pedestrian child"
        table = make(replace(make_scene(), class_map=ClassMap((ClassEntry(name, (9, 9, 9)),))))
        assert table.view.columnWidth(0) > table.view.fontMetrics().horizontalAdvance(name) + 24

    def test_unknown_numbers_are_empty(self, table):
        assert text(table, 0, "Score") == ""
        assert text(table, 2, "Speed") == ""
        assert text(table, 2, "Track") == ""

    def test_points_arrive_from_the_background(self, table):
        assert text(table, 0, "Pts") == str(CAR_POINTS)

    def test_another_frame_brings_its_labels(self, table, desk, qtbot):
        show_frame(table, desk, qtbot, 0)
        assert ids(table) == ["car-0", "p0-0", "p1-0"]
        assert text(table, 0, "Pts") == str(CAR_POINTS)

    def test_hidden_table_waits_until_it_is_seen(self, table, desk):
        table.hide()
        desk.session.go_to_frame(0)
        desk.settle()
        assert ids(table)[0] == "car-4"
        table.show()
        assert ids(table)[0] == "car-0"

    def test_headers_say_unit_and_meaning(self, table):
        header = [
            table.model.headerData(i, Qt.Orientation.Horizontal)
            for i in range(7)
            if not table.view.isColumnHidden(i)
        ]
        assert header == ["Class", "Track", "Dist m", "Pts"]
        tips = [
            table.model.headerData(i, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)
            for i in range(len(COLUMNS))
        ]
        assert all(tips)

    def test_truth_is_a_filled_swatch_and_a_prediction_an_outline(self, table, desk):
        role = Qt.ItemDataRole.DecorationRole
        truth, guess = (table.model.index(row, 0).data(role).toImage() for row in (0, 2))
        middle = truth.width() // 2
        red, green, blue, _ = truth.pixelColor(middle, middle).getRgb()
        assert (red, green, blue) == desk.session.scene.class_map.colour("car")
        assert guess.pixelColor(middle, middle).alpha() == 0


class TestSorting:
    def test_click_on_a_header_sorts_and_again_turns_it_round(self, table, qtbot):
        click_header(qtbot, table, "Dist")
        assert ids(table) == ["p1-4", "walker-4", "car-4", "p0-4"]
        click_header(qtbot, table, "Dist")
        assert ids(table) == ["p0-4", "car-4", "walker-4", "p1-4"]

    def test_unknown_values_come_last_both_ways(self, table, qtbot):
        click_header(qtbot, table, "Score")
        assert ids(table)[:2] == ["p1-4", "p0-4"]
        click_header(qtbot, table, "Score")
        assert ids(table)[:2] == ["p0-4", "p1-4"]

    def test_track_numbers_sort_as_numbers(self, make, qtbot, desk):
        table = make(make_scene(4, car_count=1), frame=0)
        rows = [table.model.label_at(0)._replace(track_id=track) for track in ("10", "9", "b", "")]
        table.model.show_rows(tuple(rows), table.model.class_map)
        click_header(qtbot, table, "Track")
        shown = [table.model.label_at(row).track_id for row in range(4)]
        assert shown == ["9", "10", "b", ""]

    def test_order_holds_in_the_next_frame(self, table, qtbot, desk):
        click_header(qtbot, table, "Dist")
        show_frame(table, desk, qtbot, 0)
        assert ids(table) == ["p1-0", "car-0", "p0-0"]

    def test_order_by_points_holds_when_they_arrive(self, table, qtbot, desk):
        click_header(qtbot, table, "Pts")
        click_header(qtbot, table, "Pts")
        assert ids(table)[0] == "car-4"
        show_frame(table, desk, qtbot, 5)
        counts = [int(text(table, row, "Pts")) for row in range(table.model.rowCount())]
        assert counts == sorted(counts, reverse=True)
        assert counts[0] == CAR_POINTS

    def test_selection_stays_on_its_label_while_sorting(self, table, qtbot, desk):
        desk.session.select(LabelKey("gt", 4, "car-4", "1"))
        assert selected_rows(table) == [0]
        click_header(qtbot, table, "Dist")
        assert selected_rows(table) == [2]
        assert desk.session.selection.label_id == "car-4"


class TestFiltering:
    def test_words_must_all_fit(self, table, qtbot):
        qtbot.keyClicks(table.filter_edit, "CAR model")
        assert ids(table) == ["p0-4", "p1-4"]
        assert table.count_label.text() == "2 of 4"
        table.filter_edit.clear()
        assert table.count_label.text() == "4"

    def test_enter_goes_on_to_the_rows_that_are_left(self, table, desk, qtbot):
        qtbot.keyClicks(table.filter_edit, "model")
        qtbot.keyClick(table.filter_edit, Qt.Key.Key_Return)
        assert desk.session.selection.label_id == "p0-4"
        assert selected_rows(table) == [0]
        qtbot.keyClick(table.view, Qt.Key.Key_Down)
        assert desk.session.selection.label_id == "p1-4"
        qtbot.keyClick(table.filter_edit, Qt.Key.Key_Return)
        assert desk.session.selection.label_id == "p1-4"

    def test_arrows_in_the_field_step_through_the_rows_that_are_left(self, table, desk, qtbot):
        field = table.filter_edit
        qtbot.keyClicks(field, "model")
        for key, label_id in (
            (Qt.Key.Key_Down, "p0-4"),
            (Qt.Key.Key_Down, "p1-4"),
            (Qt.Key.Key_Down, "p1-4"),
            (Qt.Key.Key_Up, "p0-4"),
            (Qt.Key.Key_Up, "p0-4"),
        ):
            qtbot.keyClick(field, key)
            assert desk.session.selection.label_id == label_id
        field.clear()
        desk.session.select(None)
        qtbot.keyClick(field, Qt.Key.Key_Up)
        assert selected_rows(table) == [3]
        qtbot.keyClicks(field, "zebra")
        qtbot.keyClick(field, Qt.Key.Key_Down)
        assert desk.session.selection.label_id == "p1-4"

    def test_attributes_are_searched(self, table, qtbot):
        qtbot.keyClicks(table.filter_edit, "partly")
        assert ids(table) == ["car-4"]

    def test_nothing_fits_is_explained(self, table, qtbot):
        qtbot.keyClicks(table.filter_edit, "zebra")
        assert table.empty_label.isVisible()
        assert table.empty_label.text() == "No label fits the text; clear it to see all"

    def test_filters_of_the_view_hold_and_hidden_ones_can_be_listed_grey(self, table, desk, qtbot):
        session = desk.session
        session.set_view(filters=replace(session.view.filters, hidden_classes=frozenset({"car"})))
        assert ids(table) == ["walker-4"]
        qtbot.mouseClick(table.hidden_button, LEFT)
        assert ids(table) == ["car-4", "walker-4", "p0-4", "p1-4"]
        foreground = Qt.ItemDataRole.ForegroundRole
        assert table.model.index(0, 0).data(foreground) == palette().colour("secondary")
        assert table.model.index(1, 0).data(foreground) is None

    def test_solo_follows_the_selection(self, table, desk):
        session = desk.session
        session.select(LabelKey("gt", 4, "car-4", "1"))
        session.set_view(filters=replace(session.view.filters, solo=Solo.LABEL))
        assert ids(table) == ["car-4"]
        session.select(LabelKey("gt", 4, "walker-4", "2"))
        assert ids(table) == ["walker-4"]

    def test_solo_holds_while_stepping_to_a_frame_with_fewer_labels(self, table, desk, qtbot):
        session = desk.session
        session.select(LabelKey("gt", 4, "car-4", "1"))
        session.set_view(filters=replace(session.view.filters, solo=Solo.TRACK))
        qtbot.waitUntil(lambda: bool(table._counts))
        show_frame(table, desk, qtbot, 0)
        assert ids(table) == ["car-0"]
        assert text(table, 0, "Pts") == str(CAR_POINTS)

    def test_empty_states_teach(self, make, desk):
        table = make()
        assert table.empty_label.text() == "Open a scene to list its labels"
        desk.session.open_dataset(make_dataset(replace(make_scene(), label_sets=())))
        desk.settle()
        assert table.empty_label.text() == "This scene has no labels"


class TestSelecting:
    def test_click_selects_everywhere(self, table, desk, qtbot):
        qtbot.mouseClick(table.view.viewport(), LEFT, pos=place(table, 1))
        assert desk.session.selection == LabelKey("gt", 4, "walker-4", "2")

    def test_arrow_keys_select(self, table, desk, qtbot):
        qtbot.mouseClick(table.view.viewport(), LEFT, pos=place(table, 0))
        qtbot.keyClick(table.view, Qt.Key.Key_Down)
        qtbot.keyClick(table.view, Qt.Key.Key_Down)
        assert desk.session.selection.label_id == "p0-4"

    def test_selection_from_elsewhere_is_shown_and_not_sent_back(self, table, desk):
        desk.changes.clear()
        desk.session.select(LabelKey("model", 4, "p1-4"))
        assert selected_rows(table) == [3]
        assert len(desk.changes) == 1
        desk.session.select(None)
        assert selected_rows(table) == []

    def test_selection_follows_the_track_to_the_next_frame(self, table, desk, qtbot):
        desk.session.select(LabelKey("gt", 4, "car-4", "1"))
        show_frame(table, desk, qtbot, 5)
        assert [ids(table)[row] for row in selected_rows(table)] == ["car-5"]
        assert desk.session.selection.label_id == "car-5"

    def test_frame_change_alone_selects_nothing(self, table, desk):
        desk.session.step(1)
        desk.settle()
        assert desk.session.selection is None
        assert selected_rows(table) == []

    def test_double_click_and_enter_bring_it_into_view(self, table, desk, qtbot):
        qtbot.mouseClick(table.view.viewport(), LEFT, pos=place(table, 1))
        qtbot.mouseDClick(table.view.viewport(), LEFT, pos=place(table, 1))
        assert len(desk.seen(FocusRequested)) == 1
        assert desk.session.selection.label_id == "walker-4"
        qtbot.keyClick(table.view, Qt.Key.Key_Return)
        assert len(desk.seen(FocusRequested)) == 1

    def test_hover_previews(self, table, desk, qtbot):
        qtbot.mouseMove(table.view.viewport(), place(table, 0))
        qtbot.mouseMove(table.view.viewport(), place(table, 1))
        assert desk.session.hovered == LabelKey("gt", 4, "walker-4", "2")


class TestCopying:
    def test_rows_are_copied_as_csv_in_their_order(self, table, desk, qtbot):
        click_header(qtbot, table, "Dist")
        table.view.setColumnHidden(COLUMN["Yaw"], True)
        qtbot.mouseClick(table.copy_button, LEFT)
        rows = list(csv.DictReader(io.StringIO(QGuiApplication.clipboard().text())))
        assert [row["Id"] for row in rows] == ["p1-4", "walker-4", "car-4", "p0-4"]
        assert rows[2]["Attributes"] == "parked: yes, occlusion: partly, doors: 4"
        assert rows[2]["Pts"] == str(CAR_POINTS)
        assert "Yaw °" not in rows[0]

    def test_copy_key(self, table, qtbot):
        QGuiApplication.clipboard().clear()
        table.activateWindow()
        table.view.setFocus()
        qtbot.keyClick(table.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
        assert QGuiApplication.clipboard().text().startswith("Class,Track")


def test_two_thousand_labels_fill_filter_and_sort(make, desk, qtbot):
    table = make(make_scene(2, car_count=2000), frame=0)
    assert table.model.rowCount() == 2002
    click_header(qtbot, table, "Dist")
    distances = [table.model.label_at(row).distance_m for row in range(2002)]
    assert distances == sorted(distances)
    qtbot.keyClicks(table.filter_edit, "truck")
    assert table.model.rowCount() == sum(1 for index in range(1, 2000) if index % 3)
    table.grab()


def test_model_obeys_qts_rules(table, qtmodeltester):
    qtmodeltester.check(table.model)
    empty = LabelTableModel()
    qtmodeltester.check(empty)


def test_every_control_has_a_name(table):
    controls = (table.filter_edit, table.hidden_button, table.copy_button, table.view)
    for control in controls:
        assert control.accessibleName()
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus


class AllKinds:
    """The fake drive's reader; its truth has labels of every kind."""

    def __init__(self, inner):
        self._inner = inner

    def __getattr__(self, name):
        return getattr(self._inner, name)

    def read_labels(self, frame_index, label_set_id):
        labels = self._inner.read_labels(frame_index, label_set_id)
        if label_set_id != "gt":
            return labels
        others = {
            name: getattr(all_kinds_content().labels["gt"], name)
            for name in ("boxes_2d", "shapes_2d", "masks", "classifications", "point_classes")
        }
        return replace(labels, **others)


class TestLabelsOfEveryKind:
    @pytest.fixture
    def table(self, make):
        scene = make_scene()
        return make(replace(scene, reader=AllKinds(scene.reader), lidar_ids=("lidar",)))

    def row(self, table, label_id):
        return ids(table).index(label_id)

    def test_kind_and_image_are_listed_once_there_are_several(self, table, desk):
        assert not table.view.isColumnHidden(COLUMN["Kind"])
        assert text(table, self.row(table, "p"), "Kind") == "polygon"
        assert text(table, self.row(table, "p"), "On") == "front"
        desk.session.open_dataset(make_dataset(make_scene()))
        desk.settle()
        assert table.view.isColumnHidden(COLUMN["Kind"])

    def test_counting_points_in_boxes_leaves_those_of_classes(self, table, desk):
        desk.settle()
        assert text(table, 0, "Pts") == str(CAR_POINTS)
        assert text(table, self.row(table, "points lidar 3"), "Pts") == "30"
        assert text(table, self.row(table, "p"), "Pts") == ""

    def test_choosing_one_selects_it_and_shows_those_on_images(self, table, desk, qtbot):
        assert not desk.session.view.images.boxes_2d
        at = place(table, self.row(table, "p"))
        qtbot.mouseClick(table.view.viewport(), LEFT, pos=at)
        assert desk.session.selection == LabelKey("gt", 4, "p")
        assert desk.session.view.images.boxes_2d
        assert selected_rows(table) == [self.row(table, "p")]

    def test_keys_walk_over_all_rows(self, table, desk, qtbot):
        qtbot.mouseClick(table.view.viewport(), LEFT, pos=place(table, 0))
        walked = []
        for _ in range(table.model.rowCount() - 1):
            qtbot.keyClick(table.view, Qt.Key.Key_Down)
            walked.append(desk.session.selection.label_id)
        assert desk.session.view.images.boxes_2d
        qtbot.keyClick(table.view, Qt.Key.Key_Down)
        walked.append(desk.session.selection.label_id)
        assert walked == ids(table)[1:]

    def test_selection_on_an_image_selects_the_row(self, table, desk):
        assert "m" not in ids(table)
        images = desk.session.view.images
        desk.session.set_view(images=replace(images, boxes_2d=True))
        desk.session.select(LabelKey("gt", 4, "m", "1"))
        assert selected_rows(table) == [self.row(table, "m")]

    def test_enter_shows_the_image_large_and_a_cuboid_in_3d(self, table, desk, qtbot):
        desk.session.select(LabelKey("gt", 4, "k"))
        qtbot.keyClick(table.view, Qt.Key.Key_Return)
        assert desk.session.large_camera == "front"
        desk.session.select(LabelKey("gt", 4, "car-4", "1"))
        qtbot.keyClick(table.view, Qt.Key.Key_Return)
        assert any(isinstance(change, FocusRequested) for change in desk.changes)
