"""Writing down who reviews."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from viewer.review.change import Change
from viewer.review.datasets.entities import REVIEWERS
from viewer.review.ledger import Ledger
from viewer.review.reviewer import Reviewer


@dataclass(frozen=True, slots=True)
class Introduce:
    """Write down a reviewer, or their new e-mail. It is no step of undo."""

    reviewer: Reviewer

    kind: ClassVar[str] = "introduce"

    @property
    def text(self) -> str:
        """What it does."""
        return f"Reviewer {self.reviewer.name}"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Make or change the row."""
        row = {"name": self.reviewer.name, "email": self.reviewer.email or None}
        yield from ledger.put(REVIEWERS, row)
