"""Sweeps as the dataset's tools read them: a lidar's five columns, a radar's binary PCD."""

from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.formats.writers.kitti_files import INTENSITY_NAMES
from viewer.formats.writers.losses import LossLog
from viewer.scene.point_cloud import PointCloud

RING_NAMES = ("ring", "ring_index", "laser_number", "channel")
RADAR_FIELDS = (
    ("x", "<f4"), ("y", "<f4"), ("z", "<f4"), ("dyn_prop", "i1"), ("id", "<i2"), ("rcs", "<f4"),
    ("vx", "<f4"), ("vy", "<f4"), ("vx_comp", "<f4"), ("vy_comp", "<f4"),
    ("is_quality_valid", "i1"), ("ambig_state", "i1"), ("x_rms", "i1"), ("y_rms", "i1"),
    ("invalid_state", "i1"), ("pdh0", "i1"), ("vx_rms", "i1"), ("vy_rms", "i1"),
)  # fmt: skip


def lidar_bytes(cloud: PointCloud, where: str, losses: LossLog) -> bytes:
    """Return float32 rows of x, y, z, intensity and ring; NaN rows stay."""
    if not len(cloud):
        losses.add("empty point cloud", where, "a file without a point is read as a damaged one")
    rows = np.zeros((len(cloud), 5), dtype="<f4")
    _put_positions(rows[:, :3], cloud, where, losses)
    names = cloud.scalar_fields
    intensity = next((name for name in INTENSITY_NAMES if name in names), None)
    ring = next((name for name in RING_NAMES if name in names), None)
    for column, name, title in ((3, intensity, "intensity"), (4, ring, "ring")):
        if name is None:
            losses.add(title, where, "the cloud has none; zeros are written")
            continue
        values = cloud.fields[name]
        rows[:, column] = values
        changed = int(np.count_nonzero(_differs(rows[:, column], values)))
        losses.add(f"{title} of a point", where, "is rounded to float32", changed)
        if name != title:
            losses.add(f"name of the field {name!r}", where, f"becomes {title}")
    _note_rest(cloud, (intensity, ring), where, losses)
    return rows.tobytes()


def radar_bytes(cloud: PointCloud, where: str, losses: LossLog) -> bytes:
    """Return a binary PCD with the eighteen fields of the dataset's radars."""
    rows = np.zeros(len(cloud), dtype=list(RADAR_FIELDS))
    xyz = np.zeros((len(cloud), 3), dtype="<f4")
    _put_positions(xyz, cloud, where, losses)
    for index, axis in enumerate("xyz"):
        rows[axis] = xyz[:, index]
    for name, kind in RADAR_FIELDS[3:]:
        if name not in cloud.scalar_fields:
            losses.add(f"radar field {name!r}", where, "the cloud has none; zeros are written")
            continue
        values = cloud.fields[name]
        with np.errstate(invalid="ignore", over="ignore"):
            rows[name] = values
        changed = int(np.count_nonzero(_differs(rows[name], values)))
        losses.add(f"radar field {name!r} of a point", where, f"does not fit {kind}", changed)
    _note_rest(cloud, tuple(name for name, _ in RADAR_FIELDS), where, losses)
    types = [np.dtype(kind) for _, kind in RADAR_FIELDS]
    lines = (
        "# .PCD v0.7 - Point Cloud Data file format",
        "VERSION 0.7",
        f"FIELDS {' '.join(name for name, _ in RADAR_FIELDS)}",
        f"SIZE {' '.join(str(each.itemsize) for each in types)}",
        f"TYPE {' '.join('F' if each.kind == 'f' else 'I' for each in types)}",
        f"COUNT {' '.join('1' for _ in types)}",
        f"WIDTH {len(cloud)}",
        "HEIGHT 1",
        "VIEWPOINT 0 0 0 1 0 0 0",
        f"POINTS {len(cloud)}",
        "DATA binary\n",
    )
    # The dataset's own tools want at least one byte after the last point.
    return "\n".join(lines).encode() + rows.tobytes() + b"\n"


def _put_positions(
    rows: npt.NDArray[np.float32], cloud: PointCloud, where: str, losses: LossLog
) -> None:
    rows[:] = cloud.xyz
    changed = int(_differs(rows, cloud.xyz).any(axis=1).sum())
    losses.add("point", where, "is rounded to float32", changed)


def _differs(written: npt.NDArray[Any], given: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    differs: npt.NDArray[np.bool_] = np.asarray(written != given)
    if given.dtype.kind == "f":
        differs &= ~np.isnan(given)
    return differs


def _note_rest(
    cloud: PointCloud, kept: tuple[str | None, ...], where: str, losses: LossLog
) -> None:
    for name in cloud.fields:
        if name not in kept:
            losses.add(f"point field {name!r}", where, "a sweep has no place for it")
    if cloud.organized_shape is not None:
        losses.add("order in rows and columns", where, "a sweep is a plain list of points")
    if cloud.viewpoint is not None:
        losses.add("viewpoint", where, "a sweep names none")
