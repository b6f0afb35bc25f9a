"""Where two files say different things about the same row."""

import hashlib
from dataclasses import dataclass

from viewer.review.conflicts.entities import MERGE_CONFLICTS
from viewer.review.conflicts.model import ConflictKind
from viewer.review.datasets.entities import DATASETS, DELIVERIES, REVIEWERS
from viewer.review.entity import Row, to_json
from viewer.review.merge.history import Deed, History, columns_changed
from viewer.review.queues.entities import QUEUE_DONE

FACTS = frozenset(
    {DATASETS.name, DELIVERIES.name, REVIEWERS.name, QUEUE_DONE.name, MERGE_CONFLICTS.name}
)
"""Rows in which nobody decides anything: where a dataset lies differs on every machine, and an item
that two people worked on is done."""


@dataclass(frozen=True, slots=True)
class Side:
    """What one file says."""

    time_ns: int
    command_id: bytes
    """The newest command that says it."""
    key: str
    values: Row | None
    """Values by column; None where the row is deleted."""

    @property
    def order(self) -> tuple[int, bytes, str]:
        """The same from whichever file one looks."""
        return self.time_ns, self.command_id, self.key


@dataclass(frozen=True, slots=True)
class FoundConflict:
    """Two sides, the earlier one first."""

    kind: ConflictKind
    entity: str
    first: Side
    second: Side

    @property
    def key(self) -> str:
        """32 hex digits; the same whoever merges."""
        said = [
            [side.command_id.hex(), side.key, side.values] for side in (self.first, self.second)
        ]
        content = to_json([str(self.kind), self.entity, said])
        return hashlib.blake2b(content.encode(), digest_size=16).hexdigest()

    @property
    def row(self) -> Row:
        """The row to be listed."""
        return {
            "kind": str(self.kind), "entity": self.entity, "row_key": self.first.key,
            "first_values": self.first.values, "first_command": self.first.command_id.hex(),
            "second_key": self.second.key, "second_values": self.second.values,
            "second_command": self.second.command_id.hex(),
            "resolution": None, "resolved_by": None, "resolved_ns": None,
        }  # fmt: skip


def conflict(kind: ConflictKind, entity: str, one: Side, other: Side) -> FoundConflict:
    """Put the earlier side first."""
    first, second = sorted((one, other), key=lambda side: side.order)
    return FoundConflict(kind, entity, first, second)


def conflict_in(history: History) -> FoundConflict | None:
    """Return the conflict about a row that both files changed since they parted."""
    mine, theirs = history.base_only, history.other_only
    if not mine or not theirs or history.entity in FACTS:
        return None
    in_base, in_other = history.state_in_base(), history.state_in_other()
    before, after = history.state_before(), history.folded().state
    if in_base is None and in_other is None:
        return None
    if in_base is None or in_other is None:
        if after is None and before in (in_base, in_other):
            # Done and undone there, so that the deletion meets nothing.
            return None
        return conflict(
            ConflictKind.DELETED,
            history.entity,
            said_by(history, mine[-1], in_base),
            said_by(history, theirs[-1], in_other),
        )
    names = {
        name
        for name in columns_changed(mine) & columns_changed(theirs)
        if in_base[name] != in_other[name]
        and not _has_prevailed(name, before, after, in_base, in_other)
    }
    # The time of a decision is no decision.
    if all(name.endswith("_ns") for name in names):
        return None
    return conflict(
        ConflictKind.CHANGED,
        history.entity,
        said_by(history, _newest(mine, names), {name: in_base[name] for name in sorted(names)}),
        said_by(history, _newest(theirs, names), {name: in_other[name] for name in sorted(names)}),
    )


def _has_prevailed(name: str, before: Row | None, after: Row | None, *sides: Row) -> bool:
    """Whether one side only did and undid something, and the other one's value holds."""
    if before is None or after is None:
        return False
    changed = [side[name] for side in sides if side[name] != before[name]]
    return len(changed) == 1 and changed[0] == after[name]


def said_by(history: History, deed: Deed, values: Row | None) -> Side:
    """Return one side of a conflict."""
    return Side(deed.time_ns, deed.command_id, history.key, values)


def _newest(deeds: tuple[Deed, ...], names: set[str]) -> Deed:
    return next(
        deed for deed in reversed(deeds) if deed.original[1] and names & deed.original[1].keys()
    )
