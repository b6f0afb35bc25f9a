"""Finds the elements of a JSON array or object without decoding them."""

# The signatures that numba compiles for give the types of the kernels.
# mypy: disable-error-code="no-untyped-def,no-untyped-call,assignment,return-value"

from numba import njit, types

MORE = 0
ENDED = 1
CUT_OFF = 2

_BYTES = types.Array(types.uint8, 1, "C", readonly=True)
_PLACES = types.Array(types.int64, 1, "C")
_QUOTE, _BACKSLASH, _COMMA = ord('"'), ord("\\"), ord(",")
_OPEN_LIST, _CLOSE_LIST, _OPEN_OBJECT, _CLOSE_OBJECT = ord("["), ord("]"), ord("{"), ord("}")
_SPACE = ord(" ")


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
