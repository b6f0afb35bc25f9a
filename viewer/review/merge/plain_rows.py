"""Rows that only the other file knows: they come as they are there, many at a time."""

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

from viewer.review.conflicts.entities import MERGE_CONFLICTS
from viewer.review.entities import entity_named
from viewer.review.entity import Column, Entity
from viewer.review.merge.bulk import counting_verdicts_later
from viewer.review.merge.relations import parents_first, references
from viewer.review.merge.steps import Steps
from viewer.review.merge.translation import Place, Translation, names_anything
from viewer.review.slices.entities import SLICE_MEMBERS
from viewer.review.verdicts.entities import VERDICTS

_READ_WHOLE = (MERGE_CONFLICTS, SLICE_MEMBERS)
"""Kinds in which a name changes more than itself."""
_IS_PLAIN = "SELECT 1 FROM touched WHERE key = ? AND entity = '{name}' AND is_plain"


def other_places(connection: sqlite3.Connection) -> set[Place]:
    """Return the rows that the news touched and somebody else too."""
    return set(connection.execute("SELECT entity, key FROM touched WHERE NOT is_plain").fetchall())


def write_plain_rows(
    connection: sqlite3.Connection, translation: Translation, steps: Steps
) -> None:
    """Make the rows that only the other file knows, parents first; counts follow."""
    counts = dict(
        connection.execute(
            "SELECT entity, count(*) FROM touched WHERE is_plain GROUP BY entity"
        ).fetchall()
    )
    done, total = 0, sum(counts.values())
    for name in parents_first(references(connection)):
        if not counts.get(name):
            continue
        entity = entity_named(name)
        if entity is VERDICTS:
            with counting_verdicts_later(connection, rows=counts[name]):
                _write(connection, entity, translation)
        else:
            _write(connection, entity, translation)
        done += counts[name]
        steps.at(done, total)


def _write(connection: sqlite3.Connection, entity: Entity, translation: Translation) -> None:
    names = ("key", *entity.columns)
    told = ", ".join(names)
    if translation.is_empty or not names_anything(entity):
        is_plain = _IS_PLAIN.format(name=entity.name).replace("key = ?", "key = o.key")
        connection.execute(
            f"INSERT INTO main.{entity.name} ({told}) SELECT {told} FROM other.{entity.name} o"
            f" WHERE EXISTS ({is_plain})"
        )
        return
    marks = ", ".join(f"?{place}" for place in range(1, len(names) + 1))
    is_plain = _IS_PLAIN.format(name=entity.name).replace("?", "?1")
    connection.executemany(
        f"INSERT INTO main.{entity.name} ({told}) SELECT {marks} WHERE EXISTS ({is_plain})",
        _renamed_rows(connection, entity, translation),
    )


def _renamed_rows(
    connection: sqlite3.Connection, entity: Entity, translation: Translation
) -> Iterator[Sequence[Any]]:
    columns = tuple(entity.columns)
    found = connection.execute(f"SELECT key, {', '.join(columns)} FROM other.{entity.name}")
    kinds = tuple(entity.columns.values())
    for key, *values in found:
        new_key = translation.key(entity, key)
        if entity in _READ_WHOLE:
            row = translation.row(entity, entity.from_sql(columns, values)) or {}
            yield (new_key, *entity.to_sql(row).values())
            continue
        yield (
            new_key,
            *(
                translation.json_text(value) if column in (Column.JSON, Column.SUBJECTS)
                else translation.value(column, value)
                for column, value in zip(kinds, values, strict=True)
            ),
        )  # fmt: skip


def take_back_orphans(connection: sqlite3.Connection) -> set[Place]:
    """Delete plain rows whose parents are not there, and what hangs below them; return them.

    The main file deleted what the other one built on: parents have to come first, so that what
    counts rows counts these.
    """
    found: set[Place] = set()
    while orphans := _orphans(connection):
        for entity, key in orphans:
            connection.execute(f"DELETE FROM main.{entity} WHERE key = ?", (key,))
        connection.executemany(
            "UPDATE touched SET is_plain = 0 WHERE entity = ? AND key = ?", sorted(orphans)
        )
        found |= orphans
    return found


def _orphans(connection: sqlite3.Connection) -> set[Place]:
    found: set[Place] = set()
    with_rows = {
        name for (name,) in connection.execute("SELECT DISTINCT entity FROM touched WHERE is_plain")
    }
    for relation in references(connection):
        if relation.child not in with_rows:
            continue
        keys = connection.execute(
            f"SELECT c.key FROM touched t CROSS JOIN main.{relation.child} c ON c.key = t.key"
            f" WHERE t.entity = '{relation.child}' AND t.is_plain"
            f" AND c.{relation.column} IS NOT NULL AND NOT EXISTS"
            f" (SELECT 1 FROM main.{relation.parent} p WHERE p.key = c.{relation.column})"
        )
        found |= {(relation.child, key) for (key,) in keys}
    return found


def contradicted_verdicts(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """Return keys of verdicts that only the other file has, each with one that says otherwise."""
    return connection.execute(
        "SELECT v.key, w.key FROM touched t CROSS JOIN main.verdicts v ON v.key = t.key"
        " CROSS JOIN main.verdicts w ON w.subject = v.subject"
        f" WHERE t.entity = '{VERDICTS.name}' AND t.is_plain AND w.state <> v.state"
        " AND w.key <> v.key AND NOT EXISTS (SELECT 1 FROM touched x WHERE x.key = w.key"
        f" AND x.entity = '{VERDICTS.name}' AND x.is_plain)"
    ).fetchall()
