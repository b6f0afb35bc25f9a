import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from viewer.review.versions.diff import Difference, diff_labels
from viewer.review.versions.diff_totals import class_diffs, total_diff
from viewer.review.versions.forms import AreaForm, ShapeForm, class_runs, shared_px
from viewer.review.versions.label_table import LabelKind, LabelTable
from viewer.scene.labels import CuboidLabels, FrameLabels
from viewer.scene.masks import InstanceMask, RunLengths, SemanticMask
from viewer.scene.point_classes import PointClasses
from viewer.scene.shapes import (
    Classification,
    ClassificationScope,
    ImageShapesBuilder,
    ShapeKind,
    TextToken,
)

SAME, CHANGED, ADDED, REMOVED = Difference
SQUARE = [(0, 0), (10, 0), (10, 10), (0, 10)]


def shapes(*rows):
    builder = ImageShapesBuilder()
    for label_id, kind, values in rows:
        builder.add(kind, sensor_id="front", label_id=label_id, class_name="car", **values)
    return builder.build()


def one(kind, **values):
    return ShapeForm(shapes(("a", kind, values)), 0)


def diff_of(before, after):
    tables = [
        LabelTable.of([("s", "00", FrameLabels(CuboidLabels.empty("ego"), **each))])
        for each in (before, after)
    ]
    return diff_labels(*tables)


def test_a_moved_polygon_tells_overlap_and_distance():
    before = one(ShapeKind.POLYGONS, parts=[SQUARE])
    change = before.change_to(one(ShapeKind.POLYGONS, parts=[np.add(SQUARE, [5, 0])]))
    assert change.iou == pytest.approx(50 / 150)
    assert change.moved_px == pytest.approx(5)
    assert change.words == ()


def test_a_polygon_with_another_vertex_tells_how_far_the_outlines_part():
    pointed = [*SQUARE[:2], (13, 5), *SQUARE[2:]]
    change = one(ShapeKind.POLYGONS, parts=[SQUARE]).change_to(
        one(ShapeKind.POLYGONS, parts=[pointed])
    )
    assert change.moved_px == pytest.approx(3)
    assert change.iou == pytest.approx(100 / 115)
    assert change.words == ("4 to 5 vertices",)


def test_lines_and_points_have_no_overlap_but_a_distance():
    line = one(ShapeKind.POLYLINE, parts=[[(0, 0), (10, 0)]])
    change = line.change_to(one(ShapeKind.POLYLINE, parts=[[(0, 0), (10, 4)]]))
    assert math.isnan(change.iou)
    assert change.moved_px == pytest.approx(4)
    point = one(ShapeKind.POINT, parts=[[(1, 1)]])
    assert point.change_to(one(ShapeKind.POINT, parts=[[(4, 5)]])).moved_px == pytest.approx(5)


def test_a_turned_box_tells_its_turn():
    before = one(ShapeKind.ROTATED_BOX, parameters=[50, 50, 20, 20, 0.0])
    change = before.change_to(one(ShapeKind.ROTATED_BOX, parameters=[50, 50, 20, 20, np.pi / 4]))
    assert change.words == ("turned +45.0°",)
    # A square and itself turned by 45 degrees share a regular octagon: 2 (sqrt 2 - 1) of its area.
    shared = 2 * (math.sqrt(2) - 1)
    assert change.iou == pytest.approx(shared / (2 - shared))


def test_a_keypoint_that_is_hidden_later_is_a_change():
    values = {"parts": [[(1, 1), (2, 2)]], "keypoint_names": ("nose", "tail")}
    before = one(ShapeKind.KEYPOINTS, visibilities=[2, 2], **values)
    change = before.change_to(one(ShapeKind.KEYPOINTS, visibilities=[2, 1], **values))
    assert change.differs
    assert change.moved_px == 0
    assert change.words == ("1 keypoint shown or hidden",)


masks = arrays(bool, st.tuples(st.just(4), st.just(6)))


@given(masks, masks)
def test_masks_share_what_both_have(first, second):
    runs = [RunLengths.of(each) for each in (first, second)]
    assert shared_px(*runs) == int((first & second).sum())
    change = AreaForm(runs[0]).change_to(AreaForm(runs[1]))
    assert change.only_one == int((first ^ second).sum())
    union = int((first | second).sum())
    assert change.iou == pytest.approx((first & second).sum() / union if union else 1.0)
    assert change.differs == bool((first != second).any())


