"""Custom metadata by image, in both of the format's shapes, and its configuration."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from viewer.formats.base import DamagedData
from viewer.formats.problem_log import ProblemLog
from viewer.scene.metadata import MetadataType

_TYPES = {
    "NUMERIC_INT": MetadataType.NUMBER,
    "NUMERIC_FLOAT": MetadataType.NUMBER,
    "CATEGORICAL_INT": MetadataType.NUMBER,
    "CATEGORICAL_STRING": MetadataType.TEXT,
    "CATEGORICAL_BOOLEAN": MetadataType.BOOLEAN,
    "CATEGORICAL_DATETIME": MetadataType.TEXT,
    "CATEGORICAL_TIMESTAMP": MetadataType.NUMBER,
    "OTHER_STRING": MetadataType.TEXT,
}


def is_custom_metadata(document: object) -> bool:
    """Say whether a decoded file joins ``metadata`` to ``images``."""
    return isinstance(document, dict) and all(
        isinstance(document.get(key), list) for key in ("images", "metadata")
    )


def by_file_name(
    document: Mapping[str, Any], path: Path, problems: ProblemLog
) -> dict[str, dict[str, Any]]:
    """Return the metadata of each image; rows that join nothing are told on both sides."""
    images: dict[object, str] = {}
    for index, each in enumerate(document["images"]):
        name = each.get("file_name") if isinstance(each, dict) else None
        own = each.get("id") if isinstance(each, dict) else None
        if not isinstance(name, str) or not isinstance(own, int | str) or isinstance(own, bool):
            problems.add(path, f"$.images[{index}]", "has no file_name or no id; it is left out")
            continue
        images[own] = name
    found: dict[str, dict[str, Any]] = {}
    unmatched = 0
    for index, each in enumerate(document["metadata"]):
        if not isinstance(each, dict):
            problems.add(path, f"$.metadata[{index}]", "is no object; it is left out")
            continue
        own = each.get("image_id")
        name = images.get(own) if isinstance(own, int | str) else None
        if name is None:
            unmatched += 1
            continue
        found[name] = {key: value for key, value in each.items() if key != "image_id"}
    if unmatched:
        problems.add(path, "$.metadata", f"{unmatched} rows belong to no image of the file")
    bare = len(images) - len(found)
    if bare > 0:
        problems.add(path, "$.images", f"{bare} images have no metadata")
    return found


def document_of(metadata: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the file that joins each name to its metadata."""
    images = [{"id": number, "file_name": name} for number, name in enumerate(metadata)]
    rows = [{"image_id": number, **each} for number, each in enumerate(metadata.values())]
    return {"images": images, "metadata": rows}


def types_of(document: object, path: Path) -> dict[str, MetadataType]:
    """Return the type of each dotted key that a configuration (``metadata/schema.json``) names."""
    if isinstance(document, dict):
        document = document.get("configs", document.get("metadata"))
    if not isinstance(document, list):
        raise DamagedData(path, "$", "holds no list of configuration entries")
    found = {}
    for each in document:
        entry = each if isinstance(each, dict) else {}
        key = entry.get("path")
        kind = entry.get("value_data_type", entry.get("valueDataType"))
        if isinstance(key, str) and key:
            found[key] = _TYPES.get(str(kind), MetadataType.JSON)
    return found


def flattened(metadata: Mapping[str, Any], prefix: str = "", depth: int = 0) -> dict[str, Any]:
    """Return nested metadata under dotted keys.

    Examples
    --------
    >>> flattened({"weather": {"scenario": "cloudy", "values": [1]}})
    {'weather.scenario': 'cloudy', 'weather.values': [1]}
    """
    found: dict[str, Any] = {}
    for key, value in metadata.items():
        name = f"{prefix}.{key}" if prefix else key
        if isinstance(value, dict) and value and depth < 32:
            found.update(flattened(value, name, depth + 1))
        else:
            found[name] = value
    return found


def nested(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Undo `flattened`; a key that would lie below a plain value keeps its dots."""
    found: dict[str, Any] = {}
    for key, value in metadata.items():
        parts = key.split(".") if all(key.split(".")) else [key]
        at = found
        for part in parts[:-1]:
            inner = at.setdefault(part, {})
            if not isinstance(inner, dict):
                break
            at = inner
        else:
            if parts[-1] not in at:
                at[parts[-1]] = value
                continue
        found[key] = value
    return found
