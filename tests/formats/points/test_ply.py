"""PLY in its three forms, against bytes laid out by hand."""

import struct

import numpy as np
import pytest

from viewer.formats.base import DamagedData
from viewer.formats.points.ply import Ply

PROPERTIES = (
    "property double x\nproperty float y\nproperty float32 z\nproperty uchar red\n"
    "property bool flag\nproperty short s\nproperty uint u\nproperty int8 c\n"
)
ROWS = [(0.1, 2.5, -3.0, 255, 1, -32768, 2**32 - 1, -128), (1e6, 0, 1, 0, 0, 7, 8, 9)]
NAMES = ("red", "flag", "s", "u", "c")
FORMS = {"ascii": None, "binary_little_endian": "<", "binary_big_endian": ">"}


@pytest.fixture
def read(tmp_path):
    """Write bytes to a .ply file and read it."""

    def write_and_read(header, body, fields=None):
        path = tmp_path / "cloud.ply"
        path.write_bytes(b"ply\n" + header.encode() + b"end_header\n" + body)
        return Ply().read(path, fields=fields)

    return write_and_read


def head(form, *elements):
    return f"format {form} 1.0\ncomment made by hand\nobj_info x\n" + "".join(elements)


def pack(form, kinds, rows):
    if FORMS[form] is None:
        return "".join(" ".join(map(str, row)) + "\n" for row in rows).encode()
    return b"".join(struct.pack(FORMS[form] + kinds, *row) for row in rows)


@pytest.mark.parametrize("form", FORMS)
def test_every_property_is_kept_by_name_and_type(read, form, kernels_loaded):
    cloud = read(head(form, "element vertex 2\n", PROPERTIES), pack(form, "dffBBhIb", ROWS))
    assert cloud.xyz.tolist() == [list(row[:3]) for row in ROWS]
    assert cloud.xyz.dtype == np.float64
    assert tuple(cloud.fields) == NAMES
    for index, name in enumerate(NAMES):
        assert cloud.fields[name].tolist() == [row[3 + index] for row in ROWS]
        assert cloud.fields[name].dtype.isnative
    assert [v.dtype.str[1:] for v in cloud.fields.values()] == ["u1", "u1", "i2", "u4", "i1"]


@pytest.mark.parametrize("form", FORMS)
def test_lists_and_other_elements_are_skipped(read, form, kernels_loaded):
    elements = (
        "element camera 1\nproperty float a\nproperty int b\n"
        "element strip 2\nproperty list uchar int index\nproperty uchar k\n"
        "element vertex 2\nproperty list ushort float weights\nproperty float x\nproperty float y\n"
        "property list int uchar more\nproperty float z\nproperty uchar i\n"
        "element face 1\nproperty list uchar int vertex_indices\n"
    )
    body = (
        pack(form, "fi", [(1.5, 2)])
        + pack(form, "BiiB", [(2, 7, 8, 1)])
        + pack(form, "BB", [(0, 9)])
        + pack(form, "HffffiBBfB", [(2, 0.5, 0.5, 1, 2, 2, 5, 6, 3, 10)])
        + pack(form, "HffifB", [(0, 4, 5, 0, 6, 20)])
        + pack(form, "Biii", [(3, 0, 1, 1)])
    )
    cloud = read(head(form, elements), body)
    assert cloud.xyz.tolist() == [[1, 2, 3], [4, 5, 6]]
    assert {name: v.tolist() for name, v in cloud.fields.items()} == {"i": [10, 20]}


@pytest.mark.parametrize("form", FORMS)
def test_zero_vertices_and_chosen_fields(read, form):
    assert len(read(head(form, "element vertex 0\n", PROPERTIES), b"")) == 0
    body = pack(form, "dffBBhIb", ROWS)
    cloud = read(head(form, "element vertex 2\n", PROPERTIES), body, fields=("u",))
    assert {name: v.tolist() for name, v in cloud.fields.items()} == {"u": [2**32 - 1, 8]}


def test_trailing_spaces_and_crlf_are_harmless(tmp_path):
    path = tmp_path / "cloud.ply"
    path.write_bytes(
        b"ply \r\nformat ascii 1.0\r\nelement vertex 2 \r\nproperty float x\r\n"
        b"property float y\r\nproperty float z \r\nend_header\r\n 1 2 3 \r\n4 5 6\r\n"
    )
    assert Ply().read(path).xyz.tolist() == [[1, 2, 3], [4, 5, 6]]


XYZ = "property float x\nproperty float y\nproperty float z\n"


@pytest.mark.parametrize("form", FORMS)
def test_truncated_data_is_refused(read, form, kernels_loaded):
    body = pack(form, "dffBBhIb", ROWS)
    for keep in range(len(body) - 4):
        with pytest.raises(DamagedData):
            read(head(form, "element vertex 2\n", PROPERTIES), body[:keep])


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        ("element vertex 1\n" + XYZ, "no format line"),
        (head("binary_middle_endian", "element vertex 1\n", XYZ), "not known to PLY"),
        (head("ascii", "element vertex 1\nproperty quad x\n"), "not known to PLY"),
        (head("ascii", "property float x\n"), "does not belong"),
        (head("ascii", "element vertex many\n"), "does not belong"),
        (head("ascii", "element vertex -1\n"), "does not belong"),
        (head("ascii", "element vertex " + "9" * 30 + "\n", XYZ), "absurd"),
        (head("ascii", "element vertex 1\nproperty float x\n"), "no properties x, y and z"),
        (head("ascii", "element face 1\n", XYZ), "no element vertex"),
        (head("ascii", "element vertex 999999999999\n", XYZ), "too short"),
        (head("binary_little_endian", "element vertex 999999999999\n", XYZ), "only 12 are there"),
        (
            head("binary_little_endian", "element vertex 9\nproperty list uint int n\n", XYZ),
            "do not fit",
        ),
        (
            head("binary_little_endian", "element face 1\nproperty list float int n\n"),
            "cannot be a float",
        ),
        (head("ascii", "element face 99999\nproperty int a\nelement vertex 1\n", XYZ), "before"),
    ],
)
def test_an_impossible_header_is_named(read, header, problem):
    with pytest.raises(DamagedData, match=problem):
        read(header, b"\0" * 12)


def test_a_list_longer_than_the_file_is_refused(read):
    header = head("binary_little_endian", "element vertex 1\n", XYZ, "property list uint int n\n")
    with pytest.raises(DamagedData, match="row 0 reaches beyond"):
        read(header, struct.pack("<fffI", 1, 2, 3, 2**32 - 1) + b"\0" * 8)


@pytest.mark.parametrize("content", [b"", b"ply", b"plywood\n", b"ply\n" * 3, b"\xff" * 100])
def test_other_files_are_refused(tmp_path, content):
    path = tmp_path / "cloud.ply"
    path.write_bytes(content)
    with pytest.raises(DamagedData):
        Ply().read(path)
