"""Whether an encoded image is there to its end, told without decoding its pixels where it can be.

A JPEG ends with its end marker; where it does not, decoding tells. Of a PNG the checksum of every
chunk is verified. Others are decoded.
"""

import struct
import zlib
from pathlib import Path
from typing import Final

from viewer.formats.base import DamagedData
from viewer.formats.images import decode_image, encoded_size

_JPEG: Final = b"\xff\xd8\xff"
_JPEG_END: Final = b"\xff\xd9"
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
    elif not (data.startswith(_JPEG) and data.rstrip(b"\0").endswith(_JPEG_END)):
        # Bytes after the end of a JPEG harm nothing: the decoder tells.
        decode_image(data, source, 1)
    return size


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
