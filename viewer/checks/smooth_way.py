"""The smooth way of a track, and how far its labels lie beside it."""

import numpy as np

from viewer.checks.scene_labels import CheckedScene
from viewer.checks.trails import segments_of
from viewer.metrics.objects import Floats, Ints

REACH = 6
"""Labels before and after that the way is told from."""
STEPS = 15
NEAR_M = 0.02
LEAST_LABELS = 5
JUMP_M = 0.6
JUMP_MPS2 = 12.0
LONGEST_JUMP = 2
"""Labels in a row that are beside the way together; more are no jump."""


def residuals(scene: CheckedScene) -> list[tuple[Ints, Floats]]:
    """Return each stretch of a track with (T, 3) how far its labels lie from their way."""
    kept = scene.cache.get("residuals")
    if isinstance(kept, list):
        return kept
    found = []
    for rows in segments_of(scene):
        times = scene.times_s[scene.labels.frame_rows[rows]]
        if len(rows) >= LEAST_LABELS and np.isfinite(times).all() and (np.diff(times) > 0).all():
            centers = scene.labels.centers_m[rows]
            found.append((rows, centers - smooth_way(times, centers)))
    scene.cache["residuals"] = found
    return found


def jumping_rows(scene: CheckedScene) -> Ints:
    """Rows of labels that jump away from their way and come back."""
    jumping = []
    for rows, away in residuals(scene):
        times = scene.times_s[scene.labels.frame_rows[rows]]
        step_s = float(np.median(np.diff(times)))
        distance = np.linalg.norm(away, axis=1)
        far = (distance > JUMP_M) & (2 * distance / step_s**2 > JUMP_MPS2)
        edges = np.flatnonzero(np.diff(far.astype(np.int8), prepend=0, append=0))
        for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            if end - start <= LONGEST_JUMP and start > 0 and end < len(rows):
                jumping += rows[start:end].tolist()
    return np.array(jumping, dtype=np.int64)


def smooth_way(times_s: Floats, centers_m: Floats) -> Floats:
    """(T, 3) place of each label on a parabola through its neighbours, itself left out.

    The parabola has the least sum of distances, not of their squares: it stays with the most labels
    where up to a few others lie elsewhere (iteratively reweighted least squares).
    """
    way = np.empty_like(centers_m)
    for place in range(len(times_s)):
        low, high = max(0, place - REACH), min(len(times_s), place + REACH + 1)
        near = np.r_[low:place, place + 1 : high]
        t = times_s[near] - times_s[place]
        t = t / np.abs(t).max()
        design = np.stack([np.ones_like(t), t, t * t], axis=1)
        weights = np.exp(-0.5 * (t / 0.7) ** 2)
        own = np.sqrt(weights)
        for _ in range(STEPS):
            solved, *_ = np.linalg.lstsq(
                design * own[:, None], centers_m[near] * own[:, None], rcond=None
            )
            residual = np.linalg.norm(centers_m[near] - design @ solved, axis=1)
            own = np.sqrt(weights / np.maximum(residual, NEAR_M))
        way[place] = solved[0]
    return way
