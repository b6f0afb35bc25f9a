"""Scenes, frames and labels by the ids that other tools know."""

from collections import Counter
from functools import cached_property

from viewer.formats.base import DamagedData
from viewer.formats.growth import whole
from viewer.review.subject import Subject
from viewer.scene.labels import FrameLabels, LabelSetKind
from viewer.scene.scene import Dataset, Scene


class DatasetNames:
    """Translates between subjects of a dataset and one-part ids of frames and labels.

    A frame's id is its key where that is unique in the dataset, else ``scene/key``.
    """

    def __init__(self, dataset: Dataset, dataset_id: str) -> None:
        self.dataset = whole(dataset)
        self.dataset_id = dataset_id
        self._read: dict[tuple[str, int], dict[str, FrameLabels]] = {}

    @property
    def name(self) -> str:
        """The dataset's own name."""
        return self.dataset.path.stem or str(self.dataset.path)

    @cached_property
    def _doubled(self) -> frozenset[str]:
        counts = Counter(frame.key for scene in self.dataset.scenes for frame in scene.frames)
        return frozenset(key for key, count in counts.items() if count > 1)

    @cached_property
    def _frames(self) -> dict[str, tuple[Scene, int]]:
        found: dict[str, tuple[Scene, int]] = {}
        for scene in self.dataset.scenes:
            for frame in scene.frames:
                found[self.frame_id(scene.scene_id, frame.key)] = (scene, frame.index)
        return found

    def frame_id(self, scene_id: str, frame_key: str) -> str:
        """Return the id of a frame."""
        return f"{scene_id}/{frame_key}" if frame_key in self._doubled else frame_key

    def frame(self, frame_id: str) -> Subject | None:
        """Return the frame with an id; None when the dataset has none."""
        found = self._frames.get(frame_id)
        if found is None:
            return None
        scene, index = found
        return Subject.frame(self.dataset_id, scene.scene_id, scene.frames[index].key)

    def scene(self, scene_id: str) -> Subject | None:
        """Return a scene; None when the dataset has none with this id."""
        known = any(scene.scene_id == scene_id for scene in self.dataset.scenes)
        return Subject.scene(self.dataset_id, scene_id) if known else None

    def label(
        self, frame_id: str, label_id: str, *, predictions: bool | None = None
    ) -> Subject | None:
        """Return the label of a frame with an id, of ground truth first; None when none has it."""
        found = self._frames.get(frame_id)
        if found is None:
            return None
        scene, index = found
        for set_id, labels in self._labels(scene, index).items():
            if predictions is not None and self.is_prediction(scene, set_id) != predictions:
                continue
            if _holds(labels, label_id):
                frame_key = scene.frames[index].key
                return Subject.label(self.dataset_id, scene.scene_id, frame_key, set_id, label_id)
        return None

    def is_prediction(self, scene: Scene | str | None, label_set_id: str | None) -> bool:
        """Say whether a label set of a scene holds predictions."""
        for each in self.dataset.scenes:
            if each is scene or each.scene_id == scene:
                kinds = {s.label_set_id: s.kind for s in each.label_sets}
                return kinds.get(str(label_set_id)) is LabelSetKind.PREDICTIONS
        return False

    def _labels(self, scene: Scene, index: int) -> dict[str, FrameLabels]:
        key = (scene.scene_id, index)
        if key not in self._read:
            if len(self._read) > 64:
                self._read.clear()
            found = {}
            truth_first = sorted(
                scene.label_sets, key=lambda each: each.kind is not LabelSetKind.GROUND_TRUTH
            )
            for label_set in truth_first:
                try:
                    labels = scene.reader.read_labels(index, label_set.label_set_id)
                except (DamagedData, OSError):
                    continue
                found[label_set.label_set_id] = labels
            self._read[key] = found
        return self._read[key]


def _holds(labels: FrameLabels, label_id: str) -> bool:
    columns = (labels.cuboids, labels.boxes_2d, labels.shapes_2d)
    rows = (*labels.classifications, *labels.text_tokens, *labels.masks)
    return any(label_id in each.label_ids for each in columns) or any(
        getattr(row, "label_id", None) == label_id for row in rows
    )
