"""Several processes of this machine; one that dies loses nothing but its own time."""

import multiprocessing
import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any, ClassVar, Final

from viewer.batch.base import Key, Outcome, Result, Runner, Work, attempt_alone
from viewer.batch.threads import one_thread_in_children
from viewer.progress import JobContext

LOOK_EVERY_S: Final = 0.1
MOST_DEATHS: Final = 2
"""A key during which workers died so often is given up: it kills them."""
AHEAD: Final = 2
"""Keys that wait for each worker; more would only be lost when the job is cancelled."""


class Processes(Runner):
    """Workers start afresh (spawn), with one thread for every numeric library.

    Parameters
    ----------
    count
        How many workers.
    """

    name: ClassVar[str] = "processes"

    def __init__(self, count: int) -> None:
        if count < 1:
            raise ValueError(f"work needs one worker at least, not {count}")
        self._count = count

    def map(
        self, work: Work[Key, Result], keys: Sequence[Key], job: JobContext, text: str = ""
    ) -> Iterator[Outcome[Key, Result]]:
        run = _Run(self._count, work, keys)
        try:
            for place in range(len(keys)):
                job.report(place, len(keys), text)
                while place not in run.outcomes:
                    run.go_on()
                    job.report(place, len(keys), text)
                yield run.outcomes.pop(place)
        finally:
            run.end()


class _Run:
    """One map: what waits, what runs, what is done."""

    def __init__(self, count: int, work: Work[Any, Any], keys: Sequence[Any]) -> None:
        self._count, self._work, self._keys = count, work, keys
        self.outcomes: dict[int, Outcome[Any, Any]] = {}
        self._next = 0
        self._again: list[int] = []
        self._deaths: dict[int, int] = {}
        self._running: dict[Future[Outcome[Any, Any]], int] = {}
        self._pool = self._new_pool()

    def _new_pool(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            self._count, multiprocessing.get_context("spawn"), initializer=_end_with_parent
        )

    def go_on(self) -> None:
        """Give workers something to do, and take what they have done."""
        try:
            self._fill()
            done, _ = wait(self._running, timeout=LOOK_EVERY_S, return_when=FIRST_COMPLETED)
            for future in done:
                self.outcomes[self._running[future]] = future.result()
                del self._running[future]
        except BrokenProcessPool:
            self._recover()

    def _fill(self) -> None:
        # After a death one key runs at a time, so that the one that kills is known.
        room = 1 if self._again else self._count * AHEAD
        while len(self._running) < room and (self._again or self._next < len(self._keys)):
            place = self._again[0] if self._again else self._next
            with one_thread_in_children():
                future = self._pool.submit(attempt_alone, self._work, self._keys[place])
            self._running[future] = place
            if self._again:
                self._again.pop(0)
            else:
                self._next += 1

    def _recover(self) -> None:
        """Start new workers; what the dead ones had is done again."""
        lost = []
        for future, place in self._running.items():
            finished = future.done() and not future.cancelled() and future.exception() is None
            if finished:
                self.outcomes[place] = future.result()
            else:
                lost.append(place)
        self._running.clear()
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._pool = self._new_pool()
        for place in sorted(lost):
            # Where one alone ran, it was the one; among several nobody knows.
            self._deaths[place] = self._deaths.get(place, 0) + (len(lost) == 1)
            if self._deaths[place] >= MOST_DEATHS:
                told = f"its worker died {MOST_DEATHS} times"
                self.outcomes[place] = Outcome(self._keys[place], failure=told)
            else:
                self._again.append(place)
        self._again.sort()

    def end(self) -> None:
        """Let go of the workers; what still runs is ended."""
        processes = list((self._pool._processes or {}).values())  # noqa: SLF001 - no public way
        self._pool.shutdown(wait=False, cancel_futures=True)
        if self._running:
            for process in processes:
                process.terminate()


def _end_with_parent() -> None:
    """End this worker when the process that started it is gone: nobody waits for its answers."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, name="parent watch", daemon=True).start()
