"""How a workspace begins, where its backup lies, and what to say of one that is damaged."""

from pathlib import Path

from viewer.review.errors import DamagedWorkspace

APPLICATION_ID = 0x53474C4E
"""``SGLN``: tells `file` and ourselves what the SQLite file is."""
SQLITE = b"SQLite format 3\0"
HEAD_BYTES = 100
VERSION, NAME = slice(60, 64), slice(68, 72)
"""Where SQLite's header has our version and `APPLICATION_ID`."""


def backup_of(path: Path) -> Path:
    """Where the backup of a workspace lies."""
    return path.with_name(f"{path.name}.backup")


def is_workspace(path: Path) -> bool:
    """Say whether a file begins like a workspace."""
    try:
        return begins_workspace(head_of(path))
    except OSError:
        return False


def damaged(path: Path, problem: str) -> DamagedWorkspace:
    """Return the error that offers the backup, where there is one that opens."""
    backup = backup_of(path)
    return DamagedWorkspace(path, problem, backup if is_workspace(backup) else None)


def head_of(path: Path) -> bytes:
    """Return a file's first bytes; OSError where it cannot be read."""
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


def begins_workspace(head: bytes) -> bool:
    """Say whether first bytes are those of a workspace."""
    return head.startswith(SQLITE) and head[NAME] == APPLICATION_ID.to_bytes(4, "big")
