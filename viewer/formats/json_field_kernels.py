"""Takes chosen fields out of JSON objects without decoding the rest, compiled.

What a field may hold is narrow: a number, true or false, or a string without escapes. An object
that holds something else there, or is no JSON as far as it is looked at, is marked `ODD` and left
to a decoder that takes everything. Values that nobody asked for are skipped without being checked.
Places are never negative where they index; as unsigned numbers they are not checked for it.
"""

# The signatures that numba compiles for give the types of the kernels.
# mypy: disable-error-code="no-untyped-def,no-untyped-call,assignment,return-value"

import numpy as np
from numba import njit, types

from viewer.formats.points.decimal_kernels import double_from_decimal

NUMBER = 0
STRING = 1
BOOLEAN = 2
OBJECT = 3
STOP = 4
"""Where its value starts is noted, and the rest of the object is not looked at."""

PLAIN = 0
ODD = 1

MORE = 0
ENDED = 1
BROKEN = 2

EVERY = 1
SOME = 2
SAME = 4

_BYTES = types.Array(types.uint8, 1, "C", readonly=True)
_PLACES = types.Array(types.int64, 1, "C")
_TABLE = types.Array(types.int64, 2, "C", readonly=True)
_NUMBERS = types.Array(types.float64, 2, "C")
_SPANS = types.Array(types.int64, 3, "C")
_HASHES = types.Array(types.uint64, 2, "C")
_STATES = types.Array(types.uint8, 1, "C")

_QUOTE, _BACKSLASH, _COLON, _COMMA = ord('"'), ord("\\"), ord(":"), ord(",")
_OPEN_LIST, _CLOSE_LIST, _OPEN_OBJECT, _CLOSE_OBJECT = ord("["), ord("]"), ord("{"), ord("}")
_ZERO, _NINE, _MINUS, _PLUS, _DOT = ord("0"), ord("9"), ord("-"), ord("+"), ord(".")
_SPACE, _E, _LOWER_E, _LINE_FEED = ord(" "), ord("E"), ord("e"), ord("\n")
_NULL, _TRUE, _FALSE = ord("n"), ord("t"), ord("f")
_MAX_DIGITS = 19
_MAX_EXPONENT = 100_000
_FNV_START = np.uint64(0xCBF29CE484222325)
_FNV_PRIME = np.uint64(0x100000001B3)


@njit(types.int64(_BYTES, types.int64, types.int64), cache=True, nogil=True)
def _skip_space(data, at, end):
    while at < end and data[np.uint64(at)] <= _SPACE:
        at += 1
    return at


@njit(types.int64(_BYTES, types.int64, types.int64), cache=True, nogil=True)
def _skip_string(data, at, end):
    """Return what follows the string whose opening quote is at `at`, -1 when it is cut off."""
    at += 1
    while at < end and data[np.uint64(at)] != _QUOTE:
        at += 2 if data[np.uint64(at)] == _BACKSLASH else 1
    return at + 1 if at < end else -1


@njit(types.int64(_BYTES, types.int64, types.int64), cache=True, nogil=True)
def _skip_value(data, at, end):
    """Return what follows the value at `at`, -1 when it is cut off."""
    depth = 0
    while at < end:
        mark = data[np.uint64(at)]
        if depth > 0 and _PLUS <= mark <= _NINE:
            at += 1
            continue
        if mark == _QUOTE:
            at = _skip_string(data, at, end)
            if at < 0:
                return -1
            if depth == 0:
                return at
            continue
        if mark in (_OPEN_LIST, _OPEN_OBJECT):
            depth += 1
        elif mark in (_CLOSE_LIST, _CLOSE_OBJECT):
            if depth == 0:
                return at
            depth -= 1
            if depth == 0:
                return at + 1
        elif depth == 0 and (mark == _COMMA or mark <= _SPACE):
            return at
        at += 1
    return -1


