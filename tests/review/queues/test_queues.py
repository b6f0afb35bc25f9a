from statistics import median

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from viewer.review import Batch, CommandRefused, Reviewer, Subject, UndoRefused, Workspace
from viewer.review.commands.queues import (
    AssignBatch,
    ChangeQueue,
    CreateQueue,
    ExtendQueue,
    FinishItem,
    ReopenItem,
    ShareQueue,
)
from viewer.review.commands.verdicts import SetVerdict
from viewer.review.queues.entities import QUEUE_BATCHES, QUEUE_DONE
from viewer.review.queues.model import BatchState, ItemDetail
from viewer.review.queues.reading import (
    batch_items,
    batches,
    item_of,
    next_item,
    previous_item,
    queue_by_id,
    queue_progress,
    queues,
)
from viewer.review.queues.split import Share, equal_shares
from viewer.review.verdicts.model import VerdictState

QUEUE = "5" * 32
FRAMES = [Subject.frame("d", "street", f"{number:06}") for number in range(1000)]
KEYS = [each.key for each in FRAMES]


def make(workspace: Workspace, count: int, batch_size: int = 2, shares=()) -> None:
    workspace.run(CreateQueue(QUEUE, "frames", FRAMES[:count], batch_size, shares=shares))


def test_batches_have_a_hundred_items_unless_told_otherwise(workspace: Workspace):
    workspace.run(CreateQueue(QUEUE, "frames", FRAMES[:250]))
    found = batches(workspace.reading, QUEUE)
    assert [(each.number, each.size, each.state) for each in found] == [
        (1, 100, BatchState.QUEUED), (2, 100, BatchState.QUEUED), (3, 50, BatchState.QUEUED)
    ]  # fmt: skip
    queue = queue_by_id(workspace.reading, QUEUE)
    assert (queue.name, queue.total, queue.done, queue.origin) == ("frames", 250, 0, "by hand")
    assert queues(workspace.reading) == [queue]


def test_items_may_be_of_any_kind_and_say_why_they_are_there(workspace: Workspace):
    subjects = [
        Subject.scene("d", "street"), Subject.track("d", "street", "gt", "7"), FRAMES[0],
        Subject.label("d", "street", "000042", "gt", "18"),
    ]  # fmt: skip
    details = [ItemDetail(), ItemDetail(0.9, "id switch"), ItemDetail(None, "dark"), ItemDetail()]
    workspace.run(CreateQueue(QUEUE, "mixed", subjects, details=details))
    items = batch_items(workspace.reading, batches(workspace.reading, QUEUE)[0].batch_key)
    assert [workspace.reading.subject(each.subject_key) for each in items] == subjects
    assert [each.detail for each in items] == details


def test_a_subject_comes_once(workspace: Workspace):
    workspace.run(CreateQueue(QUEUE, "twice", [FRAMES[0], FRAMES[1], FRAMES[0]]))
    assert queue_by_id(workspace.reading, QUEUE).total == 2
    workspace.run(ExtendQueue(QUEUE, "6" * 32, [FRAMES[1], FRAMES[2]]))
    assert queue_by_id(workspace.reading, QUEUE).total == 3
    assert [each.size for each in batches(workspace.reading, QUEUE)] == [2, 1]
    assert workspace.run(ExtendQueue(QUEUE, "7" * 32, [FRAMES[1]])) is None


def test_a_batch_is_queued_then_assigned_then_done(workspace: Workspace):
    make(workspace, 3)

    def states():
        return [each.state.value for each in batches(workspace.reading, QUEUE)]

    workspace.run(AssignBatch(QUEUE, 1, "bob"))
    assert states() == ["assigned", "queued"]
    for key in KEYS[:2]:
        workspace.run(FinishItem(QUEUE, key))
    assert states() == ["done", "queued"]
    with pytest.raises(CommandRefused, match="batch 1 is done"):
        workspace.run(AssignBatch(QUEUE, 1, "eve"))
    with pytest.raises(CommandRefused, match="no batch 9"):
        workspace.run(AssignBatch(QUEUE, 9, "eve"))
    workspace.run(ReopenItem(QUEUE, KEYS[1]))
    assert states() == ["assigned", "queued"]


