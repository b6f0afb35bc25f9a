"""Pixels back to rays: there and back again, and nothing where the lens does not reach."""

import numpy as np
import pytest

from viewer.geometry.cameras import BrownConrady, Fisheye, Pinhole


def pixel_grid(camera, count=40):
    u = np.linspace(0, camera.width_px, count)
    v = np.linspace(0, camera.height_px, count)
    return np.stack(np.meshgrid(u, v), axis=-1).reshape(-1, 2)


@pytest.mark.parametrize("name", ["pinhole", "brown_conrady", "fisheye", "mei"])
def test_every_pixel_comes_back_to_itself_or_is_out_of_reach(
    name, random_camera, reference, effort
):
    rng = np.random.default_rng(6)
    for _ in range(60 * effort):
        camera = random_camera(name, rng)
        pixels = pixel_grid(camera)
        directions, valid = camera.unproject(pixels)
        assert np.isnan(directions[~valid]).all()
        np.testing.assert_allclose(np.linalg.norm(directions[valid], axis=1), 1, atol=1e-12)
        assert reference.valid(camera, directions[valid]).all()
        again = reference.project(camera, directions[valid])
        np.testing.assert_allclose(again, pixels[valid], rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", ["brown_conrady", "fisheye", "mei"])
def test_every_pixel_that_the_domain_reaches_is_found(name, random_camera, reference, effort):
    rng = np.random.default_rng(7)
    found = 0
    for _ in range(100 * effort):
        camera = random_camera(name, rng)
        widest = min(camera.domain.angle_rad, np.deg2rad(85) if name == "brown_conrady" else 4.0)
        theta = np.concatenate(
            [rng.uniform(0, widest, 300), widest * (1 - np.geomspace(1e-4, 1e-7, 30))]
        )
        phi = rng.uniform(-np.pi, np.pi, len(theta))
        rays = np.stack(
            [np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)], axis=1
        )
        pixels = reference.project(camera, rays)
        # Next to a pole pixels run to infinity, and digits run out.
        near = (np.abs(pixels) < 100 * camera.width_px).all(axis=1)
        pixels, rays, theta = pixels[near], rays[near], theta[near]
        directions, valid = camera.unproject(pixels)
        assert valid.all(), (camera, theta[~valid])
        again = reference.project(camera, directions)
        np.testing.assert_allclose(again, pixels, rtol=0, atol=1e-6)
        # Well inside the domain the ray itself comes back, not only its pixel.
        inner = theta < 0.9 * widest
        np.testing.assert_allclose(directions[inner], rays[inner], rtol=0, atol=1e-6)
        found += int(inner.sum())
    assert found > 10_000


def test_pixels_beyond_the_reach_of_a_fisheye_are_not_valid():
    camera = Fisheye(1000, 1000, fx=100.0, fy=100.0)
    # theta runs to pi, so the picture is a disc of radius 314.16 px
    pixels = np.array([[500 + 314.1, 500.0], [500 + 314.2, 500.0], [0.0, 0.0]])
    assert camera.unproject(pixels).valid.tolist() == [True, False, False]


def test_pixels_beyond_the_fold_are_not_valid():
    camera = BrownConrady(1000, 1000, fx=400.0, fy=400.0, k1=-0.25)
    # r (1 - r2 / 4) has its summit at r = 1.1547: 0.7698
    rim = 400 * 0.7698003589
    pixels = np.array([[500 + rim - 1e-3, 500.0], [500 + rim + 1e-3, 500.0]])
    directions, valid = camera.unproject(pixels)
    assert valid.tolist() == [True, False]
    assert directions[0, 0] / directions[0, 2] == pytest.approx(1.1547, abs=2e-3)


def test_the_principal_point_looks_straight_ahead():
    for camera in (*Pinhole.examples(), *BrownConrady.examples(), *Fisheye.examples()):
        directions, valid = camera.unproject(np.array([[camera.cx, camera.cy]]))
        assert valid[0]
        np.testing.assert_allclose(directions[0], [0, 0, 1], atol=1e-12)


def test_pixels_that_are_not_finite_are_not_valid():
    for camera in (Pinhole.examples()[0], BrownConrady.examples()[0], Fisheye.examples()[0]):
        pixels = np.array([[np.nan, 1.0], [np.inf, 1.0], [1.0, -np.inf]])
        directions, valid = camera.unproject(pixels)
        assert not valid.any()
        assert np.isnan(directions).all()
