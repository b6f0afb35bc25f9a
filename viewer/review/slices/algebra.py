"""Set algebra of slices."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from enum import StrEnum


class Operation(StrEnum):
    """What is made of several slices."""

    UNION = "union"
    """In any of them."""
    INTERSECTION = "intersection"
    """In all of them."""
    DIFFERENCE = "difference"
    """In the first and in none of the others."""


def combine(operation: Operation, slices: Sequence[AbstractSet[str]]) -> frozenset[str]:
    """Return the members of the combination; ValueError for no slices.

    Examples
    --------
    >>> sorted(combine(Operation.DIFFERENCE, [{"a", "b", "c"}, {"b"}, {"c", "d"}]))
    ['a']
    """
    if not slices:
        raise ValueError("an operation on slices needs one at least")
    first, *others = (frozenset(each) for each in slices)
    match operation:
        case Operation.UNION:
            return first.union(*others)
        case Operation.INTERSECTION:
            return first.intersection(*others)
        case Operation.DIFFERENCE:
            return first.difference(*others)
