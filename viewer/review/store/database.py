"""Opening and closing the SQLite file of a workspace."""

import os
import sqlite3
import uuid
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import quote

from viewer.review.errors import DamagedWorkspace, NewerWorkspace, NotAWorkspace, WorkspaceError
from viewer.review.store.backup import backup_of
from viewer.review.store.migrations.catalog import STEPS
from viewer.review.store.network import network_file_system

APPLICATION_ID = 0x53474C4E
"""``SGLN``: tells `file` and ourselves what the SQLite file is."""
BUSY_TIMEOUT_S = 5.0
QUICK_CHECK_BYTES = 16 * 1024 * 1024
"""Files up to this size are checked whole when they are opened; larger ones in the background."""


def create_database(path: Path, now_ns: int) -> None:
    """Make an empty workspace file that is whole on disk or not there at all.

    Raises
    ------
    WorkspaceError
        When something lies there already, or nothing can be written there.
    """
    if path.exists():
        raise WorkspaceError(f"{path} exists already")
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.new")
    try:
        connection = sqlite3.connect(temporary, isolation_level=None)
        try:
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute("PRAGMA synchronous = FULL")
            _migrate(connection, 0)
            connection.execute("INSERT INTO workspace VALUES (?, ?)", (uuid.uuid4().hex, now_ns))
        finally:
            connection.close()
        # A link refuses to replace a file that came in between.
        os.link(temporary, path)
    except (OSError, sqlite3.Error) as error:
        raise WorkspaceError(f"{path} cannot be made: {_reason(error)}") from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def open_database(
    path: Path, *, writable: bool, immutable: bool = False, any_thread: bool = False
) -> sqlite3.Connection:
    """Open a workspace file; a writable one is brought to the present schema.

    Parameters
    ----------
    immutable
        The medium cannot be written, so that not even SQLite's own files can lie beside it.
    any_thread
        Whether the connection goes from thread to thread; the caller lets one use it at a time.

    Raises
    ------
    NotAWorkspace, NewerWorkspace, DamagedWorkspace, WorkspaceError
    """
    if not path.is_file():
        raise WorkspaceError(f"{path} does not exist")
    mode = "rw" if writable else "ro"
    address = f"file:{quote(str(path.resolve()))}?mode={mode}" + (
        "&immutable=1" if immutable else ""
    )
    try:
        connection = sqlite3.connect(
            address, uri=True, isolation_level=None, timeout=BUSY_TIMEOUT_S,
            check_same_thread=not any_thread,
        )  # fmt: skip
    except sqlite3.Error as error:
        raise WorkspaceError(f"{path} cannot be opened: {_reason(error)}") from error
    try:
        _prepare(connection, path, writable=writable, immutable=immutable)
    except sqlite3.DatabaseError as error:
        connection.close()
        if is_damage(error):
            raise damaged(path, str(error)) from error
        raise WorkspaceError(f"{path} cannot be opened: {_reason(error)}") from error
    except WorkspaceError:
        connection.close()
        raise
    return connection


def _prepare(
    connection: sqlite3.Connection, path: Path, *, writable: bool, immutable: bool
) -> None:
    if not _has_sqlite_head(path):
        if _is_workspace(backup_of(path)):
            raise damaged(path, "its first bytes are no database")
        raise NotAWorkspace(path)
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise NotAWorkspace(path)
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(STEPS):
        raise NewerWorkspace(path, version, len(STEPS))
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA cache_size = -65536")
    if writable:
        network = network_file_system(path)
        connection.execute(f"PRAGMA journal_mode = {'DELETE' if network else 'WAL'}")
        connection.execute("PRAGMA synchronous = FULL")
    if path.stat().st_size <= QUICK_CHECK_BYTES:
        check_integrity(connection, path)
    if version < len(STEPS):
        if not writable:
            raise WorkspaceError(
                f"{path} has the older layout {version}; open it once where it can be written"
            )
        _migrate(connection, version)


def _migrate(connection: sqlite3.Connection, version: int) -> None:
    """Go the steps that are missing, all or none."""
    statements = "".join(STEPS[version:])
    connection.executescript(
        f"BEGIN IMMEDIATE; {statements} PRAGMA user_version = {len(STEPS)}; COMMIT;"
    )


def check_integrity(connection: sqlite3.Connection, path: Path) -> None:
    """Read the whole file and raise `DamagedWorkspace` where it contradicts itself."""
    try:
        found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        found = str(error)
    if found != "ok":
        raise damaged(path, found.splitlines()[0][:120])


def close_database(connection: sqlite3.Connection, *, writable: bool) -> None:
    """Close; a workspace that nobody else has open is one file then."""
    if writable:
        with suppress(sqlite3.Error):
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.execute("PRAGMA journal_mode = DELETE")
    connection.close()


def damaged(path: Path, problem: str) -> DamagedWorkspace:
    """Return the error that offers the backup, where there is one that opens."""
    backup = backup_of(path)
    return DamagedWorkspace(path, problem, backup if _is_workspace(backup) else None)


def is_damage(error: sqlite3.Error) -> bool:
    """Say whether SQLite found the file itself wrong."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _has_sqlite_head(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(16) == b"SQLite format 3\0"


def _is_workspace(path: Path) -> bool:
    try:
        if not _has_sqlite_head(path):
            return False
        address = f"file:{quote(str(path.resolve()))}?mode=ro"
        with closing(sqlite3.connect(address, uri=True)) as connection:
            found = connection.execute("PRAGMA application_id").fetchone()[0]
    except (OSError, sqlite3.Error):
        return False
    return bool(found == APPLICATION_ID)


def _reason(error: Exception) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)
