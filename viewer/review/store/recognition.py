"""Telling a workspace from other files."""

from pathlib import Path

from viewer.review.errors import NewerWorkspace, NotAWorkspace, WorkspaceError
from viewer.review.medium.damage import (
    HEAD_BYTES,
    SQLITE,
    VERSION,
    backup_of,
    begins_workspace,
    damaged,
    head_of,
    is_workspace,
)
from viewer.review.store.migrations.catalog import STEPS


def refuse_other_files(path: Path) -> None:
    """Raise unless a file begins like a workspace of this version or an older one.

    Raises
    ------
    NotAWorkspace, NewerWorkspace, DamagedWorkspace, WorkspaceError
    """
    if not path.is_file():
        raise WorkspaceError(f"{path} does not exist")
    try:
        head = head_of(path)
    except OSError as error:
        raise WorkspaceError(f"{path} cannot be opened: {error.strerror}") from error
    if not begins_workspace(head):
        if is_workspace(backup_of(path)):
            raise damaged(path, "it does not begin like a workspace")
        if head.startswith(SQLITE) and len(head) < HEAD_BYTES:
            raise damaged(path, "it is cut off")
        raise NotAWorkspace(path)
    version = int.from_bytes(head[VERSION], "big")
    if version > len(STEPS):
        raise NewerWorkspace(path, version, len(STEPS))
