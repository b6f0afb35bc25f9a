"""NumPy's NPY and NPZ: (N, 3 or more) numbers or a structured array with x, y, z; never pickles."""

import math
import zipfile
import zlib
from io import BytesIO
from pathlib import Path
from tokenize import TokenError
from typing import IO, Any, ClassVar

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.points.bins import column_names
from viewer.formats.points.mapped_file import map_file
from viewer.formats.points.records import cloud_from_columns
from viewer.scene.point_cloud import PointCloud

_HEADER_ERRORS = (ValueError, TypeError, KeyError, SyntaxError, TokenError, EOFError, OverflowError)
_ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError)
_MAX_DEFLATE_RATIO = 1032
_CLOUD_MEMBERS = ("points", "xyz", "point_cloud", "arr_0")


class Npy:
    """Reader of ``.npy`` files."""

    name: ClassVar[str] = "npy"
    title: ClassVar[str] = "NumPy array"
    suffixes: ClassVar[tuple[str, ...]] = (".npy",)

    def read(self, path: Path, *, fields: tuple[str, ...] | None = None) -> PointCloud:
        """Read a file; columns after z are named intensity, ring, column_5 and so on."""
        return _cloud(path, _array_from_bytes(path, "", map_file(path)), fields)


class Npz:
    """Reader of ``.npz`` files: the member called points or xyz, or the only fitting one."""

    name: ClassVar[str] = "npz"
    title: ClassVar[str] = "NumPy archive"
    suffixes: ClassVar[tuple[str, ...]] = (".npz",)

    def read(self, path: Path, *, fields: tuple[str, ...] | None = None) -> PointCloud:
        """Read a file; other members are ignored."""
        map_file(path)
        try:
            with zipfile.ZipFile(path) as archive:
                member = _cloud_member(path, archive)
                content = _member_bytes(path, archive, member)
        except _ZIP_ERRORS as error:
            raise DamagedData(path, "", f"is not a readable archive: {error}") from None
        array = _array_from_bytes(path, member, np.frombuffer(content, dtype=np.uint8))
        return _cloud(path, array, fields)


def _cloud_member(path: Path, archive: zipfile.ZipFile) -> str:
    names = [info.filename for info in archive.infolist() if info.filename.endswith(".npy")]
    for wanted in _CLOUD_MEMBERS:
        if f"{wanted}.npy" in names:
            return f"{wanted}.npy"
    if len(names) != 1:
        raise DamagedData(path, "", "has no member called points or xyz")
    return names[0]


def _member_bytes(path: Path, archive: zipfile.ZipFile, member: str) -> bytes:
    info = archive.getinfo(member)
    if info.file_size > _MAX_DEFLATE_RATIO * (info.compress_size + 16):
        raise DamagedData(path, member, "announces more bytes than its compressed data can hold")
    with archive.open(info) as stream:
        return stream.read(info.file_size)


def _read_header(stream: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    version = np.lib.format.read_magic(stream)
    if version == (1, 0):
        return np.lib.format.read_array_header_1_0(stream)
    return np.lib.format.read_array_header_2_0(stream)


def _array_from_bytes(path: Path, place: str, content: npt.NDArray[np.uint8]) -> npt.NDArray[Any]:
    """Return a view of the numbers; the header's shape is checked against the bytes."""
    stream = BytesIO(content[: 1 << 16].tobytes())
    try:
        shape, fortran, dtype = _read_header(stream)
    except _HEADER_ERRORS as error:
        reason = str(error).split("\n", 1)[0][:120]
        raise DamagedData(path, place or "header", f"is not a NumPy array: {reason}") from None
    if dtype.hasobject:
        raise DamagedData(path, place or "header", "holds Python objects, which are never loaded")
    start = stream.tell()
    if any(length < 0 for length in shape) or dtype.itemsize == 0:
        raise DamagedData(path, place or "header", f"has an impossible shape {shape}")
    needed = math.prod(shape) * dtype.itemsize
    if needed > len(content) - start:
        problem = f"shape {shape} needs {needed} bytes, only {len(content) - start} are there"
        raise DamagedData(path, place or f"byte {start}", problem)
    if needed == 0:
        return np.empty(shape, dtype=dtype)
    return np.ndarray(shape, dtype, content, start, order="F" if fortran else "C")


def _cloud(path: Path, array: npt.NDArray[Any], fields: tuple[str, ...] | None) -> PointCloud:
    columns: dict[str, npt.NDArray[Any]]
    if array.dtype.names is not None:
        flat = array.reshape(-1)
        columns = {
            name: flat[name]
            for name in array.dtype.names
            if flat[name].dtype.kind in "fiub" and flat[name].ndim <= 2
        }
    elif array.ndim == 2 and array.shape[1] >= 3 and array.dtype.kind in "fiu":
        columns = {name: array[:, i] for i, name in enumerate(column_names(array))}
    else:
        problem = f"has shape {array.shape} of {array.dtype}; (N, 3 or more) numbers belong here"
        raise DamagedData(path, "", problem)
    try:
        return cloud_from_columns(columns, fields=fields)
    except ValueError as error:
        raise DamagedData(path, "", str(error)) from None
