"""Points in and around boxes, against a search of every point in every box."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer.geometry.box_fit import SIDES, BoxFit, fit_boxes
from viewer.geometry.cuboids import Cuboids
from viewer.geometry.rotation import normalized_quaternion


def brute(points, boxes, margin_m, floor_m):
    """The same, written down plainly."""
    rows = []
    for center, size, matrix in zip(
        boxes.center, boxes.size, boxes.rotation_matrices(), strict=True
    ):
        own = (points - center) @ matrix
        over = np.abs(own) - size / 2
        inside = (over <= 0).all(axis=1)
        stands = own[:, 2] > floor_m - size[2] / 2
        beyond = (over > 0).sum(axis=1) == 1
        close = (over <= margin_m).all(axis=1) & beyond
        axis = np.argmax(over, axis=1)
        face = 2 * axis + (own[np.arange(len(own)), axis] > 0)
        counted = close & (stands | (axis == 2))
        outside = np.bincount(face[counted], minlength=6)
        sides, high = own[inside & stands], own[inside]
        low_m = [*np.min(sides[:, :2], axis=0, initial=np.inf), np.min(high[:, 2], initial=np.inf)]
        high_m = [
            *np.max(sides[:, :2], axis=0, initial=-np.inf), np.max(high[:, 2], initial=-np.inf)
        ]  # fmt: skip
        rows.append((inside.sum(), low_m, high_m, outside, (inside & stands).sum()))
    return rows


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**31), count=st.integers(1, 12), points=st.integers(0, 400))
def test_equals_a_search_of_every_point_in_every_box(seed, count, points):
    rng = np.random.default_rng(seed)
    boxes = Cuboids(
        rng.uniform(-5, 5, (count, 3)), rng.uniform(0.2, 4, (count, 3)),
        normalized_quaternion(rng.normal(size=(count, 4))), "world",
    )  # fmt: skip
    cloud = rng.uniform(-6, 6, (points, 3))
    fit = fit_boxes(cloud, boxes, 0.3, 0.2)
    for row, (inside, low, high, outside, standing) in enumerate(brute(cloud, boxes, 0.3, 0.2)):
        assert fit.counts[row] == inside
        assert fit.standing[row] == standing
        assert fit.outside[row].tolist() == outside.tolist()
        np.testing.assert_allclose(np.nan_to_num(fit.low_m[row], nan=np.inf), low, atol=1e-12)
        np.testing.assert_allclose(np.nan_to_num(fit.high_m[row], nan=-np.inf), high, atol=1e-12)


def test_faces_are_named_in_the_order_of_their_columns():
    box = Cuboids(np.zeros((1, 3)), np.full((1, 3), 2.0), np.array([[1.0, 0, 0, 0]]), "ego")
    beyond = {
        "rear": (-1.1, 0, 0), "front": (1.1, 0, 0), "right": (0, -1.1, 0), "left": (0, 1.1, 0),
        "bottom": (0, 0, -1.1), "top": (0, 0, 1.1),
    }  # fmt: skip
    for place, side in enumerate(SIDES):
        fit = fit_boxes(np.array([beyond[side]], dtype=float), box, 0.3, 0.2)
        assert fit.outside[0].tolist() == [int(each == place) for each in range(6)]


def test_ground_beside_a_box_is_not_outside_of_it():
    box = Cuboids(np.zeros((1, 3)), np.full((1, 3), 2.0), np.array([[1.0, 0, 0, 0]]), "ego")
    ground = np.array([[1.1, 0, -0.95], [0.9, 0, -0.95]])
    fit = fit_boxes(ground, box, 0.3, 0.2)
    assert fit.outside[0].sum() == 0
    assert (fit.counts[0], fit.standing[0]) == (1, 0)
    assert np.isnan(fit.high_m[0, 0])


def test_each_box_may_have_a_floor_of_its_own():
    twice = Cuboids(np.zeros((2, 3)), np.full((2, 3), 2.0), np.tile([1.0, 0, 0, 0], (2, 1)), "ego")
    low = np.array([[0.9, 0, -0.5]])
    fit = fit_boxes(low, twice, 0.3, np.array([0.2, 0.6]))
    assert fit.counts.tolist() == [1, 1]
    assert fit.standing.tolist() == [1, 0]


def test_clouds_join():
    box = Cuboids(np.zeros((1, 3)), np.full((1, 3), 2.0), np.array([[1.0, 0, 0, 0]]), "ego")
    rng = np.random.default_rng(5)
    first, second = rng.uniform(-1.3, 1.3, (2, 50, 3))
    joined = fit_boxes(first, box, 0.3, 0.2).joined(fit_boxes(second, box, 0.3, 0.2))
    whole = fit_boxes(np.concatenate([first, second]), box, 0.3, 0.2)
    for name in ("counts", "low_m", "high_m", "outside", "standing"):
        np.testing.assert_array_equal(getattr(joined, name), getattr(whole, name))


@pytest.mark.parametrize("size", [(-1.0, 1, 1), (np.nan, 1, 1), (1e300, 1, 1)])
def test_a_box_that_is_none_holds_no_points(size):
    box = Cuboids(np.zeros((1, 3)), np.array([size]), np.array([[1.0, 0, 0, 0]]), "ego")
    fit = fit_boxes(np.zeros((3, 3)), box, 0.3, 0.2)
    assert fit.counts[0] == 0
    assert BoxFit.empty(1).counts[0] == 0
