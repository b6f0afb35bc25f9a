"""Where labels stand in their files, for people who mend them there."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from viewer.scene.scene import Problem


@runtime_checkable
class LabelPlaces(Protocol):
    """A scene's reader that can tell where a label was read from."""

    def label_place(
        self, frame_index: int, label_set_id: str, label_id: str
    ) -> tuple[str, str] | None:
        """Return the file and the place in it; None where it is not known."""
        ...


@runtime_checkable
class PredictedFrames(Protocol):
    """A scene's reader that makes a frame of whatever its files name."""

    def is_only_predicted(self, frame_index: int) -> bool:
        """Return True where nothing but predictions names a frame."""
        ...


@runtime_checkable
class StrayLabels(Protocol):
    """A scene's reader whose files of labels may name frames that the dataset does not have."""

    def stray_labels(self, label_set_id: str) -> Sequence[Problem]:
        """Return one problem for each such frame; the same from every scene of the dataset."""
        ...
