import sqlite3
from contextlib import closing

from viewer.review import Reviewer, Subject, Workspace
from viewer.review.commands.queues import CreateQueue, FinishItem
from viewer.review.commands.verdicts import SetVerdict
from viewer.review.queues.reading import queue_progress
from viewer.review.store import database
from viewer.review.store.migrations import m0001_journal
from viewer.review.verdicts.counts import count_verdicts
from viewer.review.verdicts.model import VerdictState

FRAME = Subject.frame("d", "street", "000042")


def test_a_workspace_from_before_there_were_verdicts_gets_them(tmp_path, monkeypatch):
    path = tmp_path / "old.sightline"
    with monkeypatch.context() as before:
        before.setattr(database, "STEPS", (m0001_journal.SQL,))
        database.create_database(path, 1)
    with closing(sqlite3.connect(path)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master").fetchall()
        assert ("commands",) in tables
        assert ("verdicts",) not in tables
    with Workspace.open(path, Reviewer("ann")) as workspace:
        workspace.run(SetVerdict(FRAME, VerdictState.ACCEPTED))
        workspace.run(CreateQueue("5" * 32, "one", [FRAME]))
        workspace.run(FinishItem("5" * 32, FRAME.key, 2.0))
    with Workspace.open(path, Reviewer("ann")) as workspace:
        assert [each.count for each in count_verdicts(workspace.reading)] == [1]
        assert queue_progress(workspace.reading, "5" * 32).mean_seconds == 2.0
        for text in ("Finish an item", "Make queue “one”", "Accept frame 000042 of street"):
            assert workspace.undo().text == text
        assert workspace.undo_text is None
