"""Whether an encoded image is there to its end, told without decoding its pixels where it can be.

The segments of a JPEG must lead to its end marker; what tools append after it harms nothing. Of a
PNG the checksum of every chunk is verified. Others are decoded.
"""

import re
import struct
import zlib
from pathlib import Path
from typing import Final

from viewer.formats.base import DamagedData
from viewer.formats.images import decode_image, encoded_size

_JPEG: Final = b"\xff\xd8\xff"
_JPEG_END: Final = b"\xff\xd9"
_MARKER: Final = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)
"""Of a segment: in entropy-coded data a byte of 0xFF is followed by a zero or a restart."""
_ALONE: Final = (0x01, 0xD8)
"""Markers without a length."""
_PNG: Final = b"\x89PNG\r\n\x1a\n"


def require_whole_image(data: bytes, source: Path | str) -> tuple[int, int]:
    """Return (width, height) of an encoded image as stored.

    Raises
    ------
    DamagedData
        When it is empty, no known image, truncated, or fails its own checksums.
    """
    if not data:
        raise DamagedData(source, "", "the file is empty")
    size = encoded_size(data, source)
    if data.startswith(_PNG):
        _require_png_chunks(data, source)
    elif data.startswith(_JPEG):
        if not data.endswith(_JPEG_END):
            _require_jpeg_end(data, source)
    else:
        decode_image(data, source, 1)
    return size


def _require_jpeg_end(data: bytes, source: Path | str) -> None:
    place = 2
    while True:
        found = _MARKER.search(data, place)
        if found is None:
            raise DamagedData(source, "end of the file", "the image is truncated")
        if found.group() == _JPEG_END:
            return
        place = found.end()
        if data[place - 1] not in _ALONE:
            # Two bytes of length, that count themselves; entropy-coded data may follow.
            place += max(int.from_bytes(data[place : place + 2], "big"), 2)


def _require_png_chunks(data: bytes, source: Path | str) -> None:
    view = memoryview(data)
    place = len(_PNG)
    while True:
        if place + 12 > len(data):
            raise DamagedData(source, "end of the file", "the image is truncated")
        length, kind = struct.unpack_from(">I4s", data, place)
        end = place + 12 + length
        if end > len(data):
            raise DamagedData(source, f"byte {place}", "the image is truncated")
        (told,) = struct.unpack_from(">I", data, end - 4)
        if zlib.crc32(view[place + 4 : end - 4]) != told:
            name = kind.decode("ascii", "replace")
            raise DamagedData(source, f"byte {place}", f"the checksum of its {name} does not hold")
        if kind == b"IEND":
            return
        place = end
