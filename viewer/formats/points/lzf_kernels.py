"""LZF decompression, as PCD's binary_compressed uses it.

The stream is a sequence of blocks (LibLZF by Marc Lehmann). A control byte below 32 starts
`control + 1` literal bytes. Any other one is a copy from earlier output: its upper three bits are
the length (7: an extra byte is added), its lower five the upper bits of the distance, whose lower
byte follows; 2 is added to the length and 1 to the distance.
"""

# The signatures that numba compiles for give the types of the kernels.
# mypy: disable-error-code="no-untyped-def,no-untyped-call,assignment,return-value"

import numpy as np
import numpy.typing as npt
from numba import njit, types

MAX_EXPANSION = 90
"""A 3-byte copy gives at most 264 bytes, so no honest stream grows more than this."""

_BYTES_IN = types.Array(types.uint8, 1, "C", readonly=True)
_BYTES_OUT = types.Array(types.uint8, 1, "C")


@njit(types.int64(_BYTES_IN, _BYTES_OUT), cache=True, nogil=True)
def _decompress(source, out):
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


def decompress(source: npt.NDArray[np.uint8], size: int) -> npt.NDArray[np.uint8]:
    """Return the `size` bytes that a compressed stream holds; ValueError when it is damaged."""
    if size > MAX_EXPANSION * len(source):
        raise ValueError(f"{len(source)} compressed bytes cannot hold {size}")
    out = np.empty(size, dtype=np.uint8)
    written = int(_decompress(source, out))
    if written < 0:
        raise ValueError(f"the compressed stream is damaged at its byte {-1 - written}")
    if written != size:
        raise ValueError(f"the compressed stream ends after {written} of {size} bytes")
    return out
