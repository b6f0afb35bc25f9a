"""Python and numpy values as JSON that every reader takes."""

import math
from collections.abc import Mapping
from enum import Enum
from typing import Any

import numpy as np

from viewer.formats.nucleus.item_metadata import LATITUDE, LONGITUDE
from viewer.formats.writers.losses import LossLog
from viewer.scene.metadata import GeoPosition

_LARGEST = 1 << 63


def plain_metadata(metadata: Mapping[str, Any], where: str, losses: LossLog) -> dict[str, Any]:
    """Return metadata that JSON holds; a place on Earth becomes ``lat`` and ``lon``."""
    found: dict[str, Any] = {}
    for key, value in metadata.items():
        if isinstance(value, GeoPosition):
            found[LATITUDE], found[LONGITUDE] = value.latitude_deg, value.longitude_deg
            if value.altitude_m is not None:
                losses.add("altitude", where, "a place is latitude and longitude")
        else:
            found[str(key)] = plain_value(value, f"metadata {key!r}", where, losses)
    return found


def plain_value(value: object, what: str, where: str, losses: LossLog) -> object:
    """Return a value that JSON holds; what becomes another one is noted."""
    if isinstance(value, np.generic | np.ndarray):
        value = value.tolist()
    if isinstance(value, Enum):
        value = value.value
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        if -_LARGEST <= value < _LARGEST:
            return value
        losses.add(what, where, "does not fit in 64 bits; becomes text")
        return str(value)
    if isinstance(value, float):
        if math.isfinite(value):
            return value
        losses.add(what, where, "JSON has no NaN and no infinity; becomes null")
        return None
    if isinstance(value, Mapping):
        return {str(key): plain_value(each, what, where, losses) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain_value(each, what, where, losses) for each in value]
    losses.add(what, where, f"JSON has no {type(value).__name__}; becomes text")
    return str(value)
