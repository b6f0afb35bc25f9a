"""Making one workspace of two people's."""

import sqlite3
import time
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path

from viewer.progress import JobContext
from viewer.review.applying import apply_change
from viewer.review.change import Change
from viewer.review.conflicts.entities import MERGE_CONFLICTS
from viewer.review.errors import DamagedWorkspace, WorkspaceError
from viewer.review.journal import Entry, Journal, digest
from viewer.review.kinds import MERGE
from viewer.review.ledger import Reading
from viewer.review.medium.damage import damaged
from viewer.review.medium.sqlite_errors import meaning
from viewer.review.merge.conflicts import FoundConflict, conflict_in
from viewer.review.merge.datasets import known_datasets, same_datasets
from viewer.review.merge.folder import work_folder
from viewer.review.merge.plain_rows import other_places, take_back_orphans, write_plain_rows
from viewer.review.merge.rows import TouchedRows, kept_deletions
from viewer.review.merge.steps import Steps
from viewer.review.merge.translation import translate
from viewer.review.merge.union import names_in_other, take_commands
from viewer.review.merge.verdicts import verdict_conflicts
from viewer.review.store.backup import SMALL_FILE_BYTES, copy_workspace
from viewer.review.store.database import open_to_write, tidy
from viewer.review.store.files import give_name, refuse_taken_name, sync_file
from viewer.review.store.integrity import check_content, check_structure
from viewer.review.store.recognition import refuse_other_files

REVIEWER = "Sightline"
"""Under whose name the journal says that files were merged: the same whoever did it."""
CACHE_KIB = 512 * 1024
COPYING, COPYING_SECOND = "Copying the first file", "Copying the second file"
READING, PLACING = "Bringing the journals together", "Bringing decisions together"
COMPARING, CHECKING = "Looking for conflicts", "Checking the new file"
PARTS = {
    COPYING: 1.0, COPYING_SECOND: 1.0, READING: 5.0, PLACING: 2.0, COMPARING: 1.0, CHECKING: 1.0,
}  # fmt: skip


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


def merge_workspaces(
    first: Path, second: Path, into: Path, *, context: JobContext | None = None
) -> Merged:
    """Make a new workspace with what two others hold; both stay as they are.

    The result does not depend on the order of the two. Commands are put in the order of their
    times; the later one wins in each column; a row stays that was deleted in one file while the
    other built on it. Whatever contradicts itself is listed, with both values, and can be resolved
    by a command.

    Parameters
    ----------
    context
        Hears how far it is; through it the work can be given up at any moment.

    Raises
    ------
    DamagedWorkspace, NewerWorkspace, NotAWorkspace, WorkspaceError
        When a file cannot be read, `into` exists, or it cannot be written.
    Cancelled
        When it was given up; nothing is left of it then.
    """
    refuse_taken_name(into)
    if not into.absolute().parent.is_dir():
        raise WorkspaceError(f"{into} cannot be made: its folder does not exist")
    steps = Steps(context or JobContext(), PARTS)
    copies: dict[Path, Path] = {}
    try:
        with work_folder(into) as folder:
            copies[folder / "first.sightline"] = first
            copies[folder / "second.sightline"] = second
            for copy, source in copies.items():
                refuse_other_files(source)
                steps.begin(COPYING if source is first else COPYING_SECOND)
                copy_workspace(source, copy, check=_check_if_small, progress=steps.at)
            union = _union(*tuple(copies), steps=steps)
            sync_file(union.path)
            steps.at(1, 1)
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


def _union(first: Path, second: Path, *, steps: Steps) -> Merged:
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
        base_path, other_path = (first, second) if first_is_base else (second, first)
        renamed = (same.in_base, same.in_other)
        in_base, in_other = renamed if first_is_base else renamed[::-1]
        # Read by the base's connection from now on, which a log beside it would hinder.
        _hurry(other)
        other.close()
        _hurry(base)
        with steps.stopping(base):
            found = _bring_in(base, other_path, in_base, in_other, steps)
            steps.begin(CHECKING)
            tidy(base)
            _check_result(base, base_path)
    shared = sum(counts) - found.commands
    return Merged(
        base_path, shared, counts[0] - shared, counts[1] - shared,
        len(in_base) + len(in_other), found.conflicts,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Found:
    commands: int
    """In the union, the merge's own one left out."""
    conflicts: int


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


def _bring_in(
    base: sqlite3.Connection,
    other: Path,
    in_base: Mapping[str, str],
    in_other: Mapping[str, str],
    steps: Steps,
) -> _Found:
    base.execute("ATTACH ? AS other", (str(other),))
    with _all_at_once(base):
        steps.begin(READING)
        places = translate(base, in_base) | kept_deletions(base)
        translation = names_in_other(base, in_other)
        redone = take_commands(base, translation, steps)
        steps.begin(PLACING)
        write_plain_rows(base, translation, steps)
        steps.begin(COMPARING)
        touched = TouchedRows(base, steps)
        touched.add(places | take_back_orphans(base) | other_places(base))
        rewritten = touched.write_journal()
        touched.write_tables()
        steps.at(4, 5)
        conflicts = list(_conflicts(base, touched))
        commands = Journal(base).last_seq
        _write_digests(base, None if in_base else rewritten | set(redone))
        _list_conflicts(base, conflicts)
        base.execute(
            "UPDATE main.workspace SET workspace_id = ?, created_ns = ?",
            (uuid.uuid4().hex, time.time_ns()),
        )
    base.execute("DETACH other")
    return _Found(commands, len(conflicts))


def _conflicts(base: sqlite3.Connection, touched: TouchedRows) -> Iterator[FoundConflict]:
    found = [conflict_in(own) for own in touched.steps.each(touched.histories.values(), 0.8, 0.9)]
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
    """Renew the digests of commands, or of all."""
    seqs = rewritten
    if seqs is None:
        seqs = [seq for (seq,) in base.execute("SELECT seq FROM main.commands")]
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
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")


@contextmanager
def _all_at_once(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN")
    yield
    connection.execute("COMMIT")
