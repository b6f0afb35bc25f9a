"""What may stand in the fields of rows that people write by hand: its shape and allowed values."""

import datetime as dt
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from viewer.geometry.rotation import normalized_quaternion
from viewer.review.datasets.class_map import CLASS, THRESHOLD, class_changes, problem_with_class
from viewer.review.datasets.entities import REVIEWERS, SETTINGS
from viewer.review.edits.model import NO_TRACK
from viewer.review.entity import Entity, Row
from viewer.review.errors import CommandRefused
from viewer.review.issues.model import ElementStatus, IssueState, IssueType, Priority
from viewer.review.issues.texts import checked_json, checked_text, checked_title, comment_text
from viewer.review.ledger import Reading
from viewer.review.names import checked_name
from viewer.review.tasks.entities import TASKS
from viewer.review.tasks.model import STATUSES, ItemStatus, TaskKind, TaskPriority
from viewer.review.verdicts.model import VerdictState
from viewer.review.verdicts.reasons import SETTING as REASONS
from viewer.review.verdicts.reasons import problem_with_reasons, verdict_reasons


class Shape(StrEnum):
    """What a value looks like."""

    TEXT = "text"
    NUMBER = "number"
    NUMBERS = "numbers"
    YES_NO = "yes or no"
    SEVERAL = "several"
    """Texts, each once."""
    JSON = "JSON"


@dataclass(frozen=True, slots=True)
class FieldChoice:
    """A value that can be chosen."""

    text: str
    """For people."""
    value: Any


Choices = tuple[FieldChoice, ...]


@dataclass(frozen=True, slots=True)
class FieldRule:
    """What may stand in a field."""

    shape: Shape = Shape.TEXT
    choices: Callable[[Reading, Row], Choices] = lambda _reading, _row: ()
    """What is offered; the row is the one that the field belongs to."""
    is_closed: bool = False
    """Nothing else than the choices may stand there."""
    may_be_empty: bool = True
    empty: str | None = None
    """What stands there for nothing."""
    count: int | None = None
    """How many numbers."""
    check: Callable[[Any], Any] = lambda value: value
    """Returns the value as it is stored, or raises `CommandRefused`."""


def field_rule(entity: Entity, key: str, column: str) -> FieldRule | None:
    """Return what may stand in a column; None where people do not write it by hand."""
    if entity is SETTINGS:
        return _setting_rule(key) if column == "value" else None
    return RULES.get((entity.name, column))


def _setting_rule(name: str) -> FieldRule:
    if name.startswith(THRESHOLD):
        return FieldRule(Shape.NUMBER, may_be_empty=False)
    if name == REASONS:
        return FieldRule(Shape.SEVERAL, may_be_empty=False, check=_reasons)
    if name.startswith(CLASS):
        return FieldRule(Shape.JSON, may_be_empty=False, check=_class_entry)
    return FieldRule(Shape.JSON, may_be_empty=False)


# -- checks ------------------------------------------------------------------------------------


def _reasons(value: list[str]) -> list[str]:
    problem = problem_with_reasons(tuple(value))
    if problem is not None:
        raise CommandRefused(problem)
    return value


def _class_entry(value: object) -> object:
    problem = problem_with_class(value) if isinstance(value, dict) else "a class is a JSON object"
    if problem is not None:
        raise CommandRefused(problem)
    return value


def _day(value: str) -> str:
    try:
        return dt.date.fromisoformat(value).isoformat()
    except ValueError:
        raise CommandRefused(f"“{value}” is no day: write it as 2026-05-31") from None


