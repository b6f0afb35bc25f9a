"""Changing what a workspace defines for everyone: class map, thresholds, reasons."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from viewer.review.change import Change
from viewer.review.datasets.entities import SETTINGS
from viewer.review.ledger import Ledger


@dataclass(frozen=True, slots=True)
class ChangeSetting:
    """Give a setting a value; None takes it back to its default."""

    name: str
    value: Any
    """JSON."""

    kind: ClassVar[str] = "change_setting"

    @property
    def text(self) -> str:
        """What it does."""
        return f"Change {self.name.replace('_', ' ')}"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Make, change or delete the row."""
        row = {"name": self.name, "value": self.value}
        if self.value is None:
            yield from ledger.delete(SETTINGS, SETTINGS.key_of(row))
        else:
            yield from ledger.put(SETTINGS, row)
