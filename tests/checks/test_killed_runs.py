"""Nothing is lost when a worker, or the run itself, is killed in the middle."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import checked_drive
import numpy as np
import pytest
from checked_drive import changed, drive_scene, moved, true_rows

from viewer.batch.in_process import InProcess
from viewer.batch.on_dask import OnDask
from viewer.checks import running
from viewer.checks.report_json import run_document
from viewer.checks.running import RunOptions, check_dataset
from viewer.checks.source import ScenesAt
from viewer.formats.native.writer import write_native_scene
from viewer.progress import JobContext

SCENES = 8
LONGEST_S = 90


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    """Scenes of a drive, each with another error."""
    folder = tmp_path_factory.mktemp("dataset")
    ground = checked_drive.ground_points()[::5]
    monkeypatch = pytest.MonkeyPatch()
    monkeypatch.setattr(checked_drive, "ground_points", lambda: ground)
    for number in range(SCENES):
        rows = changed(true_rows(), "car-1", [5 + number, 6 + number], center=moved(z=0.7))
        scene = drive_scene(rows)
        object.__setattr__(scene, "scene_id", f"drive_{number}")
        assert not write_native_scene(scene, folder / scene.scene_id)
    monkeypatch.undo()
    return folder


@pytest.fixture(scope="module")
def expected(dataset, tmp_path_factory):
    """What one process finds that nobody disturbs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIGHTLINE_CACHE", str(tmp_path_factory.mktemp("undisturbed")))
        run = check_dataset(ScenesAt(dataset), RunOptions(), InProcess(), JobContext())
    assert len(run.scenes) == SCENES
    assert sum(each.check == "floating" for each in run.findings) >= 2 * SCENES
    return json.dumps(run_document(run))


@pytest.fixture
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("SIGHTLINE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def learned(cache):
    """Of how many scenes the boxes have been measured by now."""
    return sum("standing" in stored for stored in archives(cache))


def checked(cache):
    """How many scenes have answers by now."""
    return sum(b"findings" in stored.get("record", b"") for stored in archives(cache))


def archives(cache):
    found = []
    for path in cache.glob("*.npz"):
        with np.load(path) as stored:
            found.append({name: stored[name].tobytes() for name in stored.files})
    return found


def wait_until(true):
    ends = time.monotonic() + LONGEST_S
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.01)


def children(pid):
    """Processes that a process started, that run Python work."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            command = Path(f"/proc/{child}/cmdline").read_bytes()
            if b"spawn_main" in command:
                found.append(int(child))
    return found


def is_there(pid):
    """Whether a process still runs; one that only waits to be taken note of does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(") ")[1][0] != "Z"
    except OSError:
        return False


def started(dataset, report):
    return subprocess.Popen(
        [
            sys.executable, "-c", "from viewer.cli.main import main; main()",
            "check", str(dataset), "--workers", "2", "--json", str(report),
        ],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip


needs_proc = pytest.mark.skipif(
    not Path("/proc/self/task").exists(), reason="tells worker processes by /proc"
)


@needs_proc
def test_a_killed_worker_loses_nothing(dataset, expected, cache, tmp_path):
    report = tmp_path / "found.json"
    process = started(dataset, report)
    wait_until(lambda: learned(cache) >= 1 or process.poll() is not None)
    assert checked(cache) < SCENES, "the run was over before anything could be killed"
    victim = children(process.pid)[0]
    os.kill(victim, signal.SIGKILL)
    _, errors = process.communicate(timeout=LONGEST_S)
    assert process.returncode == 0, errors.decode()
    assert json.loads(report.read_text()) == json.loads(expected)


def killed_run(dataset, cache, report):
    """Kill a run when a few scenes have answers; return how many they are by then."""
    process = started(dataset, report)
    # Each scene has kept its measures and its files before any has answers.
    wait_until(
        lambda: len(list(cache.glob("*.npz"))) >= 2 * SCENES + 2 or process.poll() is not None
    )
    workers = children(process.pid)
    process.kill()
    process.wait()
    process.stderr.close()
    wait_until(lambda: not any(is_there(worker) for worker in workers))
    return checked(cache)


@needs_proc
def test_a_run_that_was_killed_goes_on_where_it_was(dataset, expected, tmp_path, monkeypatch):
    # On a busy machine a run may be over before it is killed: then another is killed.
    for attempt in range(4):
        cache = tmp_path / f"cache {attempt}"
        monkeypatch.setenv("SIGHTLINE_CACHE", str(cache))
        finished = killed_run(dataset, cache, tmp_path / "found.json")
        if finished < SCENES:
            break
    assert 2 <= finished < SCENES
    asked = []
    check = running.check_scene
    monkeypatch.setattr(
        running,
        "check_scene",
        lambda scene, *more: asked.append(scene.scene_id) or check(scene, *more),
    )
    run = check_dataset(ScenesAt(dataset), RunOptions(), InProcess(), JobContext())
    assert len(asked) == SCENES - finished
    assert json.dumps(run_document(run)) == expected


def test_a_killed_dask_worker_loses_nothing(dataset, expected, cache):
    distributed = pytest.importorskip("dask.distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, scheduler_port=0
    ) as cluster:
        runs = []
        options, runner = RunOptions(), OnDask(cluster.scheduler_address)
        work = threading.Thread(
            target=lambda: runs.append(
                check_dataset(ScenesAt(dataset), options, runner, JobContext())
            )
        )
        work.start()
        wait_until(lambda: learned(cache) >= 1 or not work.is_alive())
        assert checked(cache) < SCENES
        os.kill(next(iter(cluster.workers.values())).pid, signal.SIGKILL)
        work.join(LONGEST_S)
    assert json.dumps(run_document(runs[0])) == expected
