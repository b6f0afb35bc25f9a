"""Feather tables (Arrow IPC files) as numpy columns, checked before they are believed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData

MAX_FEATHER_BYTES = 1 << 30
_MAGIC = b"ARROW1"

Columns = dict[str, npt.NDArray[Any]]


def read_columns(
    path: Path, required: Mapping[str, str], optional: Mapping[str, str] | None = None
) -> Columns:
    """Read columns of a table; others are passed over.

    Parameters
    ----------
    path
        A file of Feather version 2.
    required, optional
        numpy dtype by column name; ``U`` stands for text. Numbers are converted where no value
        changes its meaning: a whole number stays whole.

    Raises
    ------
    DamagedData
        When the file or a column cannot be used; columns are named as the place.
    """
    import pyarrow as pa

    wanted = {**required, **(optional or {})}
    try:
        size = path.stat().st_size
        if size > MAX_FEATHER_BYTES:
            raise DamagedData(path, "", f"is larger than {MAX_FEATHER_BYTES} bytes")
        data = path.read_bytes()
    except FileNotFoundError:
        raise DamagedData(path, "", "the file is missing") from None
    except OSError as error:
        raise DamagedData(path, "", f"cannot be read: {error.strerror or error}") from None
    if not data.startswith(_MAGIC):
        raise DamagedData(path, "byte 0", "is no Feather file (version 2)")
    try:
        with pa.ipc.open_file(pa.BufferReader(data)) as file:
            there = [index for index, name in enumerate(file.schema.names) if name in wanted]
        options = pa.ipc.IpcReadOptions(included_fields=there)
        with pa.ipc.open_file(pa.BufferReader(data), options=options) as file:
            table = file.read_all()
        table.validate(full=True)
    except (pa.ArrowException, OSError, MemoryError, ValueError, OverflowError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DamagedData(path, "", f"is not a readable Feather file ({reason})") from None
    columns: Columns = {}
    for name, dtype in wanted.items():
        if table.schema.names.count(name) == 1:
            columns[name] = _column(table.column(name), dtype, path, name)
        elif name in required:
            raise DamagedData(path, name, "the column is missing")
    return columns


def _column(column: Any, dtype: str, path: Path, name: str) -> npt.NDArray[Any]:  # noqa: ANN401
    import pyarrow as pa

    kind = column.type
    if dtype == "U":
        if pa.types.is_dictionary(kind):
            kind = kind.value_type
        if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
            raise DamagedData(path, name, f"holds {kind}, not text")
        return np.array([text or "" for text in column.to_pylist()], dtype=object)
    whole = np.dtype(dtype).kind in "iu"
    if not (pa.types.is_integer(kind) or (pa.types.is_floating(kind) and not whole)):
        raise DamagedData(path, name, f"holds {kind}, not {np.dtype(dtype)}")
    if column.null_count:
        if whole:
            raise DamagedData(path, name, f"has {column.null_count} empty values")
        values = column.to_numpy()
    else:
        values = column.combine_chunks().to_numpy(zero_copy_only=False)
    if whole and values.dtype != np.dtype(dtype):
        limits = np.iinfo(dtype)
        if len(values) and not limits.min <= int(values.min()) <= int(values.max()) <= limits.max:
            raise DamagedData(path, name, f"has numbers that do not fit {np.dtype(dtype)}")
    converted: npt.NDArray[Any] = np.ascontiguousarray(values, dtype=dtype)
    return converted
