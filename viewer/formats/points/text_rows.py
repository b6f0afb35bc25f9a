"""Rows of numbers in ASCII text: compiled for large files, with errors that name the line."""

import importlib
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData

LOAD_KERNELS_BYTES = 500_000
"""From this size on, loading the kernels pays for one file."""

MIN_CHUNK_BYTES = 1 << 18
MAX_CHUNKS = 16
_COUNT_BYTES = 1 << 18

_KERNELS = "viewer.formats.points.text_kernels"
_SKIP, _FLOAT32, _FLOAT64, _SIGNED, _UNSIGNED, _LIST = range(6)
_DONE, _HARD, _SHORT, _LONG = range(4)
_NEWLINE = 10
_BLANKS = bytes(range(33)).replace(b"\n", b"")
_TO_SPACE = bytes.maketrans(_BLANKS, b" " * len(_BLANKS))
_VENDOR_NAN = re.compile(rb"[+-]?(1\.?#(QNAN|SNAN|IND)\d*|nan\([a-z0-9]*\))", re.IGNORECASE)
_VENDOR_INF = re.compile(rb"([+-]?)1\.?#INF\d*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TextField:
    """One field of a row: `count` words of a type."""

    name: str
    dtype: np.dtype[Any] | None
    """float32, float64 or an integer type; None when the words are skipped."""
    count: int = 1
    is_list: bool = False
    """The first word says how many more follow; all are skipped."""


def read_rows(
    path: Path,
    text: npt.NDArray[np.uint8],
    start: int,
    row_count: int,
    fields: Sequence[TextField],
    axes: tuple[str, str, str],
) -> tuple[npt.NDArray[Any], dict[str, npt.NDArray[Any]]]:
    """Read `row_count` rows of text from byte `start` on, which follows a newline.

    Blank lines and lines that start with # are no rows; what follows the last row is ignored.

    Parameters
    ----------
    path
        For messages.
    text
        The whole file.
    start, row_count, fields
        Where the rows begin, how many there are and what each holds.
    axes
        The three fields, of one float type, that become positions.

    Returns
    -------
    Contiguous (N, 3) positions, and the other fields that have a type, (N,) or (N, count).

    Raises
    ------
    DamagedData
        Names the line where a row is too short, too long or holds something else than a number,
        or says how many rows are there when they are too few.
    """
    words = sum(1 if field.is_list else field.count for field in fields)
    if row_count * max(2 * words, 1) > len(text) - start + 1:
        raise DamagedData(path, "", f"is too short for {row_count} points")
    table = _Table(row_count, fields, axes)
    if len(text) - start >= LOAD_KERNELS_BYTES or _KERNELS in sys.modules:
        rows = _parse_compiled(path, text, start, table)
    else:
        rows = _parse_plain(path, text, start, table)
    if rows < row_count:
        raise DamagedData(path, "end of the file", f"has {rows} of {row_count} points")
    return table.result()


class _Table:
    """Where each word of a row goes."""

    def __init__(self, rows: int, fields: Sequence[TextField], axes: tuple[str, str, str]) -> None:
        self.rows = rows
        self.fields = fields
        self.dtypes: list[np.dtype[Any]] = []
        """One a word; float64 for words that are skipped."""
        self._axes = axes
        self._axes_kind = next(_kind(field) for field in fields if field.name == axes[0])
        self._slots: dict[str, tuple[int, int]] = {}
        columns: list[tuple[int, int, int]] = []
        used = {_FLOAT32: 0, _FLOAT64: 0, _SIGNED: 0}
        used[self._axes_kind] = 3 * rows
        for field in fields:
            kind = _kind(field)
            words = 1 if field.is_list else field.count
            self.dtypes += [field.dtype or np.dtype(np.float64)] * words
            if field.dtype is None:
                columns += [(kind, 0, 0)] * words
            elif field.name in axes:
                columns.append((kind, axes.index(field.name), 3))
            else:
                store = min(kind, _SIGNED)
                columns += [(kind, used[store] + word, words) for word in range(words)]
                self._slots[field.name] = (store, used[store])
                used[store] += rows * words
        self.columns = np.array(columns, dtype=np.int64).reshape(-1, 3)
        self.singles = np.empty(used[_FLOAT32], dtype=np.float32)
        self.doubles = np.empty(used[_FLOAT64], dtype=np.float64)
        self.whole = np.empty(used[_SIGNED], dtype=np.int64)

    def array_of(self, kind: int) -> npt.NDArray[Any]:
        """Return the array that holds columns of a kind."""
        if kind == _FLOAT32:
            return self.singles
        return self.doubles if kind == _FLOAT64 else self.whole

    def set_exactly(self, row: int, column: int, word: bytes) -> None:
        """Store one word, taking every notation; ValueError when it is no such number."""
        kind, base, step = self.columns[column].tolist()
        if kind in (_SKIP, _LIST):
            raise ValueError("is not the length of a list")
        value = parse_word(word, self.dtypes[column])
        if kind == _UNSIGNED and int(value) > np.iinfo(np.int64).max:
            value = int(value) - 2**64
        self.array_of(kind)[base + row * step] = value

    def result(self) -> tuple[npt.NDArray[Any], dict[str, npt.NDArray[Any]]]:
        """Return (N, 3) positions and the other fields by name, in stored order."""
        xyz = self.array_of(self._axes_kind)[: 3 * self.rows].reshape(self.rows, 3)
        out: dict[str, npt.NDArray[Any]] = {}
        for field in self.fields:
            if field.dtype is None or field.name in self._axes:
                continue
            store, base = self._slots[field.name]
            values = self.array_of(store)[base : base + self.rows * field.count]
            if field.count != 1:
                values = values.reshape(self.rows, field.count)
            out[field.name] = values if store != _SIGNED else values.astype(field.dtype)
        return xyz, out


def _kind(field: TextField) -> int:
    if field.dtype is None:
        return _LIST if field.is_list else _SKIP
    if field.dtype.kind == "f":
        return _FLOAT32 if field.dtype.itemsize == 4 else _FLOAT64
    return _SIGNED if field.dtype.kind == "i" else _UNSIGNED


def parse_word(word: bytes, dtype: np.dtype[Any]) -> float | int:
    """Return a word as a number of a type, correctly rounded; ValueError when it is none.

    Takes what `float` takes, but no underscores, and the nan and inf of older C libraries
    (1.#QNAN, -1.#IND, 1.#INF).
    """
    if b"_" in word:
        raise ValueError("is not a number")
    if dtype.kind == "f":
        if _VENDOR_NAN.fullmatch(word):
            return float("nan")
        if infinite := _VENDOR_INF.fullmatch(word):
            return float(infinite[1] + b"inf")
        try:
            value = float(word)
        except ValueError:
            raise ValueError("is not a number") from None
        return value if dtype.itemsize == 8 else _round_to_single(word, value)
    return _parse_integer(word, dtype)


def _parse_integer(word: bytes, dtype: np.dtype[Any]) -> int:
    try:
        value = int(word) if len(word) < 400 else float(word)
    except ValueError:
        try:
            value = float(word)
        except ValueError:
            raise ValueError("is not a number") from None
    if value != value or value in (float("inf"), float("-inf")) or value != int(value):
        raise ValueError("is not a whole number")
    limits = np.iinfo(dtype)
    if not limits.min <= value <= limits.max:
        raise ValueError(f"does not fit into {dtype.itemsize} bytes")
    return int(value)


def _round_to_single(word: bytes, value: float) -> float:
    """Round a decimal to float32 once, given its float64."""
    with np.errstate(over="ignore", under="ignore"):
        single = np.float32(value)
        if float(single) == value or not np.isfinite(value):
            return float(single)
        towards = np.float32(np.inf if value > float(single) else -np.inf)
        other = np.nextafter(single, towards)
    if not np.isfinite(other) or not np.isfinite(single):
        return float(single)
    if Fraction(float(single)) + Fraction(float(other)) != 2 * Fraction(value):
        return float(single)
    # The float64 lies between two float32: only the decimal itself says which is nearer.
    exact = Fraction(word.decode("ascii"))
    if exact == Fraction(value):
        return float(single)
    upper, lower = max(single, other), min(single, other)
    return float(upper if exact > Fraction(value) else lower)


def _parse_plain(path: Path, text: npt.NDArray[np.uint8], start: int, table: _Table) -> int:
    """Fill the table word by word; return how many rows there were."""
    row = 0
    words_a_row = len(table.columns)
    variable = any(field.is_list for field in table.fields)
    at = start
    for line in text[start:].tobytes().translate(_TO_SPACE).split(b"\n"):
        words = line.split()
        begin, at = at, at + len(line) + 1
        if not words or words[0].startswith(b"#"):
            continue
        if row == table.rows:
            break
        if variable:
            words = _without_lists(path, text, begin, words, table)
        if len(words) != words_a_row:
            raise _row_error(path, text, begin, _LONG if len(words) > words_a_row else _SHORT)
        for column, word in enumerate(words):
            if table.columns[column, 0] not in (_SKIP, _LIST):
                try:
                    table.set_exactly(row, column, word)
                except ValueError as error:
                    raise _word_error(path, text, begin, word, error) from None
        row += 1
    return row


def _without_lists(
    path: Path, text: npt.NDArray[np.uint8], begin: int, words: list[bytes], table: _Table
) -> list[bytes]:
    """Drop what a list's length says belongs to it."""
    kept: list[bytes] = []
    at = 0
    for kind in table.columns[:, 0].tolist():
        if at >= len(words):
            raise _row_error(path, text, begin, _SHORT)
        kept.append(words[at])
        if kind == _LIST:
            try:
                length = parse_word(words[at], np.dtype(np.uint32))
            except ValueError:
                error = ValueError("is not the length of a list")
                raise _word_error(path, text, begin, words[at], error) from None
            if at + int(length) >= len(words):
                raise _row_error(path, text, begin, _SHORT)
            at += int(length)
        at += 1
    return kept + words[at:]


def _parse_compiled(path: Path, text: npt.NDArray[np.uint8], start: int, table: _Table) -> int:
    """Fill the table in parallel chunks; return how many rows there were."""
    kernels = importlib.import_module(_KERNELS)
    bounds = _chunk_bounds(text, start)
    rows = _fill(kernels, path, text, bounds, _count_newlines(text, bounds), table)
    if rows is None:
        counts = [kernels.count_rows(text, *piece) for piece in pairwise(bounds.tolist())]
        rows = _fill(kernels, path, text, bounds, np.array(counts, dtype=np.int64), table)
    return rows or 0


def _fill(
    kernels: ModuleType,
    path: Path,
    text: npt.NDArray[np.uint8],
    bounds: npt.NDArray[np.int64],
    counts: npt.NDArray[np.int64],
    table: _Table,
) -> int | None:
    """Fill the table, chunk i taking counts[i] rows; None when a chunk but the last had fewer."""
    limits = np.minimum(np.cumsum(counts), table.rows)
    states = np.zeros((len(counts), 4), dtype=np.int64)
    states[:, 0] = bounds[:-1]
    states[1:, 1] = limits[:-1]
    highest = np.array(
        [0 if dtype.kind == "f" else np.iinfo(dtype).max for dtype in table.dtypes],
        dtype=np.uint64,
    )
    outputs = (table.columns, highest, table.singles, table.doubles, table.whole)
    while True:
        if len(counts) == 1:
            # Starting threads would take longer than a small file.
            kernels.parse_chunk(text, bounds[1], limits[0], states[0], *outputs)
        else:
            kernels.parse_chunks(text, bounds[1:], limits, states, *outputs)
        if (states[:-1, 3] == _DONE).all() and (states[:-1, 1] < limits[:-1]).any():
            return None
        stopped = np.flatnonzero(states[:, 3] != _DONE)
        if len(stopped) == 0:
            return int(states[-1, 1])
        for chunk in stopped:
            at, row, column, status = states[chunk].tolist()
            if status != _HARD:
                raise _row_error(path, text, at, status)
            word = _word_at(text, at)
            try:
                table.set_exactly(row, column, word)
            except ValueError as error:
                raise _word_error(path, text, at, word, error) from None
            states[chunk] = at + len(word), row, column + 1, _DONE


def _count_newlines(
    text: npt.NDArray[np.uint8], bounds: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Return the lines of each chunk: its rows, unless some are blank or comments."""
    counts = np.zeros(len(bounds) - 1, dtype=np.int64)
    for chunk, (begin, end) in enumerate(pairwise(bounds.tolist())):
        for at in range(begin, end, _COUNT_BYTES):
            piece = text[at : min(at + _COUNT_BYTES, end)]
            counts[chunk] += np.count_nonzero(piece == _NEWLINE)
    counts[-1] += len(text) > bounds[-2] and text[-1] != _NEWLINE
    return counts


def _chunk_bounds(text: npt.NDArray[np.uint8], start: int) -> npt.NDArray[np.int64]:
    """Cut the text behind newlines into at most `MAX_CHUNKS` pieces."""
    size = len(text)
    pieces = int(np.clip((size - start) // MIN_CHUNK_BYTES, 1, MAX_CHUNKS))
    bounds = [start]
    for piece in range(1, pieces):
        at = max(start + (size - start) * piece // pieces, bounds[-1])
        while at < size and text[at - 1] != _NEWLINE:
            ahead = np.flatnonzero(text[at : at + 4096] == _NEWLINE)
            at = at + int(ahead[0]) + 1 if len(ahead) else at + 4096
        if bounds[-1] < at < size:
            bounds.append(at)
    return np.array([*bounds, size], dtype=np.int64)


def _word_at(text: npt.NDArray[np.uint8], at: int) -> bytes:
    window = 64
    while True:
        ends = np.flatnonzero(text[at : at + window] <= 32)
        if len(ends):
            return text[at : at + int(ends[0])].tobytes()
        if at + window >= len(text):
            return text[at:].tobytes()
        window *= 4


def _line_number(text: npt.NDArray[np.uint8], at: int) -> int:
    return int(np.count_nonzero(text[:at] == _NEWLINE)) + 1


def _row_error(path: Path, text: npt.NDArray[np.uint8], at: int, status: int) -> DamagedData:
    problem = "has too few numbers" if status == _SHORT else "has too many numbers"
    return DamagedData(path, f"line {_line_number(text, at)}", problem)


def _word_error(
    path: Path, text: npt.NDArray[np.uint8], at: int, word: bytes, error: ValueError
) -> DamagedData:
    shown = word[:40].decode("ascii", "replace")
    return DamagedData(path, f"line {_line_number(text, at)}", f"{shown!r} {error}")
