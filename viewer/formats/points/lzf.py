"""LZF decompression, as PCD's binary_compressed uses it.

The stream is a sequence of blocks (LibLZF by Marc Lehmann). A control byte below 32 starts
`control + 1` literal bytes. Any other one is a copy from earlier output: its upper three bits are
the length (7: an extra byte is added), its lower five the upper bits of the distance, whose lower
byte follows; 2 is added to the length and 1 to the distance.
"""

import importlib
import sys

import numpy as np
import numpy.typing as npt

MAX_EXPANSION = 90
"""A 3-byte copy gives at most 264 bytes, so no honest stream grows more than this."""

LOAD_KERNELS_BYTES = 2_000_000
"""From this size on, loading the kernels pays for one file, or for several small ones together."""

_KERNELS = "viewer.formats.points.lzf_kernels"
_decompressed = {"bytes": 0}


def decompress(source: npt.NDArray[np.uint8], size: int) -> npt.NDArray[np.uint8]:
    """Return the `size` bytes that a compressed stream holds; ValueError when it is damaged."""
    if size > MAX_EXPANSION * len(source):
        raise ValueError(f"{len(source)} compressed bytes cannot hold {size}")
    if _kernels_pay(len(source)):
        out = np.empty(size, dtype=np.uint8)
        written = int(importlib.import_module(_KERNELS).decompress_into(source, out))
    else:
        content = bytearray()
        written = _extend(source.tobytes(), content, size)
        out = np.frombuffer(content, dtype=np.uint8)
    if written < 0:
        raise ValueError(f"the compressed stream is damaged at its byte {-1 - written}")
    if written != size:
        raise ValueError(f"the compressed stream ends after {written} of {size} bytes")
    return out


def _kernels_pay(size: int) -> bool:
    """Count what was decompressed so far; a thread more or less does no harm."""
    _decompressed["bytes"] += size
    return _decompressed["bytes"] >= LOAD_KERNELS_BYTES or _KERNELS in sys.modules


def _extend(source: bytes, out: bytearray, limit: int) -> int:
    """Append what a stream holds; return its length, or -1 - position where it is damaged."""
    at = end = 0
    size = len(source)
    try:
        while at < size:
            control = source[at]
            if control < 32:
                stop = at + control + 2
                out += source[at + 1 : stop]
                end += control + 1
                if stop > size or end > limit:
                    return -1 - at
                at = stop
                continue
            if control < 224:
                count = (control >> 5) + 2
                origin = end - ((control & 31) << 8) - source[at + 1] - 1
                used = 2
            else:
                count = 9 + source[at + 1]
                origin = end - ((control & 31) << 8) - source[at + 2] - 1
                used = 3
            if origin < 0 or end + count > limit:
                return -1 - at
            stop = origin + count
            if stop <= end:
                out += out[origin:stop]
            else:
                out += (out[origin:] * (count // (end - origin) + 1))[:count]
            end += count
            at += used
    except IndexError:
        return -1 - at
    return end
