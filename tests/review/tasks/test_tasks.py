import datetime as dt

import pytest
from review.tasks_examples import FRAMES, OCCLUSION

from viewer.review import CommandRefused, Reviewer, Subject, Workspace
from viewer.review.commands.tasks import ChangeTask, ClearItemStatus, CreateTask, SetItemStatus
from viewer.review.queues.reading import batches, next_item, queue_progress
from viewer.review.queues.split import Share
from viewer.review.tasks.model import (
    AnsweredLabel,
    ItemStatus,
    MandatoryAttribute,
    TaskKind,
    TaskPriority,
    missing_attributes,
)
from viewer.review.tasks.reading import (
    item_status,
    plan_of_status,
    status_log,
    subtasks,
    task_by_id,
    task_of_queue,
    task_progress,
    tasks,
)

TASK, QUEUE, QA_TASK, QA_QUEUE = (digit * 32 for digit in "1234")
KEYS = [each.key for each in FRAMES]
COMPLETED, APPROVED, DISCARDED = ItemStatus


def make(workspace: Workspace, **others) -> None:
    workspace.run(CreateTask(TASK, QUEUE, "draw boxes", TaskKind.ANNOTATION, FRAMES, **others))


def test_a_task_keeps_everything_that_was_said(workspace: Workspace):
    make(
        workspace, due=dt.date(2026, 11, 30), priority=TaskPriority.HIGH, owner="eve",
        instructions="Look twice.", mandatory=[OCCLUSION],
    )  # fmt: skip
    task = task_by_id(workspace.reading, TASK)
    assert (task.name, task.kind, task.queue_id) == ("draw boxes", TaskKind.ANNOTATION, QUEUE)
    assert (task.due, task.priority) == (dt.date(2026, 11, 30), TaskPriority.HIGH)
    assert (task.owner, task.instructions) == ("eve", "Look twice.")
    assert task.mandatory == (OCCLUSION,)
    assert task_of_queue(workspace.reading, QUEUE) == task
    assert tasks(workspace.reading, kind=TaskKind.QA) == []


def test_tasks_come_by_day_then_priority(workspace: Workspace):
    days = [None, dt.date(2026, 12, 1), dt.date(2026, 12, 1), dt.date(2026, 11, 30)]
    priorities = [TaskPriority.HIGH, TaskPriority.LOW, TaskPriority.HIGH, TaskPriority.LOW]
    for number, (due, priority) in enumerate(zip(days, priorities, strict=True)):
        workspace.run(
            CreateTask(f"{number}" * 32, f"{number + 4}" * 32, f"task {number}",
                       TaskKind.ANNOTATION, FRAMES, due=due, priority=priority)
        )  # fmt: skip
    assert [each.name for each in tasks(workspace.reading)] == [
        "task 3", "task 2", "task 1", "task 0"
    ]  # fmt: skip
    workspace.run(ChangeTask("0" * 32, due=dt.date(2026, 1, 1)))
    assert tasks(workspace.reading)[0].name == "task 0"
    workspace.run(ChangeTask("0" * 32, has_no_due=True, is_archived=True))
    assert len(tasks(workspace.reading)) == 3
    assert task_by_id(workspace.reading, "0" * 32).due is None


def test_items_are_split_over_reviewers(workspace: Workspace):
    make(workspace, shares=[Share("ann", 75), Share("bob", 25)])
    assert [(each.assignee, each.size) for each in batches(workspace.reading, QUEUE)] == [
        ("ann", 3), ("bob", 1)
    ]  # fmt: skip
    assert next_item(workspace.reading, QUEUE, "bob") == KEYS[3]


def test_a_status_finishes_the_item_and_clearing_opens_it(workspace: Workspace):
    make(workspace)
    workspace.run(SetItemStatus(TASK, KEYS[0], COMPLETED, 30.0))
    assert item_status(workspace.reading, TASK, FRAMES[0]) is COMPLETED
    progress = queue_progress(workspace.reading, QUEUE)
    assert (progress.done, progress.mean_seconds) == (1, 30.0)
    workspace.run(ClearItemStatus(TASK, KEYS[0]))
    assert item_status(workspace.reading, TASK, KEYS[0]) is None
    assert queue_progress(workspace.reading, QUEUE).done == 0
    workspace.undo()
    assert item_status(workspace.reading, TASK, KEYS[0]) is COMPLETED
    assert queue_progress(workspace.reading, QUEUE).done == 1


