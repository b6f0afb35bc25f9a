"""PCD in all its forms, against bytes laid out by hand."""

import struct

import numpy as np
import pytest

from viewer.formats.base import DamagedData
from viewer.formats.points.pcd import Pcd

XYZ = [("x", "F", 4, 1), ("y", "F", 4, 1), ("z", "F", 4, 1)]
EVERY_TYPE = [
    *XYZ,
    *((f"{kind}{size}".lower(), kind, size, 1) for kind in "IU" for size in (1, 2, 4, 8)),
    ("f4", "F", 4, 1),
    ("f8", "F", 8, 1),
    ("many", "I", 2, 3),
]
FORMS = ("ascii", "binary", "binary_compressed")


@pytest.fixture
def table():
    """Rows of every type, the extremes of each among them."""
    random = np.random.default_rng(0)
    dtype = np.dtype(
        [
            (name, f"<{kind.lower()}{size}", (count,) if count > 1 else ())
            for name, kind, size, count in EVERY_TYPE
        ]
    )
    rows = np.frombuffer(random.bytes(50 * dtype.itemsize), dtype=dtype).copy()
    for name in ("x", "y", "z", "f4", "f8"):
        rows[name] = random.normal(0, 100, 50)
    for name, kind, size, _ in EVERY_TYPE[3:11]:
        limits = np.iinfo(f"{kind.lower()}{size}")
        rows[name][:2] = limits.min, limits.max
    rows["x"][3] = np.nan
    return rows


def body(rows, form):
    if form == "binary":
        return rows.tobytes()
    if form == "binary_compressed":
        return compressed(b"".join(rows[name].tobytes() for name in rows.dtype.names))
    lines = (
        " ".join(repr(v) for item in row for v in (item if isinstance(item, list) else [item]))
        for row in (tuple(np.asarray(v).tolist() for v in row) for row in rows)
    )
    return "\n".join(lines).encode() + b"\n"


def compressed(columns):
    literals = b"".join(
        bytes([len(columns[at : at + 32]) - 1]) + columns[at : at + 32]
        for at in range(0, len(columns), 32)
    )
    return struct.pack("<II", len(literals), len(columns)) + literals


def header(fields, count, form, **extra):
    lines = {
        "VERSION": "0.7",
        "FIELDS": " ".join(f[0] for f in fields),
        "SIZE": " ".join(str(f[2]) for f in fields),
        "TYPE": " ".join(f[1] for f in fields),
        "COUNT": " ".join(str(f[3]) for f in fields),
        "WIDTH": str(count),
        "HEIGHT": "1",
        "POINTS": str(count),
    }
    lines |= extra
    lines["DATA"] = form
    return "".join(f"{key} {value}\n" for key, value in lines.items() if value is not None).encode()


@pytest.fixture
def read(tmp_path):
    """Write bytes to a .pcd file and read it."""

    def write_and_read(*parts, fields=None):
        path = tmp_path / "cloud.pcd"
        path.write_bytes(b"".join(parts))
        return Pcd().read(path, fields=fields)

    return write_and_read


def three(form, rows=((1, 2, 3), (4, 5, 6))):
    array = np.array([tuple(row) for row in rows], dtype=[(a, "<f4") for a in "xyz"])
    return body(array, form)


@pytest.mark.parametrize("form", FORMS)
def test_every_type_comes_back_exactly(read, table, form, kernels_loaded):
    cloud = read(header(EVERY_TYPE, 50, form), body(table, form))
    expected = np.stack([table[axis] for axis in "xyz"], axis=1)
    np.testing.assert_array_equal(cloud.xyz, expected)
    assert cloud.xyz.dtype == np.float32
    assert cloud.xyz.flags.c_contiguous
    assert cloud.finite_count == 49
    assert list(cloud.fields) == [name for name, *_ in EVERY_TYPE[3:]]
    for name, values in cloud.fields.items():
        assert values.dtype == table[name].dtype
        np.testing.assert_array_equal(values, table[name])
    assert cloud.fields["many"].shape == (50, 3)


@pytest.mark.parametrize("form", FORMS)
def test_only_the_wanted_fields_are_kept(read, table, form, kernels_loaded):
    cloud = read(header(EVERY_TYPE, 50, form), body(table, form), fields=("u2", "no such"))
    assert list(cloud.fields) == ["u2"]
    np.testing.assert_array_equal(cloud.fields["u2"], table["u2"])


