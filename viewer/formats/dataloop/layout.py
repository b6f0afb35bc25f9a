"""Which files of an export belong together: ``items/DIR/NAME.EXT`` and its JSON.

The second export version names it ``json/DIR/NAME.EXT.json``, the first ``json/DIR/NAME.json``, so
that there two items of one stem share one file; the file's own ``filename`` then says whose it is.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from viewer.formats.base import DamagedData
from viewer.formats.dataloop.document import (
    head_of,
    is_mapping,
    is_scene_file,
    is_sheet,
)
from viewer.formats.folder_index import in_natural_order, natural_key
from viewer.formats.images import IMAGE_SUFFIXES
from viewer.formats.points.catalog import POINT_SUFFIXES
from viewer.progress import report_progress

ITEMS, SHEETS = "items", "json"
SCENE_FILE, MAPPING_FILE = "frames.json", "mapping.json"
VIDEO_SUFFIXES = (".mp4", ".webm", ".mov", ".avi", ".mkv", ".m4v")
AUDIO_SUFFIXES = (".wav", ".mp3", ".ogg", ".flac", ".m4a")
TEXT_SUFFIXES = (".txt", ".vtt", ".eml", ".md")
MAX_FILES = 2_000_000
PROBED_SHEETS = 8
_SHARED_SUFFIXES = (*IMAGE_SUFFIXES, *POINT_SUFFIXES, *VIDEO_SUFFIXES, *AUDIO_SUFFIXES)


class SheetPaths(Mapping[str, Path]):
    """JSON files by their path below a folder; paths are made when asked for."""

    def __init__(self, folder: Path, names: Iterable[str] = ()) -> None:
        self._folder = folder
        self.names = dict.fromkeys(names)

    def __getitem__(self, name: str) -> Path:
        if name not in self.names:
            raise KeyError(name)
        return self._folder / name

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True, slots=True)
class Export:
    """The files of a dataset; paths within it have no leading slash."""

    root: Path
    items_root: Path
    sheets_root: Path | None
    items: tuple[str, ...]
    """In natural order."""
    sheets: Mapping[str, Path] = field(default_factory=dict)
    """JSON files by their path below ``json``."""

    def sheet_name_of(self, item: str) -> str | None:
        """Return the name below ``json`` of the annotations of an item; None without any."""
        sheets = self.sheets.names if isinstance(self.sheets, SheetPaths) else self.sheets
        name = f"{item}.json"
        if name in sheets:
            return name
        stem, dot, ending = item.rpartition(".")
        name = f"{stem}.json"
        return name if dot and "/" not in ending and name in sheets else None

    def sheet_of(self, item: str) -> Path | None:
        """Return the annotations of an item; None when there are none."""
        name = self.sheet_name_of(item)
        return None if name is None else self.sheets[name]

    def path_of(self, item: str) -> Path:
        """Return where an item lies."""
        return self.items_root / item


def find_export(path: Path) -> Export | None:
    """Return the export that a folder is; None when it has neither of its two folders' marks.

    A folder with ``frames.json`` or ``mapping.json`` counts as its own ``items``.
    """
    sheets_root = path / SHEETS
    if sheets_root.is_dir():
        sheets = SheetPaths(sheets_root, (name for name in _files(sheets_root) if _is_json(name)))
        items_root = path / ITEMS
        items = tuple(_files(items_root)) if items_root.is_dir() else ()
        return Export(path, items_root, sheets_root, items, sheets)
    for items_root in (path / ITEMS, path):
        if any((items_root / name).is_file() for name in (SCENE_FILE, MAPPING_FILE)):
            return Export(path, items_root, None, tuple(_files(items_root)))
    items_root = path / ITEMS
    if items_root.is_dir() and _scene_files_below(items_root):
        return Export(path, items_root, None, tuple(_files(items_root)))
    return None


def looks_like_export(path: Path) -> bool:
    """Say whether a folder is an export, from a few file names and heads."""
    for folder in (path, path / ITEMS):
        if is_scene_file(head_of(folder / SCENE_FILE)) or is_mapping(
            head_of(folder / MAPPING_FILE)
        ):
            return True
    sheets = path / SHEETS
    probed = 0
    for name in _files(sheets) if sheets.is_dir() else ():
        if not _is_json(name):
            continue
        if is_sheet(head_of(sheets / name)):
            return True
        probed += 1
        if probed == PROBED_SHEETS:
            break
    items = path / ITEMS
    return items.is_dir() and bool(_scene_files_below(items))


def lone_sheets(folder: Path) -> tuple[Path, ...]:
    """Return the JSON files of a folder that hold annotations, without going deeper."""
    try:
        names = [each.name for each in os.scandir(folder)]
    except OSError:
        return ()
    names = [name for name in names if _is_json(name) and not name.startswith(".")]
    paths = [folder / name for name in sorted(names, key=natural_key)[:PROBED_SHEETS]]
    return tuple(path for path in paths if is_sheet(head_of(path)))


def remote_path(path: str, folder: str) -> str | None:
    """Return an item's path within the dataset; None for one that may leave it.

    A path with a leading slash counts from the dataset, others from the folder of the file in
    which they stand.
    """
    if not path or "\\" in path or "\0" in path or "://" in path:
        return None
    parts = PurePosixPath(path.lstrip("/")).parts
    if ".." in parts or not parts:
        return None
    joined = PurePosixPath(*parts)
    if not path.startswith("/") and folder:
        joined = PurePosixPath(folder) / joined
    return joined.as_posix()


def shares_sheet(items: tuple[str, ...]) -> dict[str, list[str]]:
    """Return items whose first-version JSON has one name, by that name."""
    if len({item.rpartition(".")[0] for item in items}) == len(items):
        return {}
    by_stem: dict[str, list[str]] = {}
    for item in items:
        if item.lower().endswith(_SHARED_SUFFIXES):
            by_stem.setdefault(item.rpartition(".")[0], []).append(item)
    return {stem: found for stem, found in by_stem.items() if len(found) > 1}


def _is_json(name: str) -> bool:
    return name.lower().endswith(".json")


def _scene_files_below(items_root: Path) -> list[str]:
    for number, name in enumerate(_files(items_root)):
        last = name.rpartition("/")[2]
        if last in (SCENE_FILE, MAPPING_FILE):
            head = head_of(items_root / name)
            if is_scene_file(head) or is_mapping(head):
                return [name]
        if number > 10_000:
            break
    return []


def _files(folder: Path) -> Iterator[str]:
    """Yield the visible files below a folder, in natural order, folder by folder."""
    count = 0
    for base, folders, names in os.walk(folder):
        folders[:] = sorted((each for each in folders if not each.startswith(".")), key=natural_key)
        inner = Path(base).relative_to(folder).as_posix()
        report_progress(count, None, f"Listing {folder.name}")
        for name in in_natural_order(names):
            if name.startswith("."):
                continue
            count += 1
            if count > MAX_FILES:
                raise DamagedData(folder, "", f"holds more than {MAX_FILES} files")
            yield name if inner == "." else f"{inner}/{name}"