def test_mandatory_attributes_block_completion_and_are_named(workspace: Workspace):
    make(workspace, mandatory=[OCCLUSION, MandatoryAttribute("colour")])
    labels = [
        AnsweredLabel("18", "car", {"colour": "red"}),
        AnsweredLabel("19", "car", {"occlusion": 0, "colour": "red"}),
        AnsweredLabel("20", "cyclist", {"occlusion": None, "colour": " "}),
        AnsweredLabel("21", "car"),
        AnsweredLabel("22", "cyclist"),
    ]
    with pytest.raises(CommandRefused) as refused:
        workspace.run(SetItemStatus(TASK, KEYS[0], COMPLETED, labels=labels))
    assert str(refused.value) == (
        "not complete yet: label 18 (car) lacks occlusion; label 20 (cyclist) lacks colour;"
        " label 21 (car) lacks occlusion and colour; and 1 more label"
    )
    assert item_status(workspace.reading, TASK, KEYS[0]) is None
    assert queue_progress(workspace.reading, QUEUE).done == 0
    workspace.run(SetItemStatus(TASK, KEYS[0], COMPLETED, labels=labels[1:2]))
    workspace.run(SetItemStatus(TASK, KEYS[1], DISCARDED))
    with pytest.raises(CommandRefused, match="labels must be told"):
        workspace.run(SetItemStatus(TASK, KEYS[2], COMPLETED))
    workspace.run(ChangeTask(TASK, mandatory=[]))
    workspace.run(SetItemStatus(TASK, KEYS[2], COMPLETED))


@pytest.mark.parametrize(
    ("value", "is_answer"),
    [(False, True), (0, True), (0.0, True), ("no", True), (["a"], True),
     (None, False), ("", False), ("  ", False), ([], False), ({}, False)],
)  # fmt: skip
def test_what_counts_as_an_answer(value, is_answer):
    missing = missing_attributes(
        [MandatoryAttribute("a")], [AnsweredLabel("1", "car", {"a": value})]
    )
    assert (missing == ()) is is_answer


def test_each_kind_of_task_has_its_own_statuses(workspace: Workspace):
    make(workspace)
    with pytest.raises(CommandRefused, match="completed or discarded, not approved"):
        workspace.run(SetItemStatus(TASK, KEYS[0], APPROVED))
    workspace.run(CreateTask(QA_TASK, QA_QUEUE, "check", TaskKind.QA, FRAMES, parent_id=TASK))
    with pytest.raises(CommandRefused, match="QA is approved or discarded"):
        workspace.run(SetItemStatus(QA_TASK, KEYS[0], COMPLETED))
    workspace.run(SetItemStatus(QA_TASK, KEYS[0], APPROVED))
    assert [each.task_id for each in subtasks(workspace.reading, TASK)] == [QA_TASK]


def test_a_qa_task_checks_what_is_completed(workspace: Workspace):
    make(workspace)
    for key, status in zip(KEYS, (COMPLETED, DISCARDED, COMPLETED), strict=False):
        workspace.run(SetItemStatus(TASK, key, status))
    plan = plan_of_status(workspace.reading, task_by_id(workspace.reading, TASK))
    assert [item.row.subject for item in plan.items] == [FRAMES[0], FRAMES[2]]
    workspace.run(CreateTask.of(QA_TASK, QA_QUEUE, "check", TaskKind.QA, plan, parent_id=TASK))
    assert queue_progress(workspace.reading, QA_QUEUE).total == 2


