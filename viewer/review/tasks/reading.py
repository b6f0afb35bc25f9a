"""What tasks there are, how far they are, and their status logs."""

import datetime as dt
import json

from viewer.review.entity import Row
from viewer.review.kinds import REDO, UNDO
from viewer.review.ledger import Reading
from viewer.review.queues.plan import QueuePlan
from viewer.review.queues.reading import queue_progress
from viewer.review.slices.provenance import Provenance
from viewer.review.subject import Subject
from viewer.review.tasks.entities import TASK_ITEMS, TASKS
from viewer.review.tasks.model import (
    ItemStatus,
    MandatoryAttribute,
    StatusLogEntry,
    Task,
    TaskKind,
    TaskPriority,
    TaskProgress,
)

HIGHEST = "\U0010ffff"
"""After every other character, for ranges of keys that begin alike."""


def tasks(reading: Reading, *, kind: TaskKind | None = None, archived: bool = False) -> list[Task]:
    """Return the tasks: the due ones first, then by priority and age."""
    rows = reading.rows(TASKS, "" if archived else "WHERE NOT is_archived")
    found = [_task(row) for row in rows if kind is None or row["kind"] == kind]
    order = list(reversed(TaskPriority))
    return sorted(
        found,
        key=lambda task: (
            task.due or dt.date.max, order.index(task.priority), task.created_ns, task.task_id
        ),
    )  # fmt: skip


def task_by_id(reading: Reading, task_id: str) -> Task | None:
    """Return a task, None when there is none."""
    row = reading.row(TASKS, task_id)
    return None if row is None else _task(row | {"key": task_id})


def task_of_queue(reading: Reading, queue_id: str) -> Task | None:
    """Return the task whose items a queue holds."""
    rows = reading.rows(TASKS, "WHERE queue_id = ? ORDER BY created_ns LIMIT 1", (queue_id,))
    return _task(rows[0]) if rows else None


def subtasks(reading: Reading, task_id: str) -> list[Task]:
    """Return the tasks that go on from a task, oldest first."""
    rows = reading.rows(TASKS, "WHERE parent_id = ? ORDER BY created_ns, key", (task_id,))
    return [_task(row) for row in rows]


def item_status(reading: Reading, task_id: str, subject: Subject | str) -> ItemStatus | None:
    """Return the status of an item, None where it has none."""
    key = subject if isinstance(subject, str) else subject.key
    row = reading.row(TASK_ITEMS, TASK_ITEMS.key_of({"task_id": task_id, "subject": key}))
    return None if row is None else ItemStatus(row["status"])


def task_progress(reading: Reading, task: Task) -> TaskProgress:
    """Return how far a task is."""
    statuses = dict.fromkeys(ItemStatus, 0)
    by_reviewer: dict[str, dict[ItemStatus, int]] = {}
    for name, reviewer, count in reading.query(
        "SELECT status, reviewer, count(*) FROM task_items WHERE task_id = ?"
        " GROUP BY status, reviewer",
        (task.task_id,),
    ):
        statuses[ItemStatus(name)] += count
        by_reviewer.setdefault(reviewer, {})[ItemStatus(name)] = count
    return TaskProgress(queue_progress(reading, task.queue_id), statuses, by_reviewer)


def plan_of_status(
    reading: Reading, task: Task, status: ItemStatus = ItemStatus.COMPLETED
) -> QueuePlan:
    """Return the items of a task that have a status: what a QA task usually checks."""
    keys = reading.query(
        "SELECT subject FROM task_items WHERE task_id = ? AND status = ?",
        (task.task_id, str(status)),
    )
    wanted = {each[0] for each in keys}
    batches = reading.query(
        "SELECT subjects FROM queue_batches WHERE queue_id = ? ORDER BY number, key",
        (task.queue_id,),
    )
    ordered = [key for (text,) in batches for key in json.loads(text) if key in wanted]
    found = (reading.subject(key) for key in ordered)
    how: Provenance = {"by": "filter", "filter": f"{status} in {task.name}", "task": task.task_id}
    return QueuePlan.of((each for each in found if each is not None), how)


def status_log(
    reading: Reading,
    task_id: str,
    subject: Subject | str | None = None,
    *,
    last: int | None = None,
) -> list[StatusLogEntry]:
    """Return who gave which status when, oldest first, of a whole task or of one item.

    It is read from the journal, to which lines are only added: what was taken back is a line too.

    Parameters
    ----------
    last
        Only so many of the newest lines; None for all.
    """
    key = subject.key if isinstance(subject, Subject) else subject
    if key is None:
        first = _start_of_keys(task_id)
        where, values = "h.key >= ? AND h.key < ?", [first, first + HIGHEST]
    else:
        where = "h.key = ?"
        values = [TASK_ITEMS.key_of({"task_id": task_id, "subject": key})]
    found = reading.query(
        "SELECT h.key, h.before, h.after, c.kind, c.reviewer, c.time_ns"
        " FROM changes h JOIN commands c ON c.seq = h.seq"
        f" WHERE h.entity = ? AND {where} ORDER BY h.seq DESC, h.position DESC LIMIT ?",
        (TASK_ITEMS.name, *values, -1 if last is None else last),
    )
    return [_log_entry(*each) for each in reversed(found)]


def _start_of_keys(task_id: str) -> str:
    """Return how the keys of all items of a task begin."""
    return TASK_ITEMS.key_of({"task_id": task_id, "subject": ""}).removesuffix('"]')


def _log_entry(
    key: str, before: str | None, after: str | None, kind: str, reviewer: str, time_ns: int
) -> StatusLogEntry:
    if kind in (UNDO, REDO):
        action = "undone" if kind == UNDO else "redone"
    else:
        action = "cleared" if after is None else "created" if before is None else "changed"
    values = {} if after is None else json.loads(after)
    told = values.get("status") or (json.loads(before or "{}").get("status") if values else None)
    status = None if after is None or told is None else ItemStatus(told)
    return StatusLogEntry(json.loads(key)[1], status, action, reviewer, time_ns)


def _task(row: Row) -> Task:
    return Task(
        row["key"], row["name"], TaskKind(row["kind"]), row["queue_id"], row["parent_id"],
        row["owner"], row["instructions"],
        None if row["due"] is None else dt.date.fromisoformat(row["due"]),
        TaskPriority(row["priority"]),
        tuple(MandatoryAttribute.from_json(each) for each in row["mandatory"]),
        row["created_ns"], row["is_archived"],
    )  # fmt: skip
