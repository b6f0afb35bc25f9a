"""Figures that rows of inferences bring with them."""

import json

import pytest

from viewer.formats.catalog import open_dataset
from viewer.metrics.custom_metrics import gather_custom_metrics
from viewer.progress import JobContext


def gathered(tmp_path, values):
    """Average what each frame's row tells."""
    path = tmp_path / "model.jsonl"
    rows = [
        {"task_id": f"f{i}", "type": "Inference", "inference_data": [], "custom_metrics": value}
        for i, value in enumerate(values)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    dataset = open_dataset(path)
    try:
        return gather_custom_metrics(dataset, "model", JobContext())
    finally:
        dataset.close()


def test_numbers_and_matrices_are_averaged_over_the_frames_that_have_them(tmp_path):
    found = gathered(
        tmp_path,
        [{"ade": 0.5, "cm": [[1, 2], [3, 4]]}, {"ade": 1.5}, {}, {"cm": [[3, 0], [1, 0]]}, None],
    )
    ade, matrix = found.metrics
    assert (ade.name, ade.is_matrix, float(ade.average)) == ("ade", False, 1.0)
    assert [key for _, key in ade.frames] == ["f0", "f1"]
    assert matrix.is_matrix
    assert matrix.average.tolist() == [[2, 1], [2, 2]]
    assert matrix.total.tolist() == [[4, 2], [4, 4]]
    assert found.problems == ()


def test_what_does_not_fit_is_told_of_and_left_out(tmp_path):
    found = gathered(
        tmp_path,
        [{"x": 1.0}, {"x": [[1.0]]}, {"x": 3.0, "y": "much"}, {"y": [[1, 2], [3]]}],
    )
    assert float(found.metrics[0].average) == 2.0
    assert [str(each.message) for each in found.problems] == [
        "'x' is a matrix of 1 x 1, elsewhere a number; it is left out"
    ]
    assert [metric.name for metric in found.metrics] == ["x"]


@pytest.mark.parametrize("bad", [[], [[]], [1, 2], {"a": 1}, True, "0.5"])
def test_values_that_are_neither_are_noted_with_their_line(tmp_path, bad):
    path = tmp_path / "model.jsonl"
    row = {"task_id": "f", "type": "Inference", "inference_data": [], "custom_metrics": {"m": bad}}
    path.write_text(json.dumps(row) + "\n")
    dataset = open_dataset(path)
    assert gather_custom_metrics(dataset, "model", JobContext()).metrics == ()
    noted = [each for scene in dataset.scenes for each in scene.reader.problems()]
    assert [(each.place, each.message) for each in noted] == [
        ("line 1, $.custom_metrics[m]", "is neither a number nor a matrix; it is left out")
    ]
