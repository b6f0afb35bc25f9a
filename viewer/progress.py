"""What long work receives: progress out, cancel in."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sized
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
