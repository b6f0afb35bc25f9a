"""Paths in a manifest: relative, with forward slashes, never out of the scene's folder."""

import re
from pathlib import Path, PurePosixPath

from viewer.formats.base import DamagedData

_PLAIN = re.compile(r"\w[\w-]*(?:[./]\w[\w-]*)*")
FORBIDDEN = ("\\", ":", "\0")


def is_plainly_inside(name: str) -> bool:
    """Say whether a path of letters, digits and single slashes cannot leave its folder.

    Examples
    --------
    >>> is_plainly_inside("lidar/000001.pcd"), is_plainly_inside("../a"), is_plainly_inside("a..b")
    (True, False, False)
    """
    return _PLAIN.fullmatch(name) is not None


def resolve_inside(folder: Path, name: str, manifest: Path, place: str) -> Path:
    """Return where a manifest's path lies; `DamagedData` when it would leave the folder."""
    require_inside(name, manifest, place)
    return folder.joinpath(*PurePosixPath(name).parts)


def require_inside(name: str, manifest: Path, place: str) -> None:
    """Raise `DamagedData` for a path that would leave the folder."""
    parts = name.split("/")
    leaves = parts[0] == "" or ".." in parts or not any(part not in ("", ".") for part in parts)
    if leaves or any(mark in name for mark in FORBIDDEN):
        raise DamagedData(
            manifest, place, f"{name[:80]!r} is not a relative path within the scene's folder"
        )


def file_stem(name: str) -> str:
    """Return an identifier as a file name that every file system takes.

    Examples
    --------
    >>> file_stem("drive 1/000:05")
    'drive_1_000_05'
    """
    kept = "".join(mark if mark.isalnum() or mark in "-_." else "_" for mark in name)
    return kept.strip(".") or "_"
