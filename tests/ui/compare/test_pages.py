"""Curves, tables, two sets, protocols: figures that were counted by hand; and their exports."""

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog
from ui.compare.settling import settle

from viewer.review import Subject, new_id
from viewer.review.commands.slices import CreateSlice
from viewer.review.slices.members import Members
from viewer.session.compare_values import Query, QueryKind

pytestmark = pytest.mark.ui
FRAMES = 60


@pytest.fixture
def metrics(comparing):
    return comparing.compare.room.part("metrics")


@pytest.fixture
def show(comparing, metrics, qtbot):
    """Bring a page of the dock to the front and wait for its figures."""

    def bring(title):
        for place in range(metrics.tabs.count()):
            if metrics.tabs.tabText(place) == title:
                metrics.tabs.setCurrentIndex(place)
        settle(qtbot, comparing)
        return metrics.page(title)

    return bring


@pytest.fixture
def save_to(tmp_path, monkeypatch):
    def to(name):
        path = tmp_path / name
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_a, **_k: (str(path), ""))
        return path

    return to


def rows_of(table):
    return {str(row[0]): row[1:] for row in table.rows}


def test_curves_have_a_line_a_class_and_their_areas(show):
    page = show("Curves")
    precision, f1, calibration = (plot.plot for plot in page.plots)
    assert [curve.name for curve in precision.curves] == ["all", "car", "person"]
    notes = {curve.name: curve.note for curve in precision.curves}
    # Of 120 cars half are found, all surer than the ghosts: half the area at precision 1.
    assert notes["car"] == "AP 0.500"
    assert notes["person"] == "AP 0.000"
    assert f1.over_confidence
    assert {curve.name: curve.note for curve in f1.curves}["car"] == "0.667 at 0.90"
    # 60 hits at 0.9, 60 mixed at 0.6 and 60 ghosts at 0.3: (0.1 + 0.6 + 0.3) / 3 apart.
    assert {curve.name: curve.note for curve in calibration.curves}["all"] == "ECE 0.333"


def test_a_box_narrows_the_curves_to_one_class(show):
    page = show("Curves")
    page.class_box.setCurrentText("car")
    page.class_box.activated.emit(page.class_box.currentIndex())
    assert [curve.name for curve in page.plots[0].plot.curves] == ["car"]


def test_the_table_of_classes_holds_counts_and_rates(show):
    page = show("Tables")
    rows = rows_of(page.exported)
    labels, precision, recall, f1, ap, found, false, missed = rows["car"][:8]
    assert (labels, found, false, missed) == (120, 60, 60, 60)
    assert (precision, recall, f1, ap) == (0.5, 0.5, 0.5, 0.5)
    assert rows["person"][:4] == (60, 0.0, 0.0, 0.0)
    assert rows["weighted average"][1] == pytest.approx(1 / 3)


def test_parts_are_told_apart_where_the_data_tells_them(show, qtbot, comparing):
    page = show("Tables")
    kinds = [page.kind_box.itemData(place) for place in range(page.kind_box.count())]
    assert kinds == [
        "table/class", "table/range", "table/attribute/moving", "table/scenes", "table/unsure",
    ]  # fmt: skip
    page.choose("table/attribute/moving")
    settle(qtbot, comparing)
    rows = rows_of(page.exported)
    # Of each frame's labels only the first car stands still.
    assert rows["no"][:2] == (60, 60)
    assert rows["yes"][0] == 120
    page.choose("table/range")
    settle(qtbot, comparing)
    assert sum(row[0] for row in rows_of(page.exported).values()) == 180


def test_scenes_pass_or_fail_what_is_asked_of_them(show, qtbot, comparing):
    page = show("Tables")
    page.choose("table/scenes")
    settle(qtbot, comparing)
    assert rows_of(page.exported)["street_1"][:3] == ("scene", 30, None)
    page.least.fields["recall"].setValue(0.3)
    settle(qtbot, comparing)
    assert rows_of(page.exported)["street_1"][2] is True
    page.least.fields["precision"].setValue(0.9)
    settle(qtbot, comparing)
    assert rows_of(page.exported)["yard_2"][2] is False


def test_a_row_of_unsure_predictions_is_looked_at(show, qtbot, comparing, session):
    page = show("Tables")
    page.choose("table/unsure")
    settle(qtbot, comparing)
    # A score of 0.6 is the least sure of 0.9, 0.6 and 0.3: its entropy is the highest.
    assert page.exported.rows[0][:2] == ("person", 0.6)
    page.table.placed.emit(page.exported.places[7])
    qtbot.waitUntil(lambda: session.selection is not None)
    assert session.selection.label_id == "mixed"


def test_two_sets_need_a_second_one_first(show):
    page = show("A and B")
    assert not page.content.isVisible()
    assert page.note.text().startswith("Choose a second set of predictions")


