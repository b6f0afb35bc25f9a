"""Evaluated objects from plain columns, for tests of protocols."""

from collections.abc import Sequence

import numpy as np

from viewer.metrics.objects import EvaluatedFrames, EvaluatedObjects


def frames_of(keys: Sequence[tuple[str, int]], ego: Sequence[float] = (0, 0, 0)) -> EvaluatedFrames:
    """Frames by scene and place in it, in that order."""
    scene_ids = list(dict.fromkeys(scene for scene, _ in keys))
    rows = np.array([scene_ids.index(scene) for scene, _ in keys], dtype=np.int64)
    return EvaluatedFrames(
        keys=[f"{scene} {index}" for scene, index in keys],
        scene_ids=scene_ids,
        scene_of_frame=rows,
        index_in_scene=np.array([index for _, index in keys], dtype=np.int64),
        timestamps_ns=np.array([index for _, index in keys], dtype=np.int64) * 100_000_000,
        ego_positions_m=np.tile(np.array(ego, dtype=float), (len(keys), 1)),
    )


def objects_of(
    frames: EvaluatedFrames,
    frame_rows: Sequence[int],
    names: Sequence[str],
    *,
    centers: Sequence[Sequence[float]] | None = None,
    sizes: Sequence[Sequence[float]] | None = None,
    rotations: Sequence[Sequence[float]] | None = None,
    scores: Sequence[float] | None = None,
    **columns: object,
) -> EvaluatedObjects:
    """Objects in any order of frames; a box that is not given has no place."""
    count = len(names)
    order = np.argsort(np.array(frame_rows, dtype=np.int64), kind="stable")

    def table(values: object, width: int) -> np.ndarray:
        if values is None:
            return np.full((count, width), np.nan)
        return np.array(values, dtype=float).reshape(count, width)[order]

    def ordered(values: object) -> object:
        return values[order] if isinstance(values, np.ndarray) and len(values) == count else values

    classes = tuple(dict.fromkeys(names))
    return EvaluatedObjects(
        frames=frames,
        frame_rows=np.array(frame_rows, dtype=np.int64)[order],
        label_ids=[str(row) for row in order],
        class_names=classes,
        class_rows=np.array([classes.index(name) for name in names], dtype=np.int64)[order],
        scores=table(scores, 1)[:, 0],
        centers_m=table(centers, 3),
        sizes_m=table(sizes, 3),
        rotations=table(rotations, 4),
        coord_frame_id="ego",
        **{name: ordered(values) for name, values in columns.items()},
    )
