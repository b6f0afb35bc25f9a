"""Writing beside the target under a temporary name, renamed when complete."""

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path


class WriteRefused(ValueError):
    """Nothing was written; the message says why and what to do instead."""


def require_free(target: Path, sources: Iterable[Path]) -> None:
    """Raise `WriteRefused` for a target that holds something, or is or lies in a source."""
    resolved = target.resolve()
    for source in sources:
        own = source.resolve()
        if own.exists() and (resolved == own or (own.is_dir() and resolved.is_relative_to(own))):
            raise WriteRefused(f"{target} belongs to the source; choose a place outside of it")
    if target.is_symlink() or resolved.is_file() or (resolved.is_dir() and any(resolved.iterdir())):
        raise WriteRefused(f"{target} holds something already; choose a new name")


@contextmanager
def draft_for(target: Path) -> Iterator[Path]:
    """Yield a path to be written, file or folder; it becomes the target when the block ends well.

    After an error nothing is left behind, folders above the target included.
    """
    target = target.resolve()
    made = [folder for folder in target.parents if not folder.exists()]
    target.parent.mkdir(parents=True, exist_ok=True)
    room = Path(tempfile.mkdtemp(prefix=f".{target.name}.draft-", dir=target.parent))
    done = False
    try:
        yield room / target.name
        if target.is_dir():
            # Empty, or this fails: nothing that appeared meanwhile is overwritten.
            target.rmdir()
        elif target.exists():
            raise FileExistsError(f"{target} appeared while it was written")
        (room / target.name).rename(target)
        done = True
    finally:
        shutil.rmtree(room, ignore_errors=True)
        if not done:
            _remove_empty(made)


def _remove_empty(folders: Iterable[Path]) -> None:
    """Remove folders, innermost first, up to one that is in use."""
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:
            return
