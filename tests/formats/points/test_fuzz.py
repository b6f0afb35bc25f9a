"""Damaged files of every format: a cloud or `DamagedData` and nothing else.

The short form makes 200 files a format, the long one (SIGHTLINE_LONG=1) 5,000.
"""

import os

import numpy as np
import pytest

from viewer.formats.base import DamagedData
from viewer.formats.points.catalog import read_points

COUNT = 5000 if os.environ.get("SIGHTLINE_LONG") else 200

_HEADER = (
    "# .PCD v0.7\nVERSION 0.7\nFIELDS x y z _ i t\nSIZE 4 4 4 1 2 8\nTYPE F F F U U F\n"
    "COUNT 1 1 1 2 1 1\nWIDTH 10\nHEIGHT 4\nVIEWPOINT 0 0 0 1 0 0 0\nPOINTS 40\nDATA "
)
_TABLE = np.zeros(
    40,
    dtype=[("x", "<f4"), ("y", "<f4"), ("z", "<f4"), ("p", "u1", 2), ("i", "<u2"), ("t", "<f8")],
)
for _name in "xyzit":
    _TABLE[_name] = np.random.default_rng(ord(_name)).normal(100, 30, 40)
_PLY = (
    "ply\nformat {} 1.0\nelement camera 1\nproperty int a\nelement vertex 40\n"
    "property float x\nproperty float y\nproperty float z\nproperty list uchar short w\n"
    "property ushort i\nelement face 2\nproperty list uchar int n\nend_header\n"
)


def _lzf(data):
    """Compress with literals and, where a byte repeats, copies."""
    out = bytearray()
    at = 0
    while at < len(data):
        run = len(data[at : at + 9]) - len(data[at : at + 9].lstrip(data[at : at + 1]))
        if run >= 4:
            out += bytes([0, data[at], (run - 3) << 5, 0])
            at += run
        else:
            out += bytes([0, data[at]])
            at += 1
    return bytes(out)


def _ply(form):
    if form == "ascii":
        rows = "".join(f"{r['x']} {r['y']} {r['z']} 2 1 2 {r['i']}\n" for r in _TABLE)
        return (_PLY.format(form) + "7\n" + rows + "3 0 1 2\n1 0\n").encode()
    order = "<" if "little" in form else ">"
    rows = b"".join(
        np.array([r["x"], r["y"], r["z"]], dtype=f"{order}f4").tobytes()
        + b"\x02"
        + np.array([1, 2, r["i"]], dtype=f"{order}u2").tobytes()
        for r in _TABLE
    )
    return _PLY.format(form).encode() + b"\0\0\0\7" + rows + b"\0\0"


def _pcd_ascii():
    rows = "".join(f"{r['x']} {r['y']} {r['z']} 1 2 {r['i']} {r['t']!s}\n" for r in _TABLE)
    return (_HEADER + "ascii\n" + rows).encode()


def _pcd_compressed():
    columns = b"".join(_TABLE[name].tobytes() for name in _TABLE.dtype.names)
    packed = _lzf(columns)
    sizes = np.array([len(packed), len(columns)], dtype="<u4").tobytes()
    return (_HEADER + "binary_compressed\n").encode() + sizes + packed


def _numpy_file(tmp_path, save):
    path = tmp_path / "good.npz"
    with path.open("wb") as file:
        save(file, np.random.default_rng(0).normal(size=(40, 4)))
    return path.read_bytes()


FILES = {
    "ascii.pcd": lambda _: _pcd_ascii(),
    "binary.pcd": lambda _: (_HEADER + "binary\n").encode() + _TABLE.tobytes(),
    "compressed.pcd": lambda _: _pcd_compressed(),
    "sweep.bin": lambda _: np.random.default_rng(0).normal(0, 30, 480).astype("<f4").tobytes(),
    "sweep.pcd.bin": lambda _: np.arange(200, dtype="<f4").tobytes(),
    "cloud.npy": lambda folder: _numpy_file(folder, np.save),
    "cloud.npz": lambda folder: _numpy_file(folder, np.savez_compressed),
    "ascii.ply": lambda _: _ply("ascii"),
    "little.ply": lambda _: _ply("binary_little_endian"),
    "big.ply": lambda _: _ply("binary_big_endian"),
}


def survive(path, contents):
    """Read every content; return how many were read and how many refused."""
    outcomes = [0, 0]
    named = set()
    for content in contents:
        path.write_bytes(content)
        try:
            cloud = read_points(path)
        except DamagedData as error:
            named.add(error.path)
            outcomes[1] += 1
        else:
            assert cloud.xyz.shape == (len(cloud), 3)
            assert 0 <= cloud.finite_count <= len(cloud)
            cloud.bounds()
            outcomes[0] += 1
    assert named <= {path}
    return outcomes


@pytest.mark.parametrize("name", FILES)
def test_damage_never_does_worse_than_damaged_data(tmp_path, mutations, name, kernels_loaded):
    content = FILES[name](tmp_path)
    path = tmp_path / name
    path.write_bytes(content)
    assert len(read_points(path)) >= 40
    read, refused = survive(path, mutations(content, COUNT, seed=len(name)))
    assert read + refused == COUNT
    assert read > 0
    assert refused > 0


@pytest.mark.parametrize("name", ["cloud.las", "cloud.laz"])
@pytest.mark.parametrize("point_format", [3, 7])
def test_damaged_las_never_does_worse(tmp_path, mutations, write_las, name, point_format):
    path = tmp_path / name
    write_las(path, count=60, point_format=point_format)
    content = path.read_bytes()
    read, refused = survive(path, mutations(content, COUNT, seed=point_format))
    assert read + refused == COUNT
    assert refused > 0
