"""Large JSON files row by row: only the rows in hand are ever decoded.

A table of nuScenes is one array of objects, up to gigabytes long; a result file one object whose
``results`` has an entry a sample. The bytes stay mapped, rows are known by their byte range.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Generic, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.points.mapped_file import map_file
from viewer.formats.problem_log import ProblemLog
from viewer.progress import report_progress

Row = TypeVar("Row")
ROWS_AT_ONCE = 4096
MAX_ELEMENTS = 32_000_000
"""Of one list or object: their places alone take 16 bytes each."""
MAX_DAMAGED_ROWS = 100_000
"""A table with more rows that do not fit is not read on: each costs as much time as a sound one."""
MAX_ROW_BYTES = 64 * 1024 * 1024
TOO_DAMAGED = f"{MAX_DAMAGED_ROWS} rows do not fit; the rest is not read"
_BLANK = re.compile(rb"[ \t\r\n]*")
_KEY = re.compile(rb'\s*("(?:[^"\\]|\\.)*")\s*:\s*')
_NO_NUMBER = re.compile(rb"\b(?:NaN|-?Infinity)\b")


class JsonFile:
    """The mapped bytes of a file whose top level is an array or an object."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.data: npt.NDArray[np.uint8] = map_file(path)
        self._view: memoryview = self.data.data
        self._rows_begin = self._skip(3 if bytes(self._view[:3]) == b"\xef\xbb\xbf" else 0)

    def piece(self, start: int, end: int) -> bytes:
        """Copy of a byte range."""
        return bytes(self._view[start:end])

    def view(self, start: int, end: int) -> memoryview:
        """Return a byte range as it is mapped."""
        return self._view[start:end]

    def opens_with(self, bracket: bytes, begin: int | None = None) -> bool:
        """Say whether the value at a byte, else the top level, opens with this bracket."""
        at = self._rows_begin if begin is None else begin
        return self.piece(at, at + 1) == bracket

    def array_elements(
        self, begin: int | None = None
    ) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
        """Yield (starts, ends) of the elements of the array at a byte, else the top level's."""
        return self._elements(self.array_begin(begin))

    def array_begin(self, begin: int | None = None) -> int:
        """Return the byte after the bracket that opens the array at a byte, else the top level."""
        at = self._rows_begin if begin is None else begin
        if self.piece(at, at + 1) != b"[":
            place = "" if begin is None else f"byte {begin}"
            raise DamagedData(self.path, place, "is not a JSON array of rows")
        return at + 1

    def object_entries(self, begin: int | None = None) -> Iterator[tuple[str, int, int]]:
        """Yield (key, start, end) of the values of the object at a byte, else the top level."""
        at = self._rows_begin if begin is None else begin
        if self.piece(at, at + 1) != b"{":
            raise DamagedData(self.path, f"byte {at}", "is not a JSON object")
        for starts, ends in self._elements(at + 1):
            for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
                key = _KEY.match(self._view, start, end)
                if key is None:
                    raise DamagedData(self.path, f"byte {start}", "is not a key and a value")
                try:
                    name = msgspec.json.decode(key[1], type=str)
                except (msgspec.DecodeError, UnicodeDecodeError):
                    raise DamagedData(self.path, f"byte {start}", "is not a key") from None
                yield name, key.end(), end

    def _elements(
        self, position: int
    ) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
        starts, ends = np.empty((2, ROWS_AT_ONCE), dtype=np.int64)
        from viewer.formats.json_row_kernels import CUT_OFF, MORE, find_elements

        state, total = MORE, 0
        while state == MORE:
            count, position, state = find_elements(self.data, position, starts, ends)
            report_progress(position, len(self.data), f"Reading {self.path.name}")
            total += count
            if total > MAX_ELEMENTS:
                problem = f"holds more than {MAX_ELEMENTS} rows; the rest is left out"
                raise DamagedData(self.path, f"byte {position}", problem)
            yield starts[:count].copy(), ends[:count].copy()
        if state == CUT_OFF:
            raise DamagedData(self.path, f"byte {position}", "the file ends before its last row")

    def _skip(self, at: int) -> int:
        blank = _BLANK.match(self._view, at)
        return at if blank is None else blank.end()


class RowDecoder(Generic[Row]):
    """Decodes rows of one kind."""

    def __init__(self, row: type[Row]) -> None:
        self._one = msgspec.json.Decoder(row)
        self._many = msgspec.json.Decoder(list[row])  # type: ignore[valid-type]

    def one(self, file: JsonFile, start: int, end: int, place: str) -> Row:
        """Decode one row, NaN read as null; `DamagedData` at the place when it does not fit."""
        if end - start > MAX_ROW_BYTES:
            raise DamagedData(file.path, place, f"is longer than {MAX_ROW_BYTES} bytes")
        try:
            # What stays undecoded in the row is a part of the mapped file then, not a copy.
            return self._one.decode(file.view(start, end))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            data = file.piece(start, end)
            cleaned = _NO_NUMBER.sub(b"null", data)
            if cleaned == data:
                raise DamagedData(file.path, place, _told(error)) from None
        try:
            return self._one.decode(cleaned)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise DamagedData(file.path, place, _told(error)) from None

    def many(
        self, file: JsonFile, starts: npt.NDArray[np.int64], ends: npt.NDArray[np.int64]
    ) -> list[Row] | None:
        """Decode neighbouring rows at once; None when one of them does not fit."""
        if not len(starts) or ends[-1] - starts[0] > MAX_ROW_BYTES:
            return None
        data = b"[" + file.piece(int(starts[0]), int(ends[-1])) + b"]"
        try:
            rows: list[Row] = self._many.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        return rows if len(rows) == len(starts) else None


def read_rows(
    file: JsonFile, row: type[Row], problems: ProblemLog
) -> Iterator[tuple[int, int, Row]]:
    """Yield (start, end, row) of a table; a row that does not fit is noted and left out.

    A file that is cut off gives the rows before the cut, and a problem.
    """
    decoder = RowDecoder(row)
    index = damaged = 0
    try:
        for starts, ends in file.array_elements():
            rows = decoder.many(file, starts, ends)
            spans = list(zip(starts.tolist(), ends.tolist(), strict=True))
            if rows is not None:
                yield from ((*span, each) for span, each in zip(spans, rows, strict=True))
            else:
                for offset, (start, end) in enumerate(spans):
                    try:
                        yield start, end, decoder.one(file, start, end, f"$[{index + offset}]")
                    except DamagedData as damage:
                        problems.add(file.path, damage.place, f"{damage.problem}; it is left out")
                        damaged += 1
                        if damaged == MAX_DAMAGED_ROWS:
                            problems.add(file.path, damage.place, TOO_DAMAGED)
                            return
            index += len(spans)
    except DamagedData as damage:
        problems.add_damage(damage)


def _told(error: Exception) -> str:
    if isinstance(error, msgspec.ValidationError):
        problem, _, place = str(error).partition(" - at `")
        return f"{problem} ({place.rstrip('`')})" if place else problem
    return f"is not valid JSON ({error})"
