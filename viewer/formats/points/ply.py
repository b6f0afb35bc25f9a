"""PLY, the Stanford polygon format: the vertices, ASCII or binary of either byte order.

Every property of the vertices is kept by name and type; lists and all other elements are skipped.
It is a reader of our own because rows of records and of text are what PCD needs too: both share the
compiled readers of those, and no property is lost on the way through a mesh.
"""

from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.points.gather import count_finite
from viewer.formats.points.mapped_file import map_file
from viewer.formats.points.ply_header import PlyElement, PlyHeader, read_header
from viewer.formats.points.records import cloud_from_columns, position_dtype, position_names
from viewer.formats.points.text_rows import TextField, read_rows
from viewer.scene.point_cloud import PointCloud


class Ply:
    """Reader of ``.ply`` files."""

    name: ClassVar[str] = "ply"
    title: ClassVar[str] = "PLY"
    suffixes: ClassVar[tuple[str, ...]] = (".ply",)

    def read(self, path: Path, *, fields: tuple[str, ...] | None = None) -> PointCloud:
        """Read the vertices of a file."""
        content = map_file(path)
        header = read_header(path, content)
        before: list[PlyElement] = []
        for element in header.elements:
            if element.name == "vertex":
                axes = _axes(path, element)
                if header.byte_order:
                    columns = _binary_columns(path, content, header, before, element)
                    return cloud_from_columns(columns, fields=fields)
                return _read_ascii(path, content, header, before, element, axes, fields)
            before.append(element)
        raise DamagedData(path, "header", "has no element vertex")


def _axes(path: Path, vertex: PlyElement) -> tuple[str, str, str]:
    single = {item.name: item for item in vertex.properties if item.length_dtype is None}
    axes = position_names(single)
    if axes is None:
        raise DamagedData(path, "header", "the vertices have no properties x, y and z")
    return axes


def _binary_columns(
    path: Path,
    content: npt.NDArray[np.uint8],
    header: PlyHeader,
    before: list[PlyElement],
    vertex: PlyElement,
) -> dict[str, npt.NDArray[Any]]:
    """Return views of the vertices' properties, (N,) each."""
    start = header.data_start
    for element in before:
        _, start = _rows(path, content, header, element, start, keep=False)
    rows, _ = _rows(path, content, header, vertex, start, keep=True)
    columns: dict[str, npt.NDArray[Any]] = {}
    offset = 0
    for item in vertex.properties:
        if item.length_dtype is None:
            shape = (vertex.count,)
            columns[item.name] = (
                np.ndarray(shape, item.dtype, rows, offset, (rows.shape[1],))
                if vertex.count
                else np.empty(0, dtype=item.dtype)
            )
            offset += item.dtype.itemsize
    return columns


def _rows(
    path: Path,
    content: npt.NDArray[np.uint8],
    header: PlyHeader,
    element: PlyElement,
    start: int,
    *,
    keep: bool,
) -> tuple[npt.NDArray[np.uint8], int]:
    """Return (count, bytes) rows of an element without its lists, and where it ends."""
    plan = [
        (item.length_dtype.itemsize if item.length_dtype is not None else 0, item.dtype.itemsize)
        for item in element.properties
    ]
    place = f"byte {start}"
    if element.has_list:
        from viewer.formats.points.ply_list_kernels import pack_rows

        big = header.byte_order == ">"
        try:
            return pack_rows(content, start, element.count, plan, big_endian=big, keep=keep)
        except ValueError as error:
            raise DamagedData(path, place, f"element {element.name[:40]}: {error}") from None
    stride = sum(value for _, value in plan)
    needed = element.count * stride
    if needed > len(content) - start:
        problem = f"{element.count} rows of {element.name[:40]} need {needed} bytes"
        raise DamagedData(path, place, f"{problem}, only {len(content) - start} are there")
    rows = content[start : start + needed].reshape(element.count if stride else 0, stride)
    return rows, start + needed


def _read_ascii(
    path: Path,
    content: npt.NDArray[np.uint8],
    header: PlyHeader,
    before: list[PlyElement],
    vertex: PlyElement,
    axes: tuple[str, str, str],
    fields: tuple[str, ...] | None,
) -> PointCloud:
    start = _skip_lines(path, content, header.data_start, sum(e.count for e in before))
    stored = {item.name: item.dtype for item in vertex.properties}
    xyz_dtype = position_dtype(*(stored[axis] for axis in axes))
    text_fields = []
    for item in vertex.properties:
        dtype: np.dtype[Any] | None = item.dtype
        if item.name in axes:
            dtype = xyz_dtype
        elif item.length_dtype is not None or (fields is not None and item.name not in fields):
            dtype = None
        is_list = item.length_dtype is not None
        text_fields.append(TextField(item.name, dtype, is_list=is_list))
    xyz, kept = read_rows(path, content, start, vertex.count, text_fields, axes)
    return PointCloud(xyz, MappingProxyType(kept), finite_count=count_finite(xyz))


def _skip_lines(path: Path, content: npt.NDArray[np.uint8], start: int, count: int) -> int:
    """Return where the text goes on after `count` lines that are not blank."""
    if count == 0:
        return start
    if count > len(content) - start:
        raise DamagedData(path, f"byte {start}", "ends before the vertices")
    text = content[start:].tobytes()
    at = 0
    while count and at < len(text):
        end = text.find(b"\n", at)
        end = len(text) if end < 0 else end
        count -= bool(text[at:end].strip())
        at = end + 1
    if count:
        raise DamagedData(path, "end of the file", "ends before the vertices")
    return start + min(at, len(text))
