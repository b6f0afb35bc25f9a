"""Telling a workspace from other files, and what to say of one that is damaged."""

from pathlib import Path

from viewer.review.errors import DamagedWorkspace

APPLICATION_ID = 0x53474C4E
"""``SGLN``: tells `file` and ourselves what the SQLite file is."""


def backup_of(path: Path) -> Path:
    """Where the backup of a workspace lies."""
    return path.with_name(f"{path.name}.backup")


def is_workspace(path: Path) -> bool:
    """Say whether a file begins like a workspace."""
    try:
        with path.open("rb") as file:
            head = file.read(100)
    except OSError:
        return False
    return has_sqlite_head(head) and head[68:72] == APPLICATION_ID.to_bytes(4, "big")


def has_sqlite_head(head: bytes) -> bool:
    """Say whether bytes begin an SQLite file."""
    return head.startswith(b"SQLite format 3\0")


def damaged(path: Path, problem: str) -> DamagedWorkspace:
    """Return the error that offers the backup, where there is one that opens."""
    backup = backup_of(path)
    return DamagedWorkspace(path, problem, backup if is_workspace(backup) else None)
