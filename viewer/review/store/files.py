"""Files of a workspace and beside it: which there are, and putting them on disk for good."""

import os
import sys
import time
from contextlib import suppress
from glob import escape
from pathlib import Path

from viewer.review.errors import WorkspaceError

LEFT_AFTER_S = 3600.0
"""No copy takes so long."""


def write_ahead_log(path: Path) -> Path:
    """Where SQLite keeps what a writer has not yet brought into the file."""
    return path.with_name(f"{path.name}-wal")


def has_unfinished_changes(path: Path) -> bool:
    """Say whether a writer went away (or still is there) with changes beside the file."""
    for beside in (write_ahead_log(path), path.with_name(f"{path.name}-journal")):
        with suppress(OSError):
            if beside.stat().st_size > 0:
                return True
    return False


def refuse_taken_name(path: Path) -> None:
    """Raise WorkspaceError where a new workspace would meet another one or what is left of it.

    SQLite would play a left log into the new file.
    """
    if path.exists():
        raise WorkspaceError(f"{path} exists already")
    if has_unfinished_changes(path):
        raise WorkspaceError(
            f"beside {path} lie changes of another workspace ({path.name}-wal or -journal):"
            " move them away or choose another name"
        )


def give_name(temporary: Path, path: Path) -> None:
    """Give a finished file its name unless something has it; durable on return."""
    try:
        # A link refuses to replace a file that came in between.
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError:
        # File systems of memory sticks know no links.
        if path.exists():
            raise FileExistsError(f"{path} exists already") from None
        temporary.rename(path)
    sync_folder(path.absolute().parent)


def remove_left_copies(path: Path) -> None:
    """Delete what a killed process left of a copy that it was making beside a workspace."""
    with suppress(OSError):
        for left in path.absolute().parent.glob(f".{escape(path.name)}.*.new*"):
            with suppress(OSError):
                if time.time() - left.stat().st_mtime > LEFT_AFTER_S:
                    left.unlink()


def sync_file(path: Path) -> None:
    """Wait until a file's content is on disk."""
    handle = os.open(path, os.O_RDONLY if sys.platform != "win32" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on disk, where the system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
