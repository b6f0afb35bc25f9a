"""Listing folders of numbered files: by stem, in the order in which people count."""

import os
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from viewer.formats.base import DamagedData

MAX_ENTRIES = 1_000_000


def natural_key(name: str) -> tuple[tuple[object, ...], str]:
    """Sort key under which ``2`` comes before ``10``.

    Examples
    --------
    >>> sorted(["cloud10", "cloud9", "Cloud1"], key=natural_key)
    ['Cloud1', 'cloud9', 'cloud10']
    """
    parts = re.split(r"([0-9]+)", name.casefold())
    return tuple(int(part) if index % 2 else part for index, part in enumerate(parts)), name


def stem_of(name: str, suffixes: Iterable[str]) -> str | None:
    """Return the file name without the longest of the suffixes it ends in; None when it has none.

    Examples
    --------
    >>> stem_of("0001.PCD.bin", [".bin", ".pcd.bin"])
    '0001'
    """
    lower = name.lower()
    fitting = [suffix for suffix in suffixes if lower.endswith(suffix) and len(name) > len(suffix)]
    return name[: -len(max(fitting, key=len))] if fitting else None


def files_by_stem(folder: Path, suffixes: Iterable[str]) -> dict[str, Path]:
    """Return the files of a folder with one of the suffixes, by stem, in natural order.

    Hidden files are left out. Where a stem occurs with two suffixes, the first suffix wins. A
    folder that does not exist holds nothing.
    """
    order = tuple(suffixes)
    ranked: dict[str, tuple[int, str]] = {}
    for entry in _entries(folder):
        stem = None if entry.name.startswith(".") else stem_of(entry.name, order)
        if stem is None or not _is(entry.is_file):
            continue
        rank = next(i for i, suffix in enumerate(order) if entry.name.lower().endswith(suffix))
        if stem not in ranked or (rank, entry.name) < ranked[stem]:
            ranked[stem] = (rank, entry.name)
    return {stem: folder / ranked[stem][1] for stem in sorted(ranked, key=natural_key)}


def subfolders(folder: Path) -> tuple[Path, ...]:
    """Return the visible folders in a folder, in natural order."""
    names = [entry.name for entry in _entries(folder) if _is(entry.is_dir)]
    return tuple(
        folder / name for name in sorted(names, key=natural_key) if not name.startswith(".")
    )


def merged_stems(*listings: Mapping[str, Path]) -> tuple[str, ...]:
    """Return every stem that occurs in any listing, in natural order."""
    return tuple(sorted({stem for listing in listings for stem in listing}, key=natural_key))


def _is(kind: Callable[[], bool]) -> bool:
    """Ask what an entry is; one that cannot be looked at, such as a loop of links, is nothing."""
    try:
        return kind()
    except OSError:
        return False


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            found = []
            for entry in entries:
                found.append(entry)
                if len(found) > MAX_ENTRIES:
                    raise DamagedData(folder, "", f"holds more than {MAX_ENTRIES} entries")
            return found
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise DamagedData(folder, "", f"cannot be listed: {error.strerror or error}") from None
