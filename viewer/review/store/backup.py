"""A copy of a workspace beside it, for the day when the file is damaged."""

import os
import sqlite3
import uuid
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import quote

from viewer.review.errors import WorkspaceError

PAGES_AT_ONCE = 4096


def backup_of(path: Path) -> Path:
    """Where the backup of a workspace lies."""
    return path.with_name(f"{path.name}.backup")


def copy_workspace(source: Path, target: Path) -> None:
    """Write a whole copy of a workspace, which may be in use, then give it its name.

    Raises
    ------
    WorkspaceError
        When the source contradicts itself or the copy cannot be written; a former target stays.
    """
    temporary = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}.new")
    try:
        with (
            _opened(f"file:{quote(str(source.resolve()))}?mode=ro") as origin,
            _opened(f"file:{quote(str(temporary.absolute()))}") as copy,
        ):
            origin.backup(copy, pages=PAGES_AT_ONCE)
            found = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
            if found != "ok":
                raise WorkspaceError(f"{source} is damaged: {found}")
            copy.execute("PRAGMA journal_mode = DELETE")
        _sync(temporary)
        temporary.replace(target)
    except (OSError, sqlite3.Error) as error:
        raise WorkspaceError(f"{target} cannot be written: {error}") from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def _opened(address: str) -> closing[sqlite3.Connection]:
    return closing(sqlite3.connect(address, uri=True, isolation_level=None))


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
