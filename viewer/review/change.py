"""One change of one row: what it was, what it is; the inverse is the same thing turned round."""

import json
from dataclasses import dataclass
from typing import NamedTuple

from viewer.review.entity import Entity, Row, to_json


@dataclass(frozen=True, slots=True)
class Change:
    """A row made (`before` is None), deleted (`after` is None) or changed in some columns."""

    entity: Entity
    key: str
    before: Row | None
    after: Row | None

    def __post_init__(self) -> None:
        if self.before is None and self.after is None:
            raise ValueError("a change needs a before or an after")
        if self.before is not None and self.after is not None:
            if self.before.keys() != self.after.keys():
                raise ValueError("before and after of a change must have the same columns")
            self.entity.check(self.before, whole=False)
            self.entity.check(self.after, whole=False)
        for row in (self.before, self.after):
            if row is not None:
                self.entity.check(row, whole=self.before is None or self.after is None)

    @property
    def inverse(self) -> "Change":
        """The change that takes this one back."""
        return Change(self.entity, self.key, self.after, self.before)


@dataclass(frozen=True, slots=True)
class CreatedRows:
    """Rows of one entity that are made at once: much faster than one after the other."""

    changes: tuple[Change, ...]

    def __post_init__(self) -> None:
        if any(each.before is not None for each in self.changes):
            raise ValueError("only rows that are made can be made at once")
        if len({each.entity.name for each in self.changes}) > 1:
            raise ValueError("rows that are made at once are of one entity")


Step = Change | CreatedRows
"""What a command yields."""


class EncodedChange(NamedTuple):
    """A change as the journal stores it."""

    entity: str
    key: str
    before: str | None
    after: str | None


def encode(change: Change) -> EncodedChange:
    """Return the change as text."""
    before, after = (None if row is None else to_json(row) for row in (change.before, change.after))
    return EncodedChange(change.entity.name, change.key, before, after)


def decode(entity: Entity, key: str, before: str | None, after: str | None) -> Change:
    """Return a stored change."""
    rows = [None if text is None else json.loads(text) for text in (before, after)]
    return Change(entity, key, rows[0], rows[1])
