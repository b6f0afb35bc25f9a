"""Running commands over one connection, each in a transaction of its own."""

import secrets
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from viewer.progress import report_progress
from viewer.review.applying import apply_change, apply_many, take_back
from viewer.review.change import Change, CreatedRows, Step
from viewer.review.commands.base import Command
from viewer.review.errors import CommandRefused, WorkspaceUnreadable, WorkspaceUnwritable
from viewer.review.journal import Entry, Journal
from viewer.review.ledger import Ledger
from viewer.review.medium.damage import damaged
from viewer.review.medium.sqlite_errors import is_damage, meaning
from viewer.review.reviewer import Reviewer


class Writer:
    """Writes commands with their changes; what fails leaves everything as it was.

    Parameters
    ----------
    connection
        Open for writing; the calling thread's own.
    path
        Of the workspace, for messages.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path, reviewer: Reviewer) -> None:
        self._connection, self._path, self._reviewer = connection, path, reviewer
        self._journal = Journal(connection)

    def run(self, command: Command) -> Entry | None:
        """Do it; None when it would change nothing. Raises as `Workspace.run` does."""
        with self._transaction() as ledger:
            changes = self._apply(command.changes(ledger))
            if not changes:
                return None
            return self._write_down(ledger, command.kind, command.text, changes)

    def reverse(self, target: Entry, kind: str) -> Entry:
        """Take a command back, or an undo; `kind` is what that is."""
        with self._transaction() as ledger:
            inverses = take_back(self._connection, self._journal, ledger, target)
            return self._write_down(ledger, kind, target.text, inverses, target.command_id)

    @contextmanager
    def _transaction(self) -> Iterator[Ledger]:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                now_ns = max(time.time_ns(), self._journal.last_time_ns + 1)
                yield Ledger(self._connection, self._reviewer, now_ns)
                self._connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    if self._connection.in_transaction:
                        self._connection.execute("ROLLBACK")
                raise
        except sqlite3.IntegrityError as error:
            raise CommandRefused(f"this contradicts what the workspace holds: {error}") from error
        except WorkspaceUnreadable as error:
            raise self._unwritable(error.reason) from error
        except sqlite3.DatabaseError as error:
            if is_damage(error):
                raise damaged(self._path, str(error)) from error
            raise self._unwritable(meaning(error)) from error

    def _unwritable(self, reason: str) -> WorkspaceUnwritable:
        return WorkspaceUnwritable(
            f"{self._path} could not be written ({reason}); nothing was changed, try again"
        )

    def _apply(self, steps: Iterable[Step]) -> list[Change]:
        made: list[Change] = []
        for step in steps:
            report_progress(0, None, "Writing")
            if isinstance(step, CreatedRows):
                if step.changes:
                    apply_many(self._connection, step.changes)
                made.extend(step.changes)
            else:
                apply_change(self._connection, step)
                made.append(step)
        return made

    def _write_down(
        self,
        ledger: Ledger,
        kind: str,
        text: str,
        changes: list[Change],
        reverses: bytes | None = None,
    ) -> Entry:
        entry = Entry(
            self._journal.last_seq + 1, secrets.token_bytes(16), self._reviewer.name,
            ledger.now_ns, kind, text, reverses,
        )  # fmt: skip
        self._journal.append(entry, changes)
        return entry
