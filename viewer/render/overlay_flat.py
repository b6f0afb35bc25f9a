"""Labels that were drawn on the image itself: 2D boxes and shapes as lines and dots, masks as tint.

They need no lens: where a camera has none, they stand where they were drawn.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.render.image_overlay import overlaid
from viewer.render.image_rectify import rectify
from viewer.render.mask_outline import MaskArea
from viewer.render.overlay_labels import LabelText, ProjectedLabel
from viewer.render.overlay_lens import ImageLens, find_lens
from viewer.render.rasterizer import Polylines, Rgb
from viewer.scene.images import Image
from viewer.scene.labels import BoxLabels2D, FrameLabels, LabelSet, LabelSetKind
from viewer.scene.masks import InstanceMask, Mask, SemanticMask
from viewer.scene.shapes import ImageShapes, Outline, ShapeKind, Visibility
from viewer.session.flat_labels import is_set_shown, passes, shows_flat_labels
from viewer.session.frame_content import FrameContent
from viewer.session.marks_set import drawn_rgb, drawn_sets, is_marks
from viewer.session.selection import LabelKey
from viewer.session.view_settings import ViewSettings

_EDGE_POINTS = 17
"""Points along an edge where the image is shown through another lens."""
_TINT = 0.4
_CLOSED = (ShapeKind.POLYGONS, ShapeKind.ELLIPSE)
"""Shapes that a click inside means, too; the inside of a box is mostly other things."""
_NO_LINES = Polylines(np.empty((0, 4)), np.empty((0, 2)))

Floats = npt.NDArray[np.float64]
ToShown = Callable[[Floats], Floats]


def flat_labels(
    content: FrameContent,
    sensor_id: str,
    lens: ImageLens | None,
    view: ViewSettings,
    *,
    only_marks: bool = False,
) -> Iterator[ProjectedLabel]:
    """Every shown 2D box and shape on an image, in pixels of the image as shown."""
    for label_set, labels in _shown_sets(content, view):
        if only_marks and not is_marks(label_set.label_set_id):
            continue
        yield from _boxes(content, sensor_id, lens, view, label_set, labels.boxes_2d)
        yield from _shapes(content, sensor_id, lens, view, label_set, labels.shapes_2d)
        for mask in labels.masks:
            if isinstance(mask, InstanceMask) and mask.sensor_id == sensor_id:
                yield from _mask(content, lens, view, label_set, mask)


def image_classes(content: FrameContent, sensor_id: str, view: ViewSettings) -> str:
    """What classifications say of an image, in words; empty without any."""
    told = [
        each.class_name if np.isnan(each.score) else f"{each.class_name} {each.score:.2f}"
        for _, labels in _shown_sets(content, view)
        for each in labels.classifications
        if each.scope.value == "image" and each.target == sensor_id
    ]
    return " · ".join(told)


def tinted(image: Image, content: FrameContent, sensor_id: str, view: ViewSettings) -> Image:
    """The image with its masks in the colours of their classes; itself where it has none."""
    pixels: npt.NDArray[np.uint8] | None = None
    for _, labels in _shown_sets(content, view):
        for mask in labels.masks:
            if mask.sensor_id != sensor_id:
                continue
            if pixels is None:
                pixels = image.pixels.copy()
            for inside, rgb in _areas(mask, content, view):
                _tint(pixels, _resized(inside, pixels.shape[:2]), rgb)
    return image if pixels is None else replace(image, pixels=pixels)


def _shown_sets(
    content: FrameContent, view: ViewSettings
) -> Iterator[tuple[LabelSet, FrameLabels]]:
    for label_set, labels in drawn_sets(content):
        if is_set_shown(label_set, view):
            yield label_set, labels


def _boxes(
    content: FrameContent,
    sensor_id: str,
    lens: ImageLens | None,
    view: ViewSettings,
    label_set: LabelSet,
    boxes: BoxLabels2D,
) -> Iterator[ProjectedLabel]:
    for row in boxes.on_image(sensor_id):
        if _is_shown(boxes, row, view):
            left, top, right, bottom = (float(edge) for edge in boxes.boxes_px[row])
            corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)])
            lines = outline_lines([Outline(corners, True)], lens)
            yield from _label(content, label_set, boxes, row, lines, _NO_LINES, _NO_LINES)


def _shapes(
    content: FrameContent,
    sensor_id: str,
    lens: ImageLens | None,
    view: ViewSettings,
    label_set: LabelSet,
    shapes: ImageShapes,
) -> Iterator[ProjectedLabel]:
    for row in shapes.on_image(sensor_id):
        if not _is_shown(shapes, row, view):
            continue
        dots, rings = _NO_LINES, _NO_LINES
        if int(shapes.kinds[row]) in (ShapeKind.POINT, ShapeKind.KEYPOINTS):
            vertices = _to_shown(lens)(shapes.parts(row)[0])
            seen = shapes.vertex_visibilities(row) == Visibility.VISIBLE
            dots, rings = _dots(vertices[seen]), _dots(vertices[~seen])
        lines = outline_lines(shapes.outlines(row), lens)
        closed = int(shapes.kinds[row]) in _CLOSED
        for label in _label(content, label_set, shapes, row, lines, dots, rings):
            yield replace(label, is_closed=closed)


def _mask(
    content: FrameContent,
    lens: ImageLens | None,
    view: ViewSettings,
    label_set: LabelSet,
    mask: InstanceMask,
) -> Iterator[ProjectedLabel]:
    if not passes(view.filters, mask.class_name, mask.score, mask.attributes):
        return
    bent = lens is not None and lens.shown is not lens.stored
    area = MaskArea(mask.runs, _scale(content, mask), _to_shown(lens) if bent else None)
    extent = area.bounds_px
    if extent is None:
        return
    predicted = label_set.kind is LabelSetKind.PREDICTIONS
    yield ProjectedLabel(
        key=LabelKey(label_set.label_set_id, content.index, mask.label_id, mask.track_id),
        text=LabelText(mask.class_name, mask.track_id, mask.score, None),
        rgb=content.scene.class_map.colour(mask.class_name, predicted=predicted),
        is_prediction=predicted,
        visible=_NO_LINES,
        hidden=_NO_LINES,
        outline_px=extent,
        depth_m=0.0,
        arrow_px=None,
        front_seen=False,
        cuboids=None,
        camera_from_cuboids=None,
        area=area,
    )


def _scale(content: FrameContent, mask: InstanceMask) -> tuple[float, float]:
    """Pixels of the image for one of the mask, across and down."""
    image = content.images.get(mask.sensor_id)
    width, height = mask.runs.width_px, mask.runs.height_px
    if image is None or not width or not height:
        return 1.0, 1.0
    return image.full_width_px / width, image.full_height_px / height


def _is_shown(labels: BoxLabels2D | ImageShapes, row: int, view: ViewSettings) -> bool:
    name, score = labels.class_names[row], float(labels.scores[row])
    return passes(view.filters, name, score, labels.attributes[row])


def _label(
    content: FrameContent,
    label_set: LabelSet,
    labels: BoxLabels2D | ImageShapes,
    row: int,
    lines: Polylines,
    dots: Polylines,
    rings: Polylines,
) -> Iterator[ProjectedLabel]:
    ends = np.concatenate([part.segments for part in (lines, dots, rings)]).reshape(-1, 2)
    if len(ends) == 0:
        return
    predicted = label_set.kind is LabelSetKind.PREDICTIONS
    class_name, track_id = labels.class_names[row], labels.track_ids[row]
    yield ProjectedLabel(
        key=LabelKey(label_set.label_set_id, content.index, labels.label_ids[row], track_id),
        text=LabelText(class_name, track_id, float(labels.scores[row]), None),
        rgb=drawn_rgb(content.scene, label_set.label_set_id, class_name, predicted=predicted),
        is_prediction=predicted,
        visible=lines,
        hidden=_NO_LINES,
        outline_px=np.concatenate([ends.min(axis=0), ends.max(axis=0)]),
        depth_m=0.0,
        arrow_px=None,
        front_seen=False,
        cuboids=None,
        camera_from_cuboids=None,
        dots=dots,
        rings=rings,
    )


def _to_shown(lens: ImageLens | None) -> ToShown:
    if lens is None:
        return lambda pixels: np.asarray(pixels, dtype=np.float64)
    return lens.shown_polyline


def outline_lines(outlines: Sequence[Outline], lens: ImageLens | None) -> Polylines:
    """Lines of a shape; edges are bent where the image is shown through another lens."""
    bent = lens is not None and lens.shown is not lens.stored
    share = np.linspace(0.0, 1.0, _EDGE_POINTS if bent else 2)[:-1, None]
    curves: list[Floats] = []
    for outline in outlines:
        points = outline.points_px
        ring = np.vstack([points, points[:1]]) if outline.closed else points
        sides = [a + share * (b - a) for a, b in pairwise(ring)]
        if sides:
            curves.append(np.concatenate([*sides, ring[-1:]]))
    if not curves:
        return _NO_LINES
    offsets = np.cumsum([0, *map(len, curves)], dtype=np.int64)
    lines, _ = Polylines.from_curves(_to_shown(lens)(np.concatenate(curves)), offsets)
    return _finite(lines)


def placed_dots(pixels: Floats, lens: ImageLens | None) -> Polylines:
    """Points of an image as discs, where the shown image has them; those without a place not."""
    return _dots(_to_shown(lens)(pixels[np.isfinite(pixels).all(axis=1)]))


def _dots(points: Floats) -> Polylines:
    """Lines without length, which a pen draws as discs."""
    return _finite(Polylines(np.hstack([points, points]), np.zeros((len(points), 2))))


def _finite(lines: Polylines) -> Polylines:
    seen = np.isfinite(lines.segments).all(axis=1)
    return lines if seen.all() else Polylines(lines.segments[seen], lines.along[seen])


def _areas(
    mask: Mask, content: FrameContent, view: ViewSettings
) -> Iterator[tuple[npt.NDArray[np.bool_], Rgb]]:
    """Pixels and colour of each shown class of a mask."""
    hidden, class_map = view.filters.hidden_classes, content.scene.class_map
    if isinstance(mask, InstanceMask):
        if passes(view.filters, mask.class_name, mask.score, mask.attributes):
            yield mask.runs.decoded(), class_map.colour(mask.class_name)
    elif isinstance(mask, SemanticMask):
        for index, name in mask.class_names.items():
            if name not in hidden:
                yield mask.class_indices == index, class_map.colour(name)


def _resized(inside: npt.NDArray[np.bool_], shape: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """The mask at the size of a decoded image, by nearest pixels."""
    if inside.shape == shape or not inside.size:
        return inside if inside.size else np.zeros(shape[:2], bool)
    rows, columns = (
        np.minimum((np.arange(size) + 0.5) * (own / size), own - 1).astype(np.int64)
        for size, own in zip(shape, inside.shape, strict=True)
    )
    resized: npt.NDArray[np.bool_] = inside[rows[:, None], columns[None, :]]
    return resized


def _tint(pixels: npt.NDArray[np.uint8], inside: npt.NDArray[np.bool_], rgb: Rgb) -> None:
    colour: npt.NDArray[Any] = np.array(rgb[::-1], np.float32) * _TINT
    mixed = pixels[inside, :3].astype(np.float32) * (1.0 - _TINT) + colour
    pixels[inside, :3] = mixed.astype(np.uint8)


def shown_image(content: FrameContent, sensor_id: str, view: ViewSettings) -> Image | None:
    """Image as it is shown: overlaid, tinted by masks, rectified; None where there is none."""
    image = content.images.get(sensor_id)
    if image is not None and view.images.overlays:
        image = overlaid(image, content, sensor_id, view.images.overlay_opacity)
    if image is not None and shows_flat_labels(content, view):
        image = tinted(image, content, sensor_id, view)
    if image is None or not view.images.rectified:
        return image
    lens = find_lens(content, sensor_id, view)
    return image if isinstance(lens, str) else rectify(image, lens.stored)
