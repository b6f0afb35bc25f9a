"""How a slice was made: a JSON record, and the sentence that people read."""

from collections.abc import Mapping, Sequence
from typing import Any

Provenance = Mapping[str, Any]
"""JSON with ``by``, and what belongs to it; see the makers."""


def by_hand() -> Provenance:
    """Return that someone picked the members."""
    return {"by": "hand"}


def by_query(query: str) -> Provenance:
    """Return that the members are what a query found."""
    return {"by": "query", "query": query}


def by_sample(of: str, count: int, seed: int, strata: str = "") -> Provenance:
    """Return that the members were drawn.

    Parameters
    ----------
    of
        What they were drawn from, for people.
    strata
        What was kept in proportion, e.g. ``class``; empty for a plain sample.
    """
    return {"by": "sample", "of": of, "count": count, "seed": seed, "strata": strata}


def by_algebra(operation: str, slices: Sequence[tuple[str, str]]) -> Provenance:
    """Return that the members were computed from slices, given by id and name."""
    named = [{"id": slice_id, "name": name} for slice_id, name in slices]
    return {"by": "algebra", "operation": operation, "slices": named}


def by_import(source: str) -> Provenance:
    """Return that the members came from a file."""
    return {"by": "import", "source": source}


def by_split(split_name: str, seed: int, share: float) -> Provenance:
    """Return that the members are one part of a split."""
    return {"by": "split", "split": split_name, "seed": seed, "share": share}


_JOINERS = {"union": " ∪ ", "intersection": " ∩ ", "difference": " − "}


def describe(how: Provenance) -> str:
    """Return it for people.

    Examples
    --------
    >>> describe(by_sample("cars", 100, 7, "class"))
    '100 of cars, by class, seed 7'
    >>> describe(by_algebra("difference", [("a", "night"), ("b", "rain")]))
    'night − rain'
    """
    match how.get("by"):
        case "query":
            return f"query {how['query']}"
        case "sample":
            strata = f", by {how['strata']}" if how.get("strata") else ""
            return f"{how['count']:,} of {how['of']}{strata}, seed {how['seed']}"
        case "algebra":
            names = [each["name"] for each in how["slices"]]
            return _JOINERS.get(how["operation"], ", ").join(names)
        case "import":
            return f"from {how['source']}"
        case "split":
            return f"{how['share'] * 100:g} % of split {how['split']}, seed {how['seed']}"
        case "hand":
            return "by hand"
        case other:
            return str(other or "unknown")
