"""Where data lie on this machine whose addresses in a manifest mean another place."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import unquote

MAP_CHOICE: Final = "map "
"""Choices under this name and a prefix hold the folder that the prefix stands for."""
MAP_HINT: Final = "--map PREFIX=FOLDER says where it lies here"
MAX_ADDRESS_LENGTH = 8192
_URL: Final = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]+://[^/?#]*)(.*)$", re.DOTALL)
_DRIVE: Final = re.compile(r"^(?:[A-Za-z]:(?=[\\/]|$)|\\\\)")
_NAME: Final = re.compile(r"[^/]+")
_WINDOWS_NAME: Final = re.compile(r"[^/\\]+")


class LeavesFolder(ValueError):
    """An address begins as a prefix does, but leads out of the prefix's folder."""


@dataclass(frozen=True, slots=True)
class _Entry:
    prefix: str
    parts: tuple[str, ...]
    """The prefix, split at its separators, as it is compared."""
    folder: Path
    """Resolved."""


@dataclass(frozen=True, slots=True)
class PathMap:
    """Folders by the beginnings of addresses, as ``--map PREFIX=FOLDER`` gives them.

    A prefix is a URL (``s3://bucket/``), an absolute or relative path, or a Windows path; it ends
    where a name ends, and of several that fit the longest counts. What it leads to lies in its
    folder, symbolic links followed.
    """

    entries: tuple[_Entry, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.entries)

    @classmethod
    def of(cls, folders: Mapping[str, Path | str]) -> "PathMap":
        """Make a map from prefixes and folders; ValueError for one that cannot be used."""
        entries = []
        for prefix, folder in folders.items():
            parts = _split(prefix)[0]
            if not parts:
                raise ValueError(f"{prefix!r} is no beginning of an address")
            if not str(folder) or not Path(folder).is_dir():
                raise ValueError(f"{str(folder)!r} is no folder")
            entries.append(_Entry(prefix, parts, Path(folder).resolve()))
        return cls(tuple(sorted(entries, key=lambda entry: -len(entry.parts))))

    @classmethod
    def from_choices(cls, choices: Mapping[str, str]) -> "PathMap":
        """Make a map from what was chosen on opening; ValueError for what cannot be used."""
        size = len(MAP_CHOICE)
        return cls.of({key[size:]: v for key, v in choices.items() if key.startswith(MAP_CHOICE)})

    def find(self, address: str) -> Path | None:
        """Return the file that an address means; None when no prefix fits.

        Raises
        ------
        LeavesFolder
            When it fits and leads out of the folder.
        """
        if not self.entries or len(address) > MAX_ADDRESS_LENGTH:
            return None
        parts, tails = _split(address)
        for entry in self.entries:
            if parts[: len(entry.parts)] == entry.parts:
                return _below(entry.folder, address, tails[len(entry.parts)])
        return None


NO_MAP: Final = PathMap()


def parse_maps(texts: Iterable[str]) -> dict[str, str]:
    """Return choices from options ``PREFIX=FOLDER``; ValueError names what is wrong with one.

    The folder begins after the first ``=`` behind which there is one.
    """
    choices = {}
    for text in texts:
        halves = [(text[:at], text[at + 1 :]) for at, mark in enumerate(text) if mark == "="]
        if not halves:
            raise ValueError(f"{text!r} is not PREFIX=FOLDER")
        prefix, folder = next(
            (each for each in halves if each[1] and Path(each[1]).is_dir()), halves[0]
        )
        PathMap.of({prefix: folder})
        choices[MAP_CHOICE + prefix] = str(Path(folder).absolute())
    return choices


def without_lost_folders(choices: Mapping[str, str]) -> dict[str, str]:
    """Return choices that were kept for long, without maps whose folder is no longer there."""
    return {
        name: value
        for name, value in choices.items()
        if not name.startswith(MAP_CHOICE) or Path(value).is_dir()
    }


def _split(address: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the comparable parts of an address, and what follows after each number of them."""
    head, rest, names = "", address, _NAME
    url = _URL.match(address)
    if url is not None:
        # Scheme and host have no case; the path has.
        head, rest = url[1].lower(), url[2]
    elif _DRIVE.match(address):
        names = _WINDOWS_NAME
        if address.startswith("\\"):
            head, rest = "\\\\", address[2:]
    elif address.startswith("/"):
        head, rest = "/", address[1:]
    parts = [head] if head else []
    tails = [address, rest] if head else [address]
    for name in names.finditer(rest):
        if name[0] != ".":
            parts.append(name[0].casefold() if names is _WINDOWS_NAME else name[0])
            tails.append(rest[name.end() :])
    return tuple(parts), tuple(tails)


def _below(folder: Path, address: str, tail: str) -> Path:
    """Return where the rest of an address lies in a folder, never out of it."""
    if _DRIVE.match(address):
        tail = tail.replace("\\", "/")
    if not _URL.match(address):
        return _inside(folder, tail, address)
    path = _inside(folder, unquote(re.split(r"[?#]", tail, maxsplit=1)[0]), address)
    try:
        # A name in a bucket may hold % or ?, which a signed address has for its own use.
        literal = _inside(folder, tail, address)
        return literal if literal.exists() else path
    except (LeavesFolder, OSError):
        return path


def _inside(folder: Path, text: str, address: str) -> Path:
    parts = [part for part in PurePosixPath(text).parts if part != "/"]
    if ".." in parts or "\0" in text or "\\" in text:
        raise LeavesFolder(f"{address[:200]!r} may lead out of {folder}")
    path = folder.joinpath(*parts)
    try:
        inside = path.resolve().is_relative_to(folder)
    except (OSError, RuntimeError):
        inside = False
    if not inside:
        raise LeavesFolder(f"{address[:200]!r} leads out of {folder}")
    return path
