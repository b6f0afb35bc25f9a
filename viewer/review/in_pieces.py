"""A million values without stopping every other thread: Python lets go only between small steps."""

from collections.abc import Iterable
from heapq import merge
from typing import Any, TypeVar

PIECE = 20_000
Sortable = TypeVar("Sortable", str, bytes)


def sorted_in_pieces(values: Iterable[Sortable]) -> list[Sortable]:
    """Return the values in their order.

    Examples
    --------
    >>> sorted_in_pieces(["b", "a"])
    ['a', 'b']
    """
    found = list(values)
    if len(found) <= PIECE:
        return sorted(found)
    pieces = [sorted(found[start : start + PIECE]) for start in range(0, len(found), PIECE)]
    return list(merge(*pieces))


def let_go(*lists: list[Any]) -> None:
    """Empty lists whose values are not needed any more."""
    for each in lists:
        while each:
            del each[-PIECE:]
