"""What SQLite says while a workspace is read, as an error that names the file and what to do."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from viewer.review.errors import WorkspaceError, WorkspaceUnreadable
from viewer.review.medium.damage import damaged
from viewer.review.medium.sqlite_errors import advice, is_damage, is_of_the_medium, meaning


@contextmanager
def reading_errors(connection: sqlite3.Connection) -> Iterator[None]:
    """Turn what can go wrong with the file into errors for people; mistakes of ours stay as is.

    Raises
    ------
    DamagedWorkspace
        When the file contradicts itself, or holds a record that means nothing.
    WorkspaceUnreadable
        When it cannot be read now: busy, a broken disk, a share that went away, no room.
    """
    try:
        yield
    except sqlite3.DatabaseError as error:
        if is_damage(error) or is_of_the_medium(error):
            raise reading_problem(_path_of(connection), error) from error
        if str(error).startswith("no such table") and _is_emptied(connection):
            raise damaged(_path_of(connection), "its tables are gone") from error
        raise
    except (ValueError, KeyError) as error:
        raise damaged(_path_of(connection), f"a record cannot be understood: {error}") from error


def reading_problem(path: Path, error: sqlite3.DatabaseError) -> WorkspaceError:
    """Return the error that tells people why a file cannot be read."""
    if is_damage(error):
        return damaged(path, str(error))
    return WorkspaceUnreadable(path, meaning(error), advice(error))


def _is_emptied(connection: sqlite3.Connection) -> bool:
    """Say whether the file was cut to nothing, which SQLite takes for a new one."""
    found = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'commands'")
    return bool(found.fetchone()[0] == 0)


def _path_of(connection: sqlite3.Connection) -> Path:
    for _, name, path in connection.execute("PRAGMA database_list"):
        if name == "main":
            return Path(path)
    return Path()
