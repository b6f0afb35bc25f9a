"""Copies out of records, compiled and plain."""

import sys

import numpy as np
import pytest

from viewer.formats.points import gather, warm_up


@pytest.fixture
def records():
    """More rows than the parallel kernels need, at an odd offset and stride."""
    random = np.random.default_rng(1)
    dtype = np.dtype(
        [("pad", "u1"), ("x", "<f4"), ("y", "<f4"), ("z", "<f4"), ("i", "<u4"), ("t", "<f8")]
    )
    table = np.zeros(70_001, dtype=dtype)
    for name in "xyz":
        table[name] = random.normal(size=len(table))
    table["i"] = random.integers(0, 2**32, len(table))
    table["t"] = random.normal(size=len(table))
    table["x"][5], table["y"][6], table["z"][7] = np.nan, np.inf, -np.inf
    table["x"][8], table["z"][8] = np.nan, np.nan
    return table


@pytest.mark.parametrize("rows", [70_001, 100, 1, 0])
def test_positions_scalar_and_finite_count(records, rows, kernels_loaded):
    table = records[:rows]
    columns = [table[name] for name in "xyz"]
    expected = np.stack(columns, axis=1)
    finite = int(np.isfinite(expected).all(axis=1).sum())
    xyz, count = gather.gather_xyz(*columns)
    assert count == finite
    np.testing.assert_array_equal(xyz, expected)
    xyz, scalar, count = gather.gather_xyz_and_scalar(*columns, table["i"])
    assert count == finite
    np.testing.assert_array_equal(xyz, expected)
    np.testing.assert_array_equal(scalar, table["i"])
    assert xyz.flags.c_contiguous
    assert scalar.flags.c_contiguous
    assert scalar.dtype == np.uint32


def test_doubles_and_single_fields(records, kernels_loaded):
    columns = [records[name].astype(np.float64) for name in "xyz"]
    xyz, count = gather.gather_xyz(*columns)
    assert xyz.dtype == np.float64
    assert count == len(records) - 4
    for name in ("pad", "i", "t"):
        copy = gather.gather_field(records[name])
        np.testing.assert_array_equal(copy, records[name])
        assert copy.flags.c_contiguous
        assert copy.flags.aligned
        assert copy.dtype == records[name].dtype


def test_foreign_byte_order_becomes_native(kernels_loaded):
    values = np.arange(40_000, dtype=">u2")
    copy = gather.gather_field(values)
    assert copy.dtype == np.uint16
    np.testing.assert_array_equal(copy, np.arange(40_000))


def test_warm_up_loads_what_reading_uses():
    warm_up()
    assert "viewer.formats.points.gather_kernels" in sys.modules
    assert "viewer.formats.points.text_kernels" in sys.modules
