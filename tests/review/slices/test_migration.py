import sqlite3
from contextlib import closing

from review import slices_examples

from viewer.review import Reviewer, Workspace
from viewer.review.commands.datasets import AddDataset
from viewer.review.slices.reading import slices
from viewer.review.splits.reading import splits
from viewer.review.store import database
from viewer.review.store.migrations import m0004_slices
from viewer.review.store.migrations.catalog import STEPS
from viewer.review.tags.reading import tag_counts
from viewer.review.versions.reading import versions


def test_a_workspace_from_before_there_were_slices_gets_them(tmp_path, monkeypatch):
    path = tmp_path / "old.sightline"
    with monkeypatch.context() as before:
        before.setattr(database, "STEPS", STEPS[: STEPS.index(m0004_slices.SQL)])
        database.create_database(path, 1)
    with closing(sqlite3.connect(path)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master").fetchall()
        assert ("commands",) in tables
        assert ("slices",) not in tables
    with Workspace.open(path, Reviewer("ann")) as workspace:
        workspace.run(AddDataset(slices_examples.DATASET, "street", "street", "native"))
        slices_examples.prepare(workspace)
    with Workspace.open(path, Reviewer("ann")) as workspace:
        found = slices(workspace.reading)
        assert [(each.name, each.count) for each in found] == [
            ("night", 3), ("rain", 3), ("v1 test", 1), ("v1 train", 2),
        ]  # fmt: skip
        assert tag_counts(workspace.reading) == {"damp": 2, "wet": 2}
        assert [each.name for each in versions(workspace.reading)] == ["first", "trucks"]
        assert [each.name for each in splits(workspace.reading)] == ["v1"]
        while workspace.undo() is not None:
            pass
        assert slices(workspace.reading) == versions(workspace.reading) == []
        assert workspace.reading.query("SELECT * FROM slice_spans") == []
