"""What long work receives: progress out, cancel in."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


class Cancelled(Exception):
    """The person who asked for the work gave it up; not an error."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is."""

    done: int
    total: int | None
    """None while the amount of work is unknown."""
    text: str = ""


def _ignore(_progress: Progress) -> None:
    """Report to nobody."""


class JobContext:
    """Handed to a running job; the only thing it may talk to.

    Examples
    --------
    >>> context = JobContext()
    >>> [item for item in context.track([1, 2, 3], "Counting")]
    [1, 2, 3]
    """

    def __init__(self, report: Callable[[Progress], None] = _ignore) -> None:
        self._report = report
        self._cancelled = threading.Event()

    @property
    def cancelled(self) -> bool:
        """True once `cancel` was called."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Ask the job to stop at its next report."""
        self._cancelled.set()

    def report(self, done: int, total: int | None = None, text: str = "") -> None:
        """Publish progress; raise `Cancelled` if the work was given up."""
        if self._cancelled.is_set():
            raise Cancelled
        self._report(Progress(done, total, text))

    def track(self, items: Iterable[T], text: str = "") -> Iterator[T]:
        """Yield `items`, reporting before each and after the last."""
        total = len(items) if isinstance(items, Sized) else None
        done = 0
        for done, item in enumerate(items):
            self.report(done, total, text)
            yield item
        if total:
            self.report(total, total, text)


_running: ContextVar[JobContext | None] = ContextVar("running", default=None)


@contextmanager
def running(context: JobContext | None) -> Iterator[None]:
    """Let everything that runs in the block, on this thread, report to a job."""
    token = _running.set(context)
    try:
        yield
    finally:
        _running.reset(token)


def report_progress(done: int, total: int | None = None, text: str = "") -> None:
    """Report to the job that runs here, if one does; raise `Cancelled` if it was given up.

    For code that is called deep inside of a job, such as a reader of one file.

    Examples
    --------
    >>> seen = []
    >>> with running(JobContext(seen.append)):
    ...     report_progress(1, 2, "Reading")
    >>> seen
    [Progress(done=1, total=2, text='Reading')]
    """
    context = _running.get()
    if context is not None:
        context.report(done, total, text)


def current_job() -> JobContext | None:
    """Return the job that runs on this thread; None where there is none."""
    return _running.get()
