"""What decisions of a workspace are about, whichever part of it made them."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from viewer.review.entities import ENTITIES
from viewer.review.entity import Column, Entity
from viewer.review.ledger import Reading
from viewer.review.subject import Subject
from viewer.review.subject_rows import SubjectRow

SNAPSHOT_COLUMNS = ("snapshot_hash", "base")
"""Where rows about a label keep how it was; of these names the first that a table has."""


@dataclass(slots=True)
class Decided:
    """One subject with what was decided about it."""

    row: SubjectRow
    counts: dict[str, int] = field(default_factory=dict)
    """Rows by table."""
    snapshot_hashes: list[str] = field(default_factory=list)
    """How it was when these were made, without repeats."""

    @property
    def subject(self) -> Subject:
        """What it is about."""
        return self.row.subject


def subject_columns(entity: Entity) -> list[str]:
    """Columns that hold one subject each."""
    return [name for name, kind in entity.columns.items() if kind is Column.SUBJECT]


def subject_list_columns(entity: Entity) -> list[str]:
    """Columns that hold lists of subjects."""
    return [name for name, kind in entity.columns.items() if kind is Column.SUBJECTS]


def snapshot_column(entity: Entity) -> str | None:
    """Column with the snapshot of the subject's label."""
    return next((name for name in SNAPSHOT_COLUMNS if name in entity.columns), None)


def decided_subjects(reading: Reading, dataset_id: str) -> dict[str, Decided]:
    """Return what was decided about a dataset and its parts, by subject key."""
    found: dict[str, Decided] = {}
    for entity in ENTITIES:
        for sql in _selects(entity):
            for values in reading.query(sql, (dataset_id,)):
                key, snapshot_hash = values[0], values[8]
                decided = found.get(key)
                if decided is None:
                    decided = found[key] = Decided(SubjectRow(*values[:8]))
                decided.counts[entity.name] = decided.counts.get(entity.name, 0) + 1
                if snapshot_hash is not None and snapshot_hash not in decided.snapshot_hashes:
                    decided.snapshot_hashes.append(snapshot_hash)
    return found


def _selects(entity: Entity) -> Iterator[str]:
    names = "s.key, s.kind, s.dataset_id, s.scene_id, s.frame_key, s.label_set_id, s.label_id,"
    names += " s.track_id"
    snapshot = snapshot_column(entity)
    kept = "NULL" if snapshot is None else f"e.{snapshot}"
    for column in subject_columns(entity):
        yield (
            f"SELECT {names}, {kept} FROM {entity.name} e"
            f" CROSS JOIN subjects s ON s.key = e.{column} WHERE s.dataset_id = ?"
        )
    for column in subject_list_columns(entity):
        yield (
            f"SELECT {names}, NULL FROM {entity.name} e, json_each(e.{column}) m"
            " CROSS JOIN subjects s ON s.key = m.value WHERE s.dataset_id = ?"
        )
