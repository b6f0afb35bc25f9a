"""The labels of a task's item with their attributes as they are now."""

from collections.abc import Iterator, Mapping
from typing import Any

from viewer.review.subject import Subject, SubjectKind
from viewer.review.tasks.model import AnsweredLabel
from viewer.scene.labels import FrameLabels, LabelSetKind
from viewer.scene.masks import InstanceMask
from viewer.scene.scene import Dataset, Frame, Scene
from viewer.scene.shapes import Classification

_Row = tuple[str, str, str | None, Mapping[str, Any]]
"""A label's id, class, track and attributes."""


def answered_labels(dataset: Dataset, item: Subject) -> list[AnsweredLabel]:
    """Return the labels that an item is or holds: of frames and scenes those of the ground truth.

    A cuboid and the object's boxes on images are one label where they have one id.

    Parameters
    ----------
    dataset
        As `viewer.review.edits.edited_dataset` gives it, so that edits count.

    Raises
    ------
    DamagedData
        When a frame cannot be read.
    """
    found: list[AnsweredLabel] = []
    for scene in dataset.scenes:
        if item.scene_id not in (None, scene.scene_id):
            continue
        for frame in scene.frames:
            if item.frame_key in (None, frame.key):
                found += _of_frame(scene, frame, item)
    return found


def _of_frame(scene: Scene, frame: Frame, item: Subject) -> Iterator[AnsweredLabel]:
    for label_set in scene.label_sets:
        is_asked = (
            label_set.kind is LabelSetKind.GROUND_TRUTH
            if item.label_set_id is None
            else label_set.label_set_id == item.label_set_id
        )
        if is_asked:
            labels = scene.reader.read_labels(frame.index, label_set.label_set_id)
            yield from _of_labels(labels, item)


def _of_labels(labels: FrameLabels, item: Subject) -> Iterator[AnsweredLabel]:
    classes: dict[str, str] = {}
    answers: dict[str, dict[str, Any]] = {}
    for label_id, class_name, track_id, attributes in _rows(labels):
        if item.kind is SubjectKind.LABEL and label_id != item.label_id:
            continue
        if item.kind is SubjectKind.TRACK and track_id != item.track_id:
            continue
        classes.setdefault(label_id, class_name)
        answers[label_id] = {**attributes, **answers.get(label_id, {})}
    for label_id, class_name in classes.items():
        yield AnsweredLabel(label_id, class_name, answers[label_id])


def _rows(labels: FrameLabels) -> Iterator[_Row]:
    for each in (labels.cuboids, labels.boxes_2d, labels.shapes_2d):
        yield from zip(
            each.label_ids, each.class_names, each.track_ids, each.attributes, strict=True
        )
    masks = (mask for mask in labels.masks if isinstance(mask, InstanceMask))
    single: list[Classification | InstanceMask] = [*masks, *labels.classifications]
    for item in single:
        yield item.label_id, item.class_name, item.track_id, item.attributes
