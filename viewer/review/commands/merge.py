"""Resolving what two merged files say differently."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from viewer.review.change import Change
from viewer.review.conflicts.entities import MERGE_CONFLICTS
from viewer.review.conflicts.model import Choice, ConflictKind
from viewer.review.entities import entity_named
from viewer.review.entity import Entity, Row
from viewer.review.errors import CommandRefused
from viewer.review.ledger import Ledger
from viewer.review.merge.third_value import checked_values
from viewer.review.verdicts.entities import VERDICTS


@dataclass(frozen=True, slots=True)
class ResolveConflict:
    """Say what holds; what a choice does not bring stays in the journal.

    Of two reviewers' verdicts both stay: who resolves gives the chosen one as their own, and as the
    newest it counts.
    """

    conflict_id: str
    choice: Choice
    values: Row | None = None
    """For `Choice.OTHER`: values by column, None to have the row deleted.

    What was typed is made a value by `merge.third_value.third_values`."""

    kind: ClassVar[str] = "resolve_conflict"

    @property
    def text(self) -> str:
        """What it does."""
        return "Resolve a conflict of merging"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Change the row that the conflict is about, and the conflict."""
        row = ledger.row(MERGE_CONFLICTS, self.conflict_id)
        if row is None:
            raise CommandRefused("there is no such conflict")
        values = self.values
        if self.choice is not Choice.OTHER:
            values = row["first_values" if self.choice is Choice.FIRST else "second_values"]
        elif values is not None:
            values = checked_values(ledger, row, values)
        if row["kind"] == ConflictKind.VERDICTS:
            yield from self._judge(ledger, row, values)
        else:
            yield from self._give(ledger, row, values)
        resolved = {
            "resolution": str(self.choice), "resolved_by": ledger.reviewer.name,
            "resolved_ns": ledger.now_ns,
        }  # fmt: skip
        yield from ledger.update(MERGE_CONFLICTS, self.conflict_id, resolved)

    def _give(self, ledger: Ledger, row: Row, values: Row | None) -> Iterable[Change]:
        entity, key = entity_named(row["entity"]), row["row_key"]
        if values is None:
            return ledger.delete(entity, key)
        _refuse_wrong(entity, values, whole=False)
        if ledger.row(entity, key) is not None:
            return ledger.update(entity, key, values)
        if row["kind"] == ConflictKind.CHANGED:
            raise CommandRefused("what both changed was deleted since")
        _refuse_wrong(entity, values, whole=True)
        return [ledger.create(entity, values, key)]

    def _judge(self, ledger: Ledger, row: Row, values: Row | None) -> Iterable[Change]:
        about = ledger.row(VERDICTS, row["row_key"]) or ledger.row(VERDICTS, row["second_key"])
        if about is None:
            raise CommandRefused("both verdicts were taken back")
        if values is None:
            return []
        chosen = {
            **about, **values, "reviewer": ledger.reviewer.name, "time_ns": ledger.now_ns,
        }  # fmt: skip
        _refuse_wrong(VERDICTS, chosen, whole=True)
        return ledger.put(VERDICTS, chosen)


def _refuse_wrong(entity: Entity, values: Row, *, whole: bool) -> None:
    try:
        entity.check(values, whole=whole)
    except ValueError as error:
        raise CommandRefused(f"these values do not fit: {error}") from error
