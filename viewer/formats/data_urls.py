"""Where the addresses in a manifest lie on this machine: in the dataset's folder, or nowhere."""

import re
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

_SCHEME = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]+)://")


class UnmappedUrl(Exception):
    """An address that cannot be read here; `place` names what many such addresses share."""

    def __init__(self, url: str, place: str, reason: str) -> None:
        self.url = url
        self.place = place
        self.reason = reason
        super().__init__(f"{url[:200]!r} {reason}")


def resolve_url(url: str, root: Path, folder: Path | None = None) -> Path:
    """Return the file that an address means; nothing is looked up on a network.

    A relative path counts from the dataset's `root`, or from `folder` (of the file it stands in)
    when only that has it. ``file://`` and absolute paths must lie inside the root.

    Raises
    ------
    UnmappedUrl
        For a remote address, and for a path that leaves the root.
    """
    scheme = _SCHEME.match(url)
    if scheme is not None and scheme[1].lower() != "file":
        host = _host(url)
        raise UnmappedUrl(url, f"{scheme[1].lower()}://{host}", "is remote and is never fetched")
    text = unquote(url[len(scheme[0]) :]) if scheme is not None else url
    if scheme is not None and not text.startswith("/"):
        # file://localhost/path names this machine; any other host is another one.
        host, slash, rest = text.partition("/")
        if host.lower() == "localhost":
            text = slash + rest
    if not text or "\0" in text or "\\" in text:
        raise UnmappedUrl(url, "paths", "is no path that every system reads alike")
    path = PurePosixPath(text)
    if path.is_absolute():
        for base in (root.absolute(), root.resolve()):
            if ".." not in path.parts and path.is_relative_to(PurePosixPath(base.as_posix())):
                return Path(path)
        raise UnmappedUrl(url, "absolute paths", "lies outside the dataset's folder")
    if ".." in path.parts:
        raise UnmappedUrl(url, "paths", "may leave the dataset's folder")
    found = root.joinpath(*path.parts)
    if folder is not None and folder != root and not found.exists():
        beside = folder.joinpath(*path.parts)
        return beside if beside.exists() else found
    return found


def _host(url: str) -> str:
    """Return the host of an address, empty when it is no address."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
