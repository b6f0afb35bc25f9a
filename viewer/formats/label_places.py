"""Where labels stand in their files, for people who mend them there."""

from typing import Protocol, runtime_checkable


@runtime_checkable
class LabelPlaces(Protocol):
    """A scene's reader that can tell where a label was read from."""

    def label_place(
        self, frame_index: int, label_set_id: str, label_id: str
    ) -> tuple[str, str] | None:
        """Return the file and the place in it; None where it is not known."""
        ...
