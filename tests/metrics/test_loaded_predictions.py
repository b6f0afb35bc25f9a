"""Predictions of a file beside a dataset: one label set more, everything else as it was."""

from pathlib import Path

import numpy as np
import pytest
from fake_drive import make_dataset, make_scene

from viewer.metrics.gathering import gather_datasets
from viewer.metrics.loaded_predictions import (
    LoadedPredictions,
    loaded_label_set,
    prediction_set_id,
    with_predictions,
)
from viewer.metrics.prediction_problems import PredictionProblems
from viewer.progress import JobContext
from viewer.scene.labels import LabelSetKind

NONE = PredictionProblems({}, (), 0)


@pytest.fixture
def dataset():
    return make_dataset(make_scene(), make_scene(5, scene_id="yard"))


@pytest.fixture
def loaded(dataset):
    """The labels themselves, as someone's predictions."""
    truth = gather_datasets(dataset, "gt", [(dataset, "gt")], JobContext()).labels
    scored = truth.select(np.arange(len(truth)) % 2 == 0)
    return LoadedPredictions(loaded_label_set("model", "model.json"), scored, NONE)


def test_every_scene_has_the_set_and_its_own_frames(dataset, loaded):
    both = with_predictions(dataset, loaded)
    total = 0
    for scene in both.scenes:
        own = scene.label_sets[-1]
        assert (own.label_set_id, own.kind) == ("model", LabelSetKind.PREDICTIONS)
        for frame in scene.frames:
            total += len(scene.reader.read_labels(frame.index, "model").cuboids)
    assert total == len(loaded.objects)


def test_a_frame_holds_exactly_its_rows(dataset, loaded):
    both = with_predictions(dataset, loaded)
    for place, scene in enumerate(both.scenes):
        for frame in scene.frames:
            found = scene.reader.read_labels(frame.index, "model").cuboids
            truth = dataset.scenes[place].reader.read_labels(frame.index, "gt").cuboids
            for row, label_id in enumerate(found.label_ids):
                own = truth.row_of(label_id)
                assert found.class_names[row] == truth.class_names[own]
                assert found.track_ids[row] == truth.track_ids[own]
                assert found.cuboids.center[row] == pytest.approx(truth.cuboids.center[own])


def test_the_other_sets_are_read_as_before(dataset, loaded):
    both = with_predictions(dataset, loaded)
    before = dataset.scenes[0].reader.read_labels(0, "gt").cuboids
    after = both.scenes[0].reader.read_labels(0, "gt").cuboids
    assert list(after.label_ids) == list(before.label_ids)
    assert both.scenes[0].frames is dataset.scenes[0].frames


def test_loading_twice_replaces_the_set(dataset, loaded):
    twice = with_predictions(with_predictions(dataset, loaded), loaded)
    ids = [each.label_set_id for each in twice.scenes[0].label_sets]
    assert ids.count("model") == 1


def test_ids_that_are_taken_are_counted_on():
    assert prediction_set_id("model.json", []) == "model"
    assert prediction_set_id("model.json", ["model", "model-2"]) == "model-3"
    assert prediction_set_id(Path("/a/run.7").name, []) == "run"
