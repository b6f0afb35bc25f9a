"""Point clouds that are written read back the same, by our reader and by another program's."""

import numpy as np
import pytest

from viewer.formats.native.lzf_kernels import compress
from viewer.formats.native.pcd_file import write_pcd
from viewer.formats.points.catalog import read_points
from viewer.geometry.transform import RigidTransform
from viewer.scene.point_cloud import PointCloud

RNG = np.random.default_rng(11)


def expand(stream):
    """LZF by the letter of its description, byte after byte."""
    out = bytearray()
    at = 0
    while at < len(stream):
        control = stream[at]
        at += 1
        if control < 32:
            out += stream[at : at + control + 1]
            at += control + 1
            continue
        length = control >> 5
        if length == 7:
            length += stream[at]
            at += 1
        distance = ((control & 31) << 8 | stream[at]) + 1
        at += 1
        for _ in range(length + 2):
            out.append(out[-distance])
    return bytes(out)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"a", b"ab", b"abc", b"aaaa", b"a" * 32, b"a" * 33, b"ab" * 5000, b"abc" * 100_000,
        RNG.bytes(31), RNG.bytes(32), RNG.bytes(33), RNG.bytes(70_000),
        RNG.integers(0, 3, 50_000, dtype=np.uint8).tobytes(),
        np.sin(np.arange(20_000, dtype=np.float32)).tobytes(),
        (RNG.bytes(300) * 40) + RNG.bytes(9000) + RNG.bytes(300) * 3,
    ],
    ids=lambda data: f"{len(data)}",
)  # fmt: skip
def test_compressed_bytes_expand_to_the_source(data):
    packed = compress(np.frombuffer(data, dtype=np.uint8)).tobytes()
    assert expand(packed) == data
    assert len(packed) <= len(data) * 33 / 32 + 1


def test_repeated_bytes_get_much_smaller():
    packed = compress(np.frombuffer(b"lidar" * 20_000, dtype=np.uint8))
    assert len(packed) < 100_000 / 80


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("count", [0, 1, 5000])
def test_fields_types_and_viewpoint_read_back(tmp_path, compressed, count):
    cloud = PointCloud(
        xyz=RNG.normal(size=(count, 3)).astype(np.float32),
        fields={
            "ring": RNG.integers(0, 32, count).astype(np.uint8),
            "time": RNG.normal(size=count),
            "big": RNG.integers(-(2**60), 2**60, count),
            "normal": RNG.normal(size=(count, 3)).astype(np.float32),
        },
        viewpoint=RigidTransform.from_quaternion("world", "sensor", (0.6, 0, 0, 0.8), (1, 2, 3)),
    )
    path = tmp_path / "a.pcd"
    write_pcd(path, cloud, compressed=compressed)
    read = read_points(path)
    np.testing.assert_array_equal(read.xyz, cloud.xyz)
    assert list(read.fields) == list(cloud.fields)
    for name, values in cloud.fields.items():
        np.testing.assert_array_equal(read.fields[name], values)
        assert read.fields[name].dtype == values.dtype
    np.testing.assert_allclose(read.viewpoint.matrix, cloud.viewpoint.matrix, atol=1e-12)


def test_organised_clouds_keep_their_shape_and_missing_points(tmp_path):
    xyz = RNG.normal(size=(12, 3))
    xyz[5] = np.nan
    write_pcd(tmp_path / "a.pcd", PointCloud(xyz, organized_shape=(3, 4)))
    read = read_points(tmp_path / "a.pcd")
    assert read.organized_shape == (3, 4)
    assert read.xyz.dtype == np.float64
    np.testing.assert_array_equal(read.xyz, xyz)


def test_types_that_pcd_lacks_become_the_next_wider(tmp_path):
    fields = {"half": np.array([0.5], dtype=np.float16), "flag": np.array([True])}
    write_pcd(tmp_path / "a.pcd", PointCloud(np.zeros((1, 3)), fields))
    read = read_points(tmp_path / "a.pcd")
    assert (read.fields["half"].dtype, read.fields["flag"].dtype) == (np.float32, np.uint8)
    assert (read.fields["half"][0], read.fields["flag"][0]) == (0.5, 1)


def test_field_names_with_spaces_or_of_coordinates_stay_apart(tmp_path):
    fields = {"my field": np.array([1]), "my_field": np.array([2]), "x": np.array([3])}
    write_pcd(tmp_path / "a.pcd", PointCloud(np.zeros((1, 3)), fields))
    read = read_points(tmp_path / "a.pcd")
    assert {name: int(values[0]) for name, values in read.fields.items()} == {
        "my_field": 1, "my_field_": 2, "x_": 3,
    }  # fmt: skip


@pytest.mark.parametrize("compressed", [False, True])
def test_another_program_reads_the_same_points(tmp_path, compressed):
    open3d = pytest.importorskip("open3d", exc_type=ImportError)
    xyz = RNG.normal(size=(3000, 3)).astype(np.float32)
    cloud = PointCloud(xyz, {"intensity": RNG.integers(0, 256, 3000).astype(np.uint8)})
    write_pcd(tmp_path / "a.pcd", cloud, compressed=compressed)
    read = open3d.t.io.read_point_cloud(str(tmp_path / "a.pcd"))
    np.testing.assert_array_equal(read.point.positions.numpy(), xyz)
    np.testing.assert_array_equal(read.point.intensity.numpy().ravel(), cloud.fields["intensity"])