@pytest.mark.parametrize("form", FORMS)
def test_padding_is_dropped_and_keeps_its_place(read, form):
    fields = [XYZ[0], ("_", "U", 1, 4), *XYZ[1:], ("_", "F", 4, 1), ("i", "U", 2, 1)]
    dtype = [("x", "<f4"), ("p", "u1", 4), ("y", "<f4"), ("z", "<f4"), ("q", "<f4"), ("i", "<u2")]
    rows = np.array([(1, (9, 9, 9, 9), 2, 3, 9, 7), (4, (9, 9, 9, 9), 5, 6, 9, 8)], dtype=dtype)
    cloud = read(header(fields, 2, form), body(rows, form))
    assert cloud.xyz.tolist() == [[1, 2, 3], [4, 5, 6]]
    assert {name: v.tolist() for name, v in cloud.fields.items()} == {"i": [7, 8]}


def test_padding_of_count_zero_takes_no_bytes_and_trailing_bytes_are_ignored(read):
    fields = [*XYZ, ("_", "U", 1, 0), ("i", "F", 4, 1)]
    rows = np.arange(8, dtype="<f4").tobytes()
    cloud = read(header(fields, 2, "binary"), rows, b"\0" * 3848)
    assert cloud.xyz.tolist() == [[0, 1, 2], [4, 5, 6]]
    assert cloud.fields["i"].tolist() == [3, 7]


def test_double_positions_stay_double(read, kernels_loaded):
    fields = [(axis, "F", 8, 1) for axis in "xyz"]
    rows = np.array([[500_000.123456, 5_400_000.000001, 3.0]])
    cloud = read(header(fields, 1, "binary"), rows.tobytes())
    assert cloud.xyz.dtype == np.float64
    assert cloud.xyz.tolist() == rows.tolist()


def test_mixed_and_whole_positions_lose_nothing(read):
    fields = [("x", "F", 8, 1), ("y", "I", 4, 1), ("z", "U", 1, 1)]
    cloud = read(header(fields, 1, "binary"), struct.pack("<diB", 0.1, 2**31 - 1, 200))
    assert cloud.xyz.tolist() == [[0.1, 2**31 - 1, 200]]
    small = [("x", "I", 2, 1), ("y", "F", 4, 1), ("z", "U", 1, 1)]
    cloud = read(header(small, 1, "binary"), struct.pack("<hfB", -7, 0.5, 200))
    assert cloud.xyz.dtype == np.float32
    assert cloud.xyz.tolist() == [[-7, 0.5, 200]]


def test_header_in_any_order_with_comments_crlf_and_no_version(read):
    text = (
        b"# comment\r\nPOINTS 2\r\n\r\nHEIGHT 1\r\nWIDTH 2\r\nCOUNT 1 1 1\r\nTYPE F F F\r\n"
        b"# another\r\nSIZE 4 4 4\r\nFIELDS X Y Z\r\nDATA ascii\r\n1 2 3\r\n4 5 6\r\n"
    )
    cloud = read(text)
    assert cloud.xyz.tolist() == [[1, 2, 3], [4, 5, 6]]
    assert cloud.viewpoint is None
    assert not cloud.fields


def test_crlf_before_binary_data(read):
    cloud = read(header(XYZ, 2, "binary").replace(b"\n", b"\r\n"), three("binary"))
    assert cloud.xyz.tolist() == [[1, 2, 3], [4, 5, 6]]


def test_count_and_points_may_be_missing(read):
    head = header(XYZ, 2, "binary", COUNT=None, POINTS=None, VERSION=None)
    assert len(read(head, three("binary"))) == 2


def test_lower_case_coordinates_win_and_repeated_names_get_a_number(read):
    fields = [("X", "F", 4, 1), *XYZ, ("i", "U", 1, 1), ("i", "U", 1, 1)]
    cloud = read(header(fields, 1, "binary"), struct.pack("<ffffBB", 9, 1, 2, 3, 4, 5))
    assert cloud.xyz.tolist() == [[1, 2, 3]]
    assert {name: v.tolist() for name, v in cloud.fields.items()} == {
        "X": [9],
        "i": [4],
        "i_2": [5],
    }


@pytest.mark.parametrize("form", FORMS)
def test_organised_clouds_keep_their_shape_and_nan_rows(read, form, kernels_loaded):
    rows = [(1, 2, 3), (np.nan,) * 3, (np.inf, 0, 0), (4, 5, 6), (7, 8, 9), (np.nan, 1, 1)]
    cloud = read(header(XYZ, 6, form, WIDTH="3", HEIGHT="2"), three(form, rows))
    assert cloud.organized_shape == (2, 3)
    assert len(cloud) == 6
    assert cloud.finite_count == 3
    np.testing.assert_array_equal(cloud.xyz, np.array(rows, dtype=np.float32))


def test_points_hold_where_width_and_height_disagree(read):
    cloud = read(header(XYZ, 2, "binary", WIDTH="5", HEIGHT="4"), three("binary"))
    assert len(cloud) == 2
    assert cloud.organized_shape is None


