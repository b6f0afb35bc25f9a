"""Labels without a cuboid: on images, of text, of an image, frame or scene as a whole."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from viewer.scene.labels import FrameLabels, LabelSet, LabelSetKind
from viewer.scene.masks import InstanceMask, Mask
from viewer.scene.shapes import Classification, ClassificationScope, ShapeKind
from viewer.session.frame_content import FrameContent
from viewer.session.selection import LabelKey
from viewer.session.view_settings import Filters, ViewSettings

SHAPE_NAMES: Mapping[int, str] = {
    ShapeKind.ROTATED_BOX: "rotated box",
    ShapeKind.POLYGONS: "polygon",
    ShapeKind.POLYLINE: "polyline",
    ShapeKind.POINT: "point",
    ShapeKind.KEYPOINTS: "keypoints",
    ShapeKind.ELLIPSE: "ellipse",
    ShapeKind.IMAGE_CUBOID: "image cuboid",
}
BOX_2D, MASK, CLASS_MASK, CLASSIFICATION, TEXT = "2D box", "mask", "class mask", "class", "text"
DRAWN_KINDS = frozenset({BOX_2D, MASK, CLASS_MASK, *SHAPE_NAMES.values()})
"""Kinds that are drawn on an image."""
_NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class FlatLabel:
    """One such label."""

    key: LabelKey
    kind: str
    class_name: str
    place: str
    """The sensor it belongs to; else ``frame``, ``scene`` or a coord frame."""
    score: float
    attributes: Mapping[str, Any]
    row: int
    """Place in its column of `FrameLabels`."""


def flat_labels(content: FrameContent, set_id: str) -> Iterator[FlatLabel]:
    """Labels of a set besides its cuboids; a 2D box of a cuboid's own id is that cuboid."""
    labels = content.labels.get(set_id)
    if labels is None:
        return
    index = content.index
    yield from _on_images(labels, set_id, index)
    for row, mask in enumerate(labels.masks):
        yield _of_mask(mask, row, set_id, index)
    for row, told in enumerate(labels.classifications):
        key = LabelKey(set_id, index, told.label_id, told.track_id)
        yield FlatLabel(
            key, CLASSIFICATION, told.class_name, _place(told), told.score, told.attributes, row
        )
    for row, token in enumerate(labels.text_tokens):
        key = LabelKey(set_id, index, token.label_id)
        said = {"text": token.text, **token.attributes}
        yield FlatLabel(key, TEXT, token.class_name, token.sensor_id, token.score, said, row)


def _on_images(labels: FrameLabels, set_id: str, index: int) -> Iterator[FlatLabel]:
    boxes, shapes = labels.boxes_2d, labels.shapes_2d
    in_3d = set(labels.cuboids.label_ids) if len(boxes) else ()
    scores = boxes.scores.tolist()
    for row, label_id in enumerate(boxes.label_ids):
        if label_id not in in_3d:
            yield FlatLabel(
                LabelKey(set_id, index, label_id, boxes.track_ids[row]), BOX_2D,
                boxes.class_names[row], boxes.sensor_ids[row], scores[row],
                boxes.attributes[row], row,
            )  # fmt: skip
    scores, kinds = shapes.scores.tolist(), shapes.kinds.tolist()
    for row, label_id in enumerate(shapes.label_ids):
        yield FlatLabel(
            LabelKey(set_id, index, label_id, shapes.track_ids[row]), SHAPE_NAMES[kinds[row]],
            shapes.class_names[row], shapes.sensor_ids[row], scores[row], shapes.attributes[row],
            row,
        )  # fmt: skip


def _of_mask(mask: Mask, row: int, set_id: str, index: int) -> FlatLabel:
    if isinstance(mask, InstanceMask):
        key = LabelKey(set_id, index, mask.label_id, mask.track_id)
        return FlatLabel(
            key, MASK, mask.class_name, mask.sensor_id, mask.score, mask.attributes, row
        )
    key = LabelKey(set_id, index, mask.label_id)
    count = len(mask.class_names)
    name = f"{count} classes" if count != 1 else "1 class"
    return FlatLabel(key, CLASS_MASK, name, mask.sensor_id, float("nan"), mask.attributes, row)


def _place(told: Classification) -> str:
    if told.scope in (ClassificationScope.IMAGE, ClassificationScope.COORD_FRAME):
        return told.target
    return told.scope.value


def class_counts(content: FrameContent, set_id: str) -> Counter[str]:
    """Labels of each class; an object's cuboid and its labels on images are one."""
    labels = content.labels[set_id]
    counts = Counter(labels.cuboids.class_names)
    in_3d = set(labels.cuboids.track_ids) - {None}
    counts.update(
        label.class_name
        for label in flat_labels(content, set_id)
        if label.key.track_id not in in_3d and label.kind != CLASS_MASK
    )
    return counts


def find_flat_label(content: FrameContent, key: LabelKey) -> FlatLabel | None:
    """Look a label up by its id; None where the frame has no such label without a cuboid."""
    if key.frame_index != content.index:
        return None
    found = flat_labels(content, key.label_set_id)
    return next((label for label in found if label.key.label_id == key.label_id), None)


def shows_flat_labels(content: FrameContent, view: ViewSettings) -> bool:
    """Whether labels of images are drawn: when asked for, and where a scene has nothing else."""
    return view.images.boxes_2d or not content.scene.lidar_ids


def has_only_images(content: FrameContent) -> bool:
    """Whether 3D has nothing to show: no lidar, no box, no posed lens in a scene with labels."""
    if content.scene.lidar_ids or not content.scene.camera_ids:
        return False
    posed = any(camera.model is not None for camera in content.rig.cameras.values())
    if posed and content.scene.label_sets:
        return False
    return not any(len(labels.cuboids) for labels in content.labels.values())


def is_set_shown(label_set: LabelSet, view: ViewSettings) -> bool:
    """Whether a label set's labels are drawn at all."""
    if label_set.label_set_id in view.filters.hidden_label_sets:
        return False
    return view.layers.predictions or label_set.kind is not LabelSetKind.PREDICTIONS


def passes(filters: Filters, class_name: str, score: float, attributes: Mapping[str, Any]) -> bool:
    """Whether the filters leave a label without a cuboid; one without a score passes theirs."""
    if class_name in filters.hidden_classes or score < filters.min_score:
        return False
    if filters.attribute is None:
        return True
    name, wanted = filters.attribute
    value = attributes.get(name)
    return value is not None and str(value) == wanted
