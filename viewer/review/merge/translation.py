"""Calling datasets and subjects by other names, wherever a workspace names them."""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from viewer.review.conflicts.entities import MERGE_CONFLICTS
from viewer.review.datasets.entities import DATASETS
from viewer.review.entities import ENTITIES, entity_named
from viewer.review.entity import Column, Entity, Row, to_json
from viewer.review.merge.history import row_of
from viewer.review.slices.entities import SLICE_MEMBERS
from viewer.review.subject_rows import SubjectRow, subject_row

Place = tuple[str, str]
"""Entity and key of a row."""
NAMING = (Column.SUBJECT, Column.SUBJECTS, Column.DATASET)


@dataclass(frozen=True, slots=True)
class Translation:
    """New names by old ones."""

    datasets: Mapping[str, str]
    subjects: Mapping[str, str]

    def value(self, column: Column, value: object) -> object:
        """Return what a column of a kind holds then."""
        match column, value:
            case Column.SUBJECT, str():
                return self.subjects.get(value, value)
            case Column.SUBJECTS, list():
                return [self.subjects.get(each, each) for each in value]
            case Column.DATASET, str():
                return self.datasets.get(value, value)
            case _:
                return value

    def key(self, entity: Entity, key: str) -> str:
        """Return a row's key."""
        if entity is DATASETS:
            return self.datasets.get(key, key)
        columns = [entity.columns[name] for name in entity.key_from]
        if not any(column in NAMING for column in columns):
            return key
        parts = [key] if len(columns) == 1 else json.loads(key)
        parts = [self.value(column, part) for column, part in zip(columns, parts, strict=True)]
        return str(parts[0]) if len(parts) == 1 else to_json(parts)

    def row(self, entity: Entity, row: Row | None) -> Row | None:
        """Return a row or some columns of one."""
        if row is None:
            return None
        if entity is MERGE_CONFLICTS:
            return self._conflict(row)
        renamed = {name: self.value(entity.columns[name], value) for name, value in row.items()}
        if entity is SLICE_MEMBERS and "members" in renamed:
            # Their order means nothing but is promised to rise.
            renamed["members"] = sorted(self.subjects.get(each, each) for each in row["members"])
        return renamed

    def _conflict(self, row: Row) -> Row:
        if "entity" not in row:
            return row
        about = entity_named(row["entity"])
        return row | {
            "row_key": self.key(about, row["row_key"]),
            "second_key": self.key(about, row["second_key"]),
            "first_values": self.row(about, row["first_values"]),
            "second_values": self.row(about, row["second_values"]),
        }


def translate(connection: sqlite3.Connection, datasets: Mapping[str, str]) -> set[Place]:
    """Rename datasets in the journal and the subjects of a workspace's copy.

    Rows that are called otherwise then are deleted: whoever merges makes them from the journal.

    Returns
    -------
    The rows (entity, new key) that have another key or content now.
    """
    if not datasets:
        return set()
    old_subjects, new_subjects = _renamed_subjects(connection, datasets)
    keys = {old.key: new.key for old, new in zip(old_subjects, new_subjects, strict=True)}
    renamings = [
        renaming
        for entity in ENTITIES
        if _names_anything(entity)
        for renaming in _renamings(connection, entity, Translation(datasets, keys))
    ]
    # While the subjects still have their names: what counts rows looks them up.
    for renaming in reversed(renamings):
        connection.execute(f"DELETE FROM {renaming.entity.name} WHERE key = ?", (renaming.old_key,))
    connection.executemany(
        "DELETE FROM subjects WHERE key = ?", ((subject.key,) for subject in old_subjects)
    )
    marks = ", ".join("?" * len(SubjectRow._fields))
    connection.executemany(f"INSERT OR IGNORE INTO subjects VALUES ({marks})", new_subjects)
    for renaming in renamings:
        renaming.write(connection)
    return {(renaming.entity.name, renaming.new_key) for renaming in renamings}


def _names_anything(entity: Entity) -> bool:
    return entity in (DATASETS, MERGE_CONFLICTS) or any(
        column in NAMING for column in entity.columns.values()
    )


def _renamed_subjects(
    connection: sqlite3.Connection, datasets: Mapping[str, str]
) -> tuple[list[SubjectRow], list[SubjectRow]]:
    columns = ", ".join(SubjectRow._fields)
    old = [
        SubjectRow(*values)
        for old_id in datasets
        for values in connection.execute(
            f"SELECT {columns} FROM subjects WHERE dataset_id = ?", (old_id,)
        )
    ]
    return old, [
        subject_row(replace(row.subject, dataset_id=datasets[row.dataset_id])) for row in old
    ]


@dataclass(frozen=True, slots=True)
class _Renaming:
    """A change in the journal and what it is called then."""

    entity: Entity
    old_key: str
    new_key: str
    seq: int
    position: int
    stored: tuple[str | None, str | None]
    original: tuple[str | None, str | None] | None

    def write(self, connection: sqlite3.Connection) -> None:
        place = (self.seq, self.position)
        connection.execute(
            "UPDATE changes SET key = ?, before = ?, after = ? WHERE seq = ? AND position = ?",
            (self.new_key, *self.stored, *place),
        )
        if self.original is not None:
            connection.execute(
                "UPDATE original_changes SET before = ?, after = ? WHERE seq = ? AND position = ?",
                (*self.original, *place),
            )


def _renamings(
    connection: sqlite3.Connection, entity: Entity, translation: Translation
) -> Iterator[_Renaming]:
    """Yield the changes of an entity that are called otherwise."""
    found = connection.execute(
        "SELECT seq, position, key, h.before, h.after, o.seq, o.before, o.after FROM changes h"
        " LEFT JOIN original_changes o USING (seq, position) WHERE h.entity = ?",
        (entity.name,),
    )

    def renamed(texts: Sequence[str | None]) -> tuple[str | None, str | None]:
        before, after = (translation.row(entity, row_of(text)) for text in texts)
        return (
            None if before is None else to_json(before),
            None if after is None else to_json(after),
        )

    for seq, position, key, before, after, original_seq, *original in found:
        new_key, stored = translation.key(entity, key), renamed((before, after))
        if (new_key, stored) != (key, (before, after)):
            has_original = original_seq is not None
            yield _Renaming(
                entity, key, new_key, seq, position, stored,
                renamed(original) if has_original else None,
            )  # fmt: skip
