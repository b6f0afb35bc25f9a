"""The project file: classes with their colours, and what a source says of its project."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from viewer.formats.writers.aquarium.names import plain_key
from viewer.scene.class_map import PALETTE, ClassEntry
from viewer.scene.scene import Scene

CONFIDENCE_THRESHOLD, IOU_THRESHOLD = 0.1, 0.5


def joined_classes(scenes: Sequence[Scene], used: Iterable[str] = ()) -> list[ClassEntry]:
    """Return the classes of all scenes and labels, each once, the first scene's first."""
    found: dict[str, ClassEntry] = {}
    for scene in scenes:
        for entry in scene.class_map.entries:
            found.setdefault(entry.name, entry)
    for name in used:
        found.setdefault(name, ClassEntry(name, PALETTE[len(found) % len(PALETTE)]))
    return list(found.values())


def class_ids(entries: Sequence[ClassEntry]) -> dict[str, int]:
    """Return an id for each class: its own where no other has it, else the next free one."""
    taken: set[int] = set()
    found: dict[str, int] = {}
    for entry in entries:
        if entry.class_id is not None and entry.class_id >= 0 and entry.class_id not in taken:
            found[entry.name] = entry.class_id
            taken.add(entry.class_id)
    free = 0
    for entry in entries:
        if entry.name not in found:
            while free in taken:
                free += 1
            found[entry.name] = free
            taken.add(free)
    return found


def project_row(name: str, entries: Sequence[ClassEntry]) -> dict[str, Any]:
    """Return a project of these classes."""
    ids = class_ids(entries)
    return {
        "project_id": plain_key(name),
        "label_class_map": [_class_row(entry, ids) for entry in entries],
        "confidence_threshold": CONFIDENCE_THRESHOLD,
        "iou_threshold": IOU_THRESHOLD,
    }


def _class_row(entry: ClassEntry, ids: Mapping[str, int]) -> dict[str, Any]:
    train_name = entry.name if entry.train_name is None else entry.train_name
    parent = entry.parent or entry.name
    skeleton = entry.skeleton
    return {
        "name": entry.name,
        "id": ids[entry.name],
        "train_name": train_name,
        "train_id": ids.get(train_name, ids[entry.name]),
        "category": parent,
        "category_id": ids.get(parent, ids[entry.name]),
        "has_instances": True,
        "ignore_in_eval": entry.ignored,
        "color": list(entry.colour),
        "train_color": list(entry.prediction_colour or entry.colour),
        "keypoint_names": None if skeleton is None else list(skeleton.keypoint_names),
        "skeleton": None if skeleton is None else [list(bone) for bone in skeleton.bones],
    }