@njit(
    types.Tuple((types.float64, types.int64))(_BYTES, types.int64, types.int64),
    cache=True,
    nogil=True,
)
def _parse_number(data, at, end):
    """Return a number and what follows it; -1 when it is none, or has too many digits."""
    negative = data[np.uint64(at)] == _MINUS
    if negative:
        at += 1
    digits = np.uint64(0)
    power = 0
    first = at
    while at < end and _ZERO <= data[np.uint64(at)] <= _NINE:
        digits = digits * np.uint64(10) + np.uint64(data[np.uint64(at)] - _ZERO)
        at += 1
    if at == first:
        return 0.0, -1
    count = at - first
    if at < end and data[np.uint64(at)] == _DOT:
        at += 1
        fraction = at
        while at < end and _ZERO <= data[np.uint64(at)] <= _NINE:
            digits = digits * np.uint64(10) + np.uint64(data[np.uint64(at)] - _ZERO)
            at += 1
        if at == fraction:
            return 0.0, -1
        power = fraction - at
        count -= power
    if count > _MAX_DIGITS:
        # Zeros in front do not count.
        while first < at and (data[first] == _ZERO or data[first] == _DOT):
            count -= data[first] == _ZERO
            first += 1
        if count > _MAX_DIGITS:
            return 0.0, -1
    if at < end and (data[np.uint64(at)] == _E or data[np.uint64(at)] == _LOWER_E):
        at += 1
        sign = 1
        if at < end and (data[np.uint64(at)] == _MINUS or data[np.uint64(at)] == _PLUS):
            sign = -1 if data[np.uint64(at)] == _MINUS else 1
            at += 1
        exponent = 0
        first = at
        while at < end and _ZERO <= data[np.uint64(at)] <= _NINE:
            exponent = min(exponent * 10 + np.int64(data[np.uint64(at)] - _ZERO), _MAX_EXPONENT)
            at += 1
        if at == first:
            return 0.0, -1
        power += sign * exponent
    value = double_from_decimal(digits, power)
    if not np.isfinite(value):
        return 0.0, -1
    return (-value if negative else value), at


@njit(
    types.int64(_BYTES, types.int64, types.int64, types.int64, types.int64, _BYTES, _TABLE),
    cache=True,
    nogil=True,
)
def _find_field(data, start, length, node, guess, names, table):
    """Return the row of the table whose key stands in the data, -1 for none; try `guess` first."""
    count = len(table)
    for step in range(count):
        row = guess + step
        if row >= count:
            row -= count
        if table[row, 0] != node or table[row, 2] != length:
            continue
        name = table[row, 1]
        same = True
        for offset in range(length):
            if names[np.uint64(name + offset)] != data[np.uint64(start + offset)]:
                same = False
                break
        if same:
            return row
    return -1


