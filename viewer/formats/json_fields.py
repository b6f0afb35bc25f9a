"""Chosen fields of many JSON objects as columns; see `json_field_kernels` for what they may be."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

NUMBER, STRING, BOOLEAN, OBJECT, STOP = range(5)
Places = npt.NDArray[np.int64]
_ROWS_AT_ONCE = 1024
_BYTES_A_ROW = 256
_EVERY, _SAME = 1, 4
_FEW = 20


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

    @cached_property
    def _facts(self) -> tuple[list[int], int, int]:
        """Bits for each column of strings, and the first and last byte of all strings."""
        from viewer.formats.json_field_kernels import span_facts

        facts = np.zeros(self.spans.shape[1], dtype=np.uint8)
        first, last = span_facts(self.data, self.spans, facts) if len(self) else (0, 0)
        return facts.tolist(), first, last

    @cached_property
    def _text(self) -> tuple[bytes, str | None]:
        """All bytes from the first string to the last, and the same as text if ASCII."""
        _, first, last = self._facts
        piece = self.data[first:last].tobytes()
        return piece, piece.decode("ascii") if piece.isascii() else None

    def strings(self, column: int) -> list[str | None]:
        """Return a column of strings, None where there is none."""
        facts, first, _ = self._facts
        if not facts[column]:
            return [None] * len(self)
        if facts[column] & _SAME:
            return [self.single(column)] * len(self)
        piece, text = self._text
        spans = (self.spans[:, column] - first).T
        pairs = zip(spans[0].tolist(), spans[1].tolist(), strict=True)
        if text is None:
            return [piece[s:e].decode("utf-8") if s >= 0 else None for s, e in pairs]
        if facts[column] & _EVERY:
            return [text[start:end] for start, end in pairs]
        return [text[start:end] if start >= 0 else None for start, end in pairs]

    def single(self, column: int) -> str | None:
        """Return the string that all rows have in common; None when there is none."""
        if not self._facts[0][column] & _SAME:
            return None
        start, end = self.spans[0, column].tolist()
        return self.data[start:end].tobytes().decode("utf-8")

    def has_any(self, column: int) -> bool:
        """Say whether a row has a string in this column."""
        return self._facts[0][column] != 0

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
    extract_objects(data, starts, ends, fields.names, fields.table, numbers, spans, hashes, states)
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


def _empty(
    count: int, fields: FieldTable
) -> tuple[npt.NDArray[np.float64], Places, npt.NDArray[np.uint64]]:
    width = len(fields.string_names)
    return (
        np.empty((count, len(fields.number_names))),
        np.empty((count, width, 2), dtype=np.int64),
        np.empty((count, width), dtype=np.uint64),
    )
