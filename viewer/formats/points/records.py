"""From a table of fields to a `PointCloud`: the part that every record-based format shares."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.formats.points.gather import gather_field, gather_xyz, gather_xyz_and_scalar
from viewer.geometry.transform import RigidTransform
from viewer.scene.point_cloud import PointCloud

AXES = ("x", "y", "z")


def position_names(names: Mapping[str, Any]) -> tuple[str, str, str] | None:
    """Return the names of the three coordinates, lower case preferred; None when one lacks."""
    for axes in (AXES, tuple(axis.upper() for axis in AXES)):
        if all(axis in names for axis in axes):
            return (axes[0], axes[1], axes[2])
    return None


def position_dtype(*stored: np.dtype[Any]) -> np.dtype[Any]:
    """Return float32 where it holds all three stored types exactly, else float64."""
    small = all(
        dtype.itemsize <= 4 if dtype.kind == "f" else dtype.itemsize <= 2 for dtype in stored
    )
    return np.dtype(np.float32 if small else np.float64)


def wanted_names(
    names: Mapping[str, Any], axes: tuple[str, str, str], fields: tuple[str, ...] | None
) -> list[str]:
    """Return the fields to keep beside xyz, in stored order."""
    return [name for name in names if name not in axes and (fields is None or name in fields)]


def cloud_from_columns(
    columns: Mapping[str, npt.NDArray[Any]],
    *,
    fields: tuple[str, ...] | None = None,
    organized_shape: tuple[int, int] | None = None,
    viewpoint: RigidTransform | None = None,
) -> PointCloud:
    """Copy columns of any stride, alignment and byte order into a cloud.

    Parameters
    ----------
    columns
        (N,) or (N, count) arrays by name; x, y and z (or X, Y and Z) among them.
    fields
        Which to keep beside the positions; None for all.
    organized_shape, viewpoint
        As in `PointCloud`.
    """
    axes = position_names(columns)
    if axes is None:
        raise ValueError("has no fields x, y and z")
    stored = [columns[axis] for axis in axes]
    dtype = position_dtype(*(column.dtype for column in stored))
    with np.errstate(invalid="ignore", over="ignore"):
        x, y, z = (column if column.dtype == dtype else column.astype(dtype) for column in stored)
    names = wanted_names(columns, axes, fields)
    kept: dict[str, npt.NDArray[Any]] = {}
    fused = next((name for name in names if _is_native_word(columns[name])), None)
    if fused is None:
        xyz, finite = gather_xyz(x, y, z)
    else:
        xyz, scalar, finite = gather_xyz_and_scalar(x, y, z, columns[fused])
    for name in names:
        kept[name] = scalar if name == fused else gather_field(columns[name])
    return PointCloud(
        xyz,
        MappingProxyType(kept),
        finite_count=finite,
        organized_shape=organized_shape,
        viewpoint=viewpoint,
    )


def _is_native_word(column: npt.NDArray[Any]) -> bool:
    return column.ndim == 1 and column.dtype.itemsize == 4 and column.dtype.isnative
