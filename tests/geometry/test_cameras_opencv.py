"""Every lens against OpenCV, and against the polynomial by hand where OpenCV mirrors."""

import json

import numpy as np
import pytest

from viewer.geometry.cameras import BrownConrady, Fisheye
from viewer.geometry.cameras.brown_conrady import COEFFICIENTS


def random_rays(rng, count, widest_rad):
    """Points at random azimuth, angle and distance (0.1 to 1000 m)."""
    theta = rng.uniform(0, widest_rad, count)
    phi = rng.uniform(-np.pi, np.pi, count)
    unit = [np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)]
    return np.stack(unit, axis=1) * 10 ** rng.uniform(-1, 3, (count, 1))


def near_image(camera, pixels):
    """Within two image sizes: farther out the numbers themselves blow up."""
    size = np.array([camera.width_px, camera.height_px])
    return (np.abs(pixels - size / 2) < 2 * size).all(axis=1)


@pytest.mark.parametrize("name", ["brown_conrady", "pinhole", "fisheye", "mei"])
def test_random_cameras_equal_the_reference_inside_the_domain(
    name, random_camera, reference, effort
):
    rng = np.random.default_rng(20)
    compared = 0
    for _ in range(10_000 if name == "brown_conrady" else 1000 * effort):
        camera = random_camera(name, rng)
        points = random_rays(rng, 100, np.pi if name in ("fisheye", "mei") else np.pi / 2)
        pixels, valid = camera.project(points)
        expected = reference.project(camera, points)
        assert np.array_equal(valid, reference.valid(camera, points))
        assert np.isnan(pixels[~valid]).all()
        near = valid & near_image(camera, expected)
        np.testing.assert_allclose(pixels[near], expected[near], rtol=0, atol=1e-6)
        compared += int(near.sum())
    assert compared > 10_000


def test_random_fisheyes_equal_opencv_below_90_degrees(random_camera, reference):
    rng = np.random.default_rng(21)
    for _ in range(1000):
        camera = random_camera("fisheye", rng)
        points = random_rays(rng, 100, np.deg2rad(89.9))
        pixels, valid = camera.project(points)
        expected = reference.fisheye_by_opencv(camera, points)
        near = valid & near_image(camera, expected)
        np.testing.assert_allclose(pixels[near], expected[near], rtol=0, atol=1e-6)


def test_fisheye_beyond_90_degrees_goes_on_where_opencv_mirrors(reference):
    camera = Fisheye(1400, 1400, fx=400.0, fy=400.0)
    angle = np.deg2rad(91.0)
    point = np.array([[np.sin(angle), 0.0, np.cos(angle)]])
    pixels, valid = camera.project(point)
    assert valid[0]
    assert pixels[0, 0] == pytest.approx(700 + 400 * angle, abs=1e-9)
    assert reference.fisheye_by_opencv(camera, point)[0, 0] < 700


def test_the_optical_axis_is_finite():
    for camera in (Fisheye(100, 80, fx=30.0, fy=30.0, k1=0.1), BrownConrady(100, 80, fx=9, fy=9)):
        pixels, valid = camera.project(np.array([[0.0, 0.0, 5.0]]))
        assert valid[0]
        assert pixels[0].tolist() == [50.0, 40.0]


def test_points_at_or_behind_the_camera_plane_are_invalid_and_nan():
    camera = BrownConrady(100, 80, fx=50.0, fy=50.0, k1=0.01)
    pixels, valid = camera.project(np.array([[0.1, 0, 0], [0, 0, 0], [0, 0, -1], [np.nan, 0, 1]]))
    assert not valid.any()
    assert np.isnan(pixels).all()


def test_few_and_many_points_give_the_same_bits():
    rng = np.random.default_rng(3)
    points = random_rays(rng, 40_000, 1.5)
    for camera in (*BrownConrady.examples(), *Fisheye.examples()):
        whole = camera.project(points).pixels
        pieces = [camera.project(part).pixels for part in np.array_split(points, 57)]
        assert np.array_equal(whole, np.concatenate(pieces), equal_nan=True)


def test_single_precision_points_are_projected_in_double_precision():
    camera = BrownConrady.examples()[0]
    points = random_rays(np.random.default_rng(4), 100, 0.7).astype(np.float32)
    expected = camera.project(points.astype(np.float64))
    assert np.array_equal(camera.project(points).pixels, expected.pixels, equal_nan=True)


def camera_of_oracle(entry):
    matrix, numbers = np.array(entry["K"]), entry["D"]
    fisheye = entry["model"] == "kannala_brandt"
    names = ("k1", "k2", "k3", "k4") if fisheye else COEFFICIENTS
    model = Fisheye if fisheye else BrownConrady
    return model(
        entry["width"], entry["height"], fx=matrix[0, 0], fy=matrix[1, 1], cx=matrix[0, 2],
        cy=matrix[1, 2], **dict(zip(names, numbers, strict=False)),
    )  # fmt: skip


def test_real_cameras_equal_the_published_pixels_and_never_fold_back(real_data):
    entries = json.loads((real_data / "oracles/projection_expected.json").read_text())["cameras"]
    assert len(entries) == 28
    folded = 0
    for entry in entries:
        camera = camera_of_oracle(entry)
        pixels, valid = camera.project(np.array(entry["points_camera_xyz"]))
        assert valid.all(), entry["name"]
        # The published pixels are rounded to 1e-6.
        np.testing.assert_allclose(
            pixels, entry["pixels"], rtol=0, atol=1e-6, err_msg=entry["name"]
        )
        for ghost in entry.get("foldback_points", []):
            assert not camera.project(np.array([ghost["point"]])).valid[0], entry["name"]
            folded += 1
    assert folded == 24
