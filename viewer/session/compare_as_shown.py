"""The dataset as it is shown: what an evaluation reads again is what people see."""

from dataclasses import replace

from viewer.formats.edited_reader import edited_reader
from viewer.metrics.loaded_predictions import Untouched
from viewer.scene.labels import FrameLabels
from viewer.scene.scene import Dataset, Scene
from viewer.session.label_edits import LabelEdits, as_delivered


class _AsEdited(Untouched):
    """Implements `SceneEdits`: what the session shows, read again for an evaluation."""

    def __init__(self, scene: Scene, edits: LabelEdits) -> None:
        self._scene, self._edits = scene, edits

    def apply(self, frame_index: int, label_set_id: str, labels: FrameLabels) -> FrameLabels:
        return self._edits(self._scene, frame_index, label_set_id, labels)


def as_shown(dataset: Dataset, edits: LabelEdits) -> Dataset:
    """Return the dataset with labels as reviewers made them."""
    if edits is as_delivered:
        return dataset
    scenes = (
        replace(each, reader=edited_reader(each.reader, _AsEdited(each, edits)))
        for each in dataset.scenes
    )
    return replace(dataset, scenes=tuple(scenes))
