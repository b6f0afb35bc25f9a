"""What a frame's labels have on images, one row an object: its box, its mask, its keypoints."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np

from viewer.formats.coco.outline_masks import mask_of_outlines
from viewer.metrics.objects import Floats
from viewer.scene.labels import BoxLabels2D, FrameLabels
from viewer.scene.masks import InstanceMask, RunLengths
from viewer.scene.shapes import ImageShapes, ShapeKind

BOX = "bbox"
AREA = "area"
"""Keys under which COCO's rows tell more of an object than its shape does."""


@dataclass(frozen=True, eq=False, slots=True)
class FlatObjects:
    """M objects on images; the columns beside the boxes are None where no object has any."""

    boxes: BoxLabels2D
    """A box is NaN where an object has none."""
    masks: "Sequence[AnyMask] | None" = None
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
    mask: "AnyMask" = None
    keypoints: Floats | None = None


@dataclass(frozen=True, eq=False, slots=True)
class CocoRows:
    """An image's rows of a COCO file by label id, and its size in pixels, 0 unknown."""

    rows: Mapping[str, Mapping[str, Any]]
    width_px: int
    height_px: int
    are_results: bool = False
    """True for a list of results, where no row tells its area."""

    def of(self, label_id: str) -> Mapping[str, Any]:
        """Return a row; empty for an id without one."""
        return self.rows.get(label_id, {})


NO_ROWS = CocoRows({}, 0, 0)


class MasksOnDemand(Sequence[InstanceMask | None]):
    """Masks, those of outlines filled when first asked for."""

    def __init__(self, masks: Sequence["AnyMask"]) -> None:
        self._masks = list(masks)

    def __len__(self) -> int:
        return len(self._masks)

    @overload
    def __getitem__(self, index: int) -> InstanceMask | None: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[InstanceMask | None]: ...
    def __getitem__(
        self, index: int | slice
    ) -> InstanceMask | Sequence[InstanceMask | None] | None:
        if isinstance(index, slice):
            return [self[row] for row in range(*index.indices(len(self)))]
        found = self._masks[index]
        if isinstance(found, Outline):
            found = self._masks[index] = found.filled()
        return found


@dataclass(frozen=True, eq=False, slots=True)
class Outline:
    """Polygons of one object on an image of known size."""

    sensor_id: str
    label_id: str
    class_name: str
    parts: Sequence[Floats]
    width_px: int
    height_px: int

    def filled(self) -> InstanceMask | None:
        """Return its mask, as COCO's tools fill it; None where that cannot be."""
        try:
            runs = mask_of_outlines(self.parts, self.width_px, self.height_px)
        except ValueError:
            return None
        return InstanceMask(self.sensor_id, self.label_id, self.class_name, runs)


AnyMask = InstanceMask | Outline | None


def flat_objects(labels: FrameLabels, told: CocoRows | None = None) -> FlatObjects:
    """Join boxes, polygons, keypoints and masks of one id, or that a link makes one object.

    Lines, points and other shapes are not evaluated.

    Parameters
    ----------
    told
        The rows of a COCO file: their own boxes and areas win, and polygons become masks.
    """
    shapes, masks = labels.shapes_2d, labels.masks
    plain = not len(shapes) and not any(isinstance(mask, InstanceMask) for mask in masks)
    if plain and told is None:
        return FlatObjects(labels.boxes_2d)
    same = {link.from_label_id: link.to_label_id for link in labels.links}
    found: dict[tuple[str, str], _Object] = {}
    for each in (
        *_of_boxes(labels.boxes_2d),
        *_of_shapes(shapes, told or NO_ROWS),
        *_of_masks(masks),
    ):
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
        each.box_px = _own_box((told or NO_ROWS).of(label_id)) or each.box_px
    return FlatObjects(
        _columns(rows),
        [each.mask for each in rows] if any(each.mask for each in rows) else None,
        [each.keypoints for each in rows]
        if any(each.keypoints is not None for each in rows)
        else None,
        _areas(rows, told or NO_ROWS),
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


def _of_shapes(shapes: ImageShapes, told: CocoRows) -> Iterator[_Object]:
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
        elif told.width_px > 0 and told.height_px > 0:
            found.mask = Outline(
                found.sensor_id, found.label_id, found.class_name, shapes.parts(row),
                told.width_px, told.height_px,
            )  # fmt: skip
        yield found


def _of_masks(masks: Sequence[object]) -> Iterator[_Object]:
    for mask in masks:
        if isinstance(mask, InstanceMask):
            box_px = _own_box(mask.attributes) or mask_box(mask.runs)
            yield _Object(
                mask.sensor_id, mask.label_id, mask.class_name, mask.track_id, mask.score,
                mask.attributes, mask.is_crowd, None, box_px,
                mask,
            )  # fmt: skip


def mask_box(runs: RunLengths) -> list[float]:
    """Return left, top, right, bottom around a mask's pixels; NaN where it has none.

    Examples
    --------
    >>> mask_box(RunLengths.of(np.array([[False, False, False], [False, True, True]])))
    [1.0, 1.0, 3.0, 2.0]
    """
    ends = np.cumsum(runs.lengths)
    firsts, lasts = ends[:-1:2], ends[1::2] - 1
    some = lasts >= firsts
    if not some.any():
        return [np.nan] * 4
    firsts, lasts = firsts[some], lasts[some]
    tops, bottoms = firsts // runs.width_px, lasts // runs.width_px
    # A run over the end of a row touches both sides.
    one_row = tops == bottoms
    left = np.where(one_row, firsts % runs.width_px, 0).min()
    right = np.where(one_row, lasts % runs.width_px, runs.width_px - 1).max() + 1
    return [float(left), float(tops[0]), float(right), float(bottoms[-1] + 1)]


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


def _areas(rows: Sequence[_Object], told: CocoRows) -> Floats | None:
    areas = [_area(each, told.of(each.label_id), are_results=told.are_results) for each in rows]
    return None if np.isnan(areas).all() else np.array(areas, dtype=np.float64)


def _area(each: _Object, row: Mapping[str, Any], *, are_results: bool) -> float:
    """Return what a row tells; of a result what COCO's tools make of box, mask or keypoints."""
    if not are_results:
        area = row.get(AREA)
        return float(area) if isinstance(area, int | float) else np.nan
    box = _own_box(row)
    if box is not None:
        return (box[2] - box[0]) * (box[3] - box[1])
    if isinstance(each.mask, InstanceMask):
        return float(each.mask.runs.area_px)
    if each.keypoints is not None:
        points = each.keypoints[:, :2]
        return float(np.prod(points.max(axis=0) - points.min(axis=0)))
    return np.nan


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
