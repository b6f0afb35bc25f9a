"""Feather tables with exactly the columns and types that the av2 package reads."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.formats.argoverse2.labels import CENTER, ROTATION, SIZE

LABEL_TYPES = {
    "timestamp_ns": "int64",
    "track_uuid": "string",
    "category": "string",
    **dict.fromkeys((*SIZE, *ROTATION, *CENTER), "float64"),
    "num_interior_pts": "int64",
}
SCORED_TYPES = {
    **{name: kind for name, kind in LABEL_TYPES.items() if name != "num_interior_pts"},
    "score": "float64",
    "log_id": "string",
}
POSE_TYPES = {"timestamp_ns": "int64", **dict.fromkeys((*ROTATION, *CENTER), "float64")}
EXTRINSIC_TYPES = {"sensor_name": "string", **dict.fromkeys((*ROTATION, *CENTER), "float64")}
INTRINSIC_TYPES = {
    "sensor_name": "string",
    **dict.fromkeys(("fx_px", "fy_px", "cx_px", "cy_px", "k1", "k2", "k3"), "float64"),
    "height_px": "uint16",
    "width_px": "uint16",
}


def rows_table(rows: Sequence[Mapping[str, Any]], types: Mapping[str, str]) -> bytes:
    """Return a table of rows, each with every column; keys that are no column are left out."""
    import pyarrow as pa

    columns = {name: [row[name] for row in rows] for name in types}
    schema = pa.schema([(name, pa.type_for_alias(kind)) for name, kind in types.items()])
    return _file(pa.table(columns, schema=schema))


def points_table(columns: Mapping[str, npt.NDArray[Any]]) -> bytes:
    """Return a table of arrays, in their own types."""
    import pyarrow as pa

    return _file(pa.table({name: np.ascontiguousarray(each) for name, each in columns.items()}))


def _file(table: Any) -> bytes:  # noqa: ANN401
    import pyarrow as pa

    buffer = io.BytesIO()
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    with pa.ipc.new_file(buffer, table.schema, options=options) as writer:
        writer.write_table(table)
    return buffer.getvalue()
