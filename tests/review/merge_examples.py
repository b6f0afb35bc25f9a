"""Examples of the commands about merging."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from viewer.review import Workspace
from viewer.review.change import Change
from viewer.review.commands.base import Command
from viewer.review.commands.merge import ResolveConflict
from viewer.review.commands.settings import ChangeSetting
from viewer.review.conflicts.entities import MERGE_CONFLICTS
from viewer.review.conflicts.model import Choice
from viewer.review.ledger import Ledger

CONFLICT = "c" * 32


@dataclass(frozen=True)
class HaveConflict:
    """What a merge writes down."""

    text = "Merge, 1 conflict"
    kind: ClassVar[str] = "merge"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Make the row."""
        row = {
            "kind": "changed", "entity": "settings", "row_key": "disputed",
            "first_values": {"value": 1}, "first_command": "1" * 32,
            "second_key": "disputed", "second_values": {"value": 2}, "second_command": "2" * 32,
            "resolution": None, "resolved_by": None, "resolved_ns": None,
        }  # fmt: skip
        yield ledger.create(MERGE_CONFLICTS, row, CONFLICT)


def prepare(workspace: Workspace) -> None:
    """What the examples need to be there."""
    workspace.run(ChangeSetting("disputed", 2))
    workspace.run(HaveConflict())


EXAMPLES: Mapping[type[Any], Callable[[], Command]] = {
    ResolveConflict: lambda: ResolveConflict(CONFLICT, Choice.FIRST),
}
