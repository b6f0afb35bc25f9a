"""Predictions of a file beside a dataset: shown, compared; bad rows are told of and asked about."""

import json
import shutil
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog
from ui.compare.settling import settle

from viewer.formats.catalog import open_dataset
from viewer.metrics.prediction_problems import ProblemKind
from viewer.ui.compare.bad_rows import BadRowsDialog

pytestmark = pytest.mark.ui
SAMPLES = Path(__file__).parents[3] / "sample_scenes"
DETECTIONS = 1367


def scene_without(folder: Path, removed: str) -> Path:
    """The street without one of its label sets, without points and images."""
    folder.mkdir()
    source = SAMPLES / "street"
    scene = json.loads((source / "scene.json").read_text())
    scene["label_sets"] = [each for each in scene["label_sets"] if each["id"] != removed]
    (folder / "scene.json").write_text(json.dumps(scene))
    shutil.copytree(source / "labels", folder / "labels")
    return folder


def spoil(folder: Path) -> None:
    """Make four rows of the detector unusable, each in its own way."""
    path = folder / "labels" / "detector.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    first = lines[0]["cuboids"]
    first["score"][0] = 1.7
    first["class_name"][1] = "spaceship"
    first["label_id"][3] = first["label_id"][2]
    second = lines[1]["cuboids"]
    second["score"][0] = -0.1
    path.write_text("\n".join(map(json.dumps, lines)) + "\n")


@pytest.fixture
def labels_only(tmp_path):
    return scene_without(tmp_path / "labelled", "detector")


@pytest.fixture
def predictions(tmp_path):
    return scene_without(tmp_path / "model", "ground_truth")


@pytest.fixture
def opened(window, session, labels_only, qtbot):
    """The window in the Compare layout over a dataset without predictions."""
    session.load_kernels()
    session.open_dataset(open_dataset(labels_only))
    qtbot.waitUntil(lambda: session.content is not None, timeout=30_000)
    window.table.run("layout.compare")
    settle(qtbot, window, rounds=3)
    return window


def test_a_dataset_without_predictions_says_how_to_get_some(opened):
    sides = opened.compare.room.part("sides")
    assert sides.empty.isVisible()
    assert sides.empty.text().startswith("This dataset has no predictions. Load those of a model")
    assert sides.load_button.isVisible()
    assert not sides.first_box.isVisible()
    errors = opened.compare.room.part("errors")
    assert errors.empty.text() == (
        "Errors are listed here once labels and predictions are compared."
    )


def test_loaded_predictions_are_compared_and_drawn(opened, session, predictions, qtbot,
                                                   monkeypatch):  # fmt: skip
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_a, **_k: str(predictions))
    opened.table.run("compare.load_folder")
    settle(qtbot, opened, rounds=3)
    desk = opened.compare.desk
    assert len(desk.found.first) == DETECTIONS
    assert desk.title_of(desk.choice.first) == "model"
    assert len(session.content.labels["model"].cuboids) > 0
    assert not opened.compare.room.part("sides").empty.isVisible()
    desk.walk.show(0)
    qtbot.waitUntil(lambda: session.selection is not None, timeout=20_000)
    assert session.selection.label_set_id == "model"


def test_bad_rows_are_told_of_and_the_rest_waits_for_a_yes(opened, predictions, qtbot):
    spoil(predictions)
    desk = opened.compare.desk
    desk.load_predictions(predictions)
    settle(qtbot, opened, rounds=3)
    assert desk.found.waits_for_yes
    assert desk.figures.value("matrix") is None
    ((set_id, problems),) = desk.found.problems
    assert problems.left_out == 4
    assert problems.counts == {
        ProblemKind.SCORE_OUT_OF_BOUNDS: 2, ProblemKind.UNKNOWN_CLASS: 1,
        ProblemKind.DUPLICATE_ID: 1,
    }  # fmt: skip
    sides = opened.compare.room.part("sides")
    assert sides.bad.isVisible()
    dialog = BadRowsDialog("model", problems, asks=True)
    qtbot.addWidget(dialog)
    model = dialog.table.model()
    assert model.rowCount() == 4
    told = {model.index(row, 0).data() for row in range(4)}
    assert told == {"score out of bounds", "unknown class", "duplicate id"}
    desk.accept(set_id)
    settle(qtbot, opened, rounds=3)
    assert not desk.found.waits_for_yes
    assert len(desk.found.first) == DETECTIONS - 4
    assert desk.figures.value("matrix") is not None


