"""Slabs: every finite point once, fair samples, nothing lost to large coordinates."""

import numpy as np
import pytest

from viewer.render.point_slabs import slab_cloud
from viewer.scene.point_cloud import PointCloud


def _cloud(count, dtype=np.float32, shift=0.0):
    xyz = np.random.default_rng(2).normal(0, 10, (count, 3)) + shift
    return PointCloud(xyz.astype(dtype))


def test_small_clean_cloud_is_used_without_a_copy():
    cloud = _cloud(1000)
    slabbed = slab_cloud(cloud)
    assert len(slabbed.slabs) == 1
    assert np.shares_memory(slabbed.slabs[0].xyz, cloud.xyz)
    assert slabbed.slabs[0].stored_row(7) == 7


def test_every_finite_point_is_in_one_slab():
    xyz = np.random.default_rng(2).normal(0, 10, (5000, 3)).astype(np.float32)
    xyz[::7, 1] = np.nan
    xyz[3] = np.inf
    cloud = PointCloud(xyz)
    slabbed = slab_cloud(cloud, slab_points=800)
    rows = np.concatenate([slab.rows for slab in slabbed.slabs])
    np.testing.assert_array_equal(np.sort(rows), np.flatnonzero(np.isfinite(xyz).all(axis=1)))
    assert slabbed.point_count == cloud.finite_count
    for slab in slabbed.slabs:
        np.testing.assert_array_equal(slab.xyz, xyz[slab.rows])
        assert slab.stored_row(3) == slab.rows[3]
        np.testing.assert_array_equal(slab.pick(xyz[:, 2]), slab.xyz[:, 2])


def test_any_slab_is_a_fair_sample():
    """The cloud is stored from left to right; each slab still reaches over all of it."""
    x = np.linspace(-100, 100, 8000)
    cloud = PointCloud(np.column_stack([x, 0 * x, 0 * x]).astype(np.float32))
    slabs = slab_cloud(cloud, slab_points=1000).slabs
    assert len(slabs) == 8
    for slab in slabs:
        counts, _ = np.histogram(slab.xyz[:, 0], bins=10, range=(-100, 100))
        assert counts.sum() == 1000
        assert counts.min() > 60


def test_points_of_a_slab_follow_each_other_in_space():
    slab = slab_cloud(_cloud(20_000), slab_points=5000).slabs[0]
    steps = np.linalg.norm(np.diff(slab.xyz, axis=0), axis=1)
    shuffled = np.random.default_rng(0).permutation(slab.xyz)
    random_steps = np.linalg.norm(np.diff(shuffled, axis=0), axis=1)
    assert np.median(steps) < 0.35 * np.median(random_steps)


def test_cutting_is_the_same_every_time():
    first, second = (slab_cloud(_cloud(5000), slab_points=1000) for _ in range(2))
    for a, b in zip(first.slabs, second.slabs, strict=True):
        np.testing.assert_array_equal(a.rows, b.rows)


@pytest.mark.parametrize("slab_points", [100, 10_000])
def test_large_coordinates_keep_millimetres(slab_points):
    cloud = _cloud(1000, np.float64, shift=5_411_932.25)
    slabbed = slab_cloud(cloud, slab_points)
    for slab in slabbed.slabs:
        restored = slab.xyz.astype(np.float64) + slabbed.offset
        np.testing.assert_allclose(restored, slab.pick(cloud.xyz), atol=1e-4)


def test_bounds_are_those_of_the_points():
    cloud = _cloud(1000)
    slabbed = slab_cloud(cloud, slab_points=100)
    np.testing.assert_array_equal(slabbed.low + slabbed.offset, cloud.xyz.min(axis=0))
    np.testing.assert_array_equal(slabbed.high + slabbed.offset, cloud.xyz.max(axis=0))


@pytest.mark.parametrize("xyz", [np.empty((0, 3)), np.full((3, 3), np.nan)])
def test_cloud_without_points_has_no_slabs(xyz):
    assert slab_cloud(PointCloud(xyz)).slabs == ()
