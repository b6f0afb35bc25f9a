"""The classes of SemanticKITTI: from ``semantic-kitti.yaml`` where it lies near, else as published.

Behley et al. (2019), "SemanticKITTI: A Dataset for Semantic Scene Understanding of LiDAR
Sequences". The file's ``color_map`` is blue, green, red. ``learning_map`` merges the classes into
those that models train on, which ``learning_map_inv`` names; ``learning_ignore`` tells which of
them evaluation leaves out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from viewer.formats.base import DamagedData
from viewer.formats.problem_log import ProblemLog
from viewer.formats.text_file import read_text
from viewer.formats.yaml_text import load_yaml
from viewer.scene.class_map import PALETTE, UNKNOWN_COLOUR, ClassEntry, ClassMap, Rgb

FILE_NAMES = ("semantic-kitti.yaml", "semantic-kitti-all.yaml", "semantic-kitti-mos.yaml")
_MAX_YAML_BYTES = 1024 * 1024
_MAX_CLASS = 0xFFFF
_LEVELS_UP = 3
"""A sequence lies in DATASET/sequences/04, beside which DATASET/config may stand."""


@dataclass(frozen=True)
class PointClassTable:
    """Names, colours and learning classes by number."""

    names: Mapping[int, str]
    colours: Mapping[int, Rgb]
    learning_map: Mapping[int, int]
    learning_names: Mapping[int, str]
    ignored: frozenset[int] = frozenset()
    """Learning classes that evaluation leaves out."""

    @cached_property
    def class_map(self) -> ClassMap:
        """The classes in the order of their numbers; what the table paints black is grey."""
        entries: dict[str, ClassEntry] = {}
        for place, (number, name) in enumerate(sorted(self.names.items())):
            colour = self.colours.get(number, PALETTE[place % len(PALETTE)])
            learned = self.learning_map.get(number)
            train_name = None if learned is None else self.learning_names.get(learned)
            entry = ClassEntry(
                name,
                colour if any(colour) else UNKNOWN_COLOUR,
                class_id=number,
                train_name=None if train_name == name else train_name,
                ignored=learned in self.ignored,
            )
            entries.setdefault(name, entry)
        return ClassMap(tuple(entries.values()))


def find_class_file(sequence: Path) -> Path | None:
    """Return the class file in a sequence's folder, above it, or in ``config`` beside those."""
    folder = sequence.resolve()
    for parent in (folder, *folder.parents[:_LEVELS_UP]):
        for place in (parent, parent / "config"):
            for name in FILE_NAMES:
                if (place / name).is_file():
                    return place / name
    return None


def read_point_classes(sequence: Path, problems: ProblemLog) -> PointClassTable:
    """Return the table of a sequence; the published one where no file, or a damaged one, is."""
    path = find_class_file(sequence)
    if path is None:
        return PUBLISHED
    try:
        return read_class_file(path)
    except DamagedData as damage:
        consequence = "the published classes are taken"
        problems.add(damage.path, damage.place, f"{damage.problem}; {consequence}")
        return PUBLISHED


def read_class_file(path: Path) -> PointClassTable:
    """Read ``semantic-kitti.yaml``.

    Raises
    ------
    DamagedData
        When it is no YAML mapping with ``labels``, or an entry is not what it should be.
    """
    text = read_text(path, max_bytes=_MAX_YAML_BYTES)
    document = load_yaml(text, path)
    if not isinstance(document, dict):
        raise DamagedData(path, "", "is no mapping")
    names = _numbered(document, "labels", path, _name)
    if not names:
        raise DamagedData(path, "labels", "names no class")
    learning_map = _numbered(document, "learning_map", path, _number)
    back = _numbered(document, "learning_map_inv", path, _number)
    ignored = _numbered(document, "learning_ignore", path, lambda value: value is True)
    return PointClassTable(
        names,
        _numbered(document, "color_map", path, _colour),
        learning_map,
        {learned: names[number] for learned, number in back.items() if number in names},
        frozenset(learned for learned, left_out in ignored.items() if left_out),
    )


