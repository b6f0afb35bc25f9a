"""The panel of slices and the fields that make one: by keyboard, with names for screen readers."""

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QSpinBox

from viewer.review import Reviewer, Subject, SubjectKind, Workspace
from viewer.review.commands.slices import CreateSlice
from viewer.review.slices.algebra import Operation
from viewer.review.slices.members import Members
from viewer.session.review_slice_files import SliceForm
from viewer.session.selection import LabelKey
from viewer.ui.review.slice_export import export
from viewer.ui.review.slice_maker import SliceMaker, Source, ask_slice
from viewer.ui.review.slices_panel import SlicesPanel

pytestmark = [pytest.mark.ui, pytest.mark.usefixtures("own_config")]
KEY = Qt.Key


@pytest.fixture
def panel(review, on_screen):
    return on_screen(SlicesPanel(review), 304, 640)


def label(review, label_id, frame=0):
    return Subject.label(review.dataset_id, "street_1", f"{frame:06d}", "gt", label_id)


def make(review, name, *subjects, parent=None):
    command = CreateSlice(f"id-{name}", name, Members.of(subjects), parent=parent)
    assert review.run(command)


def rows(panel):
    tree = panel.list
    found, item = [], tree.topLevelItem(0)
    while item is not None:
        found.append((item.text(0), item.text(1)))
        item = tree.itemBelow(item)
    return found


def choose(panel, *names):
    tree = panel.list
    for place, name in enumerate(names):
        (item,) = tree.findItems(name, Qt.MatchFlag.MatchExactly | Qt.MatchFlag.MatchRecursive)
        flag = QItemSelectionModel.SelectionFlag
        how = flag.Select if place else flag.ClearAndSelect
        tree.setCurrentItem(item, 0, how | flag.Rows)


def members(panel):
    model = panel.members
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def test_an_empty_list_says_how_to_make_one(panel):
    assert panel.empty.isVisible()
    assert not panel.list.isVisible()
    assert not panel.single.isVisible()


def test_slices_are_listed_with_counts_under_what_they_are_a_part_of(review, panel, qtbot):
    make(review, "night", label(review, "a"), label(review, "b"))
    make(review, "wet", label(review, "a"), parent="id-night")
    make(review, "frames", Subject.frame(review.dataset_id, "street_1", "000003"))
    qtbot.waitUntil(lambda: len(rows(panel)) == 3)
    assert rows(panel) == [("frames", "1 frame"), ("night", "2 labels"), ("wet", "1 label")]
    choose(panel, "wet")
    assert panel.list.currentItem().parent().text(0) == "night"
    assert "By hand, part of night" in panel.facts.text()
    assert "ann, 20" in panel.facts.text()
    qtbot.waitUntil(lambda: members(panel) == ["a"])


def test_enter_goes_to_the_members_and_enter_shows_one(review, panel, shown, qtbot):
    make(review, "cars", label(review, "a", 3), label(review, "b", 5))
    qtbot.waitUntil(lambda: members(panel) == ["a", "b"])
    panel.activateWindow()
    panel.list.setFocus()
    QTest.keyClick(panel.list, KEY.Key_Return)
    assert panel.table.hasFocus()
    QTest.keyClick(panel.table, KEY.Key_Down)
    QTest.keyClick(panel.table, KEY.Key_Return)
    qtbot.waitUntil(lambda: shown.selection == LabelKey("gt", 5, "b", "2"))
    assert shown.content.index == 5


def test_the_selection_goes_in_and_members_go_out_with_delete(review, panel, shown, qtbot):
    make(review, "cars", label(review, "a"))
    qtbot.waitUntil(lambda: members(panel) == ["a"])
    assert not panel.add_button.isEnabled()
    shown.select(LabelKey("gt", 0, "b", "2"))
    qtbot.waitUntil(panel.add_button.isEnabled)
    panel.add_button.click()
    qtbot.waitUntil(lambda: members(panel) == ["a", "b"])
    qtbot.waitUntil(panel.remove_button.isEnabled)
    assert not panel.add_button.isEnabled()
    panel.table.selectRow(0)
    QTest.keyClick(panel.table, KEY.Key_Delete)
    qtbot.waitUntil(lambda: members(panel) == ["b"])
    review.undo()
    qtbot.waitUntil(lambda: members(panel) == ["a", "b"])


def test_two_slices_are_combined_in_the_order_in_which_they_were_chosen(review, panel, qtbot):
    make(review, "night", label(review, "a"), label(review, "b"))
    make(review, "rain", label(review, "b"), label(review, "c"))
    qtbot.waitUntil(lambda: len(rows(panel)) == 2)
    choose(panel, "rain", "night")
    assert panel.several.isVisible()
    assert not panel.single.isVisible()
    panel.combine_buttons[Operation.DIFFERENCE].click()
    qtbot.waitUntil(lambda: ("rain − night", "1 label") in rows(panel))
    qtbot.waitUntil(lambda: members(panel) == ["c"])
    assert panel.facts.text().startswith("1 label\nRain − night")


