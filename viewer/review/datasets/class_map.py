"""Classes and thresholds that a workspace defines, over those that the data bring."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, Final

from viewer.review.datasets.entities import SETTINGS
from viewer.review.ledger import Reading
from viewer.scene.class_map import PALETTE, ClassEntry, ClassMap

CLASS: Final = "class_map/"
"""A setting a class, so that two people's changes of different classes merge."""
THRESHOLD: Final = "threshold/"
COLOURS = ("colour", "prediction_colour")
CHANGEABLE: Final = tuple(
    each.name for each in fields(ClassEntry) if each.name not in ("name", "skeleton")
)
"""What a workspace may say of a class."""


def class_changes(reading: Reading) -> dict[str, dict[str, Any]]:
    """Return what the workspace says of classes, by name, in the order of names."""
    rows = reading.rows(SETTINGS, "WHERE name GLOB ? ORDER BY name", (f"{CLASS}*",))
    return {row["name"][len(CLASS) :]: dict(row["value"] or {}) for row in rows}


def workspace_class_map(reading: Reading, delivered: ClassMap) -> ClassMap:
    """Return a class map with the workspace's changes; classes that it adds stand at the end."""
    changes = class_changes(reading)
    entries = [_changed(entry, changes.pop(entry.name, {})) for entry in delivered.entries]
    for name, values in changes.items():
        entries.append(_changed(ClassEntry(name, PALETTE[len(entries) % len(PALETTE)]), values))
    return ClassMap(tuple(entries))


def thresholds(reading: Reading) -> dict[str, float]:
    """Return the thresholds that the workspace defines, by name."""
    rows = reading.rows(SETTINGS, "WHERE name GLOB ? ORDER BY name", (f"{THRESHOLD}*",))
    return {row["name"][len(THRESHOLD) :]: float(row["value"]) for row in rows}


def problem_with_class(values: Mapping[str, Any]) -> str | None:
    """Say what is wrong with changes of a class; None where nothing is."""
    unknown = sorted(set(values) - set(CHANGEABLE))
    if unknown:
        return f"a class has no {', '.join(unknown)} to change"
    for name in COLOURS:
        colour = values.get(name)
        if colour is not None and not _is_colour(colour):
            return f"a {name.replace('_', ' ')} is three numbers from 0 to 255"
    if not isinstance(values.get("ignored", False), bool):
        return "ignored is true or false"
    for name in ("train_name", "parent"):
        if not isinstance(values.get(name), str | None):
            return f"{name.replace('_', ' ')} is a name"
    number = values.get("class_id")
    if number is not None and (isinstance(number, bool) or not isinstance(number, int)):
        return "a class id is a whole number"
    return None


def _is_colour(value: object) -> bool:
    return (
        isinstance(value, list | tuple)
        and len(value) == 3
        and all(isinstance(part, int) and 0 <= part <= 255 for part in value)
    )


def _changed(entry: ClassEntry, values: Mapping[str, Any]) -> ClassEntry:
    given: dict[str, Any] = {}
    for name, value in values.items():
        if name in CHANGEABLE and not (name == "colour" and value is None):
            given[name] = tuple(value) if name in COLOURS and value is not None else value
    return replace(entry, **given)
