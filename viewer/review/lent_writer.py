"""Writing one large command on another thread, while the workspace's owner goes on reading."""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from viewer.progress import JobContext, running
from viewer.review.commands.base import Command
from viewer.review.errors import WorkspaceError
from viewer.review.journal import Entry
from viewer.review.reviewer import Reviewer
from viewer.review.store.database import open_to_write
from viewer.review.writing import Writer

Result = TypeVar("Result")
CACHE_KIB = 262_144
"""A million rows touch every page of some indexes: they stay in memory meanwhile."""


class LentWriter:
    """Lets one other thread write one step; `Workspace.lend` makes it.

    While it writes nobody else can; readers see the file as it was before.

    Parameters
    ----------
    turn
        Held by whoever writes.
    """

    def __init__(self, path: Path, reviewer: Reviewer, turn: threading.Lock) -> None:
        self._path, self._reviewer, self._turn = path, reviewer, turn
        self._connection: sqlite3.Connection | None = None
        self._context: JobContext | None = None
        self._guard = threading.Lock()
        self._is_given_up = False
        self._finished = threading.Event()

    @property
    def is_finished(self) -> bool:
        """Whether the step is on disk, or nothing will come of it."""
        return self._finished.is_set()

    def run(self, context: JobContext, command: Command) -> Entry | None:
        """Do it on the calling thread, cancellable; raises as `Workspace.run` does.

        Raises
        ------
        Cancelled
            When it was given up; nothing is changed then.
        """
        return self._with_writer(context, lambda writer: writer.run(command))

    def reverse(self, context: JobContext, target: Entry, kind: str) -> Entry:
        """Take back what is large."""
        return self._with_writer(context, lambda writer: writer.reverse(target, kind))

    def leave(self) -> None:
        """Nothing will be written after all."""
        self._finished.set()

    def give_up(self, patience_s: float = 30.0) -> None:
        """Stop at once and wait until nothing is being written."""
        with self._guard:
            self._is_given_up = True
            if self._connection is None or self._context is None:
                self._finished.set()
            else:
                # Between two statements there is nothing to interrupt.
                self._context.cancel()
                self._connection.interrupt()
        self._finished.wait(patience_s)

    def _with_writer(self, context: JobContext, write: Callable[[Writer], Result]) -> Result:
        with self._turn:
            try:
                with self._guard:
                    if self._is_given_up or self.is_finished:
                        raise WorkspaceError("nothing was written: the workspace was closed")
                    connection = open_to_write(self._path, check=False).connection
                    self._connection, self._context = connection, context
                connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
                with running(context):
                    return write(Writer(connection, self._path, self._reviewer))
            finally:
                with self._guard:
                    if self._connection is not None:
                        with suppress(sqlite3.Error):
                            self._connection.close()
                    self._connection = None
                self._finished.set()
