"""Files of a dataset copied as they are, to their places in a new one."""

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from viewer.formats.base import DamagedData
from viewer.formats.writers.edited_files import NO_EDITS, EditedFiles
from viewer.formats.writers.losses import LossLog
from viewer.progress import JobContext

MAX_COPIED = 8_000_000


def copy_file(
    path: Path,
    draft: Path | None,
    name: str,
    losses: LossLog,
    edited: EditedFiles = NO_EDITS,
) -> None:
    """Copy one file, or what is edited of it, below the draft; note one that cannot be read."""
    try:
        if draft is None:
            with path.open("rb"):
                return
        target = draft / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if path in edited:
            target.write_bytes(edited[path])
        else:
            shutil.copyfile(path, target)
    except OSError as error:
        damage = DamagedData(path, "", f"cannot be read: {error.strerror or error}")
        losses.add_unreadable(damage.as_problem())


def copy_files(
    root: Path,
    paths: Iterable[Path],
    draft: Path | None,
    context: JobContext,
    losses: LossLog,
    edited: EditedFiles = NO_EDITS,
) -> None:
    """Copy files of a folder to the same places, each once; edited ones as they are now."""
    for path in context.track(list(dict.fromkeys(paths)), "Copying"):
        copy_file(path, draft, path.relative_to(root).as_posix(), losses, edited)


def files_below(folder: Path) -> Iterator[Path]:
    """Yield the plain files of a folder and its folders, links left out."""
    if folder.is_symlink() or not folder.is_dir():
        return
    for path in sorted(folder.rglob("*"))[:MAX_COPIED]:
        if path.is_file() and not path.is_symlink():
            yield path
