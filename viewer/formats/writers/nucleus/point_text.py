"""Point clouds as the JSON that Nucleus reads."""

from collections.abc import Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from viewer.formats.writers.losses import LossLog
from viewer.scene.point_cloud import PointCloud

POINTS_AT_ONCE = 50_000
INTENSITY_NAMES = ("intensity", "reflectance", "reflectivity", "i")
_DEVICE, _TIME, _GROUND = "device", "time_ns", "is_ground"


class _Point(msgspec.Struct, omit_defaults=True, gc=False):
    x: float
    y: float
    z: float
    i: float | None = None
    d: int | None = None
    t: int | None = None
    is_ground: bool | None = None


def point_json(
    clouds: Sequence[tuple[PointCloud, npt.NDArray[np.float64]]], where: str, losses: LossLog
) -> bytes:
    """Return one file for the clouds of a frame.

    Parameters
    ----------
    clouds
        Each with its positions in ``world``, (N, 3). With more than one, ``d`` says which.
    """
    rows: list[bytes] = []
    for number, (cloud, xyz) in enumerate(clouds):
        _note(cloud, where, losses)
        columns = _columns(cloud, where, losses)
        if len(clouds) > 1:
            columns[1] = np.full(len(cloud), number, dtype=np.int64)
        finite = np.flatnonzero(np.isfinite(xyz).all(axis=1))
        why = "JSON has no NaN; points without a place are left out"
        losses.add("point", where, why, len(xyz) - len(finite))
        for first in range(0, len(finite), POINTS_AT_ONCE):
            rows.append(_rows(xyz, columns, finite[first : first + POINTS_AT_ONCE]))
    return b'{"points": [' + b",".join(rows) + b"]}"


def _rows(
    xyz: npt.NDArray[np.float64],
    columns: Sequence[npt.NDArray[np.generic] | None],
    some: npt.NDArray[np.int64],
) -> bytes:
    """Return the rows without the brackets around them."""
    positions = xyz[some].astype(np.float64).T.tolist()
    empty = [None] * len(some)
    more = [empty if column is None else column[some].tolist() for column in columns]
    # Intensity alone may be NaN: that of a point which has none.
    more[0] = [None if value != value else value for value in more[0]]
    points = [_Point(*row) for row in zip(*positions, *more, strict=True)]
    return msgspec.json.encode(points)[1:-1]


def _columns(
    cloud: PointCloud, where: str, losses: LossLog
) -> list[npt.NDArray[np.generic] | None]:
    """Return intensity, device, time and ground marks, None for those that the cloud lacks."""
    name = next((each for each in INTENSITY_NAMES if each in cloud.scalar_fields), None)
    found: list[npt.NDArray[np.generic] | None] = [
        None if name is None else _intensity(cloud.fields[name], where, losses),
        *(_integers(cloud, each) for each in (_DEVICE, _TIME)),
        _integers(cloud, _GROUND),
    ]
    if found[3] is not None:
        found[3] = found[3].astype(bool)
    taken = {name} | {
        each for each, column in zip((_DEVICE, _TIME, _GROUND), found[1:], strict=True)
        if column is not None
    }  # fmt: skip
    for field in cloud.fields:
        if field not in taken:
            losses.add(f"point field {field!r}", where, "a point has x, y, z, i, d, t, is_ground")
    return found


def _integers(cloud: PointCloud, name: str) -> npt.NDArray[np.generic] | None:
    values = cloud.fields.get(name)
    if values is None or values.ndim != 1 or values.dtype.kind not in "iub":
        return None
    return values.astype(np.int64)


def _intensity(
    values: npt.NDArray[np.generic], where: str, losses: LossLog
) -> npt.NDArray[np.float64]:
    numbers = values.astype(np.float64)
    if values.dtype.kind == "u":
        largest = 2 ** (8 * values.dtype.itemsize) - 1
        why = f"is divided by {largest}: that of Nucleus runs from 0 to 1"
        losses.add("intensity", where, why)
        scaled: npt.NDArray[np.float64] = numbers / largest
        return scaled
    numbers[~np.isfinite(numbers)] = np.nan
    outside = int(((numbers < 0.0) | (numbers > 1.0)).sum())
    losses.add("intensity of a point", where, "lies outside 0 to 1 and is written so", outside)
    return numbers


def _note(cloud: PointCloud, where: str, losses: LossLog) -> None:
    if cloud.organized_shape is not None:
        losses.add("order in rows and columns", where, "a cloud is a plain list of points")
    if cloud.viewpoint is not None:
        losses.add("viewpoint", where, "a cloud names none")
