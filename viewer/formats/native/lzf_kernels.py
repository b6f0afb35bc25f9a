"""LZF compression, as PCD's binary_compressed uses it.

The stream is a sequence of blocks (LibLZF by Marc Lehmann): a byte below 32 starts that many and
one literal bytes; any other is a copy, its upper three bits the length less 2 (7: a byte with the
rest follows), its lower five and the byte after them the distance less 1.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call,no-any-return"

import numpy as np
import numpy.typing as npt
from numba import njit

MAX_DISTANCE = 8192
MAX_LENGTH = 264
MAX_LITERALS = 32
HASH_BITS = 16


def compress(source: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return the compressed bytes; a little longer than the source where nothing repeats."""
    return _compress(np.ascontiguousarray(source))


@njit(cache=True, nogil=True)
def _hash(source, at):
    key = (np.int64(source[at]) << 16) | (np.int64(source[at + 1]) << 8) | source[at + 2]
    return ((key * 2654435761) >> 8) & ((1 << HASH_BITS) - 1)


@njit(cache=True, nogil=True)
def _match_length(source, earlier, at):
    """Return how many bytes from `at` stood at `earlier` too; 0 when too few for a copy."""
    limit = min(MAX_LENGTH, source.size - at)
    length = 0
    while length < limit and source[earlier + length] == source[at + length]:
        length += 1
    return length if length >= 3 else 0


@njit(cache=True, nogil=True)
def _compress(source):
    size = source.size
    out = np.empty(size + size // MAX_LITERALS + 2, dtype=np.uint8)
    latest = np.full(1 << HASH_BITS, -1, dtype=np.int64)
    written = 0
    literal_start = 0
    at = 0
    while at < size:
        length = 0
        earlier = np.int64(-1)
        if at + 2 < size:
            slot = _hash(source, at)
            earlier = latest[slot]
            latest[slot] = at
            if earlier >= 0 and at - earlier <= MAX_DISTANCE:
                length = _match_length(source, earlier, at)
        if length == 0:
            at += 1
            if at - literal_start == MAX_LITERALS:
                written = _put_literals(source, literal_start, at, out, written)
                literal_start = at
            continue
        written = _put_literals(source, literal_start, at, out, written)
        distance = at - earlier - 1
        if length - 2 < 7:
            out[written] = ((length - 2) << 5) | (distance >> 8)
        else:
            out[written] = (7 << 5) | (distance >> 8)
            written += 1
            out[written] = length - 9
        out[written + 1] = distance & 255
        written += 2
        for covered in range(at + 1, min(at + length, size - 2)):
            latest[_hash(source, covered)] = covered
        at += length
        literal_start = at
    written = _put_literals(source, literal_start, size, out, written)
    return out[:written]


@njit(cache=True, nogil=True)
def _put_literals(source, start, stop, out, written):
    if stop > start:
        out[written] = stop - start - 1
        out[written + 1 : written + 1 + stop - start] = source[start:stop]
        written += 1 + stop - start
    return written
