"""The journal of two files in one, in the order in which everyone puts it: by time, then id."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import merge as in_order
from itertools import groupby, pairwise
from operator import itemgetter
from pathlib import Path
from typing import Any

from viewer.review.entities import entity_named
from viewer.review.journal import digest
from viewer.review.medium.damage import damaged
from viewer.review.merge.bulk import without_indices
from viewer.review.merge.steps import Steps
from viewer.review.merge.translation import Translation, add_subjects, renamed_subjects

Stamp = tuple[int, bytes]
"""Time and id of a command: its place in everyone's order."""
StampAt = tuple[int, bytes, int]
"""The same with its place in a file."""
CHUNK = 2_000
"""Commands that are written at a time."""
_NEWS = """
    SELECT c.seq, n.seq, c.command_id, c.reviewer, c.time_ns, c.kind, c.text, c.reverses, c.digest,
        h.position, h.entity, h.key, h.before, h.after, o.seq, o.before, o.after
    FROM temp.news n JOIN other.commands c ON c.seq = n.other_seq
    LEFT JOIN other.changes h ON h.seq = c.seq
    LEFT JOIN other.original_changes o ON o.seq = h.seq AND o.position = h.position
    ORDER BY n.other_seq, h.position
"""


def names_in_other(connection: sqlite3.Connection, datasets: Mapping[str, str]) -> Translation:
    """Bring subjects, snapshots, pictures and lists of files; return what they are called here."""
    for table in ("label_snapshots", "pictures", "file_lists"):
        connection.execute(f"INSERT OR IGNORE INTO main.{table} SELECT * FROM other.{table}")
    marks = ", ".join("?" * len(datasets))
    connection.execute(
        "INSERT OR IGNORE INTO main.subjects SELECT * FROM other.subjects"
        f" WHERE dataset_id NOT IN ({marks})",
        tuple(datasets),
    )
    subjects = dict(renamed_subjects(connection, "other", datasets))
    add_subjects(connection, subjects.values())
    return Translation(datasets, {old: new.key for old, new in subjects.items()})


def take_commands(
    connection: sqlite3.Connection, translation: Translation, steps: Steps
) -> list[int]:
    """Bring the commands of the attached file ``other`` into the main one, at their places.

    Their changes are taken as their makers saw them. Temporary tables tell afterwards which places
    are new (``new_seqs``) and which rows these commands touched (``touched``); there ``is_plain``
    says that nobody else touched the row, whose journal and content are those of the other file.

    Returns
    -------
    Places of commands whose digests are those of the other file no longer.

    Raises
    ------
    DamagedWorkspace
        When a command is not as it was written.
    """
    for sql in (
        "CREATE TEMP TABLE new_seqs (seq INTEGER PRIMARY KEY)",
        "CREATE TEMP TABLE news (other_seq INTEGER PRIMARY KEY, seq INTEGER)",
        "CREATE TEMP TABLE touched (key TEXT, entity TEXT, is_plain INTEGER,"
        " PRIMARY KEY (key, entity)) WITHOUT ROWID",
    ):
        connection.execute(sql)
    new: list[StampAt] = connection.execute(
        "SELECT time_ns, command_id, seq FROM other.commands WHERE command_id NOT IN"
        " (SELECT command_id FROM main.commands) ORDER BY time_ns, command_id"
    ).fetchall()
    if not new:
        return []
    tail = _tail(connection, new[0][:2])
    last = connection.execute("SELECT ifnull(max(seq), 0) FROM main.commands").fetchone()[0]
    with without_indices(connection, ("commands", "changes"), rows=len(new) + len(tail)):
        moved, placed = _places(tail, new, last - len(tail) + 1)
        connection.executemany("INSERT INTO news VALUES (?, ?)", placed)
        connection.executemany("INSERT INTO new_seqs VALUES (?)", ((seq,) for _, seq in placed))
        _move(connection, moved)
        redone = _write_news(connection, translation, steps, len(new))
    connection.execute(
        "UPDATE touched SET is_plain = 0 WHERE is_plain AND EXISTS (SELECT 1 FROM main.changes h"
        " WHERE h.key = touched.key AND h.entity = touched.entity AND h.seq NOT IN new_seqs)"
    )
    return redone


