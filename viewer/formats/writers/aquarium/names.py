"""Names and values as the client takes them."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from viewer.formats.writers.losses import LossLog
from viewer.formats.writers.nucleus.plain_values import plain_value

_FORBIDDEN = re.compile(r"[#\[\]?*,/\x7f-\x84\x86-\x9f]|[^\x00-\xff]")
_NO_KEY = re.compile(r"[^A-Za-z0-9_]")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NS_PER_S = 1_000_000_000
_TYPES = {str: "str", bool: "bool", int: "int", float: "float"}


def plain_id(name: str) -> str:
    """Return an id without the characters that the client refuses.

    Examples
    --------
    >>> plain_id("run/7, front")
    'run_7_ front'
    """
    return _FORBIDDEN.sub("_", name)


def plain_key(name: str) -> str:
    """Return a key of user metadata with letters, digits and underscores alone."""
    return _NO_KEY.sub("_", name) or "_"


class UniqueIds:
    """Hands out ids that no other label of the dataset has."""

    def __init__(self, losses: LossLog) -> None:
        self._taken: set[str] = set()
        self._losses = losses

    def take(self, label_id: str, task_id: str, where: str) -> str:
        """Return the id itself where it is free, else with the frame's name before it."""
        name = plain_id(label_id)
        if name != label_id:
            self._losses.add("label id", where, "has characters that become underscores")
        if not name or name in self._taken:
            stem = f"{task_id}_{name}"
            name, number = stem, 1
            while name in self._taken:
                number += 1
                name = f"{stem}_{number}"
            why = "an id is used once in a dataset; the frame's name is put before it"
            self._losses.add("label id", where, why)
        self._taken.add(name)
        return name


def iso_date(time_ns: int) -> str | None:
    """Return a UTC date to the nanosecond; None outside the years that dates have.

    Examples
    --------
    >>> iso_date(1_500_000_000), iso_date(1)
    ('1970-01-01T00:00:01.500000+00:00', '1970-01-01T00:00:00.000000001+00:00')
    """
    seconds, rest_ns = divmod(time_ns, _NS_PER_S)
    try:
        day = (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")
    except OverflowError:
        return None
    if rest_ns == 0:
        fraction = ""
    elif rest_ns % 1000 == 0:
        fraction = f".{rest_ns // 1000:06d}"
    else:
        fraction = f".{rest_ns:09d}"
    return f"{day}{fraction}+00:00"


def user_metadata(facts: Mapping[str, Any], where: str, losses: LossLog) -> dict[str, Any]:
    """Return facts flattened as frames have them, with the tables of their types and modes."""
    values: dict[str, Any] = {}
    types: dict[str, str] = {}
    modes: dict[str, str] = {}
    for name, given in facts.items():
        what = f"metadata {name!r}"
        key = f"user__{plain_key(name)}"
        if key != f"user__{name}":
            losses.add(what, where, f"is written as {key[6:]!r}")
        value = plain_value(given, what, where, losses)
        items = value if isinstance(value, list) else [value]
        kinds = {type(item) for item in items}
        if len(kinds) != 1 or not kinds <= _TYPES.keys():
            losses.add(what, where, "values are of one plain type; it becomes text")
            value, kinds = msgspec.json.encode(value).decode(), {str}
        values[key] = value
        types[key] = _TYPES[kinds.pop()]
        modes[key] = "list" if isinstance(value, list) else "scalar"
    return values | {"user_metadata_types": types, "user_metadata_modes": modes}
