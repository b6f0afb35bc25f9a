"""Tasks as Dataloop has them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from viewer.review.queues.model import QueueProgress


class TaskKind(StrEnum):
    """What its people do."""

    ANNOTATION = "annotation"
    QA = "qa"


class TaskPriority(StrEnum):
    """How soon it should be done."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class ItemStatus(StrEnum):
    """What its people say of an item."""

    COMPLETED = "completed"
    """Annotated; of annotation tasks."""
    APPROVED = "approved"
    """Of QA tasks."""
    DISCARDED = "discarded"
    """Not to be used; of both."""


STATUSES: Mapping[TaskKind, tuple[ItemStatus, ...]] = {
    TaskKind.ANNOTATION: (ItemStatus.COMPLETED, ItemStatus.DISCARDED),
    TaskKind.QA: (ItemStatus.APPROVED, ItemStatus.DISCARDED),
}
"""What can be said in a task of each kind."""


@dataclass(frozen=True, slots=True)
class MandatoryAttribute:
    """An attribute that labels must have before an item is completed or approved."""

    name: str
    classes: frozenset[str] = frozenset()
    """Of which classes; empty means all."""

    def concerns(self, class_name: str) -> bool:
        """Whether labels of a class must have it."""
        return not self.classes or class_name in self.classes

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {"name": self.name, "classes": sorted(self.classes)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "MandatoryAttribute":
        """Return what `to_json` gave."""
        return cls(stored["name"], frozenset(stored["classes"]))


@dataclass(frozen=True, slots=True)
class AnsweredLabel:
    """A label of an item with its attributes as they are now, edits included."""

    label_id: str
    class_name: str
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Missing:
    """What a label still lacks."""

    label_id: str
    class_name: str
    attributes: tuple[str, ...]

    @property
    def text(self) -> str:
        """For people, e.g. ``label 18 (car) lacks occlusion and colour``."""
        return f"label {self.label_id} ({self.class_name}) lacks {' and '.join(self.attributes)}"


def missing_attributes(
    rules: Sequence[MandatoryAttribute], labels: Sequence[AnsweredLabel]
) -> tuple[Missing, ...]:
    """Return what labels lack, in their order; no and 0 are answers, empty text and lists are not.

    Examples
    --------
    >>> rules = [MandatoryAttribute("occlusion", frozenset({"car"}))]
    >>> [each.text for each in missing_attributes(rules, [AnsweredLabel("18", "car")])]
    ['label 18 (car) lacks occlusion']
    """
    found = []
    for label in labels:
        lacking = tuple(
            rule.name
            for rule in rules
            if rule.concerns(label.class_name) and not _is_answered(label.attributes.get(rule.name))
        )
        if lacking:
            found.append(Missing(label.label_id, label.class_name, lacking))
    return tuple(found)


def _is_answered(value: object) -> bool:
    if value is None:
        return False
    if isinstance(value, str):
        return bool(value.strip())
    return not isinstance(value, (list, tuple, dict, set, frozenset)) or bool(value)


@dataclass(frozen=True, slots=True)
class Task:
    """A task without its items, which are those of its queue."""

    task_id: str
    name: str
    kind: TaskKind
    queue_id: str
    parent_id: str | None
    """The task whose result it checks or goes on with."""
    owner: str
    instructions: str
    due: dt.date | None
    priority: TaskPriority
    mandatory: tuple[MandatoryAttribute, ...]
    created_ns: int
    is_archived: bool


@dataclass(frozen=True, slots=True)
class TaskProgress:
    """How far a task is."""

    queue: QueueProgress
    statuses: Mapping[ItemStatus, int]
    """Number of items of each."""
    by_reviewer: Mapping[str, Mapping[ItemStatus, int]]
    """Likewise, of those who said so last."""

    @property
    def is_complete(self) -> bool:
        """Whether every item has a status."""
        return sum(self.statuses.values()) >= self.queue.total

    def is_overdue(self, due: dt.date | None, today: dt.date) -> bool:
        """Whether the day is over and something is left."""
        return due is not None and today > due and not self.is_complete


@dataclass(frozen=True, slots=True)
class StatusLogEntry:
    """One line of a task's status log: who did what when."""

    subject_key: str
    status: ItemStatus | None
    """What the item's status is since then; None for none."""
    action: str
    """``created``, ``changed``, ``cleared``, or ``undone`` and ``redone``."""
    reviewer: str
    time_ns: int
