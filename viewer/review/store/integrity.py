"""Whether a workspace still holds what was written: SQLite's own check does not see a changed word.

Each command in the journal has a digest of itself and its changes; subjects, snapshots and pictures
are known by the hash of their content; and every row must be what the journal makes of it.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from viewer.review.entities import ENTITIES
from viewer.review.fold import fold
from viewer.review.journal import digest
from viewer.review.label_snapshot import LabelSnapshot
from viewer.review.medium.damage import damaged
from viewer.review.medium.sqlite_errors import is_damage
from viewer.review.pictures import picture_hash
from viewer.review.store.migrations.catalog import STEPS
from viewer.review.subject import Subject, SubjectKind

_ENTRY = "command_id, reviewer, time_ns, kind, text, reverses"
TIME = 2
_CHANGE = "entity, key, before, after"


def check_structure(connection: sqlite3.Connection, path: Path) -> None:
    """Let SQLite read the whole file, some 5 s a million rows, indices not compared.

    Raises
    ------
    DamagedWorkspace
        Where the file contradicts itself.
    """
    _let_sqlite_check(connection, path, "quick_check")


def _let_sqlite_check(connection: sqlite3.Connection, path: Path, check: str) -> None:
    try:
        found = connection.execute(f"PRAGMA {check}(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        found = str(error)
    except UnicodeDecodeError:
        found = "a text in it is none"
    if found != "ok":
        raise damaged(path, found.splitlines()[0][:120])


def check_content(connection: sqlite3.Connection, path: Path) -> None:
    """Raise `DamagedWorkspace` unless every word is as it was written; some 15 s a million rows."""
    try:
        _let_sqlite_check(connection, path, "integrity_check")
        problems = (
            _wrong_commands(connection),
            _wrong_names(connection),
            _wrong_rows(connection),
            _dangling_rows(connection),
        )
        for found in problems:
            problem = next(found, None)
            if problem is not None:
                raise damaged(path, problem)
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        raise damaged(path, str(error)) from error
    except (ValueError, KeyError, TypeError) as error:
        raise damaged(path, f"a record cannot be understood: {error}") from error


def _wrong_commands(connection: sqlite3.Connection) -> Iterator[str]:
    entries = connection.execute(f"SELECT seq, digest, {_ENTRY} FROM commands ORDER BY seq")
    changes = iter(
        groupby(
            connection.execute(f"SELECT seq, {_CHANGE} FROM changes ORDER BY seq, position"),
            key=lambda each: each[0],
        )
    )
    originals: dict[int, list[tuple[str | None, ...]]] = {}
    for seq, *original in connection.execute(
        "SELECT seq, position, before, after FROM original_changes ORDER BY seq, position"
    ):
        originals.setdefault(seq, []).append((str(original[0]), *original[1:]))
    last_ns = 0
    seq_of_changes, own = next(changes, (None, iter(())))
    for place, (seq, kept, *entry) in enumerate(entries, start=1):
        if seq != place:
            yield f"command {place} of the journal is missing"
        if entry[TIME] <= last_ns:
            yield f"command {place} of the journal is older than the one before"
        last_ns = entry[TIME]
        rows = []
        if seq_of_changes == seq:
            rows = [each[1:] for each in own]
            seq_of_changes, own = next(changes, (None, iter(())))
        if digest(entry, rows + originals.pop(seq, [])) != kept:
            yield f"command {place} of the journal is not as it was written"
    if seq_of_changes is not None or originals:
        yield "the journal has changes of no command"


def _wrong_names(connection: sqlite3.Connection) -> Iterator[str]:
    columns = "key, kind, dataset_id, scene_id, frame_key, label_set_id, label_id, track_id"
    for key, kind, *names in connection.execute(f"SELECT {columns} FROM subjects"):
        if Subject(SubjectKind(kind), *names).key != key:
            yield "what a decision is about is not as it was written"
    for kept, content in connection.execute("SELECT hash, content FROM label_snapshots"):
        if LabelSnapshot.from_json(json.loads(content)).hash != kept:
            yield "a label's snapshot is not as it was written"
    for kept, content in connection.execute("SELECT hash, content FROM pictures"):
        if picture_hash(bytes(content)) != kept:
            yield "a picture is not as it was written"


def _wrong_rows(connection: sqlite3.Connection) -> Iterator[str]:
    for entity in ENTITIES:
        names = tuple(entity.columns)
        found = connection.execute(
            f"SELECT key, {', '.join(names)} FROM {entity.name} ORDER BY key"
        )
        rows = ((key, entity.from_sql(names, values)) for key, *values in found)
        expected = _folded(connection, entity.name)
        for key, row in rows:
            place, state = next(expected, (None, None))
            if (place, state) != (key, row):
                yield f"a row of {entity.name} is not what the journal says"
        if next(expected, None) is not None:
            yield f"a row of {entity.name} is missing"


def _folded(connection: sqlite3.Connection, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield key and state of each row that the journal leaves in a table, by key."""
    changes = connection.execute(
        "SELECT key, before, after FROM changes WHERE entity = ? ORDER BY key, seq, position",
        (name,),
    )
    for key, own in groupby(changes, key=lambda each: each[0]):
        state = fold([(_row(before), _row(after)) for _, before, after in own]).state
        if state is not None:
            yield key, state


def _row(text: str | None) -> dict[str, Any] | None:
    return None if text is None else json.loads(text)


def _dangling_rows(connection: sqlite3.Connection) -> Iterator[str]:
    for table, *_ in connection.execute("PRAGMA foreign_key_check"):
        yield f"a row of {table} refers to nothing"


def check_layout(connection: sqlite3.Connection, path: Path) -> None:
    """Raise `DamagedWorkspace` unless the file has our tables and nothing that acts by itself.

    A file from someone else could bring triggers of its own.
    """
    if _objects(connection) != _expected_objects():
        raise damaged(path, "its tables are not those of its layout")


@cache
def _expected_objects() -> set[tuple[str, ...]]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.executescript("".join(STEPS))
        return _objects(connection)


def _objects(connection: sqlite3.Connection) -> set[tuple[str, ...]]:
    found = connection.execute(
        "SELECT type, name, tbl_name, ifnull(sql, '') FROM sqlite_master"
        " WHERE name NOT LIKE 'sqlite_stat%'"
        # SQLite's own tables behind a search index, which it may write otherwise some day.
        " AND NOT (type = 'table' AND name LIKE 'issue\\_search\\_%' ESCAPE '\\')"
    )
    return set(found.fetchall())
