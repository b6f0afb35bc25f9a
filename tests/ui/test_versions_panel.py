"""The panel of versions: naming, comparing, going to a difference, restoring."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from viewer.review import Subject
from viewer.review.commands.edits import ChangeBox, ChangeClass, DeleteLabel
from viewer.review.edits.reading import count_edits
from viewer.review.versions.compare import Comparison
from viewer.review.versions.diff import Difference, diff_labels
from viewer.review.versions.diff_places import DiffByFrame
from viewer.review.versions.diff_totals import class_diffs, total_diff
from viewer.review.versions.label_table import LabelTable
from viewer.review.versions.reading import version_by_id
from viewer.scene.labels import CuboidLabels, FrameLabels
from viewer.scene.shapes import ImageShapesBuilder, ShapeKind
from viewer.session.review_changes import BoxSought, GhostsShown
from viewer.session.review_versions import Compared, SideKind, VersionWork
from viewer.ui.review.versions_panel import VersionsPanel

pytestmark = pytest.mark.ui


@pytest.fixture
def panel(review, on_screen):
    return on_screen(VersionsPanel(review), 304, 700)


def label(review, label_id, frame=3):
    return Subject.label(review.dataset_id, "street_1", f"{frame:06d}", "gt", label_id)


def edit(review):
    """In one frame of 60: a car moves 30 cm, another becomes a person, the person goes away."""
    review.workspace.run(ChangeBox(label(review, "a"), center=(10.3, 0, 0.8)))
    review.workspace.run(ChangeClass(label(review, "b"), "person"))
    review.workspace.run(DeleteLabel(label(review, "c")))


def compare(panel, qtbot):
    QTest.keyClick(panel.compare_button, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: panel.compared is not None)
    return panel.compared


def rows(panel):
    model = panel.model
    columns = range(model.columnCount())
    return [[model.index(r, c).data() for c in columns] for r in range(model.rowCount())]


def totals(panel):
    model = panel.classes
    return {
        model.index(row, 0).data(): [model.index(row, c).data() for c in range(1, 6)]
        for row in range(model.rowCount())
    }


def test_a_version_is_named_and_compared_with_now(review, panel, qtbot):
    assert "No version yet" in panel.summary.text()
    assert not panel.save_button.isEnabled()
    QTest.keyClicks(panel.name_field, "first")
    QTest.keyClick(panel.name_field, Qt.Key.Key_Return)
    assert panel.before_box.currentText() == "first"
    assert panel.after_box.currentText() == "Ground truth, now"
    edit(review)
    compare(panel, qtbot)
    assert rows(panel) == [
        ["car 1", "000003", "centre 0.30 m"],
        ["person 2", "000003", "class car to person"],
        ["person 3", "000003", "removed"],
    ]
    # 30 frames in each of two scenes, two cars and a person in each.
    assert panel.summary.text().endswith("2 changed, 0 added, 1 removed, 177 the same.")
    assert totals(panel) == {
        "All": ["2", "·", "1", "180", "179"],
        "car": ["2", "·", "·", "120", "119"],
        "person": ["1", "·", "1", "60", "60"],
    }


def test_rows_narrow_by_kind_and_class(review, panel, qtbot):
    edit(review)
    compare(panel, qtbot)  # with what was delivered
    panel.kind_box.setCurrentIndex(panel.kind_box.findData(Difference.REMOVED))
    assert [row[2] for row in rows(panel)] == ["removed"]
    panel.kind_box.setCurrentIndex(0)
    panel.class_table.setFocus()
    QTest.keyClick(panel.class_table, Qt.Key.Key_Down)
    assert [row[0] for row in rows(panel)] == ["car 1", "person 2"]
    QTest.keyClick(panel.class_table, Qt.Key.Key_Down)
    assert [row[0] for row in rows(panel)] == ["person 2", "person 3"]
    QTest.keyClick(panel.class_table, Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
    assert len(rows(panel)) == 3


def test_enter_goes_to_the_label_or_to_its_frame(review, panel, qtbot):
    edit(review)
    compare(panel, qtbot)
    assert panel.table.hasFocus() or panel.table.currentIndex().row() == 0
    QTest.keyClick(panel.table, Qt.Key.Key_Return)
    session = review.session
    qtbot.waitUntil(lambda: session.selection is not None)
    assert (session.frame_index, session.selection.label_id) == (3, "a")
    session.go_to_frame(0)
    qtbot.waitUntil(lambda: session.content.index == 0)
    sought = []
    review.subscribe(lambda change: isinstance(change, BoxSought) and sought.append(change.box))
    panel.table.setCurrentIndex(panel.model.index(2, 0))
    QTest.keyClick(panel.table, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: session.content.index == 3)
    # Where the person stood that is gone.
    qtbot.waitUntil(lambda: len(sought) == 1)
    np.testing.assert_allclose(sought[0].center, (8, -3, 0.9))


def test_restoring_brings_the_labels_back_and_undo_takes_it_back(review, panel, qtbot):
    panel.name_field.setText("clean")
    panel.save()
    edit(review)
    assert count_edits(review.reading)["labels"] == 3
    compare(panel, qtbot)
    panel.restore()
    assert count_edits(review.reading)["labels"] == 0
    assert "compare again" in panel.summary.text()
    review.undo()
    assert count_edits(review.reading)["labels"] == 3
    panel.delete()
    assert [each.kind for each in VersionWork(review).choices()].count(SideKind.VERSION) == 0
    assert panel.before_box.findText("clean") < 0


def test_nothing_is_compared_with_itself(panel):
    panel.after_box.setCurrentIndex(panel.before_box.currentIndex())
    panel._sync()
    assert not panel.compare_button.isEnabled()


def test_a_comparison_can_be_given_up(review, panel, qtbot):
    panel.compare()
    assert panel.compare_button.text() == "Comparing…"
    review.session.jobs.cancel("review-compare")
    assert panel.compare_button.text() == "Compare"
    assert panel.compare_button.isEnabled()
    assert panel.compared is None


def test_the_first_side_is_dotted_while_its_frame_is_shown(review, panel, qtbot):
    told = []
    review.subscribe(lambda change: isinstance(change, GhostsShown) and told.append(change.ghosts))
    edit(review)
    compare(panel, qtbot)
    assert told == []  # nothing differs in frame 0
    session = review.session
    session.go_to_frame(3)
    qtbot.waitUntil(lambda: bool(told))
    # World and vehicle are one in this scene: the boxes lie where they were delivered.
    assert told[-1].cuboids.coord_frame_id == "world"
    np.testing.assert_allclose(told[-1].cuboids.center, [(10, 0, 0.8), (15, 4, 0.8), (8, -3, 0.9)])
    panel.before_check.setChecked(False)
    assert told[-1] is None
    panel.before_check.setChecked(True)
    assert len(told[-1]) == 3
    session.go_to_frame(4)
    qtbot.waitUntil(lambda: told[-1] is None)


def test_closing_while_it_compares_ends_the_comparison(review, qtbot):
    panel = VersionsPanel(review)
    qtbot.addWidget(panel)
    panel.show()
    panel.compare()
    assert review.session.jobs.statuses
    panel.dispose()
    assert not review.session.jobs.statuses


def test_a_fork_takes_what_is_ticked(review, panel, qtbot):
    panel.name_field.setText("all")
    panel.save()
    parent = panel._chosen_version()
    panel.ask_fork()
    box = panel._forking
    assert box.isVisible()
    assert not box.fork_button.isEnabled()
    names = [box.class_list.item(row).text() for row in range(box.class_list.count())]
    assert names == ["car", "person"]
    for row in range(2):
        box.class_list.item(row).setCheckState(Qt.CheckState.Unchecked)
    QTest.keyClicks(box.name_field, "persons")
    assert not box.fork_button.isEnabled()  # no class at all
    box.class_list.item(1).setCheckState(Qt.CheckState.Checked)
    box.names_check.setChecked(False)
    QTest.keyClick(box.name_field, Qt.Key.Key_Return)
    assert not box.isVisible()
    assert panel.before_box.currentData() == parent.key
    assert panel.after_box.currentText() == "persons"
    found = compare(panel, qtbot)
    # Of 60 frames with two cars and a person, the persons stay.
    assert (found.total.removed, found.total.same) == (120, 60)
    made = version_by_id(review.reading, panel.after_box.currentData())
    assert made.parent == parent.version_id
    assert made.keeps.classes == ("person",)
    review.undo()
    assert version_by_id(review.reading, made.version_id) is None


def test_a_fork_without_labels_has_none(review, panel, qtbot):
    panel.name_field.setText("all")
    panel.save()
    panel.ask_fork()
    box = panel._forking
    box.name_field.setText("anew")
    box.labels_check.setChecked(False)
    assert not box.class_list.isEnabled()
    box.fork()
    assert compare(panel, qtbot).total.after == 0


def test_a_difference_on_an_image_shows_its_camera_large(review, panel, qtbot):
    work = VersionWork(review)
    parent = work.save("all", "gt")
    shapes = ImageShapesBuilder()
    square = [(2, 2), (20, 2), (20, 14)]
    shapes.add(
        ShapeKind.POLYGONS, sensor_id="front", label_id="p", class_name="car", parts=[square]
    )
    place = review.session.scene
    gone = LabelTable.of(
        [("street_1", "000003", FrameLabels(CuboidLabels.empty("world"), shapes_2d=shapes.build()))]
    )
    diff = diff_labels(gone, LabelTable.of([]))
    choices = {each.key: each for each in work.choices()}
    sides = (choices[parent], choices["now:gt"])
    panel.show_found(
        Compared(
            *sides, Comparison(diff, (), ()), diff.rows(Difference.REMOVED), total_diff(diff),
            tuple(class_diffs(diff)), np.array([[0], [-1]]), DiffByFrame(diff),
        )
    )  # fmt: skip
    told = []
    review.subscribe(lambda change: isinstance(change, GhostsShown) and told.append(change.ghosts))
    panel.show_current()
    session = review.session
    qtbot.waitUntil(lambda: session.content.index == 3 and session.scene is place)
    qtbot.waitUntil(lambda: session.large_camera == "front")
    assert told[-1].flat[0].outlines[0].points_px.tolist() == [list(each) for each in square]