@pytest.mark.parametrize("form", FORMS)
def test_zero_points(read, form, kernels_loaded):
    cloud = read(header([*XYZ, ("i", "U", 2, 1)], 0, form, HEIGHT="0"))
    assert cloud.xyz.shape == (0, 3)
    assert cloud.fields["i"].shape == (0,)
    assert cloud.finite_count == 0
    assert cloud.bounds() is None


def test_viewpoint_is_kept_and_moves_nothing(read):
    # A quarter turn about z, written with length 2.
    head = header(XYZ, 2, "binary", VIEWPOINT="10 20 30 1.4142135623730951 0 0 1.4142135623730951")
    cloud = read(head, three("binary"))
    assert cloud.xyz.tolist() == [[1, 2, 3], [4, 5, 6]]
    assert (cloud.viewpoint.dst, cloud.viewpoint.src) == (cloud.coord_frame_id, "sensor")
    np.testing.assert_allclose(cloud.viewpoint.apply([[1.0, 0, 0]]), [[10, 21, 30]], atol=1e-12)


@pytest.mark.parametrize("words", ["0 0 0 0 0 0 0", "1 2 3", "a b c d e f g", "nan 0 0 1 0 0 0"])
def test_an_impossible_viewpoint_is_none(read, words):
    assert read(header(XYZ, 2, "binary", VIEWPOINT=words), three("binary")).viewpoint is None


@pytest.mark.parametrize(
    ("extra", "problem"),
    [
        ({"POINTS": "-2"}, "not a count"),
        ({"POINTS": "2e9"}, "not a count"),
        ({"POINTS": "999999999999"}, "need 11999999999988 bytes"),
        ({"POINTS": "9" * 40}, "not a count"),
        ({"FIELDS": "x y w"}, "no fields x, y and z"),
        ({"FIELDS": "x y"}, "3 entries for 2 fields"),
        ({"SIZE": "4 4 3"}, "TYPE F SIZE 3"),
        ({"TYPE": "F F Q"}, "TYPE Q SIZE 4"),
        ({"COUNT": "1 1 99999999"}, "absurd"),
        ({"COUNT": "1 1 2"}, "no fields x, y and z"),
        ({"FIELDS": None}, "has no FIELDS line"),
        ({"SIZE": None}, "has no SIZE line"),
        ({"NONSENSE": "1"}, "no PCD header entry"),
        ({"WIDTH": None, "POINTS": None}, "neither POINTS nor WIDTH"),
    ],
)
def test_an_impossible_header_is_named(read, extra, problem):
    with pytest.raises(DamagedData, match=problem) as caught:
        read(header(XYZ, 2, "binary", **extra), three("binary"))
    assert caught.value.place
    assert caught.value.path.name == "cloud.pcd"


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"VERSION .7\nFIEL", b"\x89PNG\r\n\x1a\n" * 20, b"ply\nformat ascii 1.0\n"],
)
def test_other_files_are_refused(read, content):
    with pytest.raises(DamagedData):
        read(content)


@pytest.mark.parametrize("form", ["zip", ""])
def test_an_unknown_form_is_refused(read, form):
    with pytest.raises(DamagedData, match="not a form of PCD"):
        read(header(XYZ, 2, form), three("binary"))


@pytest.mark.parametrize("form", FORMS)
def test_truncated_data_is_refused(read, form, kernels_loaded):
    data = three(form)
    for keep in range(len(data) - 3):
        with pytest.raises(DamagedData):
            read(header(XYZ, 2, form), data[:keep])


def test_a_compressed_block_too_small_for_its_points_is_refused(read):
    with pytest.raises(DamagedData, match="3 points need 36 bytes"):
        read(header(XYZ, 3, "binary_compressed"), three("binary_compressed"))


def test_a_compressed_size_beyond_all_reason_allocates_nothing(read):
    data = struct.pack("<II", 4, 2**32 - 1) + b"\x02abc"
    with pytest.raises(DamagedData, match="cannot hold"):
        read(header(XYZ, 2, "binary_compressed"), data)


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    with pytest.raises(DamagedData, match="missing"):
        Pcd().read(tmp_path / "none.pcd")
    with pytest.raises(DamagedData, match=r"folder|cannot be read"):
        Pcd().read(tmp_path)


def test_the_cloud_outlives_its_file(read, tmp_path):
    cloud = read(header([*XYZ, ("i", "U", 2, 1)], 1, "binary"), struct.pack("<fffH", 1, 2, 3, 4))
    (tmp_path / "cloud.pcd").write_bytes(b"")
    assert cloud.xyz.tolist() == [[1, 2, 3]]
    assert cloud.fields["i"].tolist() == [4]
