"""``data.yaml``: classes, keypoints, and where each split's images are."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from viewer.formats.base import DamagedData
from viewer.formats.folder_index import is_there
from viewer.formats.image_set import inner_path
from viewer.formats.path_map import MAP_HINT, NO_MAP, LeavesFolder, PathMap
from viewer.formats.problem_log import ProblemLog
from viewer.formats.text_file import read_text
from viewer.formats.yaml_text import load_yaml

MAX_YAML_BYTES = 4 * 1024 * 1024
MAX_CLASSES = 100_000
MAX_KEYPOINTS = 10_000
SPLITS = ("train", "val", "test")
YAML_SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class DataFile:
    """What ``data.yaml`` says; `path` is None where there is none."""

    path: Path | None
    names: Mapping[int, str] = field(default_factory=dict)
    keypoint_shape: tuple[int, int] | None = None
    """Count of keypoints, and 2 or 3 numbers each."""
    flip_indices: tuple[int, ...] = ()
    splits: Mapping[str, tuple[PurePosixPath | str, ...]] = field(default_factory=dict)
    """Folders of images or lists of them: below the dataset's folder, or mapped addresses."""
    task: str | None = None

    def class_name(self, number: int) -> str:
        """Return the name of a class, its number where there is none."""
        return self.names.get(number, str(number))


def find_data_file(root: Path) -> Path | None:
    """Return the first YAML file of a folder that names classes."""
    for name in ("data.yaml", "data.yml", "dataset.yaml"):
        if (root / name).is_file():
            return root / name
    try:
        with os.scandir(root) as entries:
            names = [entry.name for entry in entries]
    except OSError:
        return None
    found = sorted(root / name for name in names if name.lower().endswith(tuple(YAML_SUFFIXES)))
    for path in found[:16]:
        try:
            head = _head(path)
        except OSError:
            continue
        if head.startswith(b"names:") or b"\nnames:" in head:
            return path
    return None


def _head(path: Path) -> bytes:
    if not path.is_file():
        return b""
    with path.open("rb") as file:
        return file.read(64 * 1024)


def read_data_file(path: Path, problems: ProblemLog, path_map: PathMap = NO_MAP) -> DataFile:
    """Read ``data.yaml``.

    Raises
    ------
    DamagedData
        When it is no YAML mapping or names no classes.
    """
    text = read_text(path, max_bytes=MAX_YAML_BYTES)
    document = load_yaml(text, path)
    if not isinstance(document, dict):
        raise DamagedData(path, "", "is no mapping")
    names = _names(document.get("names"), path)
    count = document.get("nc")
    if isinstance(count, int) and count != len(names):
        problems.add(path, "nc", f"says {count} classes, but names has {len(names)}")
    task = document.get("task")
    return DataFile(
        path,
        names,
        _keypoint_shape(document.get("kpt_shape"), path, problems),
        _flip_indices(document.get("flip_idx")),
        _splits(document, problems, path, path_map),
        task if isinstance(task, str) else None,
    )


def _names(value: object, path: Path) -> dict[int, str]:
    if isinstance(value, list):
        pairs: list[tuple[object, object]] = list(enumerate(value))
    elif isinstance(value, dict):
        pairs = list(value.items())
    else:
        raise DamagedData(path, "names", "is neither a list nor a mapping of class names")
    if len(pairs) > MAX_CLASSES:
        raise DamagedData(path, "names", f"has more than {MAX_CLASSES} classes")
    return {
        number: str(name)
        for number, name in pairs
        if isinstance(number, int) and not isinstance(name, dict | list)
    }


def _keypoint_shape(value: object, path: Path, problems: ProblemLog) -> tuple[int, int] | None:
    if value is None:
        return None
    if isinstance(value, list) and len(value) == 2 and all(type(n) is int for n in value):
        count, width = value
        if 0 < count <= MAX_KEYPOINTS and width in (2, 3):
            return count, width
    problems.add(path, "kpt_shape", "is not a count and 2 or 3; keypoints are not read")
    return None


def _flip_indices(value: object) -> tuple[int, ...]:
    whole = isinstance(value, list) and all(type(each) is int for each in value)
    return tuple(value) if isinstance(value, list) and whole else ()


def _splits(
    document: Mapping[Any, Any], problems: ProblemLog, path: Path, path_map: PathMap
) -> dict[str, tuple[PurePosixPath | str, ...]]:
    found: dict[str, tuple[PurePosixPath | str, ...]] = {}
    root = path.parent
    own = document.get("path")
    prefix = _below(own, root) if isinstance(own, str) else None
    for split in SPLITS:
        value = document.get(split)
        values = value if isinstance(value, list) else [value]
        places: list[PurePosixPath | str] = []
        for each in values:
            if not isinstance(each, str) or not each:
                continue
            mapped = _mapped(each, own, path_map)
            if mapped is not None:
                places.append(mapped)
                continue
            place = _below(each, root / prefix if prefix else root)
            if place is None:
                told = f"{each[:200]!r} leads to nothing in the folder; {MAP_HINT}"
                problems.add(path, split, told)
                continue
            places.append(prefix / place if prefix else place)
        if places:
            found[split] = tuple(places)
    return found


def _mapped(text: str, own: object, path_map: PathMap) -> str | None:
    """Return the address of a split where it is mapped to something that is there."""
    addresses = [text]
    if isinstance(own, str) and own:
        addresses.append(f"{own.rstrip('/')}/{text}")
    for address in addresses:
        try:
            path = path_map.find(address)
        except LeavesFolder:
            continue
        if path is not None and is_there(path):
            return address
    return None


def _below(text: str, root: Path) -> PurePosixPath | None:
    """Return where a path leads below the folder, though it was written for another place."""
    parts = [each for each in PurePosixPath(text.replace("\\", "/")).parts if each != ".."]
    for start in range(len(parts)):
        inner = inner_path("/".join(parts[start:]))
        try:
            if inner is not None and (root / inner).exists():
                return inner
        except OSError:
            return None
    return None
