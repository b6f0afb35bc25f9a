"""NPY and NPZ as numpy writes them, and what must never be loaded."""

import struct
import zipfile

import numpy as np
import pytest

from viewer.formats.base import DamagedData
from viewer.formats.points.catalog import read_points

POINTS = np.random.default_rng(0).normal(size=(20, 5))


@pytest.fixture
def save(tmp_path):
    """Save an array and read it as a cloud."""

    def save_and_read(array, **options):
        path = tmp_path / "cloud.npy"
        np.save(path, array, **options)
        return read_points(path)

    return save_and_read


@pytest.mark.parametrize("dtype", ["<f4", ">f4", "<f8", "<f2", "<i2", "<i4"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_plain_arrays(save, dtype, order, kernels_loaded):
    array = np.asarray(POINTS * 100, dtype=dtype, order=order)
    cloud = save(array)
    np.testing.assert_array_equal(cloud.xyz, array[:, :3])
    assert cloud.xyz.dtype == (np.float64 if dtype in ("<f8", "<i4") else np.float32)
    np.testing.assert_array_equal(cloud.fields["intensity"], array[:, 3])
    np.testing.assert_array_equal(cloud.fields["ring"], array[:, 4])
    assert cloud.fields["ring"].dtype.isnative


def test_structured_arrays_keep_their_fields(save):
    dtype = [("t", "<f8"), ("x", "<f4"), ("y", "<f4"), ("z", "<f4"), ("n", "u1", (3,)), ("s", "S4")]
    array = np.zeros((4, 5), dtype=dtype)
    array["x"] = np.arange(20).reshape(4, 5)
    array["n"][1, 2] = 7, 8, 9
    cloud = save(array)
    assert cloud.xyz[:, 0].tolist() == list(range(20))
    assert list(cloud.fields) == ["t", "n"]
    assert cloud.fields["n"][7].tolist() == [7, 8, 9]


def test_more_columns_are_numbered_and_none_are_fine(save):
    assert list(save(np.zeros((2, 8))).fields)[-1] == "column_7"
    assert len(save(np.zeros((0, 4), dtype="f4"))) == 0


@pytest.mark.parametrize(
    "array",
    [np.zeros((5, 2)), np.zeros(9), np.zeros((2, 3, 4)), np.zeros((5, 3), dtype=complex),
     np.zeros((5, 3), dtype="U2"), np.zeros(3, dtype=[("x", "f4"), ("y", "f4")])],
)  # fmt: skip
def test_arrays_that_are_no_cloud_are_refused(save, array):
    with pytest.raises(DamagedData):
        save(array)


def test_pickles_are_never_loaded(save):
    class Bomb:
        def __reduce__(self):
            return (pytest.fail, ("a pickle was loaded",))

    with pytest.raises(DamagedData, match="never loaded"):
        save(np.array([[Bomb()] * 3], dtype=object), allow_pickle=True)


def npy(header: str) -> bytes:
    text = header.encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x93NUMPY",
        b"not numpy at all" * 10,
        npy("{'descr': '<f4', 'fortran_order': False, 'shape': (999999999999, 3)}") + b"\0" * 24,
        npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 3)}") + b"\0" * 24,
        npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}") + b"\0" * 23,
        npy("{'descr': '|V0', 'fortran_order': False, 'shape': (2, 3)}"),
        npy("__import__('os').getcwd()"),
        npy("{'descr': '<f4'"),
        npy("{'descr': '<q9', 'fortran_order': False, 'shape': (2, 3)}"),
    ],
)
def test_damage_is_refused(tmp_path, content):
    for name in ("cloud.npy", "cloud.npz"):
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(DamagedData):
            read_points(path)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_archives(tmp_path, save):
    path = tmp_path / "cloud.npz"
    save(path, mesh=np.zeros((3, 3), dtype=int), points=POINTS)
    np.testing.assert_array_equal(read_points(path).xyz, POINTS[:, :3])
    save(path, anything=POINTS[:, :4])
    assert list(read_points(path).fields) == ["intensity"]
    save(path, first=POINTS, second=POINTS)
    with pytest.raises(DamagedData, match="no member called points"):
        read_points(path)


def test_an_archive_that_announces_too_much_is_refused(tmp_path):
    path = tmp_path / "cloud.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("points.npy", b"\0" * 1000)
    data = bytearray(path.read_bytes())
    central = data.index(b"PK\x01\x02")
    data[central + 24 : central + 28] = struct.pack("<I", 2**31)
    path.write_bytes(data)
    with pytest.raises(DamagedData, match="more bytes than"):
        read_points(path)