def test_two_sets_tell_what_is_fixed_and_broken(show, comparing, session, qtbot):
    """The labels themselves as a second set fix what the first missed or mixed up."""
    desk = comparing.compare.desk
    gathered = desk.found.truth
    from dataclasses import replace

    import numpy as np

    from viewer.metrics.loaded_predictions import (
        LoadedPredictions,
        loaded_label_set,
        with_predictions,
    )
    from viewer.metrics.prediction_problems import PredictionProblems

    scored = replace(gathered, scores=np.full(len(gathered), 0.8))
    persons = np.array([gathered.class_names[row] == "person" for row in gathered.class_rows])
    loaded = LoadedPredictions(
        loaded_label_set("later", "later.json"),
        scored.select(persons),
        PredictionProblems({}, (), 0),
    )
    desk._loaded.append(loaded)
    session.use_grown(with_predictions(session.dataset, loaded))
    settle(qtbot, comparing)
    desk.choose(second="later")
    settle(qtbot, comparing)
    page = show("A and B")
    counts = {row[0].partition(":")[0]: row[1] for row in page.exported.rows}
    assert (counts["Fixed"], counts["Broken"], counts["Both wrong"]) == (60, 60, 60)
    assert (counts["New false positives"], counts["Gone false positives"]) == (0, 60)
    desk.ask_list(Query(QueryKind.FIXED))
    settle(qtbot, comparing)
    assert len(desk.walk.rows) == FRAMES
    desk.walk.show(0)
    qtbot.waitUntil(lambda: session.companion is not None)
    assert (session.selection.label_id, session.companion.label_set_id) == ("c", "later")
    desk.choose(second=None)
    settle(qtbot, comparing)
    assert desk.query.kind is QueryKind.FALSE_POSITIVES


def test_a_protocol_runs_and_tells_what_the_data_lack(show, qtbot, comparing, metrics, save_to):
    page = show("Protocols")
    page.box.setCurrentIndex(page.box.findData("kitti"))
    page.box.activated.emit(page.box.currentIndex())
    assert not page.table.isVisible()
    page.run_button.click()
    settle(qtbot, comparing)
    assert page.run_button.text() == "Run again"
    assert page.table.isVisible()
    assert page.lacks.isVisible()
    assert "2D" in page.lacks.text()
    path = save_to("protocol.html")
    metrics.export.export_protocol()
    settle(qtbot, comparing)
    text = path.read_text()
    assert "Predictions Guess beside labels Ground truth" in text
    assert "<h2>Figures, car</h2>" in text


@pytest.mark.parametrize(
    ("title", "first"),
    [
        ("Matrix", "label \\ prediction,car,person,background"),
        ("Curves", "plot,curve,x,y"),
        ("Tables", "Class,Labels,Precision,Recall,F1,AP,Found,False,Missed,Best F1,at score,ECE"),
    ],
)
def test_pages_are_written_as_csv_and_png(show, metrics, save_to, title, first):
    show(title)
    path = save_to("figures.csv")
    metrics.export.export_csv()
    assert path.read_text().splitlines()[0] == first
    picture = save_to("figures.png")
    metrics.export.export_png()
    assert picture.read_bytes()[:4] == b"\x89PNG"


def test_the_picture_of_a_matrix_is_whole_however_small_the_panel(show, save_to, metrics):
    page = show("Matrix")
    path = save_to("matrix.png")
    metrics.export.export_png()
    picture = QImage(str(path))
    whole = page.table.full_size()
    assert picture.width() >= 2 * (3 * 30)
    assert picture.height() == 2 * whole.height()


def test_slices_of_the_workspace_are_parts(show, comparing, qtbot):
    review = comparing.review
    assert review.open()
    desk, dataset_id = review.desk, review.desk.dataset_id
    frames = [Subject.frame(dataset_id, "street_1", f"{index:06d}") for index in (0, 1, 2)]
    labels = [Subject.label(dataset_id, "yard_2", "000004", "gt", name) for name in ("a", "b")]
    for name, members in (("first three", frames), ("two cars", labels)):
        assert desk.run(CreateSlice(new_id(), name, Members.of(members)))
    comparing.compare.desk.compare()
    settle(qtbot, comparing)
    page = show("Tables")
    page.choose("table/scenes")
    settle(qtbot, comparing)
    rows = rows_of(page.exported)
    # Each frame: one hit, one mixed up, one missed, one ghost.
    assert rows["first three"][:2] == ("slice", 3)
    assert rows["first three"][-3:] == (3, 3, 3)
    # Of two cars one is found and one is mixed up; nobody's ghost is theirs.
    assert rows["two cars"][:2] == ("slice", 1)
    assert rows["two cars"][-3:] == (0, 0, 1)


def test_only_pairs_of_one_class_but_those_that_are_allowed(comparing, qtbot, show):
    show("Matrix")
    desk = comparing.compare.desk
    desk.choose(by_class=True)
    settle(qtbot, comparing)
    assert desk.figures.value("matrix").counts.tolist() == [[60, 0, 60], [0, 0, 60], [60, 60, 0]]
    desk.choose(also="car=person")
    settle(qtbot, comparing)
    assert desk.figures.value("matrix").counts.tolist() == [[60, 60, 0], [0, 0, 60], [60, 0, 0]]
    desk.choose(also="car=ship")
    settle(qtbot, comparing)
    assert desk.problem == "no class 'ship' is evaluated; there are car, person"
    desk.choose(also="car")
    settle(qtbot, comparing)
    assert desk.problem == "“car” is no pair of classes: write label=prediction"


def test_objects_without_what_the_measure_looks_at_are_no_misses(comparing, qtbot):
    desk = comparing.compare.desk
    desk.choose(measure="iou_2d")
    settle(qtbot, comparing)
    assert len(desk.found.truth) == 0
    told = comparing.compare.room.part("sides").state.text()
    assert told.endswith("with 2D boxes, which this measure needs")


def test_one_page_holds_everything(show, metrics, save_to, comparing, qtbot):
    show("Matrix")
    path = save_to("evaluation.html")
    metrics.export.export_html()
    settle(qtbot, comparing)
    text = path.read_text()
    assert "Guess beside Ground truth" in text
    assert "Confusion matrix" in text
    assert text.count("<svg") == 3
    assert "By moving" in text
    assert "<script" not in text
    assert "http" not in text.replace("http-equiv", "")
