"""Copies from records of any layout to contiguous arrays, finite points counted on the way.

Compiled where that pays. A short command that reads one small file would wait longer for the
compiler's library to load than for numpy to do the work, so until something has loaded the
kernels, numpy does it; the results are the same.
"""

import importlib
import sys
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

PARALLEL_ROWS = 32_768
"""Below this many rows starting threads costs more than they save."""

LOAD_KERNELS_ROWS = 8_000_000
"""From this many rows on, loading the kernels pays for one file."""

_KERNELS = "viewer.formats.points.gather_kernels"


def _kernels(rows: int) -> ModuleType | None:
    if rows >= LOAD_KERNELS_ROWS:
        return importlib.import_module(_KERNELS)
    return sys.modules.get(_KERNELS)


def gather_xyz(
    x: npt.NDArray[Any], y: npt.NDArray[Any], z: npt.NDArray[Any]
) -> tuple[npt.NDArray[Any], int]:
    """Return contiguous (N, 3) positions and how many rows are finite.

    x, y, z are (N,), all float32 or all float64, of any stride and alignment.
    """
    xyz = np.empty((len(x), 3), dtype=x.dtype)
    kernels = _kernels(len(x))
    if kernels is None:
        xyz[:, 0], xyz[:, 1], xyz[:, 2] = x, y, z
        return xyz, count_finite(xyz)
    kernel = kernels.gather_parallel if len(x) >= PARALLEL_ROWS else kernels.gather_serial
    return xyz, int(kernel(x, y, z, xyz.reshape(-1)))


def gather_xyz_and_scalar(
    x: npt.NDArray[Any], y: npt.NDArray[Any], z: npt.NDArray[Any], scalar: npt.NDArray[Any]
) -> tuple[npt.NDArray[Any], npt.NDArray[Any], int]:
    """As `gather_xyz`, with one field of 4 bytes a point copied in the same pass."""
    kernels = _kernels(len(x))
    if kernels is None:
        xyz, finite = gather_xyz(x, y, z)
        return xyz, gather_field(scalar), finite
    xyz = np.empty((len(x), 3), dtype=x.dtype)
    out = np.empty(len(x), dtype=np.uint32)
    parallel = len(x) >= PARALLEL_ROWS
    kernel = kernels.gather_scalar_parallel if parallel else kernels.gather_scalar_serial
    finite = int(kernel(x, y, z, scalar.view(np.uint32), xyz.reshape(-1), out))
    return xyz, out.view(scalar.dtype), finite


def gather_field(source: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return a contiguous, aligned, native-endian copy of a field: (N,) or (N, count)."""
    native = source.dtype.newbyteorder("=")
    simple = source.ndim == 1 and source.dtype == native and native.itemsize in (1, 2, 4, 8)
    kernels = _kernels(len(source))
    if kernels is None or not simple or len(source) < PARALLEL_ROWS:
        return np.array(source, dtype=native, order="C")
    word = np.dtype(f"u{native.itemsize}")
    out = np.empty(len(source), dtype=word)
    kernels.copy_parallel(source.view(word), out)
    return out.view(native)


def count_finite(xyz: npt.NDArray[Any]) -> int:
    """Return how many rows of (N, 3) have three finite coordinates."""
    finite = np.isfinite(xyz)
    return int(np.count_nonzero(finite[:, 0] & finite[:, 1] & finite[:, 2]))
