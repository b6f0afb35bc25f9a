"""Merging many rows at once gives what merging them one by one gives."""

import shutil
import sqlite3
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from review.merge_actions import SOME
from review.test_merge import Shared, content, slow

from viewer.review import Reviewer, Subject, Workspace
from viewer.review.commands.verdicts import SetVerdict
from viewer.review.merge import bulk
from viewer.review.merge.merge import merge_workspaces
from viewer.review.store.migrations.catalog import STEPS
from viewer.review.verdicts.model import VerdictState


@pytest.mark.parametrize("one_start", [True, False])
@slow
@given(before=SOME, ann=SOME, bob=SOME)
def test_counts_and_indices_made_anew_are_the_same(one_start, before, ann, bob):
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patched:
        shared = Shared(Path(name), one_start=one_start)
        shared.part(before)
        shared.ann.do(ann)
        shared.bob.do(bob)
        one_by_one = shared.merge(shared.ann.path, shared.bob.path)
        patched.setattr(bulk, "MANY", 0)
        at_once = shared.merge(shared.ann.path, shared.bob.path)
        assert content(at_once) == content(one_by_one)
        assert content(shared.merge(shared.bob.path, shared.ann.path)) == content(one_by_one)
        for path in (one_by_one, at_once):
            with Workspace.open(path, Reviewer("ann")) as workspace:
                workspace.check_integrity()
        assert schema(at_once) == schema(one_by_one)


def schema(path):
    connection = sqlite3.connect(path)
    try:
        return set(connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall())
    finally:
        connection.close()


def test_counts_after_many_are_those_of_the_triggers(tmp_path, monkeypatch):
    """The triggers' counts of the same verdicts given one by one in one file are the oracle."""
    monkeypatch.setattr(bulk, "MANY", 10)
    states = list(VerdictState)
    paths = {name: tmp_path / f"{name}.sightline" for name in ("ann", "bob", "both", "all")}
    for name in ("ann", "all"):
        Workspace.create(paths[name], Reviewer("eve")).close()
    shutil.copyfile(paths["ann"], paths["bob"])
    shutil.copyfile(paths["ann"], paths["all"])
    for number in range(60):
        name = "ann" if number % 2 else "bob"
        given = SetVerdict(
            Subject.label("d" * 32, "s", f"{number // 3:06}", "gt", "1"), states[number % 4],
            ("loose box",) if number % 4 == 1 else (), class_name="car" if number % 5 else None,
        )  # fmt: skip
        for path in (paths[name], paths["all"]):
            with Workspace.open(path, Reviewer(name)) as workspace:
                workspace.run(given)
    merge_workspaces(paths["ann"], paths["bob"], paths["both"])
    for table in ("verdict_counts", "verdict_reason_counts"):
        found = [
            [row for row in rows(path, table) if row[-1]] for path in (paths["both"], paths["all"])
        ]
        assert found[0] == found[1]
        assert found[0]


def rows(path, table):
    connection = sqlite3.connect(path)
    try:
        return sorted(connection.execute(f"SELECT * FROM {table}").fetchall())
    finally:
        connection.close()


def test_what_is_taken_out_is_of_the_layout():
    """An index of SQLite's own could not be made again by its text."""
    connection = sqlite3.connect(":memory:")
    connection.executescript("".join(STEPS))
    found = "SELECT count(*) FROM sqlite_master WHERE tbl_name = ? AND type = ? AND sql <> ''"
    for table, kind in (("commands", "index"), ("changes", "index"), ("verdicts", "trigger")):
        assert connection.execute(found, (table, kind)).fetchone()[0] > 0
    connection.close()
