"""JSON in and out: schema errors that name the place, and a manifest that people can read."""

from pathlib import Path
from typing import TypeVar

import msgspec

from viewer.formats.base import DamagedData

Record = TypeVar("Record")
LINE_WIDTH = 110


def decode(data: bytes, record: type[Record], path: Path, where: str = "") -> Record:
    """Decode JSON as `record`; `DamagedData` names the JSON path of what does not fit."""
    try:
        return msgspec.json.decode(data, type=record)
    except msgspec.ValidationError as error:
        problem, _, place = str(error).partition(" - at `")
        raise DamagedData(path, _joined(where, place.rstrip("`") or "$"), problem) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DamagedData(path, where, f"is not valid JSON ({error})") from None


def encode_readable(record: msgspec.Struct) -> bytes:
    """Encode a record with one object a line where it is short, numbers never broken up."""
    return (_layout(msgspec.to_builtins(record), 0) + "\n").encode()


def _joined(where: str, place: str) -> str:
    return f"{where}, {place}" if where else place


def _layout(value: object, depth: int) -> str:
    compact = msgspec.json.encode(value).decode()
    if len(compact) + depth <= LINE_WIDTH:
        return compact
    inner, outer = "\n" + " " * (depth + 1), "\n" + " " * depth
    if isinstance(value, dict):
        items = [
            f"{msgspec.json.encode(key).decode()}: {_layout(item, depth + 1)}"
            for key, item in value.items()
        ]
        return "{" + inner + ("," + inner).join(items) + outer + "}"
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        items = [_layout(item, depth + 1) for item in value]
        return "[" + inner + ("," + inner).join(items) + outer + "]"
    return compact
