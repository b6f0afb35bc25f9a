"""Raw little-endian float32 tables: KITTI and nuScenes sweeps, and the four-file form.

A ``.bin`` file says nothing about itself. Its number of columns is found so: of 4 (x y z
intensity: KITTI), 5 (x y z intensity ring), 3 (x y z) and 6, those whose rows fill the file
remain. If several do, the first rows decide: read with the right number of columns, a value
differs little from the one above it, read with a wrong one it is compared with another quantity.
4 wins unless another reading is clearly smoother. On very few or wildly shuffled points this can
err; `read_bin` takes the number where it is known. ``.pcd.bin`` always has 5 columns, as nuScenes
writes it.
"""

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from viewer.formats.base import DamagedData
from viewer.formats.points.mapped_file import map_file
from viewer.formats.points.records import cloud_from_columns
from viewer.scene.point_cloud import PointCloud

_COLUMN_COUNTS = (4, 5, 3, 6)
_SAMPLE_ROWS = 2_000
_TELLING_VALUES = 256
"""Fewer values say nothing about how smooth columns are; the usual layout is taken."""
_CLEARLY_SMOOTHER = 0.9
_PLAUSIBLE_M = (1e-30, 1e15)


class FloatBin:
    """Reader of ``.bin`` files: KITTI, SemanticKITTI, Waymo in KITTI's layout and alike."""

    name: ClassVar[str] = "bin"
    title: ClassVar[str] = "float32 table (KITTI)"
    suffixes: ClassVar[tuple[str, ...]] = (".bin",)

    def read(self, path: Path, *, fields: tuple[str, ...] | None = None) -> PointCloud:
        """Read a file; see the module for how its columns are counted."""
        return read_bin(path, fields=fields)


class NuScenesBin:
    """Reader of nuScenes sweeps: x y z intensity ring."""

    name: ClassVar[str] = "nuscenes_bin"
    title: ClassVar[str] = "nuScenes sweep"
    suffixes: ClassVar[tuple[str, ...]] = (".pcd.bin",)

    def read(self, path: Path, *, fields: tuple[str, ...] | None = None) -> PointCloud:
        """Read a file of five columns."""
        return read_bin(path, columns=5, fields=fields)


def read_bin(
    path: Path, *, columns: int | None = None, fields: tuple[str, ...] | None = None
) -> PointCloud:
    """Read one table of float32.

    Six columns are x y z red green blue when the last three are whole numbers up to 255 (S3DIS),
    else x y z intensity elongation timestamp (Waymo in KITTI's layout).

    Parameters
    ----------
    path
        The file.
    columns
        How many numbers a point has, at least 3; None to find out.
    fields
        Which to keep beside the positions; None for all.
    """
    content = map_file(path)
    if len(content) % 4:
        raise DamagedData(path, "", f"{len(content)} bytes are no whole number of float32")
    values = content.view("<f4")
    if columns is None:
        columns = _column_count(path, values)
    elif len(values) % columns:
        problem = f"{len(values)} numbers do not fill rows of {columns}"
        raise DamagedData(path, "", problem)
    table = values.reshape(-1, columns)
    _require_plausible(path, table)
    names = column_names(table)
    return cloud_from_columns({n: table[:, i] for i, n in enumerate(names)}, fields=fields)


