"""What a frame's labels have on images, one row an object: its box, its mask, its keypoints."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from viewer.metrics.objects import Floats
from viewer.scene.labels import BoxLabels2D, FrameLabels
from viewer.scene.masks import InstanceMask
from viewer.scene.shapes import ImageShapes, ShapeKind

BOX = "bbox"
AREA = "area"
"""Keys under which COCO's rows tell more of an object than its shape does."""


@dataclass(frozen=True, eq=False, slots=True)
class FlatObjects:
    """M objects on images; the columns beside the boxes are None where no object has any."""

    boxes: BoxLabels2D
    """A box is NaN where an object has none."""
    masks: Sequence[InstanceMask | None] | None = None
    keypoints: Sequence[Floats | None] | None = None
    areas_px: Floats | None = None

    def __len__(self) -> int:
        return len(self.boxes)


@dataclass(eq=False, slots=True)
class _Object:
    sensor_id: str
    label_id: str
    class_name: str
    track_id: str | None
    score: float
    attributes: Mapping[str, Any]
    is_crowd: bool
    distribution: Mapping[str, float] | None = None
    box_px: Sequence[float] = (np.nan,) * 4
    mask: InstanceMask | None = None
    keypoints: Floats | None = None


def flat_objects(
    labels: FrameLabels, told: Mapping[str, Mapping[str, Any]] | None = None
) -> FlatObjects:
    """Join boxes, polygons, keypoints and masks of one id, or that a link makes one object.

    Lines, points and other shapes are not evaluated.

    Parameters
    ----------
    told
        The rows of a COCO file by label id: their own boxes and areas win.
    """
    shapes, masks = labels.shapes_2d, labels.masks
    plain = not len(shapes) and not any(isinstance(mask, InstanceMask) for mask in masks)
    if plain and told is None:
        return FlatObjects(labels.boxes_2d)
    same = {link.from_label_id: link.to_label_id for link in labels.links}
    found: dict[tuple[str, str], _Object] = {}
    for each in (*_of_boxes(labels.boxes_2d), *_of_shapes(shapes), *_of_masks(masks)):
        place = (each.sensor_id, same.get(each.label_id, each.label_id))
        known = found.setdefault(place, each)
        if known is not each:
            known.mask = known.mask or each.mask
            if known.keypoints is None:
                known.keypoints = each.keypoints
            if np.isnan(known.box_px[0]):
                known.box_px = each.box_px
    rows = list(found.values())
    for (_, label_id), each in found.items():
        each.label_id = label_id
        each.box_px = _own_box((told or {}).get(label_id, {})) or each.box_px
    return FlatObjects(
        _columns(rows),
        [each.mask for each in rows] if any(each.mask for each in rows) else None,
        [each.keypoints for each in rows]
        if any(each.keypoints is not None for each in rows)
        else None,
        _areas(rows, told or {}),
    )


def _of_boxes(boxes: BoxLabels2D) -> Iterator[_Object]:
    spreads = boxes.class_distributions
    for row in range(len(boxes)):
        yield _Object(
            boxes.sensor_ids[row], boxes.label_ids[row], boxes.class_names[row],
            boxes.track_ids[row], float(boxes.scores[row]), boxes.attributes[row],
            boxes.is_crowd is not None and bool(boxes.is_crowd[row]),
            None if spreads is None else spreads[row], boxes.boxes_px[row].tolist(),
        )  # fmt: skip


def _of_shapes(shapes: ImageShapes) -> Iterator[_Object]:
    for row in range(len(shapes)):
        kind = ShapeKind(int(shapes.kinds[row]))
        if kind not in (ShapeKind.POLYGONS, ShapeKind.KEYPOINTS):
            continue
        vertices = np.concatenate([np.empty((0, 2)), *shapes.parts(row)])
        attributes = shapes.attributes[row]
        found = _Object(
            shapes.sensor_ids[row], shapes.label_ids[row], shapes.class_names[row],
            shapes.track_ids[row], float(shapes.scores[row]), attributes,
            bool(shapes.is_crowd[row]), shapes.class_distributions[row],
            _own_box(attributes) or _bounds(vertices),
        )  # fmt: skip
        if kind == ShapeKind.KEYPOINTS:
            states = shapes.vertex_visibilities(row).astype(np.float64)
            found.keypoints = np.column_stack([np.nan_to_num(vertices), states])
        yield found


def _of_masks(masks: Sequence[object]) -> Iterator[_Object]:
    for mask in masks:
        if isinstance(mask, InstanceMask):
            yield _Object(
                mask.sensor_id, mask.label_id, mask.class_name, mask.track_id, mask.score,
                mask.attributes, mask.is_crowd, None, _own_box(mask.attributes) or (np.nan,) * 4,
                mask,
            )  # fmt: skip


def _own_box(attributes: Mapping[str, Any]) -> list[float] | None:
    box = attributes.get(BOX)
    if not isinstance(box, list) or len(box) != 4:
        return None
    try:
        left, top, width, height = map(float, box)
    except (TypeError, ValueError):
        return None
    return [left, top, left + width, top + height]


def _bounds(vertices: Floats) -> list[float]:
    known = vertices[np.isfinite(vertices).all(axis=1)]
    if not len(known):
        return [np.nan] * 4
    return [*known.min(axis=0).tolist(), *known.max(axis=0).tolist()]


def _areas(rows: Sequence[_Object], told: Mapping[str, Mapping[str, Any]]) -> Floats | None:
    found = [told.get(each.label_id, {}).get(AREA) for each in rows]
    areas = [float(area) if isinstance(area, int | float) else np.nan for area in found]
    return None if np.isnan(areas).all() else np.array(areas, dtype=np.float64)


def _columns(rows: Sequence[_Object]) -> BoxLabels2D:
    spreads = [each.distribution for each in rows]
    return BoxLabels2D(
        np.array([each.box_px for each in rows], dtype=np.float64).reshape(-1, 4),
        [each.sensor_id for each in rows],
        [each.label_id for each in rows],
        [each.class_name for each in rows],
        [each.track_id for each in rows],
        np.array([each.score for each in rows], dtype=np.float64),
        [each.attributes for each in rows],
        np.array([each.is_crowd for each in rows], dtype=bool),
        spreads if any(spreads) else None,
    )
