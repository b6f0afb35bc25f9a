"""The MEI lens against OpenCV's omnidir, high-precision arithmetic and numerical derivatives."""

import json
from pathlib import Path

import numpy as np
import pytest

from viewer.geometry.cameras import Mei

GOLDEN = json.loads((Path(__file__).parent / "golden" / "mei_opencv.json").read_text())


@pytest.mark.parametrize("row", GOLDEN["cameras"], ids=lambda row: f"xi={row['xi']}")
def test_pixels_equal_opencvs(row):
    names = ("xi", "fx", "fy", "cx", "cy", "k1", "k2", "p1", "p2")
    camera = Mei(1280, 960, skew=row["skew_px"] / row["fx"], **{name: row[name] for name in names})
    points = np.array(row["points"])
    pixels, valid = camera.project(points)
    angle = np.arctan2(np.hypot(points[:, 0], points[:, 1]), points[:, 2])
    assert np.array_equal(valid, angle < camera.domain.angle_rad)
    assert valid.sum() > 8
    np.testing.assert_allclose(pixels[valid], np.array(row["pixels"])[valid], rtol=1e-12, atol=1e-7)


@pytest.mark.parametrize(
    ("xi", "angle_rad"),
    [(0.0, np.pi / 2), (0.5, 2 * np.pi / 3), (1.0, np.pi), (2.0, 2 * np.pi / 3)],
)
def test_without_distortion_the_mirror_alone_bounds_the_angle(xi, angle_rad):
    """cos theta = -xi up to 1, then -1 / xi."""
    domain = Mei(100, 100, fx=50.0, fy=50.0, xi=xi).domain
    assert domain.kind == "theta"
    assert domain.limit == pytest.approx(angle_rad, abs=1e-7)


def radius_px(camera, theta, phi):
    """Radial pixel coordinates by the formula alone, wherever the ray looks."""
    x, y, z = np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)
    a, b = x / (z + camera.xi), y / (z + camera.xi)
    r2 = a * a + b * b
    d = 1 + camera.k1 * r2 + camera.k2 * r2 * r2
    u = a * d + 2 * camera.p1 * a * b + camera.p2 * (r2 + 2 * a * a)
    return u, b * d + camera.p1 * (r2 + 2 * b * b) + 2 * camera.p2 * a * b


def folds(camera, theta):
    """True where along some azimuth the map of the sphere turns back, by complex steps."""
    phi = np.linspace(0, 2 * np.pi, 7200, endpoint=False)
    step = 1e-30
    by_theta = radius_px(camera, theta + 1j * step, phi)
    by_phi = radius_px(camera, theta, phi + 1j * step)
    det = by_theta[0].imag * by_phi[1].imag - by_theta[1].imag * by_phi[0].imag
    return bool((det <= 0).any())


def test_random_domains_end_where_the_image_folds():
    rng = np.random.default_rng(8)
    bounded = 0
    for _ in range(60):
        k1, k2 = rng.normal(size=2) * 10 ** rng.uniform(-2, 0.3)
        p1, p2 = rng.normal(size=2) * 0.01
        xi = rng.uniform(0, 2.5)
        camera = Mei(640, 480, fx=300.0, fy=300.0, xi=xi, k1=k1, k2=k2, p1=p1, p2=p2)
        limit = camera.domain.limit
        assert not any(folds(camera, theta) for theta in np.linspace(1e-3, limit * (1 - 1e-6), 40))
        if limit < np.arccos(-min(xi, 1 / xi)) - 1e-4:
            bounded += 1
            assert folds(camera, limit * (1 + 1e-5))
    assert bounded > 15


def test_a_ray_behind_the_camera_has_a_pixel_and_comes_back():
    camera = Mei(2000, 2000, fx=400.0, fy=400.0, xi=0.9)
    ray = np.array([[np.sin(2.2), 0.0, np.cos(2.2)]])
    pixels, valid = camera.project(ray)
    assert valid[0]
    # sin 2.2 / (cos 2.2 + 0.9) = 2.5949487...
    expected = 1000 + 400 * 0.8084964038195901 / (0.9 - 0.5885011172553458)
    assert pixels[0, 0] == pytest.approx(expected, abs=1e-9)
    np.testing.assert_allclose(camera.unproject(pixels).directions, ray, atol=1e-12)


def test_a_sphere_seen_from_within_its_middle_is_a_pinhole():
    camera = Mei(640, 480, fx=300.0, fy=300.0, xi=0.0)
    pixels, valid = camera.project(np.array([[1.0, 2.0, 4.0], [0.0, 0.0, -1.0]]))
    assert valid.tolist() == [True, False]
    assert pixels[0].tolist() == [320 + 75, 240 + 150]


def test_xi_of_minus_one_or_less_is_refused():
    with pytest.raises(ValueError, match="xi must be above -1"):
        Mei(640, 480, fx=300.0, fy=300.0, xi=-1.0)
