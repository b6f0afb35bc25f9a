"""Listing folders of numbered files: by stem, in the order in which people count."""

import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from viewer.formats.base import DamagedData

MAX_ENTRIES = 1_000_000
MAX_MANIFESTS = 2048
MAX_MANIFEST_FOLDERS = 64
_SAME_DIGITS = str.maketrans("123456789", "000000000")


@dataclass(frozen=True, eq=False, slots=True)
class _Listing:
    """What a folder holds, by name."""

    folders: list[str]
    by_ending: dict[str, list[str]]
    """Visible files, sorted, by what follows the last dot of their name, as it is written."""
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
        stems = list(names)
        order = in_natural_order(stems)
        self._names = names if order == stems else {stem: names[stem] for stem in order}

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
    endings = {_ending(suffix) for suffix in order}
    for ending, group in listing.by_ending.items():
        if ending.lower() not in endings:
            continue
        found = _stems(group, ending, order)
        if not names:
            names = found
        elif names.keys().isdisjoint(found):
            names |= found
        else:
            for stem, name in found.items():
                rival = names.setdefault(stem, name)
                if rival is not name and _rank(name, order) < _rank(rival, order):
                    names[stem] = name
    return names


def _stems(group: list[str], ending: str, order: tuple[str, ...]) -> dict[str, str]:
    """Return names that end alike by stem; quick where only one of the suffixes can apply."""
    suffix = f".{ending}".lower()
    longer = tuple(each for each in order if each.endswith(suffix) and each != suffix)
    lines = "\n".join([*group, ""]).lower() if longer else ""
    if suffix not in order or any(f"{each}\n" in lines for each in longer):
        return {stem: name for name in group if (stem := stem_of(name, order)) is not None}
    cut = -len(suffix)
    return {name[:cut]: name for name in group}


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
    listings = _shared.get()
    if listings is not None and folder in listings:
        return any(
            stem_of(name, endings) is not None
            for ending in {_ending(each) for each in endings}
            for written, group in listings[folder].by_ending.items()
            if written.lower() == ending
            for name in group
        )
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
    return tuple(folder / name for name in sorted(_listing(folder).folders, key=natural_key))


def endings_below(folder: Path) -> Mapping[str, frozenset[str]]:
    """Return how the files of a folder end, by the folders in it too; empty for what is damaged."""
    try:
        inner = subfolders(folder)[:MAX_MANIFEST_FOLDERS]
        return {
            "" if each == folder else each.name: frozenset(_listing(each).by_ending)
            for each in (folder, *inner)
        }
    except DamagedData:
        return {}


def merged_stems(*listings: Iterable[str]) -> tuple[str, ...]:
    """Return every stem that occurs in any listing, in natural order."""
    filled = [stems for each in listings if (stems := tuple(each))]
    if all(each == filled[0] for each in filled) and all(
        isinstance(each, FileListing) for each in listings
    ):
        return filled[0] if filled else ()
    return tuple(in_natural_order(set().union(*filled)))


def in_natural_order(names: Collection[str]) -> list[str]:
    """Sort as people count; quick where the names differ in digits alone.

    Examples
    --------
    >>> in_natural_order(["a10", "a9"]), in_natural_order({"x_02.jpg", "x_01.jpg"})
    (['a9', 'a10'], ['x_01.jpg', 'x_02.jpg'])
    """
    found = sorted(names)
    if _counts_alone(found) or len({name.translate(_SAME_DIGITS) for name in found}) == 1:
        return found
    return sorted(names, key=natural_key)


def _counts_alone(found: list[str]) -> bool:
    """Say whether sorted names are equal but for one number, written with equally many digits."""
    if not found or len(set(map(len, found))) > 1:
        return False
    pairs = zip(found[0], found[-1], strict=True)
    start = next((place for place, (one, other) in enumerate(pairs) if one != other), 0)
    numbers = "".join([name[start:] for name in found])
    return numbers.isascii() and (numbers.isdigit() or len(found) == 1)


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
        found = _listed(folder)
        if listings is not None:
            listings[folder] = found
    return found


def _ending(name: str) -> str:
    return name.rpartition(".")[2].lower()


def _listed(folder: Path) -> _Listing:
    files: list[str] = []
    folders: list[str] = []
    try:
        with os.scandir(folder) as entries:
            for entry in islice(entries, MAX_ENTRIES):
                try:
                    if entry.is_file():
                        files.append(entry.name)
                    elif entry.is_dir():
                        folders.append(entry.name)
                except OSError:
                    # What cannot be looked at, such as a loop of links, is nothing.
                    continue
            if next(entries, None) is not None:
                raise DamagedData(folder, "", f"holds more than {MAX_ENTRIES} entries")
    except (FileNotFoundError, NotADirectoryError):
        return _Listing([], {})
    except OSError as error:
        raise DamagedData(folder, "", f"cannot be listed: {error.strerror or error}") from None
    by_ending: dict[str, list[str]] = {}
    # What is sorted by name is all but sorted by stem.
    for name in sorted(files):
        if name[0] != ".":
            ending = name.rpartition(".")[2] if "." in name else ""
            try:
                by_ending[ending].append(name)
            except KeyError:
                by_ending[ending] = [name]
    return _Listing([name for name in folders if name[0] != "."], by_ending)
