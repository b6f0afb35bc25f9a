"""Small label sets for tests."""

import numpy as np

from viewer.geometry.cuboids import Cuboids
from viewer.geometry.rotation import quaternion_from_yaw
from viewer.review.versions.label_table import LabelTable
from viewer.scene.labels import BoxLabels2D, CuboidLabels, FrameLabels


def cuboids(rows, frame_id="ego") -> CuboidLabels:
    """Rows are (id, class, track, x, y, yaw in degrees, length); 2 m wide, 1 m high."""
    count = len(rows)
    numbers = np.array([row[3:] for row in rows], dtype=float).reshape(count, 4)
    center = np.column_stack([numbers[:, :2], np.zeros(count)])
    size = np.column_stack([numbers[:, 3], np.full(count, 2.0), np.ones(count)])
    rotation = quaternion_from_yaw(np.radians(numbers[:, 2])).reshape(-1, 4)
    return CuboidLabels(
        Cuboids(center, size, rotation, frame_id),
        tuple(row[0] for row in rows),
        tuple(row[1] for row in rows),
        tuple(row[2] for row in rows),
        np.full(count, np.nan),
        tuple({"lit": True} for _ in rows),
    )


def boxes_2d(rows) -> BoxLabels2D:
    """Rows are (id, class, camera, left, top, right, bottom)."""
    count = len(rows)
    return BoxLabels2D(
        np.array([row[3:] for row in rows], dtype=float).reshape(count, 4),
        tuple(row[2] for row in rows),
        tuple(row[0] for row in rows),
        tuple(row[1] for row in rows),
        (None,) * count,
        np.full(count, np.nan),
        ({},) * count,
    )


def table(frames) -> LabelTable:
    """Rows of `cuboids` by frame key."""
    return LabelTable.of(
        ("street", key, FrameLabels(cuboids(rows))) for key, rows in frames.items()
    )