def test_next_goes_through_ones_own_batches_and_then_nobodys(workspace: Workspace):
    make(workspace, 8)
    workspace.run(AssignBatch(QUEUE, 1, "bob"))
    workspace.run(AssignBatch(QUEUE, 3, "ann"))
    reading = workspace.reading
    seen = [next_item(reading, QUEUE, "ann")]
    while (found := next_item(reading, QUEUE, "ann", seen[-1])) != seen[0]:
        seen.append(found)
    assert seen == [KEYS[n] for n in (4, 5, 2, 3, 6, 7)]
    back = [seen[-1]]
    while (found := previous_item(reading, QUEUE, "ann", back[-1])) is not None:
        back.append(found)
    assert back == seen[::-1]
    assert previous_item(reading, QUEUE, "ann") is None
    assert next_item(reading, QUEUE, "ann", after=KEYS[0]) == KEYS[4]


def test_next_passes_over_what_is_done_and_ends(workspace: Workspace):
    make(workspace, 5)
    reading = workspace.reading
    for key in (KEYS[1], KEYS[2], KEYS[3]):
        workspace.run(FinishItem(QUEUE, key))
    assert next_item(reading, QUEUE, "ann", KEYS[0]) == KEYS[4]
    assert next_item(reading, QUEUE, "ann", KEYS[4]) == KEYS[0]
    assert previous_item(reading, QUEUE, "ann", KEYS[4]) == KEYS[3]
    workspace.run(FinishItem(QUEUE, KEYS[0]))
    assert next_item(reading, QUEUE, "ann", KEYS[4]) == KEYS[4]
    workspace.run(FinishItem(QUEUE, KEYS[4]))
    assert next_item(reading, QUEUE, "ann", KEYS[4]) is None
    assert next_item(reading, QUEUE, "ann") is None
    assert next_item(reading, "no such queue", "ann") is None


def test_progress_tells_the_time_per_item(workspace: Workspace):
    make(workspace, 6)
    for key, seconds in zip(KEYS, (1.0, 2.0, 6.0), strict=False):
        workspace.run(FinishItem(QUEUE, key, seconds))
    workspace.reviewer = Reviewer("bob")
    workspace.run(FinishItem(QUEUE, KEYS[3], 11.0))
    workspace.run(FinishItem(QUEUE, KEYS[4]))
    progress = queue_progress(workspace.reading, QUEUE)
    assert (progress.total, progress.done, progress.left) == (6, 5, 1)
    assert progress.mean_seconds == 5.0
    assert progress.median_seconds == 4.0
    assert progress.seconds_left == 5.0
    assert [(each.reviewer, each.done, each.mean_seconds) for each in progress.by_reviewer] == [
        ("ann", 3, 3.0), ("bob", 2, 11.0)
    ]  # fmt: skip
    assert progress.batches == {BatchState.QUEUED: 1, BatchState.ASSIGNED: 0, BatchState.DONE: 2}


def test_a_second_look_adds_to_an_items_time(workspace: Workspace):
    make(workspace, 2)
    for seconds in (2.5, None, 1.25):
        workspace.run(FinishItem(QUEUE, KEYS[0], seconds))
    assert queue_progress(workspace.reading, QUEUE).mean_seconds == 3.75


def test_a_verdict_in_a_queue_is_one_step(workspace: Workspace):
    make(workspace, 2)
    workspace.run(
        Batch(
            "Reject frame 000000",
            [SetVerdict(FRAMES[0], VerdictState.REJECTED), FinishItem(QUEUE, KEYS[0], 3.0)],
        )
    )
    assert queue_progress(workspace.reading, QUEUE).done == 1
    workspace.undo()
    assert queue_progress(workspace.reading, QUEUE).done == 0
    assert workspace.reading.query("SELECT * FROM verdicts") == []


def test_a_queue_that_someone_worked_in_stays(workspace: Workspace):
    make(workspace, 2)
    workspace.reviewer = Reviewer("bob")
    workspace.run(FinishItem(QUEUE, KEYS[0]))
    workspace.reviewer = Reviewer("ann")
    with pytest.raises(UndoRefused):
        workspace.undo()
    assert queue_progress(workspace.reading, QUEUE).done == 1


def test_an_archived_queue_is_out_of_the_way(workspace: Workspace):
    make(workspace, 2)
    workspace.run(ChangeQueue(QUEUE, is_archived=True))
    assert queues(workspace.reading) == []
    assert len(queues(workspace.reading, archived=True)) == 1


def test_a_queue_split_over_reviewers_has_batches_of_each(workspace: Workspace):
    make(workspace, 10, 3, [Share("ann", 65), Share("bob", 35)])
    found = [(each.assignee, each.size) for each in batches(workspace.reading, QUEUE)]
    assert found == [("ann", 3), ("ann", 3), ("ann", 1), ("bob", 3)]