def test_what_no_format_reads_is_said_in_one_line(opened, tmp_path, qtbot):
    path = tmp_path / "notes.txt"
    path.write_text("nothing")
    desk = opened.compare.desk
    desk.load_predictions(path)
    settle(qtbot, opened, rounds=3)
    assert desk.problem == (f"These predictions cannot be used: {path} fits no known format")
    assert opened.compare.room.part("sides").problem.isVisible()
    assert desk.found is None


def test_reading_can_be_given_up(opened, predictions, qtbot):
    desk = opened.compare.desk
    desk.load_predictions(predictions)
    assert desk.busy.startswith("Reading model")
    opened.compare.room.part("sides").cancel_button.click()
    settle(qtbot, opened, rounds=3)
    assert desk.busy == ""
    assert desk.found is None


def test_a_comparison_that_was_given_up_can_be_asked_for_again(opened, predictions, qtbot):
    desk, sides = opened.compare.desk, opened.compare.room.part("sides")
    desk.load_predictions(predictions)
    settle(qtbot, opened, rounds=3)
    desk.choose(measure="iou_bev")
    assert sides.progress.isVisible()
    sides.cancel_button.click()
    settle(qtbot, opened, rounds=3)
    assert not sides.progress.isVisible()
    assert desk.is_stale
    assert sides.state.text().endswith("These figures are of the former choice: compare again.")
    assert sides.again_button.isVisible()
    sides.again_button.click()
    settle(qtbot, opened, rounds=3)
    assert desk.found.choice == desk.choice
    assert not desk.is_stale


def test_a_second_set_stands_beside_the_first(opened, predictions, qtbot):
    desk = opened.compare.desk
    desk.load_predictions(predictions)
    settle(qtbot, opened, rounds=3)
    desk.load_predictions(predictions, as_second=True)
    settle(qtbot, opened, rounds=3)
    assert (desk.choice.first, desk.choice.second) == ("model", "model-2")
    page = opened.compare.room.part("metrics").page("A and B")
    page.refresh()
    settle(qtbot, opened, rounds=3)
    desk.figures.ask("two")
    settle(qtbot, opened, rounds=3)
    counts = [row[1] for row in desk.figures.value("two").rows[:6]]
    # The same predictions twice: nothing fixed, nothing broken, no false positive came or went.
    assert counts[0] == counts[1] == counts[4] == counts[5] == 0
    assert counts[2] + counts[3] == len(desk.found.truth)


def test_another_dataset_is_compared_once_it_is_shown(opened, session, qtbot):
    session.open_dataset(open_dataset(SAMPLES / "street_with_errors"))
    settle(qtbot, opened, rounds=3)
    desk = opened.compare.desk
    assert (desk.choice.truth, desk.choice.first) == ("ground_truth", "detector")
    assert len(desk.found.first) == DETECTIONS


def test_a_protocol_evaluates_either_of_two_sets(opened, predictions, tmp_path, qtbot):
    half = scene_without(tmp_path / "half", "ground_truth")
    path = half / "labels" / "detector.jsonl"
    path.write_text("\n".join(path.read_text().splitlines()[:20]) + "\n")
    desk = opened.compare.desk
    desk.load_predictions(predictions)
    settle(qtbot, opened, rounds=3)
    desk.load_predictions(half, as_second=True)
    settle(qtbot, opened, rounds=3)
    page = opened.compare.room.part("metrics").page("Protocols")
    page.refresh()
    assert [page.set_box.itemText(place) for place in range(2)] == ["model", "half"]
    page.box.setCurrentIndex(page.box.findData("clear"))
    found = {}
    for place in range(2):
        page.set_box.setCurrentIndex(place)
        page.run_button.click()
        settle(qtbot, opened, rounds=3)
        page.refresh()
        found[page.run] = page.exported
    assert len(found) == 2
    first, second = found.values()
    assert first.rows != second.rows
