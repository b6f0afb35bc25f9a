"""The smooth way of a track, and how far its labels lie beside it."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from viewer.checks.scene_labels import CheckedScene
from viewer.checks.trails import segments_of
from viewer.geometry.smooth_path import smooth_path
from viewer.metrics.objects import Floats, Ints

LONGEST_GAP = 6
"""Frames from one label to the next; over more nobody knows the way."""
LEAST_LABELS = 5
JUMP_M = 0.6
JUMP_MPS2 = 12.0
SHARP = 0.75
"""Of how far a label jumps: so far it is from the line between its neighbours; of two in a row half
of that, and both on one side: else the track goes on elsewhere, or stops."""
LONGEST_JUMP = 2
"""Labels in a row that are beside the way together; more are no jump."""


@dataclass(frozen=True, eq=False, slots=True)
class Stretch:
    """A track, or what of it goes one way, with where its labels would lie on that."""

    rows: Ints
    """(T,) labels."""
    way_m: Floats
    """(T, 3)."""
    velocity_mps: Floats
    """(T, 3) along the way; a label's own place has no say in it."""


def stretches(scene: CheckedScene) -> list[Stretch]:
    """Return every track that has enough labels and times, cut where it goes on elsewhere."""
    kept = scene.cache.get("stretches")
    if isinstance(kept, list):
        return kept
    found = []
    for rows in _unbroken(scene):
        times = scene.times_s[scene.labels.frame_rows[rows]]
        if len(rows) >= LEAST_LABELS and np.isfinite(times).all() and (np.diff(times) > 0).all():
            found.append(Stretch(rows, *smooth_path(times, scene.labels.centers_m[rows])))
    scene.cache["stretches"] = found
    return found


def _unbroken(scene: CheckedScene) -> Iterable[Ints]:
    """Yield rows of tracks, of a frame the first alone, cut where it is away for long."""
    frames = scene.labels.frame_rows
    for segment in segments_of(scene):
        rows = segment[np.diff(frames[segment], prepend=-1) > 0]
        yield from np.split(rows, np.flatnonzero(np.diff(frames[rows]) > LONGEST_GAP) + 1)


def residuals(scene: CheckedScene) -> list[tuple[Ints, Floats]]:
    """Return each stretch of a track with (T, 3) how far its labels lie from their way."""
    centers = scene.labels.centers_m
    return [(each.rows, centers[each.rows] - each.way_m) for each in stretches(scene)]


def way_velocities(scene: CheckedScene) -> Floats:
    """(N, 3) of each label's track along its smooth way, m/s; NaN where there is none."""
    velocity: Floats = np.full((len(scene.labels), 3), np.nan)
    for each in stretches(scene):
        velocity[each.rows] = each.velocity_mps
    return velocity


def jumping_rows(scene: CheckedScene) -> Ints:
    """Rows of labels that jump away from their way and come back."""
    jumping = []
    for rows, away in residuals(scene):
        times = scene.times_s[scene.labels.frame_rows[rows]]
        step_s = float(np.median(np.diff(times)))
        distance = np.linalg.norm(away, axis=1)
        far = (distance > JUMP_M) & (2 * distance / step_s**2 > JUMP_MPS2)
        # A sharp bend is off the parabola too, but not off the line between its neighbours.
        sharp = off_neighbours(times, scene.labels.centers_m[rows]) / np.maximum(distance, 1e-9)
        edges = np.flatnonzero(np.diff(far.astype(np.int8), prepend=0, append=0))
        for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            inner = start > 0 and end < len(rows)
            together = end - start <= LONGEST_JUMP and float(away[start] @ away[end - 1]) > 0
            if inner and together and sharp[start:end].max() > SHARP / (end - start):
                jumping += rows[start:end].tolist()
    return np.array(jumping, dtype=np.int64)


def off_neighbours(times_s: Floats, centers_m: Floats) -> Floats:
    """(T,) metres of each label from where the two beside it put it; 0 at the ends."""
    off = np.zeros(len(times_s))
    share = (times_s[1:-1] - times_s[:-2]) / (times_s[2:] - times_s[:-2])
    between = centers_m[:-2] + share[:, None] * (centers_m[2:] - centers_m[:-2])
    off[1:-1] = np.linalg.norm(centers_m[1:-1] - between, axis=1)
    return off
