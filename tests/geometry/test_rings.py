import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer.geometry.rings import ring_iou, ring_overlap

SQUARE = np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 4.0]])
HOLE = np.array([[1.0, 1.0], [1.0, 3.0], [3.0, 3.0], [3.0, 1.0]])


def test_areas_by_hand():
    assert ring_overlap([SQUARE], [SQUARE + 2.0]) == pytest.approx((16, 16, 4))
    assert ring_overlap([SQUARE, HOLE], [SQUARE]) == pytest.approx((12, 16, 12))
    assert ring_overlap([SQUARE, HOLE], [HOLE]) == pytest.approx((12, 4, 0))
    bow = np.array([[0.0, 0.0], [4.0, 4.0], [4.0, 0.0], [0.0, 4.0]])
    assert ring_overlap([bow], [SQUARE])[::2] == pytest.approx((8, 8))
    diamond = np.array([[2.0, -1.0], [5.0, 2.0], [2.0, 5.0], [-1.0, 2.0]])
    # A diamond of area 18 over the square: each corner of the square beyond it is 1 x 1 / 2.
    assert ring_overlap([SQUARE], [diamond]) == pytest.approx((16, 18, 14))


def test_overlap_of_what_has_no_area_has_no_meaning():
    line = np.array([[0.0, 0.0], [4.0, 4.0]])
    assert math.isnan(ring_iou([line], [line]))
    assert math.isnan(ring_iou([], []))
    assert ring_iou([SQUARE], []) == 0.0


ring = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=3, max_size=9, unique=True
)


@settings(deadline=None)
@given(ring, ring)
def test_areas_equal_those_of_many_samples(first, second):
    """Against counting crossings at the middles of a fine grid."""
    rings = [np.array(each, dtype=float) for each in (first, second)]
    found = ring_overlap([rings[0]], [rings[1]])
    step = 0.1
    grid = np.arange(step / 2, 12, step) + 0.0013
    x, y = np.meshgrid(grid, grid)
    inside = [_inside(each, x, y) for each in rings]
    counted = [np.sum(each) * step**2 for each in (*inside, inside[0] & inside[1])]
    longest = sum(np.linalg.norm(np.roll(each, -1, 0) - each, axis=1).sum() for each in rings)
    assert found == pytest.approx(counted, abs=step * longest)
    assert found[2] <= min(found[:2]) + 1e-9
    assert ring_overlap([rings[1]], [rings[0]])[2] == pytest.approx(found[2])


@given(ring)
def test_a_simple_area_is_that_of_the_shoelace_formula(vertices):
    middle = np.mean(vertices, axis=0)
    away = np.array(vertices, float) - middle
    order = np.argsort(np.arctan2(away[:, 1], away[:, 0]), kind="stable")
    around = np.array(vertices, float)[order]
    x, y = around.T
    area = abs(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)) / 2
    assert ring_overlap([around], [around])[2] == pytest.approx(area, abs=1e-9)


def _inside(vertices, x, y):
    found = np.zeros(x.shape, bool)
    for (x0, y0), (x1, y1) in zip(vertices, np.roll(vertices, -1, 0), strict=True):
        if y0 == y1:
            continue
        crosses = (y0 > y) != (y1 > y)
        found ^= crosses & (x < x0 + (y - y0) * (x1 - x0) / (y1 - y0))
    return found


def test_many_blocks_give_the_same_areas(monkeypatch):
    rng = np.random.default_rng(3)
    stars = [rng.uniform(0, 100, (60, 2)) for _ in range(2)]
    whole = ring_overlap([stars[0]], [stars[1]])
    monkeypatch.setattr("viewer.geometry.rings._AT_ONCE", 50)
    assert ring_overlap([stars[0]], [stars[1]]) == pytest.approx(whole, rel=1e-12)