def _numbered(document: Mapping[Any, Any], key: str, path: Path, convert: Any) -> dict[int, Any]:  # noqa: ANN401 - a converter of YAML values
    found = document.get(key, {})
    if not isinstance(found, dict):
        raise DamagedData(path, key, "is no mapping")
    numbered: dict[int, Any] = {}
    for number, value in found.items():
        try:
            numbered[_number(number)] = convert(value)
        except ValueError as error:
            raise DamagedData(path, f"{key}, {str(number)[:40]}", str(error)) from None
    return numbered


def _number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MAX_CLASS:
        raise ValueError(f"must be a number up to {_MAX_CLASS}")
    return value


def _name(value: object) -> str:
    if not isinstance(value, str | int) or not str(value).strip():
        raise ValueError("must be a name")
    return str(value)


def _colour(value: object) -> Rgb:
    if not isinstance(value, list) or len(value) != 3:
        raise ValueError("must be blue, green, red")
    parts = [part for part in value if type(part) is int and 0 <= part <= 255]
    if len(parts) != 3:
        raise ValueError("must be three numbers from 0 to 255")
    return parts[2], parts[1], parts[0]


_ROWS: tuple[tuple[int, str, Rgb, int], ...] = (
    (0, "unlabeled", (0, 0, 0), 0),
    (1, "outlier", (255, 0, 0), 0),
    (10, "car", (100, 150, 245), 1),
    (11, "bicycle", (100, 230, 245), 2),
    (13, "bus", (100, 80, 250), 5),
    (15, "motorcycle", (30, 60, 150), 3),
    (16, "on-rails", (0, 0, 255), 5),
    (18, "truck", (80, 30, 180), 4),
    (20, "other-vehicle", (0, 0, 255), 5),
    (30, "person", (255, 30, 30), 6),
    (31, "bicyclist", (255, 40, 200), 7),
    (32, "motorcyclist", (150, 30, 90), 8),
    (40, "road", (255, 0, 255), 9),
    (44, "parking", (255, 150, 255), 10),
    (48, "sidewalk", (75, 0, 75), 11),
    (49, "other-ground", (175, 0, 75), 12),
    (50, "building", (255, 200, 0), 13),
    (51, "fence", (255, 120, 50), 14),
    (52, "other-structure", (255, 150, 0), 0),
    (60, "lane-marking", (150, 255, 170), 9),
    (70, "vegetation", (0, 175, 0), 15),
    (71, "trunk", (135, 60, 0), 16),
    (72, "terrain", (150, 240, 80), 17),
    (80, "pole", (255, 240, 150), 18),
    (81, "traffic-sign", (255, 0, 0), 19),
    (99, "other-object", (50, 255, 255), 0),
    (252, "moving-car", (100, 150, 245), 1),
    (253, "moving-bicyclist", (255, 40, 200), 7),
    (254, "moving-person", (255, 30, 30), 6),
    (255, "moving-motorcyclist", (150, 30, 90), 8),
    (256, "moving-on-rails", (0, 0, 255), 5),
    (257, "moving-bus", (100, 80, 250), 5),
    (258, "moving-truck", (80, 30, 180), 4),
    (259, "moving-other-vehicle", (0, 0, 255), 5),
)
"""Number, name, colour (red, green, blue), learning class."""


def _published() -> PointClassTable:
    first_of: dict[int, str] = {}
    for _, name, _, learned in _ROWS:
        first_of.setdefault(learned, name)
    # Class 5 holds all other vehicles, whose first row is the bus.
    first_of[5] = "other-vehicle"
    return PointClassTable(
        {number: name for number, name, _, _ in _ROWS},
        {number: colour for number, _, colour, _ in _ROWS},
        {number: learned for number, _, _, learned in _ROWS},
        first_of,
        frozenset({0}),
    )


PUBLISHED = _published()
