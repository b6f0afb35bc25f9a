"""Finds the elements of a JSON array or object, and some of their keys, without decoding them."""

# The signatures that numba compiles for give the types of the kernels.
# mypy: disable-error-code="no-untyped-def,no-untyped-call,assignment,return-value"

import numpy as np
from numba import njit, types

MORE = 0
ENDED = 1
CUT_OFF = 2
STOPPED = 3

_BYTES = types.Array(types.uint8, 1, "C", readonly=True)
_PLACES = types.Array(types.int64, 1, "C")
_QUOTE, _BACKSLASH, _COMMA = ord('"'), ord("\\"), ord(",")
_OPEN_LIST, _CLOSE_LIST, _OPEN_OBJECT, _CLOSE_OBJECT = ord("["), ord("]"), ord("{"), ord("}")
_SPACE, _COLON = ord(" "), ord(":")
_HASHES = types.Array(types.uint64, 2, "C")
_MARKS = types.Array(types.uint8, 2, "C")
_FNV_START = np.uint64(0xCBF29CE484222325)
_FNV_PRIME = np.uint64(0x100000001B3)


@njit(
    types.Tuple((types.int64, types.int64, types.int64))(_BYTES, types.int64, _PLACES, _PLACES),
    cache=True,
    nogil=True,
)
def find_elements(data, position, starts, ends):
    """Fill in the byte ranges of the elements that follow `position`, inside their container.

    Returns how many were found, where to go on, and MORE, ENDED (at the container's own closing
    bracket) or CUT_OFF. An element is everything between two commas, less leading white space.
    """
    count = 0
    depth = 0
    begin = -1
    at = position
    while at < data.size:
        mark = data[at]
        if begin < 0 and mark > _SPACE and mark not in (_COMMA, _CLOSE_LIST, _CLOSE_OBJECT):
            begin = at
        if mark == _QUOTE:
            at += 1
            while at < data.size and data[at] != _QUOTE:
                at += 2 if data[at] == _BACKSLASH else 1
        elif mark in (_OPEN_LIST, _OPEN_OBJECT):
            depth += 1
        elif mark in (_CLOSE_LIST, _CLOSE_OBJECT):
            if depth == 0:
                if begin >= 0:
                    starts[count] = begin
                    ends[count] = at
                    count += 1
                return count, at, ENDED
            depth -= 1
        elif mark == _COMMA and depth == 0:
            starts[count] = begin if begin >= 0 else at
            ends[count] = at
            count += 1
            begin = -1
            if count == starts.size:
                return count, at + 1, MORE
        at += 1
    return count, data.size, CUT_OFF


@njit(types.uint64(_BYTES, types.int64, types.int64), cache=True, nogil=True)
def _hash(data, start, end):
    """Return the FNV-1a hash of some bytes."""
    digest = _FNV_START
    for at in range(start, end):
        digest = (digest ^ np.uint64(data[at])) * _FNV_PRIME
    return digest


@njit(types.void(_BYTES, _PLACES, types.Array(types.uint64, 1, "C")), cache=True, nogil=True)
def hash_pieces(data, offsets, hashes):
    """Hash the pieces of some bytes that begin at the offsets; the last offset is the end."""
    for row in range(len(hashes)):
        hashes[row] = _hash(data, offsets[row], offsets[row + 1])


@njit(types.int64(_BYTES, types.int64, types.int64, _BYTES, _PLACES), cache=True, nogil=True)
def _find_name(data, start, end, names, offsets):
    """Return which of the names stands in the data, -1 for none."""
    for row in range(len(offsets) - 1):
        first = offsets[row]
        if offsets[row + 1] - first != end - start:
            continue
        same = True
        for step in range(end - start):
            if names[first + step] != data[start + step]:
                same = False
                break
        if same:
            return row
    return -1


@njit(
    types.Tuple((types.int64, types.int64, types.int64))(
        _BYTES, types.int64, types.int64, _BYTES, _PLACES, _PLACES, _PLACES, _HASHES, _MARKS
    ),
    cache=True,
    nogil=True,
)
def scan_rows(data, position, stop, names, offsets, starts, ends, hashes, marks):
    """Find the elements of an array as `find_elements` does, and what some of their keys hold.

    For each named key of a row: the hash of its value when that is a string without escapes, and
    the value's first byte; both stay 0 where the key is missing, the hash for other values.
    Returns how many rows were found, where to go on, and MORE, ENDED, CUT_OFF, or STOPPED where a
    row would begin exactly at `stop`.
    """
    count = 0
    depth = 0
    begin = -1
    field = -1
    at_key = False
    at = position
    while at < data.size:
        mark = data[at]
        if begin < 0:
            if at == stop:
                return count, at, STOPPED
            if mark > _SPACE and mark not in (_COMMA, _CLOSE_LIST, _CLOSE_OBJECT):
                begin = at
        if mark == _QUOTE:
            first = at + 1
            plain = True
            at = first
            while at < data.size and data[at] != _QUOTE:
                if data[at] == _BACKSLASH:
                    plain = False
                    at += 1
                at += 1
            if depth == 1 and at_key:
                field = _find_name(data, first, at, names, offsets) if at < data.size else -1
                at_key = False
            elif depth == 1 and field >= 0:
                marks[count, field] = _QUOTE
                hashes[count, field] = 0
                if plain and at < data.size:
                    hashes[count, field] = _hash(data, first, at)
                field = -1
        elif mark in (_OPEN_LIST, _OPEN_OBJECT):
            depth += 1
            at_key = depth == 1 and mark == _OPEN_OBJECT
            field = -1
        elif mark in (_CLOSE_LIST, _CLOSE_OBJECT):
            if depth == 0:
                if begin >= 0:
                    starts[count] = begin
                    ends[count] = at
                    count += 1
                return count, at, ENDED
            depth -= 1
        elif mark == _COMMA:
            if depth == 0:
                starts[count] = begin if begin >= 0 else at
                ends[count] = at
                count += 1
                begin = -1
                if count == starts.size:
                    return count, at + 1, MORE
            elif depth == 1:
                at_key = True
                field = -1
        elif depth == 1 and field >= 0 and mark > _SPACE and mark != _COLON:
            marks[count, field] = mark
            hashes[count, field] = 0
            field = -1
        at += 1
    return count, data.size, CUT_OFF
