"""Why a verdict was given: a list that each workspace defines."""

from typing import Final

from viewer.review.datasets.entities import SETTINGS
from viewer.review.ledger import Reading

SETTING: Final = "verdict_reasons"
DEFAULT_REASONS: Final[tuple[str, ...]] = (
    "wrong class",
    "loose box",
    "tight box",
    "wrong position",
    "bad heading",
    "wrong attribute",
    "missing object",
    "duplicate",
    "not an object",
    "id switch",
    "other",
)


def verdict_reasons(reading: Reading) -> tuple[str, ...]:
    """Return the reasons that this workspace knows, in the order in which they are offered."""
    row = reading.row(SETTINGS, SETTING)
    return DEFAULT_REASONS if row is None else tuple(row["value"])


def problem_with_reasons(reasons: tuple[str, ...]) -> str | None:
    """Say why a list of reasons cannot be used; None where it can."""
    if any(not reason.strip() or reason != reason.strip() for reason in reasons):
        return "a reason needs a name, without spaces around it"
    names = [reason.casefold() for reason in reasons]
    doubled = next((name for name in names if names.count(name) > 1), None)
    return f"“{doubled}” is there twice" if doubled else None
