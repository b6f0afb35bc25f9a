"""Damaged files: found, told with the backup, and replaced by it without throwing them away."""

import os
import random
import sqlite3
from pathlib import Path

import pytest
from review.command_examples import EXAMPLES, prepare
from review.conftest import tables

from viewer.review import DamagedWorkspace, Reviewer, Workspace, WorkspaceError
from viewer.review.commands.settings import ChangeSetting
from viewer.review.errors import NewerWorkspace, NotAWorkspace
from viewer.review.kinds import NO_STEPS
from viewer.review.medium.damage import backup_of
from viewer.review.store import backup as backups
from viewer.review.store.backup import is_backup_due
from viewer.review.store.migrations.catalog import STEPS
from viewer.review.store.restore import restore_backup

ROUNDS = 1500 if os.environ.get("SIGHTLINE_LONG") else 150
ANN = Reviewer("ann")


@pytest.fixture(scope="module")
def filled(tmp_path_factory) -> Path:
    """A closed workspace with a row of most kinds."""
    path = tmp_path_factory.mktemp("filled") / "street.sightline"
    with Workspace.create(path, ANN) as workspace:
        prepare(workspace)
        for example in EXAMPLES.values():
            entry = workspace.run(example())
            if entry.kind not in NO_STEPS:
                workspace.undo()
    return path


@pytest.fixture
def path(filled, tmp_path) -> Path:
    path = tmp_path / "street.sightline"
    path.write_bytes(filled.read_bytes())
    backup_of(path).write_bytes(backup_of(filled).read_bytes())
    return path


def journal(path: Path) -> list:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return [
            connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()
            for table in ("commands", "changes", "subjects", "label_snapshots")
        ]
    finally:
        connection.close()


def opens_wrongly(path: Path) -> bool:
    """Whether a file opens though it is not what it was; any WorkspaceError is a refusal."""
    sound_tables, sound_journal = tables(backup_of(path)), journal(backup_of(path))
    try:
        with Workspace.open(path, ANN, read_only=True):
            return tables(path) != sound_tables or journal(path) != sound_journal
    except WorkspaceError:
        return False


def test_flipped_and_zeroed_bytes_are_found_or_change_nothing(path):
    chance = random.Random(7)
    sound = path.read_bytes()
    refused = 0
    for number in range(ROUNDS):
        content = bytearray(sound)
        place = chance.randrange(len(content))
        if number % 3:
            content[place] ^= 1 << chance.randrange(8)
        else:
            content[place : place + 64] = bytes(64)
        path.write_bytes(content)
        assert not opens_wrongly(path), place
        try:
            Workspace.open(path, ANN, read_only=True).close()
        except WorkspaceError:
            refused += 1
    assert refused > ROUNDS // 4


def test_cut_files_are_found(path):
    sound = path.read_bytes()
    for size in (0, 1, 50, 100, 512, 4096, 5000, len(sound) // 2, len(sound) - 1):
        path.write_bytes(sound[:size])
        with pytest.raises(DamagedWorkspace) as caught:
            Workspace.open(path, ANN)
        assert caught.value.backup == backup_of(path)
        assert {each.name for each in path.parent.iterdir()} == {path.name, backup_of(path).name}


@pytest.mark.parametrize("column", ["text", "reviewer", "time_ns", "kind"])
def test_a_changed_word_in_the_journal_is_found(path, column):
    connection = sqlite3.connect(path)
    connection.execute(f"UPDATE commands SET {column} = {column} || '1' WHERE seq = 3")
    connection.commit()
    connection.close()
    with pytest.raises(DamagedWorkspace, match="command 3 of the journal is not as it was") as told:
        Workspace.open(path, ANN)
    assert f"the last good backup is {backup_of(path)}" in str(told.value)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE settings SET value = '0.75' WHERE key = 'score_threshold'",
        "DELETE FROM settings WHERE key = 'score_threshold'",
        "INSERT INTO settings VALUES ('extra', 'extra', '1')",
        "UPDATE subjects SET scene_id = 'other'",
        "DELETE FROM changes WHERE seq = 2",
        "DELETE FROM commands WHERE seq = 2",
        "CREATE TRIGGER evil AFTER INSERT ON commands BEGIN DELETE FROM settings; END",
        "CREATE TABLE more (a)",
        "DROP TABLE verdicts",
        "PRAGMA user_version = 1",
    ],
)
def test_what_the_journal_did_not_do_is_found(path, sql):
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute(sql)
    connection.commit()
    connection.close()
    good = backup_of(path).read_bytes()
    with pytest.raises(DamagedWorkspace):
        Workspace.open(path, ANN)
    assert backup_of(path).read_bytes() == good


def test_damage_under_a_writer_is_told(path):
    with Workspace.open(path, ANN) as workspace:
        pages = workspace.reading.query("PRAGMA page_count")[0][0]
        workspace.reading.query("PRAGMA wal_checkpoint(TRUNCATE)")
        with path.open("r+b") as file:
            file.seek(4096)
            file.write(os.urandom(4096 * (pages - 1)))
        workspace.reading.query("PRAGMA shrink_memory")
        with pytest.raises(DamagedWorkspace):
            workspace.check_integrity()
        with pytest.raises(DamagedWorkspace):
            workspace.back_up()
    assert tables(backup_of(path))["settings"]


