"""Facts about a frame that its rows tell: user metadata, device, place on Earth."""

from collections.abc import Mapping, Sequence
from typing import Any

from viewer.formats.aquarium.attributes import USER_PREFIX
from viewer.formats.aquarium.schema import expanded
from viewer.formats.json_lines import RowPlace, decode_row, read_row
from viewer.formats.json_numbers import is_number
from viewer.scene.metadata import GeoPosition

DEVICE = "device_id"
GEO = "geo_position"
LATITUDE, LONGITUDE = "geo_EPSG4326_lat", "geo_EPSG4326_lon"


def frame_facts(rows: Sequence[RowPlace]) -> dict[str, Any]:
    """Return what an ADD row and the MODIFY rows after it say; `DamagedData` as `read_row`.

    User metadata lose their prefix; a place is a `GeoPosition` under ``geo_position``.
    """
    facts: dict[str, Any] = {}
    for row in rows:
        content = decode_row(read_row(row), row)
        if not isinstance(content, Mapping):
            continue
        if isinstance(content.get(DEVICE), str):
            facts[DEVICE] = content[DEVICE]
        place = _geo_position(expanded(content.get("geo_data")))
        if place is not None:
            facts[GEO] = place
        for key, value in content.items():
            if key.startswith(USER_PREFIX) and value is not None:
                facts[key[len(USER_PREFIX) :]] = expanded(value)
    return facts


def _geo_position(value: object) -> GeoPosition | None:
    if not isinstance(value, Mapping):
        return None
    latitude, longitude = value.get(LATITUDE), value.get(LONGITUDE)
    if not (is_number(latitude) and is_number(longitude)):
        return None
    return GeoPosition(float(latitude), float(longitude))
