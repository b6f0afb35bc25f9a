"""The contract of a command: the only way to change a workspace."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from viewer.review.change import Step
from viewer.review.ledger import Ledger


class Command(Protocol):
    """What a reviewer does, as a frozen value. A new one is listed in `catalog.py`."""

    kind: ClassVar[str]
    """Stable name in the journal, e.g. ``set_verdict``."""

    @property
    def text(self) -> str:
        """What it does, for menus and the journal, e.g. ``Reject label 18``."""
        ...

    def changes(self, ledger: Ledger) -> Iterable[Step]:
        """Yield the changes of rows; each is made before the next is asked for.

        Raises
        ------
        CommandRefused
            When it makes no sense now; nothing is changed then.
        """
        ...


@dataclass(frozen=True, slots=True)
class Batch:
    """Several commands that are one step for undo."""

    text: str
    commands: Sequence[Command]

    kind: ClassVar[str] = "batch"

    def changes(self, ledger: Ledger) -> Iterable[Step]:
        """Yield the changes of all commands, in their order."""
        for command in self.commands:
            yield from command.changes(ledger)
