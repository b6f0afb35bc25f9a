"""What a command sees while it runs: the rows as they are, and names for what it is about."""

import json
import secrets
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from viewer.progress import report_progress
from viewer.review.change import Change
from viewer.review.entity import Entity, Row, to_json
from viewer.review.errors import CommandRefused
from viewer.review.label_snapshot import LabelSnapshot
from viewer.review.medium.reading_errors import reading_errors
from viewer.review.pictures import picture_hash, what_is_wrong
from viewer.review.reviewer import Reviewer
from viewer.review.subject import Subject, SubjectKind
from viewer.review.subject_rows import SubjectRow

ROWS_A_REPORT = 10_000


def new_id() -> str:
    """Return a random id, unique over all workspaces."""
    return secrets.token_hex(16)


class Reading:
    """Rows of a workspace, read-only. Belongs to the thread that made the connection.

    Raises
    ------
    DamagedWorkspace, WorkspaceUnreadable
        Each method, when the file cannot be read.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def row(self, entity: Entity, key: str) -> Row | None:
        """Return the row with a key, None when there is none."""
        names = ", ".join(entity.columns)
        with reading_errors(self._connection):
            values = self._connection.execute(
                f"SELECT {names} FROM {entity.name} WHERE key = ?", (key,)
            ).fetchone()
            return None if values is None else entity.from_sql(tuple(entity.columns), values)

    def rows(self, entity: Entity, where: str = "", values: Sequence[Any] = ()) -> list[Row]:
        """Return rows as mappings with their ``key``; `where` is SQL after the table's name."""
        names = ("key", *entity.columns)
        with reading_errors(self._connection):
            found = self._connection.execute(
                f"SELECT {', '.join(names)} FROM {entity.name} {where}", tuple(values)
            )
            return [entity.from_sql(names, each) for each in found]

    def query(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return what any SELECT gives."""
        with reading_errors(self._connection):
            return self._connection.execute(sql, tuple(values)).fetchall()

    def subject(self, key: str) -> Subject | None:
        """Return the subject that a key stands for."""
        with reading_errors(self._connection):
            values = self._connection.execute(
                "SELECT kind, dataset_id, scene_id, frame_key, label_set_id, label_id, track_id"
                " FROM subjects WHERE key = ?",
                (key,),
            ).fetchone()
            return None if values is None else Subject(SubjectKind(values[0]), *values[1:])

    def snapshot(self, snapshot_hash: str) -> LabelSnapshot | None:
        """Return a label as it was when someone decided about it."""
        with reading_errors(self._connection):
            values = self._connection.execute(
                "SELECT content FROM label_snapshots WHERE hash = ?", (snapshot_hash,)
            ).fetchone()
            return None if values is None else LabelSnapshot.from_json(json.loads(values[0]))

    def picture(self, kept_hash: str) -> bytes | None:
        """Return the JPEG or PNG that was kept."""
        return self._bytes("SELECT content FROM pictures WHERE hash = ?", kept_hash)

    def file_list(self, fingerprint: str) -> bytes | None:
        """Return the files of a delivery as `Fingerprint.packed` gave them; None if not kept."""
        return self._bytes("SELECT content FROM file_lists WHERE fingerprint = ?", fingerprint)

    def _bytes(self, sql: str, key: str) -> bytes | None:
        with reading_errors(self._connection):
            values = self._connection.execute(sql, (key,)).fetchone()
            return None if values is None else bytes(values[0])


class Ledger(Reading):
    """What a running command gets: reading, and the makers of changes.

    Parameters
    ----------
    reviewer
        Who runs the command.
    now_ns
        Its time, UTC since 1970; later than that of every command before it.
    """

    def __init__(self, connection: sqlite3.Connection, reviewer: Reviewer, now_ns: int) -> None:
        super().__init__(connection)
        self.reviewer = reviewer
        self.now_ns = now_ns

    def intern(self, subject: Subject) -> str:
        """Write down what a subject's key stands for; return the key."""
        key = subject.key
        self._connection.execute(
            "INSERT OR IGNORE INTO subjects VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                key, str(subject.kind), subject.dataset_id, subject.scene_id, subject.frame_key,
                subject.label_set_id, subject.label_id, subject.track_id,
            ),
        )  # fmt: skip
        return key

    def intern_all(self, rows: Sequence[SubjectRow]) -> None:
        """Write down what many keys stand for."""
        self._connection.executemany(
            "INSERT OR IGNORE INTO subjects VALUES (?, ?, ?, ?, ?, ?, ?, ?)", _told(rows)
        )

    def keep(self, snapshot: LabelSnapshot | None) -> str | None:
        """Write down how a label looks now; return its hash."""
        if snapshot is None:
            return None
        self._connection.execute(
            "INSERT OR IGNORE INTO label_snapshots VALUES (?, ?)",
            (snapshot.hash, to_json(snapshot.to_json())),
        )
        return snapshot.hash

    def keep_picture(self, content: bytes | None) -> str | None:
        """Write down a small JPEG or PNG; return its hash.

        Raises
        ------
        CommandRefused
            When it is too large or no picture.
        """
        if content is None:
            return None
        problem = what_is_wrong(content)
        if problem is not None:
            raise CommandRefused(problem)
        kept_hash = picture_hash(content)
        self._connection.execute(
            "INSERT OR IGNORE INTO pictures VALUES (?, ?)", (kept_hash, content)
        )
        return kept_hash

    def keep_file_list(self, fingerprint: str, content: bytes) -> None:
        """Write down the files of a delivery."""
        self._connection.execute(
            "INSERT OR IGNORE INTO file_lists VALUES (?, ?)", (fingerprint, content)
        )

    def create(self, entity: Entity, row: Row, key: str | None = None) -> Change:
        """Make a row; its key is what its columns make, or `key`."""
        return Change(entity, key if key is not None else entity.key_of(row), None, row)

    def update(self, entity: Entity, key: str, values: Mapping[str, Any]) -> list[Change]:
        """Change columns of a row; nothing where they have these values already.

        Raises
        ------
        CommandRefused
            When the row is gone.
        """
        present = self.row(entity, key)
        if present is None:
            raise CommandRefused(f"this is no longer in {entity.name}")
        after = {name: value for name, value in values.items() if present[name] != value}
        if not after:
            return []
        return [Change(entity, key, {name: present[name] for name in after}, after)]

    def put(self, entity: Entity, row: Row) -> list[Change]:
        """Make the row, or change the one with its key to be like it."""
        key = entity.key_of(row)
        if self.row(entity, key) is None:
            return [self.create(entity, row, key)]
        return self.update(entity, key, row)

    def delete(self, entity: Entity, key: str) -> list[Change]:
        """Delete a row; nothing where there is none."""
        present = self.row(entity, key)
        return [] if present is None else [Change(entity, key, present, None)]


def _told(rows: Sequence[SubjectRow]) -> Iterator[SubjectRow]:
    """Yield rows, reporting to the job that writes them, if one does."""
    for start in range(0, len(rows), ROWS_A_REPORT):
        report_progress(start, len(rows), "Writing")
        yield from rows[start : start + ROWS_A_REPORT]
