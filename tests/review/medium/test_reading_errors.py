"""What SQLite says while reading reaches people as what is wrong with which file."""

import os
import shutil
import sqlite3
from itertools import count

import pytest

from viewer.review import (
    DamagedWorkspace,
    Reviewer,
    Subject,
    Workspace,
    WorkspaceError,
    WorkspaceUnreadable,
    WorkspaceUnwritable,
)
from viewer.review.commands.issues import OpenIssue
from viewer.review.commands.settings import ChangeSetting
from viewer.review.commands.verdicts import SetVerdict
from viewer.review.datasets.entities import SETTINGS
from viewer.review.issues.entities import ISSUES
from viewer.review.issues.reading import issues
from viewer.review.journal import Journal
from viewer.review.ledger import Reading
from viewer.review.merge.merge import merge_workspaces
from viewer.review.verdicts.model import VerdictState
from viewer.review.verdicts.reading import all_verdicts

LABEL = Subject.label("d" * 32, "s", "0", "gt", "1")
OF_THE_MEDIUM = {
    sqlite3.SQLITE_BUSY: "another program keeps it busy",
    sqlite3.SQLITE_LOCKED: "another program keeps it busy",
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_READONLY: "it can no longer be written",
    sqlite3.SQLITE_IOERR: "the disk refuses it",
    sqlite3.SQLITE_CANTOPEN: "its folder cannot be written",
    sqlite3.SQLITE_NOMEM: "the memory is full",
}
DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "street.sightline"
    with Workspace.create(path, Reviewer("ann")) as workspace:
        for number in range(200):
            workspace.run(OpenIssue(f"{number:032}", f"Boxes {number}", description="x" * 200))
        workspace.run(SetVerdict(LABEL, VerdictState.REJECTED))
        workspace.run(ChangeSetting("a", 1))
        workspace.run(ChangeSetting("a", 2))
    return path


class Failing(sqlite3.Connection):
    """Fails with a code at the chosen statement, as the disk would."""

    code = 0
    left = -1

    def execute(self, sql, *values):
        if not sql.startswith("PRAGMA database_list"):
            Failing.left -= 1
            if Failing.left == 0:
                kind = sqlite3.DatabaseError if self.code in DAMAGE else sqlite3.OperationalError
                error = kind("it fails")
                # Extended codes carry details above the first eight bits.
                error.sqlite_errorcode = self.code | (1 << 8)
                raise error
        return super().execute(sql, *values)


def everything_read(reading: Reading, journal: Journal):
    """One call of each way to read."""
    yield lambda: reading.row(SETTINGS, "a")
    yield lambda: reading.rows(ISSUES)
    yield lambda: reading.query("SELECT count(*) FROM verdicts")
    yield lambda: reading.subject(LABEL.key)
    yield lambda: reading.snapshot("0" * 32)
    yield lambda: reading.picture("0" * 32)
    yield lambda: reading.file_list("none")
    yield lambda: journal.last_seq
    yield lambda: journal.last_time_ns
    yield lambda: list(journal.entries())
    yield lambda: journal.changes(3)
    yield lambda: journal.count_changes(3)
    yield lambda: journal.touched(3)
    yield lambda: journal.entry(b"none")
    yield lambda: journal.history(SETTINGS, "a")
    yield lambda: issues(reading)
    yield lambda: all_verdicts(reading)


def read_everything(workspace: Workspace):
    for read in everything_read(workspace.reading, workspace.journal):
        read()
    workspace.check_integrity()


@pytest.mark.parametrize("code", [*OF_THE_MEDIUM, *DAMAGE])
def test_every_way_to_read_names_the_file_and_what_to_do(path, code, monkeypatch):
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, factory=Failing)
    monkeypatch.setattr(Failing, "code", code)
    for read in everything_read(Reading(connection), Journal(connection)):
        read()
        monkeypatch.setattr(Failing, "left", 1)
        with pytest.raises(WorkspaceError) as raised:
            read()
        text = str(raised.value)
        assert str(path) in text
        if code in DAMAGE:
            assert isinstance(raised.value, DamagedWorkspace)
            assert "the last good backup is" in text
        else:
            assert isinstance(raised.value, WorkspaceUnreadable)
            reason, _, advice = text.partition("); ")
            assert OF_THE_MEDIUM[code] in reason
            assert advice
    connection.close()


def test_a_mistake_of_ours_stays_one(path):
    with (
        Workspace.open(path, Reviewer("ann"), read_only=True) as workspace,
        pytest.raises(sqlite3.OperationalError, match="no such table"),
    ):
        workspace.reading.query("SELECT * FROM no_table")


def problem_of(workspace: Workspace, command) -> WorkspaceError | None:
    try:
        workspace.run(command)
    except WorkspaceError as error:
        return error
    return None


def test_what_is_on_disk_is_done_and_told_with_the_next(path, monkeypatch):
    with Workspace.open(path, Reviewer("ann")) as workspace:
        heard = []
        workspace.subscribe(heard.append)
        entries = Journal.entries

        def fails(journal, *, after_seq=0, **others):
            if after_seq and not others:
                raise WorkspaceUnreadable(path, "the disk refuses it", "look after it")
            return entries(journal, after_seq=after_seq, **others)

        monkeypatch.setattr(Journal, "entries", fails)
        assert workspace.run(ChangeSetting("a", 3)) is not None
        assert not heard
        monkeypatch.undo()
        workspace.run(ChangeSetting("b", 1))
        (changed,) = heard
        assert [entry.text for entry in changed.entries] == ["Change a", "Change b"]


