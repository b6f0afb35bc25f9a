"""Making a change in the tables, and taking a command's changes back."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from viewer.progress import report_progress
from viewer.review.change import Change
from viewer.review.errors import CommandRefused, UndoRefused
from viewer.review.journal import Entry, Journal
from viewer.review.ledger import Reading

MANY = 200
"""From so many changes that are alike, they are made in one statement."""


def apply_change(connection: sqlite3.Connection, change: Change) -> None:
    """Change the row itself."""
    table = change.entity.name
    if change.after is None:
        done = connection.execute(f"DELETE FROM {table} WHERE key = ?", (change.key,))
    elif change.before is None:
        values = change.entity.to_sql(change.after)
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        sql = f"INSERT INTO {table} (key, {names}) VALUES (?, {marks})"
        done = connection.execute(sql, (change.key, *values.values()))
    elif change.after:
        values = change.entity.to_sql(change.after)
        parts = ", ".join(f"{name} = ?" for name in values)
        sql = f"UPDATE {table} SET {parts} WHERE key = ?"
        done = connection.execute(sql, (*values.values(), change.key))
    else:
        return
    if done.rowcount != 1:
        raise CommandRefused(f"this is no longer in {table}")


def apply_many(connection: sqlite3.Connection, changes: Sequence[Change]) -> None:
    """Make rows of one entity, or delete them, in one statement.

    A statement a row would copy the pages of every index that its triggers touch each time.
    """
    entity, made = changes[0].entity, changes[0].before is None
    names = ("key", *entity.columns) if made else ("key",)
    columns, marks = ", ".join(names), ", ".join("?" * len(names))
    connection.execute(f"CREATE TEMP TABLE rows_at_once ({columns})")
    try:
        connection.executemany(
            f"INSERT INTO rows_at_once VALUES ({marks})", _stored(changes, entity.columns, made)
        )
        if made:
            sql = f"INSERT INTO {entity.name} ({columns}) SELECT {columns} FROM rows_at_once"
        else:
            sql = f"DELETE FROM {entity.name} WHERE key IN (SELECT key FROM rows_at_once)"
        done = connection.execute(sql)
        if done.rowcount != len(changes):
            raise CommandRefused(f"some of these are no longer in {entity.name}")
    finally:
        if connection.in_transaction:
            connection.execute("DROP TABLE IF EXISTS temp.rows_at_once")


def _stored(
    changes: Sequence[Change], columns: Iterable[str], made: bool
) -> Iterator[tuple[Any, ...]]:
    for change in changes:
        if made:
            values = change.entity.to_sql(change.after or {})
            yield (change.key, *(values[name] for name in columns))
        else:
            yield (change.key,)


def take_back(
    connection: sqlite3.Connection, journal: Journal, reading: Reading, target: Entry
) -> list[Change]:
    """Make the inverse of a command's changes, last first; return them.

    Raises
    ------
    UndoRefused
        When a row is no longer as the command left it, or others need it.
    """
    inverses = [change.inverse for change in reversed(journal.changes(target.seq))]
    for _, group in groupby(inverses, _kind_of_change):
        alike = list(group)
        try:
            if len(alike) >= MANY and _are_apart(alike):
                for inverse in alike:
                    report_progress(0, None, target.text)
                    _refuse_if_built_on(journal, reading, target, inverse)
                apply_many(connection, alike)
                continue
            for inverse in alike:
                _refuse_if_built_on(journal, reading, target, inverse)
                apply_change(connection, inverse)
        except sqlite3.IntegrityError as error:
            raise UndoRefused(
                f"“{target.text}” cannot be undone: later changes build on it"
            ) from error
    return inverses


def _kind_of_change(change: Change) -> tuple[str, bool, bool]:
    return change.entity.name, change.before is None, change.after is None


def _are_apart(changes: Sequence[Change]) -> bool:
    """Whether the changes make or delete rows of which none is another's."""
    first = changes[0]
    is_whole = (first.before is None) != (first.after is None)
    return is_whole and len({each.key for each in changes}) == len(changes)


def _refuse_if_built_on(journal: Journal, reading: Reading, target: Entry, inverse: Change) -> None:
    """Raise `UndoRefused` unless the row still is as the command left it."""
    expected = inverse.before
    if expected == inverse.after == {}:
        return
    present = reading.row(inverse.entity, inverse.key)
    if expected is None or present is None:
        is_same = expected is None and present is None
    else:
        is_same = all(present[name] == value for name, value in expected.items())
    if is_same:
        return
    later = [
        entry for entry, _ in journal.history(inverse.entity, inverse.key) if entry.seq > target.seq
    ]
    who = f": {later[-1].reviewer} did “{later[-1].text}” later" if later else ""
    raise UndoRefused(f"“{target.text}” cannot be undone{who}")
