"""Typed facts about a frame, a scene or a dataset: devices, capture dates, places, anything."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable


class MetadataType(StrEnum):
    """What the values of a key are."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TIME = "time"
    """Integer nanoseconds since 1970, UTC."""
    GEO_POSITION = "geo_position"
    """A `GeoPosition`."""
    JSON = "json"
    """Anything else, as decoded."""


@dataclass(frozen=True, slots=True)
class GeoPosition:
    """A place on Earth, WGS 84."""

    latitude_deg: float
    longitude_deg: float
    altitude_m: float | None = None


def metadata_type_of(value: object) -> MetadataType:
    """Return what a decoded value is, where no schema says so.

    Examples
    --------
    >>> metadata_type_of(True).value, metadata_type_of(3).value, metadata_type_of([1]).value
    ('boolean', 'number', 'json')
    """
    if isinstance(value, bool):
        return MetadataType.BOOLEAN
    if isinstance(value, int | float):
        return MetadataType.NUMBER
    if isinstance(value, str):
        return MetadataType.TEXT
    return MetadataType.GEO_POSITION if isinstance(value, GeoPosition) else MetadataType.JSON


@runtime_checkable
class FrameMetadata(Protocol):
    """A scene's reader whose format has metadata for each frame."""

    def read_frame_metadata(self, frame_index: int) -> Mapping[str, Any]:
        """Return the facts of a frame by key; may run on any thread."""
        ...
