"""Whether the world of a scene stands still, or goes by with a vehicle whose pose nobody told."""

from typing import Final

import numpy as np

from viewer.checks.scene_labels import CheckedScene
from viewer.checks.trails import track_rows_of

STILL_M: Final = 0.3
LEAST_LABELS: Final = 10
"""Of a track, for it to tell that its object stands."""
LEAST_TRACKS: Final = 3
"""Objects that keep their place: one or two may drive along beside the vehicle."""


def world_stands(scene: CheckedScene) -> bool:
    """Whether motion of labels is motion in the world.

    It is where the vehicle's pose changes from frame to frame, or where labels do not hang on it.
    One pose for all frames is that of a sensor on a pole, a parked vehicle, or one that nobody
    wrote down: then it is only where several objects keep their place all the time.
    """
    kept = scene.cache.get("world_stands")
    if isinstance(kept, bool):
        return kept
    poses = scene.world_from_ego[np.isfinite(scene.world_from_ego).all(axis=(1, 2))]
    stands = len(poses) < 2 or bool((poses != poses[0]).any()) or _some_keep_their_place(scene)
    scene.cache["world_stands"] = stands
    return stands


def _some_keep_their_place(scene: CheckedScene) -> bool:
    standing = 0
    for rows in track_rows_of(scene).values():
        centers = scene.labels.centers_m[rows, :2]
        away = np.linalg.norm(centers - np.median(centers, axis=0), axis=1)
        standing += len(rows) >= LEAST_LABELS and float(away.max()) <= STILL_M
    return standing >= LEAST_TRACKS
