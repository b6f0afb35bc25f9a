"""Making one workspace of two people's."""

import sqlite3
import tempfile
import time
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path

from viewer.review.applying import apply_change
from viewer.review.change import Change
from viewer.review.conflicts.entities import MERGE_CONFLICTS
from viewer.review.errors import DamagedWorkspace, WorkspaceError
from viewer.review.journal import Entry, Journal, digest
from viewer.review.kinds import MERGE
from viewer.review.ledger import Reading
from viewer.review.merge.conflicts import FoundConflict, conflict_in
from viewer.review.merge.datasets import known_datasets, same_datasets
from viewer.review.merge.rows import TouchedRows, kept_deletions
from viewer.review.merge.translation import translate
from viewer.review.merge.union import take_commands
from viewer.review.merge.verdicts import verdict_conflicts
from viewer.review.store.backup import SMALL_FILE_BYTES, copy_workspace
from viewer.review.store.database import open_to_write, tidy
from viewer.review.store.files import give_name, refuse_taken_name, sync_file
from viewer.review.store.integrity import check_content, check_structure
from viewer.review.store.recognition import damaged, refuse_other_files
from viewer.review.store.sqlite_errors import meaning

REVIEWER = "Sightline"
"""Under whose name the journal says that files were merged: the same whoever did it."""


@dataclass(frozen=True, slots=True)
class Merged:
    """What came of merging two files."""

    path: Path
    shared: int
    """Commands that both files had."""
    only_first: int
    only_second: int
    datasets_joined: int
    """Datasets that had different ids in the two files."""
    conflicts: int
    """New ones; see `viewer.review.merge.reading`."""


def merge_workspaces(first: Path, second: Path, into: Path) -> Merged:
    """Make a new workspace with what two others hold; both stay as they are.

    The result does not depend on the order of the two. Commands are put in the order of their
    times; the later one wins in each column; a row stays that was deleted in one file while the
    other built on it. Whatever contradicts itself is listed, with both values, and can be resolved
    by a command.

    Raises
    ------
    DamagedWorkspace, NewerWorkspace, NotAWorkspace, WorkspaceError
        When a file cannot be read, `into` exists, or it cannot be written.
    """
    refuse_taken_name(into)
    if not into.absolute().parent.is_dir():
        raise WorkspaceError(f"{into} cannot be made: its folder does not exist")
    copies: dict[Path, Path] = {}
    try:
        with tempfile.TemporaryDirectory(
            prefix=f".{into.name}.", dir=into.absolute().parent
        ) as folder:
            copies[Path(folder) / "first.sightline"] = first
            copies[Path(folder) / "second.sightline"] = second
            for copy, source in copies.items():
                refuse_other_files(source)
                copy_workspace(source, copy, check=_check_if_small)
            union = _union(*copies)
            sync_file(union.path)
            give_name(union.path, into)
    except DamagedWorkspace as error:
        # People know their file, not our copy of it.
        raise damaged(copies.get(error.path, error.path), error.problem) from error
    except (OSError, sqlite3.Error) as error:
        raise WorkspaceError(f"{into} cannot be made: {meaning(error)}") from error
    return replace(union, path=into)


def _check_if_small(connection: sqlite3.Connection, source: Path) -> None:
    """Of a large file what is taken from it is checked."""
    if source.stat().st_size <= SMALL_FILE_BYTES:
        check_content(connection, source)


def _check_result(connection: sqlite3.Connection, path: Path) -> None:
    is_small = path.stat().st_size <= SMALL_FILE_BYTES
    (check_content if is_small else check_structure)(connection, path)


