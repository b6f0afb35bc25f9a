"""Compiled parser of rows of numbers in ASCII text."""

# The signatures that numba compiles for give the types of the kernels.
# mypy: disable-error-code="no-untyped-def,no-untyped-call,assignment,return-value"

import numpy as np
from numba import njit, prange, types

from viewer.formats.points.decimal_kernels import double_from_decimal, is_single_midpoint

SKIP, FLOAT32, FLOAT64, SIGNED, UNSIGNED, LIST = 0, 1, 2, 3, 4, 5
"""What a column holds; LIST is a count followed by as many words, all skipped."""

DONE, HARD, SHORT, LONG = 0, 1, 2, 3
"""How a chunk ended: all rows read; at a word for the exact path; too few or too many words."""

_TEXT = types.Array(types.uint8, 1, "C", readonly=True)
_INTS = types.Array(types.int64, 1, "C")
_NUMBER = types.Tuple((types.boolean, types.float64, types.int64))
_INTEGER = types.Tuple((types.boolean, types.uint64, types.boolean, types.int64))

_NEWLINE = 10
_SPACE = 32
_HASH = 35


@njit(types.int64(_TEXT, types.int64, types.int64), cache=True, nogil=True)
def count_rows(text, start, end):
    """Count the lines that are neither blank nor comments."""
    rows = 0
    at = start
    while at < end:
        while at < end and text[at] <= _SPACE and text[at] != _NEWLINE:
            at += 1
        if at < end and text[at] != _NEWLINE and text[at] != _HASH:
            rows += 1
        while at < end and text[at] != _NEWLINE:
            at += 1
        at += 1
    return rows


@njit(types.boolean(types.uint8, types.uint8), cache=True, nogil=True)
def _same_letter(char, lower):
    return char | np.uint8(32) == lower


@njit(_NUMBER(_TEXT, types.int64, types.int64), cache=True, nogil=True)
def _parse_special(text, at, end):
    """Parse nan, inf or infinity without a sign: (plain, value, position after)."""
    if at + 3 <= end:
        a, b, c = text[at], text[at + 1], text[at + 2]
        ends = at + 3 == end or text[at + 3] <= _SPACE
        if ends and _same_letter(a, 110) and _same_letter(b, 97) and _same_letter(c, 110):
            return True, np.nan, at + 3
        if ends and _same_letter(a, 105) and _same_letter(b, 110) and _same_letter(c, 102):
            return True, np.inf, at + 3
    return False, 0.0, at


@njit(_NUMBER(_TEXT, types.int64, types.int64), cache=True, nogil=True)
def _parse_float(text, at, end):
    """Parse one word: (plain, value, position after). Words that are not plain need more care."""
    negative = text[at] == 45
    if negative or text[at] == 43:
        at += 1
    digits = np.uint64(0)
    first = at
    while at < end:
        digit = text[at] - np.uint8(48)
        if digit > 9:
            break
        digits = digits * np.uint64(10) + np.uint64(digit)
        at += 1
    seen = at - first
    power = np.int64(0)
    if at < end and text[at] == 46:
        at += 1
        point = at
        while at < end:
            digit = text[at] - np.uint8(48)
            if digit > 9:
                break
            digits = digits * np.uint64(10) + np.uint64(digit)
            at += 1
        power = point - at
        seen += at - point
    if seen == 0:
        plain, value, at = _parse_special(text, first, end)
        return plain, -value if negative else value, at
    if seen > 19:
        # Leading zeros do not count; with more digits than fit the product above has overflowed.
        lead = first
        while lead < at and (text[lead] == 48 or text[lead] == 46):
            seen -= text[lead] == 48
            lead += 1
        if seen > 19:
            return False, 0.0, at
    if at < end and _same_letter(text[at], 101):
        at += 1
        minus = at < end and text[at] == 45
        if minus or (at < end and text[at] == 43):
            at += 1
        first = at
        written = np.int64(0)
        while at < end:
            digit = text[at] - np.uint8(48)
            if digit > 9:
                break
            if written < 100000:
                written = written * 10 + np.int64(digit)
            at += 1
        if at == first:
            return False, 0.0, at
        power += -written if minus else written
    if at < end and text[at] > _SPACE:
        return False, 0.0, at
    value = double_from_decimal(digits, power)
    return True, -value if negative else value, at


