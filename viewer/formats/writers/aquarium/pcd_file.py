"""Point clouds as binary PCD, every field in its own type."""

import numpy as np

from viewer.formats.writers.losses import LossLog
from viewer.geometry.rotation import quaternion_from_matrix
from viewer.scene.point_cloud import PointCloud

_KINDS = {"f": "F", "i": "I", "u": "U"}


def pcd_bytes(cloud: PointCloud, where: str, losses: LossLog) -> bytes:
    """Return a PCD file (version 0.7); what it cannot hold is noted."""
    xyz = np.asarray(cloud.xyz)
    columns = {axis: xyz[:, index] for index, axis in enumerate("xyz")}
    for name, column in cloud.fields.items():
        values = np.asarray(column)
        if name in columns or " " in name or not name.isprintable() or values.ndim > 2:
            losses.add(f"point field {name!r}", where, "a PCD has no place for it")
            continue
        columns[name] = values.astype(np.uint8) if values.dtype == np.bool_ else values
    suited = {
        name: column.astype(column.dtype.newbyteorder("<"))
        for name, column in columns.items()
        if column.dtype.kind in _KINDS and column.dtype.itemsize in (1, 2, 4, 8)
    }
    for name in columns.keys() - suited.keys():
        losses.add(f"point field {name!r}", where, "a PCD has no such numbers")
    counts = [column.shape[1] if column.ndim == 2 else 1 for column in suited.values()]
    record = np.dtype([(name, column.dtype, column.shape[1:]) for name, column in suited.items()])
    rows = np.empty(len(xyz), dtype=record)
    for name, column in suited.items():
        rows[name] = column
    height, width = cloud.organized_shape or (1, len(xyz))
    lines = (
        "# .PCD v0.7 - Point Cloud Data file format",
        "VERSION 0.7",
        "FIELDS " + " ".join(suited),
        "SIZE " + " ".join(str(column.dtype.itemsize) for column in suited.values()),
        "TYPE " + " ".join(_KINDS[column.dtype.kind] for column in suited.values()),
        "COUNT " + " ".join(map(str, counts)),
        f"WIDTH {width}",
        f"HEIGHT {height}",
        "VIEWPOINT " + " ".join(f"{number:.17g}" for number in _viewpoint(cloud)),
        f"POINTS {len(xyz)}",
        "DATA binary",
    )
    return ("\n".join(lines) + "\n").encode() + rows.tobytes()


def _viewpoint(cloud: PointCloud) -> list[float]:
    """Return where the sensor was, place and quaternion wxyz; the origin where it is not told."""
    pose = cloud.viewpoint
    if pose is None:
        return [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]
    return [*pose.translation.tolist(), *quaternion_from_matrix(pose.rotation).tolist()]
