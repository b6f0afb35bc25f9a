"""One label's edit, as a value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

NO_TRACK = ""
"""As an edit's track id: the label belongs to no track any more."""
Numbers = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class LabelEdit:
    """What a reviewer changed about a label; None means as delivered."""

    label_id: str
    class_name: str | None = None
    track_id: str | None = None
    """`NO_TRACK` where it was taken out of its track."""
    attributes: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    """Changed ones alone, by name; None takes one away."""
    center: Numbers | None = None
    """3 numbers, metres, in the coord frame of the label."""
    size: Numbers | None = None
    """3 numbers, metres: length, width, height."""
    rotation: Numbers | None = None
    """Unit quaternion wxyz."""
    box_px: Numbers | None = None
    """Of a 2D box: left, top, right, bottom."""
    deleted: bool = False
    base_hash: str | None = None
    """Hash of the label as it was delivered when it was first edited; None where unknown."""

    @property
    def moves_box(self) -> bool:
        """Whether the cuboid is another one than delivered."""
        return not (self.center is None and self.size is None and self.rotation is None)

    @property
    def changed(self) -> tuple[str, ...]:
        """What is otherwise, in a person's words, e.g. ``("class", "box")``."""
        if self.deleted:
            return ("deleted",)
        named = (
            ("class", self.class_name is not None),
            ("track", self.track_id is not None),
            *((f"attribute {name}", True) for name in sorted(self.attributes)),
            ("box", self.moves_box or self.box_px is not None),
        )
        return tuple(name for name, is_changed in named if is_changed)


FrameEdits = Mapping[str, Sequence[LabelEdit]]
"""Edits of one frame by label set id."""
