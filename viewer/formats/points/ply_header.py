"""The header of a PLY file: elements and their properties."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData

MAX_HEADER_BYTES = 1 << 18
MAX_PROPERTIES = 4096
_TYPES = {
    "char": "i1", "int8": "i1", "uchar": "u1", "uint8": "u1", "bool": "u1",
    "short": "i2", "int16": "i2", "ushort": "u2", "uint16": "u2",
    "int": "i4", "int32": "i4", "uint": "u4", "uint32": "u4",
    "long": "i8", "int64": "i8", "ulong": "u8", "uint64": "u8",
    "float": "f4", "float32": "f4", "double": "f8", "float64": "f8",
}  # fmt: skip
_FORMATS = {"ascii": "", "binary_little_endian": "<", "binary_big_endian": ">"}


@dataclass(frozen=True, slots=True)
class PlyProperty:
    """One property of an element; a list has the type of its length too."""

    name: str
    dtype: np.dtype[Any]
    length_dtype: np.dtype[Any] | None = None


@dataclass(frozen=True, slots=True)
class PlyElement:
    """One table of the file."""

    name: str
    count: int
    properties: tuple[PlyProperty, ...]

    @property
    def has_list(self) -> bool:
        """Whether rows differ in length."""
        return any(item.length_dtype is not None for item in self.properties)


@dataclass(frozen=True, slots=True)
class PlyHeader:
    """What precedes the data."""

    byte_order: str
    """``<``, ``>``, or empty for ASCII."""
    elements: tuple[PlyElement, ...]
    data_start: int


def read_header(path: Path, content: npt.NDArray[np.uint8]) -> PlyHeader:
    """Parse the header of a file's bytes; `DamagedData` names the line."""
    head = content[:MAX_HEADER_BYTES].tobytes()
    if head[:3] != b"ply" or not head[3:4].isspace():
        raise DamagedData(path, "line 1", "is not PLY: the first line is not 'ply'")
    form: str | None = None
    elements: list[tuple[str, int, list[PlyProperty]]] = []
    at, number, properties = 0, 0, 0
    while at < len(head):
        end = head.find(b"\n", at)
        end = len(head) if end < 0 else end
        words = head[at:end].decode("latin-1").split()
        at, number = end + 1, number + 1
        place = f"line {number}"
        match words:
            case [] | ["ply"] | ["comment", *_] | ["obj_info", *_]:
                continue
            case ["format", name, *_]:
                form = _known(path, place, _FORMATS, name)
            case ["element", name, count] if count.isascii() and count.isdigit():
                elements.append((name, _count(path, place, count), []))
            case ["property", *rest] if elements and properties < MAX_PROPERTIES:
                elements[-1][2].append(_property(path, place, rest, elements[-1][2]))
                properties += 1
            case ["end_header", *_]:
                if form is None:
                    raise DamagedData(path, place, "the header has no format line")
                made = tuple(PlyElement(name, count, tuple(p)) for name, count, p in elements)
                return PlyHeader(form, _in_order(made, form), min(at, len(content)))
            case _:
                shown = " ".join(words)[:60]
                raise DamagedData(path, place, f"{shown!r} does not belong into a PLY header")
    raise DamagedData(path, "header", "has no end_header line")


def _known(path: Path, place: str, table: dict[str, str], word: str) -> str:
    if word not in table:
        raise DamagedData(path, place, f"{word[:40]!r} is not known to PLY")
    return table[word]


def _count(path: Path, place: str, word: str) -> int:
    if len(word) > 18:
        raise DamagedData(path, place, f"{word[:40]} rows are absurd")
    return int(word)


def _property(path: Path, place: str, words: list[str], taken: list[PlyProperty]) -> PlyProperty:
    match words:
        case ["list", length, kind, name]:
            length_dtype: np.dtype[Any] | None = np.dtype(_known(path, place, _TYPES, length))
            if _TYPES[length].startswith("f"):
                raise DamagedData(path, place, "the length of a list cannot be a float")
            dtype = np.dtype(_known(path, place, _TYPES, kind))
        case [kind, name] if kind != "list":
            length_dtype = None
            dtype = np.dtype(_known(path, place, _TYPES, kind))
        case _:
            raise DamagedData(path, place, "is not a property line")
    names = {item.name for item in taken}
    unique = name
    number = 2
    while unique in names:
        unique = f"{name}_{number}"
        number += 1
    return PlyProperty(unique, dtype, length_dtype)


def _in_order(elements: tuple[PlyElement, ...], order: str) -> tuple[PlyElement, ...]:
    """Give every type the file's byte order."""
    if not order:
        return elements
    return tuple(
        PlyElement(
            element.name,
            element.count,
            tuple(
                PlyProperty(
                    item.name,
                    item.dtype.newbyteorder(order),  # type: ignore[arg-type]
                    item.length_dtype and item.length_dtype.newbyteorder(order),  # type: ignore[arg-type]
                )
                for item in element.properties
            ),
        )
        for element in elements
    )
