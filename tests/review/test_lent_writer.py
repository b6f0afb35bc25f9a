"""Large steps that another thread writes: whole or not at all, and nobody else writes meanwhile."""

import json
import threading
import time

import pytest
from review.conftest import tables

from viewer.progress import Cancelled, JobContext
from viewer.review import Reviewer, Workspace, WorkspaceError
from viewer.review.commands.queues import CreateQueue, FinishItem
from viewer.review.commands.settings import ChangeSetting
from viewer.review.commands.slices import AddToSlice, CreateSlice, RemoveFromSlice
from viewer.review.errors import UndoRefused, WorkspaceBusy
from viewer.review.journal import digest
from viewer.review.queues.reading import batch_of, next_item, queue_by_id
from viewer.review.slices.members import Members
from viewer.review.slices.reading import member_keys
from viewer.review.subject_rows import label_rows

COUNT = 3000


def labels(count=COUNT):
    ids = [str(number) for number in range(count)]
    return list(label_rows("d", "street", "000001", "gt", ids))


def on_thread(run):
    """Run on another thread, wait, return its result or raise its error."""
    found = []

    def work():
        try:
            found.append(run())
        except BaseException as error:  # noqa: BLE001
            found.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(30)
    if isinstance(found[0], BaseException):
        raise found[0]
    return found[0]


def test_a_lent_writer_writes_what_the_owner_would(workspace: Workspace, tmp_path):
    heard = []
    workspace.subscribe(heard.append)
    command = CreateQueue("q", "many", labels())
    writer = workspace.lend()
    entry = on_thread(lambda: writer.run(JobContext(), command))
    assert heard == []
    workspace.take_news()
    assert [each.entries for each in heard] == [(entry,)]
    assert ("queues", "q") in heard[0].touched
    assert workspace.undo_text == "Make queue “many”"
    with Workspace.create(tmp_path / "plain.sightline", Reviewer("ann")) as plain:
        plain.run(command)
        for table in ("queue_batches", "queue_batch_progress", "queue_members", "subjects"):
            sql = f"SELECT * FROM {table} ORDER BY 1, 2"
            assert workspace.reading.query(sql) == plain.reading.query(sql) != []
    assert queue_by_id(workspace.reading, "q").total == COUNT
    assert next_item(workspace.reading, "q", "ann") == labels()[0].key


def test_what_is_large_is_taken_back_and_done_again_elsewhere(workspace: Workspace):
    workspace.run(ChangeSetting("first", 1))
    before = tables(workspace.path)
    workspace.run(CreateQueue("q", "many", labels(), batch_size=10))
    after = tables(workspace.path)
    for state, name in ((before, "undo_step"), (after, "redo_step")):
        writer, (target, kind) = workspace.lend(), getattr(workspace, name)
        on_thread(lambda w=writer, t=target, k=kind: w.reverse(JobContext(), t, k))
        workspace.take_news()
        assert tables(workspace.path) == state


def test_nothing_else_is_written_meanwhile_and_readers_read(workspace: Workspace):
    workspace.run(ChangeSetting("first", 1))
    writer = workspace.lend()
    reached, go_on = threading.Event(), threading.Event()

    def stop(_progress):
        reached.set()
        assert go_on.wait(30)

    thread = threading.Thread(
        target=lambda: writer.run(JobContext(stop), CreateQueue("q", "many", labels()))
    )
    thread.start()
    assert reached.wait(30)
    started = time.monotonic()
    with pytest.raises(WorkspaceBusy, match="try again"):
        workspace.run(ChangeSetting("a", 1))
    with pytest.raises(WorkspaceBusy):
        workspace.undo()
    with pytest.raises(WorkspaceBusy):
        workspace.lend()
    assert queue_by_id(workspace.reading, "q") is None
    assert time.monotonic() - started < 2.0
    go_on.set()
    thread.join(30)
    assert not workspace.is_lent
    workspace.run(ChangeSetting("a", 1))
    assert [entry.kind for entry in workspace.journal.entries()][-2:] == [
        "create_queue", "change_setting",
    ]  # fmt: skip


def test_giving_up_leaves_everything_as_it_was(workspace: Workspace):
    before = tables(workspace.path)
    writer = workspace.lend()
    context = JobContext()
    context.cancel()
    with pytest.raises(Cancelled):
        on_thread(lambda: writer.run(context, CreateQueue("q", "many", labels())))
    assert tables(workspace.path) == before
    unused = workspace.lend()
    unused.give_up()
    assert not workspace.is_lent
    with pytest.raises(WorkspaceError, match="nothing was written"):
        on_thread(lambda: unused.run(JobContext(), CreateQueue("q", "many", labels())))
    assert tables(workspace.path) == before


def test_closing_stops_the_writer(workspace: Workspace):
    path, writer = workspace.path, workspace.lend()
    reached = threading.Event()

    def slow(_progress):
        reached.set()
        time.sleep(0.02)

    errors = []

    def work():
        try:
            writer.run(JobContext(slow), CreateQueue("q", "many", labels(200_000)))
        except Exception as error:  # noqa: BLE001
            errors.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    assert reached.wait(30)
    workspace.close()
    thread.join(30)
    assert len(errors) == 1
    assert isinstance(errors[0], WorkspaceError | Cancelled)
    assert not path.with_name(f"{path.name}-wal").exists()
    with Workspace.open(path, Reviewer("ann")) as again:
        assert queue_by_id(again.reading, "q") is None
        again.run(ChangeSetting("a", 1))


def test_undoing_many_rows_at_once_is_refused_as_before(workspace: Workspace):
    rows = labels()
    workspace.run(CreateQueue("q", "many", rows, batch_size=10))
    bob = Reviewer("bob")
    workspace.reviewer = bob
    workspace.run(FinishItem("q", rows[7].key, 1.0))
    workspace.reviewer = Reviewer("ann")
    before = tables(workspace.path)
    with pytest.raises(UndoRefused):
        workspace.undo()
    assert tables(workspace.path) == before
    assert batch_of(workspace.reading, "q", rows[7].key) is not None


def test_members_that_were_taken_out_come_back_with_others(workspace: Workspace):
    """A chunk that is there with fewer members is changed, the others are made."""
    members = Members.of_rows(labels(1500))
    workspace.run(CreateSlice("s", "all", members))
    workspace.run(RemoveFromSlice("s", members.keys[:3]))
    workspace.run(AddToSlice("s", members))
    assert member_keys(workspace.reading, "s") == frozenset(members.keys)
    workspace.undo()
    assert member_keys(workspace.reading, "s") == frozenset(members.keys[3:])


def test_the_digest_is_that_of_one_text():
    """Files of before are known by the same digests."""
    import hashlib

    entry = (b"\x01" * 16, "ann", 5, "kind", "Text “x”", None)
    changes = [("tags", "k", None, '{"a":1}'), ("tags", "l\ud800", "{}", None)]
    plain = [part.hex() if isinstance(part, bytes) else part for part in entry]
    text = json.dumps([*plain, *map(list, changes)], ensure_ascii=False, separators=(",", ":"))
    whole = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest()
    assert digest(entry, changes) == whole
