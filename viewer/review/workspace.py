"""The one file that holds everything people decided about a dataset."""

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from viewer.progress import JobContext
from viewer.review.commands.base import Command
from viewer.review.commands.reviewers import Introduce
from viewer.review.datasets.entities import REVIEWERS
from viewer.review.errors import (
    CommandRefused,
    WorkspaceBusy,
    WorkspaceError,
    WorkspaceReadOnly,
    WorkspaceUnreadable,
)
from viewer.review.journal import Entry, Journal, redo_target, undo_target
from viewer.review.kinds import REDO, UNDO
from viewer.review.ledger import Reading
from viewer.review.lent_writer import LentWriter
from viewer.review.medium.damage import backup_of
from viewer.review.medium.reading_errors import reading_errors
from viewer.review.reviewer import Reviewer
from viewer.review.store.backup import (
    SMALL_FILE_BYTES,
    commands_in_backup,
    copy_workspace,
    is_backup_due,
)
from viewer.review.store.database import (
    Opened,
    create_database,
    open_to_read,
    open_to_write,
    tidy,
    tidy_after_reading,
)
from viewer.review.store.files import remove_left_copies
from viewer.review.store.holder import Holder, HolderLock
from viewer.review.store.integrity import check_content, check_structure
from viewer.review.store.network import network_file_system
from viewer.review.writing import Writer

SUFFIX = ".sightline"
LOCK_PATIENCE_S = 0.1
_BUSY = "Something large is being written: try again in a moment"


@dataclass(frozen=True, slots=True)
class Changed:
    """What listeners hear: the commands that came, by this process or another one."""

    entries: tuple[Entry, ...]
    touched: frozenset[tuple[str, str]]
    """(entity, key) of every row that changed."""


Listener = Callable[[Changed], None]


