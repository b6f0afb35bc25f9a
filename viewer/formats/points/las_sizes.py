"""Sizes in a LAS or LAZ header, checked against the file before a library trusts them.

Offsets after the LAS 1.4 specification (ASPRS, R15), section 2.4, and the LASzip record and chunk
layout of LASzip (M. Isenburg).
"""

import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData

_MAX_POINTS_PER_BYTE = 64
"""Far beyond what LAZ reaches on real points; stops a header that claims thousands of millions."""
_COMPRESSED_BITS = 0xC0
_LAYERED = 3
_EXTRA_BYTES = 14
_LAYERS = {10: 9, 11: 1, 12: 2, 13: 1}
"""Layers of each kind of item: point, RGB, RGB and near infrared, wave packet."""


def check_sizes(path: Path, content: npt.NDArray[np.uint8]) -> None:
    """Raise `DamagedData` when a header claims more than the file can hold."""
    size = len(content)
    if content[:4].tobytes() != b"LASF":
        raise DamagedData(path, "byte 0", "is not LAS: the signature LASF is missing")
    if size < 227:
        raise DamagedData(path, "header", "ends within the header")
    head = content[:375].tobytes().ljust(375, b"\0")
    minor = head[25]
    data_start, vlr_count, form, record_bytes, points = struct.unpack_from("<IIBHI", head, 96)
    if minor >= 4:
        points = max(points, struct.unpack_from("<Q", head, 247)[0])
    if data_start > size or vlr_count * 54 > size:
        raise DamagedData(path, "header", "announces more than the file holds")
    if minor >= 4:
        _check_extended_records(path, content, *struct.unpack_from("<QI", head, 235))
    if record_bytes == 0:
        raise DamagedData(path, "header", "has points of no bytes")
    if not form & _COMPRESSED_BITS:
        if points * record_bytes > size - data_start:
            problem = f"{points} points need {points * record_bytes} bytes, {size - data_start} are"
            raise DamagedData(path, f"byte {data_start}", f"{problem} there")
        return
    if points > _MAX_POINTS_PER_BYTE * size:
        raise DamagedData(path, "header", f"{points} points cannot lie in {size} bytes")
    _check_chunk_table(path, content, data_start, vlr_count, points)


def _check_extended_records(
    path: Path, content: npt.NDArray[np.uint8], start: int, count: int
) -> None:
    at = start
    for _ in range(count):
        if at + 60 > len(content):
            raise DamagedData(path, f"byte {start}", "an extended record lies beyond the file")
        at += 60 + struct.unpack("<Q", content[at + 20 : at + 28].tobytes())[0]
    if count and at > len(content):
        raise DamagedData(path, f"byte {start}", "an extended record lies beyond the file")


def _check_chunk_table(
    path: Path, content: npt.NDArray[np.uint8], data_start: int, vlr_count: int, points: int
) -> None:
    """Check where the chunk table lies and how many chunks it claims."""
    size = len(content)
    if points == 0:
        return
    if size < data_start + 8:
        raise DamagedData(path, f"byte {data_start}", "ends before the compressed points")
    table = struct.unpack("<q", content[data_start : data_start + 8].tobytes())[0]
    if table == -1:
        table = struct.unpack("<q", content[-8:].tobytes())[0]
    if not data_start + 8 <= table <= size - 8:
        raise DamagedData(path, f"byte {data_start}", "the chunk table lies outside the file")
    chunks = struct.unpack("<I", content[table + 4 : table + 8].tobytes())[0]
    if chunks > size:
        raise DamagedData(path, f"byte {table}", f"{chunks} chunks cannot lie in {size} bytes")
    _check_layers(path, content, data_start, vlr_count, points)


def _check_layers(
    path: Path, content: npt.NDArray[np.uint8], data_start: int, vlr_count: int, points: int
) -> None:
    """Check the sizes of the layers that chunks of point formats 6 to 10 consist of."""
    record = _laszip_record(content, data_start, vlr_count)
    if record is None or len(record) < 34:
        raise DamagedData(path, "header", "is compressed but has no LASzip record")
    compressor, item_count = struct.unpack_from("<H", record)[0], record[32] | record[33] << 8
    if len(record) < 34 + 6 * item_count:
        raise DamagedData(path, "header", "the LASzip record is cut off")
    if compressor != _LAYERED:
        return
    items = [struct.unpack_from("<HH", record, 34 + 6 * item) for item in range(item_count)]
    layers = sum(_LAYERS.get(kind, 1) if kind != _EXTRA_BYTES else size for kind, size in items)
    first_point = sum(size for _, size in items)
    at = data_start + 8
    chunks = _read_chunk_table(path, data_start, record)
    if points > sum(count for count, _ in chunks):
        raise DamagedData(path, "header", f"{points} points are announced, its chunks hold fewer")
    if chunks and chunks[-1][0] == 0:
        chunks.pop()
    for _, chunk_bytes in chunks:
        sizes_at = at + first_point + 4
        sizes = np.frombuffer(content[sizes_at : sizes_at + 4 * layers].tobytes(), dtype="<u4")
        if len(sizes) < layers or first_point + 4 + 4 * layers + int(sizes.sum()) != chunk_bytes:
            raise DamagedData(path, f"byte {at}", "the layers of a chunk do not fill it")
        at += chunk_bytes
    if at > len(content):
        raise DamagedData(path, "end of the file", "ends within the compressed points")


def _laszip_record(content: npt.NDArray[np.uint8], data_start: int, vlr_count: int) -> bytes | None:
    at = int(content[94]) | int(content[95]) << 8
    for _ in range(vlr_count):
        head = content[at : at + 54].tobytes()
        if len(head) < 54 or at > data_start:
            return None
        user, number, length = struct.unpack_from("<16sHH", head, 2)
        if user.rstrip(b"\0") == b"laszip encoded" and number == 22204:
            return content[at + 54 : at + 54 + length].tobytes()
        at += 54 + length
    return None


def _read_chunk_table(path: Path, data_start: int, record: bytes) -> list[tuple[int, int]]:
    """Return (points, bytes) of each chunk."""
    import lazrs  # type: ignore[import-untyped]

    with path.open("rb") as file:
        file.seek(data_start)
        table: list[tuple[int, int]] = lazrs.read_chunk_table(file, lazrs.LazVlr(record))
    return table