def _places(
    tail: Sequence[StampAt], new: Sequence[StampAt], first: int
) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Return former and new place of each command of the tail, and of each new one."""
    moved: list[tuple[int, int]] = []
    placed: list[tuple[int, int]] = []
    ordered = in_order(
        ((time_ns, name, False, old) for time_ns, name, old in tail),
        ((time_ns, name, True, old) for time_ns, name, old in new),
    )
    for seq, (_, _, is_new, old) in enumerate(ordered, start=first):
        (placed if is_new else moved).append((old, seq))
    return moved, placed


def _tail(connection: sqlite3.Connection, first: Stamp) -> list[StampAt]:
    """Return the commands of the main file that come after another one."""
    path = Path(connection.execute("PRAGMA database_list").fetchone()[2])
    found: list[StampAt] = connection.execute(
        "SELECT time_ns, command_id, seq FROM main.commands WHERE (time_ns, command_id) > (?, ?)"
        " ORDER BY seq",
        first,
    ).fetchall()
    last = connection.execute("SELECT ifnull(max(seq), 0) FROM main.commands").fetchone()[0]
    if [seq for *_, seq in found] != list(range(last - len(found) + 1, last + 1)) or any(
        one[:2] > two[:2] for one, two in pairwise(found)
    ):
        raise damaged(path, "its commands are not in the order of their times")
    return found


def _move(connection: sqlite3.Connection, moved: list[tuple[int, int]]) -> None:
    """Give commands their new places. They only move back: from the last on none meets another."""
    pairs = [(new, old) for old, new in reversed(moved) if new != old]
    for table in ("commands", "changes", "original_changes"):
        connection.executemany(f"UPDATE main.{table} SET seq = ? WHERE seq = ?", pairs)


@dataclass(slots=True)
class _Written:
    """What is to be written."""

    commands: list[tuple[object, ...]]
    changes: list[tuple[object, ...]]
    touched: list[tuple[object, ...]]

    def write(self, connection: sqlite3.Connection) -> None:
        connection.executemany(
            "INSERT INTO main.commands VALUES (?, ?, ?, ?, ?, ?, ?, ?)", self.commands
        )
        connection.executemany("INSERT INTO main.changes VALUES (?, ?, ?, ?, ?, ?)", self.changes)
        connection.executemany(
            "INSERT INTO touched VALUES (?, ?, ?) ON CONFLICT DO UPDATE"
            " SET is_plain = min(is_plain, excluded.is_plain)",
            self.touched,
        )
        for each in (self.commands, self.changes, self.touched):
            each.clear()


def _write_news(
    connection: sqlite3.Connection, translation: Translation, steps: Steps, total: int
) -> list[int]:
    other = Path(connection.execute("PRAGMA database_list").fetchall()[-1][2])
    redone: list[int] = []
    written = _Written([], [], [])
    for done, (seq, own, kept, changes) in enumerate(_news(connection)):
        stored = [tuple(each[1:5]) for each in changes]
        originals = [(str(each[0]), *each[6:8]) for each in changes if each[5] is not None]
        if digest(own, [*stored, *originals]) != kept[1]:
            raise damaged(other, f"command {kept[0]} of the journal is not as it was written")
        renamed = stored if translation.is_empty else [_called(translation, *x) for x in stored]
        if originals:
            redone.append(seq)
        is_same = renamed == stored
        new_digest = kept[1] if is_same else digest(own, renamed)
        written.commands.append((seq, *own, new_digest))
        for each, (entity, key, before, after) in zip(changes, renamed, strict=True):
            is_plain = each[5] is None
            if not is_plain:
                *_, before, after = _called(translation, entity, key, *each[6:8])
            written.changes.append((seq, each[0], entity, key, before, after))
            written.touched.append((key, entity, is_plain))
        if done % CHUNK == CHUNK - 1:
            written.write(connection)
            steps.at(done, total)
    written.write(connection)
    return redone


def _called(
    translation: Translation, entity: str, key: str, before: str | None, after: str | None
) -> tuple[str, str, str | None, str | None]:
    kind = entity_named(entity)
    return (
        entity, translation.key(kind, key), translation.text(kind, before),
        translation.text(kind, after),
    )  # fmt: skip


def _news(
    connection: sqlite3.Connection,
) -> Iterator[tuple[int, tuple[Any, ...], tuple[int, bytes], list[tuple[Any, ...]]]]:
    """Yield place, entry, former place and digest, and changes of each new command."""
    rows = connection.execute(_NEWS)
    for head, found in groupby(rows, key=itemgetter(slice(0, 9))):
        other_seq, seq, *own, kept = head
        changes = [each[9:] for each in found if each[9] is not None]
        yield seq, tuple(own), (other_seq, kept), changes