@given(
    arrays(np.int32, st.tuples(st.integers(1, 5), st.integers(1, 7)), elements=st.integers(0, 3))
)
def test_runs_of_every_class_are_where_the_class_is(indices):
    height, width = indices.shape
    found = dict(class_runs(indices, width, height))
    assert sorted(found) == sorted(set(indices.ravel().tolist()))
    for value, runs in found.items():
        assert (runs.decoded() == (indices == value)).all()


def test_every_kind_of_label_is_compared():
    mask = np.zeros((4, 6), bool)
    mask[1:3, 1:4] = True
    wider = mask.copy()
    wider[1:3, 4] = True
    ground = np.array([[0, 0, 1], [1, 1, 1]], np.int32)
    other = np.array([[0, 1, 1], [1, 1, 1]], np.int32)
    names = {0: "road", 1: "grass"}

    def side(runs, classes, points, weather, said, polygon):
        return {
            "shapes_2d": shapes(("p", ShapeKind.POLYGONS, {"parts": [polygon]})),
            "masks": (
                InstanceMask("front", "m", "car", RunLengths.of(runs)),
                SemanticMask("front", "all", classes, names),
            ),
            "point_classes": (PointClasses("lidar", np.array(points, np.int32), names),),
            "classifications": (Classification(ClassificationScope.FRAME, "", "w", weather),),
            "text_tokens": (TextToken("front", "t", "sign", 0, said),),
        }

    before = side(mask, ground, [0, 0, 1], "rain", "STOP", SQUARE)
    after = side(wider, other, [0, 1, 1], "snow", "SHOP", np.add(SQUARE, [0, 1]))
    assert diff_of(before, before).difference.tolist() == [SAME] * 8
    diff = diff_of(before, after)
    assert diff.difference.tolist() == [CHANGED] * 8
    told = {
        (diff.place(row).kind, diff.class_after(row)): diff.what_changed(row) for row in range(8)
    }
    assert told == {
        (LabelKind.SHAPE, "car"): ("shape 1.0 px", "overlap 82 %"),
        (LabelKind.MASK, "car"): ("2 px", "overlap 75 %"),
        (LabelKind.PIXELS, "road"): ("1 px", "overlap 50 %"),
        (LabelKind.PIXELS, "grass"): ("1 px", "overlap 80 %"),
        (LabelKind.POINTS, "road"): ("1 point", "overlap 50 %"),
        (LabelKind.POINTS, "grass"): ("1 point", "overlap 50 %"),
        (LabelKind.CLASSIFICATION, "snow"): ("class rain to snow",),
        (LabelKind.TEXT, "sign"): ("“STOP” to “SHOP”",),
    }
    gone = diff_of(before, {})
    assert gone.difference.tolist() == [REMOVED] * 8
    assert diff_of({}, before).difference.tolist() == [ADDED] * 8


def test_a_box_and_a_mask_of_one_label_are_each_compared_with_their_own_kind():
    mask = RunLengths.of(np.ones((2, 2), bool))
    labels = {
        "masks": (InstanceMask("front", "7", "car", mask),),
        "shapes_2d": shapes(("7", ShapeKind.POLYGONS, {"parts": [SQUARE]})),
    }
    diff = diff_of(labels, {"masks": labels["masks"]})
    assert sorted(diff.difference.tolist()) == [SAME, REMOVED]
    assert diff.place(int(diff.rows(REMOVED)[0])).kind is LabelKind.SHAPE


def test_shapes_without_an_id_meet_by_overlap():
    before = {"shapes_2d": shapes(("x", ShapeKind.POLYGONS, {"parts": [SQUARE]}))}
    after = {"shapes_2d": shapes(("y", ShapeKind.POLYGONS, {"parts": [np.add(SQUARE, [1, 0])]}))}
    diff = diff_of(before, after)
    assert diff.difference.tolist() == [CHANGED]
    assert diff.iou[0] == pytest.approx(90 / 110)
    assert total_diff(diff).shape_px == pytest.approx(1)
    assert class_diffs(diff)[0].iou == pytest.approx(90 / 110)
