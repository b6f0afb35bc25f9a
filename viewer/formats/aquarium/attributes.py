"""What a label's attributes say beside its geometry."""

import math
from collections.abc import Mapping
from typing import Any

from viewer.formats.json_numbers import is_number

USER_PREFIX = "user__"
LINK_PREFIX = "link__"
TRACK_KEYS = ("user__track_id", "user__track", "link__track_id", "link__track")
"""Attributes that, by our choice, name a label's track; the format itself has none."""
_GEOMETRY = frozenset(
    {
        "pos_x", "pos_y", "pos_z", "dim_x", "dim_y", "dim_z", "rot_w", "rot_x", "rot_y", "rot_z",
        "top", "left", "width", "height", "x1", "y1", "x2", "y2", "polygons", "keypoints",
        "confidence", "iscrowd", "index", "token", "visible",
    }
)  # fmt: skip


def shown_attributes(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return user attributes without their prefix, links under ``links``, and the rest."""
    shown: dict[str, Any] = {}
    links: dict[str, Any] = {}
    for key, value in attributes.items():
        if key.startswith(USER_PREFIX):
            shown[key[len(USER_PREFIX) :]] = value
        elif key.startswith(LINK_PREFIX):
            links[key[len(LINK_PREFIX) :]] = value
        elif key not in _GEOMETRY and value is not None:
            shown[key] = value
    if links:
        shown["links"] = links
    return shown


def track_of(attributes: Mapping[str, Any]) -> str | None:
    """Return the track that an attribute names, None without one."""
    for key in TRACK_KEYS:
        value = attributes.get(key)
        if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
            return str(value)
    return None


def score_of(attributes: Mapping[str, Any]) -> float:
    """Return the confidence, NaN without one."""
    value = attributes.get("confidence")
    return float(value) if value is not None and is_number(value) else math.nan
