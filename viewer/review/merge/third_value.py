"""A value of one's own for what two merged files say differently."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from viewer.review.conflicts.model import ConflictKind
from viewer.review.entities import entity_named
from viewer.review.entity import Entity, Row
from viewer.review.errors import CommandRefused
from viewer.review.issues.texts import mentioned
from viewer.review.ledger import Ledger, Reading
from viewer.review.marks.checks import checked_mark
from viewer.review.marks.entities import MARKS
from viewer.review.merge.fields import (
    Choices,
    FieldChoice,
    FieldRule,
    Shape,
    field_order,
    field_rule,
    finite,
)
from viewer.review.merge.reading import Conflict

OF_VERDICT = ("state", "reasons", "comment")
_YES, _NO = ("yes", "true", "1"), ("no", "false", "0")
_MENTIONING = {("issues", "description"), ("comments", "text")}


@dataclass(frozen=True, slots=True)
class OpenField:
    """A field of a conflict that can be given a third value."""

    name: str
    """The column."""
    rule: FieldRule
    choices: Choices
    """What is offered; only these count where the rule is closed."""
    first: Any
    """What the first side says; None also where it deleted the row."""
    second: Any

    @property
    def title(self) -> str:
        """For people."""
        return self.name.replace("_", " ")

    def text_of(self, value: object) -> str:
        """Return a value as it is typed."""
        known = next((each.text for each in self.choices if each.value == value), None)
        if known is not None and self.rule.shape is not Shape.SEVERAL:
            return known
        match self.rule.shape, value:
            case _, None:
                return ""
            case Shape.SEVERAL | Shape.NUMBERS, list():
                return ", ".join(map(str, value))
            case Shape.YES_NO, _:
                return "yes" if value else "no"
            case Shape.JSON, _:
                return json.dumps(value, ensure_ascii=False)
            case _:
                return str(value)

    def parse(self, text: str) -> Any:  # noqa: ANN401 - what the column holds
        """Return what was typed as the column holds it.

        Raises
        ------
        CommandRefused
            When it is none of the allowed values, or has another shape.
        """
        text = text.strip()
        if not text:
            if not self.rule.may_be_empty:
                raise CommandRefused(f"{self.title} must not be empty")
            return [] if self.rule.shape is Shape.SEVERAL else self.rule.empty
        try:
            return self._checked(self._read(text))
        except CommandRefused as error:
            raise CommandRefused(f"{self.title}: {error}") from error

    def _read(self, text: str) -> Any:  # noqa: ANN401
        match self.rule.shape:
            case Shape.TEXT:
                return _chosen(text, self.choices, self.rule)
            case Shape.NUMBER:
                return _number(text)
            case Shape.NUMBERS:
                return [_number(each) for each in text.strip("[]").replace(",", " ").split()]
            case Shape.SEVERAL:
                parts = (part.strip() for part in text.split(","))
                return list(
                    dict.fromkeys(_chosen(part, self.choices, self.rule) for part in parts if part)
                )
            case Shape.YES_NO:
                return _yes_or_no(text)
            case _:
                return _json(text)

    def check(self, value: object) -> Any:  # noqa: ANN401
        """Return a value as it is stored, or refuse it with the field's name.

        Raises
        ------
        CommandRefused
        """
        if value is None or value == self.rule.empty:
            if not self.rule.may_be_empty:
                raise CommandRefused(f"{self.title} must not be empty")
            return self.rule.empty
        try:
            return self._checked(value)
        except CommandRefused as error:
            raise CommandRefused(f"{self.title}: {error}") from error

    def _checked(self, value: Any) -> Any:  # noqa: ANN401
        rule = self.rule
        if rule.is_closed:
            allowed = [each.value for each in self.choices]
            wrong = [each for each in _several(value) if each not in allowed]
            if wrong:
                raise _none_of(str(wrong[0]), self.choices)
        if rule.shape in (Shape.NUMBER, Shape.NUMBERS):
            numbers = [finite(each) for each in _several(value)]
            if rule.count is not None and len(numbers) != rule.count:
                raise CommandRefused(f"{rule.count} numbers are needed, not {len(numbers)}")
        if rule.shape is Shape.YES_NO and not isinstance(value, bool):
            raise CommandRefused("it is yes or no")
        return rule.check(value)


def open_fields(
    reading: Reading, conflict: Conflict, class_names: Sequence[str] = ()
) -> tuple[OpenField, ...]:
    """Return the fields of a conflict that can be given a third value; none where nobody types it.

    Parameters
    ----------
    class_names
        Classes to offer beside those that the workspace defines.
    """
    first, second = conflict.first.values, conflict.second.values
    entity = entity_named(conflict.entity)
    if conflict.kind is ConflictKind.VERDICTS:
        names: Sequence[str] = OF_VERDICT
    else:
        names = sorted(first or second or {}, key=lambda name: field_order(entity, name))
    row = (
        (reading.row(entity, conflict.row_key) or {}) if conflict.kind is ConflictKind.CHANGED
        else first or second or {}
    )  # fmt: skip
    found = (
        _open_field(reading, entity, conflict.row_key, name, row, (first, second)) for name in names
    )
    return tuple(_with_classes(each, class_names) for each in found if each is not None)


def third_values(reading: Reading, conflict: Conflict, texts: Mapping[str, str]) -> Row:
    """Return the values with which `ResolveConflict` settles a conflict by what was typed.

    Parameters
    ----------
    texts
        What was typed, by field; what is not named stays as the later side has it.

    Raises
    ------
    CommandRefused
        When a field cannot be given a value by hand, or not this one.
    """
    fields = {each.name: each for each in open_fields(reading, conflict)}
    unknown = [name for name in texts if name not in fields]
    if unknown:
        known = ", ".join(fields) or "nothing"
        raise CommandRefused(
            f"“{unknown[0]}” cannot be given by hand in this conflict; what can: {known}"
        )
    typed = {name: fields[name].parse(text) for name, text in texts.items()}
    if conflict.kind is ConflictKind.VERDICTS:
        return (conflict.second.values or {}) | typed
    if conflict.kind is ConflictKind.CHANGED:
        return typed
    is_there = reading.row(entity_named(conflict.entity), conflict.row_key) is not None
    return typed if is_there else (conflict.first.values or conflict.second.values or {}) | typed


def checked_values(ledger: Ledger, conflict: Row, values: Row) -> Row:
    """Return values as they are stored; what one of the sides says is taken as it is.

    Raises
    ------
    CommandRefused
        When a value is neither of a side nor one that people may give.
    """
    entity, key = entity_named(conflict["entity"]), conflict["row_key"]
    sides = (conflict["first_values"], conflict["second_values"])
    present = ledger.row(entity, key)
    checked = dict(values)
    row = (present or sides[0] or sides[1] or {}) | values
    for name, value in values.items():
        if any(known and name in known and known[name] == value for known in (*sides, present)):
            continue
        field = _open_field(ledger, entity, key, name, row, sides)
        if field is None:
            raise CommandRefused(f"{name.replace('_', ' ')} is not given by hand: choose a side")
        checked[name] = field.check(value)
        if (entity.name, name) in _MENTIONING:
            checked["mentions"] = mentioned(ledger, str(checked[name]))
    if entity is MARKS and present is not None:
        checked_mark(present | checked)
    return checked


def _open_field(
    reading: Reading, entity: Entity, key: str, name: str, row: Row,
    sides: tuple[Row | None, Row | None],
) -> OpenField | None:  # fmt: skip
    rule = field_rule(entity, key, name)
    if rule is None:
        return None
    first, second = ((side or {}).get(name) for side in sides)
    return OpenField(name, rule, rule.choices(reading, row), first, second)


def _with_classes(field: OpenField, class_names: Sequence[str]) -> OpenField:
    if field.name != "class_name":
        return field
    names = dict.fromkeys([*class_names, *(each.text for each in field.choices)])
    return replace(field, choices=tuple(FieldChoice(name, name) for name in names))


def _chosen(text: str, choices: Choices, rule: FieldRule) -> Any:  # noqa: ANN401
    plain = _plain(text)
    for each in choices:
        if plain in (_plain(each.text), _plain(str(each.value))):
            return each.value
    if rule.is_closed:
        raise _none_of(text, choices)
    return text


def _none_of(text: str, choices: Choices) -> CommandRefused:
    return CommandRefused(f"“{text}” is none of {', '.join(each.text for each in choices)}")


def _plain(text: str) -> str:
    return text.casefold().replace("_", "").replace(" ", "")


def _several(value: Any) -> Sequence[Any]:  # noqa: ANN401
    return value if isinstance(value, list | tuple) else (value,)


def _number(text: str) -> float:
    try:
        return finite(float(text))
    except ValueError:
        raise CommandRefused(f"“{text}” is no number") from None


def _yes_or_no(text: str) -> bool:
    if text.casefold() in (*_YES, *_NO):
        return text.casefold() in _YES
    raise CommandRefused(f"“{text}” is neither yes nor no")


def _json(text: str) -> Any:  # noqa: ANN401
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise CommandRefused(f"“{text}” is no JSON; a text stands in double quotes") from None
    if value is None:
        raise CommandRefused("null is no value")
    return value


def _refuse_constant(text: str) -> None:
    raise ValueError(text)
