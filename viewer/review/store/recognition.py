"""Telling a workspace from other files, and what to say of one that is damaged."""

from pathlib import Path

from viewer.review.errors import (
    DamagedWorkspace,
    NewerWorkspace,
    NotAWorkspace,
    WorkspaceError,
)
from viewer.review.store.migrations.catalog import STEPS

APPLICATION_ID = 0x53474C4E
"""``SGLN``: tells `file` and ourselves what the SQLite file is."""
SQLITE = b"SQLite format 3\0"
HEAD_BYTES = 100
VERSION, NAME = slice(60, 64), slice(68, 72)
"""Where SQLite's header has our version and `APPLICATION_ID`."""


def backup_of(path: Path) -> Path:
    """Where the backup of a workspace lies."""
    return path.with_name(f"{path.name}.backup")


def refuse_other_files(path: Path) -> None:
    """Raise unless a file begins like a workspace of this version or an older one.

    Raises
    ------
    NotAWorkspace, NewerWorkspace, DamagedWorkspace, WorkspaceError
    """
    if not path.is_file():
        raise WorkspaceError(f"{path} does not exist")
    try:
        head = _head(path)
    except OSError as error:
        raise WorkspaceError(f"{path} cannot be opened: {error.strerror}") from error
    if not _begins_workspace(head):
        if is_workspace(backup_of(path)):
            raise damaged(path, "it does not begin like a workspace")
        if head.startswith(SQLITE) and len(head) < HEAD_BYTES:
            raise damaged(path, "it is cut off")
        raise NotAWorkspace(path)
    version = int.from_bytes(head[VERSION], "big")
    if version > len(STEPS):
        raise NewerWorkspace(path, version, len(STEPS))


def is_workspace(path: Path) -> bool:
    """Say whether a file begins like a workspace."""
    try:
        return _begins_workspace(_head(path))
    except OSError:
        return False


def damaged(path: Path, problem: str) -> DamagedWorkspace:
    """Return the error that offers the backup, where there is one that opens."""
    backup = backup_of(path)
    return DamagedWorkspace(path, problem, backup if is_workspace(backup) else None)


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


def _begins_workspace(head: bytes) -> bool:
    return head.startswith(SQLITE) and head[NAME] == APPLICATION_ID.to_bytes(4, "big")
