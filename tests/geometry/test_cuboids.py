"""Corners, containment and change of coord frame."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from viewer.geometry.cuboids import CORNER_SIGNS, EDGES, FACES, FRONT_FACE, Cuboids
from viewer.geometry.rotation import quaternion_from_yaw
from viewer.geometry.transform import FrameMismatch, RigidTransform


def random_cuboids(count, seed=0, spread=20.0):
    rng = np.random.default_rng(seed)
    return Cuboids(
        rng.normal(size=(count, 3)) * spread, rng.uniform(0.5, 6, (count, 3)),
        rng.normal(size=(count, 4)), "ego",
    )  # fmt: skip


def test_corners_by_hand():
    # 4 m long, 2 m wide, 1 m high, facing +y
    box = Cuboids(
        np.array([[10.0, 0, 0]]), np.array([[4.0, 2, 1]]), quaternion_from_yaw([np.pi / 2]), "ego"
    )
    corners = box.corners()[0]
    front_left_top = corners[(CORNER_SIGNS == [1, 1, 1]).all(axis=1)][0]
    np.testing.assert_allclose(front_left_top, [9, 2, 0.5], atol=1e-12)
    assert box.yaw_rad[0] == pytest.approx(np.pi / 2)


def test_edges_join_neighbours_and_faces_look_outwards():
    assert len({frozenset(edge) for edge in EDGES.tolist()}) == 12
    assert ((CORNER_SIGNS[EDGES[:, 0]] != CORNER_SIGNS[EDGES[:, 1]]).sum(axis=1) == 1).all()
    sides = {frozenset(edge) for edge in EDGES.tolist()}
    for face in FACES.tolist():
        corners = CORNER_SIGNS[face]
        normal = np.cross(corners[1] - corners[0], corners[2] - corners[1])
        assert normal @ corners.mean(axis=0) > 0
        assert all(frozenset(s) in sides for s in zip(face, face[1:] + face[:1], strict=True))
    assert (CORNER_SIGNS[FACES[FRONT_FACE]][:, 0] == 1).all()


def test_full_rotation_equals_scipy():
    boxes = random_cuboids(20)
    turn = Rotation.from_quat(boxes.rotation, scalar_first=True)
    for row, corners in enumerate(boxes.corners()):
        expected = turn[row].apply(CORNER_SIGNS * boxes.size[row] / 2) + boxes.center[row]
        np.testing.assert_allclose(corners, expected, atol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_compiled_containment_equals_the_plain_path(dtype):
    boxes = random_cuboids(100, spread=6.0)
    points = (np.random.default_rng(1).normal(size=(50_000, 3)) * 8).astype(dtype)
    plain = boxes.contains(points)
    assert plain.sum() > 1000
    assert np.array_equal(boxes.count_points(points), plain.sum(axis=1))
    owner = boxes.containing_cuboid(points)
    volumes = np.where(plain, boxes.size.prod(axis=1)[:, None], np.inf)
    expected = np.where(plain.any(axis=0), volumes.argmin(axis=0), -1)
    assert np.array_equal(owner, expected)


def test_faces_belong_to_the_box():
    box = Cuboids(np.zeros((1, 3)), np.full((1, 3), 2.0), np.array([[1.0, 0, 0, 0]]), "ego")
    points = np.array(
        [[1.0, 1, 1], [1, 0, 0], [-1, -1, -1], [np.nextafter(1, 2), 0, 0], [0, 0, -1.1]]
    )
    assert box.contains(points)[0].tolist() == [True, True, True, False, False]
    assert box.count_points(points).tolist() == [3]
    assert box.containing_cuboid(points).tolist() == [0, 0, 0, -1, -1]


def test_points_and_boxes_that_are_not_finite_hold_nothing():
    boxes = Cuboids(
        np.array([[0.0, 0, 0], [np.nan, 0, 0], [0, 0, np.inf], [1e300, 0, 0]]),
        np.array([[2.0, 2, 2], [2, 2, 2], [2, 2, 2], [np.inf, 2, 2]]),
        np.tile([1.0, 0, 0, 0], (4, 1)), "ego",
    )  # fmt: skip
    points = np.array([[0.0, 0, 0], [np.nan, 0, 0], [0, np.inf, 0], [0.5, 0.5, -np.inf]])
    assert boxes.count_points(points).tolist() == [1, 0, 0, 0]
    assert boxes.containing_cuboid(points).tolist() == [0, -1, -1, -1]
    assert Cuboids.empty("ego").count_points(points).tolist() == []
    assert Cuboids.empty("ego").containing_cuboid(points).tolist() == [-1] * 4


def test_strided_and_mapped_points_count_the_same():
    boxes = random_cuboids(10, spread=3.0)
    cloud = np.random.default_rng(2).normal(size=(5000, 4)).astype(np.float32) * 4
    strided = cloud[:, :3]
    strided.flags.writeable = False
    expected = boxes.contains(strided).sum(axis=1)
    assert np.array_equal(boxes.count_points(strided), expected)


def test_transformed_boxes_hold_the_transformed_points():
    boxes = random_cuboids(10)
    world_from_ego = RigidTransform.from_quaternion("world", "ego", [1, 2, 3, 4], [5e5, 5e6, 100])
    moved = boxes.transformed(world_from_ego)
    assert moved.coord_frame_id == "world"
    expected = world_from_ego.apply(boxes.corners().reshape(-1, 3)).reshape(-1, 8, 3)
    np.testing.assert_allclose(moved.corners(), expected, atol=1e-8)
    with pytest.raises(FrameMismatch, match=r"'world'.*'ego'"):
        moved.transformed(world_from_ego)


def test_rows_and_selections():
    boxes = random_cuboids(5)
    assert boxes[3].center.tolist() == boxes.center[3].tolist()
    assert len(boxes.select(np.array([True, False, True, False, False]))) == 2
    assert boxes.select(np.array([4, 0])).size.tolist() == boxes.size[[4, 0]].tolist()
    with pytest.raises(ValueError, match="read-only"):
        boxes.center[0] = 0


@pytest.mark.parametrize("quaternion", [[0.0, 0, 0, 0], [np.nan, 0, 0, 1]])
def test_impossible_columns_are_refused(quaternion):
    with pytest.raises(ValueError, match="quaternion"):
        Cuboids(np.zeros((1, 3)), np.ones((1, 3)), np.array([quaternion]), "ego")
    with pytest.raises(ValueError, match="as many rows"):
        Cuboids(np.zeros((2, 3)), np.ones((1, 3)), np.array([[1.0, 0, 0, 0]]), "ego")
