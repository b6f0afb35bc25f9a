"""The project file: which classes there are, and their colours."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from viewer.formats.base import DamagedData
from viewer.formats.problem_log import ProblemLog
from viewer.formats.text_file import read_bytes
from viewer.scene.class_map import ClassMap, Rgb

MAX_PROJECT_BYTES = 16 * 1024 * 1024
HEAD_BYTES = 64 * 1024


def is_project(path: Path) -> bool:
    """Say whether a JSON file looks like a project or a class map, from its first bytes."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError:
        return False
    return b'"label_class_map"' in head or (b'"train_name"' in head and b'"color"' in head)


def read_classes(paths: Sequence[Path], used: Sequence[str], problems: ProblemLog) -> ClassMap:
    """Return the classes of the project files, then the others that labels use."""
    names: list[str] = []
    colours: dict[str, Rgb] = {}
    for path in paths:
        try:
            entries = _entries(path)
        except DamagedData as damage:
            problems.add_damage(damage)
            continue
        for index, entry in enumerate(entries):
            name = entry.get("name") if isinstance(entry, dict) else None
            if not isinstance(name, str):
                place = f"$.label_class_map[{index}]"
                problems.add(path, place, "is a class without a name; it is left out")
                continue
            names.append(name)
            colour = _colour(entry.get("color"))
            if colour is not None:
                colours.setdefault(name, colour)
            elif entry.get("color") is not None:
                place = f"$.label_class_map[{index}].color"
                problems.add(path, place, "is not three whole numbers up to 255")
    return ClassMap.from_names([*names, *used], colours)


def _entries(path: Path) -> list[Any]:
    try:
        content = msgspec.json.decode(read_bytes(path, max_bytes=MAX_PROJECT_BYTES))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DamagedData(path, "", f"is not valid JSON ({error})") from None
    if isinstance(content, dict):
        content = content.get("label_class_map", content.get("entries", [content]))
    if not isinstance(content, list):
        raise DamagedData(path, "$.label_class_map", "is not a list of classes")
    return content


def _colour(value: object) -> Rgb | None:
    if not isinstance(value, list) or len(value) != 3:
        return None
    if not all(type(part) is int and 0 <= part <= 255 for part in value):
        return None
    return value[0], value[1], value[2]