def read_bins(
    *,
    points: Path | None = None,
    kitti: Path | None = None,
    intensity: Path | None = None,
    range_m: Path | None = None,
) -> PointCloud:
    """Read the four-file form: one cloud spread over parallel little-endian files.

    Parameters
    ----------
    points
        float32 x y z. Positions come from here when both this and `kitti` are given.
    kitti
        float32 x y z intensity.
    intensity
        uint32, one a point; becomes the field ``intensity``, and the fourth column of `kitti`
        is then ``kitti_intensity``.
    range_m
        float32, one a point; becomes the field ``range``.

    Raises
    ------
    DamagedData
        When a file does not hold whole points or the lengths do not agree.
    """
    first = points or kitti
    if first is None:
        raise ValueError("needs points or kitti")
    columns: dict[str, npt.NDArray[Any]] = {}
    if points is not None:
        table = _rows(points, "<f4", 3)
        columns |= {"x": table[:, 0], "y": table[:, 1], "z": table[:, 2]}
    if kitti is not None:
        table = _rows(kitti, "<f4", 4)
        if points is None:
            columns |= {"x": table[:, 0], "y": table[:, 1], "z": table[:, 2]}
        columns["intensity" if intensity is None else "kitti_intensity"] = table[:, 3]
    if intensity is not None:
        columns["intensity"] = _rows(intensity, "<u4", 1)[:, 0]
    if range_m is not None:
        columns["range"] = _rows(range_m, "<f4", 1)[:, 0]
    expected = len(columns["x"])
    for path, name in ((kitti, "kitti_intensity"), (intensity, "intensity"), (range_m, "range")):
        held = len(columns.get(name, columns.get("intensity", columns["x"])))
        if path is not None and held != expected:
            problem = f"has {held} points where {first.name} has {expected}"
            raise DamagedData(path, "", problem)
    return cloud_from_columns(columns)


def column_names(table: npt.NDArray[Any]) -> tuple[str, ...]:
    """Return the names that columns of an (N, 3 or more) float32 table are known by."""
    count = table.shape[1]
    if count == 6:
        colours = table[:_SAMPLE_ROWS, 3:]
        with np.errstate(invalid="ignore"):
            whole = bool(((colours >= 0) & (colours <= 255) & (colours % 1 == 0)).all())
        if whole and colours.max(initial=0.0) > 1.0:
            return ("x", "y", "z", "red", "green", "blue")
        return ("x", "y", "z", "intensity", "elongation", "timestamp")
    names = ("x", "y", "z", "intensity", "ring")[:count]
    return names + tuple(f"column_{index}" for index in range(len(names), count))


def _rows(path: Path, dtype: str, columns: int) -> npt.NDArray[Any]:
    content = map_file(path)
    if len(content) % (4 * columns):
        raise DamagedData(path, "", f"{len(content)} bytes do not fill rows of {columns} x 4 bytes")
    return content.view(dtype).reshape(-1, columns)


def _column_count(path: Path, values: npt.NDArray[np.float32]) -> int:
    fitting = [count for count in _COLUMN_COUNTS if len(values) % count == 0]
    if not fitting:
        raise DamagedData(path, "", f"{len(values)} numbers fill no rows of 3, 4, 5 or 6")
    best = fitting[0]
    if len(fitting) > 1 and len(values) >= _TELLING_VALUES:
        roughness = _roughness(values, fitting)
        for count in fitting[1:]:
            if roughness[count] < _CLEARLY_SMOOTHER * roughness[best]:
                best = count
    return best


def _require_plausible(path: Path, table: npt.NDArray[np.float32]) -> None:
    """Refuse other data, such as labels, read as positions."""
    sample = np.abs(table[:_SAMPLE_ROWS, :3])
    sample = sample[np.isfinite(sample) & (sample > 0)]
    strange = (sample < _PLAUSIBLE_M[0]) | (sample > _PLAUSIBLE_M[1])
    if np.count_nonzero(strange) * 2 > len(sample):
        raise DamagedData(path, "", "holds no plausible positions; is it a point cloud?")


def _roughness(values: npt.NDArray[np.float32], counts: list[int]) -> dict[int, float]:
    """Return the mean change, on a logarithmic scale, from a value to the one a row below."""
    # Arbitrary bytes may be signalling NaNs, on which conversion raises a flag.
    with np.errstate(invalid="ignore"):
        sample = values[: _SAMPLE_ROWS * max(counts)].astype(np.float64)
    sample[~np.isfinite(sample)] = 0.0
    scaled = np.sign(sample) * np.log1p(np.abs(sample))
    changes = {count: np.abs(scaled[count:] - scaled[:-count]) for count in counts}
    return {
        count: float(change.mean()) if len(change) else 0.0 for count, change in changes.items()
    }
