import sqlite3

from viewer.review import Reviewer, Subject, Workspace
from viewer.review.commands.queues import CreateQueue, FinishItem
from viewer.review.commands.verdicts import SetVerdict
from viewer.review.queues.reading import queue_progress
from viewer.review.store.database import APPLICATION_ID
from viewer.review.store.migrations import m0001_journal
from viewer.review.verdicts.counts import count_verdicts
from viewer.review.verdicts.model import VerdictState

FRAME = Subject.frame("d", "street", "000042")


def test_a_workspace_from_before_there_were_verdicts_gets_them(tmp_path):
    path = tmp_path / "old.sightline"
    connection = sqlite3.connect(path)
    connection.executescript(
        f"{m0001_journal.SQL} PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = 1;"
        "INSERT INTO workspace VALUES ('w', 1);"
        "INSERT INTO commands (seq, command_id, reviewer, time_ns, kind, text)"
        " VALUES (1, x'00', 'ann', 5, 'change_setting', 'Change a');"
        "INSERT INTO changes VALUES (1, 0, 'settings', 'a', NULL, '{\"name\":\"a\",\"value\":1}');"
        "INSERT INTO settings VALUES ('a', 'a', '1');"
    )
    connection.close()
    with Workspace.open(path, Reviewer("ann")) as workspace:
        assert next(entry.kind for entry in workspace.journal.entries()) == "change_setting"
        workspace.run(SetVerdict(FRAME, VerdictState.ACCEPTED))
        workspace.run(CreateQueue("5" * 32, "one", [FRAME]))
        workspace.run(FinishItem("5" * 32, FRAME.key, 2.0))
    with Workspace.open(path, Reviewer("ann")) as workspace:
        assert [each.count for each in count_verdicts(workspace.reading)] == [1]
        assert queue_progress(workspace.reading, "5" * 32).mean_seconds == 2.0
