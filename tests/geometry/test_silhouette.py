"""The filled outline of a box against a ray through every pixel."""

import numpy as np
import pytest

from viewer.geometry.cameras import BrownConrady, Fisheye, Pinhole
from viewer.geometry.cuboids import Cuboids
from viewer.geometry.projection import silhouette_polygon

CAMERAS = [
    Pinhole(160, 120, fx=90.0, fy=90.0),
    BrownConrady(160, 120, fx=90.0, fy=90.0, k1=-0.2, k2=0.03, p1=0.002, p2=-0.001),
    # Folds at 45 degrees: the corners of the image are out of the lens's reach.
    BrownConrady(160, 120, fx=90.0, fy=90.0, k1=-1 / 3),
    BrownConrady(160, 120, fx=60.0, fy=60.0, k1=0.8, k2=0.05, k4=1.1, k5=0.2, k6=0.01),
    Fisheye(160, 160, fx=40.0, fy=40.0, k1=-0.01),
    # All around: the whole disc lies in the image.
    Fisheye(160, 160, fx=24.0, fy=24.0),
]


def boxes_around(rng, count):
    center = rng.normal(size=(count, 3)) * rng.choice([1.5, 4.0, 10.0], (count, 1))
    return Cuboids(center, rng.uniform(0.5, 6, (count, 3)), rng.normal(size=(count, 4)), "cam")


def rays_that_hit(camera, box):
    """(H, W) mask by slabs: which pixels' rays meet the box."""
    u, v = np.meshgrid(np.arange(camera.width_px), np.arange(camera.height_px))
    pixels = np.stack([u.ravel(), v.ravel()], axis=1).astype(float)
    directions, valid = camera.unproject(pixels)
    axes = box.rotation_matrices()[0]
    origin, steps = -box.center[0] @ axes, directions @ axes
    half = box.size[0] / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        one, two = (-half - origin) / steps, (half - origin) / steps
        near = np.minimum(one, two).max(axis=1)
        far = np.maximum(one, two).min(axis=1)
        hit = valid & (far >= np.maximum(near, 0))
    return hit.reshape(camera.height_px, camera.width_px)


def filled(polygon, camera):
    """(H, W) mask by the even-odd rule at pixel centres."""
    mask = np.zeros((camera.height_px, camera.width_px), dtype=bool)
    if len(polygon) == 0:
        return mask
    rows, columns = np.arange(camera.height_px) + 1e-7, np.arange(camera.width_px)
    for a, b in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        crossing = (a[1] <= rows) != (b[1] <= rows)
        if crossing.any():
            at = a[0] + (rows[crossing] - a[1]) / (b[1] - a[1]) * (b[0] - a[0])
            mask[crossing] ^= columns[None] >= at[:, None]
    return mask


@pytest.mark.parametrize("camera", CAMERAS, ids=range(len(CAMERAS)))
def test_outlines_cover_the_pixels_whose_rays_hit(camera, effort):
    rng = np.random.default_rng(10)
    big = 0
    for box_number in range(120 * effort):
        box = boxes_around(rng, 1)
        expected = rays_that_hit(camera, box)
        got = filled(silhouette_polygon(box, camera, np.eye(4)), camera)
        different = int((expected ^ got).sum())
        border = np.count_nonzero(expected[1:] ^ expected[:-1]) + np.count_nonzero(
            expected[:, 1:] ^ expected[:, :-1]
        )
        # A pixel may differ only where the outline passes within a part of it.
        assert different <= 0.35 * border + 4, (box_number, different, border)
        big += expected.sum() > 200
    assert big > 20


def test_a_box_around_the_eye_covers_all():
    box = Cuboids(np.zeros((1, 3)), np.full((1, 3), 4.0), np.array([[1.0, 0, 0, 0]]), "cam")
    for camera in CAMERAS[:2]:
        assert filled(silhouette_polygon(box, camera, np.eye(4)), camera).all()


def test_a_box_out_of_sight_has_no_outline():
    box = Cuboids(np.array([[0, 0, -5.0]]), np.ones((1, 3)), np.array([[1.0, 0, 0, 0]]), "cam")
    assert len(silhouette_polygon(box, CAMERAS[0], np.eye(4))) == 0


def test_one_row_and_one_cuboid_are_the_same():
    box = boxes_around(np.random.default_rng(1), 1)
    ahead = Cuboids(box.center * 0 + [0, 0, 9], box.size, box.rotation, "cam")
    one, row = (silhouette_polygon(b, CAMERAS[0], np.eye(4)) for b in (ahead, ahead[0]))
    assert np.array_equal(one, row)
    assert len(one) >= 4
    with pytest.raises(ValueError, match="one cuboid"):
        silhouette_polygon(boxes_around(np.random.default_rng(1), 2), CAMERAS[0], np.eye(4))