def test_names_are_typed_and_slices_deleted_with_undo(review, panel, qtbot):
    make(review, "night", label(review, "a"))
    make(review, "rain", label(review, "b"))
    qtbot.waitUntil(lambda: len(rows(panel)) == 2)
    for typed, expected in (("dark", "dark"), ("rain", "dark"), ("  ", "dark")):
        panel.refresh()
        choose(panel, "dark" if typed != "dark" else "night")
        panel.rename_button.click()
        editor = panel.list.findChild(QLineEdit)
        editor.selectAll()
        QTest.keyClicks(editor, typed)
        QTest.keyClick(editor, KEY.Key_Return)
        names = sorted((expected, "rain"))
        qtbot.waitUntil(lambda names=names: [name for name, _ in rows(panel)] == names)
    choose(panel, "dark", "rain")
    QTest.keyClick(panel.list, KEY.Key_Delete)
    qtbot.waitUntil(lambda: rows(panel) == [])
    assert review.undo_text == "Delete 2 slices"
    review.undo()
    qtbot.waitUntil(lambda: len(rows(panel)) == 2)


def test_a_slice_is_made_of_a_query_by_keys(review, panel, qtbot):
    ask_slice(review, panel, Source.QUERY)
    maker = panel.findChild(SliceMaker)
    assert maker.isVisible()
    assert maker.class_box.isVisible()
    assert not maker.count_field.isVisible()
    maker.class_box.setCurrentText("person")
    assert maker.name_field.placeholderText() in ("labels of street_1", "person labels of street_1")
    QTest.keyClicks(maker.name_field, "people")
    QTest.keyClick(maker.name_field, KEY.Key_Return)
    assert not maker.isVisible()
    qtbot.waitUntil(lambda: rows(panel) == [("people", "30 labels")])
    assert review.slices.current.name == "people"
    assert "Query person labels of street_1" in panel.facts.text()


def test_a_sample_is_drawn_from_the_chosen_slice(review, panel, qtbot):
    make(review, "frames", *(Subject.frame(review.dataset_id, "street_1", f"{n:06d}")
                             for n in range(20)))  # fmt: skip
    qtbot.waitUntil(lambda: len(rows(panel)) == 1)
    ask_slice(review, panel, Source.SAMPLE)
    maker = panel.findChild(SliceMaker)
    assert maker.note.text() == "Of “frames”, 20 frames"
    assert not maker.kind_box.isVisible()
    maker.count_field.setValue(5)
    maker.seed_field.setValue(3)
    maker.make_button.click()
    qtbot.waitUntil(lambda: len(rows(panel)) == 2)
    assert rows(panel)[1] == ("5 of frames, seed 3", "5 frames")
    assert review.slices.current.parent == "id-frames"


def test_the_fields_follow_what_the_slice_comes_from(review, panel, shown):
    maker = SliceMaker(review, panel)
    maker.ask(Source.SELECTION)
    assert maker.note.text() == "No label is selected"
    shown.select(LabelKey("gt", 0, "a", "1"))
    maker.ask(Source.SELECTION)
    assert maker.note.text().startswith("Label a in street_1")
    maker.ask(Source.SHOWN)
    assert maker.extent_box.isVisible()
    maker.kind_box.setCurrentIndex(2)
    assert "choose labels or tracks" in maker.note.text()
    maker.make()
    assert maker.isVisible()


def test_the_exported_list_has_one_id_a_line(review, panel, shown, tmp_path, qtbot):
    make(review, "cars", label(review, "a"), label(review, "b"))
    qtbot.waitUntil(lambda: len(rows(panel)) == 1)
    export(review, SliceForm.IDS, tmp_path / "ids.txt")
    qtbot.waitUntil((tmp_path / "ids.txt").exists)
    qtbot.waitUntil(lambda: not shown.jobs.busy)
    text = (tmp_path / "ids.txt").read_text()
    assert text == "street_1/000000/gt/a\nstreet_1/000000/gt/b\n"


def test_every_control_has_a_name(review, panel):
    maker = SliceMaker(review, panel)
    for kind in (QAbstractButton, QComboBox, QLineEdit, QSpinBox):
        for control in (*panel.findChildren(kind), *maker.findChildren(kind)):
            if control.objectName().startswith("qt_"):
                continue
            assert control.accessibleName() or getattr(control, "text", str)(), control


def test_a_held_workspace_shows_but_does_not_change(review, shown, qtbot):
    make(review, "cars", label(review, "a"))
    path = review.workspace.path
    review.close_workspace()
    with Workspace.open(path, Reviewer("bob")):
        assert review.open_workspace(path)
        panel = SlicesPanel(review)
        qtbot.addWidget(panel)
        panel.show()
        assert rows(panel) == [("cars", "1 label")]
        for button in (panel.new_button, panel.delete_button, panel.queue_button):
            assert not button.isEnabled()
        assert panel.export_button.isEnabled()
        QTest.keyClick(panel.list, KEY.Key_Delete)
        assert len(review.slices.all()) == 1
        panel.dispose()


def test_a_queue_of_the_slice_opens_the_builder_with_it(browsing, window, qtbot):
    window.activateWindow()
    window.table.run("review.slices")
    desk = window.review.desk
    frames = [Subject.frame(desk.dataset_id, "street_1", f"{n:06d}") for n in range(4)]
    assert desk.run(CreateSlice("s", "four", Members.of(frames)))
    room = window.review.room
    qtbot.waitUntil(lambda: room.panel("slices") is not None)
    qtbot.waitUntil(lambda: desk.slices.chosen == ("s",))
    window.table.run("review.slice_queue")
    qtbot.waitUntil(lambda: room.panel("queue") is not None)
    builder = room.panel("queue").builder
    qtbot.waitUntil(lambda: builder.source_box.currentText() == "Slice four")
    assert builder.kind_box.currentData() == SubjectKind.FRAME
    builder.build()
    qtbot.waitUntil(lambda: desk.walk.progress is not None and desk.walk.progress.total == 4)
