"""Colours of points from the ways that files hold them."""

import numpy as np
import pytest

from viewer.formats.points.packed_colour import point_colours, unpack
from viewer.scene.point_cloud import PointCloud

PACKED = np.array([0xFF102030, 0x00FFFEFD], dtype=np.uint32)
RGB = [[0x10, 0x20, 0x30], [0xFF, 0xFE, 0xFD]]


@pytest.mark.parametrize("dtype", [np.uint32, np.int32, np.float32])
def test_four_bytes_are_unpacked_by_their_bits(dtype):
    assert unpack(PACKED.view(dtype)).tolist() == RGB
    assert unpack(np.stack([PACKED, PACKED], axis=1).view(dtype)[:, 1]).tolist() == RGB


def test_other_sizes_are_refused():
    with pytest.raises(ValueError, match="4 bytes"):
        unpack(np.zeros(3, dtype=np.float64))


def cloud(**fields):
    return PointCloud(np.zeros((2, 3), dtype=np.float32), fields)


def test_a_cloud_finds_its_own_colours():
    assert point_colours(cloud(rgb=PACKED.view(np.float32))).tolist() == RGB
    assert point_colours(cloud(intensity=np.zeros(2))) is None
    red, green, blue = np.array(RGB, dtype=np.uint8).T
    assert point_colours(cloud(red=red, green=green, blue=blue)).tolist() == RGB
    # text_extradim.ply in the wild declares one channel as a signed char.
    signed = np.array([64, 1], dtype=np.int8)
    assert point_colours(cloud(red=red, green=green, blue=signed))[0].tolist() == [16, 32, 64]


def test_sixteen_bits_are_scaled_only_when_used():
    wide = {"red": np.array([65535, 0], dtype=np.uint16)}
    wide |= {"green": np.array([256, 0], dtype=np.uint16), "blue": np.zeros(2, dtype=np.uint16)}
    assert point_colours(cloud(**wide)).tolist() == [[255, 1, 0], [0, 0, 0]]
    narrow = {name: values // 257 for name, values in wide.items()}
    assert point_colours(cloud(**narrow)).tolist() == [[255, 0, 0], [0, 0, 0]]


def test_floats_run_to_one_or_to_255():
    one = {name: np.array([1.0, 0.5], dtype=np.float32) for name in "rgb"}
    assert point_colours(cloud(**one)).tolist() == [[255] * 3, [128] * 3]
    many = {name: np.array([200.0, np.nan], dtype=np.float32) for name in "rgb"}
    assert point_colours(cloud(**many)).tolist() == [[200] * 3, [0] * 3]