def test_progress_by_status_and_reviewer(workspace: Workspace):
    make(workspace)
    workspace.run(SetItemStatus(TASK, KEYS[0], COMPLETED))
    workspace.reviewer = Reviewer("bob")
    workspace.run(SetItemStatus(TASK, KEYS[1], COMPLETED))
    workspace.run(SetItemStatus(TASK, KEYS[2], DISCARDED))
    task = task_by_id(workspace.reading, TASK)
    progress = task_progress(workspace.reading, task)
    assert progress.statuses == {COMPLETED: 2, APPROVED: 0, DISCARDED: 1}
    assert progress.by_reviewer == {"ann": {COMPLETED: 1}, "bob": {COMPLETED: 1, DISCARDED: 1}}
    assert progress.queue.left == 1
    day = dt.date(2026, 11, 30)
    later = day + dt.timedelta(days=1)
    assert not progress.is_complete
    assert progress.is_overdue(day, later)
    assert not progress.is_overdue(day, day)
    assert not progress.is_overdue(None, later)
    workspace.run(SetItemStatus(TASK, KEYS[3], COMPLETED))
    done = task_progress(workspace.reading, task)
    assert done.is_complete
    assert not done.is_overdue(day, later)


def test_the_status_log_only_grows(workspace: Workspace):
    make(workspace)
    steps = [
        lambda: workspace.run(SetItemStatus(TASK, KEYS[0], COMPLETED)),
        lambda: workspace.run(SetItemStatus(TASK, KEYS[0], DISCARDED)),
        lambda: workspace.run(SetItemStatus(TASK, KEYS[1], COMPLETED)),
        lambda: workspace.run(ClearItemStatus(TASK, KEYS[0])),
        workspace.undo,
        workspace.undo,
        workspace.redo,
    ]
    before: list = []
    for step in steps:
        step()
        log = status_log(workspace.reading, TASK)
        assert log[: len(before)] == before
        assert len(log) == len(before) + 1
        before = log
    assert [(KEYS.index(each.subject_key), each.status, each.action) for each in before] == [
        (0, COMPLETED, "created"), (0, DISCARDED, "changed"), (1, COMPLETED, "created"),
        (0, None, "cleared"), (0, DISCARDED, "undone"), (1, None, "undone"),
        (1, COMPLETED, "redone"),
    ]  # fmt: skip
    assert {each.reviewer for each in before} == {"ann"}
    assert sorted(each.time_ns for each in before) == [each.time_ns for each in before]
    assert [each.action for each in status_log(workspace.reading, TASK, FRAMES[1])] == [
        "created", "undone", "redone"
    ]  # fmt: skip


def test_a_status_that_an_item_has_is_logged_once(workspace: Workspace):
    make(workspace)
    workspace.run(SetItemStatus(TASK, KEYS[0], COMPLETED, 2.0))
    workspace.run(SetItemStatus(TASK, KEYS[0], COMPLETED, 3.0))
    assert len(status_log(workspace.reading, TASK)) == 1
    assert queue_progress(workspace.reading, QUEUE).mean_seconds == 5.0


def test_the_log_of_another_task_is_apart(workspace: Workspace):
    make(workspace)
    workspace.run(CreateTask(QA_TASK, QA_QUEUE, "check", TaskKind.QA, FRAMES))
    workspace.run(SetItemStatus(QA_TASK, KEYS[0], APPROVED))
    assert status_log(workspace.reading, TASK) == []
    assert len(status_log(workspace.reading, QA_TASK)) == 1


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        (SetItemStatus(TASK, Subject.frame("d", "street", "x").key, COMPLETED), "no item"),
        (SetItemStatus(QA_TASK, KEYS[0], COMPLETED), "gone"),
        (ClearItemStatus(QA_TASK, KEYS[0]), "gone"),
        (CreateTask(TASK, QA_QUEUE, "again", TaskKind.QA, FRAMES), "already"),
        (CreateTask(QA_TASK, QA_QUEUE, "x", TaskKind.QA, FRAMES, parent_id=QA_QUEUE), "above"),
        (CreateTask(QA_TASK, QA_QUEUE, "", TaskKind.QA, FRAMES), "name"),
    ],
)
def test_what_makes_no_sense_is_refused(workspace: Workspace, command, problem):
    make(workspace)
    with pytest.raises(CommandRefused, match=problem):
        workspace.run(command)
    assert len(tasks(workspace.reading)) == 1