def test_what_cannot_be_read_while_following_is_told_and_comes_later(path, monkeypatch):
    with (
        Workspace.open(path, Reviewer("ann")) as writer,
        Workspace.open(path, Reviewer("bob"), read_only=True) as reader,
    ):
        writer.run(ChangeSetting("a", 3))
        heard = []
        reader.subscribe(heard.append)

        def fails(_journal, _after):
            raise WorkspaceUnreadable(path, "the disk refuses it", "look after it")

        monkeypatch.setattr(Journal, "touched", fails)
        with pytest.raises(WorkspaceUnreadable):
            reader.follow()
        monkeypatch.undo()
        assert reader.follow()
        assert len(heard) == 1


@pytest.mark.parametrize("code", [sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL])
def test_a_command_that_fails_at_any_statement_changes_nothing(path, code, monkeypatch):
    """Whether it was reading or writing: it can be tried again."""
    connect = sqlite3.connect
    monkeypatch.setattr(
        sqlite3, "connect", lambda *given, **named: connect(*given, factory=Failing, **named)
    )
    monkeypatch.setattr(Failing, "code", code)
    with Workspace.open(path, Reviewer("ann")) as workspace:
        before = workspace.reading.rows(SETTINGS)
        for statement in count(1):
            monkeypatch.setattr(Failing, "left", statement)
            problem = problem_of(workspace, ChangeSetting("a", 3))
            monkeypatch.setattr(Failing, "left", -1)
            if problem is None:
                break
            assert isinstance(problem, WorkspaceUnwritable)
            assert "nothing was changed, try again" in str(problem)
            assert workspace.reading.rows(SETTINGS) == before
        assert statement > 5
        assert workspace.reading.row(SETTINGS, "a") == {"name": "a", "value": 3}


def test_a_file_that_is_cut_while_it_is_open(path):
    """Elsewhere the disk went away, or a copy was written over it."""
    backup = path.with_name(f"{path.name}.backup")
    assert backup.exists()
    for size in (path.stat().st_size // 2, 4096, 100, 0):
        cut = path.with_name(f"cut{size}.sightline")
        shutil.copyfile(path, cut)
        with Workspace.open(cut, Reviewer("ann"), read_only=True) as workspace:
            workspace.reading.query("PRAGMA cache_size = 1")
            os.truncate(cut, size)
            with pytest.raises(WorkspaceError, match=cut.name):
                read_everything(workspace)


@pytest.mark.parametrize("noise", [b"\xff", b"\0"])
def test_pages_that_are_overwritten_while_it_is_open(path, noise):
    with Workspace.open(path, Reviewer("ann"), read_only=True) as workspace:
        workspace.reading.query("PRAGMA cache_size = 1")
        size = path.stat().st_size
        with path.open("r+b") as file:
            file.seek(4096)
            file.write(noise * (size - 4096))
        with pytest.raises(DamagedWorkspace, match="the last good backup is"):
            read_everything(workspace)


@pytest.mark.parametrize(
    ("sql", "read"),
    [
        ("UPDATE settings SET value = '{'", lambda w: w.reading.row(SETTINGS, "a")),
        ("UPDATE subjects SET kind = 'moon'", lambda w: w.reading.subject(LABEL.key)),
        ("UPDATE changes SET entity = 'moons'", lambda w: w.journal.changes(3)),
        ("UPDATE changes SET before = '['", lambda w: w.undo_text and w.journal.changes(203)),
    ],
)
def test_a_record_that_means_nothing_is_damage(path, sql, read):
    workspace = Workspace.open(path, Reviewer("ann"), read_only=True)
    with sqlite3.connect(path) as connection:
        connection.execute(sql)
    connection.close()
    with pytest.raises(DamagedWorkspace, match="cannot be understood"):
        read(workspace)
    workspace.close()


def test_another_program_that_keeps_it_locked(path):
    with Workspace.open(path, Reviewer("ann"), read_only=True) as workspace:
        workspace.reading.query("PRAGMA busy_timeout = 10")
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(WorkspaceUnreadable, match="another program keeps it busy") as raised:
            workspace.reading.row(SETTINGS, "a")
        assert str(raised.value).endswith("try again when that is done")
        other.execute("ROLLBACK")
        other.close()
        assert workspace.reading.row(SETTINGS, "a") is not None


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may all")
def test_a_file_that_may_not_be_read(path):
    path.chmod(0)
    with pytest.raises(WorkspaceError, match=path.name):
        Workspace.open(path, Reviewer("ann"), read_only=True)


def test_opening_a_broken_file_leaves_no_lock(path, monkeypatch):
    def fails(_self):
        raise WorkspaceUnreadable(path, "the disk refuses it", "try again")

    monkeypatch.setattr(Journal, "last_seq", property(fails))
    with pytest.raises(WorkspaceUnreadable):
        Workspace.open(path, Reviewer("ann"))
    monkeypatch.undo()
    with Workspace.open(path, Reviewer("ann")) as workspace:
        assert workspace.is_writable


def test_merging_a_file_that_cannot_be_read_names_it(path, tmp_path):
    second = tmp_path / "second.sightline"
    shutil.copyfile(path, second)
    into = tmp_path / "both.sightline"
    os.truncate(second, second.stat().st_size // 2)
    with pytest.raises(DamagedWorkspace, match=second.name):
        merge_workspaces(path, second, into)
    assert not into.exists()
