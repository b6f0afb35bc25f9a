"""PCD, the Point Cloud Library's file format: ascii, binary and binary_compressed.

All fields are kept by their stored name and type, `_` padding excepted; a second field of the same
name gets a number. Positions are float32 where that holds them, else float64. Packed colours stay
as stored (`packed_colour.unpack` reads them). VIEWPOINT is the sensor's pose in the cloud's coord
frame and moves no point. Bytes and lines after the last point are ignored, as by the library.
Where POINTS and WIDTH x HEIGHT disagree, POINTS holds and the cloud is not organised.
"""

from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.points.gather import count_finite
from viewer.formats.points.lzf import decompress
from viewer.formats.points.mapped_file import map_file
from viewer.formats.points.pcd_header import PcdField, PcdHeader, read_header
from viewer.formats.points.records import cloud_from_columns, position_dtype, position_names
from viewer.formats.points.text_rows import TextField, read_rows
from viewer.geometry.transform import RigidTransform
from viewer.scene.point_cloud import PointCloud


class Pcd:
    """Reader of ``.pcd`` files."""

    name: ClassVar[str] = "pcd"
    title: ClassVar[str] = "PCD"
    suffixes: ClassVar[tuple[str, ...]] = (".pcd",)

    def read(self, path: Path, *, fields: tuple[str, ...] | None = None) -> PointCloud:
        """Read a file; see the module for what is kept and how."""
        content = map_file(path)
        header = read_header(path, content)
        axes = _axes(path, header)
        viewpoint = _viewpoint_transform(header)
        if header.data == "ascii":
            return _read_ascii(path, content, header, axes, fields, viewpoint)
        columns = (
            _binary_columns(path, content, header)
            if header.data == "binary"
            else _compressed_columns(path, content, header)
        )
        return cloud_from_columns(
            columns,
            fields=fields,
            organized_shape=header.organized_shape,
            viewpoint=viewpoint,
        )


def _axes(path: Path, header: PcdHeader) -> tuple[str, str, str]:
    single = {field.name: field for field in header.fields if field.count == 1}
    axes = position_names(single)
    if axes is None:
        raise DamagedData(path, "header", "has no fields x, y and z")
    return axes


def _viewpoint_transform(header: PcdHeader) -> RigidTransform | None:
    """Return world_from_sensor; None when the header gives none or a zero quaternion."""
    if header.viewpoint is None or not any(header.viewpoint[3:]):
        return None
    try:
        return RigidTransform.from_quaternion(
            "world", "sensor", np.array(header.viewpoint[3:]), np.array(header.viewpoint[:3])
        )
    except ValueError:
        return None


def _binary_columns(
    path: Path, content: npt.NDArray[np.uint8], header: PcdHeader
) -> dict[str, npt.NDArray[Any]]:
    """Return views of the mapped records, (N,) or (N, count)."""
    needed = header.point_count * header.stride
    held = len(content) - header.data_start
    if needed > held:
        problem = f"{header.point_count} points need {needed} bytes, only {held} are there"
        raise DamagedData(path, f"byte {header.data_start}", problem)
    return {
        field.name: _view(
            content,
            field,
            header.point_count,
            header.data_start + field.offset,
            header.stride,
        )
        for field in header.fields
        if not field.is_padding
    }


def _compressed_columns(
    path: Path, content: npt.NDArray[np.uint8], header: PcdHeader
) -> dict[str, npt.NDArray[Any]]:
    """Decompress; return views of the fields, which lie one after the other."""
    start = header.data_start
    needed = header.point_count * header.stride
    if needed == 0:
        content = np.zeros(8, dtype=np.uint8)
        start = 0
    if len(content) < start + 8:
        raise DamagedData(path, f"byte {start}", "ends before the sizes of the compressed data")
    compressed, size = np.frombuffer(content[start : start + 8].tobytes(), "<u4").tolist()
    if compressed > len(content) - start - 8:
        problem = f"{compressed} compressed bytes are announced, {len(content) - start - 8} held"
        raise DamagedData(path, f"byte {start}", problem)
    if size < needed:
        problem = f"{header.point_count} points need {needed} bytes, {size} are compressed here"
        raise DamagedData(path, f"byte {start + 4}", problem)
    try:
        raw = decompress(content[start + 8 : start + 8 + compressed], size)
    except ValueError as error:
        raise DamagedData(path, f"byte {start + 8}", str(error)) from None
    return {
        field.name: _view(raw, field, header.point_count, header.point_count * field.offset, None)
        for field in header.fields
        if not field.is_padding
    }


def _view(
    raw: npt.NDArray[np.uint8], field: PcdField, rows: int, offset: int, stride: int | None
) -> npt.NDArray[Any]:
    """Return one field as (N,) or (N, count), at `offset`, `stride` bytes apart."""
    step = field.nbytes if stride is None else stride
    if rows == 0:
        offset = 0
    shape = (rows,) if field.count == 1 else (rows, field.count)
    strides = (step,) if field.count == 1 else (step, field.dtype.itemsize)
    buffer = raw if len(raw) else None
    return np.ndarray(shape, field.dtype, buffer, offset, strides)


def _read_ascii(
    path: Path,
    content: npt.NDArray[np.uint8],
    header: PcdHeader,
    axes: tuple[str, str, str],
    fields: tuple[str, ...] | None,
    viewpoint: RigidTransform | None,
) -> PointCloud:
    stored = {field.name: field for field in header.fields}
    xyz_dtype = position_dtype(*(stored[axis].dtype for axis in axes))
    text_fields = []
    for field in header.fields:
        dtype: np.dtype[Any] | None = field.dtype
        if field.name in axes:
            dtype = xyz_dtype
        elif field.is_padding or (fields is not None and field.name not in fields):
            dtype = None
        text_fields.append(TextField(field.name, dtype, field.count))
    xyz, kept = read_rows(path, content, header.data_start, header.point_count, text_fields, axes)
    return PointCloud(
        xyz,
        MappingProxyType(kept),
        finite_count=count_finite(xyz),
        organized_shape=header.organized_shape,
        viewpoint=viewpoint,
    )