def test_batches_that_are_not_done_can_be_shared(workspace: Workspace):
    make(workspace, 10)
    for key in KEYS[:2]:
        workspace.run(FinishItem(QUEUE, key))
    workspace.run(ShareQueue(QUEUE, equal_shares("ann", "bob", "eve")))
    found = [each.assignee for each in batches(workspace.reading, QUEUE)]
    assert found == [None, "ann", "ann", "bob", "eve"]


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        (CreateQueue("6" * 32, "none", []), "nothing to put"),
        (CreateQueue("6" * 32, " ", FRAMES[:1]), "name"),
        (CreateQueue("6" * 32, "all", [Subject.dataset("d")]), "labels, tracks, frames or"),
        (CreateQueue("6" * 32, "large", FRAMES[:1], 0), "1 to 1000"),
        (CreateQueue(QUEUE, "again", FRAMES[:1]), "already"),
        (CreateQueue("6" * 32, "a", FRAMES[:2], details=[ItemDetail()]), "one detail"),
        (CreateQueue("6" * 32, "a", FRAMES[:2], shares=[Share("ann", 50)]), "total 50"),
        (FinishItem(QUEUE, "0" * 32), "no item"),
        (FinishItem(QUEUE, KEYS[0], -1.0), "negative"),
        (FinishItem(QUEUE, KEYS[0], float("nan")), "negative"),
        (ExtendQueue("6" * 32, "7" * 32, FRAMES[:1]), "gone"),
    ],
)
def test_what_makes_no_sense_is_refused(workspace: Workspace, command, problem):
    make(workspace, 2)
    with pytest.raises(CommandRefused, match=problem):
        workspace.run(command)


def test_where_an_item_is(workspace: Workspace):
    make(workspace, 5)
    item = item_of(workspace.reading, QUEUE, KEYS[3])
    assert (item.number, item.place, item.is_done) == (2, 1, False)
    assert item_of(workspace.reading, QUEUE, KEYS[7]) is None
    # The index knows only the beginning of a key: another with the same beginning is told apart.
    assert item_of(workspace.reading, QUEUE, KEYS[3][:12] + "0" * 20) is None


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("finish"), st.integers(0, 11), st.sampled_from([None, 0.5, 3.25])),
        st.tuples(st.just("reopen"), st.integers(0, 11)),
        st.tuples(st.just("assign"), st.integers(1, 5), st.sampled_from(["ann", "bob", None])),
        st.tuples(st.sampled_from(["undo", "redo", "ann", "bob"])),
    ),
    max_size=30,
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(STEPS)
def test_progress_and_walks_hold_after_any_steps(tmp_path_factory, steps):
    """Against the rows themselves, read one by one."""
    path = tmp_path_factory.mktemp("queue") / "a.sightline"
    with Workspace.create(path, Reviewer("ann")) as workspace:
        make(workspace, 12, 5)
        for step, *rest in steps:
            try:
                match step:
                    case "finish":
                        workspace.run(FinishItem(QUEUE, KEYS[rest[0]], rest[1]))
                    case "reopen":
                        workspace.run(ReopenItem(QUEUE, KEYS[rest[0]]))
                    case "assign":
                        workspace.run(AssignBatch(QUEUE, *rest))
                    case "undo":
                        workspace.undo()
                    case "redo":
                        workspace.redo()
                    case name:
                        workspace.reviewer = Reviewer(name)
            except CommandRefused:
                pass
        reading = workspace.reading
        rows = reading.rows(QUEUE_DONE)
        progress = queue_progress(reading, QUEUE)
        batch_rows = reading.rows(QUEUE_BATCHES, "ORDER BY number")
        assert progress.total == sum(len(row["subjects"]) for row in batch_rows)
        assert progress.done == len(rows)
        timed = sorted(row["spent_ms"] for row in rows if row["spent_ms"] is not None)
        assert progress.mean_seconds == (sum(timed) / len(timed) / 1000 if timed else None)
        assert progress.median_seconds == (median(timed) / 1000 if timed else None)
        done = {row["subject"] for row in rows}
        for name in ("ann", "bob"):
            mine = [row for row in batch_rows if row["assignee"] == name]
            free = [row for row in batch_rows if row["assignee"] is None]
            order = [key for row in (*mine, *free) for key in row["subjects"]]
            left = [key for key in order if key not in done]
            assert next_item(reading, QUEUE, name) == (left[0] if left else None)
            for place, key in enumerate(order):
                later = [each for each in (*order[place + 1 :], *order) if each not in done]
                assert next_item(reading, QUEUE, name, key) == (later[0] if later else None)
                assert previous_item(reading, QUEUE, name, key) == (
                    order[place - 1] if place else None
                )
