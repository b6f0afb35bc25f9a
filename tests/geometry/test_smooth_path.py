"""Smooth paths beside hand-made ones, and beside numpy's own least squares."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.geometry.smooth_path import (
    NEAR_M,
    STEPS,
    STILL_M,
    STILL_SHARE,
    STRAIGHT,
    reach_of,
    smooth_path,
)


def test_what_stands_is_not_drawn_along_by_places_that_jump():
    times, points = np.arange(20) * 0.1, np.zeros((20, 3))
    points[8:11, 1] = 0.8
    places, velocities = smooth_path(times, points)
    assert np.abs(places).max() == pytest.approx(0.0)
    assert np.abs(velocities).max() == pytest.approx(0.0)


def test_the_path_of_a_parabola_is_itself():
    times = np.arange(20) * 0.1
    points = np.stack([3 * times + 0.5 * times**2, -times, 0 * times], axis=1)
    places, velocities = smooth_path(times, points)
    assert places[2:-2] == pytest.approx(points[2:-2], abs=0.05)
    assert velocities[6:-6, 0] == pytest.approx((3 + times)[6:-6], abs=0.2)


def by_least_squares(times, points, place):
    """The same fit at one place, each step solved by numpy."""
    reach = reach_of(times)
    low = max(0, min(place - reach, len(times) - 2 * reach - 1))
    near = [row for row in range(low, min(len(times), low + 2 * reach + 1)) if row != place]
    middle = np.median(points[near], axis=0)
    if np.mean(np.linalg.norm(points[near] - middle, axis=1) <= STILL_M) >= STILL_SHARE:
        return middle, np.zeros(3)
    t = times[near] - times[place]
    longest = np.abs(t).max()
    t = t / longest
    design = np.vstack([np.column_stack([t**0, t, t**2]), [0, 0, 1]])
    wanted = np.vstack([points[near], np.zeros(3)])
    prior = np.append(np.exp(-((t / 0.7) ** 2) / 2), STRAIGHT)
    weights = prior
    for _ in range(STEPS):
        root = np.sqrt(weights)[:, None]
        solved = np.linalg.lstsq(design * root, wanted * root, rcond=None)[0]
        away = np.linalg.norm(design @ solved - wanted, axis=1)
        weights = prior / np.maximum(away, NEAR_M)
    return solved[0], solved[1] / longest


@given(st.integers(5, 40), st.sampled_from([0.01, 0.3, 2.0]), st.integers(0, 2**32 - 1))
def test_each_place_is_what_numpy_solves(count, step_m, seed):
    rng = np.random.default_rng(seed)
    times = np.cumsum(rng.uniform(0.05, 0.6, count))
    points = np.cumsum(rng.normal(0, step_m, (count, 3)), axis=0) + rng.normal(0, 100, 3)
    places, velocities = smooth_path(times, points)
    for place in range(0, count, 3):
        wanted_place, wanted_velocity = by_least_squares(times, points, place)
        assert places[place] == pytest.approx(wanted_place, abs=1e-9)
        assert velocities[place] == pytest.approx(wanted_velocity, abs=1e-8)
