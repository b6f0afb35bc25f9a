"""Reading which conflicts there are."""

from dataclasses import dataclass

from viewer.review.conflicts.entities import MERGE_CONFLICTS
from viewer.review.conflicts.model import ConflictKind
from viewer.review.entities import entity_named
from viewer.review.entity import Row
from viewer.review.ledger import Reading
from viewer.review.merge.fields import spoken_value
from viewer.review.subject import Subject


@dataclass(frozen=True, slots=True)
class ConflictSide:
    """What one of two people did."""

    reviewer: str
    time_ns: int
    """UTC since 1970."""
    text: str
    """Of the command."""
    values: Row | None
    """By column; None where the row was deleted."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two people said different things; the later one's holds until somebody resolves it."""

    conflict_id: str
    kind: ConflictKind
    entity: str
    row_key: str
    subject: Subject | None
    """What it is about, where that is a label, track, frame or scene."""
    first: ConflictSide
    second: ConflictSide
    resolution: str | None
    """``first``, ``second`` or ``other``; None while it is open."""

    @property
    def text(self) -> str:
        """For people, e.g. ``verdicts: state rejected or accepted (label 18 in street / 42)``."""
        about = f" ({self.subject.text})" if self.subject else ""
        kind = self.entity.replace("_", " ")
        if self.kind is ConflictKind.DELETED:
            return f"{kind}: deleted or changed{about}"
        one, other = self.first.values or {}, self.second.values or {}
        columns = [name for name in one if one[name] != other.get(name) and name not in _UNTOLD]
        said = "; ".join(
            f"{name.replace('_', ' ')} {self._words(name, one)} or {self._words(name, other)}"
            for name in columns
        )
        return f"{kind}: {said}{about}"

    def _words(self, name: str, values: Row) -> str:
        return _words(spoken_value(self.entity, name, values.get(name)))


_UNTOLD = frozenset({"reviewer", "time_ns", "snapshot_hash"})
"""Columns that the two sides tell better, or nobody reads."""


def _words(value: object) -> str:
    """Return a value as people say it."""
    if value is None or value in ("", []):
        return "none"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def conflicts(reading: Reading, *, only_open: bool = True) -> list[Conflict]:
    """Return the conflicts of merges, in no order that means anything but always the same."""
    where = "WHERE resolution IS NULL ORDER BY key" if only_open else "ORDER BY key"
    return [_conflict(reading, row) for row in reading.rows(MERGE_CONFLICTS, where)]


def count_open_conflicts(reading: Reading) -> int:
    """Return how many conflicts nobody resolved."""
    sql = f"SELECT count(*) FROM {MERGE_CONFLICTS.name} WHERE resolution IS NULL"
    return int(reading.query(sql)[0][0])


def _conflict(reading: Reading, row: Row) -> Conflict:
    return Conflict(
        row["key"], ConflictKind(row["kind"]), row["entity"], row["row_key"],
        _subject(reading, row),
        _side(reading, row["first_command"], row["first_values"]),
        _side(reading, row["second_command"], row["second_values"]),
        row["resolution"],
    )  # fmt: skip


def _side(reading: Reading, command_id: str, values: Row | None) -> ConflictSide:
    found = reading.query(
        "SELECT reviewer, time_ns, text FROM commands WHERE command_id = ?",
        (bytes.fromhex(command_id),),
    )
    reviewer, time_ns, text = found[0]
    return ConflictSide(reviewer, time_ns, text, values)


def _subject(reading: Reading, row: Row) -> Subject | None:
    about = reading.row(entity_named(row["entity"]), row["row_key"]) or {}
    values = (about, row["first_values"] or {}, row["second_values"] or {})
    keys = (each[name] for each in values for name in ("subject", "frame") if each.get(name))
    key = next(keys, None)
    return None if key is None else reading.subject(key)
