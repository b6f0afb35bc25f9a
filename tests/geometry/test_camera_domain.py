"""The domain: found from the coefficients, against the determinant of numerical derivatives."""

import numpy as np
import pytest

from viewer.geometry.cameras import BrownConrady, Fisheye, Pinhole


def distort(camera, x, y):
    """The Brown-Conrady map of the plane z = 1 in exact complex-step arithmetic."""
    c = camera
    r2 = x * x + y * y
    radial = (1 + c.k1 * r2 + c.k2 * r2**2 + c.k3 * r2**3) / (
        1 + c.k4 * r2 + c.k5 * r2**2 + c.k6 * r2**3
    )
    return (
        x * radial + 2 * c.p1 * x * y + c.p2 * (r2 + 2 * x * x) + c.s1 * r2 + c.s2 * r2**2,
        y * radial + c.p1 * (r2 + 2 * y * y) + 2 * c.p2 * x * y + c.s3 * r2 + c.s4 * r2**2,
    )


def sound(camera, radii, azimuths=360):
    """(len(radii),) True where determinant and denominator are positive along all azimuths."""
    phi = np.linspace(0, 2 * np.pi, azimuths, endpoint=False)
    x, y = np.multiply.outer(radii, np.cos(phi)), np.multiply.outer(radii, np.sin(phi))
    step = 1e-30
    dx = distort(camera, x + 1j * step, y + 0j)
    dy = distort(camera, x + 0j, y + 1j * step)
    det = (dx[0].imag * dy[1].imag - dx[1].imag * dy[0].imag) / step**2
    r2 = radii**2
    below = 1 + camera.k4 * r2 + camera.k5 * r2**2 + camera.k6 * r2**3
    return (det > 0).all(axis=1) & (below > 0)


def test_random_limits_are_the_first_radius_that_folds(random_camera, effort):
    rng = np.random.default_rng(5)
    bounded = 0
    for _ in range(100 * effort):
        camera = random_camera("brown_conrady", rng)
        limit = camera.domain.limit
        end = min(limit, 1e3)
        inside = np.concatenate([np.linspace(0, end, 300)[:-1], np.geomspace(1e-3, end, 100)[:-1]])
        assert sound(camera, inside * (1 - 1e-9)).all()
        if limit < 1e3:
            bounded += 1
            just_after = limit * (1 + np.geomspace(1e-9, 1e-5, 5))
            assert not sound(camera, just_after, azimuths=7200).all()
    assert bounded > 40


@pytest.mark.parametrize(
    ("numbers", "limit"),
    [
        # 1 + 3 k1 r2 = 0
        ({"k1": -0.25}, np.sqrt(1 / 0.75)),
        ({"k1": -1e-12}, np.sqrt(1 / 3e-12)),
        # the denominator 1 - r2 / 4 vanishes before the map folds
        ({"k4": -0.25}, 2.0),
        # r / (1 + r2) turns at 1
        ({"k4": 1.0}, 1.0),
        # radial growth only: no fold anywhere
        ({"k1": 0.1, "k2": 0.1}, np.inf),
        ({}, np.inf),
        # 1 + 8 r |p| cos + 12 r2 |p|2 folds first at 1 / (6 |p|), along the azimuth of -p
        ({"p1": -0.01}, 1 / 0.06),
        ({"p2": 0.01}, 1 / 0.06),
        # 1 + 2 s1 x = 0
        ({"s1": 0.05}, 10.0),
        ({"s3": -0.05}, 10.0),
        # the determinant 1 + 3 k1 r2 + 5 k2 r4 touches zero and goes on: (1 - r2)^2
        ({"k1": -2 / 3, "k2": 0.2}, 1.0),
    ],
)
def test_limits_by_hand(numbers, limit):
    camera = BrownConrady(100, 100, fx=100.0, fy=100.0, **numbers)
    # A touching root is known to the square root of rounding only; never beyond it.
    assert camera.domain.limit == pytest.approx(limit, rel=1e-6)
    assert camera.domain.limit <= limit


def test_a_near_miss_of_a_fold_is_told_from_a_fold():
    # 1 + 3 k1 r2 + 5 k2 r4 = (1 - r2)^2 + 1e-4 r4 stays positive
    camera = BrownConrady(100, 100, fx=100.0, fy=100.0, k1=-2 / 3, k2=0.2 * 1.0001)
    factor_turns = 1 + camera.k1 + camera.k2
    assert factor_turns > 0
    assert camera.domain.limit == np.inf


@pytest.mark.parametrize(
    ("numbers", "limit"),
    [
        ({}, np.pi),
        ({"k1": 0.1}, np.pi),
        # 1 + 3 k1 theta2 = 0
        ({"k1": -1 / 3}, 1.0),
        ({"k4": -1 / 9}, 1.0),
        ({"k1": -1 / 60}, np.pi),
    ],
)
def test_fisheye_limits_by_hand(numbers, limit):
    camera = Fisheye(100, 100, fx=30.0, fy=30.0, **numbers)
    limit = min(limit, np.sqrt(20.0)) if numbers.get("k1") == -1 / 60 else limit
    assert camera.domain.kind == "theta"
    assert camera.domain.limit == pytest.approx(limit, rel=1e-11)
    assert camera.domain.limit <= limit


def test_a_pinhole_is_unbounded():
    assert Pinhole(10, 10, fx=1.0, fy=1.0).domain.limit == np.inf


def test_a_real_wide_lens_draws_no_ghosts():
    # A KITTI raw camera folds at about 50 degrees: rays beyond come back into the image.
    camera = BrownConrady(
        1392, 512, fx=984.2439, fy=980.8141, cx=690.0, cy=233.1966, k1=-0.3728755, k2=0.2037299,
        p1=0.002219027, p2=0.001383707, k3=-0.07233722,
    )  # fmt: skip
    angle = np.rad2deg(camera.domain.angle_rad)
    assert 48 < angle < 51
    beyond = np.deg2rad(np.linspace(angle + 0.01, 89.9, 500))
    points = np.stack([np.sin(beyond), np.zeros(500), np.cos(beyond)], axis=1)
    assert not camera.project(points).valid.any()