@njit(_INTEGER(_TEXT, types.int64, types.int64), cache=True, nogil=True)
def _parse_integer(text, at, end):
    """Parse one word: (plain, magnitude, negative, position after)."""
    negative = text[at] == 45
    if negative or text[at] == 43:
        at += 1
    first = at
    magnitude = np.uint64(0)
    while at < end:
        digit = text[at] - np.uint8(48)
        if digit > 9:
            break
        magnitude = magnitude * np.uint64(10) + np.uint64(digit)
        at += 1
    plain = 0 < at - first <= 19 and (at == end or text[at] <= _SPACE)
    return plain, magnitude, negative, at


@njit(types.int64(_TEXT, types.int64, types.int64, types.int64), cache=True, nogil=True)
def _skip_words(text, at, end, count):
    """Return where `count` words end, or -1 when the line ends before."""
    for _ in range(count):
        while at < end and text[at] <= _SPACE and text[at] != _NEWLINE:
            at += 1
        if at >= end or text[at] == _NEWLINE:
            return -1
        while at < end and text[at] > _SPACE:
            at += 1
    return at


@njit(
    types.void(
        _TEXT,
        types.int64,
        types.int64,
        _INTS,
        types.Array(types.int64, 2, "C"),
        types.Array(types.uint64, 1, "C"),
        types.Array(types.float32, 1, "C"),
        types.Array(types.float64, 1, "C"),
        _INTS,
    ),
    cache=True,
    nogil=True,
)
def parse_chunk(text, end, limit, state, columns, highest, singles, doubles, whole):
    """Read rows until the chunk or `limit` ends; state is (position, row, column, status)."""
    at, row, column = state[0], state[1], state[2]
    status = DONE
    while row < limit and status == DONE:
        if column == 0:
            while at < end and text[at] <= _SPACE:
                at += 1
            if at >= end:
                break
            if text[at] == _HASH:
                while at < end and text[at] != _NEWLINE:
                    at += 1
                continue
        while column < columns.shape[0]:
            while at < end and text[at] <= _SPACE and text[at] != _NEWLINE:
                at += 1
            if at >= end or text[at] == _NEWLINE:
                status = SHORT
                break
            word = at
            plain = True
            kind = columns[column, 0]
            cell = columns[column, 1] + row * columns[column, 2]
            if kind in (FLOAT32, FLOAT64):
                plain, value, at = _parse_float(text, at, end)
                if kind == FLOAT64:
                    doubles[cell] = value
                elif is_single_midpoint(value):
                    plain = False
                else:
                    singles[cell] = np.float32(value)
            elif kind in (SIGNED, UNSIGNED):
                plain, magnitude, negative, at = _parse_integer(text, at, end)
                plain = plain and magnitude <= highest[column]
                plain = plain and not (negative and kind == UNSIGNED)
                whole[cell] = -np.int64(magnitude) if negative else np.int64(magnitude)
            else:
                remaining = np.int64(1)
                if kind == LIST:
                    plain, magnitude, negative, at = _parse_integer(text, at, end)
                    plain = plain and not negative
                    remaining = np.int64(min(magnitude, np.uint64(text.size)))
                if plain:
                    at = _skip_words(text, at, end, remaining)
                    status = SHORT if at < 0 else DONE
                    at = max(at, word)
            if not plain:
                at = word
                status = HARD
            if status != DONE:
                break
            column += 1
        if status != DONE:
            break
        while at < end and text[at] <= _SPACE and text[at] != _NEWLINE:
            at += 1
        if at < end and text[at] != _NEWLINE:
            status = LONG
            break
        column = 0
        row += 1
    state[0], state[1], state[2], state[3] = at, row, column, status


@njit(
    types.void(
        _TEXT,
        _INTS,
        _INTS,
        types.Array(types.int64, 2, "C"),
        types.Array(types.int64, 2, "C"),
        types.Array(types.uint64, 1, "C"),
        types.Array(types.float32, 1, "C"),
        types.Array(types.float64, 1, "C"),
        _INTS,
    ),
    cache=True,
    nogil=True,
    parallel=True,
)
def parse_chunks(text, ends, limits, states, columns, highest, singles, doubles, whole):
    """Continue every chunk from its state.

    Parameters
    ----------
    text
        The whole file.
    ends, limits
        (C,) where each chunk ends in the text, and the row it must stop before.
    states
        (C, 4) position, row, column, status of each chunk; updated.
    columns
        (K, 3) kind, first cell and cells a row in the array of that kind.
    highest
        (K,) largest magnitude an integer column takes without a closer look.
    singles, doubles, whole
        Where float32, float64 and integer columns go.
    """
    for chunk in prange(ends.size):
        parse_chunk(
            text, ends[chunk], limits[chunk], states[chunk], columns, highest, singles, doubles,
            whole,
        )  # fmt: skip
