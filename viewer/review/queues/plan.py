"""What a queue will hold, before it is made."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from viewer.review.queues.model import ItemDetail
from viewer.review.slices.provenance import Provenance, by_hand
from viewer.review.subject import Subject
from viewer.review.subject_rows import SubjectRow, subject_row


class PlannedItem(NamedTuple):
    """A subject that will be an item, and what is known of it."""

    row: SubjectRow
    class_name: str | None = None
    track_id: str | None = None
    """Of a label: so that a verdict on its track counts for it."""
    score: float | None = None
    """How likely something is wrong with it."""
    why: str = ""

    @property
    def key(self) -> str:
        """Key of the subject."""
        return self.row.key

    @property
    def detail(self) -> ItemDetail:
        """What the queue keeps of it."""
        return ItemDetail(self.score, self.why)


@dataclass(frozen=True, slots=True)
class QueuePlan:
    """Items in the order in which they will be looked at, each once, and where they come from.

    Make it off the main thread where there are many.
    """

    items: tuple[PlannedItem, ...]
    how: Provenance = field(default_factory=by_hand)

    @classmethod
    def of(
        cls, subjects: Iterable[Subject | SubjectRow], how: Provenance | None = None
    ) -> "QueuePlan":
        """Return a plan of subjects in their order; of those that come again, the first counts."""
        items = tuple(PlannedItem(row) for row in rows_once(subjects))
        return cls(items, by_hand() if how is None else how)

    @property
    def rows(self) -> tuple[SubjectRow, ...]:
        """The subjects."""
        return tuple(item.row for item in self.items)

    @property
    def details(self) -> tuple[ItemDetail, ...]:
        """Why each item is there; empty where nothing is said of any."""
        if all(item.score is None and not item.why for item in self.items):
            return ()
        return tuple(item.detail for item in self.items)

    def __len__(self) -> int:
        return len(self.items)


def rows_once(subjects: Iterable[Subject | SubjectRow]) -> list[SubjectRow]:
    """Return the rows of subjects in their order, each once."""
    rows = (each if isinstance(each, SubjectRow) else subject_row(each) for each in subjects)
    by_key = {row.key: row for row in rows}
    found = list(by_key.values())
    # At once, a million entries would be freed without letting another thread in.
    while by_key:
        by_key.popitem()
    return found


def each_once(items: Iterable[PlannedItem]) -> tuple[PlannedItem, ...]:
    """Return the items in their order; of those of one subject, the first."""
    found: dict[str, PlannedItem] = {}
    for item in items:
        found.setdefault(item.key, item)
    return tuple(found.values())


class Part(NamedTuple):
    """Items that become batches of one reviewer, or of nobody."""

    assignee: str | None
    start: int
    end: int


def parts_of(count: int, shares: Sequence[tuple[str, int]]) -> list[Part]:
    """Return who gets which of `count` items; nobody's, all of them, without shares.

    Each reviewer's items lie together, so that what belongs to one scene is mostly seen by one.
    """
    if not shares:
        return [Part(None, 0, count)]
    parts, start = [], 0
    for reviewer, size in shares:
        parts.append(Part(reviewer, start, start + size))
        start += size
    if start != count:
        raise ValueError(f"shares of {start} items do not fit {count}")
    return [part for part in parts if part.end > part.start]
