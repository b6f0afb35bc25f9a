"""A mark, as a value."""

from dataclasses import dataclass

from viewer.review.subject import Subject

Numbers = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """A person's note that an object is missing; it has a place in 3D, on an image, or both."""

    mark_id: str
    frame: Subject
    class_name: str
    label_set_id: str | None
    """Where the label is missing; None for every label set."""
    coord_frame_id: str | None
    """Of `position`; None without one."""
    position: Numbers | None
    """3 numbers, metres: the middle of the object as far as it is known."""
    size: Numbers | None
    """3 numbers, metres: rough length, width, height."""
    yaw_rad: float | None
    """Rough heading of the front about z of the coord frame."""
    sensor_id: str | None
    """The camera of `pixel`."""
    pixel: Numbers | None
    """u, v; the centre of the top-left pixel is (0, 0)."""
    box_px: Numbers | None
    """Rough left, top, right, bottom on the image."""
    comment: str
    reviewer: str
    time_ns: int
    """When it was made, UTC since 1970."""
