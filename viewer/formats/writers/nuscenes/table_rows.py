"""Rows of the tables while they are collected, and the tokens that join them."""

import hashlib
import json
from typing import Any

from viewer.formats.nuscenes.schema import time_ns
from viewer.formats.writers.target_files import Write

TABLES = (
    "log", "map", "scene", "sample", "sensor", "calibrated_sensor", "ego_pose", "sample_data",
    "category", "attribute", "visibility", "instance", "sample_annotation",
)  # fmt: skip
Row = dict[str, Any]


def token_of(*parts: object) -> str:
    """Return 32 hex digits that are the same for the same parts, whenever and wherever."""
    text = json.dumps([str(part) for part in parts])
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def time_us(timestamp_ns: int) -> int | float:
    """Return microseconds: whole, else with the fraction that Lyft has, where that is exact.

    Examples
    --------
    >>> time_us(1_556_675_185_903_083_250), time_us(1_556_675_185_903_083_251)
    (1556675185903083.2, 1556675185903083)
    """
    whole, rest = divmod(timestamp_ns, 1000)
    if rest:
        fraction = timestamp_ns / 1000
        if time_ns(fraction) == timestamp_ns:
            return fraction
    return whole if rest < 500 else whole + 1


class TableRows:
    """All tables; a token is unique in its table."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[str, Row]] = {name: {} for name in TABLES}

    def has(self, table: str, token: str) -> bool:
        """Say whether a row is there."""
        return token in self._rows.setdefault(table, {})

    def add(self, table: str, row: Row) -> Row:
        """Add a row under its own token; the row that is there already stays."""
        return self._rows.setdefault(table, {}).setdefault(row["token"], row)

    def rows(self, table: str) -> list[Row]:
        """Return the rows in the order of adding."""
        return list(self._rows.get(table, {}).values())

    def free_token(self, table: str, wanted: str, *parts: object) -> str:
        """Return the wanted token, or one made of the parts where that is empty or taken."""
        token = wanted
        number = 0
        while not token or self.has(table, token):
            token = token_of(table, *parts, number)
            number += 1
        return token

    def write(self, folder: str, write: Write) -> None:
        """Write every table as an array of rows, one a line."""
        for name, rows in self._rows.items():
            lines = ",\n".join(
                json.dumps(row, ensure_ascii=False, allow_nan=False) for row in rows.values()
            )
            write(f"{folder}/{name}.json", f"[\n{lines}\n]\n".encode(errors="surrogatepass"))
