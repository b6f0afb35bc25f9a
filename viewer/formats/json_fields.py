"""Chosen fields of many JSON objects as columns; see `json_field_kernels` for what they may be."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

NUMBER, STRING, BOOLEAN, OBJECT, STOP = range(5)
Places = npt.NDArray[np.int64]
SPLIT_ROWS = 2048
"""So many objects and more are read by two threads."""
_ROWS_AT_ONCE = 1024
_BYTES_A_ROW = 256
_EVERY, _SAME = 1, 4
_FEW = 20
_BYTES_A_STRING = 64
_SHORT_ROW_BYTES = 160


class FieldTable:
    """Which fields to take; keys are dotted paths, values their kind.

    Numbers and booleans share the columns of `Columns.numbers`, strings and stops those of
    `Columns.spans`, each in the order given.
    """

    def __init__(self, fields: Mapping[str, int]) -> None:
        nodes = {"": 0}
        rows: list[tuple[int, int, int, int, int]] = []
        names = bytearray()
        self.number_names = [k for k, kind in fields.items() if kind in (NUMBER, BOOLEAN)]
        self.string_names = [k for k, kind in fields.items() if kind in (STRING, STOP)]
        for path, kind in fields.items():
            parts = path.split(".")
            for depth in range(1, len(parts)):
                parent = ".".join(parts[:depth])
                if parent not in nodes:
                    nodes[parent] = len(nodes)
                    key = parts[depth - 1].encode()
                    above = nodes[".".join(parts[: depth - 1])]
                    rows.append((above, len(names), len(key), OBJECT, nodes[parent]))
                    names += key
            key = parts[-1].encode()
            own = self.number_names if kind in (NUMBER, BOOLEAN) else self.string_names
            above = nodes[".".join(parts[:-1])]
            rows.append((above, len(names), len(key), kind, own.index(path)))
            names += key
        self.names = np.frombuffer(bytes(names), dtype=np.uint8)
        self.table = np.array(rows, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Columns:
    """Fields of N objects."""

    data: npt.NDArray[np.uint8]
    numbers: npt.NDArray[np.float64]
    """(N, F); NaN where a field is missing or null, 1 and 0 for true and false."""
    spans: Places
    """(N, S, 2) bytes of each string; -1 where a field is missing or null."""
    hashes: npt.NDArray[np.uint64]
    """(N, S)."""

    def __len__(self) -> int:
        return len(self.numbers)

    def select(self, rows: npt.NDArray[Any]) -> "Columns":
        """Return some rows, by index array or mask."""
        return Columns(self.data, self.numbers[rows], self.spans[rows], self.hashes[rows])

    def part(self, rows: slice) -> "Columns":
        """Return rows that follow each other, without a copy."""
        return Columns(self.data, self.numbers[rows], self.spans[rows], self.hashes[rows])

    @cached_property
    def _facts(self) -> list[int]:
        """Bits for each column of strings."""
        from viewer.formats.json_field_kernels import span_facts

        facts = np.zeros(self.spans.shape[1], dtype=np.uint8)
        if len(self):
            span_facts(self.data, self.spans, facts)
        found: list[int] = facts.tolist()
        return found

    def strings(self, column: int) -> list[str | None]:
        """Return a column of strings, None where there is none."""
        from viewer.formats.json_field_kernels import join_strings

        facts = self._facts
        if not facts[column]:
            return [None] * len(self)
        if facts[column] & _SAME:
            return [self.single(column)] * len(self)
        if not facts[column] & _EVERY:
            named = np.flatnonzero(self.spans[:, column, 0] >= 0)
            found: list[str | None] = [None] * len(self)
            for row, text in zip(named.tolist(), self.select(named).strings(column), strict=True):
                found[row] = text
            return found
        joined = np.empty(len(self) * _BYTES_A_STRING, dtype=np.uint8)
        size = join_strings(self.data, self.spans, column, joined)
        if size > len(joined):
            joined = np.empty(size, dtype=np.uint8)
            join_strings(self.data, self.spans, column, joined)
        # No string holds a line feed: one that does is not plain.
        return [*joined[:size].tobytes().decode("utf-8").split("\n")]

    def single(self, column: int) -> str | None:
        """Return the string that all rows have in common; None when there is none."""
        if not self._facts[column] & _SAME:
            return None
        start, end = self.spans[0, column].tolist()
        return self.data[start:end].tobytes().decode("utf-8")

    def has_any(self, column: int) -> bool:
        """Say whether a row has a string in this column."""
        return self._facts[column] != 0

    def groups(self, column: int) -> tuple[list[str | None], npt.NDArray[np.int64]]:
        """Return the different strings of a column, and for each row which of them it has."""
        from viewer.formats.json_field_kernels import are_same

        _, firsts, which = np.unique(self.hashes[:, column], return_index=True, return_inverse=True)
        starts = np.ascontiguousarray(self.spans[:, column, 0])
        ends = np.ascontiguousarray(self.spans[:, column, 1])
        if not are_same(self.data, starts, ends, firsts[which]):
            known: dict[str | None, int] = {}
            found = [known.setdefault(name, len(known)) for name in self.strings(column)]
            return list(known), np.array(found, dtype=np.int64)
        if len(firsts) * _FEW > len(self):
            return self.select(firsts).strings(column), which.astype(np.int64)
        pairs = self.spans[firsts, column].tolist()
        found_few = [self.data[s:e].tobytes().decode() if s >= 0 else None for s, e in pairs]
        return found_few, which.astype(np.int64)


def columns_of_objects(
    data: npt.NDArray[np.uint8], starts: Places, ends: Places, fields: FieldTable
) -> tuple[Columns, npt.NDArray[np.bool_]]:
    """Return the fields of objects at known places, and (N,) which of the objects are plain."""
    from viewer.formats.json_field_kernels import PLAIN, extract_objects

    numbers, spans, hashes = _empty(len(starts), fields)
    states = np.empty(len(starts), dtype=np.uint8)

    def extract(first: int, last: int) -> None:
        rows = slice(first, last)
        own = numbers[rows], spans[rows], hashes[rows], states[rows]
        extract_objects(data, starts[rows], ends[rows], fields.names, fields.table, *own)

    if len(starts) < SPLIT_ROWS:
        extract(0, len(starts))
    else:
        middle = len(starts) // 2
        second = threading.Thread(target=extract, args=(middle, len(starts)), daemon=True)
        second.start()
        extract(0, middle)
        second.join()
    return Columns(data, numbers, spans, hashes), states == PLAIN


def columns_of_array(data: npt.NDArray[np.uint8], begin: int, fields: FieldTable) -> Columns | None:
    """Return the fields of all objects of the array at a byte; None when one is not plain."""
    from viewer.formats.json_field_kernels import ENDED, MORE, extract_array

    if begin >= len(data) or data[begin] != ord("["):
        return None
    pieces: list[tuple[Any, ...]] = []
    at, state = begin + 1, MORE
    while state == MORE:
        # Room for many more rows than there are costs more than a second round.
        room = (len(data) - at) // _BYTES_A_ROW + 1
        numbers, spans, hashes = _empty(min(room, _ROWS_AT_ONCE), fields)
        count, at, state = extract_array(
            data, at, fields.names, fields.table, numbers, spans, hashes
        )
        pieces.append((numbers[:count], spans[:count], hashes[:count]))
    if state != ENDED:
        return None
    if len(pieces) == 1:
        return Columns(data, *pieces[0])
    return Columns(data, *(np.concatenate(column) for column in zip(*pieces, strict=True)))


def columns_of_arrays(
    data: npt.NDArray[np.uint8], begins: Places, ends: Places, fields: FieldTable
) -> list[Columns | None]:
    """Return what `columns_of_array` does for each array at a byte, all before their ends.

    None also for arrays of objects so short that there is no room for all.
    """
    from viewer.formats.json_field_kernels import extract_arrays

    opened = (begins >= 0) & (data[begins] == ord("["))
    inner = np.where(opened, begins + 1, -1)
    found: list[list[Columns | None]] = [[], []]

    def extract(half: int, first: int, last: int) -> None:
        own = slice(first, last)
        lengths = np.where(opened[own], ends[own] - begins[own], 0)
        room = int(lengths.sum()) // _SHORT_ROW_BYTES + 1
        columns = _empty(room, fields)
        counts = np.empty(last - first, dtype=np.int64)
        extract_arrays(data, inner[own], ends[own], fields.names, fields.table, *columns, counts)
        row = 0
        for count in counts.tolist():
            rows = slice(row, row + max(count, 0))
            pieces = [column[rows] for column in columns]
            found[half].append(Columns(data, *pieces) if count >= 0 else None)  # type: ignore[arg-type]
            row = rows.stop

    middle = len(begins) // 2
    second = threading.Thread(target=extract, args=(1, middle, len(begins)), daemon=True)
    second.start()
    extract(0, 0, middle)
    second.join()
    return found[0] + found[1]


def joined(parts: Sequence[Columns]) -> Columns:
    """Return the rows of parts of the same bytes, one after the other."""
    return Columns(
        parts[0].data,
        np.concatenate([part.numbers for part in parts]),
        np.concatenate([part.spans for part in parts]),
        np.concatenate([part.hashes for part in parts]),
    )


def _empty(
    count: int, fields: FieldTable
) -> tuple[npt.NDArray[np.float64], Places, npt.NDArray[np.uint64]]:
    width = len(fields.string_names)
    return (
        np.empty((count, len(fields.number_names))),
        np.empty((count, width, 2), dtype=np.int64),
        np.empty((count, width), dtype=np.uint64),
    )
