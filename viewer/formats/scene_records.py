"""What a scene says beside its sensors and labels, as JSON records of our own layouts."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from msgspec import Struct

from viewer.scene.class_map import ClassEntry, Skeleton
from viewer.scene.metadata import GeoPosition
from viewer.scene.scene import OtherKind, OtherRef

_GEO = "geo_position"


class ClassDetails(Struct, omit_defaults=True):
    """What a class has beside its name and colour."""

    class_id: int | None = None
    prediction_colour: tuple[int, int, int] | None = None
    train_name: str | None = None
    ignored: bool = False
    parent: str | None = None
    keypoint_names: list[str] | None = None
    bones: list[tuple[int, int]] = []


class OtherRecord(Struct):
    """A piece of data that is listed and not shown."""

    kind: str
    sensor_id: str
    source: str


def class_details(entry: ClassEntry) -> ClassDetails | None:
    """Return what a class has beside its name and colour; None for nothing."""
    skeleton = entry.skeleton
    details = ClassDetails(
        entry.class_id, entry.prediction_colour, entry.train_name, entry.ignored, entry.parent,
        None if skeleton is None else list(skeleton.keypoint_names),
        [] if skeleton is None else list(skeleton.bones),
    )  # fmt: skip
    return None if details == ClassDetails() else details


def class_entry(
    name: str, colour: tuple[int, int, int], details: ClassDetails | None
) -> ClassEntry:
    """Return a class."""
    if details is None:
        return ClassEntry(name, colour)
    skeleton = None
    if details.keypoint_names is not None:
        skeleton = Skeleton(tuple(details.keypoint_names), tuple(details.bones))
    return ClassEntry(
        name, colour, details.class_id, details.prediction_colour, details.train_name,
        details.ignored, details.parent, skeleton,
    )  # fmt: skip


def other_records(others: tuple[OtherRef, ...]) -> list[OtherRecord]:
    """Return the pieces of a frame."""
    return [OtherRecord(each.kind.value, each.sensor_id, each.source) for each in others]


def other_refs(records: list[OtherRecord]) -> tuple[OtherRef, ...]:
    """Return the pieces of a frame; one of an unknown kind is listed as text."""
    kinds = {kind.value: kind for kind in OtherKind}
    return tuple(
        OtherRef(kinds.get(each.kind, OtherKind.TEXT), each.sensor_id, each.source)
        for each in records
    )


def metadata_record(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return metadata as JSON knows them; a place on Earth is an object of its own."""
    return {str(key): plain_value(value) for key, value in metadata.items()}


def metadata_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return metadata with places on Earth as `GeoPosition`."""
    return {key: _value(value) for key, value in record.items()}


def plain_value(value: object) -> object:
    """Return a value as JSON knows it."""
    if isinstance(value, GeoPosition):
        return {_GEO: [value.latitude_deg, value.longitude_deg, value.altitude_m]}
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, Mapping):
        return {str(key): plain_value(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain_value(each) for each in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)


def _value(value: object) -> object:
    place = value.get(_GEO) if isinstance(value, dict) and len(value) == 1 else None
    if isinstance(place, list) and len(place) == 3:
        latitude, longitude, altitude = place
        if isinstance(latitude, int | float) and isinstance(longitude, int | float):
            known = isinstance(altitude, int | float)
            return GeoPosition(latitude, longitude, altitude if known else None)
    return value
