"""The append-only journal: who did what when, what rows were and are."""

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from viewer.review.change import Change, EncodedChange, decode, encode
from viewer.review.entities import entity_named
from viewer.review.entity import Entity
from viewer.review.kinds import NO_STEPS, REDO, UNDO
from viewer.review.medium.reading_errors import reading_errors


@dataclass(frozen=True, slots=True)
class Entry:
    """One command in the journal."""

    seq: int
    """Its place in this file."""
    command_id: bytes
    """16 random bytes; the same in every file that holds the command."""
    reviewer: str
    time_ns: int
    """UTC since 1970; grows with `seq`."""
    kind: str
    text: str
    reverses: bytes | None = None
    """For ``undo`` the command taken back, for ``redo`` the undo taken back."""


DIGEST_BYTES = 8
DIGEST_PIECE = 1000
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_COLUMNS = "seq, command_id, reviewer, time_ns, kind, text, reverses"


def digest(entry: Sequence[Any], changes: Sequence[Sequence[str | None]]) -> bytes:
    """Return what a command is known by, wherever in the journal it stands.

    Parameters
    ----------
    entry
        Id, reviewer, time, kind, text, reversed id.
    changes
        Entity, key, before, after of each, as stored; then position, before, after of those that
        a merge changed, as they were.
    """
    plain = [part.hex() if isinstance(part, bytes) else part for part in entry]
    items = [*plain, *map(list, changes)]
    hashed = hashlib.blake2b(digest_size=DIGEST_BYTES)
    # Piece by piece: a million items in one text would stop every other thread meanwhile.
    for first in range(0, len(items), DIGEST_PIECE):
        text = _encode(items[first : first + DIGEST_PIECE])
        hashed.update(f"{',' if first else '['}{text[1:-1]}".encode("utf-8", "replace"))
    hashed.update(b"]")
    return hashed.digest()


class Journal:
    """Reads and appends; the caller holds the transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @property
    def last_seq(self) -> int:
        """Place of the newest command, 0 when there is none."""
        return int(self._found("SELECT ifnull(max(seq), 0) FROM commands")[0][0])

    @property
    def last_time_ns(self) -> int:
        """Time of the newest command."""
        found = self._found("SELECT time_ns FROM commands ORDER BY seq DESC LIMIT 1")
        return int(found[0][0]) if found else 0

    def _found(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with reading_errors(self._connection):
            return self._connection.execute(sql, values).fetchall()

    def append(self, entry: Entry, changes: Sequence[Change]) -> None:
        """Write a command down with its changes."""
        own = (
            entry.command_id, entry.reviewer, entry.time_ns, entry.kind, entry.text, entry.reverses
        )  # fmt: skip
        encoded = [encode(change) for change in changes]
        self._connection.execute(
            f"INSERT INTO commands ({_COLUMNS}, digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (entry.seq, *own, digest(own, encoded)),
        )
        self._connection.executemany(
            "INSERT INTO changes VALUES (?, ?, ?, ?, ?, ?)",
            ((entry.seq, place, *change) for place, change in enumerate(encoded)),
        )

    def entry(self, command_id: bytes) -> Entry | None:
        """Return a command by its id."""
        found = self._found(f"SELECT {_COLUMNS} FROM commands WHERE command_id = ?", (command_id,))
        return Entry(*found[0]) if found else None

    def changes(self, seq: int) -> list[Change]:
        """Return the changes of a command, in their order."""
        found = self._found(
            "SELECT entity, key, before, after FROM changes WHERE seq = ? ORDER BY position", (seq,)
        )
        with reading_errors(self._connection):
            return [decode(entity_named(name), *rest) for name, *rest in found]

    def count_changes(self, seq: int) -> int:
        """Return how many rows a command changed."""
        return int(self._found("SELECT count(*) FROM changes WHERE seq = ?", (seq,))[0][0])

    def entries(
        self,
        *,
        after_seq: int = 0,
        before_seq: int | None = None,
        reviewer: str | None = None,
        newest_first: bool = False,
    ) -> Iterator[Entry]:
        """Yield commands between two places, both excluded."""
        where, values = ["seq > ?"], [after_seq]
        if before_seq is not None:
            where.append("seq < ?")
            values.append(before_seq)
        sql = f"SELECT {_COLUMNS} FROM commands WHERE {' AND '.join(where)}"
        if reviewer is not None:
            sql += " AND reviewer = ?"
        with reading_errors(self._connection):
            cursor = self._connection.execute(
                f"{sql} ORDER BY seq {'DESC' if newest_first else 'ASC'}",
                (*values, *([] if reviewer is None else [reviewer])),
            )
            for found in cursor:
                yield Entry(*found)

    def touched(self, after_seq: int) -> set[tuple[str, str]]:
        """Return (entity, key) of every row that commands after a place changed."""
        found = self._found("SELECT entity, key FROM changes WHERE seq > ?", (after_seq,))
        return {(entity, key) for entity, key in found}

    def history(self, entity: Entity, key: str) -> list[tuple[Entry, EncodedChange]]:
        """Return what happened to one row, oldest first."""
        found = self._found(
            f"SELECT {', '.join('c.' + name for name in _COLUMNS.split(', '))},"
            " h.entity, h.key, h.before, h.after"
            " FROM changes h JOIN commands c ON c.seq = h.seq"
            " WHERE h.entity = ? AND h.key = ? ORDER BY h.seq, h.position",
            (entity.name, key),
        )
        return [(Entry(*each[:7]), EncodedChange(*each[7:])) for each in found]


def undo_target(journal: Journal, reviewer: str) -> Entry | None:
    """Return the command that a reviewer would undo next.

    Walks back from the newest: what an undo took back is skipped, and so is an undo that a redo
    took back.
    """
    skipped: set[bytes] = set()
    for entry in journal.entries(reviewer=reviewer, newest_first=True):
        if entry.command_id in skipped or entry.kind in NO_STEPS:
            continue
        if entry.kind in (UNDO, REDO) and entry.reverses is not None:
            skipped.add(entry.reverses)
        else:
            return entry
    return None


def redo_target(journal: Journal, reviewer: str) -> Entry | None:
    """Return the undo that a reviewer would take back next; None after a new command."""
    skipped: set[bytes] = set()
    for entry in journal.entries(reviewer=reviewer, newest_first=True):
        if entry.command_id in skipped or entry.kind in NO_STEPS:
            continue
        if entry.kind == REDO and entry.reverses is not None:
            skipped.add(entry.reverses)
        else:
            return entry if entry.kind == UNDO else None
    return None
