"""Going back to the backup when a workspace is damaged; the damaged file is kept."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from viewer.review.errors import WorkspaceError
from viewer.review.medium.damage import backup_of, is_workspace
from viewer.review.medium.sqlite_errors import meaning
from viewer.review.store.backup import copy_workspace
from viewer.review.store.files import sync_folder
from viewer.review.store.holder import HolderLock
from viewer.review.store.integrity import check_content

BESIDE = ("-wal", "-shm", "-journal")


def restore_backup(path: Path) -> Path:
    """Put the backup in a damaged workspace's place; return where the damaged file lies now.

    The backup itself stays.

    Raises
    ------
    WorkspaceError
        When there is no sound backup, someone has the workspace open, or nothing can be written;
        the damaged file has its name then.
    """
    backup = backup_of(path)
    if not is_workspace(backup):
        raise WorkspaceError(f"there is no backup beside {path}")
    lock = HolderLock(path)
    try:
        if not lock.acquire("restoring"):
            raise WorkspaceError(f"{path} cannot be restored: it is held by {lock.holder()}")
        return _exchange(path, backup)
    except (OSError, sqlite3.Error) as error:
        raise WorkspaceError(f"{path} cannot be restored: {meaning(error)}") from error
    finally:
        lock.release()


def _exchange(path: Path, backup: Path) -> Path:
    # The sound copy is made before anything is moved.
    fresh = path.with_name(f".{path.name}.restored")
    copy_workspace(backup, fresh, check=check_content, replace=True)
    kept = _free_name(path)
    moved: list[tuple[Path, Path]] = []
    try:
        for end in ("", *BESIDE):
            old, new = Path(f"{path}{end}"), Path(f"{kept}{end}")
            if old.exists():
                old.rename(new)
                moved.append((old, new))
        fresh.rename(path)
    except OSError:
        for old, new in reversed(moved):
            new.rename(old)
        fresh.unlink(missing_ok=True)
        raise
    sync_folder(path.absolute().parent)
    return kept


def _free_name(path: Path) -> Path:
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%S")
    number = 1
    while True:
        end = f"-{number}" if number > 1 else ""
        found = path.with_name(f"{path.stem}.damaged-{stamp}{end}{path.suffix}")
        if not found.exists():
            return found
        number += 1
