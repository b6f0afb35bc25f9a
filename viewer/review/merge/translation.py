"""Calling datasets and subjects by other names, wherever a workspace names them."""

import hashlib
import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from json.encoder import encode_basestring
from operator import itemgetter
from typing import Any

from viewer.review.conflicts.entities import MERGE_CONFLICTS
from viewer.review.datasets.entities import DATASETS
from viewer.review.entities import ENTITIES, entity_named
from viewer.review.entity import Column, Entity, Row, to_json
from viewer.review.merge.history import row_of
from viewer.review.slices.entities import SLICE_MEMBERS
from viewer.review.subject import KEY_BYTES
from viewer.review.subject_rows import SubjectRow

Place = tuple[str, str]
"""Entity and key of a row."""
NAMING = (Column.SUBJECT, Column.SUBJECTS, Column.DATASET)
SORTED_AT_ONCE = 20_000
_WITHIN = (*NAMING, Column.JSON)
_ID = re.compile(r'(?<!\\)"([0-9a-f]{32})"(:?)')
"""An id in JSON text, alone in its string; with a colon it is a key, whose place is sorted."""


@dataclass(frozen=True, slots=True)
class Translation:
    """New names by old ones.

    Ids are random: in JSON columns, such as the sight of an issue, whatever is one of the ids is
    called otherwise too.
    """

    datasets: Mapping[str, str]
    subjects: Mapping[str, str]
    _names: Mapping[str, str] = field(init=False)
    _in_text: bool = field(init=False)
    """Whether all ids look like ids, so that they are found in JSON without reading it."""

    def __post_init__(self) -> None:
        names = {**self.subjects, **self.datasets} if self.datasets else self.subjects
        object.__setattr__(self, "_names", names)
        is_plain = all(_ID.fullmatch(f'"{each}"') for each in self.datasets)
        object.__setattr__(self, "_in_text", is_plain)

    @property
    def is_empty(self) -> bool:
        """Whether everything keeps its name."""
        return not self.datasets

    def value(self, column: Column, value: object) -> object:
        """Return what a column of a kind holds then."""
        match column, value:
            case Column.SUBJECT, str():
                return self.subjects.get(value, value)
            case Column.SUBJECTS, list():
                return [self.subjects.get(each, each) for each in value]
            case Column.DATASET, str():
                return self.datasets.get(value, value)
            case Column.JSON, _:
                return self._within(value)
            case _:
                return value

    def _within(self, value: object) -> object:
        match value:
            case str():
                return self._names.get(value, value)
            case list():
                return [self._within(each) for each in value]
            case dict():
                return {self._within(name): self._within(each) for name, each in value.items()}
            case _:
                return value

    def key(self, entity: Entity, key: str) -> str:
        """Return a row's key."""
        if entity is DATASETS:
            return self.datasets.get(key, key)
        columns = [entity.columns[name] for name in entity.key_from]
        if not any(column in NAMING for column in columns):
            return key
        if len(columns) == 1:
            return str(self.value(columns[0], key))
        if self._in_text:
            return _ID.sub(self._swapped, key)
        parts = [
            self.value(column, part) for column, part in zip(columns, json.loads(key), strict=True)
        ]
        return to_json(parts)

    def text(self, entity: Entity, text: str | None) -> str | None:
        """Return a row or some columns of one, as the journal stores them."""
        if text is None or not names_anything(entity):
            return text
        if self._in_text and entity not in (SLICE_MEMBERS, MERGE_CONFLICTS):
            is_key = False

            def swapped(found: re.Match[str]) -> str:
                nonlocal is_key
                is_key = is_key or (bool(found[2]) and found[1] in self._names)
                return self._swapped(found)

            renamed = _ID.sub(swapped, text)
            if not is_key:
                return renamed
        row = self.row(entity, row_of(text))
        return None if row is None else to_json(row)

    def json_text(self, text: str | None) -> str | None:
        """Return what a column of JSON or of subjects holds then, as it is stored."""
        if text is None:
            return None
        if self._in_text:
            found = [name for name, colon in _ID.findall(text) if colon and name in self._names]
            if not found:
                return _ID.sub(self._swapped, text)
        return to_json(self._within(json.loads(text)))

    def _swapped(self, found: re.Match[str]) -> str:
        new = self._names.get(found[1])
        return found[0] if new is None else f'"{new}"{found[2]}'

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


