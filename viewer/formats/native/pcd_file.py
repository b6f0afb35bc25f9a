"""Writes a point cloud as PCD 0.7, every field with its name and type."""

import struct
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.formats.native.lzf_kernels import compress
from viewer.geometry.rotation import quaternion_from_matrix
from viewer.scene.point_cloud import PointCloud

Columns = dict[str, npt.NDArray[Any]]
_LETTERS = {"f": "F", "i": "I", "u": "U"}


def write_pcd(path: Path, cloud: PointCloud, *, compressed: bool = False) -> None:
    """Write a cloud; half floats are widened and flags become bytes, as PCD has neither."""
    columns: Columns = {"x": cloud.xyz[:, 0], "y": cloud.xyz[:, 1], "z": cloud.xyz[:, 2]}
    for name, values in cloud.fields.items():
        columns[_field_name(name, columns)] = _storable(values)
    data = _columns_after_each_other(columns) if compressed else _rows(columns, len(cloud))
    with path.open("wb") as file:
        file.write(_header(cloud, columns, "binary_compressed" if compressed else "binary"))
        file.write(data)


def _rows(columns: Columns, count: int) -> bytes:
    records = np.empty(
        count,
        dtype=[
            (name, values.dtype.newbyteorder("<"), values.shape[1:])
            for name, values in columns.items()
        ],
    )
    for name, values in columns.items():
        records[name] = values
    return records.tobytes()


def _columns_after_each_other(columns: Columns) -> bytes:
    plain = b"".join(
        np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<")).tobytes()
        for values in columns.values()
    )
    packed = compress(np.frombuffer(plain, dtype=np.uint8)).tobytes()
    return struct.pack("<II", len(packed), len(plain)) + packed


def _storable(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    flat = values.reshape(len(values), -1) if values.ndim > 2 else values
    if flat.dtype == np.bool_:
        return flat.astype(np.uint8)
    if flat.dtype == np.float16:
        return flat.astype(np.float32)
    if flat.dtype.kind not in _LETTERS:
        raise TypeError(f"a point field of type {flat.dtype} cannot be written")
    return flat


def _field_name(name: str, taken: Columns) -> str:
    word = "_".join(name.split()) or "field"
    while word in taken:
        word += "_"
    return word


def _header(cloud: PointCloud, columns: Columns, encoding: str) -> bytes:
    height, width = cloud.organized_shape or (1, len(cloud))
    viewpoint = [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]
    if cloud.viewpoint is not None:
        pose = cloud.viewpoint
        viewpoint = [*pose.translation.tolist(), *quaternion_from_matrix(pose.rotation).tolist()]
    counts = [values.shape[1] if values.ndim == 2 else 1 for values in columns.values()]
    lines = (
        "# .PCD v0.7 - Point Cloud Data file format",
        "VERSION 0.7",
        f"FIELDS {' '.join(columns)}",
        f"SIZE {' '.join(str(values.dtype.itemsize) for values in columns.values())}",
        f"TYPE {' '.join(_LETTERS[values.dtype.kind] for values in columns.values())}",
        f"COUNT {' '.join(map(str, counts))}",
        f"WIDTH {width}",
        f"HEIGHT {height}",
        f"VIEWPOINT {' '.join(f'{number:.17g}' for number in viewpoint)}",
        f"POINTS {len(cloud)}",
        f"DATA {encoding}",
    )
    return ("\n".join(lines) + "\n").encode()