class Workspace:
    """An open workspace file. All methods run on one thread, the owner's.

    Every change is a `Command`; `run` returns when it is on disk. Undo and redo are the reviewer's
    own and work across restarts. One process writes; in the others `is_writable` is False, and
    `follow` brings what the writer did.

    Raises
    ------
    WorkspaceError
        Each method, in its kinds: see `viewer.review.errors`.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from viewer.review.commands.settings import ChangeSetting
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "street.sightline"
    ...     with Workspace.create(path, Reviewer("ann")) as workspace:
    ...         _ = workspace.run(ChangeSetting("score_threshold", 0.4))
    ...     with Workspace.open(path, Reviewer("ann")) as workspace:
    ...         workspace.undo_text
    'Change score threshold'
    """

    def __init__(self, path: Path, reviewer: Reviewer, *, read_only: bool = False) -> None:
        self.path = path
        self.reviewer = reviewer
        self._listeners: list[Listener] = []
        self._is_closed = False
        self._lent: LentWriter | None = None
        self._turn = threading.Lock()
        self._lock = HolderLock(path)
        self._may_hold = not read_only and _can_write_beside(path)
        self.read_only_reason: str | None = None
        """Why nothing can be written, for people; None while something can."""
        if read_only:
            self.read_only_reason = "it was opened for reading"
        elif not self._may_hold:
            self.read_only_reason = "its medium or folder cannot be written"
        else:
            self._take_hold(LOCK_PATIENCE_S)
        with ExitStack() as failed:
            failed.callback(self._lock.release)
            self._use(self._connect(check=True))
            failed.callback(self._connection.close)
            self._seen_seq = self._journal.last_seq
            self._in_backup = commands_in_backup(path) if self.is_writable else 0
            self._backup_begun = 0
            if self.is_writable:
                remove_left_copies(path)
                self._introduce()
            failed.pop_all()

    @classmethod
    def create(cls, path: Path, reviewer: Reviewer) -> "Workspace":
        """Make a new file and open it."""
        create_database(path, time.time_ns())
        return cls(path, reviewer)

    @classmethod
    def open(cls, path: Path, reviewer: Reviewer, *, read_only: bool = False) -> "Workspace":
        """Open a file: for writing unless someone else holds it or the medium forbids it."""
        return cls(path, reviewer, read_only=read_only)

    def __enter__(self) -> "Workspace":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- opening and closing -----------------------------------------------------------------

    def _take_hold(self, patience_s: float = 0.0) -> None:
        try:
            if self._lock.acquire(self.reviewer.name, patience_s):
                self.read_only_reason = None
            else:
                holder = self._lock.holder()
                self.read_only_reason = f"it is held by {holder or 'another process'}"
        except OSError as error:
            self.read_only_reason = f"it cannot be locked: {error.strerror}"

    def _connect(self, *, check: bool) -> Opened:
        if self.is_writable:
            return open_to_write(self.path)
        return open_to_read(self.path, check=check)

    def _use(self, opened: Opened) -> None:
        self._connection, self._is_frozen = opened.connection, opened.is_frozen
        self._journal = Journal(self._connection)
        self.reading = Reading(self._connection)
        self._file = _identity(self.path)
        self._data_version = self._read_data_version()

    def _introduce(self) -> None:
        """Write down the reviewer's name and e-mail, outside of the journal's undo."""
        row = {"name": self.reviewer.name, "email": self.reviewer.email or None}
        if self.reading.row(REVIEWERS, self.reviewer.name) != row:
            self.run(Introduce(self.reviewer))

    @property
    def is_writable(self) -> bool:
        """Whether this process may write."""
        return self.read_only_reason is None

    @property
    def holder(self) -> Holder | None:
        """The process that writes; None when nobody does."""
        return self._lock.holder()

    @property
    def is_on_network(self) -> bool:
        """Whether the file lies on another machine, where changes take longer."""
        return network_file_system(self.path) is not None

    def try_to_hold(self) -> bool:
        """Become the writer when the former one is gone."""
        if self.is_writable or not self._may_hold:
            return self.is_writable
        self._take_hold()
        if self.is_writable:
            try:
                opened = self._connect(check=True)
            except WorkspaceError as error:
                self.read_only_reason = str(error)
                self._lock.release()
                raise
            self._connection.close()
            self._use(opened)
            self._in_backup = commands_in_backup(self.path)
            self._introduce()
        return self.is_writable

    def another_reading(self, *, any_thread: bool = False) -> tuple[Reading, sqlite3.Connection]:
        """Return a reading for another thread, and what that thread closes when it is done.

        With `any_thread` it may go from thread to thread, used by one at a time.
        """
        connection = open_to_read(self.path, any_thread=any_thread).connection
        return Reading(connection), connection

    def copy_to(self, target: Path, context: JobContext | None = None) -> None:
        """Write the whole workspace to a new file; may run on any thread.

        Raises
        ------
        WorkspaceError, Cancelled
            When it did not succeed or was given up; nothing is left of it then.
        """
        told = context or JobContext()
        copy_workspace(
            self.path, target, check=check_structure,
            progress=lambda done, total: told.report(done, total, "Copying"),
        )  # fmt: skip

    @property
    def is_backup_due(self) -> bool:
        """Whether enough was decided since the last backup for `back_up` to be worth its time."""
        known = max(self._in_backup, self._backup_begun)
        return self.is_writable and is_backup_due(self._seen_seq, known)

    def back_up(self) -> Path:
        """Renew the copy that is offered when the file is damaged; may run on any thread.

        Raises
        ------
        DamagedWorkspace
            When the file is damaged; the former backup stays.
        """
        # One that runs or failed is not begun again for each command.
        self._backup_begun = self._seen_seq
        target = backup_of(self.path)
        try:
            is_small = self.path.stat().st_size <= SMALL_FILE_BYTES
        except OSError as error:
            raise WorkspaceError(f"{self.path} cannot be backed up: {error.strerror}") from error
        check = check_content if is_small else check_structure
        copy_workspace(self.path, target, check=check, replace=True)
        self._in_backup = commands_in_backup(self.path)
        return target

    def check_integrity(self) -> None:
        """Read every word on the calling thread; raise `DamagedWorkspace` if one is wrong."""
        _, connection = self.another_reading()
        try:
            with reading_errors(connection):
                check_content(connection, self.path)
        finally:
            connection.close()

    def close(self) -> None:
        """Close; nothing is left to save, and nothing beside the one file and its backup."""
        if self._is_closed:
            return
        self._is_closed = True
        if self._lent is not None:
            self._lent.give_up()
        if self.is_writable:
            self._back_up_if_small()
            tidy(self._connection)
            self._connection.close()
        else:
            self._connection.close()
            self._tidy_after_reading()
        self._lock.release()

    def _back_up_if_small(self) -> None:
        """A backup that fails must not keep anyone from closing; damage shows on opening."""
        with suppress(WorkspaceError, OSError, sqlite3.Error):
            if (
                self._journal.last_seq > self._in_backup
                and self.path.stat().st_size <= SMALL_FILE_BYTES
            ):
                self.back_up()

    def _tidy_after_reading(self) -> None:
        if not self._is_frozen and _can_write_beside(self.path):
            with suppress(OSError):
                if self._lock.acquire(self.reviewer.name):
                    tidy_after_reading(self.path)

    # -- listening ---------------------------------------------------------------------------

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` after every change; the returned callable ends it."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    def follow(self) -> bool:
        """Tell listeners what another process wrote; say whether there was anything. Cheap.

        A file that took the place of the one that was open, e.g. a restored backup, is told as a
        change without entries: everything may be otherwise.
        """
        if self.is_writable or self._is_frozen:
            return False
        if _identity(self.path) not in (self._file, None):
            return self._follow_other_file()
        version = self._read_data_version()
        if version == self._data_version:
            return False
        told = self._tell_news()
        self._data_version = version
        return told

    def _follow_other_file(self) -> bool:
        opened = self._connect(check=True)
        self._connection.close()
        self._use(opened)
        self._seen_seq = self._journal.last_seq
        self._tell(Changed((), frozenset()))
        return True

    def _tell_news(self) -> bool:
        try:
            entries = tuple(self._journal.entries(after_seq=self._seen_seq))
            touched = frozenset(self._journal.touched(self._seen_seq))
        except WorkspaceUnreadable:
            if not self.is_writable:
                raise
            # What was done is on disk all the same: listeners hear of it with the next.
            return False
        if not entries:
            return False
        self._seen_seq = entries[-1].seq
        self._tell(Changed(entries, touched))
        return True

    def _tell(self, changed: Changed) -> None:
        """Call every listener, even when one fails: what happened is on disk."""
        with ExitStack() as told:
            for listener in reversed(self._listeners):
                told.callback(listener, changed)

    def _read_data_version(self) -> int:
        with reading_errors(self._connection):
            return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    # -- writing elsewhere -------------------------------------------------------------------

    def lend(self) -> LentWriter:
        """Let another thread write one large step; while it does nothing else is written.

        The owner calls `take_news` when it is finished.

        Raises
        ------
        WorkspaceReadOnly, WorkspaceBusy
            When nothing can be written, or a writer was lent that is not finished.
        """
        self._require_writable()
        self.take_news()
        if self._lent is not None:
            raise WorkspaceBusy(_BUSY)
        self._lent = LentWriter(self.path, self.reviewer, self._turn)
        return self._lent

    @property
    def is_lent(self) -> bool:
        """Whether another thread is writing, or will."""
        return self._lent is not None and not self._lent.is_finished

    def take_news(self) -> None:
        """Tell listeners what a lent writer wrote, once it is finished."""
        if self._lent is not None and self._lent.is_finished:
            self._lent = None
            self._tell_news()

    @property
    def undo_step(self) -> tuple[Entry, str] | None:
        """What `undo` would take back, and what `LentWriter.reverse` calls that."""
        target = undo_target(self._journal, self.reviewer.name)
        return None if target is None else (target, UNDO)

    @property
    def redo_step(self) -> tuple[Entry, str] | None:
        """What `redo` would take back, and what `LentWriter.reverse` calls that."""
        target = redo_target(self._journal, self.reviewer.name)
        return None if target is None else (target, REDO)

    def _require_writable(self) -> None:
        if not self.is_writable:
            raise WorkspaceReadOnly(f"{self.path} cannot be changed: {self.read_only_reason}")

    @contextmanager
    def _own_turn(self) -> Iterator[Writer]:
        """Let this thread write now; raise where it may not."""
        self._require_writable()
        self.take_news()
        if not self._turn.acquire(blocking=False):
            raise WorkspaceBusy(_BUSY)
        try:
            yield Writer(self._connection, self.path, self.reviewer)
        finally:
            self._turn.release()

    # -- changing ----------------------------------------------------------------------------

    def run(self, command: Command) -> Entry | None:
        """Do it; returns when it is on disk, None when it would change nothing.

        Raises
        ------
        CommandRefused
            When it makes no sense now.
        WorkspaceReadOnly, WorkspaceBusy, WorkspaceUnwritable, DamagedWorkspace
            When it could not be written; nothing is changed then.
        """
        with self._own_turn() as writer:
            entry = writer.run(command)
        self._tell_news()
        return entry

    def undo(self) -> Entry | None:
        """Take back the reviewer's newest command; None when there is nothing to take back.

        Raises
        ------
        UndoRefused
            When someone changed the same things since, or builds on them.
        """
        return self._reverse(undo_target(self._journal, self.reviewer.name), UNDO)

    def redo(self) -> Entry | None:
        """Do again what the newest undo took back."""
        return self._reverse(redo_target(self._journal, self.reviewer.name), REDO)

    def undo_to(self, command_id: bytes) -> list[Entry]:
        """Take back the reviewer's commands after the given one, anyone's, newest first.

        Stops at the first that is refused: what was taken back before stays so.

        Raises
        ------
        CommandRefused
            When the journal has no such command.
        UndoRefused
            As `undo` does.
        """
        last = self._journal.entry(command_id)
        if last is None:
            raise CommandRefused("the journal has no such step")
        done: list[Entry] = []
        while (target := undo_target(self._journal, self.reviewer.name)) is not None:
            if target.seq <= last.seq:
                break
            entry = self._reverse(target, UNDO)
            if entry is None:
                break
            done.append(entry)
        return done

    @property
    def undo_text(self) -> str | None:
        """What `undo` would take back."""
        target = undo_target(self._journal, self.reviewer.name)
        return None if target is None else target.text

    @property
    def redo_text(self) -> str | None:
        """What `redo` would do again."""
        target = redo_target(self._journal, self.reviewer.name)
        return None if target is None else target.text

    @property
    def journal(self) -> Journal:
        """What happened, for reading."""
        return self._journal

    def _reverse(self, target: Entry | None, kind: str) -> Entry | None:
        if target is None:
            return None
        with self._own_turn() as writer:
            entry = writer.reverse(target, kind)
        self._tell_news()
        return entry


def _can_write_beside(path: Path) -> bool:
    return os.access(path, os.W_OK) and os.access(path.absolute().parent, os.W_OK)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
