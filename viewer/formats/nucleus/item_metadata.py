"""Metadata of items: facts of a frame, times, and whether each key has one type everywhere.

The format knows no time; a number ``timestamp_ns`` in the metadata of an item is taken for it.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from viewer.formats.json_numbers import is_number
from viewer.formats.nucleus.schema import POINT_CLOUD, Item, SchemaField
from viewer.formats.problem_log import ProblemLog
from viewer.scene.metadata import GeoPosition, MetadataType

CAMERA_PARAMS = "camera_params"
TIMESTAMP = "timestamp_ns"
GEO_POSITION = "geo_position"
LATITUDE, LONGITUDE = "lat", "lon"
INDEPENDENT = "independent_frames"
_INT64 = 1 << 63
_RAW_VALUES = msgspec.json.Decoder(dict[str, msgspec.Raw])
_TYPES = {
    "category": MetadataType.TEXT,
    "text": MetadataType.TEXT,
    "number": MetadataType.NUMBER,
    "json": MetadataType.JSON,
}
_DECODER_ERRORS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def decoded_metadata(item: Item) -> dict[str, Any]:
    """Return an item's metadata; empty when they are none or no object."""
    if not len(item.metadata):
        return {}
    try:
        value = msgspec.json.decode(item.metadata)
    except _DECODER_ERRORS:
        return {}
    return value if isinstance(value, dict) else {}


def timestamp_of(item: Item) -> int | None:
    """Return the time in an item's metadata, nanoseconds."""
    if not len(item.metadata) or b'"timestamp_ns"' not in bytes(item.metadata):
        return None
    value = decoded_metadata(item).get(TIMESTAMP)
    return value if type(value) is int and -_INT64 <= value < _INT64 else None


def with_geo_position(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return metadata with ``lat`` and ``lon`` as one place on Earth."""
    found = dict(metadata)
    latitude, longitude = found.get(LATITUDE), found.get(LONGITUDE)
    if is_number(latitude) and is_number(longitude) and GEO_POSITION not in found:
        del found[LATITUDE], found[LONGITUDE]
        found[GEO_POSITION] = GeoPosition(float(latitude), float(longitude))
    return found


def frame_metadata(items: Mapping[str, Item]) -> dict[str, Any]:
    """Return the facts of a frame: those of its cloud by key, of others by sensor and key.

    A frame has no metadata of its own; its point cloud stands for it. A lone image does too.
    """
    found: dict[str, Any] = {}
    for name, item in items.items():
        facts = with_geo_position(decoded_metadata(item))
        facts.pop(CAMERA_PARAMS, None)
        facts.pop(TIMESTAMP, None)
        own = item.kind == POINT_CLOUD or len(items) == 1
        found |= facts if own else {f"{name}.{key}": value for key, value in facts.items()}
    return found


def metadata_types(schema: Mapping[str, SchemaField] | None) -> dict[str, MetadataType]:
    """Return the types that a dataset's schema gives to keys."""
    return {
        key: _TYPES[field.type] for key, field in (schema or {}).items() if field.type in _TYPES
    }


def note_unknown_types(
    schema: Mapping[str, SchemaField] | None, path: Path, problems: ProblemLog
) -> None:
    """Note fields of a schema whose type the format does not have."""
    for key, field in (schema or {}).items():
        if field.type not in _TYPES:
            problem = f"type {field.type[:40]!r} of {key[:80]!r} is not known; it is not used"
            problems.add(path, "metadata schema", problem)


class TypeCheck:
    """Notes keys whose values are text in one item and a number in another."""

    def __init__(self, schema: Mapping[str, MetadataType], problems: ProblemLog) -> None:
        self._problems = problems
        self._first: dict[str, tuple[str, str]] = {
            key: (type_.value, "the dataset's schema")
            for key, type_ in schema.items()
            if type_ in (MetadataType.TEXT, MetadataType.NUMBER)
        }
        self._told: set[str] = set()

    def add(self, items: Iterable[tuple[str, Item]], path: Path, place: str) -> None:
        """Look at the items of a frame."""
        for name, item in items:
            if len(item.metadata) < 3:
                continue
            try:
                values = _RAW_VALUES.decode(item.metadata)
            except _DECODER_ERRORS:
                if bytes(item.metadata) != b"null":
                    self._problems.add(path, f"{place}.{name}.metadata", "is no object")
                continue
            for key, raw in values.items():
                self._note(key, bytes(memoryview(raw)[:1]), f"{place}.{name}", path)

    def _note(self, key: str, first: bytes, place: str, path: Path) -> None:
        if first == b'"':
            type_ = MetadataType.TEXT.value
        elif first in b"-0123456789":
            type_ = MetadataType.NUMBER.value
        else:
            return
        known, where = self._first.setdefault(key, (type_, place))
        if known != type_ and key not in self._told:
            self._told.add(key)
            problem = f"{key[:80]!r} is a {type_} here and a {known} in {where}"
            self._problems.add(path, f"{place}.metadata", problem)
