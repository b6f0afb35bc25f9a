"""What is selected, hovered or pointed at."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LabelKey:
    """A label in the open scene."""

    label_set_id: str
    frame_index: int
    label_id: str
    track_id: str | None = None


@dataclass(frozen=True, slots=True)
class PointedPosition:
    """A position under the pointer, marked in every view."""

    position: tuple[float, float, float]
    """In the scene's world coord frame, metres."""
    source: str
    """``3d`` or the sensor_id of the image pointed at."""
    point: tuple[int, int] | None = None
    """Place of the sweep in the frame's content and row in its cloud, where it is a point."""
