"""Changing classes and thresholds for everyone who works with the workspace."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from viewer.review.change import Change
from viewer.review.datasets.class_map import CLASS, THRESHOLD, problem_with_class
from viewer.review.datasets.entities import SETTINGS
from viewer.review.errors import CommandRefused
from viewer.review.ledger import Ledger


@dataclass(frozen=True, slots=True)
class ChangeClassEntry:
    """Say something of a class: fields of `ClassEntry` but its name; it may be a new class."""

    class_name: str
    values: Mapping[str, Any] | None
    """None takes back all that the workspace says of the class."""

    kind: ClassVar[str] = "change_class_entry"

    @property
    def text(self) -> str:
        """What it does."""
        return f"{'Reset' if self.values is None else 'Change'} class {self.class_name}"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Make, change or delete the setting."""
        if not self.class_name:
            raise CommandRefused("a class needs a name")
        key = CLASS + self.class_name
        if self.values is None:
            yield from ledger.delete(SETTINGS, key)
            return
        problem = problem_with_class(self.values)
        if problem is not None:
            raise CommandRefused(problem)
        present = ledger.row(SETTINGS, key)
        given = {name: list(value) if isinstance(value, tuple) else value
                 for name, value in self.values.items()}  # fmt: skip
        value = dict((present or {}).get("value") or {}) | given
        yield from ledger.put(SETTINGS, {"name": key, "value": value})


@dataclass(frozen=True, slots=True)
class ChangeThreshold:
    """Give a threshold, e.g. of the score from which predictions count, a value."""

    name: str
    value: float | None
    """None takes it back to its default."""

    kind: ClassVar[str] = "change_threshold"

    @property
    def text(self) -> str:
        """What it does."""
        told = self.name.replace("_", " ")
        return f"Reset threshold {told}" if self.value is None else (
            f"Change threshold {told} to {self.value:g}"
        )  # fmt: skip

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Make, change or delete the setting."""
        if not self.name:
            raise CommandRefused("a threshold needs a name")
        if self.value is None:
            yield from ledger.delete(SETTINGS, THRESHOLD + self.name)
        elif not math.isfinite(self.value):
            raise CommandRefused("a threshold is a finite number")
        else:
            row = {"name": THRESHOLD + self.name, "value": float(self.value)}
            yield from ledger.put(SETTINGS, row)
