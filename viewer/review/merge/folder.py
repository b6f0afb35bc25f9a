"""Where a merge works: a hidden folder beside the new file, which a killed process leaves."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from viewer.review.store.holder import HolderLock

_END = ".merging"
_LOCKED = "merge"


@contextmanager
def work_folder(into: Path) -> Iterator[Path]:
    """Make a folder beside a file that is going to be; it is gone after the block.

    What killed processes left of theirs in the same place is removed first. A folder in use is
    known by the lock that its process holds.

    Raises
    ------
    OSError
        When nothing can be made there.
    """
    parent = into.absolute().parent
    _remove_left(parent)
    with tempfile.TemporaryDirectory(
        prefix=f".{into.name}.", suffix=_END, dir=parent, ignore_cleanup_errors=True
    ) as name:
        folder = Path(name)
        lock = HolderLock(folder / _LOCKED)
        # Where nothing can be locked nothing is removed either.
        with suppress(OSError):
            lock.acquire("merging")
        try:
            yield folder
        finally:
            lock.release()


def _remove_left(parent: Path) -> None:
    with suppress(OSError):
        for left in parent.glob(f".*.*{_END}"):
            with suppress(OSError):
                _remove_if_left(left)


def _remove_if_left(folder: Path) -> None:
    lock = HolderLock(folder / _LOCKED)
    # One that is just being made has no lock yet.
    if not folder.is_dir() or not lock.path.exists() or not lock.acquire("removing"):
        return
    lock.release()
    shutil.rmtree(folder)
