"""The ontology file of a class map."""

from typing import Any

from viewer.formats.writers.losses import LossLog
from viewer.scene.class_map import ClassEntry, ClassMap

NAME = "ontology.json"


def ontology_of(class_map: ClassMap, where: str, losses: LossLog) -> dict[str, Any]:
    """Return labels with colours as a tree; children are named ``parent.child``."""
    nodes: dict[str, dict[str, Any]] = {}
    roots = []
    for entry in class_map.entries:
        _note(entry, where, losses)
        parent = nodes.get(entry.parent or "")
        nested = parent is not None and entry.name.startswith(f"{entry.parent}.")
        if entry.parent is not None and not nested:
            losses.add("parent of a class", where, "a class below another is named parent.child")
        tag = entry.name[len(entry.parent or "") + 1 :] if nested else entry.name
        colour = "#{:02x}{:02x}{:02x}".format(*entry.colour)
        value = {"tag": tag, "displayLabel": tag, "color": colour, "attributes": []}
        node: dict[str, Any] = {"value": value, "children": []}
        nodes[entry.name] = node
        if nested and parent is not None:
            parent["children"].append(node)
        else:
            roots.append(node)
    return {"roots": roots, "attributes": []}


def _note(entry: ClassEntry, where: str, losses: LossLog) -> None:
    facts = {
        "number of a class": entry.class_id,
        "prediction colour": entry.prediction_colour,
        "train name": entry.train_name,
        "mark of an ignored class": entry.ignored or None,
        "skeleton": entry.skeleton,
    }
    for what, value in facts.items():
        losses.add(what, f"{where}/{entry.name}", "a label has none", int(value is not None))
