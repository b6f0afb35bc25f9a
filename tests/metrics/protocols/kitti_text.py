"""KITTI's label rows as evaluated objects, read without any of the application's readers."""

from collections.abc import Mapping, Sequence

import numpy as np

from viewer.metrics.objects import EvaluatedFrames, EvaluatedObjects


def frames_of(keys: Sequence[str], scene_of_frame: Sequence[int] | None = None) -> EvaluatedFrames:
    count = len(keys)
    scenes = np.zeros(count, int) if scene_of_frame is None else np.array(scene_of_frame)
    return EvaluatedFrames(
        keys=list(keys),
        scene_ids=[f"scene {row}" for row in range(scenes.max(initial=0) + 1)],
        scene_of_frame=scenes,
        index_in_scene=np.arange(count),
        timestamps_ns=np.arange(count) * 100_000_000,
        ego_positions_m=np.zeros((count, 3)),
    )


def objects_from_rows(rows_by_frame: Mapping[str, Sequence[str]]) -> EvaluatedObjects:
    """Objects in the rectified camera frame (x right, y down, z ahead), boxes by their middle."""
    frame_rows, names, values = [], [], []
    for frame, rows in enumerate(rows_by_frame.values()):
        for row in rows:
            name, *fields = row.split()
            frame_rows.append(frame)
            names.append(name)
            values.append([float(field) for field in fields] + [np.nan] * (15 - len(fields)))
    table = np.array(values, dtype=float).reshape(-1, 15)
    height, width, length = table[:, 7:10].T
    has_box = height > 0
    centers = table[:, 10:13] - np.c_[np.zeros(len(table)), height / 2, np.zeros(len(table))]
    sizes = np.c_[length, width, height]
    classes = tuple(sorted(set(names)))
    return EvaluatedObjects(
        frames=frames_of(list(rows_by_frame)),
        frame_rows=np.array(frame_rows, dtype=np.int64),
        label_ids=[str(row) for row in range(len(names))],
        class_names=classes,
        class_rows=np.array([classes.index(name) for name in names], dtype=np.int64),
        scores=table[:, 14],
        centers_m=np.where(has_box[:, None], centers, np.nan),
        sizes_m=np.where(has_box[:, None], sizes, np.nan),
        rotations=np.where(has_box[:, None], _quaternions(table[:, 13]), np.nan),
        coord_frame_id="camera",
        boxes_px=table[:, 3:7],
        alphas_rad=table[:, 2],
        truncations=table[:, 0],
        occlusions=table[:, 1].astype(np.int64),
    )


def _quaternions(turns: np.ndarray) -> np.ndarray:
    """Front along (cos, 0, -sin), up along -y."""
    from scipy.spatial.transform import Rotation

    cos, sin, none = np.cos(turns), np.sin(turns), np.zeros(len(turns))
    front, left = np.c_[cos, none, -sin], np.c_[sin, none, cos]
    up = np.tile([0.0, -1.0, 0.0], (len(turns), 1))
    if not len(turns):
        return np.empty((0, 4))
    return Rotation.from_matrix(np.stack([front, left, up], axis=2)).as_quat()[:, [3, 0, 1, 2]]
