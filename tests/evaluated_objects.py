"""Objects of an evaluation, made by hand."""

import numpy as np

from viewer.geometry.rotation import quaternion_from_yaw
from viewer.metrics.objects import EvaluatedFrames, EvaluatedObjects


def frames(count=1, scenes=None, egos=None):
    """Frames of one scene, or of the scenes given by frame."""
    names = scenes or ["drive"] * count
    ids = list(dict.fromkeys(names))
    rows = np.array([ids.index(name) for name in names])
    return EvaluatedFrames(
        [f"f{i}" for i in range(count)], ids, rows, np.arange(count), np.full(count, -1),
        np.zeros((count, 3)) if egos is None else np.array(egos, float),
    )  # fmt: skip


def objects(centers, *, on=None, frame=None, classes=None, scores=None, size=(4.0, 2.0, 1.5),
            yaw_rad=0.0, **more):  # fmt: skip
    """Cuboids at (N, 3) or (N,) places along x; `frame` is the frame of each, ascending."""
    centers = np.array(centers, float)
    if centers.ndim == 1:
        centers = np.c_[centers, np.zeros((len(centers), 2))]
    count = len(centers)
    names = classes or ["car"] * count
    kinds = list(dict.fromkeys(names))
    rows = np.zeros(count, int) if frame is None else np.array(frame, dtype=int)
    return EvaluatedObjects(
        on or frames(int(rows.max(initial=0)) + 1),
        rows,
        [f"id{i}" for i in range(count)],
        tuple(kinds),
        np.array([kinds.index(name) for name in names], dtype=int),
        np.full(count, np.nan) if scores is None else np.array(scores, float),
        centers.reshape(-1, 3),
        np.array(np.broadcast_to(np.array(size, float), (count, 3))),
        quaternion_from_yaw(np.array(np.broadcast_to(yaw_rad, count), float)).reshape(-1, 4),
        "world",
        **more,
    )
