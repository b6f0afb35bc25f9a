"""Making queues, giving their batches to reviewers, and working off their items."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from viewer.review.change import Change, CreatedRows, Step
from viewer.review.errors import CommandRefused
from viewer.review.ledger import Ledger
from viewer.review.names import checked_name
from viewer.review.queues.entities import QUEUE_BATCHES, QUEUE_DONE, QUEUES
from viewer.review.queues.model import (
    DEFAULT_BATCH_SIZE,
    LARGEST_BATCH_SIZE,
    BatchState,
    ItemDetail,
)
from viewer.review.queues.plan import QueuePlan, parts_of, rows_once
from viewer.review.queues.reading import batch_of, batches
from viewer.review.queues.split import Share, split
from viewer.review.slices.provenance import by_hand
from viewer.review.subject import Subject, SubjectKind
from viewer.review.subject_rows import SubjectRow


@dataclass(frozen=True, slots=True)
class CreateQueue:
    """Make a queue of subjects, in their order."""

    queue_id: str
    name: str
    subjects: Sequence[Subject | SubjectRow]
    """Rows are taken as they are, which is fast for many; `QueuePlan.rows` gives them."""
    batch_size: int = DEFAULT_BATCH_SIZE
    how: Mapping[str, Any] = field(default_factory=by_hand)
    """Made by `viewer.review.queues.origin`."""
    details: Sequence[ItemDetail] = ()
    """Why each subject is there, in their order; empty where nothing is said."""
    shares: Sequence[Share] = ()
    """Reviewers who get the items; without them the batches are anyone's."""

    kind: ClassVar[str] = "create_queue"

    @classmethod
    def of(
        cls,
        queue_id: str,
        name: str,
        plan: QueuePlan,
        batch_size: int = DEFAULT_BATCH_SIZE,
        shares: Sequence[Share] = (),
    ) -> "CreateQueue":
        """Return the command that makes a queue of a plan."""
        return cls(queue_id, name, plan.rows, batch_size, plan.how, plan.details, shares)

    @property
    def text(self) -> str:
        """What it does."""
        return f"Make queue “{self.name}”"

    def changes(self, ledger: Ledger) -> Iterable[Step]:
        """Make the queue and its batches."""
        name = checked_name(self.name)
        if not 1 <= self.batch_size <= LARGEST_BATCH_SIZE:
            raise CommandRefused(f"a batch has 1 to {LARGEST_BATCH_SIZE} items")
        if ledger.row(QUEUES, self.queue_id) is not None:
            raise CommandRefused("this queue is there already")
        row = {
            "name": name, "how": dict(self.how), "batch_size": self.batch_size,
            "created_by": ledger.reviewer.name, "created_ns": ledger.now_ns, "is_archived": False,
        }  # fmt: skip
        yield ledger.create(QUEUES, row, self.queue_id)
        yield from _add_batches(
            ledger, self.queue_id, self.queue_id, self.batch_size, self.subjects, self.details,
            self.shares,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ExtendQueue:
    """Put more subjects at the end of a queue; those that are in it already are left out."""

    queue_id: str
    addition_id: str
    """A new id, so that the additions of two people never meet."""
    subjects: Sequence[Subject | SubjectRow]
    details: Sequence[ItemDetail] = ()
    shares: Sequence[Share] = ()

    kind: ClassVar[str] = "extend_queue"

    @property
    def text(self) -> str:
        """What it does."""
        return "Add to the queue"

    def changes(self, ledger: Ledger) -> Iterable[Step]:
        """Make more batches."""
        queue = _require_queue(ledger, self.queue_id)
        details = self.details or [ItemDetail()] * len(self.subjects)
        if len(details) != len(self.subjects):
            raise CommandRefused("there must be one detail for each subject")
        added = [
            (subject, detail)
            for subject, detail in zip(self.subjects, details, strict=True)
            if batch_of(ledger, self.queue_id, subject.key) is None
        ]
        if added:
            yield from _add_batches(
                ledger, self.queue_id, self.addition_id, queue["batch_size"],
                [subject for subject, _ in added], [detail for _, detail in added], self.shares,
            )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ChangeQueue:
    """Rename a queue, or put it away; None leaves a thing as it is."""

    queue_id: str
    name: str | None = None
    is_archived: bool | None = None

    kind: ClassVar[str] = "change_queue"

    @property
    def text(self) -> str:
        """What it does."""
        if self.name is not None:
            return f"Rename the queue to “{self.name}”"
        return "Put the queue away" if self.is_archived else "Take the queue out again"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Change the row."""
        values: dict[str, Any] = {}
        if self.name is not None:
            values["name"] = checked_name(self.name)
        if self.is_archived is not None:
            values["is_archived"] = self.is_archived
        yield from ledger.update(QUEUES, self.queue_id, values)


@dataclass(frozen=True, slots=True)
class AssignBatch:
    """Give a batch to a reviewer; None gives it to anyone."""

    queue_id: str
    number: int
    """From 1, as people see it."""
    assignee: str | None

    kind: ClassVar[str] = "assign_batch"

    @property
    def text(self) -> str:
        """What it does."""
        whose = "anyone" if self.assignee is None else self.assignee
        return f"Assign batch {self.number} to {whose}"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Change the assignee; of additions that two people made at once, both."""
        _require_queue(ledger, self.queue_id)
        found = [each for each in batches(ledger, self.queue_id) if each.number == self.number]
        if not found:
            raise CommandRefused(f"the queue has no batch {self.number}")
        if all(each.state is BatchState.DONE for each in found):
            raise CommandRefused(f"batch {self.number} is done")
        for each in found:
            yield from ledger.update(QUEUE_BATCHES, each.batch_key, {"assignee": self.assignee})


@dataclass(frozen=True, slots=True)
class ShareQueue:
    """Give the batches that are not done to reviewers, by their shares."""

    queue_id: str
    shares: Sequence[Share]

    kind: ClassVar[str] = "share_queue"

    @property
    def text(self) -> str:
        """What it does."""
        return f"Share the queue among {', '.join(each.reviewer for each in self.shares)}"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Change the assignees, in the order of the batches."""
        _require_queue(ledger, self.queue_id)
        left = [each for each in batches(ledger, self.queue_id) if each.state != BatchState.DONE]
        names = [name for name, count in split_or_refuse(len(left), self.shares)
                 for _ in range(count)]  # fmt: skip
        for batch, name in zip(left, names, strict=True):
            yield from ledger.update(QUEUE_BATCHES, batch.batch_key, {"assignee": name})


@dataclass(frozen=True, slots=True)
class FinishItem:
    """Say that an item is worked off; again, adds to its time."""

    queue_id: str
    subject_key: str
    seconds: float | None = None
    """Time that the reviewer took; None where nobody measured."""

    kind: ClassVar[str] = "finish_item"

    @property
    def text(self) -> str:
        """What it does."""
        return "Finish an item"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Make or change the row."""
        batch = batch_of(ledger, self.queue_id, self.subject_key)
        if batch is None:
            raise CommandRefused("this is no item of the queue")
        if self.seconds is not None and not 0 <= self.seconds < float("inf"):
            raise CommandRefused("the time that an item took cannot be negative or endless")
        spent_ms = None if self.seconds is None else round(self.seconds * 1000)
        row = {
            "queue_id": self.queue_id, "batch": batch, "subject": self.subject_key,
            "reviewer": ledger.reviewer.name, "time_ns": ledger.now_ns,
            "spent_ms": spent_ms,
        }  # fmt: skip
        present = ledger.row(QUEUE_DONE, QUEUE_DONE.key_of(row))
        if present is not None:
            row["spent_ms"] = _total(present["spent_ms"], spent_ms)
        yield from ledger.put(QUEUE_DONE, row)


@dataclass(frozen=True, slots=True)
class ReopenItem:
    """Say that an item is not worked off after all."""

    queue_id: str
    subject_key: str

    kind: ClassVar[str] = "reopen_item"

    @property
    def text(self) -> str:
        """What it does."""
        return "Reopen an item"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Delete the row."""
        named = {"queue_id": self.queue_id, "subject": self.subject_key}
        yield from ledger.delete(QUEUE_DONE, QUEUE_DONE.key_of(named))


def split_or_refuse(count: int, shares: Sequence[Share]) -> list[tuple[str, int]]:
    """Return how many each reviewer gets; CommandRefused where the shares make no sense."""
    try:
        return split(count, shares)
    except ValueError as error:
        raise CommandRefused(str(error)) from error


def _total(before: int | None, more: int | None) -> int | None:
    return before if more is None else more if before is None else before + more


def _require_queue(ledger: Ledger, queue_id: str) -> dict[str, Any]:
    row = ledger.row(QUEUES, queue_id)
    if row is None:
        raise CommandRefused("the queue is gone")
    return row


def _add_batches(
    ledger: Ledger,
    queue_id: str,
    addition_id: str,
    batch_size: int,
    subjects: Sequence[Subject | SubjectRow],
    details: Sequence[ItemDetail],
    shares: Sequence[Share],
) -> Iterable[Step]:
    """Yield the rows of new batches, numbered on from those that are there."""
    rows = rows_once(subjects)
    if not rows:
        raise CommandRefused("there is nothing to put into the queue")
    if any(row.kind == SubjectKind.DATASET for row in rows):
        raise CommandRefused("a queue holds labels, tracks, frames or scenes")
    if details and len(details) != len(subjects):
        raise CommandRefused("there must be one detail for each subject")
    told = _detail_by_key(subjects, details)
    ledger.intern_all(rows)
    number = max((each.number for each in batches(ledger, queue_id)), default=0)
    whose = split_or_refuse(len(rows), shares) if shares else []
    made: list[Change] = []
    for part in parts_of(len(rows), whose):
        for start in range(part.start, part.end, batch_size):
            keys = [row.key for row in rows[start : min(start + batch_size, part.end)]]
            number += 1
            batch = {
                "queue_id": queue_id, "number": number, "subjects": keys,
                "details": [told[key] for key in keys] if told else None,
                "assignee": part.assignee,
            }  # fmt: skip
            made.append(ledger.create(QUEUE_BATCHES, batch, f"{addition_id}:{number}"))
    yield CreatedRows(tuple(made))


def _detail_by_key(
    subjects: Sequence[Subject | SubjectRow], details: Sequence[ItemDetail]
) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for subject, detail in zip(subjects, details, strict=bool(details)):
        found.setdefault(subject.key, [detail.score, detail.why])
    return found
