"""What may be set on a protocol: the value it has of its own, and which others are allowed."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

Check = Callable[[Any], Any]
"""Gives the value as a JSON value, or raises ValueError saying what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that can be set."""

    default: Any
    check: Check
    meaning: str
    """For people, in a few words, with the unit."""


def read_settings(known: Mapping[str, Setting], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the value of every setting, those given checked.

    Raises
    ------
    ValueError
        A setting is unknown or out of bounds; it names all that there are.

    Examples
    --------
    >>> read_settings({"range_m": Setting(50.0, number(0, 500), "farthest label")}, {})
    {'range_m': 50.0}
    """
    for name in given:
        if name not in known:
            raise ValueError(f"there is no setting {name!r}, only {', '.join(known) or 'none'}")
    values = {}
    for name, setting in known.items():
        try:
            values[name] = setting.check(given.get(name, setting.default))
        except ValueError as error:
            raise ValueError(f"setting {name!r}: {error}") from None
    return values


def number(low: float, high: float) -> Check:
    """A number from `low` to `high`, both included."""

    def check(value: Any) -> float:  # noqa: ANN401 - what a person wrote
        if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
            raise ValueError(f"{value!r} is not a number")
        if not low <= value <= high:
            raise ValueError(f"{value} is not from {low} to {high}")
        return float(value)

    return check


def whole_number(low: int, high: int) -> Check:
    """A whole number from `low` to `high`, both included."""
    as_number = number(low, high)

    def check(value: Any) -> int:  # noqa: ANN401 - what a person wrote
        if as_number(value) != int(value):
            raise ValueError(f"{value} is not a whole number")
        return int(value)

    return check


def flag(value: Any) -> bool:  # noqa: ANN401 - what a person wrote
    """Yes or no."""
    if not isinstance(value, bool):
        raise ValueError(f"{value!r} is neither true nor false")
    return value


def one_of(*choices: str) -> Check:
    """One of some words."""

    def check(value: Any) -> str:  # noqa: ANN401 - what a person wrote
        if value not in choices:
            raise ValueError(f"{value!r} is none of {', '.join(choices)}")
        return str(value)

    return check


def list_of(check_each: Check, *, length: int | None = None, ascending: bool = False) -> Check:
    """A list of values, each checked; of a fixed length, or any but none."""

    def check(value: Any) -> list[Any]:  # noqa: ANN401 - what a person wrote
        if not isinstance(value, list | tuple):
            raise ValueError(f"{value!r} is not a list")
        if (length is not None and len(value) != length) or not value:
            raise ValueError(f"{len(value)} values instead of {length or 'one or more'}")
        values = [check_each(each) for each in value]
        if ascending and any(b <= a for a, b in pairwise(values)):
            raise ValueError("the values do not ascend")
        return values

    return check


def by_name(check_each: Check) -> Check:
    """Values by name, each checked."""

    def check(value: Any) -> dict[str, Any]:  # noqa: ANN401 - what a person wrote
        if not isinstance(value, Mapping):
            raise ValueError(f"{value!r} does not give values by name")
        return {name_of(key): check_each(each) for key, each in value.items()}

    return check


def name_of(value: Any) -> str:  # noqa: ANN401 - what a person wrote
    """A name that is not empty."""
    if not isinstance(value, str) or not value:
        raise ValueError(f"{value!r} is not a name")
    return value


def optional(check_given: Check) -> Check:
    """None, for what the protocol finds out itself, or a value that is checked."""

    def check(value: Any) -> Any:  # noqa: ANN401 - what a person wrote
        return None if value is None else check_given(value)

    return check
