"""`sightline check --predictions`: a file or folder that any format reads, or a label set's id."""

import json
import shutil
from pathlib import Path

import nuscenes_tables
import pytest
from tiny_datasets import plain_scene, written
from typer.testing import CliRunner

from viewer.batch.in_process import InProcess
from viewer.batch.processes import Processes
from viewer.checks.policy import Policy
from viewer.checks.report_json import run_document
from viewer.checks.running import RunOptions, check_dataset
from viewer.checks.source import ScenesAt
from viewer.cli.parser import app
from viewer.progress import JobContext

runner = CliRunner()
STREET = Path(__file__).parents[2] / "sample_scenes" / "street_with_errors"
COMPARED = ("missing-label", "spurious-label", "class-swap")
CAR = "Car 0 0 -10 600 150 640 180 1.5 1.6 3.9 {x} 1.7 {z} 0.1 {score}"


def check(*words):
    return runner.invoke(app, ["check", *map(str, words)])


@pytest.fixture(scope="module")
def bare_street(tmp_path_factory):
    """The street without predictions of its own."""
    folder = tmp_path_factory.mktemp("bare") / "street_with_errors"
    shutil.copytree(STREET, folder, ignore=shutil.ignore_patterns("points", "images"))
    document = json.loads((folder / "scene.json").read_text())
    document["label_sets"] = [each for each in document["label_sets"] if each["id"] != "detector"]
    (folder / "scene.json").write_text(json.dumps(document))
    (folder / "labels" / "detector.jsonl").unlink()
    return folder


def found(source, options, batch):
    return json.dumps(run_document(check_dataset(source, options, batch, JobContext())))


def test_predictions_of_a_folder_are_found_as_those_of_the_dataset(bare_street):
    policy = Policy(only=frozenset(COMPARED))
    own = found(ScenesAt(STREET), RunOptions(None, ("detector",), policy), InProcess())
    beside = ScenesAt(bare_street, predictions=(STREET,))
    ids = tuple(each.label_set.label_set_id for each in beside.loaded(JobContext()))
    assert ids == ("street_with_errors",)
    alone = found(beside, RunOptions(None, ids, policy), InProcess())
    named = alone.replace("street_with_errors sees", "detector sees")
    for key in ("whole_track", "label_set"):
        named = named.replace(f'"{key}": "street_with_errors', f'"{key}": "detector')
    told = json.loads(named)
    assert told["findings"] == json.loads(own)["findings"]
    assert {each["check"] for each in told["findings"]} == set(COMPARED)
    assert found(beside, RunOptions(None, ids, policy), Processes(2)) == alone


def test_an_id_and_a_file_are_compared_with_together(tmp_path):
    out = tmp_path / "found.json"
    answer = check(STREET, "--only", "missing-label", "--json", out, "--predictions", "detector",
                   "--predictions", STREET)  # fmt: skip
    assert answer.exit_code == 0, answer.output
    told = [each["evidence"] for each in json.loads(out.read_text())["findings"]]
    by_file = [each for each in told if each.startswith("street_with_errors sees")]
    assert len(by_file) == len(told) / 2 > 10


@pytest.fixture
def kitti(tmp_path):
    return written("kitti_object", plain_scene)(tmp_path)


def test_text_of_kitti_and_frames_that_are_not_there(tmp_path, kitti):
    results = tmp_path / "results"
    results.mkdir()
    keys = sorted(each.stem for each in kitti.rglob("label_2/*.txt"))
    (results / f"{keys[0]}.txt").write_text(CAR.format(x=-20, z=40, score=0.9) + "\n")
    (results / "990099.txt").write_text(CAR.format(x=1, z=9, score=0.8) + "\n")
    out = tmp_path / "found.json"
    answer = check(kitti, "--only", "missing-label", "--predictions", results, "--json", out)
    assert answer.exit_code == 0, answer.output
    assert "990099.txt, line 1: the labels have no frame '990099'" in answer.output
    assert "results: 1 of 2 predictions cannot be used: 1 unknown frame; left out" in answer.output
    (only,) = json.loads(out.read_text())["findings"]
    assert only["subject"]["frame"] == keys[0]
    assert only["evidence"].startswith("results sees a Car (0.90)")


def test_results_of_nuscenes(tmp_path):
    rows = nuscenes_tables.tables()
    nuscenes_tables.write_tables(tmp_path / "drive", rows)
    token = rows["sample"][0]["token"]
    place = nuscenes_tables.ego_pose(nuscenes_tables.START_US)["translation"]
    box = {
        "sample_token": token, "translation": [place[0] + 40.0, place[1] - 30.0, 1.0],
        "size": [2.0, 4.0, 1.5], "rotation": [1.0, 0.0, 0.0, 0.0], "velocity": [0.0, 0.0],
        "detection_name": "car", "attribute_name": "", "detection_score": 0.93,
    }  # fmt: skip
    results = tmp_path / "mine.json"
    results.write_text(json.dumps({"meta": {"use_lidar": True}, "results": {token: [box]}}))
    out = tmp_path / "found.json"
    answer = check(
        tmp_path / "drive", "--only", "missing-label", "--predictions", results, "--json", out
    )
    assert answer.exit_code == 0, answer.output
    (only,) = json.loads(out.read_text())["findings"]
    assert only["evidence"].startswith("mine sees a car (0.93)")
    assert only["fix"]["center_m"] == pytest.approx(box["translation"])


def test_what_is_neither_a_set_nor_a_file_is_told():
    answer = check(STREET, "--predictions", "detectr")
    assert answer.exit_code == 2
    assert "detectr is no label set of the dataset, which has detector, ground_truth" in " ".join(
        answer.output.split()
    )


def test_predictions_of_other_data_are_no_run(tmp_path, kitti):
    results = tmp_path / "results"
    results.mkdir()
    (results / "990099.txt").write_text(CAR.format(x=1, z=9, score=0.8) + "\n")
    answer = check(kitti, "--predictions", results)
    assert answer.exit_code == 2
    assert "nothing in results is on a frame of the dataset" in answer.output
