"""Compiled copies from records to contiguous arrays, finite points counted on the way."""

# The signatures that numba compiles for give the types of the kernels.
# mypy: disable-error-code="no-untyped-def,no-untyped-call,assignment,return-value"

import numpy as np
from numba import njit, prange, types
from numba.core.typing.templates import Signature


def _column(scalar: types.Type) -> types.Type:
    """A 1-D input of any stride and alignment, such as one field of a mapped file."""
    return types.Array(scalar, 1, "A", readonly=True, aligned=False)


def _row_signature(scalar: types.Type) -> Signature:
    column = _column(scalar)
    return types.int64(column, column, column, types.Array(scalar, 1, "C"))


def _row_and_scalar_signature(scalar: types.Type) -> Signature:
    column = _column(scalar)
    out = types.Array(scalar, 1, "C")
    word = types.Array(types.uint32, 1, "C")
    return types.int64(column, column, column, _column(types.uint32), out, word)


def _gather(x, y, z, xyz):
    # A flat output takes two thirds of the time of one indexed by row and column.
    finite = 0
    for row in prange(x.size):
        a = x[row]
        b = y[row]
        c = z[row]
        xyz[3 * row] = a
        xyz[3 * row + 1] = b
        xyz[3 * row + 2] = c
        if np.isfinite(a) and np.isfinite(b) and np.isfinite(c):
            finite += 1
    return finite


def _gather_with_scalar(x, y, z, scalar, xyz, scalar_out):
    finite = 0
    for row in prange(x.size):
        a = x[row]
        b = y[row]
        c = z[row]
        xyz[3 * row] = a
        xyz[3 * row + 1] = b
        xyz[3 * row + 2] = c
        scalar_out[row] = scalar[row]
        if np.isfinite(a) and np.isfinite(b) and np.isfinite(c):
            finite += 1
    return finite


def _copy(source, out):
    for row in prange(source.size):
        out[row] = source[row]


_ROW_SIGNATURES = [_row_signature(types.float32), _row_signature(types.float64)]
_SCALAR_SIGNATURES = [
    _row_and_scalar_signature(types.float32),
    _row_and_scalar_signature(types.float64),
]
_WORDS = (types.uint8, types.uint16, types.uint32, types.uint64)
_COPY_SIGNATURES = [types.void(_column(word), types.Array(word, 1, "C")) for word in _WORDS]

gather_serial = njit(_ROW_SIGNATURES, cache=True, nogil=True)(_gather)
gather_parallel = njit(_ROW_SIGNATURES, cache=True, nogil=True, parallel=True)(_gather)
gather_scalar_serial = njit(_SCALAR_SIGNATURES, cache=True, nogil=True)(_gather_with_scalar)
gather_scalar_parallel = njit(_SCALAR_SIGNATURES, cache=True, nogil=True, parallel=True)(
    _gather_with_scalar
)
copy_parallel = njit(_COPY_SIGNATURES, cache=True, nogil=True, parallel=True)(_copy)
