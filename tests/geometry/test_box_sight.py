"""Rays through boxes, against sampling each ray finely."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer.geometry.box_sight import trace_boxes
from viewer.geometry.cuboids import Cuboids
from viewer.geometry.rotation import normalized_quaternion


def cloud_and_boxes(seed, count, points):
    rng = np.random.default_rng(seed)
    boxes = Cuboids(
        rng.uniform(-12, 12, (count, 3)), rng.uniform(0.5, 5, (count, 3)),
        normalized_quaternion(rng.normal(size=(count, 4))), "world",
    )  # fmt: skip
    return rng.uniform(-20, 20, (points, 3)), rng.uniform(-3, 3, 3), boxes


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**31), count=st.integers(1, 8), points=st.integers(1, 300))
def test_equals_clipping_every_ray_at_every_box(seed, count, points):
    cloud, origin, boxes = cloud_and_boxes(seed, count, points)
    sight = trace_boxes(cloud, origin, boxes)
    for row, matrix in enumerate(boxes.rotation_matrices()):
        start = (origin - boxes.center[row]) @ matrix
        step = (cloud - origin) @ matrix
        with np.errstate(divide="ignore"):
            planes = np.stack([(sign * boxes.size[row] / 2 - start) / step for sign in (-1, 1)])
        enters = np.maximum(planes.min(axis=0).max(axis=1), 0)
        leaves = planes.max(axis=0).min(axis=1)
        meets = leaves >= enters
        assert sight.blocked[row] == (meets & (enters > 1)).sum()
        assert sight.passed[row] == (meets & (enters <= 1) & (leaves < 1)).sum()
        assert sight.ended[row] == (meets & (enters <= 1) & (leaves >= 1)).sum()


def test_rays_that_end_inside_are_the_points_inside():
    cloud, origin, boxes = cloud_and_boxes(3, 6, 5000)
    sight = trace_boxes(cloud, origin, boxes)
    assert sight.ended.tolist() == boxes.count_points(cloud).tolist()


def test_a_box_across_the_seam_of_the_azimuth_is_met():
    boxes = Cuboids(
        np.array([[-10.0, 0, 0]]), np.full((1, 3), 2.0), np.array([[1.0, 0, 0, 0]]), "ego"
    )
    cloud = np.array([[-20.0, 0.5, 0], [-20.0, -0.5, 0], [-5.0, 0.1, 0], [-5.0, -0.1, 0]])
    sight = trace_boxes(cloud, np.zeros(3), boxes)
    assert (sight.passed[0], sight.blocked[0]) == (2, 2)


def test_a_lidar_inside_a_box_sees_out_of_it():
    boxes = Cuboids(np.zeros((1, 3)), np.full((1, 3), 2.0), np.array([[1.0, 0, 0, 0]]), "ego")
    sight = trace_boxes(np.array([[5.0, 0, 0], [0.5, 0, 0]]), np.zeros(3), boxes)
    assert (sight.passed[0], sight.ended[0], sight.blocked[0]) == (1, 1, 0)
