"""LZF decompression, compiled; `lzf` describes the stream."""

# The signatures that numba compiles for give the types of the kernels.
# mypy: disable-error-code="no-untyped-def,no-untyped-call,assignment,return-value"

import numpy as np
from numba import njit, types

_BYTES_IN = types.Array(types.uint8, 1, "C", readonly=True)
_BYTES_OUT = types.Array(types.uint8, 1, "C")


@njit(types.int64(_BYTES_IN, _BYTES_OUT), cache=True, nogil=True)
def decompress_into(source, out):
    """Return the number of bytes written; -1 - position where the stream is damaged."""
    at = 0
    written = 0
    while at < source.size:
        control = np.int64(source[at])
        start = at
        at += 1
        if control < 32:
            count = control + 1
            if at + count > source.size or written + count > out.size:
                return -1 - start
            for offset in range(count):
                out[written + offset] = source[at + offset]
            at += count
            written += count
            continue
        count = control >> 5
        if count == 7:
            if at >= source.size:
                return -1 - start
            count += np.int64(source[at])
            at += 1
        count += 2
        if at >= source.size:
            return -1 - start
        origin = written - (((control & 31) << 8) | np.int64(source[at])) - 1
        at += 1
        if origin < 0 or written + count > out.size:
            return -1 - start
        for offset in range(count):
            out[written + offset] = out[origin + offset]
        written += count
    return written
