"""Jobs: the newest of a key wins, answers arrive on the owner's thread, closing joins."""

import queue
import threading
import time

import pytest

from viewer.progress import Cancelled, Progress
from viewer.session.jobs import JobRunner, JobStatus


class Owner:
    """Runs what workers post, on the test's thread."""

    def __init__(self, thread_count=2):
        self.posted = queue.Queue()
        self.changed = 0
        self.runner = JobRunner(self.posted.put, self._on_changed, thread_count=thread_count)
        self.done, self.failed = [], []

    def _on_changed(self):
        self.changed += 1

    def start(self, key, job, **options):
        self.runner.start(
            key, job, done=self.done.append, failed=self.failed.append, **options
        )  # fmt: skip

    def run_posted_until(self, holds):
        deadline = time.monotonic() + 10
        while not holds():
            assert time.monotonic() < deadline
            try:
                self.posted.get(timeout=0.02)()
            except queue.Empty:
                continue


@pytest.fixture
def owner():
    owner = Owner()
    yield owner
    owner.runner.close()


def test_result_arrives_on_the_owners_thread(owner):
    threads = []
    owner.runner.start(
        "a",
        lambda _context: threading.get_ident(),
        done=lambda worker: threads.extend((worker, threading.get_ident())),
        failed=owner.failed.append,
    )
    owner.run_posted_until(lambda: not owner.runner.busy)
    worker, receiver = threads
    assert receiver == threading.get_ident()
    assert worker != receiver


def test_newest_of_a_key_wins_and_the_late_answer_is_dropped(owner):
    running, release = threading.Event(), threading.Event()

    def slow(_context):
        running.set()
        assert release.wait(10)
        return "old"

    owner.start("frame", slow)
    assert running.wait(10)
    owner.start("frame", lambda _context: "new")
    owner.run_posted_until(lambda: owner.done)
    release.set()
    owner.runner.close()
    while not owner.posted.empty():
        owner.posted.get()()
    assert owner.done == ["new"]
    assert owner.failed == []


def test_replaced_job_is_told_to_stop(owner):
    stopped, running = threading.Event(), threading.Event()

    def endless(context):
        try:
            while True:
                running.set()
                context.report(0)
        except Cancelled:
            stopped.set()
            raise

    owner.start("a", endless)
    assert running.wait(10)
    owner.start("a", lambda _context: 1)
    assert stopped.wait(10)
    owner.run_posted_until(lambda: not owner.runner.busy)
    assert owner.done == [1]


def test_cancelled_job_answers_nothing_and_is_not_busy(owner):
    running, release = threading.Event(), threading.Event()

    def job(_context):
        running.set()
        assert release.wait(10)
        return 1

    owner.start("a", job)
    assert running.wait(10)
    owner.runner.cancel("a")
    assert not owner.runner.busy
    release.set()
    owner.runner.close()
    while not owner.posted.empty():
        owner.posted.get()()
    assert owner.done == []
    assert owner.failed == []


def test_failure_is_handed_over(owner):
    def job(_context):
        raise ValueError("no good")

    owner.start("a", job)
    owner.run_posted_until(lambda: owner.failed)
    assert str(owner.failed[0]) == "no good"
    assert owner.done == []
    assert not owner.runner.busy


def test_job_that_gives_up_by_itself_leaves_nothing_busy(owner):
    def job(_context):
        raise Cancelled

    owner.start("a", job, title="Giving up")
    owner.run_posted_until(lambda: not owner.runner.busy)
    assert owner.runner.statuses == ()
    assert owner.done == []
    assert owner.failed == []


def test_titled_job_is_listed_with_its_progress_until_it_ends(owner):
    release = threading.Event()

    def job(context):
        context.report(3, 4, "three")
        assert release.wait(10)
        context.report(4, 4, "four")
        return "ready"

    owner.start("a", job, title="Counting")
    assert [status.title for status in owner.runner.statuses] == ["Counting"]
    owner.run_posted_until(lambda: owner.runner.statuses[0].progress == Progress(3, 4, "three"))
    release.set()
    owner.run_posted_until(lambda: owner.done)
    assert owner.runner.statuses == ()
    assert owner.changed >= 3


def test_untitled_job_is_not_listed(owner):
    release = threading.Event()
    owner.start("a", lambda _context: release.wait(10))
    assert owner.runner.statuses == ()
    assert owner.runner.busy
    release.set()
    owner.run_posted_until(lambda: not owner.runner.busy)


def test_lower_priority_number_runs_first():
    owner = Owner(thread_count=1)
    running, release = threading.Event(), threading.Event()

    def block(_context):
        running.set()
        assert release.wait(10)
        return "first"

    owner.start("block", block)
    assert running.wait(10)
    owner.start("late", lambda _context: "late", priority=20)
    owner.start("soon", lambda _context: "soon", priority=1)
    release.set()
    owner.run_posted_until(lambda: len(owner.done) == 3)
    owner.runner.close()
    assert owner.done == ["first", "soon", "late"]


def test_progress_is_throttled_but_the_last_arrives(owner):
    def job(context):
        for step in range(1, 2001):
            context.report(step, 2000)
        return

    owner.start("a", job, title="Many steps")
    owner.run_posted_until(lambda: owner.done == [None])
    assert owner.changed < 500


def test_close_joins_the_threads_and_refuses_new_jobs():
    before = threading.active_count()
    owner = Owner()
    assert threading.active_count() == before + 2
    owner.start("a", lambda _context: 1)
    owner.runner.close()
    assert threading.active_count() == before
    owner.start("b", lambda _context: 2)
    assert not owner.runner.busy


def test_remaining_time_follows_from_the_share_done():
    status = JobStatus("a", "A", Progress(25, 100), started_s=10.0)
    assert status.remaining_s(now_s=20.0) == pytest.approx(30.0)
    assert JobStatus("a", "A", Progress(0, 100), 10.0).remaining_s(20.0) is None
    assert JobStatus("a", "A", Progress(5, None), 10.0).remaining_s(20.0) is None
