"""Who gets how many: equal parts or percentages, by largest remainder."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Share:
    """A reviewer's part of the work."""

    reviewer: str
    percent: float | None = None
    """None for all means equal parts."""


def equal_shares(*reviewers: str) -> tuple[Share, ...]:
    """Return equal parts."""
    return tuple(Share(reviewer) for reviewer in reviewers)


def split(count: int, shares: Sequence[Share]) -> list[tuple[str, int]]:
    """Return how many of `count` each reviewer gets, in the order of the shares.

    Each gets their exact part rounded down; what is left goes to the largest remainders, of equal
    ones to those who are named first.

    Raises
    ------
    ValueError
        When nobody or someone is named twice, some percentages are missing, one is out of range,
        or they do not total 100.

    Examples
    --------
    >>> split(10, equal_shares("ann", "bob", "eve"))
    [('ann', 4), ('bob', 3), ('eve', 3)]
    >>> split(10, [Share("ann", 33.3), Share("bob", 66.7)])
    [('ann', 3), ('bob', 7)]
    """
    names = [share.reviewer for share in shares]
    if not names or not all(names):
        raise ValueError("name the reviewers who share the work")
    if len(set(names)) != len(names):
        raise ValueError("a reviewer is named twice")
    parts = [count * part for part in _parts(shares)]
    sizes = [int(part) for part in parts]
    by_remainder = sorted(range(len(parts)), key=lambda place: (sizes[place] - parts[place], place))
    for place in by_remainder[: count - sum(sizes)]:
        sizes[place] += 1
    return list(zip(names, sizes, strict=True))


def _parts(shares: Sequence[Share]) -> list[Fraction]:
    percents = [share.percent for share in shares]
    told = [percent for percent in percents if percent is not None]
    if not told:
        return [Fraction(1, len(shares))] * len(shares)
    if len(told) != len(percents):
        raise ValueError("give every reviewer a percentage, or none")
    if not all(0 <= percent <= 100 for percent in told):
        raise ValueError("percentages go from 0 to 100")
    # As written in decimals: thirds of one digit each are 99.9, not almost 100.
    exact = [Fraction(str(percent)) for percent in told]
    if sum(exact) != 100:
        raise ValueError(f"the percentages total {float(sum(exact)):g}, not 100")
    return [each / 100 for each in exact]
