"""Rows of numbers in text: values, every notation, and errors that name the line."""

import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer.formats.base import DamagedData
from viewer.formats.points import text_rows, warm_up
from viewer.formats.points.text_rows import TextField, parse_word, read_rows

LONG = bool(os.environ.get("SIGHTLINE_LONG"))
F4, F8 = np.dtype(np.float32), np.dtype(np.float64)
AXES = ("x", "y", "z")
XYZ = [TextField(axis, F4) for axis in AXES]


def read(text, rows, fields=None):
    content = np.frombuffer(b"\n" + text.encode(), dtype=np.uint8)
    return read_rows("cloud.pcd", content, 1, rows, fields or XYZ, AXES)


def test_random_doubles_come_back_bit_for_bit(kernels_loaded):
    random = np.random.default_rng(5)
    bits = random.integers(0, 2**63, 6000 if not LONG else 600_000, dtype=np.uint64)
    values = bits.view(np.float64)
    values = values[np.isfinite(values)]
    values = values[: len(values) // 3 * 3].reshape(-1, 3)
    text = "\n".join(" ".join(map(repr, row)) for row in values.tolist())
    fields = [TextField(axis, F8) for axis in AXES]
    xyz, _ = read(text, len(values), fields)
    assert (xyz == values).all()


def test_random_singles_of_every_length_are_rounded_as_numpy_rounds(kernels_loaded):
    random = np.random.default_rng(6)
    words = [
        f"{value:.{digits}{kind}}"
        for value in random.normal(0, 10.0 ** random.integers(-30, 30, 300)).tolist()
        for digits in (1, 4, 8, 17, 25)
        for kind in "eg"
    ]
    text = "\n".join(" ".join(words[at : at + 3]) for at in range(0, len(words), 3))
    xyz, _ = read(text, len(words) // 3)
    # None of these decimals lies between two singles, so rounding twice is harmless.
    assert (xyz.ravel() == np.array([float(word) for word in words]).astype(np.float32)).all()


@settings(max_examples=3000 if LONG else 60, deadline=None)
@given(
    st.lists(
        st.from_regex(r"[+-]?[0-9]{0,22}(\.[0-9]{0,22})?([eE][+-]?[0-9]{1,4})?", fullmatch=True),
        min_size=3,
        max_size=3,
    )
)
def test_compiled_and_plain_agree_on_anything_that_looks_like_a_number(words):
    warm_up()
    text = " ".join(words)
    outcomes = []
    for name in ("viewer.formats.points.text_kernels", "no.such.module"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(text_rows, "_KERNELS", name)
            try:
                outcomes.append(read(text, 1)[0].view(np.uint32).tolist())
            except DamagedData as error:
                outcomes.append(error.place)
    assert outcomes[0] == outcomes[1]


def test_special_words(kernels_loaded):
    xyz, _ = read("nan NaN -nan\ninf -Inf INF\n1.#QNAN -1.#IND 1.#INF\n+1 -0 1e+2", 4)
    assert np.isnan(xyz[0]).all()
    assert xyz[1].tolist() == [np.inf, -np.inf, np.inf]
    assert np.isnan(xyz[2, :2]).all()
    assert xyz[2, 2] == np.inf
    assert xyz[3].tolist() == [1, 0, 100]
    assert np.signbit(xyz[3, 1])


def test_blank_lines_comments_tabs_and_carriage_returns_are_no_rows(kernels_loaded):
    text = "\n# a comment\n1 2 3\r\n\t4\t5 6 \r\n\r\n   \n#\n7 8 9"
    xyz, _ = read(text, 3)
    assert xyz.tolist() == [[1, 2, 3], [4, 5, 6], [7, 8, 9]]


def test_what_follows_the_last_row_is_ignored(kernels_loaded):
    xyz, _ = read("1 2 3\n4 5 6\nnot a row at all, really\n", 2)
    assert xyz.tolist() == [[1, 2, 3], [4, 5, 6]]


def test_integers_keep_their_type_and_all_their_digits(kernels_loaded):
    fields = [
        *XYZ,
        TextField("u8", np.dtype("u8")),
        TextField("i8", np.dtype("i8")),
        TextField("u1", np.dtype("u1"), 2),
        TextField("pad", None, 2),
        TextField("i2", np.dtype("i2")),
    ]
    row = "0 0 0 18446744073709551615 -9223372036854775808 255 0 x y -32768"
    _, kept = read(f"{row}\n0 0 0 1.0 -2e3 7 8 x y +5", 2, fields)
    assert list(kept) == ["u8", "i8", "u1", "i2"]
    assert kept["u8"].tolist() == [2**64 - 1, 1]
    assert kept["i8"].tolist() == [-(2**63), -2000]
    assert kept["u1"].tolist() == [[255, 0], [7, 8]]
    assert kept["i2"].tolist() == [-32768, 5]
    assert [values.dtype.str for values in kept.values()] == ["<u8", "<i8", "|u1", "<i2"]


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("1 2 3\n4 5\n7 8 9", 3, "too few"),
        ("1 2 3\n\n4 5 6 7\n", 4, "too many"),
        ("1 2 3\n4 x 6\n", 3, "'x' is not a number"),
        ("1 2 3\n4 1_0 6\n", 3, "'1_0' is not a number"),
        ("1 2 3\n4 1e 6\n", 3, "'1e' is not a number"),
        ("1 2 3\n4 - 6\n", 3, "'-' is not a number"),
        ("1 2 3\n4 0x10 6\n", 3, "'0x10' is not a number"),
    ],
)
def test_a_bad_row_is_named_by_its_line(kernels_loaded, text, line, problem):
    # The text starts on the file's second line.
    with pytest.raises(DamagedData, match=problem) as caught:
        read(text, 2)
    assert caught.value.place == f"line {line}"


@pytest.mark.parametrize("word", ["256", "-1", "1.5", "nan", "1e30", "inf", "9" * 500])
def test_an_integer_that_does_not_fit_is_refused(kernels_loaded, word):
    with pytest.raises(DamagedData) as caught:
        read(f"0 0 0 {word}", 1, [*XYZ, TextField("u1", np.dtype("u1"))])
    assert caught.value.place == "line 2"


def test_missing_rows_are_counted(kernels_loaded):
    with pytest.raises(DamagedData, match="has 2 of 3 points"):
        read("1 2 3\n4 5 6            ", 3)


def test_an_absurd_row_count_allocates_nothing(kernels_loaded):
    with pytest.raises(DamagedData, match="too short"):
        read("1 2 3\n", 10**15)


def test_lists_are_skipped(kernels_loaded):
    fields = [TextField("list", None, is_list=True), *XYZ]
    xyz, _ = read("2 9 9 1 2 3\n0 4 5 6\n", 2, fields)
    assert xyz.tolist() == [[1, 2, 3], [4, 5, 6]]
    with pytest.raises(DamagedData) as caught:
        read("2 9 9 1 2 3\n7 4 5 6\n", 2, fields)
    assert caught.value.place == "line 3"


def test_many_chunks_give_the_rows_in_order(monkeypatch):
    warm_up()
    monkeypatch.setattr(text_rows, "MIN_CHUNK_BYTES", 64)
    rows = np.arange(3000.0).reshape(-1, 3)
    lines = [" ".join(map(str, row)) for row in rows.tolist()]
    lines[100:100] = ["", "# comment", "   "]
    xyz, _ = read("\n".join(lines), 1000)
    assert (xyz == rows).all()
    lines[900] = "1 2"
    with pytest.raises(DamagedData) as caught:
        read("\n".join(lines), 1000)
    assert caught.value.place == "line 902"


def test_a_very_long_line_without_newlines_is_one_chunk(monkeypatch):
    warm_up()
    monkeypatch.setattr(text_rows, "MIN_CHUNK_BYTES", 64)
    xyz, _ = read("1" + " " * 20_000 + "2 3", 1)
    assert xyz.tolist() == [[1, 2, 3]]


def test_a_single_is_rounded_once():
    # A hair above 1 + 2**-24: float64 sees the exact half between two singles, which goes to even.
    word = b"1.0000000596046447753906250000000008271806125530277"
    assert np.float32(float(word)) == 1.0
    assert parse_word(word, F4) == 1.0 + 2.0**-23
