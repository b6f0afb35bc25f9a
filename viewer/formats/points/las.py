"""LAS, LAZ and COPC through laspy and lazrs.

Positions are scaled and offset as the header says, float64. Every other dimension is kept by the
name laspy gives it, extra bytes included; colours stay 16 bits.
"""

from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.points.gather import count_finite
from viewer.formats.points.las_sizes import check_sizes
from viewer.formats.points.mapped_file import map_file
from viewer.scene.point_cloud import PointCloud

if TYPE_CHECKING:
    from laspy import ScaleAwarePointRecord

_CHUNK_BYTES = 1 << 25


class Las:
    """Reader of ``.las`` and ``.laz`` files."""

    name: ClassVar[str] = "las"
    title: ClassVar[str] = "LAS / LAZ"
    suffixes: ClassVar[tuple[str, ...]] = (".copc.laz", ".laz", ".las")

    def read(self, path: Path, *, fields: tuple[str, ...] | None = None) -> PointCloud:
        """Read a file; see the module for what is kept."""
        content = map_file(path)
        try:
            check_sizes(path, content)
            return _read(path, fields)
        except DamagedData:
            raise
        except BaseException as error:
            # A panic of the Rust decoder arrives as a BaseException of a class that none exports.
            if isinstance(error, Exception) or type(error).__name__ == "PanicException":
                reason = str(error).split("\n", 1)[0][:160] or type(error).__name__
                raise DamagedData(path, "", f"cannot be decoded: {reason}") from None
            raise


def _read(path: Path, fields: tuple[str, ...] | None) -> PointCloud:
    import laspy

    with laspy.open(path, laz_backend=laspy.LazBackend.Lazrs) as reader:
        header = reader.header
        names = [
            name
            for name in header.point_format.dimension_names
            if name not in ("X", "Y", "Z") and (fields is None or name in fields)
        ]
        rows = max(1, _CHUNK_BYTES // header.point_format.size)
        parts = [_chunk(points, names) for points in reader.chunk_iterator(rows)]
        if not parts:
            empty = laspy.ScaleAwarePointRecord.zeros(0, header=header)
            parts = [_chunk(empty, names)]
    xyz = np.concatenate([part[0] for part in parts])
    if len(xyz) != header.point_count:
        problem = f"has {len(xyz)} of {header.point_count} points"
        raise DamagedData(path, "end of the file", problem)
    kept = {name: np.concatenate([part[1][name] for part in parts]) for name in names}
    return PointCloud(xyz, MappingProxyType(kept), finite_count=count_finite(xyz))


def _chunk(
    points: "ScaleAwarePointRecord", names: list[str]
) -> tuple[npt.NDArray[Any], dict[str, npt.NDArray[Any]]]:
    xyz = np.empty((len(points), 3))
    with np.errstate(over="ignore", invalid="ignore"):
        for column, axis in enumerate("XYZ"):
            np.multiply(points[axis], points.scales[column], out=xyz[:, column])
            xyz[:, column] += points.offsets[column]
    return xyz, {name: np.array(points[name]) for name in names}
