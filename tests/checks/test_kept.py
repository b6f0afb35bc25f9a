"""A run that is asked for again reads no points and answers no question twice."""

import json
from dataclasses import replace

import numpy as np
import pytest
from checked_drive import changed, drive_scene, moved, true_rows

from viewer.batch.in_process import InProcess
from viewer.checks import kept, running
from viewer.checks.finding import Finding
from viewer.checks.policy import Policy
from viewer.checks.report_json import run_document
from viewer.checks.running import RunOptions, check_dataset
from viewer.checks.source import OpenScenes
from viewer.progress import JobContext
from viewer.scene.scene import Dataset

ROWS = changed(true_rows(), "car-1", [10, 11], center=moved(z=0.7))


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("SIGHTLINE_CACHE", str(tmp_path))


def run(scene, policy=None):
    dataset = Dataset(scene.path, scene.format_name, (scene,))
    options = RunOptions(policy=policy or Policy(only=frozenset({"floating", "size-prior"})))
    found = check_dataset(OpenScenes(dataset), options, InProcess(), JobContext())
    assert not found.failures
    return found


@pytest.fixture
def counted(monkeypatch):
    calls = {"clouds": 0, "scenes": 0}
    check = running.check_scene

    def counting(*arguments, **more):
        calls["scenes"] += 1
        return check(*arguments, **more)

    monkeypatch.setattr(running, "check_scene", counting)

    def watch(scene):
        read = scene.reader.read_point_cloud

        def counting_read(*arguments):
            calls["clouds"] += 1
            return read(*arguments)

        monkeypatch.setattr(scene.reader, "read_point_cloud", counting_read)
        return scene

    return calls, watch


def test_points_are_read_once_for_learning_and_checking(counted):
    calls, watch = counted
    scene = watch(drive_scene(ROWS))
    first = run(scene)
    assert calls == {"clouds": len(scene), "scenes": 1}
    again = run(scene)
    assert calls == {"clouds": len(scene), "scenes": 1}
    assert json.dumps(run_document(again)) == json.dumps(run_document(first))
    assert sum(1 for _ in again.findings) == 2


def test_another_policy_asks_again_but_reads_no_points(counted):
    calls, watch = counted
    scene = watch(drive_scene(ROWS))
    run(scene)
    run(scene, Policy(only=frozenset({"floating"})))
    assert calls == {"clouds": len(scene), "scenes": 2}


def test_a_label_that_changed_is_measured_again(counted):
    calls, watch = counted
    run(watch(drive_scene(ROWS)))
    before = calls["clouds"]
    found = run(watch(drive_scene(true_rows())))
    assert calls["clouds"] == 2 * before
    assert list(found.findings) == []


def test_findings_come_back_whole(tmp_path):
    (first, *_) = run(drive_scene(ROWS)).findings
    kept.save_result("x", kept.KeptResult([first], {"a": "b"}, []))
    again = kept.load_result("x").findings[0]
    assert isinstance(again, Finding)
    assert again.finding_id == first.finding_id
    assert again.evidence.boxes[0].center_m == first.evidence.boxes[0].center_m
    assert again.fix.values["center_m"] == pytest.approx(first.fix.values["center_m"])
    for name in ("trail_m", "points_m"):
        one, other = getattr(again.evidence, name), getattr(first.evidence, name)
        assert (one is None) == (other is None)
        if one is not None:
            np.testing.assert_array_equal(one, other)


def test_a_damaged_cache_is_no_error(tmp_path):
    scene = drive_scene(ROWS)
    first = run(scene)
    for path in tmp_path.glob("*.npz"):
        path.write_bytes(b"PK" + path.read_bytes()[40:])
    assert json.dumps(run_document(run(scene))) == json.dumps(run_document(first))


def test_predictions_beside_the_labels_measure_no_points_anew(counted):
    calls, watch = counted
    run(watch(drive_scene(ROWS)))
    before = dict(calls)
    guessed = [replace(row, score=0.9, name=f"p-{row.label_id}") for row in true_rows()]
    run(watch(drive_scene(ROWS, guessed)))
    assert calls == {"clouds": before["clouds"], "scenes": 2}
