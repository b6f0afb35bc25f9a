"""Giving up a merge, and what a killed one leaves."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import textwrap

import pytest

from viewer.progress import Cancelled, JobContext
from viewer.review import Reviewer, Subject, Workspace, WorkspaceError
from viewer.review.commands.verdicts import SetVerdict
from viewer.review.merge import steps, union
from viewer.review.merge.merge import PARTS, merge_workspaces
from viewer.review.merge.steps import Steps
from viewer.review.verdicts.model import VerdictState


@pytest.fixture
def files(tmp_path):
    paths = []
    for name in ("ann", "bob"):
        paths.append(tmp_path / f"{name}.sightline")
        with Workspace.create(paths[-1], Reviewer(name)) as workspace:
            for number in range(30):
                label = Subject.label(name[0] * 32, "s", f"{number:06}", "gt", "1")
                workspace.run(SetVerdict(label, VerdictState.REJECTED))
    return paths


def names(folder):
    return {each.name for each in folder.iterdir()}


def test_progress_rises_to_the_end(files, tmp_path, monkeypatch):
    monkeypatch.setattr(union, "CHUNK", 5)
    heard = []
    merge_workspaces(*files, tmp_path / "both.sightline", context=JobContext(heard.append))
    dones = [each.done for each in heard]
    assert dones == sorted(dones)
    assert dones[0] == 0
    assert dones[-1] == heard[-1].total
    assert len(set(dones)) > 10


def test_giving_up_between_two_commands_leaves_nothing(files, tmp_path, monkeypatch):
    monkeypatch.setattr(union, "CHUNK", 5)
    before = names(tmp_path)
    heard = []

    def hear(progress):
        heard.append(progress)
        if progress.text.startswith("Bringing the journals") and progress.done > 300:
            context.cancel()

    context = JobContext(hear)
    with pytest.raises(Cancelled):
        merge_workspaces(*files, tmp_path / "both.sightline", context=context)
    assert names(tmp_path) == before
    merge_workspaces(*files, tmp_path / "both.sightline")


def test_a_long_statement_is_given_up_too():
    context = JobContext()
    connection = sqlite3.connect(":memory:")
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    counting = Steps(context, {"Counting": 1.0})
    context.cancel()
    with pytest.raises(Cancelled), counting.stopping(connection):
        connection.execute(endless)
    assert connection.execute("SELECT 1").fetchone() == (1,), "it can be used again"
    connection.close()


KILLED = """
    import sys, time
    from pathlib import Path
    from viewer.progress import JobContext
    from viewer.review.merge.merge import PARTS, merge_workspaces

    def wait(progress):
        if progress.text == sys.argv[4] and progress.done >= int(sys.argv[5]):
            print("now", flush=True)
            time.sleep(60)

    merge_workspaces(*map(Path, sys.argv[1:4]), context=JobContext(wait))
"""


def killed_merge(files, into, text="Bringing decisions together", done=0):
    """Start a merge in another process and return it in the middle of its work."""
    asked = map(str, (*files, into, text, done))
    command = [sys.executable, "-c", textwrap.dedent(KILLED), *asked]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"now\n"
    return process


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_what_a_killed_merge_leaves_goes_with_the_next_one(files, tmp_path):
    before = names(tmp_path)
    process = killed_merge(files, tmp_path / "killed.sightline")
    (left,) = names(tmp_path) - before
    try:
        merge_workspaces(*files, tmp_path / "both.sightline")
        assert left in names(tmp_path), "a merge that still runs keeps its folder"
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
    assert left in names(tmp_path)
    merge_workspaces(*files, tmp_path / "again.sightline")
    assert names(tmp_path) - before == {"both.sightline", "again.sightline"}


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
@pytest.mark.parametrize("text", list(PARTS))
def test_a_merge_killed_in_any_part_leaves_both_files_and_no_half_one(files, tmp_path, text):
    before = {path: path.read_bytes() for path in files}
    into = tmp_path / "both.sightline"
    process = killed_merge(files, into, text)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert not into.exists()
    assert {path: path.read_bytes() for path in files} == before
    merge_workspaces(*files, into)
    with Workspace.open(into, Reviewer("eve")) as workspace:
        workspace.check_integrity()
    assert not [name for name in names(tmp_path) if name.endswith(".merging")]


def test_where_nothing_can_be_locked_merging_goes_on(files, tmp_path, monkeypatch):
    def refuses(*_, **__):
        raise OSError(37, "No locks available")

    monkeypatch.setattr("viewer.review.store.holder._try_lock", refuses)
    left = tmp_path / ".other.sightline.abc.merging"
    left.mkdir()
    (left / ".merge.lock").touch()
    merge_workspaces(*files, tmp_path / "both.sightline")
    assert left.exists(), "nobody knows whether it is in use"


def test_a_full_disk_leaves_nothing(files, tmp_path, monkeypatch):
    before = names(tmp_path)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("viewer.review.merge.merge.sync_file", full)
    with pytest.raises(WorkspaceError, match=r"both\.sightline cannot be made: No space left"):
        merge_workspaces(*files, tmp_path / "both.sightline")
    assert names(tmp_path) == before


def test_giving_up_while_rows_are_compared_leaves_nothing(tmp_path, monkeypatch):
    """Rows that both touched are made one by one."""
    monkeypatch.setattr(steps, "ITEMS_BETWEEN_REPORTS", 3)
    paths = [tmp_path / f"{name}.sightline" for name in ("ann", "bob")]
    labels = [Subject.label("d" * 32, "s", f"{number:06}", "gt", "1") for number in range(30)]
    with Workspace.create(paths[0], Reviewer("ann")) as workspace:
        for label in labels:
            workspace.run(SetVerdict(label, VerdictState.REJECTED))
    shutil.copyfile(*paths)
    for path, state in zip(paths, (VerdictState.ACCEPTED, VerdictState.SKIPPED), strict=True):
        with Workspace.open(path, Reviewer("ann")) as workspace:
            for label in labels:
                workspace.run(SetVerdict(label, state))
    before = names(tmp_path)
    heard = []

    def hear(progress):
        heard.append(progress.done)
        if progress.text == "Looking for conflicts" and len(set(heard)) > limits[0]:
            context.cancel()

    limits = [1000]
    context = JobContext(hear)
    merge_workspaces(*paths, tmp_path / "both.sightline", context=context)
    assert heard == sorted(heard)
    (tmp_path / "both.sightline").unlink()
    for limit in range(5, len(set(heard)) - 3, 3):
        heard.clear()
        limits[0] = limit
        context = JobContext(hear)
        with pytest.raises(Cancelled):
            merge_workspaces(*paths, tmp_path / "both.sightline", context=context)
        assert names(tmp_path) == before
