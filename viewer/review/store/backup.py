"""Copies of a workspace: the backup beside it for the day of damage, and those people ask for.

When the backup is renewed: as a writer closes a small file, always; while it is open, once
`COMMANDS_BETWEEN_BACKUPS` came, and after opening where the file grew since (a crash, a large file
closed without one), on a thread of the caller's choice. So a broken disk block costs a reviewer
minutes of work at most, closing never waits for a gigabyte, and a hundred thousand commands write
a file of any size a few hundred times, not a hundred thousand. A copy is checked before it takes
the former one's place: damage never replaces the last good backup.
"""

import shutil
import sqlite3
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from viewer.review.errors import WorkspaceError
from viewer.review.medium.damage import backup_of, damaged
from viewer.review.medium.sqlite_errors import NOT_READABLE_HERE, is_damage, meaning, primary_code
from viewer.review.store.files import (
    give_name,
    has_unfinished_changes,
    refuse_taken_name,
    sync_file,
    sync_folder,
    write_ahead_log,
)

COMMANDS_BETWEEN_BACKUPS = 200
LARGEST_SHARE = 100
"""A long journal grows by a hundredth before it is copied again."""
PAGES_BETWEEN_REPORTS = 4096
OPERATIONS_BETWEEN_REPORTS = 200_000
"""SQLite's own small steps: some milliseconds."""
SMALL_FILE_BYTES = 8 * 1024 * 1024
"""Files up to this size are checked when they are opened and copied when they are closed."""


def is_backup_due(commands: int, in_backup: int) -> bool:
    """Say whether enough was done since the backup that a new one is worth its time."""
    return commands - in_backup >= max(COMMANDS_BETWEEN_BACKUPS, commands // LARGEST_SHARE)


def commands_in_backup(path: Path) -> int:
    """How many commands the backup of a workspace has; 0 when there is none that can be read."""
    backup = backup_of(path)
    if not backup.is_file():
        return 0
    try:
        with closing(sqlite3.connect(_address(backup), uri=True)) as connection:
            return int(connection.execute("SELECT ifnull(max(seq), 0) FROM commands").fetchone()[0])
    except sqlite3.Error:
        return 0


def copy_workspace(
    source: Path,
    target: Path,
    *,
    check: Callable[[sqlite3.Connection, Path], None],
    replace: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Write a whole copy of a workspace, which may be in use, then give it its name.

    Parameters
    ----------
    check
        Raises `DamagedWorkspace` about the given path when the copy contradicts itself.
    replace
        Whether the copy takes the place of a former target, which stays until it can.
    progress
        Hears how many pages of how many are copied; what it raises ends the copying, and nothing
        is left of it.

    Raises
    ------
    DamagedWorkspace, WorkspaceError
    """
    if not replace:
        refuse_taken_name(target)
    temporary = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}.new")
    try:
        with closing(_connect(f"file:{quote(str(temporary.absolute()))}")) as copy:
            _copy_content(source, copy, progress)
            copy.execute("PRAGMA journal_mode = DELETE")
            with _stopped_by(progress, copy):
                check(copy, source)
        sync_file(temporary)
        if replace:
            temporary.replace(target)
            sync_folder(target.absolute().parent)
        else:
            give_name(temporary, target)
    except (OSError, sqlite3.Error) as error:
        if isinstance(error, sqlite3.Error) and is_damage(error):
            raise damaged(source, str(error)) from error
        raise WorkspaceError(f"{target} cannot be written: {meaning(error)}") from error
    finally:
        for left in (temporary, *(Path(f"{temporary}-{end}") for end in ("journal", "wal", "shm"))):
            with suppress(OSError):
                left.unlink()


@contextmanager
def _stopped_by(
    progress: Callable[[int, int], None] | None, connection: sqlite3.Connection
) -> Iterator[None]:
    """Let what `progress` raises end what SQLite does in the block."""
    raised: list[BaseException] = []

    def look() -> int:
        try:
            if progress is not None:
                progress(1, 1)
        except BaseException as error:  # noqa: BLE001 - raised again below
            raised.append(error)
        return len(raised)

    if progress is not None:
        connection.set_progress_handler(look, OPERATIONS_BETWEEN_REPORTS)
    try:
        yield
    except (sqlite3.Error, WorkspaceError):
        if raised:
            raise raised[0] from None
        raise
    finally:
        connection.set_progress_handler(None, 0)


def _copy_content(
    source: Path, copy: sqlite3.Connection, progress: Callable[[int, int], None] | None
) -> None:
    """Copy what the workspace holds, a log of changes beside it included."""

    def backup(origin: sqlite3.Connection) -> None:
        if progress is None:
            origin.backup(copy)
            return
        origin.backup(
            copy, pages=PAGES_BETWEEN_REPORTS,
            progress=lambda _status, left, total: progress(total - left, total),
        )  # fmt: skip

    try:
        with closing(_connect(_address(source))) as origin:
            # One reading throughout, so that a busy writer does not make the copy start again.
            origin.execute("BEGIN")
            origin.execute("SELECT count(*) FROM sqlite_master").fetchone()
            backup(origin)
        return
    except sqlite3.Error as error:
        if primary_code(error) not in NOT_READABLE_HERE:
            raise
    if not has_unfinished_changes(source):
        with closing(_connect(f"{_address(source)}&immutable=1")) as origin:
            backup(origin)
        return
    # A writer was killed and nothing can be written there now: SQLite recovers a copy elsewhere.
    with tempfile.TemporaryDirectory(prefix="sightline-") as folder:
        moved = Path(folder) / source.name
        for here in (source, write_ahead_log(source), source.with_name(f"{source.name}-journal")):
            if here.exists():
                shutil.copyfile(here, moved.with_name(here.name))
        with closing(_connect(f"file:{quote(str(moved))}?mode=rw")) as origin:
            backup(origin)


def _address(path: Path) -> str:
    return f"file:{quote(str(path.resolve()))}?mode=ro"


def _connect(address: str) -> sqlite3.Connection:
    return sqlite3.connect(address, uri=True, isolation_level=None)
