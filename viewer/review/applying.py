"""Making a change in the tables, and taking a command's changes back."""

import sqlite3

from viewer.review.change import Change
from viewer.review.errors import CommandRefused, UndoRefused
from viewer.review.journal import Entry, Journal
from viewer.review.ledger import Reading


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
    for inverse in inverses:
        _refuse_if_built_on(journal, reading, target, inverse)
        try:
            apply_change(connection, inverse)
        except sqlite3.IntegrityError as error:
            raise UndoRefused(
                f"“{target.text}” cannot be undone: later changes build on it"
            ) from error
    return inverses


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