@njit(
    types.Tuple((types.int64, types.int64))(
        _BYTES, types.int64, types.int64, _BYTES, _TABLE, types.int64, _NUMBERS, _SPANS, _HASHES,
        _PLACES,
    ),
    cache=True,
    nogil=True,
)  # fmt: skip
def _extract(data, at, end, names, table, row, numbers, spans, hashes, stack):
    """Take the fields out of the object at `at`; return PLAIN or ODD, and what follows it."""
    begin = at
    for column in range(numbers.shape[1]):
        numbers[row, column] = np.nan
    for column in range(spans.shape[1]):
        spans[row, column, 0] = -1
        spans[row, column, 1] = -1
        hashes[row, column] = 0
    if at >= end or data[np.uint64(at)] != _OPEN_OBJECT:
        return ODD, begin
    at += 1
    node = 0
    depth = 0
    guess = 0
    while True:
        at = _skip_space(data, at, end)
        if at >= end:
            return ODD, begin
        if data[np.uint64(at)] == _CLOSE_OBJECT:
            at += 1
            if depth == 0:
                return PLAIN, at
            depth -= 1
            node = stack[depth]
            at = _skip_space(data, at, end)
            if at < end and data[np.uint64(at)] == _COMMA:
                at += 1
            continue
        if data[np.uint64(at)] != _QUOTE:
            return ODD, begin
        key = at + 1
        at = key
        while at < end and data[np.uint64(at)] != _QUOTE:
            if data[np.uint64(at)] == _BACKSLASH:
                return ODD, begin
            at += 1
        length = at - key
        at = _skip_space(data, at + 1, end)
        if at >= end or data[np.uint64(at)] != _COLON:
            return ODD, begin
        at = _skip_space(data, at + 1, end)
        if at >= end:
            return ODD, begin
        field = _find_field(data, key, length, node, guess, names, table)
        mark = data[np.uint64(at)]
        if field < 0 or mark == _NULL:
            at = _skip_value(data, at, end)
        else:
            guess = field + 1 if field + 1 < len(table) else 0
            kind, column = table[field, 3], table[field, 4]
            if kind == OBJECT:
                if mark != _OPEN_OBJECT:
                    return ODD, begin
                stack[depth] = node
                depth += 1
                node = column
                at += 1
                continue
            if kind == STOP:
                spans[row, column, 0] = at
                return PLAIN, at
            if kind == NUMBER:
                if mark != _MINUS and not _ZERO <= mark <= _NINE:
                    return ODD, begin
                numbers[row, column], at = _parse_number(data, at, end)
            elif kind == BOOLEAN:
                if mark != _TRUE and mark != _FALSE:
                    return ODD, begin
                numbers[row, column] = 1.0 if mark == _TRUE else 0.0
                at = _skip_value(data, at, end)
            else:
                if mark != _QUOTE:
                    return ODD, begin
                first = at + 1
                at = first
                digest = _FNV_START
                while at < end and data[np.uint64(at)] != _QUOTE:
                    if data[np.uint64(at)] == _BACKSLASH or data[np.uint64(at)] < _SPACE:
                        return ODD, begin
                    digest = (digest ^ np.uint64(data[np.uint64(at)])) * _FNV_PRIME
                    at += 1
                spans[row, column, 0] = first
                spans[row, column, 1] = at
                hashes[row, column] = digest
                at += 1
        if at < 0:
            return ODD, begin
        at = _skip_space(data, at, end)
        if at >= end:
            return ODD, begin
        if data[np.uint64(at)] == _COMMA:
            at += 1
        elif data[np.uint64(at)] != _CLOSE_OBJECT:
            return ODD, begin


@njit(
    types.void(
        _BYTES, _PLACES, _PLACES, _BYTES, _TABLE, _NUMBERS, _SPANS, _HASHES, _STATES
    ),
    cache=True,
    nogil=True,
)  # fmt: skip
def extract_objects(data, starts, ends, names, table, numbers, spans, hashes, states):
    """Take the fields out of objects at known places."""
    stack = np.empty(len(table) + 1, dtype=np.int64)
    for row in range(len(starts)):
        states[row], _ = _extract(
            data, starts[row], ends[row], names, table, row, numbers, spans, hashes, stack
        )


@njit(
    types.Tuple((types.int64, types.int64, types.int64))(
        _BYTES, types.int64, _BYTES, _TABLE, _NUMBERS, _SPANS, _HASHES
    ),
    cache=True,
    nogil=True,
)  # fmt: skip
def extract_array(data, position, names, table, numbers, spans, hashes):
    """Take the fields out of the objects that follow `position` in their array.

    Returns how many were read, where to go on, and MORE, ENDED or BROKEN (one is `ODD`).
    """
    stack = np.empty(len(table) + 1, dtype=np.int64)
    end = data.size
    at = position
    for row in range(len(numbers)):
        at = _skip_space(data, at, end)
        if at < end and data[np.uint64(at)] == _CLOSE_LIST:
            return row, at, ENDED
        state, at = _extract(data, at, end, names, table, row, numbers, spans, hashes, stack)
        if state == ODD:
            return row, at, BROKEN
        at = _skip_space(data, at, end)
        if at < end and data[np.uint64(at)] == _COMMA:
            at += 1
        elif at >= end or data[np.uint64(at)] != _CLOSE_LIST:
            return row, at, BROKEN
    return len(numbers), at, MORE


