"""LAS and LAZ files that laspy wrote, and headers that lie."""

import struct

import numpy as np
import pytest

from viewer.formats.base import DamagedData
from viewer.formats.points.las import Las


@pytest.mark.parametrize("suffix", ["las", "laz"])
@pytest.mark.parametrize("point_format", [3, 7])
def test_positions_are_scaled_and_every_dimension_is_kept(
    write_las, tmp_path, suffix, point_format
):
    path = tmp_path / f"cloud.{suffix}"
    las = write_las(path, point_format=point_format)
    cloud = Las().read(path)
    assert cloud.xyz.dtype == np.float64
    expected = np.stack(
        [
            np.asarray(las.X) * 0.001 + 500_000.0,
            np.asarray(las.Y) * 0.001 + 5_000_000.0,
            np.asarray(las.Z) * 0.01,
        ],
        axis=1,
    )
    np.testing.assert_allclose(cloud.xyz, expected, rtol=0, atol=1e-9)
    for name in ("intensity", "classification", "gps_time", "quality", "red"):
        np.testing.assert_array_equal(cloud.fields[name], np.asarray(las[name]))
    assert cloud.fields["intensity"].dtype == np.uint16
    assert not {"X", "Y", "Z"} & set(cloud.fields)
    assert list(Las().read(path, fields=("red",)).fields) == ["red"]


@pytest.mark.parametrize("suffix", ["las", "laz"])
def test_zero_points(write_las, tmp_path, suffix):
    path = tmp_path / f"cloud.{suffix}"
    write_las(path, count=0)
    cloud = Las().read(path)
    assert cloud.xyz.shape == (0, 3)
    assert cloud.fields["intensity"].shape == (0,)


def test_many_chunks_are_joined(write_las, tmp_path, monkeypatch):
    monkeypatch.setattr("viewer.formats.points.las._CHUNK_BYTES", 2_000)
    path = tmp_path / "cloud.laz"
    las = write_las(path, count=1000)
    np.testing.assert_array_equal(Las().read(path).fields["quality"], np.asarray(las["quality"]))


@pytest.mark.parametrize("suffix", ["las", "laz"])
@pytest.mark.parametrize(
    ("offset", "kind", "value"),
    [
        (0, "<4s", b"LASX"),
        (96, "<I", 2**31),
        (100, "<I", 2**32 - 1),
        (105, "<H", 0),
        (243, "<I", 2**32 - 1),
        (247, "<Q", 2**60),
        (247, "<Q", 301),
    ],
)
def test_a_header_that_claims_too_much_is_refused(write_las, tmp_path, suffix, offset, kind, value):
    path = tmp_path / f"cloud.{suffix}"
    write_las(path)
    data = bytearray(path.read_bytes())
    struct.pack_into(kind, data, offset, value)
    path.write_bytes(data)
    with pytest.raises(DamagedData):
        Las().read(path)


@pytest.mark.parametrize("place", ["table", "chunks", "layer"])
def test_sizes_within_the_compressed_points_are_checked(write_las, tmp_path, place):
    path = tmp_path / "cloud.laz"
    write_las(path)
    data = bytearray(path.read_bytes())
    start = struct.unpack_from("<I", data, 96)[0]
    table = struct.unpack_from("<q", data, start)[0]
    record_bytes = struct.unpack_from("<H", data, 105)[0]
    if place == "table":
        struct.pack_into("<q", data, start, 2**40)
    elif place == "chunks":
        struct.pack_into("<I", data, table + 4, 2**32 - 1)
    else:
        struct.pack_into("<I", data, start + 8 + record_bytes + 4, 2**32 - 1)
    path.write_bytes(data)
    with pytest.raises(DamagedData):
        Las().read(path)


@pytest.mark.parametrize("suffix", ["las", "laz"])
def test_truncated_files_are_refused(write_las, tmp_path, suffix):
    path = tmp_path / f"cloud.{suffix}"
    write_las(path, count=40)
    data = path.read_bytes()
    for keep in range(0, len(data) - 1, 37):
        path.write_bytes(data[:keep])
        with pytest.raises(DamagedData):
            Las().read(path)
