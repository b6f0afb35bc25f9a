"""The ragged columns of 2D shapes."""

import numpy as np
import pytest

from viewer.geometry.cuboids import Cuboids
from viewer.scene.labels import CuboidLabels, FrameLabels
from viewer.scene.shapes import ImageShapes, ImageShapesBuilder, ShapeKind, Visibility

SQUARE = [[0, 0], [4, 0], [4, 4], [0, 4]]
HOLE = [[1, 1], [2, 1], [2, 2]]


def identity(name: str) -> dict:
    return {"sensor_id": "front", "label_id": name, "class_name": "car"}


def test_no_shapes_are_the_default_of_frame_labels():
    labels = FrameLabels(CuboidLabels.empty("world"))
    assert len(labels.shapes_2d) == 0
    assert labels.shapes_2d.vertices_px.shape == (0, 2)
    assert labels.classifications == () == labels.text_tokens
    assert CuboidLabels(Cuboids.empty("world"), (), (), (), np.empty(0), ()).is_crowd is None


def test_every_kind_keeps_its_vertices_and_parts():
    builder = ImageShapesBuilder()
    builder.add(ShapeKind.POLYGONS, **identity("a"), parts=[SQUARE, HOLE], holes=[False, True])
    builder.add(ShapeKind.ELLIPSE, **identity("b"), parameters=[10, 20, 3, 2, 0], score=0.5)
    builder.add(ShapeKind.POINT, **identity("c"), parts=[[[7, 8]]], is_crowd=True)
    builder.add(
        ShapeKind.KEYPOINTS,
        **identity("d"),
        parts=[[[1, 2], [np.nan, np.nan], [3, 4]]],
        visibilities=[Visibility.VISIBLE, Visibility.UNLABELLED, Visibility.HIDDEN],
        keypoint_names=["nose", "tail", "ear"],
        skeleton=[(0, 1), (0, 2)],
        class_distribution={"car": 0.25, "van": 0.75},
    )
    shapes = builder.build()
    assert len(shapes) == 4
    assert shapes.part_offsets.tolist() == [0, 2, 2, 3, 4]
    assert shapes.vertex_offsets.tolist() == [0, 4, 7, 8, 11]
    assert [part.tolist() for part in shapes.parts(0)] == [SQUARE, HOLE]
    assert shapes.parts(1) == []
    assert shapes.parts(2)[0].tolist() == [[7, 8]]
    assert shapes.vertex_visibilities(3).tolist() == [2, 0, 1]
    assert shapes.is_crowd.tolist() == [False, False, True, False]
    assert shapes.class_distributions[3] == {"car": 0.25, "van": 0.75}
    assert np.isnan(shapes.scores[0])
    assert shapes.scores[1] == 0.5
    assert shapes.on_image("front") == [0, 1, 2, 3]
    assert shapes.on_image("rear") == []
    rings = shapes.outlines(0)
    assert [ring.hole for ring in rings] == [False, True]
    # The bone to a keypoint without a place is not drawn.
    assert [bone.points_px.tolist() for bone in shapes.outlines(3)] == [[[1, 2], [3, 4]]]
    assert shapes.outlines(2) == []


def test_a_box_turned_a_quarter_stands_on_its_side():
    builder = ImageShapesBuilder()
    builder.add(ShapeKind.ROTATED_BOX, **identity("a"), parameters=[10, 20, 6, 2, np.pi / 2])
    corners = builder.build().outlines(0)[0].points_px
    # Half the width runs along y now; the top left corner came to the top right.
    np.testing.assert_allclose(corners, [[11, 17], [11, 23], [9, 23], [9, 17]], atol=1e-12)


def test_an_ellipse_is_drawn_through_the_ends_of_its_axes():
    builder = ImageShapesBuilder()
    builder.add(ShapeKind.ELLIPSE, **identity("a"), parameters=[10, 20, 5, 2, 0])
    points = builder.build().outlines(0)[0].points_px
    assert points.min(axis=0).tolist() == pytest.approx([5, 18])
    assert points.max(axis=0).tolist() == pytest.approx([15, 22])


def test_an_image_cuboid_has_two_faces_and_four_edges_between():
    front, back = np.array(SQUARE) * 2, np.array(SQUARE) + 3
    builder = ImageShapesBuilder()
    builder.add(ShapeKind.IMAGE_CUBOID, **identity("a"), parts=[np.concatenate([front, back])])
    outlines = builder.build().outlines(0)
    assert [outline.closed for outline in outlines] == [True, True, False, False, False, False]
    assert outlines[3].points_px.tolist() == [[8, 0], [7, 3]]


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        (ShapeKind.POLYGONS, {"parts": [[[0, 0], [1, 1]]]}),
        (ShapeKind.POLYLINE, {"parts": [[[0, 0]]]}),
        (ShapeKind.POLYLINE, {"parts": [[[0, 0], [np.inf, 1]]]}),
        (ShapeKind.POINT, {"parts": []}),
        (ShapeKind.IMAGE_CUBOID, {"parts": [SQUARE]}),
        (ShapeKind.ELLIPSE, {"parts": [SQUARE]}),
        (ShapeKind.ROTATED_BOX, {"parameters": [1, 2, 3]}),
        (ShapeKind.POLYGONS, {"parts": [SQUARE], "parameters": [0] * 5}),
        (ShapeKind.POLYGONS, {"parts": [SQUARE], "holes": [True, False]}),
        (ShapeKind.KEYPOINTS, {"parts": [SQUARE], "keypoint_names": ["a"]}),
        (ShapeKind.KEYPOINTS, {"parts": [SQUARE], "skeleton": [(0, 4)]}),
        (ShapeKind.KEYPOINTS, {"parts": [SQUARE], "visibilities": [2]}),
    ],
)
def test_vertices_that_do_not_suit_their_kind_are_refused(kind, arguments):
    with pytest.raises(ValueError, match=r"\w+"):
        ImageShapesBuilder().add(kind, **identity("a"), **arguments)


def test_columns_of_different_lengths_are_refused():
    shapes = ImageShapes.empty()
    columns = {name: getattr(shapes, name) for name in ImageShapes.__dataclass_fields__}
    with pytest.raises(ValueError, match="rows"):
        ImageShapes(**{**columns, "label_ids": ("a",)})
    with pytest.raises(ValueError, match="offsets"):
        ImageShapes(**{**columns, "vertex_offsets": np.array([0, 3])})
