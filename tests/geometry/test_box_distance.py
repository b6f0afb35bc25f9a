"""Distance of two boxes against an independent solver and against hand calculations."""

import math

import numpy as np
import pytest
from scipy.optimize import lsq_linear
from scipy.spatial.transform import Rotation

from viewer.geometry.box_distance import box_distance
from viewer.geometry.cuboids import Cuboid

IDENTITY = np.array([1.0, 0, 0, 0])


def box(center, size, rotation=IDENTITY, coord_frame_id="world"):
    return Cuboid(np.array(center, float), np.array(size, float), rotation, coord_frame_id)


def turned(rotation: Rotation):
    return rotation.as_quat(scalar_first=True)


def random_box(rng, spread):
    return box(
        rng.uniform(-spread, spread, 3), rng.uniform(0.1, 4, 3), turned(Rotation.random(rng=rng))
    )  # fmt: skip


def solved_distance(a: Cuboid, b: Cuboid) -> float:
    """Bounded least squares over both boxes' own coordinates, by scipy."""
    axes_a = Rotation.from_quat(a.rotation, scalar_first=True).as_matrix() * (a.size / 2)
    axes_b = Rotation.from_quat(b.rotation, scalar_first=True).as_matrix() * (b.size / 2)
    result = lsq_linear(
        np.hstack([axes_a, -axes_b]), b.center - a.center, (-1, 1), method="bvls", tol=1e-14
    )
    return float(np.linalg.norm(result.fun))


def inside(point, cuboid: Cuboid) -> bool:
    own = Rotation.from_quat(cuboid.rotation, scalar_first=True).inv().apply(point - cuboid.center)
    return bool((np.abs(own) <= cuboid.size / 2 + 1e-9).all())


@pytest.mark.parametrize("spread", [1.5, 4.0, 30.0])
def test_random_boxes_equal_the_solver(spread):
    rng = np.random.default_rng(7)
    overlapping = 0
    for _ in range(300):
        a, b = random_box(rng, spread), random_box(rng, spread)
        found = box_distance(a, b)
        assert found.distance_m == pytest.approx(solved_distance(a, b), abs=1e-7)
        assert inside(found.point_a, a)
        assert inside(found.point_b, b)
        assert math.dist(found.point_a, found.point_b) == pytest.approx(found.distance_m, abs=1e-9)
        overlapping += found.distance_m == 0
    assert (overlapping > 100) if spread == 1.5 else (overlapping < 150)


def test_order_of_the_boxes_does_not_matter():
    rng = np.random.default_rng(3)
    for _ in range(50):
        a, b = random_box(rng, 6.0), random_box(rng, 6.0)
        there, back = box_distance(a, b), box_distance(b, a)
        assert there.distance_m == pytest.approx(back.distance_m, abs=1e-12)


def test_face_to_face():
    found = box_distance(box((0, 0, 0), (2, 2, 2)), box((5, 0.3, 0), (2, 2, 2)))
    assert found.distance_m == pytest.approx(3.0)


def test_corner_to_corner():
    found = box_distance(box((0, 0, 0), (2, 2, 2)), box((4, 5, 6), (2, 2, 2)))
    assert found.distance_m == pytest.approx(math.sqrt(4 + 9 + 16))
    np.testing.assert_allclose(found.point_a, [1, 1, 1])
    np.testing.assert_allclose(found.point_b, [3, 4, 5])


def test_corner_to_face():
    yaw_45 = turned(Rotation.from_euler("z", 45, degrees=True))
    found = box_distance(box((0, 0, 0), (2, 2, 2)), box((5, 0, 0), (2, 2, 2), yaw_45))
    assert found.distance_m == pytest.approx(5 - 1 - math.sqrt(2))


def test_crossing_edges():
    """Two upright square bars turned on edge, crossing at a right angle, 2 m apart."""
    about_x = turned(Rotation.from_euler("x", 45, degrees=True))
    about_y = turned(Rotation.from_euler("y", 45, degrees=True))
    half_diagonal = math.sqrt(2) / 2
    lower = box((0, 0, 0), (10, 1, 1), about_x)
    upper = box((0, 0, 2 + 2 * half_diagonal), (1, 10, 1), about_y)
    found = box_distance(lower, upper)
    assert found.distance_m == pytest.approx(2.0)
    np.testing.assert_allclose(found.point_a, [0, 0, half_diagonal], atol=1e-9)


def test_touching_and_containing_are_zero():
    big = box((0, 0, 0), (10, 10, 10))
    assert box_distance(big, box((0.5, 0.2, 0), (1, 1, 1))).distance_m == 0
    assert box_distance(box((0.5, 0.2, 0), (1, 1, 1)), big).distance_m == 0
    assert box_distance(big, box((7, 0, 0), (4, 4, 4))).distance_m == 0
    assert box_distance(big, big).distance_m == 0


def test_cross_without_any_corner_inside_the_other_is_zero():
    found = box_distance(box((0, 0, 0), (10, 1, 1)), box((0, 0, 0), (1, 10, 2)))
    assert found.distance_m == 0
    assert inside(found.point_a, box((0, 0, 0), (1, 1, 1)))


def test_flat_box_is_measured():
    found = box_distance(box((0, 0, 0), (2, 2, 0)), box((0, 0, 3), (0, 0, 2)))
    assert found.distance_m == pytest.approx(2.0)


def test_far_from_the_origin_keeps_its_digits():
    shift = np.array([600_000.0, 5_000_000.0, 300.0])
    found = box_distance(box(shift, (2, 2, 2)), box(shift + np.array([5.0, 0, 0]), (2, 2, 2)))
    assert found.distance_m == pytest.approx(3.0, abs=1e-6)


def test_boxes_in_different_coord_frames_are_refused():
    with pytest.raises(ValueError, match=r"'ego' and 'world'"):
        box_distance(box((0, 0, 0), (1, 1, 1), coord_frame_id="ego"), box((3, 0, 0), (1, 1, 1)))
