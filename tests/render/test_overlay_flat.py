"""2D labels on images: where lines, dots and tints go, and when they are shown."""

from dataclasses import replace

import numpy as np
import pytest

from tests.render_content import still_content
from viewer.geometry.cameras import Pinhole
from viewer.geometry.transform import RigidTransform
from viewer.geometry.transform_tree import TransformTree
from viewer.render.overlay import build_overlay
from viewer.render.overlay_flat import image_classes, shown_image
from viewer.scene.images import Image
from viewer.scene.labels import FrameLabels, LabelSet, LabelSetKind
from viewer.scene.masks import InstanceMask, RunLengths, SemanticMask
from viewer.scene.sensors import CameraSensor, Rig
from viewer.scene.shapes import (
    Classification,
    ClassificationScope,
    ImageShapesBuilder,
    ShapeKind,
)
from viewer.session.selection import LabelKey
from viewer.session.view_settings import Filters, ViewSettings

SHOWN = ViewSettings(images=replace(ViewSettings().images, boxes_2d=True))
SIZE = (40, 30)


def _shapes():
    shapes = ImageShapesBuilder()
    own = {"sensor_id": "image", "class_name": "car"}
    shapes.add(ShapeKind.POLYGONS, label_id="p", parts=[[[2, 2], [12, 2], [12, 9]]], **own)
    shapes.add(ShapeKind.POLYLINE, label_id="l", parts=[[[20, 5], [30, 5]]], **own)
    shapes.add(
        ShapeKind.KEYPOINTS, label_id="k", parts=[[[5, 20], [9, 20], [np.nan, np.nan]]],
        visibilities=[2, 1, 0], skeleton=[(0, 1), (1, 2)], **own,
    )  # fmt: skip
    return shapes.build()


def _content(*, lidar=False, calibrated=False, **labels):
    content = still_content(np.zeros((1, 3), np.float32))
    lens = Pinhole(*SIZE, fx=20, fy=20) if calibrated else None
    refusal = None if calibrated else "its lens is not known"
    camera = CameraSensor("image", "image", lens, refusal)
    tree = TransformTree([RigidTransform.identity("world", "image")])
    scene = replace(
        content.scene,
        label_sets=(LabelSet("gt", LabelSetKind.GROUND_TRUTH),),
        camera_ids=("image",),
        lidar_ids=("lidar",) if lidar else (),
    )
    empty = content.labels["gt"].cuboids
    return replace(
        content,
        scene=scene,
        rig=Rig({"image": camera}, {}, tree),
        images={"image": Image(np.zeros((30, 40, 4), np.uint8), *SIZE)},
        labels={"gt": FrameLabels(empty, **labels)},
    )


def test_shapes_stand_where_they_were_drawn():
    overlay = build_overlay(_content(shapes_2d=_shapes()), "image", SHOWN)
    polygon, line, keypoints = overlay.labels
    assert polygon.visible.segments.tolist() == [[2, 2, 12, 2], [12, 2, 12, 9], [12, 9, 2, 2]]
    assert line.visible.segments.tolist() == [[20, 5, 30, 5]]
    # The bone to the keypoint without a place is not drawn.
    assert keypoints.visible.segments.tolist() == [[5, 20, 9, 20]]
    assert keypoints.dots.segments.tolist() == [[5, 20, 5, 20]]
    assert keypoints.rings.segments.tolist() == [[9, 20, 9, 20]]
    assert polygon.outline_px.tolist() == [2, 2, 12, 9]


def test_a_shape_is_found_under_a_pixel():
    overlay = build_overlay(_content(shapes_2d=_shapes()), "image", SHOWN)
    assert overlay.hit(25, 6, 2.0) == LabelKey("gt", 0, "l")
    assert overlay.hit(9, 21, 2.0) == LabelKey("gt", 0, "k")
    assert overlay.hit(35, 25, 2.0) is None


def test_a_closed_shape_is_found_by_its_area_but_not_in_its_holes():
    shapes = ImageShapesBuilder()
    ring, hole = [[2, 2], [32, 2], [32, 22], [2, 22]], [[10, 8], [24, 8], [24, 16], [10, 16]]
    shapes.add(
        ShapeKind.POLYGONS, label_id="r", parts=[ring, hole], holes=[False, True],
        sensor_id="image", class_name="car",
    )  # fmt: skip
    overlay = build_overlay(_content(shapes_2d=shapes.build()), "image", SHOWN)
    assert overlay.hit(6, 12, 1.0) == LabelKey("gt", 0, "r")
    assert overlay.hit(17, 12, 1.0) is None
    assert overlay.hit(36, 12, 1.0) is None


