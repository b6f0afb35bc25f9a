"""Labels of a frame as reviewers made them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from viewer.geometry.cuboids import Cuboids
from viewer.review.edits.edited_labels import EditedLabels, delivered_labels
from viewer.review.edits.model import NO_TRACK, LabelEdit, Numbers
from viewer.review.flat_snapshots import snapshots_in
from viewer.scene.kept_rows import kept_boxes, kept_cuboids, kept_shapes
from viewer.scene.labels import BoxLabels2D, CuboidLabels, FrameLabels
from viewer.scene.masks import InstanceMask, Mask
from viewer.scene.shapes import Classification, ImageShapes, TextToken

Columns = TypeVar("Columns", CuboidLabels, BoxLabels2D, ImageShapes)
Edits = Mapping[str, LabelEdit]
Found = list[tuple[int, LabelEdit]]
"""Rows that are edited, ascending, with their edits."""


def apply_edits(labels: FrameLabels, edits: Sequence[LabelEdit]) -> FrameLabels:
    """Return the labels with edits, of which those that belong to no label do nothing.

    Nothing is changed in place, and what no edit touches is the same object. Of labels that have
    edits already, the delivered ones are edited: the edits do not add up. An edit counts for
    everything that has its label id: a cuboid and the object's boxes on images.

    An edit of a label that was delivered otherwise since is stale: it does nothing until someone
    accepts the difference (`commands.redelivery.Reanchor`).
    """
    delivered = delivered_labels(labels)
    if not edits:
        return delivered
    given = {edit.label_id: edit for edit in edits}
    stale = _stale(delivered, given)
    by_id = {name: edit for name, edit in given.items() if name not in stale}
    gone = {label_id for label_id, edit in by_id.items() if edit.deleted}
    return EditedLabels(
        cuboids=_edited_cuboids(delivered.cuboids, by_id),
        boxes_2d=_edited_boxes(delivered.boxes_2d, by_id),
        shapes_2d=_edited_shapes(delivered.shapes_2d, by_id),
        classifications=_edited_items(delivered.classifications, by_id, _edited_classification),
        text_tokens=_edited_items(delivered.text_tokens, by_id, _edited_token),
        masks=_edited_items(delivered.masks, by_id, _edited_mask),
        point_classes=delivered.point_classes,
        links=tuple(
            link for link in delivered.links if not gone & {link.from_label_id, link.to_label_id}
        ),
        delivered=delivered,
        edits=by_id,
        stale=stale,
    )


def _stale(delivered: FrameLabels, edits: Edits) -> dict[str, LabelEdit]:
    """Edits that were made about another state of their label than the delivered one."""
    based = {name: edit for name, edit in edits.items() if edit.base_hash is not None}
    now = snapshots_in(delivered, based) if based else {}
    return {name: based[name] for name, each in now.items() if each.hash != based[name].base_hash}


def _edited_cuboids(labels: CuboidLabels, edits: Edits) -> CuboidLabels:
    found = _found(labels.label_ids, edits)
    if not found:
        return labels
    moved = [(row, edit) for row, edit in found if edit.moves_box]
    if moved:
        boxes = labels.cuboids
        center = _with(boxes.center, moved, lambda edit: edit.center)
        size = _with(boxes.size, moved, lambda edit: edit.size)
        rotation = _with(boxes.rotation, moved, lambda edit: edit.rotation)
        labels = replace(labels, cuboids=Cuboids(center, size, rotation, boxes.coord_frame_id))
        if labels.is_keyframe is not None:
            # Someone drew the box now.
            drawn = labels.is_keyframe.copy()
            drawn[[row for row, _ in moved]] = True
            labels = replace(labels, is_keyframe=drawn)
    return kept_cuboids(_with_identity(labels, found), _kept_rows(len(labels), found))


def _edited_boxes(labels: BoxLabels2D, edits: Edits) -> BoxLabels2D:
    found = _found(labels.label_ids, edits)
    if not found:
        return labels
    moved = _with(labels.boxes_px, found, lambda edit: edit.box_px)
    labels = _with_identity(replace(labels, boxes_px=moved), found)
    return kept_boxes(labels, _kept_rows(len(labels), found))


def _edited_shapes(shapes: ImageShapes, edits: Edits) -> ImageShapes:
    found = _found(shapes.label_ids, edits)
    if not found:
        return shapes
    return kept_shapes(_with_identity(shapes, found), _kept_rows(len(shapes), found))


def _found(label_ids: Sequence[str], edits: Edits) -> Found:
    return [(row, edits[name]) for row, name in enumerate(label_ids) if name in edits]


def _kept_rows(count: int, found: Found) -> npt.NDArray[np.bool_]:
    keep = np.ones(count, dtype=bool)
    keep[[row for row, edit in found if edit.deleted]] = False
    return keep


def _with(
    column: npt.NDArray[np.float64], found: Found, value_of: Callable[[LabelEdit], Numbers | None]
) -> npt.NDArray[np.float64]:
    values = [(row, value) for row, edit in found if (value := value_of(edit)) is not None]
    if not values:
        return column
    changed = column.copy()
    changed[[row for row, _ in values]] = [value for _, value in values]
    return changed


def _with_identity(labels: Columns, found: Found) -> Columns:
    """Change class, track and attributes."""
    class_names, track_ids = list(labels.class_names), list(labels.track_ids)
    attributes, distributions = list(labels.attributes), labels.class_distributions
    for row, edit in found:
        attributes[row] = _patched(attributes[row], edit)
        track_ids[row] = _track(track_ids[row], edit)
        if edit.class_name is not None:
            class_names[row] = edit.class_name
    reclassed = {row for row, edit in found if edit.class_name is not None}
    if distributions is not None and reclassed:
        # Probabilities that someone overruled are not handed on.
        distributions = tuple(
            None if row in reclassed else each for row, each in enumerate(distributions)
        )
    changes: dict[str, Any] = {
        "class_names": tuple(class_names), "track_ids": tuple(track_ids),
        "attributes": tuple(attributes), "class_distributions": distributions,
    }  # fmt: skip
    return replace(labels, **changes)


def _patched(attributes: Mapping[str, Any], edit: LabelEdit) -> Mapping[str, Any]:
    if not edit.attributes:
        return attributes
    merged = {**attributes, **edit.attributes}
    return {name: value for name, value in merged.items() if name not in edit.attributes or
            value is not None}  # fmt: skip


def _track(track_id: str | None, edit: LabelEdit) -> str | None:
    if edit.track_id is None:
        return track_id
    return None if edit.track_id == NO_TRACK else edit.track_id


Item = TypeVar("Item", Classification, TextToken, Mask)


def _edited_items(
    items: Sequence[Item], edits: Edits, edited: Callable[[Item, LabelEdit], Item]
) -> Sequence[Item]:
    if not any(item.label_id in edits for item in items):
        return items
    pairs = [(item, edits.get(item.label_id)) for item in items]
    return tuple(
        item if edit is None else edited(item, edit)
        for item, edit in pairs
        if edit is None or not edit.deleted
    )


def _edited_classification(item: Classification, edit: LabelEdit) -> Classification:
    if edit.class_name is not None:
        item = replace(item, class_name=edit.class_name, class_distribution=None)
    return replace(
        item, track_id=_track(item.track_id, edit), attributes=_patched(item.attributes, edit)
    )


def _edited_token(item: TextToken, edit: LabelEdit) -> TextToken:
    class_name = item.class_name if edit.class_name is None else edit.class_name
    return replace(item, class_name=class_name, attributes=_patched(item.attributes, edit))


def _edited_mask(item: Mask, edit: LabelEdit) -> Mask:
    if isinstance(item, InstanceMask):
        class_name = item.class_name if edit.class_name is None else edit.class_name
        item = replace(item, class_name=class_name, track_id=_track(item.track_id, edit))
    return replace(item, attributes=_patched(item.attributes, edit))
