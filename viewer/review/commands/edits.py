"""Changing labels: class, attribute, heading, box, deleting; taking it all back."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from viewer.geometry.rotation import normalized_quaternion
from viewer.review.change import Change
from viewer.review.edits.entities import LABEL_EDITS, VALUES
from viewer.review.edits.model import Numbers
from viewer.review.errors import CommandRefused
from viewer.review.label_snapshot import LabelSnapshot
from viewer.review.ledger import Ledger
from viewer.review.subject import Subject, SubjectKind

SAME_ROTATION = 1e-9


def edit_changes(
    ledger: Ledger,
    subject: Subject,
    snapshot: LabelSnapshot | None,
    values: Mapping[str, Any],
) -> list[Change]:
    """Give columns of a label's edit values; a row without any is taken away.

    Parameters
    ----------
    snapshot
        The label as delivered; kept with its first edit.
    """
    if subject.kind is not SubjectKind.LABEL:
        raise CommandRefused(f"{subject.text} is no label")
    key = ledger.intern(subject)
    present = ledger.row(LABEL_EDITS, key)
    if present is None:
        if all(value is None for value in values.values()):
            return []
        row = dict.fromkeys(LABEL_EDITS.columns)
        row |= {"subject": key, "base": ledger.keep(snapshot), **values}
        return [ledger.create(LABEL_EDITS, row)]
    after = present | dict(values)
    if all(after[name] is None for name in VALUES):
        return ledger.delete(LABEL_EDITS, key)
    return ledger.update(LABEL_EDITS, key, values)


@dataclass(frozen=True, slots=True)
class ChangeClass:
    """Give a label another class; None gives back the delivered one."""

    subject: Subject
    class_name: str | None
    snapshot: LabelSnapshot | None = None
    """The label as delivered."""

    kind: ClassVar[str] = "change_class"

    @property
    def text(self) -> str:
        """What it does."""
        to = "as delivered" if self.class_name is None else f"to {self.class_name}"
        return f"Change class of label {self.subject.label_id} {to}"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Change the label's edit."""
        if self.class_name == "":
            raise CommandRefused("a class needs a name")
        name = self.class_name
        if self.snapshot is not None and name == self.snapshot.class_name:
            name = None
        yield from edit_changes(ledger, self.subject, self.snapshot, {"class_name": name})


@dataclass(frozen=True, slots=True)
class ChangeAttribute:
    """Give an attribute of a label another value."""

    subject: Subject
    name: str
    value: Any
    """JSON; None takes the attribute away."""
    snapshot: LabelSnapshot | None = None

    kind: ClassVar[str] = "change_attribute"

    @property
    def text(self) -> str:
        """What it does."""
        if self.value is None:
            return f"Remove {self.name} from label {self.subject.label_id}"
        return f"Change {self.name} of label {self.subject.label_id} to {self.value}"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Change the label's edit."""
        present = ledger.row(LABEL_EDITS, self.subject.key)
        patch = dict((present or {}).get("attributes") or {}) | {self.name: self.value}
        yield from edit_changes(ledger, self.subject, self.snapshot, {"attributes": patch})


@dataclass(frozen=True, slots=True)
class ChangeBox:
    """Give a label another box: what is given, in numbers."""

    subject: Subject
    center: Sequence[float] | None = None
    """3 numbers, metres, in the coord frame of the label."""
    size: Sequence[float] | None = None
    """3 numbers, metres: length, width, height."""
    rotation: Sequence[float] | None = None
    """Quaternion wxyz."""
    box_px: Sequence[float] | None = None
    """Of a 2D box: left, top, right, bottom."""
    snapshot: LabelSnapshot | None = None

    kind: ClassVar[str] = "change_box"

    @property
    def text(self) -> str:
        """What it does."""
        return f"Change box of label {self.subject.label_id}"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Change the label's edit."""
        values: dict[str, Any] = {}
        if self.center is not None:
            values["center"] = _finite("a centre", self.center, 3)
        if self.size is not None:
            values["size"] = _finite("a size", self.size, 3)
            if min(values["size"]) < 0:
                raise CommandRefused("a box has no negative size")
        if self.rotation is not None:
            values["rotation"] = _unit(_finite("a rotation", self.rotation, 4))
        if self.box_px is not None:
            left, top, right, bottom = values["box_px"] = _finite("a 2D box", self.box_px, 4)
            if right < left or bottom < top:
                raise CommandRefused("a 2D box ends right of and below its start")
        if not values:
            raise CommandRefused("no part of the box was given")
        yield from edit_changes(ledger, self.subject, self.snapshot, values)


