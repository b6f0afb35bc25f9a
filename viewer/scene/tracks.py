"""What a format says of a track as a whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Track:
    """One object over the frames of a scene."""

    track_id: str
    class_name: str
    keyframes: tuple[int, ...] = ()
    """Indexes of the frames in which someone drew it; empty when the format does not tell."""
    visible: tuple[tuple[int, int], ...] = ()
    """First and last frame index, both included, of each interval in which it can be seen."""
    attributes: Mapping[str, Any] = field(default_factory=dict)

    def is_visible(self, frame_index: int) -> bool:
        """Whether it can be seen in a frame; yes where the format does not tell."""
        inside = (first <= frame_index <= last for first, last in self.visible)
        return not self.visible or any(inside)


@runtime_checkable
class TrackSource(Protocol):
    """A scene's reader whose format tells about tracks as a whole."""

    def read_tracks(self, label_set_id: str) -> Sequence[Track]:
        """Return the tracks of a label set; may run on any thread."""
        ...
