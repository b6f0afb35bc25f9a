"""The project file: which classes there are, and their colours."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from viewer.formats.base import DamagedData
from viewer.formats.problem_log import ProblemLog
from viewer.formats.text_file import read_bytes
from viewer.scene.class_map import PALETTE, ClassEntry, ClassMap, Rgb, Skeleton

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
    entries: dict[str, ClassEntry] = {}
    for path in paths:
        try:
            listed = _entries(path)
        except DamagedData as damage:
            problems.add_damage(damage)
            continue
        for index, item in enumerate(listed):
            place = f"$.label_class_map[{index}]"
            name = item.get("name") if isinstance(item, dict) else None
            if not isinstance(name, str):
                problems.add(path, place, "is a class without a name; it is left out")
            elif name not in entries:
                entries[name] = _entry(item, name, len(entries), path, place, problems)
    plain = ClassMap.from_names([*entries, *used])
    return ClassMap(tuple(entries.get(entry.name, entry) for entry in plain.entries))


def _entry(
    item: Mapping[str, Any], name: str, number: int, path: Path, place: str, problems: ProblemLog
) -> ClassEntry:
    colours = []
    for key in ("color", "train_color"):
        colours.append(_colour(item.get(key)))
        if colours[-1] is None and item.get(key) is not None:
            problems.add(path, f"{place}.{key}", "is not three whole numbers up to 255")
    class_id, train_name, parent = (item.get(key) for key in ("id", "train_name", "category"))
    return ClassEntry(
        name,
        colours[0] or PALETTE[number % len(PALETTE)],
        class_id=class_id if type(class_id) is int else None,
        prediction_colour=colours[1] if colours[1] != colours[0] else None,
        train_name=train_name if isinstance(train_name, str) and train_name != name else None,
        # A class without a name to train as is one that evaluation leaves out.
        ignored=item.get("ignore_in_eval") is True or train_name == "",
        parent=parent if isinstance(parent, str) and parent != name else None,
        skeleton=_skeleton(item, path, place, problems),
    )


def _skeleton(
    item: Mapping[str, Any], path: Path, place: str, problems: ProblemLog
) -> Skeleton | None:
    names = item.get("keypoint_names")
    if not isinstance(names, list) or not names:
        return None
    bones: list[tuple[int, int]] = []
    for bone in item.get("skeleton") or ():
        suits = isinstance(bone, list) and len(bone) == 2
        if suits and all(type(end) is int and 0 <= end < len(names) for end in bone):
            bones.append((bone[0], bone[1]))
        else:
            problems.add(path, f"{place}.skeleton", "has a bone that joins no two keypoints")
    return Skeleton(tuple(map(str, names)), tuple(bones))


def read_project(paths: Sequence[Path]) -> dict[str, Any]:
    """Return what project files say beside their classes, e.g. thresholds and the default camera.

    A later file wins; one that cannot be read says nothing here, `read_classes` tells of it.
    """
    facts: dict[str, Any] = {}
    for path in paths:
        try:
            content = msgspec.json.decode(read_bytes(path, max_bytes=MAX_PROJECT_BYTES))
        except (DamagedData, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue
        if isinstance(content, dict) and "label_class_map" in content:
            facts |= {key: value for key, value in content.items() if key != "label_class_map"}
    return facts


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
