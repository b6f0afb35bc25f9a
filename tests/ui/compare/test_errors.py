"""From the matrix to its list, from a row to its frame, by mouse and by keys."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog
from ui.compare.settling import settle

from viewer.metrics.confusion_queries import Ordering
from viewer.review.issues.reading import elements_of
from viewer.review.queues.reading import queues
from viewer.session.compare_values import Query, QueryKind
from viewer.session.selection import LabelKey

pytestmark = pytest.mark.ui
KEY = Qt.Key
FRAMES = 60


def press(qtbot, window, key, modifier=Qt.KeyboardModifier.NoModifier):
    qtbot.keyClick(QApplication.focusWidget() or window, key, modifier)


@pytest.fixture
def errors(comparing):
    return comparing.compare.room.part("errors")


@pytest.fixture
def matrix(comparing, qtbot):
    page = comparing.compare.room.part("metrics").page("Matrix")
    qtbot.waitUntil(lambda: page.table.matrix_model.matrix is not None)
    return page


def click_cell(qtbot, matrix, label, prediction):
    names = list(matrix.table.matrix_model.matrix.all_names)
    index = matrix.table.model().index(names.index(label), names.index(prediction))
    place = matrix.table.visualRect(index).center()
    qtbot.mouseClick(matrix.table.viewport(), Qt.MouseButton.LeftButton, pos=place)


def click_row(qtbot, errors, row):
    place = errors.table.visualRect(errors.model.index(row, 0)).center()
    qtbot.mouseClick(errors.table.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_the_matrix_counts_what_is_there(matrix):
    shown = matrix.table.matrix_model.matrix
    assert shown.names == ("car", "person")
    assert shown.counts.tolist() == [
        [FRAMES, FRAMES, 0],
        [0, 0, FRAMES],
        [FRAMES, 0, 0],
    ]
    assert matrix.sums.text() == "60 found, 60 confused, 60 false positives, 60 missed"


def test_a_cell_lists_its_pairs(comparing, matrix, errors, qtbot):
    click_cell(qtbot, matrix, "car", "person")
    settle(qtbot, comparing)
    assert comparing.compare.desk.query == Query(QueryKind.CELL, "car", "person")
    assert errors.model.rowCount() == FRAMES
    assert errors.model.cells(0) == ("car", "person", "0.60", "1.00", "000000", "street_1")


def test_a_row_shows_its_frame_with_both_haloed(comparing, matrix, errors, session, qtbot):
    click_cell(qtbot, matrix, "car", "person")
    settle(qtbot, comparing)
    click_row(qtbot, errors, 4)
    qtbot.waitUntil(lambda: session.content is not None and session.content.index == 4)
    qtbot.waitUntil(lambda: session.selection is not None)
    assert session.selection == LabelKey("gt", 4, "b", "2")
    assert session.companion == LabelKey("guess", 4, "mixed", None)
    assert comparing.viewport.last("selection")[1:] == (session.selection, session.companion)
    assert comparing.viewport.last("focus") is not None
    assert errors.count.text() == "5 of 60"


def test_rows_of_another_scene_open_it(comparing, errors, session, qtbot):
    settle(qtbot, comparing)
    comparing.compare.desk.walk.show(FRAMES - 1)
    qtbot.waitUntil(lambda: session.scene.scene_id == "yard_2" and session.selection is not None)
    assert session.selection == LabelKey("guess", 29, "ghost", None)
    assert session.companion is None


def test_keys_walk_the_list(comparing, errors, session, qtbot):
    settle(qtbot, comparing)
    errors.table.setFocus()
    press(qtbot, comparing, KEY.Key_Down)
    press(qtbot, comparing, KEY.Key_Down)
    settle(qtbot, comparing)
    assert (comparing.compare.desk.walk.row, session.frame_index) == (1, 1)
    comparing.viewport_widget.setFocus()
    press(qtbot, comparing, KEY.Key_BracketRight)
    settle(qtbot, comparing)
    assert (comparing.compare.desk.walk.row, session.frame_index) == (2, 2)
    assert errors.table.currentIndex().row() == 2
    press(qtbot, comparing, KEY.Key_BracketLeft)
    press(qtbot, comparing, KEY.Key_BracketLeft)
    press(qtbot, comparing, KEY.Key_BracketLeft)
    settle(qtbot, comparing)
    assert comparing.compare.desk.walk.row == 0


def test_predictions_that_were_hidden_are_shown_for_a_row(comparing, errors, session, qtbot):
    from dataclasses import replace

    session.set_view(layers=replace(session.view.layers, predictions=False))
    settle(qtbot, comparing)
    comparing.compare.desk.walk.show(0)
    qtbot.waitUntil(lambda: session.selection is not None)
    assert session.view.layers.predictions


def test_the_sliders_recompute_the_matrix(comparing, matrix, qtbot):
    panel = comparing.compare.room.part("metrics")
    panel.confidence.slider.setValue(50)
    settle(qtbot, comparing)
    counts = matrix.table.matrix_model.matrix.counts.tolist()
    assert counts == [[FRAMES, FRAMES, 0], [0, 0, FRAMES], [0, 0, 0]]
    panel.similarity.number.setValue(0.95)
    settle(qtbot, comparing)
    counts = matrix.table.matrix_model.matrix.counts.tolist()
    assert counts == [[0, FRAMES, FRAMES], [0, 0, FRAMES], [FRAMES, 0, 0]]


@pytest.mark.parametrize(
    ("kind", "first"),
    [
        (QueryKind.CORRECT, ("car", "car")), (QueryKind.CONFUSIONS, ("car", "person")),
        (QueryKind.FALSE_POSITIVES, ("–", "car")), (QueryKind.FALSE_NEGATIVES, ("person", "–")),
        (QueryKind.CONFUSED_AS, None), (QueryKind.CONFUSED_FROM, ("car", "person")),
        (QueryKind.CELL, ("car", "car")),
    ],
)  # fmt: skip
def test_seven_questions(comparing, errors, qtbot, kind, first):
    settle(qtbot, comparing)
    box = errors.query_bar.kind_box
    box.setCurrentIndex(box.findData(kind))
    box.activated.emit(box.currentIndex())
    settle(qtbot, comparing)
    assert errors.model.rowCount() == (FRAMES if first else 0)
    assert first is None or errors.model.cells(0)[:2] == first
    assert errors.empty.isVisible() == (first is None)


def test_the_order_is_chosen_in_a_box(comparing, errors, qtbot):
    settle(qtbot, comparing)
    desk, box = comparing.compare.desk, errors.query_bar.ordering_box
    assert box.count() == 6
    for place in range(6):
        box.setCurrentIndex(place)
        box.activated.emit(place)
        settle(qtbot, comparing)
        assert desk.ordering is Ordering(box.itemData(place))
        assert errors.model.rowCount() == FRAMES


def test_one_key_makes_an_issue_of_the_row(comparing, matrix, errors, session, qtbot):
    click_cell(qtbot, matrix, "car", "person")
    settle(qtbot, comparing)
    comparing.compare.desk.walk.show(3)
    qtbot.waitUntil(lambda: session.selection is not None)
    comparing.viewport_widget.setFocus()
    press(qtbot, comparing, KEY.Key_I)
    assert comparing.shell.layout_shown("compare")
    desk = comparing.review.desk
    found = desk.issues.current
    assert found.title == "car taken for person: b, street_1"
    assert "Guess beside Ground truth; prediction mixed, score 0.60; 3D IoU 1.00" in (
        found.description
    )
    subjects = [each.subject for each in elements_of(desk.reading, found.issue_id)]
    assert [(each.label_set_id, each.label_id) for each in subjects] == [
        ("gt", "b"), ("guess", "mixed"),
    ]  # fmt: skip
    assert {each.frame_key for each in subjects} == {"000003"}


def test_one_key_makes_a_queue_of_the_list(comparing, errors, session, qtbot):
    settle(qtbot, comparing)
    comparing.viewport_widget.setFocus()
    press(qtbot, comparing, KEY.Key_Q, Qt.KeyboardModifier.ShiftModifier)
    settle(qtbot, comparing)
    made = queues(comparing.review.desk.reading)
    assert [(each.name, each.total) for each in made] == [
        ("predicted where nothing is, Guess", FRAMES)
    ]


def test_the_list_is_written_as_csv(comparing, errors, tmp_path, monkeypatch, qtbot):
    settle(qtbot, comparing)
    path = tmp_path / "errors.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_a, **_k: (str(path), ""))
    errors.export_action.trigger()
    settle(qtbot, comparing)
    lines = path.read_text().splitlines()
    assert len(lines) == FRAMES + 1
    assert lines[1] == "street_1,000000,background,car,0.3,,12.8,,ghost"


def test_edited_labels_make_the_figures_old(comparing, session, qtbot):
    desk = comparing.compare.desk
    session.edit_labels = lambda _scene, _index, _set_id, labels: labels
    session.show_edits()
    qtbot.waitUntil(lambda: desk.is_stale)
    sides = comparing.compare.room.part("sides")
    assert sides.again_button.isVisible()
    sides.again_button.click()
    settle(qtbot, comparing)
    assert not desk.is_stale
    assert not sides.again_button.isVisible()


def test_no_list_of_a_former_comparison_is_ever_shown(comparing, errors, qtbot):
    """Rows of one comparison read in another would name other objects, or none."""
    settle(qtbot, comparing)
    desk, strays = comparing.compare.desk, []

    def check(_change):
        listed = desk.figures.value("list")
        if listed is not None and listed.found is not desk.found:
            strays.append(listed)

    desk.subscribe(check)
    for measure in ("iou_2d", "iou_3d", "iou_mask", "iou_bev"):
        desk.choose(measure=measure)
        settle(qtbot, comparing)
        assert errors.model.rows.found is desk.found
    assert strays == []
