"""Large steps of the review off the owner's thread: a slice or queue of a million."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from viewer.progress import JobContext
from viewer.review import Command, Entry, WorkspaceError
from viewer.review.lent_writer import LentWriter
from viewer.session.review_board import ReviewBoard

WRITE_JOB = "review-writing"
LARGE = 2000
"""From so many members or items on, a step is written by a job."""
LARGE_STEP = 200
"""From so many changed rows on, an undo is a job."""


def write(
    board: ReviewBoard, command: Command, size: int, done: Callable[[], None], title: str
) -> None:
    """Run a command, in the background where it is large; `done` follows where it succeeded.

    Parameters
    ----------
    size
        Number of members or items that it writes.
    title
        What is done, for the list of jobs.
    """
    if size < LARGE or board.workspace is None or board.workspace.is_on_network:
        if board.run(command):
            done()
        return
    _lend(board, title, lambda writer, context: writer.run(context, command), lambda _entry: done())


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
        lambda _entry: board.session.say(f"{said}: {target.text}"),
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
    run: Callable[[LentWriter, JobContext], Entry | None],
    done: Callable[[Entry | None], None],
) -> None:
    workspace, session = board.workspace, board.session
    if workspace is None:
        return
    try:
        writer = workspace.lend()
    except WorkspaceError as error:
        session.say(str(error), is_problem=True)
        return

    def finish(entry: Entry | None) -> None:
        workspace.take_news()
        done(entry)

    def fail(error: Exception) -> None:
        workspace.take_news()
        session.say(str(error), is_problem=True)

    session.jobs.start(
        WRITE_JOB,
        lambda context: run(writer, context),
        done=finish,
        failed=fail,
        given_up=lambda: writer.give_up(0.0),
        title=title,
        priority=5,
    )


@contextmanager
def without_collecting() -> Iterator[None]:
    """Make many small values at once: looking through them for cycles stops every thread."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
