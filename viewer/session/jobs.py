"""Background work: plain functions on worker threads, results back on the owner's thread."""

import itertools
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from viewer.progress import Cancelled, JobContext, Progress

Result = TypeVar("Result")
Post = Callable[[Callable[[], None]], None]
"""Runs a callable on the owner's thread, soon."""

REPORT_INTERVAL_S = 0.05


@dataclass(frozen=True, slots=True)
class JobStatus:
    """One job in the list that people see."""

    key: str
    title: str
    progress: Progress
    started_s: float
    """`time.monotonic` at the start."""

    def remaining_s(self, now_s: float) -> float | None:
        """Estimated time left; None while it cannot be told."""
        if not self.progress.total or not self.progress.done:
            return None
        spent = now_s - self.started_s
        return spent * (self.progress.total - self.progress.done) / self.progress.done


@dataclass(eq=False, slots=True)
class _Job:
    key: str
    title: str
    run: Callable[[JobContext], Any]
    done: Callable[[Any], None]
    failed: Callable[[Exception], None]
    context: JobContext
    given_up: Callable[[], None]
    status: JobStatus | None = None


class JobRunner:
    """Runs jobs by key: the newest of a key wins, the older is cancelled and its answer dropped.

    Jobs start in order of priority, then of asking. `close` cancels all and joins the threads.
    """

    def __init__(self, post: Post, changed: Callable[[], None], *, thread_count: int = 2) -> None:
        self._post = post
        self._changed = changed
        self._queue: queue.PriorityQueue[tuple[int, int, _Job | None]] = queue.PriorityQueue()
        self._order = itertools.count()
        self._current: dict[str, _Job] = {}
        self._closed = False
        self._threads = [
            threading.Thread(target=self._work, name=f"job-{index}", daemon=True)
            for index in range(thread_count)
        ]
        for thread in self._threads:
            thread.start()

    def start(
        self,
        key: str,
        job: Callable[[JobContext], Result],
        *,
        done: Callable[[Result], None],
        failed: Callable[[Exception], None],
        given_up: Callable[[], None] = lambda: None,
        title: str = "",
        priority: int = 10,
    ) -> None:
        """Queue `job`; `done` or `failed` follows on the owner's thread unless it is replaced.

        `given_up` follows instead when it is cancelled or replaced. A job with a title appears in
        `statuses`. Lower priorities start first.
        """
        if self._closed:
            return
        self.cancel(key)
        entry = _Job(key, title, job, done, failed, JobContext(), given_up)
        entry.context = JobContext(_Throttled(self, entry))
        if title:
            entry.status = JobStatus(key, title, Progress(0, None), time.monotonic())
        self._current[key] = entry
        self._queue.put((priority, next(self._order), entry))
        if title:
            self._changed()

    def cancel(self, *keys: str) -> None:
        """Give up jobs; neither `done` nor `failed` follows."""
        for key in keys:
            entry = self._current.pop(key, None)
            if entry is not None:
                entry.context.cancel()
                entry.given_up()
                if entry.title:
                    self._changed()

    @property
    def statuses(self) -> tuple[JobStatus, ...]:
        """Titled jobs, oldest first."""
        return tuple(job.status for job in self._current.values() if job.status is not None)

    @property
    def busy(self) -> bool:
        """True while any job waits or runs."""
        return bool(self._current)

    def close(self) -> None:
        """Cancel everything and wait for the threads."""
        self._closed = True
        for key in list(self._current):
            self.cancel(key)
        for _ in self._threads:
            self._queue.put((-1, next(self._order), None))
        for thread in self._threads:
            thread.join(timeout=10.0)

    def report(self, entry: "_Job", progress: Progress) -> None:
        """Take progress from a worker thread."""
        self._post(lambda: self._show_progress(entry, progress))

    def _show_progress(self, entry: _Job, progress: Progress) -> None:
        if self._current.get(entry.key) is entry and entry.status is not None:
            entry.status = JobStatus(entry.key, entry.title, progress, entry.status.started_s)
            self._changed()

    def _work(self) -> None:
        while True:
            _, _, entry = self._queue.get()
            if entry is None:
                return
            if entry.context.cancelled:
                continue
            try:
                result = entry.run(entry.context)
            except Cancelled:
                self._post(lambda entry=entry: self._give_up(entry))  # type: ignore[misc]
            except Exception as error:  # noqa: BLE001 - handed to the asker, who shows it
                self._post(lambda entry=entry, error=error: self._finish(entry, error=error))  # type: ignore[misc]
            else:
                self._post(lambda entry=entry, result=result: self._finish(entry, result=result))  # type: ignore[misc]
            del entry

    def _give_up(self, entry: _Job) -> None:
        """Drop a job that stopped by itself; one that was cancelled is gone already."""
        if self._current.get(entry.key) is entry:
            self.cancel(entry.key)

    def _finish(self, entry: _Job, result: object = None, error: Exception | None = None) -> None:
        if self._current.get(entry.key) is not entry:
            return
        del self._current[entry.key]
        if error is not None:
            entry.failed(error)
        else:
            entry.done(result)
        if entry.title:
            self._changed()


class _Throttled:
    """Passes progress on at most every `REPORT_INTERVAL_S`, and always the last."""

    def __init__(self, runner: JobRunner, entry: _Job) -> None:
        self._runner = runner
        self._entry = entry
        self._last_s = 0.0

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if progress.done == progress.total or now - self._last_s >= REPORT_INTERVAL_S:
            self._last_s = now
            self._runner.report(self._entry, progress)