def test_a_broken_file_is_refused_without_a_backup_too(path):
    backup_of(path).unlink()
    content = path.read_bytes()
    path.write_bytes(content[:8192] + bytes(len(content) - 8192))
    with pytest.raises(DamagedWorkspace, match="there is no backup beside it") as caught:
        Workspace.open(path, ANN)
    assert caught.value.backup is None
    with pytest.raises(WorkspaceError, match="no backup beside"):
        restore_backup(path)


@pytest.mark.parametrize("content", [b"", b"hello", b"SQLite format 3\0" + bytes(200), None])
def test_other_files_are_no_workspaces(tmp_path, content):
    path = tmp_path / "other.sightline"
    if content is None:
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE a (b)")
        connection.close()
    else:
        path.write_bytes(content)
    before = path.read_bytes()
    with pytest.raises(NotAWorkspace, match="is no Sightline workspace"):
        Workspace.open(path, ANN)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_newer_file_is_refused_and_untouched(path):
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {len(STEPS) + 1}")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(NewerWorkspace, match="written by a newer Sightline"):
        Workspace.open(path, ANN)
    assert path.read_bytes() == before


def test_restoring_keeps_the_damaged_file(path):
    damaged = b"nothing" * 5000
    path.write_bytes(damaged)
    expected = tables(backup_of(path))
    kept = restore_backup(path)
    assert kept.read_bytes() == damaged
    assert kept.name.startswith("street.damaged-")
    assert kept.suffix == ".sightline"
    assert tables(path) == expected
    with Workspace.open(path, ANN) as workspace:
        workspace.run(ChangeSetting("after", 1))
    path.write_bytes(b"again")
    assert restore_backup(path) != kept
    assert kept.read_bytes() == damaged
    assert ("after", "after", "1") in tables(path)["settings"]


def test_restoring_moves_what_lies_beside(path):
    """SQLite would play the log of the damaged file into the restored one."""
    log = path.with_name(f"{path.name}-wal")
    log.write_bytes(b"log")
    path.write_bytes(b"nothing")
    kept = restore_backup(path)
    assert kept.with_name(f"{kept.name}-wal").read_bytes() == b"log"
    assert not log.exists()


def test_nothing_is_restored_under_a_writer_or_from_a_bad_backup(path):
    with (
        Workspace.open(path, ANN),
        pytest.raises(WorkspaceError, match="held by ann"),
    ):
        restore_backup(path)
    content = backup_of(path).read_bytes()
    backup_of(path).write_bytes(content[:8192] + bytes(len(content) - 8192))
    before = path.read_bytes()
    with pytest.raises(DamagedWorkspace):
        restore_backup(path)
    assert path.read_bytes() == before


def test_a_backup_never_takes_damage_over(path):
    good = backup_of(path).read_bytes()
    with Workspace.open(path, ANN) as workspace:
        connection = sqlite3.connect(path)
        connection.execute("UPDATE commands SET text = 'forged' WHERE seq = 2")
        connection.commit()
        connection.close()
        with pytest.raises(DamagedWorkspace):
            workspace.back_up()
    assert backup_of(path).read_bytes() == good
    assert {each.name for each in path.parent.iterdir()} == {path.name, backup_of(path).name}


def test_when_backups_are_due(tmp_path):
    assert not is_backup_due(199, 0)
    assert is_backup_due(200, 0)
    assert not is_backup_due(1_000_000, 995_000)
    assert is_backup_due(1_000_000, 990_000)
    path = tmp_path / "a.sightline"
    with Workspace.create(path, ANN) as workspace:
        for number in range(198):
            workspace.run(ChangeSetting("a", number))
        assert not workspace.is_backup_due
        workspace.run(ChangeSetting("b", 1))
        assert workspace.is_backup_due
        workspace.back_up()
        assert not workspace.is_backup_due
        assert tables(backup_of(path)) == tables(path)


def test_closing_renews_the_backup_of_small_files_alone(tmp_path, monkeypatch):
    path = tmp_path / "a.sightline"
    with Workspace.create(path, ANN) as workspace:
        workspace.run(ChangeSetting("a", 1))
    assert tables(backup_of(path)) == tables(path)
    first = backup_of(path).stat().st_mtime_ns
    Workspace.open(path, ANN).close()
    assert backup_of(path).stat().st_mtime_ns == first
    monkeypatch.setattr(backups, "SMALL_FILE_BYTES", 1)
    monkeypatch.setattr("viewer.review.workspace.SMALL_FILE_BYTES", 1)
    with Workspace.open(path, ANN) as workspace:
        workspace.run(ChangeSetting("a", 2))
    assert backup_of(path).stat().st_mtime_ns == first


def test_what_a_killed_process_left_of_a_copy_goes(path):
    old, new = (path.with_name(f".{path.name}.backup.{name}.new") for name in ("0a", "0b"))
    for each in (old, new):
        each.write_bytes(b"half")
    os.utime(old, (1, 1))
    Workspace.open(path, ANN).close()
    assert not old.exists()
    assert new.exists(), "another process may be writing it"
