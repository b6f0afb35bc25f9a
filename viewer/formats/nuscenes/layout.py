"""Where the tables lie, and what the paths in them start from."""

import os
import re
from pathlib import Path

from viewer.formats.base import DamagedData
from viewer.formats.folder_index import files_by_stem, subfolders
from viewer.formats.native.paths import resolve_inside

REQUIRED_TABLES = (
    "scene", "sample", "sample_data", "sensor", "calibrated_sensor", "ego_pose",
)  # fmt: skip
TABLE_NAMES = frozenset((
    *REQUIRED_TABLES, "sample_annotation", "instance", "category", "attribute", "visibility", "log",
    "map", "lidarseg", "panoptic", "object_ann", "surface_ann", "vehicle_state", "keypoint",
    "status",
))  # fmt: skip
_TABLE_FOLDERS = ("annotation", "train_data", "test_data", "data")
_MAX_FOLDERS = 64
_PLAIN_NAME = re.compile(r"[\w-][\w.+-]*(?:/[\w.+-]+)*", re.ASCII)
_RESULT_START = re.compile(rb'\s*\{\s*(?:"meta"\s*:\s*\{[^{}]*\}\s*,\s*)?"results"\s*:\s*\{')


def table_folders(root: Path) -> tuple[Path, ...]:
    """Return the folder itself when it holds tables, else ``v1.0-...`` or ``annotation`` in it."""
    if _holds_tables(root):
        return (root,)
    named = (
        folder
        for folder in subfolders(root)[:_MAX_FOLDERS]
        if folder.name.lower().startswith("v1.") or folder.name.lower() in _TABLE_FOLDERS
    )
    return tuple(folder for folder in named if _holds_tables(folder))


def _holds_tables(folder: Path) -> bool:
    return all((folder / f"{name}.json").is_file() for name in REQUIRED_TABLES)


def result_files(folders: tuple[Path, ...]) -> dict[str, Path]:
    """Return files by stem that start as a result of the benchmark does."""
    found: dict[str, Path] = {}
    for folder in folders:
        for stem, path in files_by_stem(folder, (".json",)).items():
            if stem in TABLE_NAMES or stem in found:
                continue
            if is_result_file(path):
                found[stem] = path
    return found


def is_result_file(path: Path) -> bool:
    """Say whether a file starts as a result of the benchmark does."""
    try:
        with path.open("rb") as file:
            return _RESULT_START.match(file.read(4096)) is not None
    except OSError:
        return False


class DataRoot:
    """The folder that file names of the tables start from; says which files are there.

    A folder is listed once: asking for each of 400,000 files would take minutes over a network.
    Paths are text here, which costs a tenth of a `Path` each.
    """

    def __init__(self, tables: Path, opened: Path) -> None:
        outer = tables.resolve().parent if tables == opened else opened
        self._candidates = (tables, outer) if tables == opened else (outer, tables)
        self.path = self._candidates[0]
        self._table = tables / "sample_data.json"
        self._listed: dict[str, frozenset[str]] = {}

    def settle(self, filenames: list[str]) -> None:
        """Choose the folder in which one of the first file names is found."""
        for candidate in self._candidates:
            self.path = candidate
            paths = (self.resolve(name, "") for name in filenames)
            if any(isinstance(path, str) and self.has(path) for path in paths):
                return
        self.path = self._candidates[0]

    def resolve(self, filename: str, place: str) -> str | DamagedData:
        """Return the path of a file, or what is wrong with its name."""
        if _PLAIN_NAME.fullmatch(filename) and ".." not in filename:
            return f"{self.path}/{filename}"
        try:
            return str(resolve_inside(self.path, filename, self._table, place))
        except DamagedData as damage:
            return damage

    def has(self, path: str) -> bool:
        """Say whether a file is there."""
        folder, _, name = path.rpartition("/")
        return name in self._names_in(folder)

    def has_folder_of(self, path: str) -> bool:
        """Say whether the folder of a file is there and holds anything."""
        return bool(self._names_in(path.rpartition("/")[0]))

    def _names_in(self, folder: str) -> frozenset[str]:
        names = self._listed.get(folder)
        if names is None:
            try:
                with os.scandir(folder) as entries:
                    names = frozenset(entry.name for entry in entries)
            except (OSError, ValueError):
                names = frozenset()
            self._listed[folder] = names
        return names
