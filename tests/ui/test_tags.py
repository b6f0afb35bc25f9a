"""Tags: put on and taken off by key and in the inspector, found by any and all."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton

from viewer.review import Subject
from viewer.review.commands.tags import AddTag
from viewer.review.tags.model import Item, ItemKind, TagFilter
from viewer.review.tags.reading import tags_of
from viewer.session.selection import LabelKey
from viewer.ui.review.slice_maker import SliceMaker
from viewer.ui.review.tag_completer import TagsField
from viewer.ui.review.tag_editor import TagEditor, TagPopover
from viewer.ui.review.tags_panel import TagsPanel

pytestmark = [pytest.mark.ui, pytest.mark.usefixtures("own_config")]
KEY = Qt.Key
CAR = LabelKey("gt", 0, "a", "1")


@pytest.fixture
def editor(review, on_screen):
    return on_screen(TagEditor(review), 300, 120)


@pytest.fixture
def panel(review, on_screen):
    return on_screen(TagsPanel(review), 304, 600)


def chips(editor):
    found = [each for each in editor.findChildren(QPushButton) if not each.isHidden()]
    return [each.accessibleName() for each in found]


def scopes(editor):
    return [editor.scope_box.itemData(place) for place in range(editor.scope_box.count())]


def label(review, label_id="a", frame=0):
    return Subject.label(review.dataset_id, "street_1", f"{frame:06d}", "gt", label_id)


def test_what_can_be_tagged_follows_the_selection(review, editor, shown):
    assert scopes(editor) == ["frame", "scene"]
    shown.select(CAR)
    assert scopes(editor) == ["label", "track", "frame", "scene"]
    assert editor.scope_box.currentData() == "label"
    review.issues.open_here()
    assert scopes(editor) == ["label", "track", "frame", "scene", "issue"]


def test_a_typed_tag_goes_on_what_the_box_says_and_a_chip_takes_it_off(review, editor, shown):
    shown.select(CAR)
    own = review.dataset_id
    carriers = {
        "label": label(review),
        "track": Subject.track(own, "street_1", "gt", "1"),
        "frame": Subject.frame(own, "street_1", "000000"),
        "scene": Subject.scene(own, "street_1"),
    }
    review.issues.open_here()
    carriers["issue"] = Item(ItemKind.ISSUE, review.issues.current_id)
    for scope, target in carriers.items():
        editor.scope_box.setCurrentIndex(editor.scope_box.findData(scope))
        QTest.keyClicks(editor.field, f"on {scope}")
        QTest.keyClick(editor.field, KEY.Key_Return)
        assert tags_of(review.reading, target) == (f"on {scope}",)
        assert editor.field.text() == ""
    assert chips(editor) == [f"Take tag on {scope} off the {scope}" for scope in carriers]
    for chip in editor.findChildren(QPushButton):
        if chip.accessibleName() == "Take tag on frame off the frame":
            QTest.keyClick(chip, KEY.Key_Space)
    assert tags_of(review.reading, carriers["frame"]) == ()
    assert "Take tag on frame off the frame" not in chips(editor)
    review.undo()
    assert "Take tag on frame off the frame" in chips(editor)


def test_known_tags_are_offered(review, editor, shown):
    review.run(AddTag("night rain", [label(review)]))
    shown.select(CAR)
    editor.activateWindow()
    editor.field.setFocus()
    editor.field.offer()
    completer = editor.field.completer()
    completer.setCompletionPrefix("rai")
    assert completer.currentCompletion() == "night rain"


def test_of_several_tags_the_last_is_completed(review, qtbot):
    review.run(AddTag("night", [label(review)]))
    field = TagsField(review)
    qtbot.addWidget(field)
    field.offer()
    field.setText("rain, ni")
    completer = field.completer()
    assert completer.splitPath(field.text()) == ["ni"]
    completer.setCompletionPrefix("ni")
    assert completer.pathFromIndex(completer.currentIndex()) == "rain, night"
    field.setText(" rain ,, night, rain")
    assert field.tags == ("rain", "night")


def test_the_panel_finds_what_carries_any_or_all(review, panel, shown, qtbot):
    review.run(AddTag("night", [label(review, "a", 3), label(review, "b", 5)]))
    review.run(AddTag("rain", [label(review, "b", 5), label(review, "c", 7)]))
    qtbot.waitUntil(lambda: panel.tags.count() == 2)
    assert [panel.tags.item(row).text() for row in (0, 1)] == ["night  2", "rain  2"]
    panel.activateWindow()
    for row in (0, 1):
        panel.tags.setCurrentRow(row)
        QTest.keyClick(panel.tags, KEY.Key_Return)
    assert panel.wanted == TagFilter(any_of=("night", "rain"))
    qtbot.waitUntil(lambda: panel.found_label.text() == "3 found")
    panel.mode_box.setCurrentIndex(1)
    qtbot.waitUntil(lambda: panel.found_label.text() == "1 found")
    panel.found.setCurrentRow(0)
    QTest.keyClick(panel.found, KEY.Key_Return)
    qtbot.waitUntil(lambda: shown.selection == LabelKey("gt", 5, "b", "2"))
    panel.slice_button.click()
    maker = panel.findChild(SliceMaker)
    assert maker.isVisible()
    assert maker.query().tags == TagFilter(all_of=("night", "rain"))
    maker.make()
    qtbot.waitUntil(lambda: review.slices.current is not None)
    assert review.slices.current.count == 1


def test_a_tag_is_renamed_and_taken_off_everything(review, panel, qtbot):
    review.run(AddTag("nihgt", [label(review, "a"), label(review, "b")]))
    review.run(AddTag("rain", [label(review, "c")]))
    qtbot.waitUntil(lambda: panel.tags.count() == 2)
    panel.tags.setCurrentRow(0)
    panel.tags.item(0).setCheckState(Qt.CheckState.Checked)
    panel.rename_button.click()
    line = panel.tags.findChild(QLineEdit)
    line.selectAll()
    QTest.keyClicks(line, "night")
    QTest.keyClick(line, KEY.Key_Return)
    qtbot.waitUntil(lambda: panel.tags.item(0).text() == "night  2")
    assert panel.wanted == TagFilter(any_of=("night",))
    panel.tags.setCurrentRow(0)
    QTest.keyClick(panel.tags, KEY.Key_Delete)
    qtbot.waitUntil(lambda: panel.tags.count() == 1)
    assert review.tags.known() == {"rain": 1}
    review.undo()
    qtbot.waitUntil(lambda: panel.tags.count() == 2)


def test_the_key_tags_the_selection_over_any_layout(browsing, window, session):
    window.activateWindow()
    session.select(CAR)
    window.table.run("review.tag")
    popover = window.findChild(TagPopover)
    assert popover.isVisible()
    assert popover.what.text().startswith("Label a in street_1")
    QTest.keyClicks(popover.editor.field, "night")
    QTest.keyClick(popover.editor.field, KEY.Key_Return)
    assert window.review.desk.tags.known() == {"night": 1}
    assert popover.isVisible()
    QTest.keyClick(popover.editor.field, KEY.Key_Return)
    assert not popover.isVisible()