def _union(first: Path, second: Path) -> Merged:
    """Bring one of two copies into the other, which the result names."""
    with (
        closing(open_to_write(first).connection) as one,
        closing(open_to_write(second).connection) as two,
    ):
        same = same_datasets(known_datasets(one), known_datasets(two))
        counts = (Journal(one).last_seq, Journal(two).last_seq)
        # Neither should be renamed but the smaller one; the result does not depend on it.
        first_is_base = (not same.in_base, counts[0]) >= (not same.in_other, counts[1])
        base, other = (one, two) if first_is_base else (two, one)
        renamed = (same.in_base, same.in_other)
        in_base, in_other = renamed if first_is_base else renamed[::-1]
        for connection in (one, two):
            _hurry(connection)
        _check_news(other, first if first_is_base else second)
        with _all_at_once(other):
            translate(other, in_other)
        other.close()
        found = _bring_in(base, second if first_is_base else first, in_base)
        tidy(base)
        _check_result(base, first if first_is_base else second)
    shared = sum(counts) - found.commands
    return Merged(
        first if first_is_base else second, shared, counts[0] - shared, counts[1] - shared,
        len(in_base) + len(in_other), found.conflicts,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Found:
    commands: int
    """In the union, the merge's own one left out."""
    conflicts: int


def _check_news(other: sqlite3.Connection, base: Path) -> None:
    """Raise DamagedWorkspace when a command that goes over is not as it was written."""
    path = Path(other.execute("PRAGMA database_list").fetchone()[2])
    other.execute("ATTACH ? AS base", (str(base),))
    news = other.execute(
        "SELECT seq, digest, command_id, reviewer, time_ns, kind, text, reverses FROM main.commands"
        " WHERE command_id NOT IN (SELECT command_id FROM base.commands)"
    ).fetchall()
    other.execute("DETACH base")
    for seq, kept, *entry in news:
        if digest(entry, _stored_changes(other, seq)) != kept:
            raise damaged(path, f"command {seq} of the journal is not as it was written")


def _stored_changes(connection: sqlite3.Connection, seq: int) -> list[tuple[str | None, ...]]:
    """Return a command's changes as its digest counts them."""
    changes = connection.execute(
        "SELECT entity, key, before, after FROM main.changes WHERE seq = ? ORDER BY position",
        (seq,),
    ).fetchall()
    return (
        changes
        + connection.execute(
            "SELECT CAST(position AS TEXT), before, after FROM main.original_changes"
            " WHERE seq = ? ORDER BY original_changes.position",
            (seq,),
        ).fetchall()
    )


def _bring_in(base: sqlite3.Connection, other: Path, renamed: Mapping[str, str]) -> _Found:
    base.execute("ATTACH ? AS other", (str(other),))
    with _all_at_once(base):
        places = translate(base, renamed) | kept_deletions(base)
        places |= take_commands(base)
        touched = TouchedRows(base)
        touched.add(places)
        rewritten = touched.write_journal()
        touched.write_tables()
        conflicts = list(_conflicts(base, touched))
        commands = Journal(base).last_seq
        _write_digests(base, None if renamed else rewritten)
        _list_conflicts(base, conflicts)
        base.execute(
            "UPDATE main.workspace SET workspace_id = ?, created_ns = ?",
            (uuid.uuid4().hex, time.time_ns()),
        )
    base.execute("DETACH other")
    return _Found(commands, len(conflicts))


def _conflicts(base: sqlite3.Connection, touched: TouchedRows) -> Iterator[FoundConflict]:
    found = [conflict_in(own) for own in touched.histories.values()]
    found += touched.conflicts_about_kept()
    found += verdict_conflicts(base, touched)
    by_key = {each.key: each for each in found if each is not None}
    reading = Reading(base)
    for key, each in sorted(by_key.items()):
        if reading.row(MERGE_CONFLICTS, key) is None:
            yield each


def _list_conflicts(base: sqlite3.Connection, conflicts: Sequence[FoundConflict]) -> None:
    """Write the conflicts down as a command that is the same whoever merges these two files."""
    if not conflicts:
        return
    journal = Journal(base)
    time_ns = journal.last_time_ns + 1
    about = ",".join([str(time_ns), *(each.key for each in conflicts)])
    command_id = blake2b(about.encode(), digest_size=16).digest()
    text = f"Merge, {len(conflicts)} conflict{'s' * (len(conflicts) != 1)}"
    changes = [Change(MERGE_CONFLICTS, each.key, None, each.row) for each in conflicts]
    for change in changes:
        apply_change(base, change)
    journal.append(Entry(journal.last_seq + 1, command_id, REVIEWER, time_ns, MERGE, text), changes)


def _write_digests(base: sqlite3.Connection, rewritten: Collection[int] | None) -> None:
    """Renew the digests of new and rewritten commands, or of all."""
    if rewritten is None:
        seqs = [seq for (seq,) in base.execute("SELECT seq FROM main.commands")]
    else:
        base.executemany("INSERT OR IGNORE INTO new_seqs VALUES (?)", ((seq,) for seq in rewritten))
        seqs = [seq for (seq,) in base.execute("SELECT seq FROM new_seqs")]
    for seq in seqs:
        entry = base.execute(
            "SELECT command_id, reviewer, time_ns, kind, text, reverses FROM main.commands"
            " WHERE seq = ?",
            (seq,),
        ).fetchone()
        base.execute(
            "UPDATE main.commands SET digest = ? WHERE seq = ?",
            (digest(entry, _stored_changes(base, seq)), seq),
        )


def _hurry(connection: sqlite3.Connection) -> None:
    """A copy that fails is thrown away: it need be neither durable nor whole before the end."""
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA temp_store = MEMORY")


@contextmanager
def _all_at_once(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN")
    yield
    connection.execute("COMMIT")
