"""JSON Lines files of unknown origin: streamed, each row known by its byte range."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from viewer.formats.base import DamagedData
from viewer.formats.json_rows import JsonFile
from viewer.formats.problem_log import ProblemLog
from viewer.progress import report_progress

MAX_ROW_BYTES = 64 * 1024 * 1024
MAX_ROWS = 3_000_000
"""Of one file: readers keep some hundred bytes of each."""
MAX_LINES = 20_000_000
REPORTED_ROWS = 1024
_SKIP_BYTES = 1024 * 1024
_BUFFER_BYTES = 1024 * 1024
_BOM = b"\xef\xbb\xbf"


class RowPlace(NamedTuple):
    """Where one row stands."""

    path: Path
    number: int
    """Line counted from 1, or position in the file's array counted from 0."""
    offset: int
    length: int
    in_array: bool = False

    @property
    def place(self) -> str:
        """For people."""
        return f"$[{self.number}]" if self.in_array else f"line {self.number}"


def read_rows(path: Path, problems: ProblemLog) -> Iterator[tuple[RowPlace, bytes]]:
    """Yield the rows of a file: its lines, the elements of its array, or the file as one row.

    Files whose name ends in ``.json`` may be an array or one object over many lines. A row over
    `MAX_ROW_BYTES` is noted and left out. Raises `DamagedData` when the file cannot be read.
    """
    for count, found in enumerate(_all_rows(path, problems)):
        if count == MAX_ROWS:
            problem = f"the file has more than {MAX_ROWS} rows; the rest is left out"
            problems.add(path, found[0].place, problem)
            return
        yield found


def _all_rows(path: Path, problems: ProblemLog) -> Iterator[tuple[RowPlace, bytes]]:
    if path.suffix.lower() == ".json":
        file = JsonFile(path)
        if file.opens_with(b"["):
            yield from _array_rows(file, problems)
            return
        if not _first_line_is_whole(path):
            size = len(file.data)
            if size > MAX_ROW_BYTES:
                raise DamagedData(path, "", f"is one row of more than {MAX_ROW_BYTES} bytes")
            data = file.piece(0, size)
            start = len(_BOM) if data.startswith(_BOM) else 0
            yield RowPlace(path, 1, start, size - start), data[start:]
            return
    yield from read_lines(path, problems)


def read_lines(path: Path, problems: ProblemLog) -> Iterator[tuple[RowPlace, bytes]]:
    """Yield every line that holds something; a line over `MAX_ROW_BYTES` is noted and left out.

    Raises `DamagedData` when the file cannot be read.
    """
    offset = 0
    number = 0
    try:
        with path.open("rb", buffering=_BUFFER_BYTES) as file:
            size = path.stat().st_size
            while line := file.readline(MAX_ROW_BYTES + 1):
                number += 1
                if number > MAX_LINES:
                    problem = f"the file has more than {MAX_LINES} lines; the rest is left out"
                    problems.add(path, f"line {number}", problem)
                    return
                if number % REPORTED_ROWS == 0:
                    report_progress(offset, size, f"Reading {path.name}")
                row = RowPlace(path, number, offset, len(line))
                offset += len(line)
                if len(line) > MAX_ROW_BYTES:
                    ended = line.endswith(b"\n")
                    while not ended and (rest := file.readline(_SKIP_BYTES)):
                        offset += len(rest)
                        ended = rest.endswith(b"\n")
                    problem = f"is longer than {MAX_ROW_BYTES} bytes; it is left out"
                    problems.add(path, row.place, problem)
                    continue
                if number == 1 and line.startswith(_BOM):
                    line = line[len(_BOM) :]
                    row = row._replace(offset=len(_BOM), length=len(line))
                if line.strip():
                    yield row, line
    except FileNotFoundError:
        raise DamagedData(path, "", "the file is missing") from None
    except OSError as error:
        raise DamagedData(path, "", f"cannot be read: {error.strerror or error}") from None


def _array_rows(file: JsonFile, problems: ProblemLog) -> Iterator[tuple[RowPlace, bytes]]:
    number = 0
    try:
        for starts, ends in file.array_elements():
            for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
                row = RowPlace(file.path, number, start, end - start, in_array=True)
                number += 1
                if end - start > MAX_ROW_BYTES:
                    problem = f"is longer than {MAX_ROW_BYTES} bytes; it is left out"
                    problems.add(file.path, row.place, problem)
                else:
                    yield row, file.piece(start, end)
    except DamagedData as damage:
        problems.add_damage(damage)


def _first_line_is_whole(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            line = file.readline(MAX_ROW_BYTES + 1)
            more = file.read(1)
    except OSError:
        return False
    try:
        msgspec.json.decode(line.removeprefix(_BOM))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return bool(more)


def read_row(row: RowPlace) -> bytes:
    """Return the bytes of one row again; `DamagedData` when the file is shorter now."""
    try:
        # Each row is read once, a buffer would only be filled and thrown away.
        with row.path.open("rb", buffering=0) as file:
            file.seek(row.offset)
            data = file.read(row.length)
    except OSError as error:
        raise DamagedData(
            row.path, row.place, f"cannot be read: {error.strerror or error}"
        ) from None
    if len(data) < row.length:
        raise DamagedData(row.path, row.place, "the file was cut off since it was opened")
    return data


def decode_row(data: bytes | memoryview, row: RowPlace) -> Any:  # noqa: ANN401 - any JSON
    """Decode a row as plain objects; `DamagedData` with file and line when it is not JSON."""
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DamagedData(row.path, row.place, f"is not valid JSON ({error})") from None
