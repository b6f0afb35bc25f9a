"""Compiled walk over binary PLY rows whose lists make them differ in length."""

# The signatures that numba compiles for give the types of the kernels.
# mypy: disable-error-code="no-untyped-def,no-untyped-call,assignment,return-value"

import numpy as np
import numpy.typing as npt
from numba import njit, types

_BYTES_IN = types.Array(types.uint8, 1, "C", readonly=True)
_PLAN = types.Array(types.int64, 2, "C")


@njit(
    types.int64(
        _BYTES_IN, types.int64, types.int64, _PLAN, types.boolean, types.Array(types.uint8, 2, "C")
    ),
    cache=True,
    nogil=True,
)
def _pack(content, at, rows, plan, big_endian, out):
    """Copy the fixed-size properties of each row; return the end, or -1 - row on damage.

    Each row of the plan is (bytes of the length or 0, bytes of a value).
    """
    size = content.size
    for row in range(rows):
        packed = 0
        for step in range(plan.shape[0]):
            length_bytes = plan[step, 0]
            value_bytes = plan[step, 1]
            if length_bytes == 0:
                if at + value_bytes > size:
                    return -1 - row
                if out.shape[1] > 0:
                    for offset in range(value_bytes):
                        out[row, packed + offset] = content[at + offset]
                packed += value_bytes
                at += value_bytes
                continue
            if at + length_bytes > size:
                return -1 - row
            length = np.uint64(0)
            for offset in range(length_bytes):
                source = offset if big_endian else length_bytes - 1 - offset
                length = (length << np.uint64(8)) | np.uint64(content[at + source])
            at += length_bytes
            if length > np.uint64(size) or np.int64(length) * value_bytes > size - at:
                return -1 - row
            at += np.int64(length) * value_bytes
    return at


def pack_rows(
    content: npt.NDArray[np.uint8],
    start: int,
    rows: int,
    plan: list[tuple[int, int]],
    *,
    big_endian: bool,
    keep: bool,
) -> tuple[npt.NDArray[np.uint8], int]:
    """Return (rows, bytes) without the lists, and where the rows end.

    Parameters
    ----------
    content, start, rows
        The file's bytes, where the rows begin and how many there are.
    plan
        One (bytes of the list's length or 0, bytes of a value) a property.
    big_endian
        Byte order of the lengths.
    keep
        False only skips the rows.

    Raises
    ------
    ValueError
        Names the row that reaches beyond the file.
    """
    fixed = sum(value for length, value in plan if length == 0)
    smallest = sum(length or value for length, value in plan)
    if rows * max(smallest, 1) > len(content) - start:
        raise ValueError(f"{rows} rows do not fit into {len(content) - start} bytes")
    out = np.empty((rows, fixed) if keep else (0, 0), dtype=np.uint8)
    steps = np.array(plan, dtype=np.int64).reshape(-1, 2)
    end = int(_pack(content, start, rows, steps, big_endian, out))
    if end < 0:
        raise ValueError(f"row {-1 - end} reaches beyond the end of the file")
    return out, end