def _object(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise CommandRefused('attributes are a JSON object, e.g. {"parked": true}')
    return checked_json(value) or {}


def _yes_or_delivered(value: bool) -> bool | None:
    return value or None


def _size(value: Sequence[float]) -> list[float]:
    if min(value) < 0:
        raise CommandRefused("a box has no negative size")
    return list(value)


def _rotation(value: tuple[float, ...]) -> list[float]:
    try:
        return [float(part) for part in normalized_quaternion(value)]
    except ValueError:
        raise CommandRefused("a rotation must not be zero") from None


def _box_px(value: Sequence[float]) -> list[float]:
    left, top, right, bottom = value
    if right < left or bottom < top:
        raise CommandRefused("a 2D box ends right of and below its start")
    return list(value)


def finite(value: float) -> float:
    """Return a number that can be stored, or refuse it."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise CommandRefused(f"{value!r} is no finite number")
    return value


# -- choices -----------------------------------------------------------------------------------


def _of(*values: StrEnum) -> Callable[[Reading, Row], Choices]:
    found = tuple(
        FieldChoice(str(getattr(value, "text", value)).replace("_", " "), str(value))
        for value in values
    )
    return lambda _reading, _row: found


def _priorities(_reading: Reading, _row: Row) -> Choices:
    return tuple(FieldChoice(each.name.lower(), int(each)) for each in Priority)


def _known_reasons(reading: Reading, _row: Row) -> Choices:
    return tuple(FieldChoice(reason, reason) for reason in verdict_reasons(reading))


def _reviewers(reading: Reading, _row: Row) -> Choices:
    rows = reading.rows(REVIEWERS, "ORDER BY name")
    return tuple(FieldChoice(row["name"], row["name"]) for row in rows)


def _classes(reading: Reading, _row: Row) -> Choices:
    return tuple(FieldChoice(name, name) for name in class_changes(reading))


def _item_statuses(reading: Reading, row: Row) -> Choices:
    task = reading.row(TASKS, row.get("task_id") or "")
    allowed = tuple(ItemStatus) if task is None else STATUSES[TaskKind(task["kind"])]
    return _of(*allowed)(reading, row)


def _no_track(_reading: Reading, _row: Row) -> Choices:
    return (FieldChoice("no track", NO_TRACK),)


_NAME = FieldRule(may_be_empty=False, check=checked_name)
_LONG_TEXT = FieldRule(empty="", check=checked_text)
_PERSON = FieldRule(choices=_reviewers)
_CLASS = FieldRule(choices=_classes)
_YES_NO = FieldRule(Shape.YES_NO, may_be_empty=False)
_DAY = FieldRule(check=_day)
_THREE = FieldRule(Shape.NUMBERS, count=3)
_BOX_PX = FieldRule(Shape.NUMBERS, count=4, check=_box_px)


def _one_of(*values: StrEnum) -> FieldRule:
    return FieldRule(choices=_of(*values), is_closed=True, may_be_empty=False)


RULES: Final[Mapping[tuple[str, str], FieldRule]] = {
    ("verdicts", "state"): _one_of(*VerdictState),
    ("verdicts", "reasons"): FieldRule(Shape.SEVERAL, _known_reasons, is_closed=True),
    ("verdicts", "comment"): _LONG_TEXT,
    ("issues", "state"): _one_of(*IssueState),
    ("issues", "title"): FieldRule(may_be_empty=False, check=checked_title),
    ("issues", "type"): _one_of(*IssueType),
    ("issues", "assignee"): _PERSON,
    ("issues", "priority"): FieldRule(choices=_priorities, is_closed=True),
    ("issues", "due"): _DAY,
    ("issues", "description"): _LONG_TEXT,
    ("issue_elements", "status"): _one_of(*ElementStatus),
    ("comments", "text"): FieldRule(may_be_empty=False, check=comment_text),
    ("tasks", "name"): _NAME,
    ("tasks", "owner"): replace(_PERSON, may_be_empty=False),
    ("tasks", "priority"): _one_of(*TaskPriority),
    ("tasks", "due"): _DAY,
    ("tasks", "instructions"): _LONG_TEXT,
    ("tasks", "is_archived"): _YES_NO,
    ("task_items", "status"): FieldRule(
        choices=_item_statuses, is_closed=True, may_be_empty=False
    ),
    ("queues", "name"): _NAME,
    ("queues", "is_archived"): _YES_NO,
    ("queue_batches", "assignee"): _PERSON,
    ("slices", "name"): _NAME,
    ("splits", "name"): _NAME,
    ("versions", "name"): _NAME,
    ("bookmarks", "name"): _NAME,
    ("marks", "class_name"): replace(_CLASS, may_be_empty=False),
    ("marks", "comment"): _LONG_TEXT,
    ("marks", "position"): replace(_THREE, may_be_empty=False),
    ("marks", "size"): replace(_THREE, check=_size),
    ("marks", "yaw_rad"): FieldRule(Shape.NUMBER),
    ("marks", "box_px"): _BOX_PX,
    ("label_edits", "class_name"): _CLASS,
    ("label_edits", "track_id"): FieldRule(choices=_no_track),
    ("label_edits", "attributes"): FieldRule(Shape.JSON, check=_object),
    ("label_edits", "center"): _THREE,
    ("label_edits", "size"): replace(_THREE, check=_size),
    ("label_edits", "rotation"): FieldRule(Shape.NUMBERS, count=4, check=_rotation),
    ("label_edits", "box_px"): _BOX_PX,
    ("label_edits", "deleted"): FieldRule(Shape.YES_NO, check=_yes_or_delivered),
}  # fmt: skip
_PLACES: Final = {names: place for place, names in enumerate(RULES)}


def field_order(entity: Entity, column: str) -> tuple[int, str]:
    """Return what sorts columns as people read them."""
    return _PLACES.get((entity.name, column), len(_PLACES)), column


def spoken_value(entity_name: str, column: str, value: object) -> object:
    """Return a value as people call it, where the stored one says little: a priority's name."""
    if (entity_name, column) == ("issues", "priority") and isinstance(value, int):
        return Priority(value).name.lower()
    return value
