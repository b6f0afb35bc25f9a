"""The labels of a version, from those that were delivered."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import compress
from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from viewer.review.edits.apply import apply_edits
from viewer.review.edits.edited_labels import delivered_labels
from viewer.review.versions.choice import LabelChoice
from viewer.review.versions.model import SceneVersion, VersionKeeps
from viewer.scene.kept_rows import kept_boxes, kept_cuboids, kept_shapes
from viewer.scene.labels import CuboidLabels, FrameLabels
from viewer.scene.masks import InstanceMask


def version_labels(
    keeps: VersionKeeps, scene: SceneVersion | None, frame_key: str, labels: FrameLabels
) -> FrameLabels:
    """Return the labels of a frame as a version has them.

    Parameters
    ----------
    scene
        The scene in the version; None where it does not belong to it.
    labels
        As delivered; edits that they may carry are left out.
    """
    delivered = delivered_labels(labels)
    if scene is None or not keeps.labels:
        return FrameLabels(CuboidLabels.empty(delivered.cuboids.cuboids.coord_frame_id))
    edits = tuple(scene.edits.get(frame_key, {}).values())
    found = apply_edits(delivered, edits)
    if keeps.classes is None and not scene.keeps:
        return found
    return _narrowed(found, _Choice(keeps.classes, scene.keeps, frame_key))


class _Columns(Protocol):
    @property
    def label_ids(self) -> Sequence[str]: ...
    @property
    def class_names(self) -> Sequence[str]: ...
    @property
    def track_ids(self) -> Sequence[str | None]: ...


Item = TypeVar("Item")


class _Choice(LabelChoice):
    """Says it of many labels at once."""

    def rows(self, columns: _Columns) -> npt.NDArray[np.bool_]:
        pairs = zip(columns.label_ids, columns.class_names, columns.track_ids, strict=True)
        return np.array([self.has(*each) for each in pairs], dtype=bool)

    def items(self, items: Sequence[Item], names: Sequence[str | None]) -> tuple[Item, ...]:
        keep = [
            self.has(getattr(item, "label_id", ""), name, getattr(item, "track_id", None))
            for item, name in zip(items, names, strict=True)
        ]
        return tuple(compress(items, keep))


def _narrowed(labels: FrameLabels, choice: _Choice) -> FrameLabels:
    masks = choice.items(
        labels.masks,
        [mask.class_name if isinstance(mask, InstanceMask) else None for mask in labels.masks],
    )
    found = FrameLabels(
        cuboids=kept_cuboids(labels.cuboids, choice.rows(labels.cuboids)),
        boxes_2d=kept_boxes(labels.boxes_2d, choice.rows(labels.boxes_2d)),
        shapes_2d=kept_shapes(labels.shapes_2d, choice.rows(labels.shapes_2d)),
        classifications=choice.items(
            labels.classifications, [each.class_name for each in labels.classifications]
        ),
        text_tokens=choice.items(
            labels.text_tokens, [each.class_name for each in labels.text_tokens]
        ),
        masks=masks,
        point_classes=labels.point_classes,
    )
    kept = _label_ids(found)
    links = (each for each in labels.links if {each.from_label_id, each.to_label_id} <= kept)
    return replace(found, links=tuple(links))


def _label_ids(labels: FrameLabels) -> set[str]:
    return {
        *labels.cuboids.label_ids, *labels.boxes_2d.label_ids, *labels.shapes_2d.label_ids,
        *(each.label_id for each in labels.classifications),
        *(each.label_id for each in labels.text_tokens),
        *(each.label_id for each in labels.masks),
    }  # fmt: skip
