"""What a workspace holds: kinds of rows, each with a key and typed columns."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Row = dict[str, Any]
"""Values by column name, without the key."""


class Column(StrEnum):
    """What a column holds; a value may also be None."""

    TEXT = "text"
    INTEGER = "integer"
    REAL = "real"
    BOOLEAN = "boolean"
    JSON = "json"
    """Lists, mappings, text, numbers; compared by value."""
    SUBJECT = "subject"
    """Key of a `Subject`; another workspace's is translated when it is merged."""
    SUBJECTS = "subjects"
    """List of such keys."""
    DATASET = "dataset"
    """Id of a dataset; translated likewise."""


_PYTHON_TYPES: Mapping[Column, tuple[type, ...]] = {
    Column.TEXT: (str,),
    Column.INTEGER: (int,),
    Column.REAL: (float, int),
    Column.BOOLEAN: (bool,),
    Column.JSON: (list, dict, str, int, float, bool),
    Column.SUBJECT: (str,),
    Column.SUBJECTS: (list,),
    Column.DATASET: (str,),
}
_AS_JSON = (Column.JSON, Column.SUBJECTS)


@dataclass(frozen=True, slots=True)
class Entity:
    """One kind of row. Its table has the text column ``key`` and these columns, no others."""

    name: str
    """Also the table's."""
    columns: Mapping[str, Column]
    key_from: tuple[str, ...] = ()
    """Columns that make the key; empty where the key is a random id (`new_id`)."""

    def key_of(self, row: Mapping[str, Any]) -> str:
        """Return the key that a row's own columns make.

        Examples
        --------
        >>> tags = Entity("tags", {"tag": Column.TEXT, "on": Column.SUBJECT}, ("tag", "on"))
        >>> tags.key_of({"tag": "night", "on": "5f0c"})
        '["night","5f0c"]'
        """
        if not self.key_from:
            raise ValueError(f"the key of {self.name} is no part of its row")
        parts = [row[name] for name in self.key_from]
        return str(parts[0]) if len(parts) == 1 else to_json(parts)

    def check(self, row: Mapping[str, Any], *, whole: bool) -> None:
        """Raise ValueError unless the row has columns of this entity (all of them, if `whole`)."""
        unknown = row.keys() - self.columns.keys()
        missing = self.columns.keys() - row.keys() if whole else set()
        if unknown or missing:
            raise ValueError(f"{self.name}: unknown {sorted(unknown)}, missing {sorted(missing)}")
        for name, value in row.items():
            column = self.columns[name]
            is_wrong_bool = isinstance(value, bool) and bool not in _PYTHON_TYPES[column]
            if value is not None and (
                is_wrong_bool or not isinstance(value, _PYTHON_TYPES[column])
            ):
                raise ValueError(f"{self.name}.{name}: {value!r} is no {column}")

    def to_sql(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return the row as SQLite stores it."""
        return {
            name: to_json(value) if value is not None and self.columns[name] in _AS_JSON else value
            for name, value in row.items()
        }

    def from_sql(self, names: Sequence[str], values: Sequence[Any]) -> Row:
        """Return a stored row as Python values; `names` may have columns of other tables too."""
        row: Row = {}
        for name, value in zip(names, values, strict=True):
            column = self.columns.get(name)
            if value is None or column is None:
                row[name] = value
            elif column in _AS_JSON:
                row[name] = json.loads(value)
            elif column is Column.BOOLEAN:
                row[name] = bool(value)
            else:
                row[name] = value
        return row


_encode = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False
).encode


def to_json(value: object) -> str:
    """Return compact JSON whose text is the same for equal values."""
    return _encode(value)
