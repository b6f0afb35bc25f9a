"""Overlap of boxes against half-space intersection, published cases and hand calculation."""

import json
from itertools import combinations

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.spatial import ConvexHull, HalfspaceIntersection

from viewer.geometry.cuboids import Cuboids
from viewer.geometry.overlap import bev_iou, bev_iou_pairs, iou_3d, iou_3d_pairs
from viewer.geometry.rotation import quaternion_from_matrix, quaternion_from_yaw
from viewer.geometry.transform import FrameMismatch


def boxes(center, size, rotation=None):
    center = np.atleast_2d(np.asarray(center, dtype=float))
    size = np.broadcast_to(np.asarray(size, dtype=float), center.shape)
    if rotation is None:
        rotation = np.tile([1.0, 0, 0, 0], (len(center), 1))
    return Cuboids(center, size, rotation, "ego")


def half_spaces(box):
    """(6, 4) rows n, d with n.x + d <= 0."""
    axes = box.rotation_matrices()[0]
    rows = []
    for k in range(3):
        for sign in (-1, 1):
            normal = sign * axes[:, k]
            rows.append([*normal, -normal @ box.center[0] - box.size[0, k] / 2])
    return np.array(rows)


def shared_volume(a, b):
    """By qhull, around the middle of the common part's largest ball; 0 where there is none."""
    planes = np.concatenate([half_spaces(a), half_spaces(b)])
    found = linprog(
        [0, 0, 0, -1], A_ub=np.c_[planes[:, :3], np.ones(12)], b_ub=-planes[:, 3],
        bounds=[(None, None)] * 3 + [(0, None)],
    )  # fmt: skip
    if not found.success or found.x[3] < 1e-7:
        return 0.0
    return ConvexHull(HalfspaceIntersection(planes, found.x[:3]).intersections).volume


def assert_equal_to_half_spaces(a, b):
    """Return how many of the pairs overlap well."""
    ours = iou_3d_pairs(a, b)
    overlapping = 0
    for k in range(len(a)):
        one, two = a.select(np.array([k])), b.select(np.array([k]))
        shared = shared_volume(one, two)
        expected = shared / (a.size[k].prod() + b.size[k].prod() - shared)
        assert ours[k] == pytest.approx(expected, abs=1e-9)
        overlapping += expected > 0.01
    return overlapping


def test_random_boxes_equal_half_space_intersection(effort):
    rng = np.random.default_rng(1)
    n = 400 * effort
    a = boxes(rng.normal(size=(n, 3)), rng.uniform(0.2, 4, (n, 3)), rng.normal(size=(n, 4)))
    b = boxes(rng.normal(size=(n, 3)), rng.uniform(0.2, 4, (n, 3)), rng.normal(size=(n, 4)))
    assert assert_equal_to_half_spaces(a, b) > n / 4


def test_flat_and_long_boxes_equal_half_space_intersection(effort):
    rng = np.random.default_rng(6)
    n = 200 * effort
    size = 10 ** rng.uniform(-2, 1, (2, n, 3))
    a = boxes(rng.normal(size=(n, 3)), size[0], rng.normal(size=(n, 4)))
    b = boxes(rng.normal(size=(n, 3)) / 3, size[1], rng.normal(size=(n, 4)))
    assert assert_equal_to_half_spaces(a, b) > n / 40


def test_faces_that_nearly_lie_in_each_other_equal_half_space_intersection(effort):
    rng = np.random.default_rng(7)
    n = 300 * effort
    rotation = rng.normal(size=(n, 4))
    turned = rotation + rng.normal(size=(n, 4)) * 10 ** rng.uniform(-14, -3, (n, 1))
    center = rng.normal(size=(n, 3)) / 10
    moved = center + rng.normal(size=(n, 3)) * 10 ** rng.uniform(-16, -6, (n, 1))
    moved += rng.choice([0, 0.1], size=(n, 3))
    size = rng.uniform(0.2, 4, (n, 3))
    a = boxes(center, size, rotation)
    b = boxes(moved, size * rng.choice([1, 0.5], size=(n, 3)), turned)
    assert assert_equal_to_half_spaces(a, b) > n / 2


def box_of_corners(corners):
    """The box with these eight corners in any order; None when they are not rectangular."""
    corners = np.array(corners)
    sides = corners[1:] - corners[0]
    length = np.linalg.norm(sides, axis=1)
    for chosen in combinations(range(7), 3):
        units = (sides[list(chosen)] / length[list(chosen)][:, None]).T
        if np.abs(units.T @ units - np.eye(3)).max() < 1e-3:
            if np.linalg.det(units) < 0:
                units[:, 2] *= -1
            return boxes(
                corners.mean(axis=0), length[list(chosen)], quaternion_from_matrix(units)[None]
            )
    return None


def test_published_cases(real_data):
    cases = json.loads((real_data / "eval/iou3d_cases.json").read_text())["cases"]
    compared = 0
    for case in cases:
        a, b = box_of_corners(case["corners_a"]), box_of_corners(case["corners_b"])
        if a is None or b is None:
            continue
        # Real boxes are rectangular to five digits only, the others to all that are printed.
        digits = 1e-5 if case["name"].startswith("pytorch3d") else 1e-7
        assert iou_3d(a, b)[0, 0] == pytest.approx(case["exact_iou"], abs=digits), case["name"]
        if case["exact_iou"] == 0:
            assert iou_3d(a, b)[0, 0] == 0
        compared += 1
    assert compared >= len(cases) - 1


def test_yaw_only_boxes_agree_from_above_and_in_space():
    rng = np.random.default_rng(2)
    size = np.c_[rng.uniform(0.5, 5, (100, 2)), np.ones(100)]
    center = np.c_[rng.normal(size=(100, 2)) * 2, np.zeros(100)]
    flat = boxes(center, size, quaternion_from_yaw(rng.uniform(-4, 4, 100)))
    np.testing.assert_allclose(bev_iou(flat, flat), iou_3d(flat, flat), atol=1e-12)


