"""From the bytes of a cloud message to a `PointCloud`."""

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.formats.points.records import cloud_from_columns
from viewer.formats.rosbag.messages import CloudMessage, PointColumn, Pose, usable_poses
from viewer.geometry.rotation import matrix_from_quaternion
from viewer.scene.point_cloud import PointCloud

MAX_POINTS = 1 << 30


def cloud_from_message(message: CloudMessage) -> PointCloud:
    """Copy the points out of a message, every field by its name.

    Rows may be padded; ``width`` x ``height`` above one row makes an organised cloud. Fields whose
    name is taken or empty are left out. A pose in the message moves the points.

    Raises
    ------
    ValueError
        When sizes and offsets do not fit the data, or there are no fields x, y and z.
    """
    width, height, step = message.width, message.height, message.point_step
    if width * height > MAX_POINTS:
        raise ValueError(f"announces {width} x {height} points, too many to be read")
    if width * height and step < 1:
        raise ValueError("has points of 0 bytes")
    columns: dict[str, npt.NDArray[Any]] = {}
    row_step = message.row_step or width * step
    if height > 1 and row_step < width * step:
        raise ValueError(f"has rows of {row_step} bytes for {width} points of {step} bytes")
    data = _records(message, row_step)
    for column in message.columns:
        if not column.name or column.name in columns:
            continue
        if column.offset + column.count * column.dtype.itemsize > step:
            told = f"has a field {column.name!r} that ends after the {step} bytes of a point"
            raise ValueError(told)
        columns[column.name] = _view(data, column, width, height, step, row_step)
    organized = (height, width) if height > 1 else None
    cloud = cloud_from_columns(columns, organized_shape=organized)
    return cloud if message.pose.is_identity else _moved(cloud, message.pose)


def _records(message: CloudMessage, row_step: int) -> npt.NDArray[np.uint8]:
    """Return the bytes of all points; ValueError when they are not all there."""
    if not message.width or not message.height:
        return np.zeros(0, dtype=np.uint8)
    needed = (message.height - 1) * row_step + message.width * message.point_step
    data = np.frombuffer(message.data, dtype=np.uint8)
    if needed > len(data):
        raise ValueError(
            f"has {len(data)} bytes where {message.width} x {message.height} points of"
            f" {message.point_step} bytes need {needed}"
        )
    return data


def _view(
    data: npt.NDArray[np.uint8],
    column: PointColumn,
    width: int,
    height: int,
    step: int,
    row_step: int,
) -> npt.NDArray[Any]:
    """Return one field of all points as (N,) or (N, count), where it can be without copying."""
    size = column.dtype.itemsize
    inner = () if column.count == 1 else (column.count,)
    inner_strides = () if column.count == 1 else (size,)
    if not len(data):
        return np.empty((0, *inner), dtype=column.dtype)
    if height == 1 or row_step == width * step:
        shape, strides = (width * height, *inner), (step, *inner_strides)
        return np.ndarray(shape, column.dtype, data, column.offset, strides)
    shape, strides = (height, width, *inner), (row_step, step, *inner_strides)
    rows: npt.NDArray[Any] = np.ndarray(shape, column.dtype, data, column.offset, strides)
    return rows.reshape(width * height, *inner)


def _moved(cloud: PointCloud, pose: Pose) -> PointCloud:
    if not usable_poses(np.array([pose.position]), np.array([pose.rotation_wxyz]))[0]:
        raise ValueError("has a pose that is none")
    rotation = matrix_from_quaternion(pose.rotation_wxyz)
    with np.errstate(invalid="ignore", over="ignore"):
        moved = cloud.xyz.astype(np.float64) @ rotation.T + np.array(pose.position)
        xyz = np.ascontiguousarray(moved.astype(cloud.xyz.dtype))
    return replace(cloud, xyz=xyz, finite_count=-1)
