"""The header of a PCD file: which fields a point has, how many points, in what form.

After the Point Cloud Library's description of the format ("The PCD file format"); VERSION is not
needed to read any of them, so none is refused.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData

MAX_HEADER_BYTES = 1 << 16
_KEYS = {
    "VERSION", "FIELDS", "COLUMNS", "SIZE", "TYPE", "COUNT", "WIDTH", "HEIGHT", "VIEWPOINT",
    "POINTS", "DATA",
}  # fmt: skip
_TYPES = {
    ("F", 4): "<f4", ("F", 8): "<f8",
    ("I", 1): "i1", ("I", 2): "<i2", ("I", 4): "<i4", ("I", 8): "<i8",
    ("U", 1): "u1", ("U", 2): "<u2", ("U", 4): "<u4", ("U", 8): "<u8",
}  # fmt: skip
MAX_COUNT = 1 << 20


@dataclass(frozen=True, slots=True)
class PcdField:
    """One field of a point as the header declares it."""

    name: str
    dtype: np.dtype[Any]
    count: int
    offset: int
    """Bytes from the start of a point's record."""

    @property
    def nbytes(self) -> int:
        """Bytes a point."""
        return self.dtype.itemsize * self.count

    @property
    def is_padding(self) -> bool:
        """Whether the bytes mean nothing."""
        return self.name == "_" or self.count == 0


@dataclass(frozen=True, slots=True)
class PcdHeader:
    """What precedes the points."""

    fields: tuple[PcdField, ...]
    point_count: int
    organized_shape: tuple[int, int] | None
    viewpoint: tuple[float, ...] | None
    """tx ty tz qw qx qy qz as written."""
    data: str
    """``ascii``, ``binary`` or ``binary_compressed``."""
    data_start: int
    """First byte after the DATA line."""

    @property
    def stride(self) -> int:
        """Bytes a point."""
        return sum(field.nbytes for field in self.fields)


def read_header(path: Path, content: npt.NDArray[np.uint8]) -> PcdHeader:
    """Parse the header of a file's bytes; `DamagedData` names the line."""
    entries, data_start = _entries(path, content)
    lines = {key: f"line {line}" for key, (line, _) in entries.items()}
    words = {key: value for key, (_, value) in entries.items()}
    if "FIELDS" not in words and "COLUMNS" in words:
        words["FIELDS"], lines["FIELDS"] = words["COLUMNS"], lines["COLUMNS"]
    for key in ("FIELDS", "SIZE", "TYPE"):
        if key not in words:
            raise DamagedData(path, "header", f"has no {key} line")
    fields = _fields(path, words, lines)
    width, height, points = (
        _whole(path, lines[key], words[key][:1]) if key in words else None
        for key in ("WIDTH", "HEIGHT", "POINTS")
    )
    height = 1 if height is None else height
    if points is None:
        if width is None:
            raise DamagedData(path, "header", "has neither POINTS nor WIDTH")
        points = width * height
    shape = None
    if width is not None and width > 1 and height > 1 and width * height == points:
        shape = (height, width)
    form = words["DATA"][0].lower() if words["DATA"] else ""
    if form not in ("ascii", "binary", "binary_compressed"):
        raise DamagedData(path, lines["DATA"], f"DATA {form[:40]!r} is not a form of PCD")
    viewpoint = _viewpoint(words.get("VIEWPOINT"))
    return PcdHeader(fields, points, shape, viewpoint, form, data_start)


def _entries(
    path: Path, content: npt.NDArray[np.uint8]
) -> tuple[dict[str, tuple[int, list[str]]], int]:
    """Return {key: (line number, words)} and where the data starts."""
    head = content[:MAX_HEADER_BYTES].tobytes()
    entries: dict[str, tuple[int, list[str]]] = {}
    at = 0
    number = 0
    while at < len(head):
        end = head.find(b"\n", at)
        if end < 0:
            end = len(head)
        number += 1
        words = head[at:end].decode("latin-1").split()
        at = end + 1
        if not words or words[0].startswith("#"):
            continue
        key = words[0].upper()
        if key not in _KEYS:
            raise DamagedData(path, f"line {number}", f"{words[0][:40]!r} is no PCD header entry")
        if key in entries:
            raise DamagedData(path, f"line {number}", f"{key} is given twice")
        entries[key] = (number, words[1:])
        if key == "DATA":
            return entries, min(at, len(content))
    raise DamagedData(path, "header", "has no DATA line")


def _whole(path: Path, place: str, words: list[str]) -> int:
    """Parse one non-negative integer."""
    word = words[0] if words else ""
    if not (word.isascii() and word.isdigit() and len(word) <= 18):
        raise DamagedData(path, place, f"{word[:40]!r} is not a count")
    return int(word)


def _fields(path: Path, words: dict[str, list[str]], lines: dict[str, str]) -> tuple[PcdField, ...]:
    names = words["FIELDS"]
    counts = words.get("COUNT", ["1"] * len(names))
    for key, values in (("SIZE", words["SIZE"]), ("TYPE", words["TYPE"]), ("COUNT", counts)):
        if len(values) != len(names):
            place = lines.get(key, "header")
            raise DamagedData(
                path, place, f"{key} has {len(values)} entries for {len(names)} fields"
            )
    fields: list[PcdField] = []
    taken: set[str] = set()
    offset = 0
    for name, size, kind, count in zip(names, words["SIZE"], words["TYPE"], counts, strict=True):
        bytes_each = _whole(path, lines["SIZE"], [size])
        dtype = _TYPES.get((kind.upper(), bytes_each))
        if dtype is None:
            problem = f"field {name[:40]!r} has TYPE {kind[:8]} SIZE {bytes_each}, which PCD lacks"
            raise DamagedData(path, lines["TYPE"], problem)
        repeat = _whole(path, lines.get("COUNT", ""), [count])
        if repeat > MAX_COUNT:
            raise DamagedData(path, lines["COUNT"], f"COUNT {repeat} of {name[:40]!r} is absurd")
        unique = name if name == "_" else _unique(name, taken)
        taken.add(unique)
        fields.append(PcdField(unique, np.dtype(dtype), repeat, offset))
        offset += fields[-1].nbytes
    return tuple(fields)


def _unique(name: str, taken: set[str]) -> str:
    """Return the name, with a number when an earlier field has it."""
    number = 2
    unique = name
    while unique in taken:
        unique = f"{name}_{number}"
        number += 1
    return unique


def _viewpoint(words: list[str] | None) -> tuple[float, ...] | None:
    """Return seven finite numbers, or None: a cloud is not refused for its VIEWPOINT."""
    if words is None or len(words) != 7:
        return None
    try:
        numbers = tuple(float(word) for word in words)
    except ValueError:
        return None
    return numbers if np.isfinite(numbers).all() else None
