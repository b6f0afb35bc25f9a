"""Opening and closing the SQLite file of a workspace."""

import sqlite3
import uuid
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from viewer.review.errors import NewerWorkspace, WorkspaceError
from viewer.review.medium.damage import APPLICATION_ID, damaged
from viewer.review.medium.sqlite_errors import (
    NOT_READABLE_HERE,
    is_damage,
    meaning,
    primary_code,
)
from viewer.review.store.backup import SMALL_FILE_BYTES, copy_workspace
from viewer.review.store.files import (
    give_name,
    has_unfinished_changes,
    refuse_taken_name,
    write_ahead_log,
)
from viewer.review.store.integrity import check_content, check_layout, check_structure
from viewer.review.store.migrations.catalog import STEPS
from viewer.review.store.network import network_file_system
from viewer.review.store.recognition import refuse_other_files

BUSY_TIMEOUT_S = 5.0
TIDY_TIMEOUT_MS = 100
"""Closing waits this long for others to finish reading; whoever closes last tidies up."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A connection, and whether it sees a file that must not change meanwhile."""

    connection: sqlite3.Connection
    is_frozen: bool = False


def create_database(path: Path, now_ns: int) -> None:
    """Make an empty workspace file that is whole on disk or not there at all.

    Raises
    ------
    WorkspaceError
        When something lies there already, or nothing can be written there.
    """
    refuse_taken_name(path)
    if not path.absolute().parent.is_dir():
        raise WorkspaceError(f"{path} cannot be made: its folder does not exist")
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.new")
    try:
        connection = sqlite3.connect(temporary, isolation_level=None)
        try:
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            _make_durable(connection)
            _migrate(connection, 0)
            connection.execute("INSERT INTO workspace VALUES (?, ?)", (uuid.uuid4().hex, now_ns))
        finally:
            connection.close()
        give_name(temporary, path)
    except (OSError, sqlite3.Error) as error:
        raise WorkspaceError(f"{path} cannot be made: {meaning(error)}") from error
    finally:
        for left in (temporary, Path(f"{temporary}-journal")):
            with suppress(OSError):
                left.unlink()


def open_to_write(path: Path, *, check: bool = True) -> Opened:
    """Open a workspace for the one process that writes; bring it to the present layout.

    Parameters
    ----------
    check
        Whether a small file is read whole to see that it is sound.

    Raises
    ------
    NotAWorkspace, NewerWorkspace, DamagedWorkspace, WorkspaceError
    """
    return Opened(_open(path, "mode=rw", any_thread=False, check=check))


def open_to_read(path: Path, *, any_thread: bool = False, check: bool = False) -> Opened:
    """Open a workspace that another process may write, or that lies where nobody can.

    Parameters
    ----------
    any_thread
        Whether the connection goes from thread to thread; the caller lets one use it at a time.
    check
        Whether a small file is read whole to see that it is sound.

    Raises
    ------
    NotAWorkspace, NewerWorkspace, DamagedWorkspace, WorkspaceError
    """
    try:
        return Opened(_open(path, "mode=ro", any_thread=any_thread, check=check))
    except WorkspaceError as error:
        cause = error.__cause__
        if not isinstance(cause, sqlite3.Error) or primary_code(cause) not in NOT_READABLE_HERE:
            raise
        if has_unfinished_changes(path):
            raise WorkspaceError(
                f"{path} was not closed in order and lies where nothing can be written, so its"
                f" last changes (in {write_ahead_log(path).name} beside it) cannot be read there;"
                " make a copy of the workspace elsewhere and open that"
            ) from error
    # SQLite would write its own files beside this one; without a writer it need not.
    options = "mode=ro&immutable=1"
    return Opened(_open(path, options, any_thread=any_thread, check=check), is_frozen=True)


def _open(path: Path, options: str, *, any_thread: bool, check: bool) -> sqlite3.Connection:
    refuse_other_files(path)
    try:
        connection = sqlite3.connect(
            f"file:{quote(str(path.resolve()))}?{options}", uri=True, isolation_level=None,
            timeout=BUSY_TIMEOUT_S, check_same_thread=not any_thread,
        )  # fmt: skip
    except sqlite3.Error as error:
        raise WorkspaceError(f"{path} cannot be opened: {meaning(error)}") from error
    try:
        _prepare(connection, path, writable=options == "mode=rw", check=check)
    except sqlite3.DatabaseError as error:
        connection.close()
        if is_damage(error):
            raise damaged(path, str(error)) from error
        raise WorkspaceError(f"{path} cannot be opened: {meaning(error)}") from error
    except UnicodeDecodeError as error:
        connection.close()
        raise damaged(path, "a text in it is none") from error
    except WorkspaceError:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path, *, writable: bool, check: bool) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(STEPS):
        raise NewerWorkspace(path, version, len(STEPS))
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA cell_size_check = ON")
    connection.execute("PRAGMA cache_size = -65536")
    is_small = check and path.stat().st_size <= SMALL_FILE_BYTES
    if version == len(STEPS):
        check_layout(connection, path)
        # Before anything is written: what is damaged stays as it is.
        if is_small:
            check_content(connection, path)
    elif not writable:
        raise WorkspaceError(
            f"{path} has the older layout {version}; open it once where it can be written"
        )
    else:
        # To go back with the older program. Not in the backup's place: were the version itself
        # damaged, the last good backup would be lost.
        copy = path.with_name(f"{path.name}.layout{version}.backup")
        copy_workspace(path, copy, check=check_structure, replace=True)
    if writable:
        network = network_file_system(path)
        connection.execute(f"PRAGMA journal_mode = {'DELETE' if network else 'WAL'}")
        _make_durable(connection)
    if version < len(STEPS):
        _bring_to_date(connection, path, version)
        if is_small:
            check_content(connection, path)


def _bring_to_date(connection: sqlite3.Connection, path: Path, version: int) -> None:
    try:
        _migrate(connection, version)
    except sqlite3.OperationalError as error:
        if primary_code(error) != sqlite3.SQLITE_ERROR:
            raise
        raise damaged(path, f"its tables are not those of layout {version}") from error
    check_layout(connection, path)


def _make_durable(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA synchronous = FULL")
    # Elsewhere than on macOS these two do nothing; there a plain sync stops at the disk's cache.
    connection.execute("PRAGMA fullfsync = ON")
    connection.execute("PRAGMA checkpoint_fullfsync = ON")


def _migrate(connection: sqlite3.Connection, version: int) -> None:
    """Go the steps that are missing, all or none."""
    statements = "".join(STEPS[version:])
    try:
        connection.executescript(
            f"BEGIN IMMEDIATE; {statements} PRAGMA user_version = {len(STEPS)}; COMMIT;"
        )
    except sqlite3.Error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def tidy(connection: sqlite3.Connection) -> None:
    """Bring everything into the one file; does nothing while others have it open."""
    with suppress(sqlite3.Error):
        connection.execute(f"PRAGMA busy_timeout = {TIDY_TIMEOUT_MS}")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode = DELETE")


def tidy_after_reading(path: Path) -> None:
    """Do the same for a reader who closes last, after a writer that could not tidy up."""
    if not write_ahead_log(path).exists():
        return
    with suppress(sqlite3.Error):
        address = f"file:{quote(str(path.resolve()))}?mode=rw"
        connection = sqlite3.connect(address, uri=True, isolation_level=None)
        try:
            _make_durable(connection)
            tidy(connection)
        finally:
            connection.close()
