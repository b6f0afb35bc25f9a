"""The journal of two files in one, in the order in which everyone puts it: by time, then id."""

import sqlite3
from heapq import merge as in_order
from itertools import count
from pathlib import Path

from viewer.review.merge.translation import Place
from viewer.review.store.recognition import damaged

Stamp = tuple[int, bytes]
"""Time and id of a command: its place in everyone's order."""


def take_commands(connection: sqlite3.Connection) -> set[Place]:
    """Bring the commands of the attached file ``other`` into the main one, at their places.

    Their changes are taken as their makers saw them. Digests are left to the caller.

    Returns
    -------
    The rows (entity, key) that they changed.
    """
    for table in ("subjects", "label_snapshots", "pictures", "file_lists"):
        connection.execute(f"INSERT OR IGNORE INTO main.{table} SELECT * FROM other.{table}")
    new: list[Stamp] = connection.execute(
        "SELECT time_ns, command_id FROM other.commands WHERE command_id NOT IN"
        " (SELECT command_id FROM main.commands) ORDER BY time_ns, command_id"
    ).fetchall()
    connection.execute("CREATE TEMP TABLE new_seqs (seq INTEGER PRIMARY KEY)")
    if not new:
        return set()
    tail = _tail(connection, new[0])
    first_seq = (
        1
        + connection.execute("SELECT ifnull(max(seq), 0) FROM main.commands").fetchone()[0]
        - len(tail)
    )
    places = dict(zip((stamp[1] for stamp in in_order(tail, new)), count(first_seq), strict=False))
    connection.execute("CREATE TEMP TABLE places (command_id BLOB PRIMARY KEY, seq INTEGER)")
    connection.executemany("INSERT INTO places VALUES (?, ?)", places.items())
    _move_tail(connection, first_seq)
    connection.execute(
        "INSERT INTO main.commands SELECT p.seq, c.command_id, c.reviewer, c.time_ns, c.kind,"
        " c.text, c.reverses, x''"
        " FROM other.commands c JOIN places p ON p.command_id = c.command_id"
        " WHERE c.command_id NOT IN (SELECT command_id FROM main.commands)"
    )
    new_seqs = [(places[command_id],) for _, command_id in new]
    connection.executemany("INSERT INTO new_seqs VALUES (?)", new_seqs)
    connection.execute(
        "INSERT INTO main.changes SELECT n.seq, h.position, h.entity, h.key,"
        " CASE WHEN o.seq IS NULL THEN h.before ELSE o.before END,"
        " CASE WHEN o.seq IS NULL THEN h.after ELSE o.after END"
        " FROM new_seqs n JOIN places p ON p.seq = n.seq"
        " JOIN other.commands c ON c.command_id = p.command_id"
        " JOIN other.changes h ON h.seq = c.seq"
        " LEFT JOIN other.original_changes o ON o.seq = h.seq AND o.position = h.position"
    )
    return set(
        connection.execute(
            "SELECT DISTINCT entity, key FROM main.changes JOIN new_seqs USING (seq)"
        ).fetchall()
    )


def _tail(connection: sqlite3.Connection, first: Stamp) -> list[Stamp]:
    """Return the commands of the main file that come after another one."""
    return connection.execute(
        "SELECT time_ns, command_id FROM main.commands WHERE (time_ns, command_id) > (?, ?)"
        " ORDER BY seq",
        first,
    ).fetchall()


def _move_tail(connection: sqlite3.Connection, first_seq: int) -> None:
    """Give the commands from a place on their new places."""
    connection.execute("CREATE TEMP TABLE moved (old INTEGER PRIMARY KEY, new INTEGER)")
    moved = connection.execute(
        "INSERT INTO moved SELECT c.seq, p.seq FROM main.commands c JOIN places p"
        " ON p.command_id = c.command_id WHERE c.seq >= ?",
        (first_seq,),
    ).rowcount
    path = Path(connection.execute("PRAGMA database_list").fetchone()[2])
    last = connection.execute("SELECT ifnull(max(seq), 0) FROM main.commands").fetchone()[0]
    if moved != last - first_seq + 1:
        raise damaged(path, "its commands are not in the order of their times")
    for table in ("commands", "changes", "original_changes"):
        # Below zero nothing meets what has not moved yet.
        connection.execute(
            f"UPDATE main.{table} SET seq = -(SELECT new FROM moved WHERE old = seq)"
            " WHERE seq >= ?",
            (first_seq,),
        )
        connection.execute(f"UPDATE main.{table} SET seq = -seq WHERE seq < 0")
