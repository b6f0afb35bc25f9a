"""Where the session takes edits of labels from."""

from typing import Protocol

from viewer.scene.labels import FrameLabels
from viewer.scene.scene import Scene


class LabelEdits(Protocol):
    """Turns labels as delivered into labels as reviewers made them. Runs on any thread."""

    def __call__(
        self, scene: Scene, frame_index: int, label_set_id: str, labels: FrameLabels, /
    ) -> FrameLabels:
        """Return the labels of one label set in one frame with their edits."""
        ...


def as_delivered(
    _scene: Scene, _frame_index: int, _label_set_id: str, labels: FrameLabels
) -> FrameLabels:
    """No edits."""
    return labels
