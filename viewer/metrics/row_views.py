"""Columns of values that are costly to copy: parts one after the other, and chosen rows of them."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Any, Generic, TypeVar, overload

import numpy as np
import numpy.typing as npt

T = TypeVar("T")


class Chained(Sequence[T], Generic[T]):
    """Sequences one after the other; nothing of them is read before it is asked for."""

    def __init__(self, parts: Sequence[Sequence[T]]) -> None:
        self._parts = [part for part in parts if len(part)]
        ends = np.cumsum([len(part) for part in self._parts], dtype=np.int64)
        self._starts: list[int] = [0, *ends.tolist()]

    def __len__(self) -> int:
        return self._starts[-1]

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        if isinstance(index, slice):
            return Selected(self, np.arange(len(self))[index])
        row = index + len(self) if index < 0 else index
        if not 0 <= row < len(self):
            raise IndexError(index)
        part = bisect_right(self._starts, row) - 1
        return self._parts[part][row - self._starts[part]]

    def __iter__(self) -> Iterator[T]:
        for part in self._parts:
            yield from part


class Selected(Sequence[T], Generic[T]):
    """Chosen rows of a sequence."""

    def __init__(self, whole: Sequence[T], rows: npt.NDArray[np.int64]) -> None:
        self._whole = whole
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        if isinstance(index, slice):
            return Selected(self._whole, self._rows[index])
        return self._whole[int(self._rows[index])]

    def of(self, rows: npt.NDArray[np.int64]) -> "Selected[T]":
        """Return rows of these rows."""
        return Selected(self._whole, self._rows[rows])


def selected(column: Any, rows: npt.NDArray[np.int64]) -> Any:  # noqa: ANN401 - kind in, kind out
    """Return rows of an array, list or other sequence; only arrays and plain lists are copied."""
    if isinstance(column, np.ndarray):
        return column[rows]
    if isinstance(column, Selected):
        return column.of(rows)
    if isinstance(column, list | tuple):
        return [column[row] for row in rows.tolist()]
    return Selected(column, rows)
