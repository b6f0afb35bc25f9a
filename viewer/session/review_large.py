"""Large steps of the review off the owner's thread: a slice or queue of a million."""

import gc
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from viewer.progress import JobContext
from viewer.review import Command, WorkspaceError
from viewer.review.in_pieces import let_go
from viewer.review.lent_writer import LentWriter
from viewer.session.review_board import ReviewBoard

WRITE_JOB = "review-writing"
LARGE = 2000
"""From so many members or items on, a step is written by a job."""
LARGE_STEP = 200
"""From so many changed rows on, an undo is a job."""
Told = TypeVar("Told")


@dataclass(frozen=True, slots=True)
class Made(Generic[Told]):
    """A command that a job made."""

    command: Command
    size: int
    """Number of members or items that it writes."""
    told: Told
    """What the owner needs to know of it: small."""
    parts: tuple[list[Any], ...] = ()
    """Long lists of which the command consists."""


def make_and_write(
    board: ReviewBoard,
    key: str,
    make: Callable[[JobContext], Made[Told]],
    done: Callable[[Told], None],
    failed: Callable[[Exception], None],
    title: str,
    ended: Callable[[], None] = lambda: None,
) -> None:
    """Make a command in the background and run it, there too where it is large.

    `done` follows on the owner's thread where it succeeded, `ended` whatever became of it. One
    thing is made at a time.
    """
    workspace, session = board.workspace, board.session
    if workspace is None:
        return
    session.jobs.cancel(key)
    try:
        writer = workspace.lend()
    except WorkspaceError as error:
        failed(error)
        ended()
        return
    is_near = not workspace.is_on_network

    def work(context: JobContext) -> Made[Told] | tuple[Told]:
        with without_collecting():
            made: Made[Told] | None = None
            try:
                made = make(context)
                if made.size < LARGE or not is_near:
                    return made
                writer.run(context, made.command)
                return (made.told,)
            finally:
                writer.leave()
                if made is not None and made.size >= LARGE and is_near:
                    told, parts = made.told, made.parts
                    del made
                    let_go(*parts)
                    del told

    def finish(result: Made[Told] | tuple[Told]) -> None:
        workspace.take_news()
        if isinstance(result, tuple):
            done(result[0])
        elif board.run(result.command):
            done(result.told)
        ended()

    def fail(error: Exception) -> None:
        workspace.take_news()
        failed(error)
        ended()

    def give_up() -> None:
        writer.give_up(0.0)
        ended()

    session.jobs.start(
        key, work, done=finish, failed=fail, given_up=give_up, title=title, priority=5
    )


def write(
    board: ReviewBoard, command: Command, size: int, done: Callable[[], None], title: str
) -> None:
    """Run a command, in the background where it is large; `done` follows where it succeeded."""
    if size < LARGE or board.workspace is None or board.workspace.is_on_network:
        if board.run(command):
            done()
        return
    _lend(board, title, lambda writer, context: writer.run(context, command), done)


def reverse(board: ReviewBoard, *, redo: bool = False) -> None:
    """Undo or redo the reviewer's newest step, in the background where it is large."""
    workspace = board.workspace
    step = None if workspace is None else workspace.redo_step if redo else workspace.undo_step
    if workspace is None or step is None:
        return
    target, kind = step
    said = "Done again" if redo else "Undone"
    _lend(
        board, f"{'Redoing' if redo else 'Undoing'} “{target.text}”",
        lambda writer, context: writer.reverse(context, target, kind),
        lambda: board.session.say(f"{said}: {target.text}"),
    )  # fmt: skip


def is_large(board: ReviewBoard, *, redo: bool = False) -> bool:
    """Whether the next undo or redo changes many rows."""
    workspace = board.workspace
    if workspace is None or not workspace.is_writable or workspace.is_on_network:
        return False
    step = workspace.redo_step if redo else workspace.undo_step
    return step is not None and workspace.journal.count_changes(step[0].seq) >= LARGE_STEP


def _lend(
    board: ReviewBoard,
    title: str,
    run: Callable[[LentWriter, JobContext], object],
    done: Callable[[], None],
) -> None:
    workspace, session = board.workspace, board.session
    if workspace is None:
        return
    try:
        writer = workspace.lend()
    except WorkspaceError as error:
        session.say(str(error), is_problem=True)
        return

    def work(context: JobContext) -> None:
        with without_collecting():
            run(writer, context)

    def finish(_nothing: None) -> None:
        workspace.take_news()
        done()

    def fail(error: Exception) -> None:
        workspace.take_news()
        session.say(str(error), is_problem=True)

    session.jobs.start(
        WRITE_JOB, work, done=finish, failed=fail, given_up=lambda: writer.give_up(0.0),
        title=title, priority=5,
    )  # fmt: skip


_guard = threading.Lock()
_pauses: list[bool] = []


@contextmanager
def without_collecting() -> Iterator[None]:
    """Make many small values at once: looking through them for cycles stops every thread."""
    with _guard:
        _pauses.append(gc.isenabled())
        gc.disable()
    try:
        yield
    finally:
        with _guard:
            was_on = _pauses.pop()
            if _pauses:
                _pauses[0] = _pauses[0] or was_on
            elif was_on:
                gc.enable()
