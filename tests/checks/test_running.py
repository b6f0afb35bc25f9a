"""Runs over scenes: the same on any number of processes, and nothing lost to a broken scene."""

import json
from pathlib import Path

import pytest

from viewer.batch.in_process import InProcess
from viewer.batch.processes import Processes
from viewer.checks.catalog import CHECKS
from viewer.checks.finding import Severity
from viewer.checks.policy import Policy, read_policy, require_known
from viewer.checks.report_json import run_document
from viewer.checks.running import RunOptions, check_dataset
from viewer.checks.source import OpenScenes, ScenesAt
from viewer.formats.base import DamagedData
from viewer.formats.catalog import open_dataset
from viewer.progress import JobContext

SAMPLES = Path(__file__).parents[2] / "sample_scenes"
STREET = SAMPLES / "street_with_errors"
QUICK = Policy(
    only=frozenset(
        {"aspect", "yaw-flip", "size-prior", "class-imbalance", "size-shift", "annotation-density"}
    )
)


@pytest.fixture(scope="module")
def run():
    return check_dataset(ScenesAt(STREET), RunOptions(), InProcess(), JobContext())


def test_planted_errors_of_the_sample_are_found(run):
    planted = json.loads((STREET / "truth.json").read_text())["planted_errors"]
    flips = {entry["label_id"] for entry in planted if entry["kind"] == "yaw_flip"}
    found = {each.labels[0].label_id for each in run.findings if each.check == "yaw-flip"}
    assert found == flips


def test_two_processes_find_bit_for_bit_the_same():
    options = RunOptions(policy=QUICK)
    alone = check_dataset(ScenesAt(SAMPLES), options, InProcess(), JobContext())
    shared = check_dataset(ScenesAt(SAMPLES), options, Processes(2), JobContext())
    assert len(alone.scenes) == 3
    assert json.dumps(run_document(alone)) == json.dumps(run_document(shared))
    assert {each.check for each in alone.dataset.findings} == {"class-imbalance"}
    assert set(alone.dataset.tables) == {"class-imbalance", "annotation-density"}


def test_a_scene_without_the_named_labels_is_passed_over_and_told():
    dataset = open_dataset(SAMPLES)
    bare = dataset.scenes[0]
    named = dataset.scenes[1].label_sets[0].label_set_id
    object.__setattr__(bare, "label_sets", ())
    options = RunOptions(label_set_id=named, policy=QUICK)
    run = check_dataset(OpenScenes(dataset), options, InProcess(), JobContext())
    assert list(run.failures) == [bare.scene_id]
    assert f"no label set {named}" in run.failures[bare.scene_id]
    assert [each.scene_id for each in run.scenes] == [each.scene_id for each in dataset.scenes[1:]]


def test_without_any_labels_sensors_are_checked_and_the_rest_says_why_not():
    dataset = open_dataset(STREET)
    (scene,) = dataset.scenes
    object.__setattr__(scene, "label_sets", ())
    first, second = scene.frames[:2]
    # Its sensors were read 0.9 s after it, and the next frame comes late.
    object.__setattr__(first, "timestamp_ns", first.timestamp_ns - 900_000_000)
    only = ("time-sync", "intrinsics", "image-edges", "sweep-motion", "size-prior", "empty-box")
    options = RunOptions(policy=Policy(only=frozenset(only)))
    run = check_dataset(OpenScenes(dataset), options, InProcess(), JobContext())
    (result,) = run.scenes
    told = {each.frame_key for each in result.findings if each.check == "time-sync"}
    assert told == {first.key, second.key}
    assert set(result.skipped) == {"size-prior", "empty-box", "sweep-motion"}
    assert "no cuboids" in result.skipped["size-prior"]
    assert result.labels == 0


def test_a_policy_pins_numbers_by_class(tmp_path):
    path = tmp_path / "site.toml"
    path.write_text(
        'fail_on = "medium"\nskip = ["tightness"]\n[checks.floating]\nmost_gap_m = 0.5\n'
        "[checks.floating.classes.car]\nmost_gap_m = 0.1\n"
    )
    policy = read_policy(path, CHECKS)
    floating = next(check for check in CHECKS if check.id == "floating")
    assert policy.fail_on == Severity.MEDIUM
    assert not policy.runs("tightness")
    assert policy.parameters_of(floating).of("most_gap_m", "truck") == 0.5
    assert policy.parameters_of(floating).of("most_gap_m", "car") == 0.1
    assert policy.parameters_of(floating).of("least_standing", "car") == 0.6


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[checks.floatin]\n", "line 1, checks.floatin"),
        ("[checks.floating]\nmost_gap = 1\n", "line 2, checks.floating.most_gap"),
        ("[checks.floating]\nmost_gap_m = -1\n", "line 2, checks.floating.most_gap_m"),
        ('[checks.floating]\nmost_gap_m = "wide"\n', "line 2, checks.floating.most_gap_m"),
        ('fail_on = "dire"\n', "line 1, fail_on"),
        ("skip = 3\n", "line 1, skip"),
        ("colour = 1\n", "line 1, colour"),
        ("[checks\n", ""),
        (
            'skip = []\n\n[checks.floating.classes."big.van"]\nmost_gap_m = -2\n',
            "line 4, checks.floating.classes.big.van.most_gap_m",
        ),
        (
            "checks.floating.classes.car.most_gap_m = -2\n",
            "line 1, checks.floating.classes.car.most_gap_m",
        ),
        ("[checks]\nfloating = { most_gap_m = -2 }\n", "line 2, checks.floating.most_gap_m"),
    ],
)
def test_a_policy_that_is_wrong_names_the_place(tmp_path, text, place):
    path = tmp_path / "site.toml"
    path.write_text(text)
    with pytest.raises(DamagedData) as raised:
        read_policy(path, CHECKS)
    assert raised.value.path == path
    assert raised.value.place == place


def test_names_that_are_no_check_are_told():
    with pytest.raises(ValueError, match="no such check: yaw-flop"):
        require_known(["yaw-flip", "yaw-flop"], CHECKS)


def test_findings_of_a_run_make_a_queue(run, tmp_path):
    from viewer.review.queues.found import read_findings

    path = tmp_path / "findings.json"
    path.write_text(json.dumps(run_document(run)))
    queued = read_findings(path, "dataset")
    assert len(queued) == sum(1 for _ in run.findings)
