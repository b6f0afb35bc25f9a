"""2D labels of one image as flat rows; cuboids as the boxes that the camera's lens shows."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.formats.writers.losses import LossLog
from viewer.geometry.projection import Curves, outline_boxes_px, project_cuboids
from viewer.geometry.transform_tree import TransformTreeError
from viewer.scene.labels import FrameLabels
from viewer.scene.masks import InstanceMask, RunLengths
from viewer.scene.scene import Frame
from viewer.scene.sensors import Rig
from viewer.scene.shapes import ELLIPSE_STEPS, ClassificationScope, ImageShapes, ShapeKind

Floats = npt.NDArray[np.float64]
FROM_CUBOID = "from_cuboid"
TRUNCATED = "truncated"
WIDE_MARGIN = 20.0
"""How many times the image's longer side a box may reach beyond it and still be measured."""
LEAST_SIDE_PX = 1.0


@dataclass(frozen=True, eq=False, slots=True)
class ImageLabel:
    """One label on one image; a label without any geometry classifies the image."""

    label_id: str
    class_name: str
    score: float = math.nan
    track_id: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    is_crowd: bool = False
    box_px: tuple[float, float, float, float] | None = None
    """Left, top, right, bottom: the label itself, or the bounds of its shape."""
    rotated: tuple[float, ...] | None = None
    """Centre x, y, width, height, angle."""
    rings: Sequence[Floats] = ()
    """Closed, (V, 2) each, none of them a hole."""
    keypoints: Floats | None = None
    """(K, 2), NaN where there is no place."""
    visibilities: Sequence[int] = ()
    keypoint_names: Sequence[str] = ()
    skeleton: Sequence[tuple[int, int]] = ()
    runs: RunLengths | None = None


def labels_on_image(
    labels: FrameLabels, sensor_id: str, where: str, title: str, losses: LossLog
) -> list[ImageLabel]:
    """Return every 2D label of one image."""
    found = _boxes(labels, sensor_id)
    found += _shapes(labels.shapes_2d, sensor_id, where, title, losses)
    for mask in labels.masks:
        if mask.sensor_id != sensor_id:
            continue
        if not isinstance(mask, InstanceMask):
            losses.add("semantic mask", where, f"{title} has masks of one object each")
            continue
        found.append(
            ImageLabel(
                mask.label_id, mask.class_name, mask.score, mask.track_id, mask.attributes,
                mask.is_crowd, box_px=mask_bounds(mask.runs), runs=mask.runs,
            )
        )  # fmt: skip
    for each in labels.classifications:
        if each.scope == ClassificationScope.IMAGE and each.target == sensor_id:
            found.append(
                ImageLabel(
                    each.label_id,
                    each.class_name,
                    each.score,
                    each.track_id,
                    each.attributes,
                )
            )
    return found


def _boxes(labels: FrameLabels, sensor_id: str) -> list[ImageLabel]:
    boxes = labels.boxes_2d
    found = []
    for row in boxes.on_image(sensor_id):
        left, top, right, bottom = boxes.boxes_px[row].tolist()
        crowd = boxes.is_crowd is not None and bool(boxes.is_crowd[row])
        found.append(
            ImageLabel(
                boxes.label_ids[row], boxes.class_names[row], float(boxes.scores[row]),
                boxes.track_ids[row], boxes.attributes[row], crowd, (left, top, right, bottom),
            )
        )  # fmt: skip
    return found


def _shapes(
    shapes: ImageShapes, sensor_id: str, where: str, title: str, losses: LossLog
) -> list[ImageLabel]:
    found = []
    for row in shapes.on_image(sensor_id):
        kind = ShapeKind(int(shapes.kinds[row]))
        name = kind.name.lower().replace("_", " ")
        geometry: dict[str, Any] = {}
        parts = shapes.parts(row)
        if kind == ShapeKind.KEYPOINTS:
            geometry = {
                "keypoints": parts[0],
                "visibilities": shapes.vertex_visibilities(row).tolist(),
                "keypoint_names": shapes.keypoint_names[row],
                "skeleton": shapes.skeletons[row],
            }
        elif kind == ShapeKind.POLYGONS:
            first = int(shapes.part_offsets[row])
            holes = shapes.holes[first : first + len(parts)]
            losses.add("hole of a polygon", where, f"{title} has none", int(holes.sum()))
            parts = [part for part, hole in zip(parts, holes, strict=True) if not hole]
            geometry = {"rings": parts}
        elif kind in (ShapeKind.ROTATED_BOX, ShapeKind.ELLIPSE):
            outline = shapes.outlines(row)[0].points_px
            parts = [outline]
            if kind == ShapeKind.ROTATED_BOX:
                geometry = {"rotated": tuple(shapes.parameters[row].tolist()), "rings": parts}
            else:
                why = f"{title} has none; becomes a polygon of {ELLIPSE_STEPS} vertices"
                losses.add(f"2D label: {name}", where, why)
                geometry = {"rings": parts}
        else:
            why = f"{title} has no such labels"
            if kind == ShapeKind.IMAGE_CUBOID:
                losses.add(f"2D label: {name}", where, f"{why}; its bounds become a box")
            else:
                losses.add(f"2D label: {name}", where, why)
                continue
        found.append(
            ImageLabel(
                shapes.label_ids[row], shapes.class_names[row], float(shapes.scores[row]),
                shapes.track_ids[row], shapes.attributes[row], bool(shapes.is_crowd[row]),
                box_px=bounds_of(parts), **geometry,
            )
        )  # fmt: skip
    return found


