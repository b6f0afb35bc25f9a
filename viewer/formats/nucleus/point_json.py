"""Nucleus point clouds: a JSON object whose ``points`` are objects with x, y, z and more."""

import math
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Struct

from viewer.formats.base import DamagedData
from viewer.formats.json_rows import JsonFile
from viewer.scene.point_cloud import PointCloud

MAX_CHUNK_BYTES = 64 * 1024 * 1024


class _Point(Struct, gc=False):
    x: float
    y: float
    z: float
    i: float | None = None
    d: int | None = None
    t: int | float | None = None
    is_ground: bool | None = None


_POINTS = msgspec.json.Decoder(list[_Point])


def read_point_json(path: Path) -> PointCloud:
    """Read a cloud in ``world``.

    Positions are float64. Fields that any point has: ``intensity`` (0 to 1), ``device``,
    ``time_ns`` and ``is_ground``; points that lack one have NaN, -1, 0 and 0. Points are decoded
    some thousand at a time, so that memory stays near that of the arrays.
    """
    file = JsonFile(path)
    begin = next((start for key, start, _ in file.object_entries() if key == "points"), None)
    if begin is None:
        raise DamagedData(path, "$", "has no points")
    chunks: list[npt.NDArray[np.float64]] = [np.empty((0, 7))]
    times: list[npt.NDArray[np.int64]] = [np.empty(0, dtype=np.int64)]
    count = 0
    for starts, ends in file.array_elements(begin):
        if not len(starts):
            continue
        if ends[-1] - starts[0] > MAX_CHUNK_BYTES:
            raise DamagedData(path, f"$.points[{count}]", "is too long for a point")
        data = b"[" + file.piece(int(starts[0]), int(ends[-1])) + b"]"
        try:
            points = _POINTS.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            place = f"$.points[{count}] and the {len(starts) - 1} after it"
            raise DamagedData(path, place, str(error)) from None
        rows = [(p.x, p.y, p.z, p.i, p.d, p.t is not None, p.is_ground) for p in points]
        chunks.append(np.array(rows, dtype=np.float64).reshape(-1, 7))
        times.append(_times([p.t for p in points], path))
        count += len(points)
    return _cloud(np.concatenate(chunks), np.concatenate(times))


def _times(values: list[int | float | None], path: Path) -> npt.NDArray[np.int64]:
    try:
        return np.array(
            [0 if value is None or not math.isfinite(value) else int(value) for value in values],
            dtype=np.int64,
        )
    except OverflowError:
        raise DamagedData(path, "$.points", "a time does not fit in 64 bits") from None


def _cloud(table: npt.NDArray[np.float64], times: npt.NDArray[np.int64]) -> PointCloud:
    fields: dict[str, npt.NDArray[Any]] = {}
    known = np.isfinite(table)
    if known[:, 3].any():
        with np.errstate(over="ignore"):
            fields["intensity"] = table[:, 3].astype(np.float32)
    if known[:, 4].any():
        fields["device"] = (
            np.where(known[:, 4], table[:, 4], -1).clip(-1, 2**31 - 1).astype(np.int32)
        )
    if table[:, 5].any():
        fields["time_ns"] = times
    if known[:, 6].any():
        fields["is_ground"] = (np.nan_to_num(table[:, 6]) > 0).astype(np.uint8)
    return PointCloud(np.ascontiguousarray(table[:, :3]), fields)
