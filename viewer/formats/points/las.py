"""LAS, LAZ and COPC through laspy and lazrs.

Positions are scaled and offset as the header says, float64. Every other dimension is kept by the
name laspy gives it, extra bytes included; colours stay 16 bits.
"""

import struct
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.points.gather import count_finite
from viewer.formats.points.mapped_file import map_file
from viewer.scene.point_cloud import PointCloud

if TYPE_CHECKING:
    from laspy import ScaleAwarePointRecord

_CHUNK_BYTES = 1 << 25
_MAX_POINTS_PER_BYTE = 64
"""Far beyond what LAZ reaches on real points; stops a header that claims thousands of millions."""
_COMPRESSED_BITS = 0xC0


class Las:
    """Reader of ``.las`` and ``.laz`` files."""

    name: ClassVar[str] = "las"
    title: ClassVar[str] = "LAS / LAZ"
    suffixes: ClassVar[tuple[str, ...]] = (".copc.laz", ".laz", ".las")

    def read(self, path: Path, *, fields: tuple[str, ...] | None = None) -> PointCloud:
        """Read a file; see the module for what is kept."""
        _check_sizes(path, map_file(path))
        try:
            return _read(path, fields)
        except DamagedData:
            raise
        except BaseException as error:
            # A panic of the Rust decoder arrives as a BaseException of a class that none exports.
            if isinstance(error, Exception) or type(error).__name__ == "PanicException":
                reason = str(error).split("\n", 1)[0][:160] or type(error).__name__
                raise DamagedData(path, "", f"cannot be decoded: {reason}") from None
            raise


def _read(path: Path, fields: tuple[str, ...] | None) -> PointCloud:
    import laspy

    with laspy.open(path, laz_backend=laspy.LazBackend.Lazrs) as reader:
        header = reader.header
        names = [
            name
            for name in header.point_format.dimension_names
            if name not in ("X", "Y", "Z") and (fields is None or name in fields)
        ]
        rows = max(1, _CHUNK_BYTES // header.point_format.size)
        parts = [_chunk(points, names) for points in reader.chunk_iterator(rows)]
        if not parts:
            empty = laspy.ScaleAwarePointRecord.zeros(0, header=header)
            parts = [_chunk(empty, names)]
    xyz = np.concatenate([part[0] for part in parts])
    if len(xyz) != header.point_count:
        problem = f"has {len(xyz)} of {header.point_count} points"
        raise DamagedData(path, "end of the file", problem)
    kept = {name: np.concatenate([part[1][name] for part in parts]) for name in names}
    return PointCloud(xyz, MappingProxyType(kept), finite_count=count_finite(xyz))


def _chunk(
    points: "ScaleAwarePointRecord", names: list[str]
) -> tuple[npt.NDArray[Any], dict[str, npt.NDArray[Any]]]:
    xyz = np.empty((len(points), 3))
    for column, axis in enumerate("XYZ"):
        np.multiply(points[axis], points.scales[column], out=xyz[:, column])
        xyz[:, column] += points.offsets[column]
    return xyz, {name: np.array(points[name]) for name in names}


def _check_sizes(path: Path, content: npt.NDArray[np.uint8]) -> None:
    """Refuse a file whose header claims more than the file can hold.

    Offsets after the LAS 1.4 specification (ASPRS, R15), section 2.4, and the LAZ chunk table.
    """
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
    _check_chunk_table(path, content, data_start, points)


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
    path: Path, content: npt.NDArray[np.uint8], data_start: int, points: int
) -> None:
    """Check where the chunk table lies and how many chunks it claims."""
    size = len(content)
    if size < data_start + 8:
        if points == 0:
            return
        raise DamagedData(path, f"byte {data_start}", "ends before the compressed points")
    table = struct.unpack("<q", content[data_start : data_start + 8].tobytes())[0]
    if table == -1:
        table = struct.unpack("<q", content[-8:].tobytes())[0]
    if not data_start + 8 <= table <= size - 8:
        raise DamagedData(path, f"byte {data_start}", "the chunk table lies outside the file")
    chunks = struct.unpack("<I", content[table + 4 : table + 8].tobytes())[0]
    if chunks > size:
        raise DamagedData(path, f"byte {table}", f"{chunks} chunks cannot lie in {size} bytes")
