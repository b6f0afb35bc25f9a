"""Making tasks, changing them, and saying what became of their items."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from viewer.review.change import Change, Step
from viewer.review.commands.queues import CreateQueue, FinishItem, ReopenItem
from viewer.review.errors import CommandRefused
from viewer.review.ledger import Ledger
from viewer.review.names import checked_name
from viewer.review.queues.model import DEFAULT_BATCH_SIZE, ItemDetail
from viewer.review.queues.plan import QueuePlan
from viewer.review.queues.reading import batch_of
from viewer.review.queues.split import Share
from viewer.review.slices.provenance import by_hand
from viewer.review.subject import Subject
from viewer.review.subject_rows import SubjectRow
from viewer.review.tasks.entities import TASK_ITEMS, TASKS
from viewer.review.tasks.model import (
    STATUSES,
    AnsweredLabel,
    ItemStatus,
    MandatoryAttribute,
    Task,
    TaskKind,
    TaskPriority,
    missing_attributes,
)
from viewer.review.tasks.reading import item_status, task_by_id

MISSING_TOLD = 3
"""So many labels that lack something are named; of the others, the number."""


@dataclass(frozen=True, slots=True)
class CreateTask:
    """Make a task and the queue of its items."""

    task_id: str
    queue_id: str
    name: str
    task_kind: TaskKind
    subjects: Sequence[Subject | SubjectRow]
    shares: Sequence[Share] = ()
    """Reviewers who get the items; without them they are anyone's."""
    batch_size: int = DEFAULT_BATCH_SIZE
    how: Mapping[str, Any] = field(default_factory=by_hand)
    details: Sequence[ItemDetail] = ()
    parent_id: str | None = None
    """The task whose result it checks."""
    due: dt.date | None = None
    priority: TaskPriority = TaskPriority.MEDIUM
    owner: str | None = None
    """Who answers for it; None for the one who makes it."""
    instructions: str = ""
    mandatory: Sequence[MandatoryAttribute] = ()

    kind: ClassVar[str] = "create_task"

    @classmethod
    def of(
        cls, task_id: str, queue_id: str, name: str, task_kind: TaskKind, plan: QueuePlan,
        **others: Any,  # noqa: ANN401
    ) -> "CreateTask":  # fmt: skip
        """Return the command that makes a task of a plan; `others` are the fields above."""
        return cls(
            task_id, queue_id, name, task_kind, plan.rows, how=plan.how, details=plan.details,
            **others,
        )  # fmt: skip

    @property
    def text(self) -> str:
        """What it does."""
        return f"Make task “{self.name}”"

    def changes(self, ledger: Ledger) -> Iterable[Step]:
        """Make the queue with its batches, and the task."""
        if ledger.row(TASKS, self.task_id) is not None:
            raise CommandRefused("this task is there already")
        if self.parent_id is not None and ledger.row(TASKS, self.parent_id) is None:
            raise CommandRefused("the task above it is gone")
        yield from CreateQueue(
            self.queue_id, self.name, self.subjects, self.batch_size, self.how, self.details,
            self.shares,
        ).changes(ledger)  # fmt: skip
        row = {
            "name": checked_name(self.name), "kind": str(self.task_kind),
            "queue_id": self.queue_id, "parent_id": self.parent_id,
            "owner": self.owner or ledger.reviewer.name, "instructions": self.instructions,
            "due": None if self.due is None else self.due.isoformat(),
            "priority": str(self.priority),
            "mandatory": _stored(self.mandatory), "created_ns": ledger.now_ns,
            "is_archived": False,
        }  # fmt: skip
        yield ledger.create(TASKS, row, self.task_id)


