"""Every step of the schema, on files that hold what the steps before it allow."""

import sqlite3
from pathlib import Path

import pytest
from review.command_examples import EXAMPLES, prepare
from review.conftest import tables

from viewer.review import DamagedWorkspace, Reviewer, Workspace
from viewer.review.entities import ENTITIES
from viewer.review.journal import digest
from viewer.review.medium.damage import APPLICATION_ID
from viewer.review.store import database, integrity, recognition
from viewer.review.store.migrations.catalog import STEPS

ANN = Reviewer("ann")
CONTENT = ("subjects", "label_snapshots", "pictures", "file_lists", "workspace")


@pytest.fixture(scope="module")
def filled(tmp_path_factory) -> Path:
    """A workspace of this version with rows of all kinds."""
    path = tmp_path_factory.mktemp("filled") / "street.sightline"
    with Workspace.create(path, ANN) as workspace:
        prepare(workspace)
        for example in EXAMPLES.values():
            before = workspace.journal.last_seq
            workspace.run(example())
            assert workspace.journal.last_seq == before + 1
            if workspace.undo_text == example().text:
                workspace.undo()
                workspace.redo()
                workspace.undo()
    return path


def as_of_version(filled: Path, path: Path, version: int) -> None:
    """Write what a program of that version would have written of the same work."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript("".join(STEPS[:version]))
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {version}")
    connection.execute("ATTACH ? AS full", (str(filled),))
    there = {name for (name,) in connection.execute("SELECT name FROM main.sqlite_master")}
    known = [each.name for each in ENTITIES if each.name in there]
    marks = ", ".join("?" * len(known))
    for table in (*(each for each in CONTENT if each in there), *known):
        names = ", ".join(row[1] for row in connection.execute(f"PRAGMA main.table_info({table})"))
        connection.execute(f"INSERT INTO main.{table} ({names}) SELECT {names} FROM full.{table}")
    connection.execute(
        "INSERT INTO main.changes SELECT * FROM full.changes WHERE seq IN (SELECT seq FROM"
        f" full.changes GROUP BY seq HAVING min(entity IN ({marks})))",
        known,
    )
    kept = connection.execute("SELECT DISTINCT seq FROM main.changes ORDER BY seq").fetchall()
    for place, (seq,) in enumerate(kept, start=1):
        entry = connection.execute(
            "SELECT command_id, reviewer, time_ns, kind, text, reverses FROM full.commands"
            " WHERE seq = ?",
            (seq,),
        ).fetchone()
        connection.execute("UPDATE main.changes SET seq = ? WHERE seq = ?", (place, seq))
        changes = connection.execute(
            "SELECT entity, key, before, after FROM main.changes WHERE seq = ? ORDER BY position",
            (place,),
        ).fetchall()
        connection.execute(
            "INSERT INTO main.commands VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (place, *entry, digest(entry, changes)),
        )
    connection.close()


def columns(path: Path, version: int) -> dict[str, list[tuple]]:
    """The rows of the tables that there were in a version, with its columns."""
    old = sqlite3.connect(":memory:")
    old.executescript("".join(STEPS[:version]))
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    found = {}
    for table in (*CONTENT, "commands", "changes", *(each.name for each in ENTITIES)):
        names = [row[1] for row in old.execute(f"PRAGMA table_info({table})")]
        if names:
            sql = f"SELECT {', '.join(names)} FROM {table} ORDER BY 1, 2"
            found[table] = connection.execute(sql).fetchall()
    connection.close()
    old.close()
    return found


@pytest.mark.parametrize("version", range(1, len(STEPS) + 1))
def test_what_an_older_version_wrote_is_kept(filled, tmp_path, version):
    path = tmp_path / "street.sightline"
    as_of_version(filled, path, version)
    before = columns(path, version)
    assert len(before["commands"]) >= 4
    with Workspace.open(path, ANN) as workspace:
        assert workspace.reading.query("PRAGMA user_version") == [(len(STEPS),)]
        workspace.check_integrity()
        after = columns(path, version)
        assert after == before
        text = workspace.undo_text
        if text is not None:
            workspace.undo()
            workspace.redo()
    if version == len(STEPS):
        assert tables(path) == tables(filled)


def test_the_file_is_copied_before_it_is_brought_to_date(filled, tmp_path):
    path = tmp_path / "street.sightline"
    as_of_version(filled, path, 3)
    with Workspace.open(path, ANN):
        copy = tmp_path / "street.sightline.layout3.backup"
        connection = sqlite3.connect(f"file:{copy}?mode=ro", uri=True)
        assert connection.execute("PRAGMA user_version").fetchone() == (3,)
        connection.close()


def test_a_step_that_fails_leaves_the_file_as_it_was(filled, tmp_path, monkeypatch):
    path = tmp_path / "street.sightline"
    path.write_bytes(filled.read_bytes())
    wrong = (*STEPS, "CREATE TABLE extra (a); INSERT INTO nothing VALUES (1);")
    for module in (database, integrity, recognition):
        monkeypatch.setattr(module, "STEPS", wrong)
    with pytest.raises(DamagedWorkspace, match=f"not those of layout {len(STEPS)}"):
        Workspace.open(path, ANN)
    monkeypatch.undo()
    with Workspace.open(path, ANN) as workspace:
        workspace.check_integrity()
        assert tables(path) == tables(filled)
        assert not workspace.reading.query("SELECT 1 FROM sqlite_master WHERE name = 'extra'")
