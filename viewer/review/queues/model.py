"""What a queue is to those who work it off."""

from dataclasses import dataclass
from enum import StrEnum

from viewer.review.queues.origin import describe_queue
from viewer.review.slices.provenance import Provenance

DEFAULT_BATCH_SIZE = 100
LARGEST_BATCH_SIZE = 1000


class BatchState(StrEnum):
    """How far a batch is."""

    QUEUED = "queued"
    ASSIGNED = "assigned"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Queue:
    """A named list of things to look at, without the things."""

    queue_id: str
    name: str
    how: Provenance
    batch_size: int
    created_by: str
    created_ns: int
    is_archived: bool
    total: int
    done: int

    @property
    def origin(self) -> str:
        """How it was made, for people."""
        return describe_queue(self.how)


@dataclass(frozen=True, slots=True)
class QueueBatch:
    """Some items of a queue that are worked off together."""

    batch_key: str
    number: int
    """From 1."""
    assignee: str | None
    size: int
    done: int

    @property
    def state(self) -> BatchState:
        """Done when all items are; assigned while it is someone's."""
        if self.done >= self.size:
            return BatchState.DONE
        return BatchState.QUEUED if self.assignee is None else BatchState.ASSIGNED


@dataclass(frozen=True, slots=True)
class ItemDetail:
    """Why an item is in a queue."""

    score: float | None = None
    """How likely something is wrong there; None where nothing says."""
    why: str = ""


@dataclass(frozen=True, slots=True)
class QueueItem:
    """One item of a queue."""

    subject_key: str
    batch_key: str
    number: int
    """Of its batch."""
    place: int
    """In its batch, from 0."""
    detail: ItemDetail
    is_done: bool


@dataclass(frozen=True, slots=True)
class ReviewerProgress:
    """What one reviewer did in a queue."""

    reviewer: str
    done: int
    mean_seconds: float | None
    """Over the items whose time is known."""


@dataclass(frozen=True, slots=True)
class QueueProgress:
    """How far a queue is."""

    total: int
    done: int
    batches: dict[BatchState, int]
    mean_seconds: float | None
    """Time per item; None while no time is known."""
    median_seconds: float | None
    by_reviewer: tuple[ReviewerProgress, ...]

    @property
    def left(self) -> int:
        """Number of items not done."""
        return self.total - self.done

    @property
    def seconds_left(self) -> float | None:
        """Time that the rest will take one reviewer; None while no time is known."""
        return None if self.mean_seconds is None else self.left * self.mean_seconds