@pytest.mark.parametrize(
    ("lidar", "view", "count"),
    [(True, ViewSettings(), 0), (True, SHOWN, 3), (False, ViewSettings(), 3)],
)
def test_they_are_shown_when_asked_for_and_where_there_is_nothing_else(lidar, view, count):
    overlay = build_overlay(_content(lidar=lidar, shapes_2d=_shapes()), "image", view)
    assert len(overlay.labels) == count
    # Without a lens only what is measured in 3D is missing.
    assert bool(overlay.refusal) == lidar


def test_a_hidden_class_is_not_shown():
    view = replace(SHOWN, filters=Filters(hidden_classes=frozenset({"car"})))
    assert build_overlay(_content(shapes_2d=_shapes()), "image", view).labels == ()


def test_a_rectified_image_without_distortion_shows_them_at_the_same_place():
    view = replace(SHOWN, images=replace(SHOWN.images, rectified=True))
    content = _content(lidar=True, calibrated=True, shapes_2d=_shapes())
    straight, bent = (build_overlay(content, "image", v).labels for v in (SHOWN, view))
    for a, b in zip(straight, bent, strict=True):
        np.testing.assert_allclose(a.outline_px, b.outline_px, atol=1e-6)


def test_masks_tint_the_image():
    inside = np.zeros((30, 40), bool)
    inside[3:6, 4:9] = True
    classes = np.full((15, 20), 7, np.int32)
    classes[0, 0] = 1
    masks = (
        InstanceMask("image", "m", "car", RunLengths.of(inside)),
        SemanticMask("image", "s", classes, {1: "sky"}),
    )
    content = _content(masks=masks)
    pixels = shown_image(content, "image", ViewSettings()).pixels
    changed = pixels.any(axis=2)
    # The small mask has half the size: its one pixel covers four.
    inside[:2, :2] = True
    np.testing.assert_array_equal(changed, inside)
    assert not content.images["image"].pixels.any()
    hidden = replace(SHOWN, filters=Filters(hidden_classes=frozenset({"car", "sky"})))
    assert not shown_image(content, "image", hidden).pixels.any()


def _mask_content(**labels):
    inside = np.zeros((30, 40), bool)
    inside[3:10, 4:19] = True
    masks = (InstanceMask("image", "m", "car", RunLengths.of(inside)),)
    return _content(masks=masks, **labels), LabelKey("gt", 0, "m")


def test_a_mask_is_found_inside_and_outlined_only_while_it_is_marked():
    content, key = _mask_content(shapes_2d=_shapes())
    overlay = build_overlay(content, "image", SHOWN)
    assert overlay.hit(15, 6, 1.0) == key
    assert overlay.hit(15, 12, 1.0) is None
    # A line within the mask is the smaller target.
    assert overlay.hit(12, 5, 1.0) == LabelKey("gt", 0, "p")

    def outlined(picture):
        return [[3.5, 2.5, 18.5, 2.5]] in [[row] for row in picture.drawing.lines.segments.tolist()]

    assert not outlined(overlay)
    assert outlined(overlay.with_selection(key, None))
    assert outlined(overlay.with_selection(None, key))


def test_a_box_and_a_mask_of_one_label_are_marked_together():
    shapes = ImageShapesBuilder()
    shapes.add(
        ShapeKind.POLYLINE, label_id="m", parts=[[[20, 25], [30, 25]]],
        sensor_id="image", class_name="car",
    )  # fmt: skip
    content, key = _mask_content(shapes_2d=shapes.build())
    overlay = build_overlay(content, "image", SHOWN)
    assert [label.key for label in overlay.labels] == [key, key]
    before = len(overlay.drawing.lines.segments)
    marked = overlay.with_selection(key, None).drawing.lines.segments
    assert len(marked) == before + 4


def test_masks_that_filters_leave_out_are_not_found():
    content, _ = _mask_content()
    hidden = replace(SHOWN, filters=Filters(hidden_classes=frozenset({"car"})))
    assert build_overlay(content, "image", hidden).hit(10, 6, 1.0) is None
    other = replace(SHOWN, filters=Filters(attribute=("colour", "red")))
    assert build_overlay(content, "image", other).hit(10, 6, 1.0) is None


def test_classes_of_an_image_are_told():
    said = Classification(ClassificationScope.IMAGE, "image", "a", "rain", score=0.5)
    other = Classification(ClassificationScope.FRAME, "", "b", "night")
    content = _content(classifications=(said, other))
    assert image_classes(content, "image", ViewSettings()) == "rain 0.50"
    assert image_classes(content, "rear", ViewSettings()) == ""
