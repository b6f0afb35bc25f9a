"""The class file of a labelCloud folder, ``labels/_classes.json``."""

import re
from dataclasses import dataclass, replace
from pathlib import Path

from viewer.formats.label_rows import load_json
from viewer.scene.class_map import ClassMap, Rgb

CLASSES_NAME = "_classes.json"
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True, slots=True)
class LabelCloudClasses:
    """Classes, and how the labels are told."""

    class_map: ClassMap
    label_format: str
    """``centroid_abs``, ``centroid_rel``, ``vertices``, ``kitti`` ...; empty when not told."""


def read_classes(path: Path) -> LabelCloudClasses | None:
    """Read the file; None when it is not of this shape. `DamagedData` when it cannot be read."""
    document = load_json(path)
    classes = document.get("classes") if isinstance(document, dict) else None
    if not isinstance(document, dict) or not isinstance(classes, list):
        return None
    colours: dict[str, Rgb] = {}
    order = []
    numbers: dict[str, int] = {}
    for each in classes:
        name = each.get("name") if isinstance(each, dict) else None
        if not isinstance(each, dict) or not isinstance(name, str):
            continue
        order.append(name)
        number = each.get("id")
        if isinstance(number, int) and not isinstance(number, bool):
            numbers.setdefault(name, number)
        colour = each.get("color")
        if isinstance(colour, str) and _COLOUR.fullmatch(colour):
            red, green, blue = bytes.fromhex(colour[1:])
            colours[name] = (red, green, blue)
    told = document.get("format")
    entries = ClassMap.from_names(order, colours).entries
    class_map = ClassMap(
        tuple(replace(entry, class_id=numbers.get(entry.name)) for entry in entries)
    )
    return LabelCloudClasses(class_map, told if isinstance(told, str) else "")