@dataclass(frozen=True, slots=True)
class ChangeTask:
    """Change what is said about a task; None leaves a thing as it is."""

    task_id: str
    name: str | None = None
    owner: str | None = None
    instructions: str | None = None
    due: dt.date | None = None
    has_no_due: bool = False
    """Takes the day away."""
    priority: TaskPriority | None = None
    mandatory: Sequence[MandatoryAttribute] | None = None
    is_archived: bool | None = None

    kind: ClassVar[str] = "change_task"

    @property
    def text(self) -> str:
        """What it does."""
        if self.is_archived is not None:
            return "Put the task away" if self.is_archived else "Take the task out again"
        return f"Rename the task to “{self.name}”" if self.name else "Change the task"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Change the row."""
        values: dict[str, Any] = {
            "name": None if self.name is None else checked_name(self.name),
            "owner": self.owner,
            "instructions": self.instructions,
            "due": None if self.due is None else self.due.isoformat(),
            "priority": None if self.priority is None else str(self.priority),
            "mandatory": None if self.mandatory is None else _stored(self.mandatory),
            "is_archived": self.is_archived,
        }
        told = {name: value for name, value in values.items() if value is not None}
        if self.has_no_due:
            told["due"] = None
        yield from ledger.update(TASKS, self.task_id, told)


@dataclass(frozen=True, slots=True)
class SetItemStatus:
    """Say what became of an item of a task; it is done in its queue then."""

    task_id: str
    subject_key: str
    status: ItemStatus
    seconds: float | None = None
    """Time that the reviewer took; None where nobody measured."""
    labels: Sequence[AnsweredLabel] | None = None
    """The item's labels as they are now; needed where the task has mandatory attributes."""

    kind: ClassVar[str] = "set_item_status"

    @property
    def text(self) -> str:
        """What it does."""
        verbs = {ItemStatus.COMPLETED: "Complete", ItemStatus.APPROVED: "Approve"}
        return f"{verbs.get(self.status, 'Discard')} an item"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Make or change the row, and finish the item."""
        task = _require_task(ledger, self.task_id)
        allowed = STATUSES[task.kind]
        if self.status not in allowed:
            kind = "QA" if task.kind is TaskKind.QA else "annotation"
            words = " or ".join(allowed)
            raise CommandRefused(f"an item of a task for {kind} is {words}, not {self.status}")
        if self.status is not ItemStatus.DISCARDED:
            _refuse_where_missing(task, self.labels)
        if batch_of(ledger, task.queue_id, self.subject_key) is None:
            raise CommandRefused("this is no item of the task")
        row = {
            "task_id": self.task_id, "subject": self.subject_key, "status": str(self.status),
            "reviewer": ledger.reviewer.name, "time_ns": ledger.now_ns,
        }  # fmt: skip
        if item_status(ledger, self.task_id, self.subject_key) != self.status:
            yield from ledger.put(TASK_ITEMS, row)
        yield from FinishItem(task.queue_id, self.subject_key, self.seconds).changes(ledger)


@dataclass(frozen=True, slots=True)
class ClearItemStatus:
    """Take the status of an item away; it is open in its queue again."""

    task_id: str
    subject_key: str

    kind: ClassVar[str] = "clear_item_status"

    @property
    def text(self) -> str:
        """What it does."""
        return "Clear the status of an item"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Delete the row, and reopen the item."""
        task = _require_task(ledger, self.task_id)
        named = {"task_id": self.task_id, "subject": self.subject_key}
        yield from ledger.delete(TASK_ITEMS, TASK_ITEMS.key_of(named))
        yield from ReopenItem(task.queue_id, self.subject_key).changes(ledger)


def _require_task(ledger: Ledger, task_id: str) -> Task:
    task = task_by_id(ledger, task_id)
    if task is None:
        raise CommandRefused("the task is gone")
    return task


def _refuse_where_missing(task: Task, labels: Sequence[AnsweredLabel] | None) -> None:
    if not task.mandatory:
        return
    if labels is None:
        names = " and ".join(rule.name for rule in task.mandatory)
        raise CommandRefused(f"the task asks for {names}: the item's labels must be told")
    missing = missing_attributes(task.mandatory, labels)
    if missing:
        told = "; ".join(each.text for each in missing[:MISSING_TOLD])
        more = len(missing) - MISSING_TOLD
        rest = f"; and {more} more label{'s' if more > 1 else ''}" if more > 0 else ""
        raise CommandRefused(f"not complete yet: {told}{rest}")


def _stored(rules: Sequence[MandatoryAttribute]) -> list[dict[str, Any]]:
    return [rule.to_json() for rule in rules]
