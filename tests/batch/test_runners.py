"""Every runner gives the same, in order, and loses nothing."""

import threading
import time
from functools import partial

import batch_works as works
import pytest

from viewer.batch.catalog import runner_for
from viewer.batch.in_process import InProcess
from viewer.batch.on_dask import NoCluster, OnDask
from viewer.batch.processes import Processes
from viewer.progress import Cancelled, JobContext


@pytest.fixture(scope="module")
def cluster():
    distributed = pytest.importorskip("dask.distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, scheduler_port=0
    ) as started:
        yield started.scheduler_address


@pytest.fixture(params=["in-process", "processes", "dask"])
def runner(request):
    if request.param == "in-process":
        return InProcess()
    if request.param == "processes":
        return Processes(2)
    return OnDask(request.getfixturevalue("cluster"))


def test_results_come_in_the_order_of_the_keys(runner):
    outcomes = list(runner.map(works.square, range(20), JobContext()))
    assert [each.key for each in outcomes] == list(range(20))
    assert [each.result for each in outcomes] == [number**2 for number in range(20)]


def test_a_failure_is_told_and_the_others_are_done(runner):
    outcomes = list(runner.map(works.fail_on_three, range(5), JobContext()))
    assert [each.result for each in outcomes] == [0, 1, 2, None, 4]
    assert outcomes[3].failure == "ValueError: three is no good"
    assert [each.failure for each in outcomes].count(None) == 4


def test_nothing_to_do_yields_nothing(runner):
    assert list(runner.map(works.square, [], JobContext())) == []


def test_progress_counts_the_keys_that_are_done(runner):
    seen = []
    job = JobContext(lambda progress: seen.append((progress.done, progress.total, progress.text)))
    list(runner.map(works.square, range(3), job, "Squaring"))
    assert [each for index, each in enumerate(seen) if each not in seen[:index]][:3] == [
        (0, 3, "Squaring"), (1, 3, "Squaring"), (2, 3, "Squaring"),
    ]  # fmt: skip


def test_a_killed_worker_costs_only_the_time_of_what_it_did(tmp_path):
    work = partial(works.die_once_on_three, tmp_path)
    outcomes = list(Processes(2).map(work, range(8), JobContext()))
    assert (tmp_path / "died").exists()
    assert [each.result for each in outcomes] == list(range(8))


def test_work_that_kills_every_worker_is_given_up_and_the_others_are_done():
    outcomes = list(Processes(2).map(works.die_on_three, range(8), JobContext()))
    assert [each.result for each in outcomes] == [0, 1, 2, None, 4, 5, 6, 7]
    assert "died" in outcomes[3].failure


def test_workers_have_one_thread_a_library():
    outcomes = list(Processes(2).map(works.threads, range(2), JobContext()))
    assert [each.result for each in outcomes] == ["1", "1"]


def test_giving_up_ends_the_workers():
    job = JobContext()
    threading.Timer(1.0, job.cancel).start()
    started = time.monotonic()
    with pytest.raises(Cancelled):
        list(Processes(2).map(works.take_long, range(4), job))
    assert time.monotonic() - started < 30


def test_a_scheduler_that_is_not_there_is_told(monkeypatch):
    pytest.importorskip("dask.distributed")
    monkeypatch.setattr("viewer.batch.on_dask.CONNECT_WITHIN_S", 0.2)
    with pytest.raises(NoCluster, match=r"tcp://127\.0\.0\.1:1"):
        list(OnDask("tcp://127.0.0.1:1").map(works.square, [1], JobContext()))


def test_a_person_chooses_workers_or_a_cluster():
    assert isinstance(runner_for(1), InProcess)
    assert isinstance(runner_for(2), Processes)
    assert isinstance(runner_for(1, "tcp://host:8786"), OnDask)
    with pytest.raises(ValueError, match="cluster"):
        runner_for(2, "tcp://host:8786")
    with pytest.raises(ValueError, match="one worker"):
        runner_for(0)
