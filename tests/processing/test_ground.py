"""Ground height on synthetic ground of known height."""

import numpy as np
import pytest

from viewer.processing.ground import ground_height

RNG_SEED = 11


def slope(x, y, rise_x=0.0, rise_y=0.0):
    return rise_x * x + rise_y * y


def ground(rise_x=0.0, rise_y=0.0, noise_m=0.0, extent=10.0, step=0.2):
    x, y = (g.ravel() for g in np.meshgrid(*[np.arange(-extent, extent, step)] * 2))
    z = slope(x, y, rise_x, rise_y)
    z = z + np.random.default_rng(RNG_SEED).normal(0, noise_m, len(z))
    return np.column_stack([x, y, z])


def solid(center, size, count=3000):
    """Points on and in a box, its bottom included."""
    rng = np.random.default_rng(RNG_SEED)
    return rng.uniform(-0.5, 0.5, (count, 3)) * size + center


@pytest.mark.parametrize("position", [(0.0, 0.0, 2.0), (1.3, -2.1, 5.0), (0.0, 0.0, -1.0)])
def test_flat_ground(position):
    found = ground_height(ground(), np.array(position))
    assert found.z_m == pytest.approx(0.0, abs=1e-9)
    assert "plane" in found.method


@pytest.mark.parametrize(("rise_x", "rise_y"), [(0.1, 0.0), (-0.2, 0.15), (0.3, -0.3)])
def test_slope(rise_x, rise_y):
    found = ground_height(ground(rise_x, rise_y), np.array([2.0, 1.0, 4.0]))
    assert found.z_m == pytest.approx(slope(2.0, 1.0, rise_x, rise_y), abs=1e-6)


def test_range_noise():
    found = ground_height(ground(0.05, noise_m=0.02), np.array([0.0, 0.0, 1.0]))
    assert found.z_m == pytest.approx(0.0, abs=0.04)


def test_under_a_car_whose_shadow_has_no_ground():
    """The pick lies on a roof; below it the lidar sees only the car's body from 0.3 m up."""
    around = ground(noise_m=0.01)
    free = around[(np.abs(around[:, 0]) > 2.2) | (np.abs(around[:, 1]) > 1.0)]
    car = solid((0, 0, 0.9), (4.4, 2.0, 1.2))
    found = ground_height(np.concatenate([free, car]), np.array([0.0, 0.0, 1.5]))
    assert found.z_m == pytest.approx(0.0, abs=0.05)


def test_beside_a_wall():
    wall = solid((1.0, 0, 2.0), (0.3, 20, 4.0), 5000)
    found = ground_height(np.concatenate([ground(), wall]), np.array([0.5, 0.0, 3.0]))
    assert found.z_m == pytest.approx(0.0, abs=0.05)


def test_returns_below_the_ground_do_not_pull_it_down():
    rng = np.random.default_rng(RNG_SEED)
    mirrored = np.column_stack([rng.uniform(-3, 3, (60, 2)), rng.uniform(-4, -1, 60)])
    found = ground_height(np.concatenate([ground(), mirrored]), np.array([0.0, 0.0, 1.0]))
    assert found.z_m == pytest.approx(0.0, abs=0.05)


def test_radius_grows_over_a_hole():
    around = ground(extent=14.0)
    around = around[np.hypot(around[:, 0], around[:, 1]) > 4.0]
    found = ground_height(around, np.array([0.0, 0.0, 1.0]))
    assert found.z_m == pytest.approx(0.0, abs=1e-9)
    assert "within 6 m" in found.method


def test_far_from_the_origin_keeps_its_digits():
    shift = np.array([600_000.0, 5_000_000.0, 300.0])
    found = ground_height(ground(0.1) + shift, shift + np.array([0, 0, 2.0]))
    assert found.z_m == pytest.approx(300.0, abs=0.05)


def test_few_points_give_the_lowest_one_and_say_so():
    points = np.array([[1.0, 0, 0.2], [0, 1.0, 0.1], [-1.0, 0, 0.7]])
    found = ground_height(points, np.array([0.0, 0.0, 1.0]))
    assert found.z_m == pytest.approx(0.1)
    assert found.method.startswith("lowest point")


def test_no_points_near():
    assert ground_height(ground() + np.array([100.0, 0, 0]), np.zeros(3)) is None
    assert ground_height(np.empty((0, 3)), np.zeros(3)) is None


def test_same_answer_twice():
    points = ground(0.1, noise_m=0.03)
    first = ground_height(points, np.array([0.5, 0.5, 2.0]))
    assert ground_height(points, np.array([0.5, 0.5, 2.0])) == first