@pytest.mark.parametrize("overlap", [iou_3d, bev_iou])
def test_by_hand(overlap):
    unit = boxes([0, 0, 0], 1.0)
    assert overlap(unit, boxes([0.5, 0, 0], 1.0))[0, 0] == pytest.approx(1 / 3, abs=1e-12)
    assert overlap(unit, boxes([1.0, 0, 0], 1.0))[0, 0] == 0
    assert overlap(unit, boxes([2.0, 0, 0], 1.0))[0, 0] == 0
    assert overlap(unit, unit)[0, 0] == 1
    turned = boxes([0, 0, 0], 1.0, quaternion_from_yaw([np.pi / 4]))
    # A regular octagon of inner radius 0.5: area 4 tan(pi / 8) / 2
    octagon = 2 * np.tan(np.pi / 8)
    assert overlap(unit, turned)[0, 0] == pytest.approx(octagon / (2 - octagon), abs=1e-12)
    quarter = boxes([0, 0, 0], 1.0, quaternion_from_yaw([np.pi / 2]))
    assert overlap(unit, quarter)[0, 0] == pytest.approx(1, abs=1e-12)
    assert overlap(unit, boxes([0, 0, 0], [0.5, 0.5, 1]))[0, 0] == pytest.approx(0.25, abs=1e-12)


def test_boxes_that_share_faces_edges_or_corners():
    unit = boxes([0, 0, 0], 1.0)
    for shift in ([1, 0, 0], [1, 1, 0], [1, 1, 1], [-1, 0, 0], [0, 0, -1]):
        assert iou_3d(unit, boxes(shift, 1.0))[0, 0] == pytest.approx(0, abs=1e-9)
    # Inside, with three faces in common
    assert iou_3d(unit, boxes([0.25, 0.25, 0.25], 0.5))[0, 0] == pytest.approx(1 / 8, abs=1e-9)
    # Half out, with four faces in common
    assert iou_3d(unit, boxes([0, 0, 0.5], 1.0))[0, 0] == pytest.approx(1 / 3, abs=1e-9)


def test_what_lies_within_has_exactly_its_share():
    rng = np.random.default_rng(8)
    for _ in range(50):
        size, rotation = rng.uniform(1, 4, 3), rng.normal(size=4)
        outer = boxes(rng.normal(size=3), size, rotation[None])
        # Half as large in each direction, turned by so little that it stays within
        inner = boxes(outer.center, size / 2, (rotation + rng.normal(size=4) * 0.02)[None])
        assert iou_3d(outer, inner)[0, 0] == 1 / 8
        assert iou_3d(inner, outer)[0, 0] == 1 / 8
        flat = boxes(outer.center, size, quaternion_from_yaw([0.3]))
        small = boxes(outer.center, size / 2, quaternion_from_yaw([0.31]))
        assert bev_iou(flat, small)[0, 0] == bev_iou(small, flat)[0, 0] == 1 / 4


def test_turned_boxes_that_only_touch_overlap_nothing():
    rng = np.random.default_rng(9)
    for _ in range(100):
        rotation = rng.normal(size=(1, 4))
        one = boxes(np.zeros(3), [2.0, 3.0, 4.0], rotation)
        for shift in ([2, 0, 0], [0, -3, 0], [2, 3, 0], [0, 3, -4], [2, 3, 4], [2, 1, 0]):
            two = boxes(one.rotation_matrices()[0] @ shift, [2.0, 3.0, 4.0], rotation)
            assert iou_3d(one, two)[0, 0] == 0


def test_empty_boxes_overlap_nothing():
    flat = boxes([0, 0, 0], [1, 1, 0])
    assert iou_3d(flat, flat)[0, 0] == 0
    assert iou_3d(boxes([0, 0, 0], 1.0), flat)[0, 0] == 0
    line = boxes([0, 0, 0], [1, 0, 1])
    assert bev_iou(line, line)[0, 0] == 0


def test_far_from_the_origin_nothing_is_lost():
    rng = np.random.default_rng(3)
    center, rotation = rng.normal(size=(50, 3)), rng.normal(size=(50, 4))
    near = boxes(center, 2.0, rotation)
    far = boxes(center + np.array([5e5, 5.4e6, 300.0]), 2.0, rotation)
    np.testing.assert_allclose(iou_3d(near, near), iou_3d(far, far), atol=1e-7)


def test_symmetric_and_within_bounds():
    rng = np.random.default_rng(4)
    some = boxes(rng.normal(size=(60, 3)), rng.uniform(0.1, 5, (60, 3)), rng.normal(size=(60, 4)))
    table = iou_3d(some, some)
    np.testing.assert_allclose(table, table.T, atol=1e-9)
    assert ((table >= 0) & (table <= 1)).all()
    assert (np.diag(table) == 1).all()


def test_shapes_and_coord_frames():
    two, three = boxes(np.zeros((2, 3)), 1.0), boxes(np.zeros((3, 3)), 1.0)
    assert iou_3d(two, three).shape == bev_iou(two, three).shape == (2, 3)
    assert iou_3d(Cuboids.empty("ego"), three).shape == (0, 3)
    assert bev_iou(three, Cuboids.empty("ego")).shape == (3, 0)
    assert bev_iou_pairs(two, two).tolist() == [1, 1]
    with pytest.raises(FrameMismatch, match=r"'ego'.*'lidar'"):
        iou_3d(two, Cuboids.empty("lidar"))
    with pytest.raises(ValueError, match="2 and 3"):
        iou_3d_pairs(two, three)
