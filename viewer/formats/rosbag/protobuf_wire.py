"""Protobuf messages as plain objects, by the descriptors that an MCAP file brings along.

Follows the published wire format and ``descriptor.proto``; nothing of the file is run.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from viewer.formats.rosbag.messages import Raw

MAX_DEPTH: Final = 32
_VARINT, _EIGHT_BYTES, _SIZED, _FOUR_BYTES = 0, 1, 2, 5
_DOUBLE, _FLOAT, _STRING, _MESSAGE, _BYTES, _BOOL = 1, 2, 9, 11, 12, 8
_FIXED: Final = {
    1: "<d", 2: "<f", 6: "<Q", 7: "<I", 15: "<i", 16: "<q",
}  # fmt: skip
"""Types of fixed size by their number in ``FieldDescriptorProto``."""
_SIGNED: Final = (3, 5, 14)
_ZIGZAG: Final = (17, 18)
_REPEATED = 3


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a message type."""

    name: str
    kind: int
    repeated: bool
    type_name: str
    """Of a message: its full name."""


Types = dict[str, dict[int, Field]]


def read_descriptors(data: bytes) -> Types:
    """Return the message types of a ``FileDescriptorSet`` by full name, fields by number.

    ValueError when it is damaged.
    """
    types: Types = {}
    for number, file in _fields(memoryview(data)):
        if number != 1 or not isinstance(file, memoryview):
            continue
        package = ""
        messages = []
        for inner, value in _fields(file):
            if inner == 2:
                package = _text(value)
            elif inner == 4:
                messages.append(value)
        for message in messages:
            _read_message(message, package, types, 0)
    return types


def _read_message(data: Raw, scope: str, types: Types, depth: int) -> None:
    if depth > MAX_DEPTH or not isinstance(data, memoryview):
        raise ValueError("has a descriptor that cannot be")
    fields: dict[int, Field] = {}
    name = ""
    nested = []
    for number, value in _fields(data):
        if number == 1:
            name = _text(value)
        elif number == 2:
            place, field = _read_field(value)
            fields[place] = field
        elif number == 3:
            nested.append(value)
    full = f"{scope}.{name}" if scope else name
    types[full] = fields
    for each in nested:
        _read_message(each, full, types, depth + 1)


def _read_field(data: Raw) -> tuple[int, Field]:
    facts = dict(_fields(data))
    type_name = _text(facts.get(6, b"")).lstrip(".")
    kind = int(facts.get(5, 0))
    return int(facts.get(3, 0)), Field(
        _text(facts.get(1, b"")), kind, facts.get(4) == _REPEATED, type_name
    )


def decode_protobuf(types: Types, type_name: str, data: memoryview, depth: int = 0) -> Raw:
    """Return a message as a dict; ValueError when it is damaged or its type is unknown."""
    fields = types.get(type_name)
    if fields is None or depth > MAX_DEPTH:
        raise ValueError(f"has no description of the type {type_name[:80]!r}")
    found: dict[str, Any] = {}
    for number, raw in _fields(data):
        field = fields.get(number)
        if field is None:
            continue
        if field.repeated and isinstance(raw, memoryview) and _is_number(field.kind):
            found.setdefault(field.name, []).extend(_packed(field.kind, raw))
            continue
        if field.kind == _MESSAGE:
            value = decode_protobuf(types, field.type_name, _sized_value(raw), depth + 1)
        else:
            value = _value(field.kind, raw)
        if field.repeated:
            found.setdefault(field.name, []).append(value)
        else:
            found[field.name] = value
    return found


def _is_number(kind: int) -> bool:
    return kind not in (_STRING, _MESSAGE, _BYTES, 10)


def _value(kind: int, raw: Raw) -> Raw:
    if kind == _STRING:
        return _text(raw)
    if kind == _BYTES:
        return _sized_value(raw)
    if kind in _FIXED:
        shape = _FIXED[kind]
        size = struct.calcsize(shape)
        if not isinstance(raw, bytes) or len(raw) != size:
            raise ValueError("has a number of the wrong size")
        return struct.unpack(shape, raw)[0]
    if not isinstance(raw, int):
        raise ValueError("has bytes where a number belongs")
    if kind in _SIGNED and raw >= 1 << 63:
        return raw - (1 << 64)
    if kind in _ZIGZAG:
        return (raw >> 1) ^ -(raw & 1)
    return bool(raw) if kind == _BOOL else raw


def _packed(kind: int, data: memoryview) -> list[Any]:
    if kind in _FIXED:
        shape = _FIXED[kind]
        size = struct.calcsize(shape)
        if len(data) % size:
            raise ValueError("has a list of numbers that is cut off")
        return [value[0] for value in struct.iter_unpack(shape, data)]
    values = []
    at = 0
    while at < len(data):
        raw, at = _varint(data, at)
        values.append(_value(kind, raw))
    return values


def _fields(data: memoryview) -> Iterator[tuple[int, int | bytes | memoryview]]:
    """Yield (field number, value): an int, four or eight bytes, or a view of a sized piece."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        kind = key & 7
        if kind == _VARINT:
            value, at = _varint(data, at)
            yield key >> 3, value
            continue
        size = {_EIGHT_BYTES: 8, _FOUR_BYTES: 4}.get(kind, 0)
        if kind == _SIZED:
            size, at = _varint(data, at)
        elif not size:
            raise ValueError(f"has a field of the unknown wire type {kind}")
        if size > len(data) - at:
            raise ValueError(f"announces {size} bytes where {len(data) - at} are left")
        piece = data[at : at + size]
        yield key >> 3, piece if kind == _SIZED else bytes(piece)
        at += size


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            raise ValueError("ends within a number")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF, at
    raise ValueError("has a number of over ten bytes")


def _sized_value(raw: Raw) -> memoryview:
    if not isinstance(raw, memoryview):
        raise ValueError("has a number where bytes belong")
    return raw


def _text(raw: Raw) -> str:
    if not isinstance(raw, bytes | memoryview):
        raise ValueError("has a number where text belongs")
    return str(raw, "utf-8")
