"""What happened to one row in two files, in the order in which everyone puts it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from viewer.review.entity import Row
from viewer.review.fold import Folded, Step, fold


@dataclass(frozen=True, slots=True)
class Deed:
    """One change of the row."""

    seq: int
    position: int
    command_id: bytes
    time_ns: int
    in_base: bool
    in_other: bool
    original: Step
    """As its maker saw it."""
    stored: Step
    """As the merged journal has it so far."""
    keeps_original: bool
    """Whether the merged journal has the original beside what it stored."""


@dataclass(frozen=True, slots=True)
class History:
    """All changes of a row, oldest first."""

    entity: str
    key: str
    deeds: tuple[Deed, ...]

    def folded(self, *, keep: bool = False) -> Folded:
        """Return what becomes of the row when both files' changes are made."""
        return fold([deed.original for deed in self.deeds], keep=keep)

    @property
    def base_only(self) -> tuple[Deed, ...]:
        """What the other file does not know."""
        return tuple(deed for deed in self.deeds if not deed.in_other)

    @property
    def other_only(self) -> tuple[Deed, ...]:
        """What the base does not know."""
        return tuple(deed for deed in self.deeds if not deed.in_base)

    def state_before(self) -> Row | None:
        """Return the row as both files had it when they parted."""
        return fold([deed.original for deed in self.deeds if deed.in_base and deed.in_other]).state

    def state_in_base(self) -> Row | None:
        """Return the row as the base alone has it."""
        return fold([deed.original for deed in self.deeds if deed.in_base]).state

    def state_in_other(self) -> Row | None:
        """Return the row as the other file alone has it."""
        return fold([deed.original for deed in self.deeds if deed.in_other]).state


def columns_changed(deeds: Sequence[Deed]) -> set[str]:
    """Return the columns that changes gave values; of a deletion none."""
    return {name for deed in deeds for name in deed.original[1] or {}}


def row_of(text: str | None) -> Row | None:
    """Return a row as the journal stores it."""
    if text is None:
        return None
    row: Row = json.loads(text)
    return row
