"""Annotations as the format has them, from labels: what they say beside their shape."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from viewer.formats.dataloop.attributes import (
    DESCRIPTION,
    LISTED,
    MAKERS,
    MODEL,
    PREDICTION_MARK,
    STATUS,
    TRACK,
    USER,
)

_REQUIRED = ("creator", "createdAt", "updatedBy", "updatedAt")
"""Keys that the vendor's reader asks for on every annotation."""


@dataclass(slots=True)
class Row:
    """One label in one frame."""

    kind: str
    label_id: str
    label: str
    coordinates: Any
    attributes: Mapping[str, Any] = field(default_factory=dict)
    track_id: str | None = None
    score: float = float("nan")
    keyframe: bool = True
    parent_id: str | None = None


class ObjectIds:
    """Digits for track ids, as the format wants: their own where they are such, else free ones."""

    def __init__(self) -> None:
        self._given: dict[str, str] = {}
        self._taken: set[str] = set()
        self._next = 1

    def of(self, track_id: str) -> str:
        """Return the digits of a track, the same each time."""
        if track_id not in self._given:
            own = track_id.isascii() and track_id.isdigit()
            digits = track_id if own and track_id not in self._taken else self._free()
            self._given[track_id] = digits
            self._taken.add(digits)
        return self._given[track_id]

    def reserve(self, track_ids: list[str]) -> None:
        """Give the tracks that are digits their own, before others take them."""
        for each in sorted(set(track_ids), key=lambda name: not name.isdigit()):
            self.of(each)

    def _free(self) -> str:
        while str(self._next) in self._taken:
            self._next += 1
        return str(self._next)


def named_attributes(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the attributes that may change from keyframe to keyframe."""
    return {
        str(key): plain(value)
        for key, value in attributes.items()
        if not is_own(str(key), value) and not (key == LISTED and isinstance(value, list))
    }


def listed_attributes(attributes: Mapping[str, Any]) -> list[Any]:
    """Return the first generation's list."""
    listed = attributes.get(LISTED)
    return [plain(each) for each in listed] if isinstance(listed, list) else []


def annotation_of(row: Row, ids: ObjectIds, model_name: str | None) -> dict[str, Any]:
    """Return a row as one annotation; `model_name` for a prediction."""
    attributes = row.attributes
    system: dict[str, Any] = {
        "automated": model_name is not None,
        "attributes": named_attributes(attributes),
    }
    user: dict[str, Any] = {
        key.removeprefix(USER): plain(value)
        for key, value in attributes.items()
        if key.startswith(USER) and is_own(key, value)
    }
    if row.track_id is not None:
        system["objectId"] = ids.of(row.track_id)
        if system["objectId"] != row.track_id:
            user[TRACK] = row.track_id
    if isinstance(attributes.get(STATUS), str):
        system["status"] = attributes[STATUS]
    if row.parent_id is not None:
        system["parentId"] = row.parent_id
    if model_name is not None:
        confidence = None if math.isnan(row.score) else float(row.score)
        user[MODEL] = {"name": model_name, "confidence": confidence}
        user[PREDICTION_MARK] = "prediction"
    annotation: dict[str, Any] = {
        "id": row.label_id,
        "type": row.kind,
        "label": row.label,
        "attributes": listed_attributes(attributes),
        "coordinates": row.coordinates,
        "metadata": {"system": system, "user": user},
        **dict.fromkeys(_REQUIRED),
    }
    for key in (DESCRIPTION, *MAKERS):
        if isinstance(attributes.get(key), str):
            annotation[key] = attributes[key]
    return annotation


def own_attributes(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return what stands on the annotation as a whole, not on a keyframe."""
    return {key: value for key, value in attributes.items() if is_own(str(key), value)}


def plain(value: Any) -> Any:  # noqa: ANN401 - any attribute
    """Return a value that JSON has."""
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset | np.ndarray):
        return [plain(each) for each in value]
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def is_own(key: str, value: object) -> bool:
    """Say whether an attribute stands on an annotation as a whole."""
    if key in (STATUS, DESCRIPTION, *MAKERS):
        return isinstance(value, str) and value != ""
    return key.startswith(USER) and isinstance(value, str | int | float | bool)
