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
from viewer.review.commands.queues import CreateQueue, FinishItem
from viewer.review.commands.settings import ChangeSetting
from viewer.review.commands.verdicts import SetVerdict
from viewer.review.merge import bulk
from viewer.review.merge.merge import merge_workspaces
from viewer.review.queues.reading import queue_progress
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
            assert_counted(path)
        assert schema(at_once) == schema(one_by_one)


COUNTED = (
    (
        "SELECT batch, size, done FROM queue_batch_progress",
        "SELECT b.key, json_array_length(b.subjects),"
        " (SELECT count(*) FROM queue_done d WHERE d.batch = b.key) FROM queue_batches b",
    ),
    (
        "SELECT queue_id, reviewer, done, spent_ms FROM queue_reviewer_progress WHERE done > 0",
        "SELECT queue_id, reviewer, count(*), sum(spent_ms) FROM queue_done GROUP BY 1, 2",
    ),
    (
        "SELECT reviewer, class_name, state, count FROM verdict_counts"
        " WHERE NOT is_effective AND count > 0",
        "SELECT reviewer, ifnull(class_name, ''), state, count(*) FROM verdicts GROUP BY 1, 2, 3",
    ),
    (
        "SELECT sum(count) FROM verdict_counts WHERE is_effective",
        "SELECT nullif(count(DISTINCT subject), 0) FROM verdicts",
    ),
    (
        "SELECT chunk, count FROM slice_spans",
        "SELECT key, json_array_length(members) FROM slice_members",
    ),
)


def assert_counted(path):
    """What triggers count is what the rows say."""
    connection = sqlite3.connect(path)
    try:
        for kept, told in COUNTED:
            found = [set(connection.execute(sql).fetchall()) for sql in (kept, told)]
            nothing = {(0,), (None,)}
            assert found[0] - nothing == found[1] - nothing, kept
    finally:
        connection.close()


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


@pytest.mark.parametrize("many", [0, 1000])
@pytest.mark.parametrize("ann_is_longer", [True, False])
def test_progress_of_a_queue_that_one_took_back(tmp_path, monkeypatch, many, ann_is_longer):
    """It stays because the other worked in it, with what was done in it counted."""
    monkeypatch.setattr(bulk, "MANY", many)
    labels = [Subject.label("d" * 32, "s", f"{number:06}", "gt", "1") for number in range(6)]
    mine, theirs = tmp_path / "ann.sightline", tmp_path / "bob.sightline"
    with Workspace.create(mine, Reviewer("ann")) as workspace:
        workspace.run(CreateQueue("5" * 32, "all", tuple(labels), 2))
    shutil.copyfile(mine, theirs)
    with Workspace.open(mine, Reviewer("ann")) as workspace:
        workspace.undo()
        for number in range(20 if ann_is_longer else 0):
            workspace.run(ChangeSetting("a", number))
    with Workspace.open(theirs, Reviewer("bob")) as workspace:
        for label in labels[:3]:
            workspace.run(FinishItem("5" * 32, label.key, 2.0))
    for pair in ((mine, theirs), (theirs, mine)):
        both = tmp_path / f"{pair[0].stem}.both.sightline"
        merge_workspaces(*pair, both)
        with Workspace.open(both, Reviewer("eve")) as workspace:
            workspace.check_integrity()
            batches = "SELECT number, size, done FROM queue_batch_progress ORDER BY number"
            assert workspace.reading.query(batches) == [(1, 2, 2), (2, 2, 1)]
            found = queue_progress(workspace.reading, "5" * 32)
            assert (found.done, [(each.reviewer, each.done) for each in found.by_reviewer]) == (
                3, [("bob", 3)]
            )  # fmt: skip
