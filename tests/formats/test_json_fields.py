"""Fields taken by compiled code beside the standard library's decoder."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer.formats.json_fields import (
    BOOLEAN,
    NUMBER,
    STOP,
    STRING,
    FieldTable,
    columns_of_array,
    columns_of_arrays,
    columns_of_objects,
)

FIELDS = FieldTable(
    {"id": STRING, "a.x": NUMBER, "a.b.y": NUMBER, "flag": BOOLEAN, "a.name": STRING}
)


def raw(text: str | bytes) -> np.ndarray:
    return np.frombuffer(text.encode() if isinstance(text, str) else text, dtype=np.uint8)


def one(text: str | bytes):
    data = raw(text)
    return columns_of_objects(data, np.array([0]), np.array([len(data)]), FIELDS)


simple_text = st.text(st.characters(min_codepoint=32, exclude_characters='"\\', codec="utf-8"))
scalars = st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False)
scalars |= st.integers(-(10**18), 10**18) | st.text()
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)
numbers = (
    st.none() | st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**15), 10**15)
)
objects = st.fixed_dictionaries(
    {},
    optional={
        "id": st.none() | simple_text,
        "flag": st.none() | st.booleans(),
        "a": st.none()
        | st.fixed_dictionaries(
            {},
            optional={
                "x": numbers,
                "name": st.none() | simple_text,
                "b": st.none() | st.fixed_dictionaries({}, optional={"y": numbers, "z": anything}),
                "other": anything,
            },
        ),
        "zz": anything,
    },
)


@given(st.lists(objects, max_size=5), st.sampled_from([None, 1]), st.booleans())
@settings(max_examples=300, deadline=None)
def test_fields_are_those_of_the_decoder(items, indent, ascii_only):
    # A key with an escape makes its object odd; those are left to the decoder.
    text = json.dumps(items, indent=indent, ensure_ascii=ascii_only)
    columns = columns_of_array(raw(text), 0, FIELDS)
    if columns is None:
        assert "\\" in text
        return
    assert len(columns) == len(items)
    ids, names = columns.strings(0), columns.strings(1)
    for row, item in enumerate(items):
        inner = item.get("a") or {}
        assert ids[row] == item.get("id")
        assert names[row] == inner.get("name")
        wanted = [inner.get("x"), (inner.get("b") or {}).get("y"), item.get("flag")]
        for found, value in zip(columns.numbers[row].tolist(), wanted, strict=True):
            assert math.isnan(found) if value is None else found == float(value)
    groups, which = columns.groups(0)
    assert [groups[group] for group in which.tolist()] == ids
    assert columns.single(0) == (ids[0] if len(set(ids)) == 1 else None)


@given(st.floats(allow_nan=False, allow_infinity=False))
@settings(max_examples=500, deadline=None)
def test_numbers_come_back_bit_for_bit(value):
    columns, plain = one(json.dumps({"a": {"x": value}}))
    assert plain[0]
    assert columns.numbers[0, 0].tobytes() == np.float64(value).tobytes()


@pytest.mark.parametrize(
    "text",
    [
        "", "[", "3", "null", "{", '{"id"', '{"id":', '{"id": "a"', '{"id": "a",', '{"id" "a"}',
        '{"id": 3}', '{"id": "\\u0041"}', '{"id": "a\nb"}', '{"i\\u0064": "a"}', '{"flag": 1}',
        '{"a": 3}', '{"a": [1]}', '{"a": {"x": "3"}}', '{"a": {"x": 1e999}}', '{"a": {"x": -}}',
        '{"a": {"x": 1.}}', '{"a": {"x": 1e}}', '{"a": {"x": 1x}}', '{"a": {"x": NaN}}',
        '{"a": {"x": 12345678901234567890123}}', '{"zz": [1, 2}', '{"zz": "abc', "{3: 4}",
    ],
)  # fmt: skip
def test_what_is_not_plain_is_marked(text):
    data = raw(text)
    _, plain = columns_of_objects(data, np.array([0]), np.array([len(data)]), FIELDS)
    # A list that closes with the wrong bracket is skipped unseen, but not past the object's end.
    assert not plain[0]


def test_cut_and_mutated_objects_never_read_outside():
    text = json.dumps(
        {"id": "a", "a": {"x": 1.5, "b": {"y": 2}, "name": "n"}, "flag": True}
    ).encode()
    generator = np.random.default_rng(0)
    seen = 0
    for _ in range(3000):
        damaged = bytearray(text)
        damaged[generator.integers(len(text))] = generator.integers(256)
        cut = bytes(damaged[: generator.integers(len(text) + 1)])
        columns, plain = one(cut)
        seen += bool(plain[0])
        assert columns.spans.max() <= len(cut)
    assert 0 < seen < 3000


def test_a_stop_tells_where_its_value_starts():
    fields = FieldTable({"rows": STOP})
    data = raw('{"k": {"rows": [1]}, "rows" : [{"id": "a"}], broken')
    columns, plain = columns_of_objects(data, np.array([0]), np.array([len(data)]), fields)
    assert plain[0]
    start = int(columns.spans[0, 0, 0])
    assert data[start:].tobytes().startswith(b'[{"id"')
    assert columns_of_array(data, start, FIELDS).strings(0) == ["a"]
    assert columns_of_array(data, 0, FIELDS) is None


def test_many_objects_are_read_in_pieces():
    items = [{"id": str(index), "a": {"x": index / 7}} for index in range(5000)]
    columns = columns_of_array(raw(json.dumps(items)), 0, FIELDS)
    assert columns.strings(0) == [item["id"] for item in items]
    assert columns.numbers[:, 0].tolist() == [item["a"]["x"] for item in items]


def test_arrays_are_taken_side_by_side():
    texts = [
        '[{"id": "a", "a": {"x": 1.5}}, {"id": "b", "more": "%s"}]' % ("y" * 999),
        "[]",
        '[{"id": "c"}',
        '[{"id": "d\\n"}]',
        '{"id": "e"}',
        '[{"id": "f"}, {"id": "g"}, {"id": "h", "more": "%s"}]' % ("x" * 999),
    ]
    data = raw("\n".join(texts))
    lengths = np.array([len(text) for text in texts])
    starts = np.cumsum(lengths + 1) - lengths - 1
    found = columns_of_arrays(data, starts, starts + lengths, FIELDS)
    names = [None if columns is None else columns.strings(0) for columns in found]
    assert names == [["a", "b"], [], None, None, None, ["f", "g", "h"]]
    np.testing.assert_array_equal(found[0].numbers[:, 0], [1.5, np.nan])
    starts[0] = -1
    assert columns_of_arrays(data, starts, starts + lengths, FIELDS)[0] is None


def test_zeros_in_front_of_a_number_do_not_count_as_digits():
    long = '{"a": {"x": 0.012345678901234567891}}'
    for text in ("0.00012345678901234567", "0.000000000000000000001234567890123456789", "0.0"):
        columns, plain = one(long.replace("0.012345678901234567891", text))
        assert plain[0]
        assert columns.numbers[0, 0] == float(text)
    assert not one(long)[1][0]
