"""`sightline convert`: what it writes, what it tells, how it fails."""

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from viewer.cli.parser import app
from viewer.formats.catalog import open_dataset

runner = CliRunner()
SAMPLES = Path(__file__).parents[2] / "sample_scenes"
BOXES = str(SAMPLES / "calibration_boxes")


def convert(*words):
    return runner.invoke(app, ["convert", *map(str, words)])


def test_a_scene_becomes_another_and_the_report_lists_what_is_lost(tmp_path):
    report = tmp_path / "losses.json"
    answer = convert(BOXES, tmp_path / "k", "--to", "kitti_object", "--loss-report", report)
    assert answer.exit_code == 0, answer.output
    assert str(tmp_path / "k") in answer.output
    dataset = open_dataset(tmp_path / "k")
    assert dataset.format_name == "kitti_object"
    dataset.close()
    facts = json.loads(report.read_text())
    assert facts["total"] == sum(row["count"] for row in facts["losses"]) > 0
    table = tmp_path / "losses.csv"
    answer = convert(BOXES, tmp_path / "k2", "--to", "kitti_object", "--loss-report", table)
    rows = list(csv.reader(table.read_text().splitlines()))
    assert rows[0] == ["what", "where", "count", "why"]
    assert len(rows) == 1 + len(facts["losses"])


def test_a_dry_run_writes_nothing(tmp_path):
    answer = convert(BOXES, tmp_path / "k", "--to", "kitti_object", "--dry-run")
    assert answer.exit_code == 0
    assert "nothing was written" in answer.output
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--to", "paper"], "native"),
        (["--to", "native", "--scene", "nowhere"], "nowhere"),
        (["--to", "native", "--label-set", "none"], "none"),
        (["--to", "native", "--label-form", "vertices"], "one only"),
        (["--to", "labelcloud", "--label-form", "kitti"], "centroid_abs"),
        (["--to", "kitti_object", "--camera", "fisheye"], "pinhole"),
        (["--to", "native", "--loss-report", "losses.txt"], ".json"),
    ],
)
def test_wrong_use_exits_with_2_and_writes_nothing(tmp_path, options, told):
    answer = convert(BOXES, tmp_path / "out", *options)
    assert answer.exit_code == 2
    assert told in answer.stderr
    assert not any(tmp_path.iterdir())


def test_unreadable_data_exits_with_3(tmp_path):
    (tmp_path / "empty").mkdir()
    answer = convert(tmp_path / "empty", tmp_path / "out", "--to", "native")
    assert answer.exit_code == 3
    assert not (tmp_path / "out").exists()


def test_labels_take_the_form_that_is_asked_for(tmp_path):
    answer = convert(BOXES, tmp_path / "out", "--to", "labelcloud", "--label-form", "vertices")
    assert answer.exit_code == 0, answer.output
    classes = json.loads((tmp_path / "out" / "labels" / "_classes.json").read_text())
    assert classes["format"] == "vertices"
