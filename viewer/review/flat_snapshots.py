"""Snapshots of every kind of label in a frame, as it was delivered."""

import zlib
from collections.abc import Container, Iterator, Sequence
from itertools import chain

import numpy as np

from viewer.review.label_snapshot import LabelSnapshot, box_2d_snapshot, cuboid_snapshot
from viewer.scene.labels import FrameLabels
from viewer.scene.masks import InstanceMask, Mask, SemanticMask
from viewer.scene.shapes import ImageShapes, ShapeKind


def snapshot_of(labels: FrameLabels, label_id: str) -> LabelSnapshot | None:
    """Return a label as delivered, edits left out; None where the frame has none of that id.

    Of an object with a cuboid and 2D labels of one id the cuboid counts.
    """
    return next((each for _, each in _snapshots(labels, {label_id})), None)


def shown_snapshot_of(labels: FrameLabels, label_id: str) -> LabelSnapshot | None:
    """Return a label as it is edited; None where the frame has none of that id."""
    shown = FrameLabels(
        labels.cuboids, boxes_2d=labels.boxes_2d, shapes_2d=labels.shapes_2d, masks=labels.masks,
        classifications=labels.classifications, text_tokens=labels.text_tokens,
    )  # fmt: skip
    return snapshot_of(shown, label_id)


def snapshots_in(
    labels: FrameLabels, wanted: Container[str] | None = None
) -> dict[str, LabelSnapshot]:
    """Return labels of a frame by their id, as `snapshot_of` does: all, or those of some ids."""
    found: dict[str, LabelSnapshot] = {}
    for label_id, snapshot in _snapshots(labels, wanted):
        found.setdefault(label_id, snapshot)
    return found


def _snapshots(
    labels: FrameLabels, wanted: Container[str] | None
) -> Iterator[tuple[str, LabelSnapshot]]:
    """Yield snapshots by label id, of some ids alone where these are `wanted`."""
    # `EditedLabels`, whose module builds on this one, tell what was delivered.
    labels = getattr(labels, "delivered", labels)
    cuboids, boxes, shapes = labels.cuboids, labels.boxes_2d, labels.shapes_2d

    def rows(label_ids: Sequence[str]) -> Iterator[tuple[int, str]]:
        return ((i, own) for i, own in enumerate(label_ids) if wanted is None or own in wanted)

    for row, own in rows(cuboids.label_ids):
        yield own, cuboid_snapshot(cuboids, row)
    for row, own in rows(boxes.label_ids):
        yield own, box_2d_snapshot(boxes, row)
    for row, own in rows(shapes.label_ids):
        yield own, shape_snapshot(shapes, row)
    for mask in labels.masks:
        if wanted is None or mask.label_id in wanted:
            yield mask.label_id, mask_snapshot(mask)
    for item in labels.classifications:
        if wanted is None or item.label_id in wanted:
            yield item.label_id, LabelSnapshot("classification", item.class_name, (), item.track_id)
    for token in labels.text_tokens:
        if wanted is None or token.label_id in wanted:
            yield (
                token.label_id,
                LabelSnapshot("text_token", token.class_name, (float(token.index),)),
            )


def shape_snapshot(shapes: ImageShapes, row: int) -> LabelSnapshot:
    """Return the snapshot of one shape on an image.

    Geometry of a rotated box or ellipse: its 5 parameters. Of keypoints: x, y and visibility of
    each, zeros where it has no place. Of all others: for each part its number of vertices and
    whether it is a hole, then x and y of each vertex.
    """
    kind = ShapeKind(int(shapes.kinds[row]))
    geometry: list[float] = []
    if kind in (ShapeKind.ROTATED_BOX, ShapeKind.ELLIPSE):
        geometry = shapes.parameters[row].tolist()
    elif kind is ShapeKind.KEYPOINTS:
        points = np.nan_to_num(np.concatenate([np.empty((0, 2)), *shapes.parts(row)]))
        states = shapes.vertex_visibilities(row)[:, None]
        geometry = np.concatenate([points, states], axis=1).ravel().tolist()
    else:
        first = int(shapes.part_offsets[row])
        for place, part in enumerate(shapes.parts(row)):
            geometry += [float(len(part)), float(shapes.holes[first + place])]
            geometry += part.ravel().tolist()
    return LabelSnapshot(
        kind.name.lower(), shapes.class_names[row], tuple(map(float, geometry)),
        shapes.track_ids[row],
    )  # fmt: skip


def mask_snapshot(mask: Mask) -> LabelSnapshot:
    """Return the snapshot of a mask: width, height, left, top, right, bottom, area, check sum.

    The edges of the object's pixels are both included, -1 where it has none.
    """
    if isinstance(mask, SemanticMask):
        height, width = mask.class_indices.shape
        images = [mask.class_indices, *([] if mask.instances is None else [mask.instances])]
        sums = [zlib.crc32(image.astype("<i4").tobytes()) for image in images]
        return LabelSnapshot("semantic_mask", "", tuple(map(float, (width, height, *sums))))
    return _instance_snapshot(mask)


def _instance_snapshot(mask: InstanceMask) -> LabelSnapshot:
    runs = mask.runs
    ends = np.cumsum(runs.lengths)
    starts, stops = (ends - runs.lengths)[1::2], ends[1::2]
    inside = stops > starts
    starts, stops = starts[inside], stops[inside]
    box = (-1, -1, -1, -1)
    if len(starts):
        width = runs.width_px
        # A run that goes on into the next line touches both sides of the image.
        wraps = bool((starts // width != (stops - 1) // width).any())
        left = 0 if wraps else int((starts % width).min())
        right = width - 1 if wraps else int(((stops - 1) % width).max())
        box = (left, int(starts[0]) // width, right, int(stops[-1] - 1) // width)
    check = zlib.crc32(np.stack([starts, stops]).astype("<i8").tobytes())
    numbers = chain((runs.width_px, runs.height_px), box, (runs.area_px, check))
    return LabelSnapshot("mask", mask.class_name, tuple(map(float, numbers)), mask.track_id)
