"""Some rows of label columns."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import compress
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from viewer.scene.labels import BoxLabels2D, CuboidLabels
from viewer.scene.shapes import ImageShapes

Keep = npt.NDArray[np.bool_]
Item = TypeVar("Item")


def kept_cuboids(labels: CuboidLabels, keep: Keep) -> CuboidLabels:
    """Return the rows of (N,) `keep`; the same object where that is all."""
    if keep.all():
        return labels
    return replace(
        labels,
        cuboids=labels.cuboids.select(keep),
        label_ids=_kept(labels.label_ids, keep),
        class_names=_kept(labels.class_names, keep),
        track_ids=_kept(labels.track_ids, keep),
        scores=labels.scores[keep],
        attributes=_kept(labels.attributes, keep),
        velocities_mps=_kept_array(labels.velocities_mps, keep),
        is_crowd=_kept_array(labels.is_crowd, keep),
        class_distributions=_kept_maybe(labels.class_distributions, keep),
        is_keyframe=_kept_array(labels.is_keyframe, keep),
    )


def kept_boxes(labels: BoxLabels2D, keep: Keep) -> BoxLabels2D:
    """Return the rows of (M,) `keep`; the same object where that is all."""
    if keep.all():
        return labels
    return replace(
        labels,
        boxes_px=labels.boxes_px[keep],
        sensor_ids=_kept(labels.sensor_ids, keep),
        label_ids=_kept(labels.label_ids, keep),
        class_names=_kept(labels.class_names, keep),
        track_ids=_kept(labels.track_ids, keep),
        scores=labels.scores[keep],
        attributes=_kept(labels.attributes, keep),
        is_crowd=_kept_array(labels.is_crowd, keep),
        class_distributions=_kept_maybe(labels.class_distributions, keep),
    )


def kept_shapes(shapes: ImageShapes, keep: Keep) -> ImageShapes:
    """Return the rows of (K,) `keep` with their parts and vertices; all where that is all."""
    if keep.all():
        return shapes
    part_counts, vertex_counts = np.diff(shapes.part_offsets), np.diff(shapes.vertex_offsets)
    parts = np.repeat(keep, part_counts)
    vertices = np.repeat(parts, vertex_counts)
    return replace(
        shapes,
        kinds=shapes.kinds[keep],
        sensor_ids=_kept(shapes.sensor_ids, keep),
        label_ids=_kept(shapes.label_ids, keep),
        class_names=_kept(shapes.class_names, keep),
        track_ids=_kept(shapes.track_ids, keep),
        scores=shapes.scores[keep],
        attributes=_kept(shapes.attributes, keep),
        parameters=shapes.parameters[keep],
        vertices_px=shapes.vertices_px[vertices],
        vertex_offsets=_offsets(vertex_counts[parts]),
        part_offsets=_offsets(part_counts[keep]),
        holes=shapes.holes[parts],
        visibilities=shapes.visibilities[vertices],
        keypoint_names=_kept(shapes.keypoint_names, keep),
        skeletons=_kept(shapes.skeletons, keep),
        is_crowd=shapes.is_crowd[keep],
        class_distributions=_kept(shapes.class_distributions, keep),
    )


def _offsets(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def _kept(column: Sequence[Item], keep: Keep) -> tuple[Item, ...]:
    return tuple(compress(column, keep))


def _kept_maybe(column: Sequence[Item] | None, keep: Keep) -> tuple[Item, ...] | None:
    return None if column is None else _kept(column, keep)


def _kept_array(column: npt.NDArray[Any] | None, keep: Keep) -> npt.NDArray[Any] | None:
    return None if column is None else column[keep]
