"""Recipe and ontology files: classes with colours and parents, attributes with types and scope."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from viewer.formats.base import DamagedData
from viewer.formats.dataloop.document import mapping_of
from viewer.formats.label_rows import load_json
from viewer.formats.problem_log import ProblemLog
from viewer.scene.class_map import PALETTE, ClassEntry, ClassMap, Rgb
from viewer.scene.metadata import MetadataType

FILE_NAMES = ("ontology.json", "recipe.json", "dataset.json")
MAX_DEPTH = 16
MAX_LABELS = 100_000
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_TYPES = {
    "range": MetadataType.NUMBER,
    "boolean": MetadataType.BOOLEAN,
    "freeText": MetadataType.TEXT,
    "radio_button": MetadataType.TEXT,
    "checkbox": MetadataType.JSON,
}


@dataclass(frozen=True, slots=True)
class Ontology:
    """What the files beside a dataset say of its labels."""

    entries: tuple[ClassEntry, ...] = ()
    attributes: tuple[Mapping[str, Any], ...] = ()
    """Key, title, type, scope, values and range, as decoded."""
    paths: tuple[Path, ...] = ()

    def class_map(self, seen: list[str]) -> ClassMap:
        """Classes of the ontology, then those that only labels name."""
        known = {entry.name for entry in self.entries}
        further = [name for name in seen if name not in known]
        count = len(self.entries)
        added = (
            ClassEntry(name, PALETTE[(count + index) % len(PALETTE)])
            for index, name in enumerate(further)
        )
        return ClassMap((*self.entries, *added))

    def attribute_types(self) -> dict[str, MetadataType]:
        """Type of each attribute by key."""
        found = {}
        for each in self.attributes:
            kind = each.get("type")
            if kind == "options":
                kind = "checkbox" if each.get("multi") else "radio_button"
            found[str(each["key"])] = _TYPES.get(str(kind), MetadataType.JSON)
        return found


def read_ontology(folder: Path, problems: ProblemLog) -> Ontology:
    """Read the files of a folder that may hold labels and attributes; damage is noted."""
    entries: dict[str, ClassEntry] = {}
    attributes: dict[str, Mapping[str, Any]] = {}
    paths = []
    for path in (folder / name for name in FILE_NAMES):
        if not path.is_file():
            continue
        try:
            document = load_json(path)
        except DamagedData as damage:
            problems.add_damage(damage)
            continue
        paths.append(path)
        for part in _parts(document):
            for root in _list(part.get("roots")) or _list(part.get("labels")):
                for entry in _labels(root, None, 0, len(entries)):
                    if len(entries) < MAX_LABELS:
                        entries.setdefault(entry.name, entry)
            listed = _list(part.get("attributes"))
            listed += _list(mapping_of(part.get("metadata")).get("attributes"))
            for each in listed:
                if isinstance(each, dict) and isinstance(each.get("key"), str):
                    attributes.setdefault(each["key"], each)
    return Ontology(tuple(entries.values()), tuple(attributes.values()), tuple(paths))


def _parts(document: object) -> Iterator[Mapping[str, Any]]:
    """Yield the ontology, wherever a recipe carries it."""
    for each in _list(document) if isinstance(document, list) else [document]:
        part = mapping_of(each)
        yield part
        for key in ("ontology", "recipe"):
            yield from _parts(part[key]) if isinstance(part.get(key), dict) else ()
        for inner in _list(part.get("ontologies")):
            yield mapping_of(inner)


def _labels(node: object, parent: str | None, depth: int, index: int) -> Iterator[ClassEntry]:
    body = mapping_of(node)
    value = mapping_of(body.get("value")) or body
    tag = value.get("tag", value.get("label_name", node if isinstance(node, str) else None))
    if not isinstance(tag, str) or not tag or depth > MAX_DEPTH:
        return
    name = f"{parent}.{tag}" if parent and not tag.startswith(f"{parent}.") else tag
    colour = _colour(value.get("color")) or PALETTE[index % len(PALETTE)]
    yield ClassEntry(name, colour, parent=parent)
    for number, child in enumerate(_list(body.get("children"))):
        yield from _labels(child, name, depth + 1, index + number + 1)


def _colour(value: object) -> Rgb | None:
    if isinstance(value, str) and _COLOUR.fullmatch(value):
        red, green, blue = bytes.fromhex(value[1:])
        return red, green, blue
    parts = value if isinstance(value, list) and len(value) == 3 else []
    if parts and all(isinstance(part, int) and 0 <= part <= 255 for part in parts):
        return parts[0], parts[1], parts[2]
    return None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