@dataclass(frozen=True, slots=True)
class FlipHeading:
    """Turn a cuboid by half a turn about its own z axis: its front becomes its back."""

    subject: Subject
    snapshot: LabelSnapshot
    """The label as delivered."""

    kind: ClassVar[str] = "flip_heading"

    @property
    def text(self) -> str:
        """What it does."""
        return f"Flip heading of label {self.subject.label_id}"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Change the label's edit; a second flip gives back the delivered rotation."""
        if self.snapshot.shape != "cuboid":
            raise CommandRefused(f"label {self.subject.label_id} is no cuboid")
        delivered = self.snapshot.geometry[6:10]
        present = ledger.row(LABEL_EDITS, self.subject.key)
        before = (present or {}).get("rotation") or delivered
        flipped = flipped_rotation(before)
        value = None if _is_same_rotation(flipped, delivered) else flipped
        yield from edit_changes(ledger, self.subject, self.snapshot, {"rotation": value})


@dataclass(frozen=True, slots=True)
class DeleteLabel:
    """Say that a label should not be there."""

    subject: Subject
    snapshot: LabelSnapshot | None = None

    kind: ClassVar[str] = "delete_label"

    @property
    def text(self) -> str:
        """What it does."""
        return f"Delete label {self.subject.label_id}"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Change the label's edit."""
        yield from edit_changes(ledger, self.subject, self.snapshot, {"deleted": True})


@dataclass(frozen=True, slots=True)
class RestoreLabel:
    """Make a label as it was delivered again, whole or in some parts."""

    subject: Subject
    parts: Sequence[str] = VALUES
    """Columns of `LABEL_EDITS`."""

    kind: ClassVar[str] = "restore_label"

    @property
    def text(self) -> str:
        """What it does."""
        return f"Restore label {self.subject.label_id}"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Change the label's edit."""
        unknown = set(self.parts) - set(VALUES)
        if unknown:
            raise CommandRefused(f"a label has no {', '.join(sorted(unknown))} to restore")
        values = dict.fromkeys(self.parts)
        yield from edit_changes(ledger, self.subject, None, values)


def flipped_rotation(wxyz: Sequence[float]) -> list[float]:
    """Return a rotation after half a turn about the box's own z axis.

    Examples
    --------
    >>> flipped_rotation((1.0, 0.0, 0.0, 0.0))
    [0.0, 0.0, 0.0, 1.0]
    """
    w, x, y, z = wxyz
    # q * (0, 0, 0, 1), of the two signs the one with w >= 0.
    turned = (-z, y, -x, w)
    sign = -1.0 if next((each for each in turned if each != 0), 1.0) < 0 else 1.0
    return [sign * each + 0.0 for each in turned]


def _is_same_rotation(first: Sequence[float], second: Sequence[float]) -> bool:
    return 1.0 - abs(sum(a * b for a, b in zip(first, second, strict=True))) < SAME_ROTATION


def _finite(what: str, values: Sequence[float], count: int) -> list[float]:
    numbers = [float(value) for value in values]
    if len(numbers) != count or not all(map(math.isfinite, numbers)):
        raise CommandRefused(f"{what} has {count} finite numbers, not {list(values)}")
    return numbers


def _unit(wxyz: Numbers | list[float]) -> list[float]:
    try:
        return [float(value) for value in normalized_quaternion(wxyz)]
    except ValueError:
        raise CommandRefused("a rotation must not be zero") from None
