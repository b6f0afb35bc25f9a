"""Marking that an object is missing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from viewer.review.change import Change
from viewer.review.errors import CommandRefused
from viewer.review.ledger import Ledger
from viewer.review.marks.checks import NUMBER_COUNTS, checked_mark
from viewer.review.marks.entities import MARKS
from viewer.review.subject import Subject, SubjectKind

_CHANGEABLE = (
    *NUMBER_COUNTS, "class_name", "label_set_id", "coord_frame_id", "yaw_rad", "sensor_id",
    "comment",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class MarkMissing:
    """Say that an object is missing in a frame: at a position, at a pixel, or both."""

    mark_id: str
    frame: Subject
    class_name: str
    position: Sequence[float] | None = None
    """3 numbers, metres."""
    coord_frame_id: str | None = None
    """Of the position."""
    sensor_id: str | None = None
    pixel: Sequence[float] | None = None
    """u, v on the image of that camera."""
    size: Sequence[float] | None = None
    """Rough length, width, height in metres."""
    yaw_rad: float | None = None
    box_px: Sequence[float] | None = None
    """Rough left, top, right, bottom on the image."""
    label_set_id: str | None = None
    comment: str = ""
    made_by: str | None = None
    """Whose mark it is, where it comes from another tool; None for the one who runs this."""
    made_ns: int | None = None
    """When it was made there, UTC since 1970; None for now."""

    kind: ClassVar[str] = "mark_missing"

    @property
    def text(self) -> str:
        """What it does."""
        return f"Mark missing {self.class_name}"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Make the row."""
        if self.frame.kind is not SubjectKind.FRAME:
            raise CommandRefused(f"{self.frame.text} is no frame")
        row = {
            "frame": ledger.intern(self.frame), "label_set_id": self.label_set_id,
            "class_name": self.class_name, "coord_frame_id": self.coord_frame_id,
            "position": self.position, "size": self.size, "yaw_rad": self.yaw_rad,
            "sensor_id": self.sensor_id, "pixel": self.pixel, "box_px": self.box_px,
            "comment": self.comment, "reviewer": self.made_by or ledger.reviewer.name,
            "time_ns": ledger.now_ns if self.made_ns is None else self.made_ns,
        }  # fmt: skip
        yield ledger.create(MARKS, checked_mark(row), self.mark_id)


@dataclass(frozen=True, slots=True)
class ChangeMark:
    """Change what a mark says: columns of `MARKS` but frame, reviewer and time."""

    mark_id: str
    values: Mapping[str, Any]

    kind: ClassVar[str] = "change_mark"

    @property
    def text(self) -> str:
        """What it does."""
        if "class_name" in self.values:
            return f"Change mark to missing {self.values['class_name']}"
        return "Change mark of a missing object"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Change the row."""
        unknown = set(self.values) - set(_CHANGEABLE)
        if unknown:
            raise CommandRefused(f"a mark has no {', '.join(sorted(unknown))} to change")
        present = ledger.row(MARKS, self.mark_id)
        if present is None:
            raise CommandRefused("the mark is gone")
        after = checked_mark(present | dict(self.values))
        yield from ledger.update(MARKS, self.mark_id, {name: after[name] for name in self.values})


@dataclass(frozen=True, slots=True)
class RemoveMark:
    """Take a mark away."""

    mark_id: str
    class_name: str = ""
    """For the text."""

    kind: ClassVar[str] = "remove_mark"

    @property
    def text(self) -> str:
        """What it does."""
        return f"Remove mark of missing {self.class_name or 'object'}"

    def changes(self, ledger: Ledger) -> Iterable[Change]:
        """Delete the row."""
        yield from ledger.delete(MARKS, self.mark_id)
