"""Listing folders of numbered files: by stem, in the order in which people count."""

import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path

from viewer.formats.base import DamagedData

MAX_ENTRIES = 1_000_000
MAX_MANIFESTS = 2048
MAX_MANIFEST_FOLDERS = 64
_SAME_DIGITS = str.maketrans("123456789", "000000000")


@dataclass(frozen=True, eq=False, slots=True)
class _Listing:
    """Entries of a folder, and the last parts of their names."""

    entries: list[os.DirEntry[str]]
    by_ending: "dict[str, list[tuple[str, str]]]"
    """Visible files (name, in lower case) by the last part of their name, in lower case."""
    by_stem: "dict[tuple[str, ...], FileListing]" = field(default_factory=dict)
    """What was asked for already, by suffixes."""
    manifests: "dict[tuple[str, ...], tuple[Path, ...]]" = field(default_factory=dict)
    """The same of files that may each describe many frames."""


_shared: ContextVar[dict[Path, _Listing] | None] = ContextVar("shared", default=None)


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
    length = max((len(suffix) for suffix in suffixes if lower.endswith(suffix)), default=0)
    return name[:-length] if 0 < length < len(name) else None


class FileListing(Mapping[str, Path]):
    """Files of a folder by stem, in natural order; paths are made when asked for."""

    def __init__(self, folder: Path, names: Mapping[str, str]) -> None:
        self.folder = folder
        self._names = {stem: names[stem] for stem in in_natural_order(names)}

    def __getitem__(self, stem: str) -> Path:
        return self.folder / self._names[stem]

    def name(self, stem: str) -> str:
        """Return the file name of a stem."""
        return self._names[stem]

    def first(self, count: int) -> list[Path]:
        """Return the first files."""
        return [self[stem] for stem in islice(self._names, count)]

    def source(self, stem: str) -> str:
        """Return a path as text, without making a `Path`."""
        return f"{self.folder}{os.sep}{self._names[stem]}"

    def __contains__(self, stem: object) -> bool:
        return stem in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def files_by_stem(folder: Path, suffixes: Iterable[str]) -> FileListing:
    """Return the files of a folder with one of the suffixes.

    Hidden files are left out. Where a stem occurs with two suffixes, the first suffix wins. A
    folder that does not exist holds nothing.
    """
    order = tuple(suffixes)
    listing = _listing(folder)
    found = listing.by_stem.get(order)
    if found is None:
        found = listing.by_stem[order] = FileListing(folder, _names_by_stem(listing, order))
    return found


def _names_by_stem(listing: _Listing, order: tuple[str, ...]) -> dict[str, str]:
    names: dict[str, str] = {}
    longest_first = sorted(order, key=len, reverse=True)
    groups = (listing.by_ending.get(each, ()) for each in {_ending(suffix) for suffix in order})
    for name, lower in chain.from_iterable(groups):
        stem = ""
        for suffix in longest_first:
            if lower.endswith(suffix):
                stem = name[: -len(suffix)]
                break
        if not stem:
            continue
        rival = names.setdefault(stem, name)
        if rival is not name and _rank(name, order) < _rank(rival, order):
            names[stem] = name
    return names


def manifests_below(folder: Path, suffixes: Iterable[str]) -> list[Path]:
    """Return files that may each describe many frames: in a folder and one level down.

    Of a folder with more than `MAX_MANIFESTS` files of one suffix none counts: it has one for each
    image or frame, which is another layout.
    """
    order = tuple(suffixes)
    known = _listing(folder).manifests
    if order not in known:
        known[order] = tuple(_manifests_below(folder, order))
    return list(known[order])


def _manifests_below(folder: Path, suffixes: tuple[str, ...]) -> list[Path]:
    found: list[str] = []
    for each in (folder, *subfolders(folder)[:MAX_MANIFEST_FOLDERS]):
        prefix = "" if each == folder else f"{each.name}{os.sep}"
        for suffix in suffixes:
            listing = files_by_stem(each, (suffix,))
            if len(listing) <= MAX_MANIFESTS:
                found += [prefix + listing.name(stem) for stem in listing]
    return [folder / name for name in sorted(found, key=natural_key)]


def is_file(path: Path) -> bool:
    """Say whether a file is there; one whose name no disk takes is not."""
    try:
        return path.is_file()
    except OSError:
        return False


def is_there(path: Path) -> bool:
    """Say whether a file or folder is there; one whose name no disk takes is not."""
    try:
        return path.exists()
    except OSError:
        return False


def has_file(folder: Path, suffixes: Iterable[str]) -> bool:
    """Say whether a folder holds a visible file with one of the suffixes; no listing is made."""
    endings = tuple(suffixes)
    try:
        with os.scandir(folder) as entries:
            return any(
                entry.name.lower().endswith(endings)
                and not entry.name.startswith(".")
                and stem_of(entry.name, endings) is not None
                and _is(entry.is_file)
                for entry in entries
            )
    except OSError:
        return False


def subfolders(folder: Path) -> tuple[Path, ...]:
    """Return the visible folders in a folder, in natural order."""
    names = [entry.name for entry in _listing(folder).entries if _is(entry.is_dir)]
    return tuple(
        folder / name for name in sorted(names, key=natural_key) if not name.startswith(".")
    )


def merged_stems(*listings: Iterable[str]) -> tuple[str, ...]:
    """Return every stem that occurs in any listing, in natural order."""
    return tuple(in_natural_order({stem for listing in listings for stem in listing}))


def in_natural_order(names: Collection[str]) -> list[str]:
    """Sort as people count; quick where the names differ in digits alone.

    Examples
    --------
    >>> in_natural_order(["a10", "a9"]), in_natural_order({"x_02.jpg", "x_01.jpg"})
    (['a9', 'a10'], ['x_01.jpg', 'x_02.jpg'])
    """
    if len({name.translate(_SAME_DIGITS) for name in names}) == 1:
        return sorted(names)
    return sorted(names, key=natural_key)


def _rank(name: str, suffixes: tuple[str, ...]) -> tuple[int, str]:
    lower = name.lower()
    return next(i for i, suffix in enumerate(suffixes) if lower.endswith(suffix)), name


def _is(kind: Callable[[], bool]) -> bool:
    """Ask what an entry is; one that cannot be looked at, such as a loop of links, is nothing."""
    try:
        return kind()
    except OSError:
        return False


@contextmanager
def shared_listings() -> Iterator[None]:
    """List each folder once within the block: every format asks for the same ones in turn."""
    if _shared.get() is not None:
        yield
        return
    token = _shared.set({})
    try:
        yield
    finally:
        _shared.reset(token)


def _listing(folder: Path) -> _Listing:
    listings = _shared.get()
    found = None if listings is None else listings.get(folder)
    if found is None:
        entries = _listed(folder)
        by_ending: dict[str, list[tuple[str, str]]] = {}
        for entry in entries:
            name = entry.name
            if not name.startswith(".") and _is(entry.is_file):
                lower = name.lower()
                by_ending.setdefault(lower.rpartition(".")[2], []).append((name, lower))
        found = _Listing(entries, by_ending)
        if listings is not None:
            listings[folder] = found
    return found


def _ending(name: str) -> str:
    return name.rpartition(".")[2].lower()


def _listed(folder: Path) -> list[os.DirEntry[str]]:
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
