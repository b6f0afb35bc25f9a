"""Where the addresses in a manifest lie on this machine: in the dataset's folder, or nowhere."""

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from viewer.formats.folder_index import is_there
from viewer.formats.path_map import MAP_HINT, NO_MAP, LeavesFolder, PathMap

_SCHEME = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]+)://")


_PLAIN_NAME = re.compile(r"\w[\w.-]*", re.ASCII)
"""Means the same in every kind of address."""


class UnmappedUrl(Exception):
    """An address that cannot be read here; `place` names what many such addresses share."""

    def __init__(self, url: str, place: str, reason: str) -> None:
        self.url = url
        self.place = place
        self.reason = reason
        super().__init__(f"{url[:200]!r} {reason}")


@dataclass(frozen=True, slots=True)
class DataPlaces:
    """Where the files lie that a dataset's manifests name."""

    root: Path
    """The dataset's folder."""
    path_map: PathMap = NO_MAP

    def find(self, url: str, folder: Path | None = None) -> Path:
        """Return the file that an address means; see `resolve_url`."""
        return resolve_url(url, self.root, folder, self.path_map)


class PlaceNames:
    """Where many files lie, for lists that people read; each folder of addresses is found once.

    What is opened later is found by `DataPlaces`, which looks at each address by itself.
    """

    def __init__(self, places: DataPlaces) -> None:
        self._places = places
        self._folders: dict[tuple[str, Path], str | UnmappedUrl] = {}

    def name(self, url: str, manifest: Path) -> str:
        """Return the path that an address in a manifest means; raises `UnmappedUrl`."""
        head, slash, name = url.rpartition("/")
        if not _PLAIN_NAME.fullmatch(name):
            return str(self._places.find(url, manifest.parent))
        known = self._folders.get((head + slash, manifest))
        if known is None:
            known = self._folder_of(url, name, manifest)
            self._folders[head + slash, manifest] = known
        if isinstance(known, UnmappedUrl):
            raise UnmappedUrl(url, known.place, known.reason)
        return known + name

    def _folder_of(self, url: str, name: str, manifest: Path) -> str | UnmappedUrl:
        try:
            return str(self._places.find(url, manifest.parent)).removesuffix(name)
        except UnmappedUrl as unmapped:
            return unmapped


def resolve_url(
    url: str, root: Path, folder: Path | None = None, path_map: PathMap = NO_MAP
) -> Path:
    """Return the file that an address means; nothing is looked up on a network.

    An address that `path_map` knows lies in a folder of it. Else a relative path counts from the
    dataset's `root`, or from `folder` (of the file it stands in) when only that has it; ``file://``
    and absolute paths must lie inside the root.

    Raises
    ------
    UnmappedUrl
        For a remote address, and for a path that leaves the root or the folder of the map.
    """
    try:
        mapped = path_map.find(url)
    except LeavesFolder:
        raise UnmappedUrl(url, "paths", "leads out of the folder that it is mapped to") from None
    if mapped is not None:
        return mapped
    scheme = _SCHEME.match(url)
    if scheme is not None and scheme[1].lower() != "file":
        host = f"{scheme[1].lower()}://{_host(url)}"
        raise UnmappedUrl(url, host, f"is remote and is never fetched; {MAP_HINT}")
    text = unquote(url[len(scheme[0]) :]) if scheme is not None else url
    if scheme is not None and not text.startswith("/"):
        # file://localhost/path names this machine; any other host is another one.
        host, slash, rest = text.partition("/")
        if host.lower() == "localhost":
            text = slash + rest
    if not text or "\0" in text or "\\" in text:
        raise UnmappedUrl(url, "paths", f"is no path that every system reads alike; {MAP_HINT}")
    path = PurePosixPath(text)
    if path.is_absolute():
        for base in (root.absolute(), root.resolve()):
            if ".." not in path.parts and path.is_relative_to(PurePosixPath(base.as_posix())):
                return Path(path)
        reason = f"lies outside the dataset's folder; {MAP_HINT}"
        raise UnmappedUrl(url, "absolute paths", reason)
    if ".." in path.parts:
        raise UnmappedUrl(url, "paths", f"may leave the dataset's folder; {MAP_HINT}")
    found = root.joinpath(*path.parts)
    if folder is not None and folder != root and not is_there(found):
        beside = folder.joinpath(*path.parts)
        return beside if is_there(beside) else found
    return found


def _host(url: str) -> str:
    """Return the host of an address, empty when it is no address."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