def cuboids_on_image(
    labels: FrameLabels,
    rig: Rig,
    frame: Frame,
    sensor_id: str,
    where: str,
    losses: LossLog,
) -> tuple[list[ImageLabel], set[int]]:
    """Return the boxes of cuboids through the camera's own lens, and the rows that have one.

    A box bounds what lies in the image. ``truncated`` is the part of the whole outline's bounds
    that lies outside of it. A cuboid whose 2D box a person drew keeps that one.
    """
    camera = rig.cameras.get(sensor_id)
    cuboids = labels.cuboids
    if camera is None or camera.model is None or not len(cuboids):
        return [], set()
    image_ns = next(e.timestamp_ns for e in frame.images if e.sensor_id == sensor_id)
    time_ns = cuboids.timestamp_ns if cuboids.timestamp_ns is not None else frame.timestamp_ns
    at_ns = frame.timestamp_ns if image_ns is None else image_ns
    src = cuboids.cuboids.coord_frame_id
    try:
        matrix = rig.camera_from(camera, src, at_ns, time_ns)
    except TransformTreeError as error:
        losses.add("cuboid", where, f"no way to camera {sensor_id}: {error}", len(cuboids))
        return [], set()
    model = camera.model
    count = len(cuboids)
    margin_px = WIDE_MARGIN * max(model.width_px, model.height_px)
    curves = project_cuboids(cuboids.cuboids, model, matrix, margin_px=margin_px)
    seen = outline_boxes_px(curves, count)
    whole = _whole_boxes(curves, count)
    drawn = _drawn_already(labels, sensor_id)
    found, rows = [], set()
    for row in range(count):
        left, top, right, bottom = seen[row].tolist()
        if not np.isfinite(seen[row]).all() or min(right - left, bottom - top) < LEAST_SIDE_PX:
            continue
        rows.add(row)
        if cuboids.label_ids[row] in drawn or cuboids.track_ids[row] in drawn:
            continue
        truncated = round(max(0.0, 1.0 - _area(seen[row]) / _area(whole[row])), 4)
        attributes = {**cuboids.attributes[row], TRUNCATED: truncated, FROM_CUBOID: True}
        crowd = cuboids.is_crowd is not None and bool(cuboids.is_crowd[row])
        found.append(
            ImageLabel(
                cuboids.label_ids[row], cuboids.class_names[row], float(cuboids.scores[row]),
                cuboids.track_ids[row], attributes, crowd, (left, top, right, bottom),
            )
        )  # fmt: skip
    return found, rows


def bounds_of(parts: Sequence[Floats]) -> tuple[float, float, float, float] | None:
    """Return left, top, right, bottom of all finite vertices, None when there are none."""
    vertices = np.concatenate([np.empty((0, 2)), *parts])
    vertices = vertices[np.isfinite(vertices).all(axis=1)]
    if not len(vertices):
        return None
    (left, top), (right, bottom) = vertices.min(axis=0).tolist(), vertices.max(axis=0).tolist()
    return left, top, right, bottom


def mask_bounds(runs: RunLengths) -> tuple[float, float, float, float] | None:
    """Return the outer edges of the pixels inside, None for an empty mask."""
    mask = runs.decoded()
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return None
    return float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)


def ring_area_px(ring: Floats) -> float:
    """Return the area of a closed ring."""
    x, y = ring.T
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2.0)


def _drawn_already(labels: FrameLabels, sensor_id: str) -> set[str]:
    boxes = labels.boxes_2d
    rows = boxes.on_image(sensor_id)
    names = [boxes.label_ids[row] for row in rows]
    return {*names, *(track for row in rows if (track := boxes.track_ids[row]) is not None)}


def _whole_boxes(curves: Curves, count: int) -> Floats:
    """(count, 4) bounds of each outline, in the image and around it."""
    everywhere = replace(curves, inside=np.ones(len(curves.inside), dtype=bool))
    whole: Floats = outline_boxes_px(everywhere, count)
    return whole


def _area(box: Floats) -> float:
    return float(max((box[2] - box[0]) * (box[3] - box[1]), 1e-12))