def names_anything(entity: Entity) -> bool:
    """Say whether rows of a kind may name datasets or subjects."""
    return entity in (DATASETS, MERGE_CONFLICTS) or any(
        column in _WITHIN for column in entity.columns.values()
    )


def renamed_subjects(
    connection: sqlite3.Connection, schema: str, datasets: Mapping[str, str]
) -> Iterator[tuple[str, SubjectRow]]:
    """Yield old key and new row of each subject of datasets that get another id."""
    columns = ", ".join(SubjectRow._fields)
    for old_id, new_id in datasets.items():
        for key, kind, _, *names in connection.execute(
            f"SELECT {columns} FROM {schema}.subjects WHERE dataset_id = ?", (old_id,)
        ):
            yield key, _subject_row(kind, new_id, names)


def _subject_row(kind: str, dataset_id: str, names: Sequence[Any]) -> SubjectRow:
    """Return the same row as `subject_row`; a million of them are made."""
    told = ",".join(
        "null" if name is None else encode_basestring(name) for name in (kind, dataset_id, *names)
    )
    key = hashlib.blake2b(f"[{told}]".encode(), digest_size=KEY_BYTES).hexdigest()
    return SubjectRow(key, kind, dataset_id, *names)


def translate(connection: sqlite3.Connection, datasets: Mapping[str, str]) -> set[Place]:
    """Rename datasets in the journal and the subjects of a workspace's copy, where they stand.

    Rows that are called otherwise then are deleted: whoever merges makes them from the journal.

    Returns
    -------
    The rows (entity, new key) that have another key or content now.
    """
    if not datasets:
        return set()
    subjects = dict(renamed_subjects(connection, "main", datasets))
    translation = Translation(datasets, {old: new.key for old, new in subjects.items()})
    renamings = [
        renaming
        for entity in ENTITIES
        if names_anything(entity)
        for renaming in _renamings(connection, entity, translation)
    ]
    # While the subjects still have their names: what counts rows looks them up.
    for renaming in reversed(renamings):
        connection.execute(f"DELETE FROM {renaming.entity.name} WHERE key = ?", (renaming.old_key,))
    connection.executemany("DELETE FROM subjects WHERE key = ?", ((old,) for old in subjects))
    add_subjects(connection, subjects.values())
    for renaming in renamings:
        renaming.write(connection)
    return {(renaming.entity.name, renaming.new_key) for renaming in renamings}


def add_subjects(connection: sqlite3.Connection, rows: Iterable[SubjectRow]) -> None:
    """Write down what keys stand for, unless that is known."""
    marks = ", ".join("?" * len(SubjectRow._fields))
    left = iter(rows)
    # Sorted they meet pages one after the other; a million at once would stop other threads.
    while some := sorted(islice(left, SORTED_AT_ONCE), key=itemgetter(0)):
        connection.executemany(f"INSERT OR IGNORE INTO main.subjects VALUES ({marks})", some)


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
            "UPDATE main.changes SET key = ?, before = ?, after = ? WHERE seq = ? AND position = ?",
            (self.new_key, *self.stored, *place),
        )
        if self.original is not None:
            connection.execute(
                "UPDATE main.original_changes SET before = ?, after = ?"
                " WHERE seq = ? AND position = ?",
                (*self.original, *place),
            )


def _renamings(
    connection: sqlite3.Connection, entity: Entity, translation: Translation
) -> Iterator[_Renaming]:
    """Yield the changes of an entity that are called otherwise."""
    found = connection.execute(
        "SELECT seq, position, key, h.before, h.after, o.seq, o.before, o.after"
        " FROM main.changes h LEFT JOIN main.original_changes o USING (seq, position)"
        " WHERE h.entity = ?",
        (entity.name,),
    )

    def renamed(texts: Sequence[str | None]) -> tuple[str | None, str | None]:
        before, after = (translation.text(entity, text) for text in texts)
        return before, after

    for seq, position, key, before, after, original_seq, *original in found:
        new_key, stored = translation.key(entity, key), renamed((before, after))
        if (new_key, stored) != (key, (before, after)):
            has_original = original_seq is not None
            yield _Renaming(
                entity, key, new_key, seq, position, stored,
                renamed(original) if has_original else None,
            )  # fmt: skip