@njit(
    types.void(
        _BYTES, _PLACES, _PLACES, _BYTES, _TABLE, _NUMBERS, _SPANS, _HASHES, _PLACES
    ),
    cache=True,
    nogil=True,
)  # fmt: skip
def extract_arrays(data, begins, ends, names, table, numbers, spans, hashes, counts):
    """Take the fields out of the objects of arrays, one array's rows after the other's.

    An array begins after its bracket, and lies before its end. `counts` says how many objects it
    has, -1 where one is `ODD` or there is no room left: then it has no rows.
    """
    row = 0
    for index in range(len(begins)):
        counts[index] = -1
        if begins[index] < 0:
            continue
        count, _, state = extract_array(
            data[: ends[index]], begins[index], names, table,
            numbers[row:], spans[row:], hashes[row:],
        )  # fmt: skip
        if state == ENDED:
            counts[index] = count
            row += count


@njit(
    types.boolean(_BYTES, _PLACES, _PLACES, _PLACES),
    cache=True,
    nogil=True,
)
def are_same(data, starts, ends, like):
    """Tell whether each span holds the same bytes as the span of the row that `like` names."""
    for row in range(len(starts)):
        other = like[row]
        first, like_first = starts[row], starts[other]
        length = ends[row] - first
        if length != ends[other] - like_first:
            return False
        for offset in range(length):
            if data[np.uint64(first + offset)] != data[np.uint64(like_first + offset)]:
                return False
    return True


@njit(types.void(_BYTES, _SPANS, _STATES), cache=True, nogil=True)
def span_facts(data, spans, facts):
    """Fill in for each column of one row or more `EVERY`, `SOME`, `SAME`.

    `EVERY` row has a string there, `SOME` row has, all rows have the `SAME`.
    """
    for column in range(spans.shape[1]):
        count = 0
        same = True
        like = spans[0, column, 0]
        length = spans[0, column, 1] - like
        for row in range(len(spans)):
            start = spans[row, column, 0]
            if start < 0:
                continue
            count += 1
            if not same:
                continue
            if spans[row, column, 1] - start != length:
                same = False
                continue
            for offset in range(length):
                if data[np.uint64(start + offset)] != data[like + offset]:
                    same = False
                    break
        facts[column] = 0
        if count > 0:
            facts[column] |= SOME
        if count == len(spans):
            facts[column] |= EVERY
            if same:
                facts[column] |= SAME


@njit(types.int64(_BYTES, _SPANS, types.int64, _STATES), cache=True, nogil=True)
def join_strings(data, spans, column, joined):
    """Write the strings of a column one after the other, a line feed between them.

    All rows must have one. Returns how many bytes that takes, writes none when there is less room.
    """
    size = np.int64(0)
    for row in range(len(spans)):
        size += spans[row, column, 1] - spans[row, column, 0] + 1
    if size - 1 > joined.size:
        return size - 1
    at = 0
    for row in range(len(spans)):
        if row:
            joined[at] = _LINE_FEED
            at += 1
        first = spans[row, column, 0]
        for offset in range(spans[row, column, 1] - first):
            joined[np.uint64(at + offset)] = data[np.uint64(first + offset)]
        at += spans[row, column, 1] - first
    return size - 1


@njit(types.boolean(_NUMBERS, types.int64, types.int64, types.int64), cache=True, nogil=True)
def are_cuboids(numbers, used, first_size, first_turn):
    """Tell whether the first `used` numbers of all rows are finite and make a box.

    Three sizes, which must be positive, begin at `first_size`; a quaternion, which must not be
    zero, at `first_turn`, -1 where there is none.
    """
    for row in range(len(numbers)):
        for column in range(used):
            if not np.isfinite(numbers[row, column]):
                return False
        for column in range(first_size, first_size + 3):
            if numbers[row, column] <= 0.0:
                return False
        if first_turn >= 0:
            largest = 0.0
            for column in range(first_turn, first_turn + 4):
                largest = max(largest, abs(numbers[row, column]))
            if largest <= 1e-12:
                return False
    return True
