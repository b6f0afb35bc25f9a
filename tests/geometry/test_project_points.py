"""Points of any coord frame through a camera's pose and lens."""

import numpy as np
import pytest

from viewer.geometry.cameras import Pinhole
from viewer.geometry.cameras.catalog import CAMERA_MODELS
from viewer.geometry.projection import project_points
from viewer.geometry.transform import RigidTransform

# Camera axes (x right, y down, z forward) seen from a vehicle (x forward, y left, z up)
CAM_FROM_EGO = RigidTransform(
    "cam", "ego", np.array([[0.0, -1, 0], [0, 0, -1], [1, 0, 0]]), np.array([0.0, 1.5, 0.0])
)


def test_a_point_ahead_by_hand():
    camera = Pinhole(640, 480, fx=100.0, fy=100.0)
    found = project_points(np.array([[10.0, 1.0, 1.5], [-10, 0, 0]]), camera, CAM_FROM_EGO)
    assert found.pixels[0].tolist() == [310.0, 240.0]
    assert found.valid.tolist() == [True, False]
    assert found.depth_m.tolist() == [10.0, -10.0]
    assert found.range_m[0] == pytest.approx(np.sqrt(101))


@pytest.mark.parametrize("count", [50, 40_000])
@pytest.mark.parametrize("model", CAMERA_MODELS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_moving_and_projecting_at_once_equals_one_after_the_other(model, dtype, count, reference):
    camera = model.examples()[0]
    points = (np.random.default_rng(0).normal(size=(count, 3)) * [20, 10, 2]).astype(dtype)
    found = project_points(points, camera, CAM_FROM_EGO)
    moved = CAM_FROM_EGO.apply(points)
    assert np.array_equal(found.valid, reference.valid(camera, moved))
    near = found.valid & (np.abs(found.pixels) < 1e4).all(axis=1)
    np.testing.assert_allclose(
        found.pixels[near], reference.project(camera, moved)[near], rtol=0, atol=1e-6
    )
    np.testing.assert_allclose(found.depth_m, moved[:, 2], atol=1e-12)
    np.testing.assert_allclose(found.range_m, np.linalg.norm(moved, axis=1), atol=1e-12)


def test_a_stacked_matrix_need_not_be_rigid():
    camera = Pinhole(640, 480, fx=100.0, fy=100.0)
    stacked = np.diag([2.0, 1, 1, 1]) @ CAM_FROM_EGO.matrix
    points = np.array([[10.0, 1.0, 1.5]])
    assert project_points(points, camera, stacked).pixels[0].tolist() == [300.0, 240.0]


def test_other_layouts_of_memory_give_the_same():
    camera = CAMERA_MODELS[1].examples()[0]
    cloud = np.random.default_rng(1).normal(size=(300, 5)) * 10
    plain = np.ascontiguousarray(cloud[:, 1:4])
    locked = plain.copy()
    locked.flags.writeable = False
    expected = project_points(plain, camera, CAM_FROM_EGO).pixels
    for points in (cloud[:, 1:4], np.asfortranarray(plain), locked):
        got = project_points(points, camera, CAM_FROM_EGO).pixels
        assert np.array_equal(got, expected, equal_nan=True)
    whole = project_points(np.array([[10, 1, 1]]), camera, CAM_FROM_EGO)
    assert np.array_equal(
        whole.pixels, project_points(np.array([[10.0, 1, 1]]), camera, CAM_FROM_EGO).pixels
    )


def test_no_points_give_no_pixels():
    found = project_points(np.empty((0, 3)), CAMERA_MODELS[2].examples()[0], np.eye(4))
    assert found.pixels.shape == (0, 2)
    assert len(found.valid) == 0
