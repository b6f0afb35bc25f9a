"""Where a label stands against the others of its track."""

from dataclasses import dataclass

import numpy as np

from viewer.checks.scene_labels import CheckedScene
from viewer.metrics.objects import Floats, Ints

AROUND = 5
"""Labels before and after that a trail shows."""


@dataclass(frozen=True, eq=False, slots=True)
class Detours:
    """Each label with both neighbours of its track: how far it is from where they put it."""

    rows: Ints
    before: Ints
    after: Ints
    expected_m: Floats
    """(D, 3) between the neighbours, in time."""
    away_m: Floats
    """(D,) of the centre from there."""
    dt_s: Floats
    """(D,) half the time between the neighbours."""


def detours(scene: CheckedScene) -> Detours:
    """Return the labels of a scene whose neighbours in the track are known with their times."""
    steps = scene.steps
    second = np.flatnonzero(steps.follows)
    first = second - 1
    known = np.isfinite(steps.dt_s[first]) & np.isfinite(steps.dt_s[second])
    first, second = first[known], second[known]
    rows, before, after = steps.before[second], steps.before[first], steps.after[second]
    centers = scene.labels.centers_m
    share = steps.dt_s[first] / (steps.dt_s[first] + steps.dt_s[second])
    expected = centers[before] + share[:, None] * (centers[after] - centers[before])
    away = np.linalg.norm(centers[rows] - expected, axis=1)
    dt_s = (steps.dt_s[first] + steps.dt_s[second]) / 2
    return Detours(rows, before, after, expected, away, dt_s)


def trail_of(scene: CheckedScene, row: int) -> Floats:
    """(T, 3) centres of the track around a label, in the order of frames."""
    labels = scene.labels
    tracks = labels.track_rows
    if tracks is None or tracks[row] < 0:
        return labels.centers_m[[row]]
    own = scene.boxes[tracks[scene.boxes] == tracks[row]]
    near = np.abs(labels.frame_rows[own] - labels.frame_rows[row]) <= AROUND
    trail: Floats = labels.centers_m[own[near]]
    return trail


def track_rows_of(scene: CheckedScene) -> dict[int, Ints]:
    """Rows of every track, in the order of frames."""
    tracks = scene.labels.track_rows
    if tracks is None or scene.scene.independent:
        return {}
    own = scene.boxes[tracks[scene.boxes] >= 0]
    order = np.argsort(tracks[own], kind="stable")
    own = own[order]
    edges = np.flatnonzero(np.diff(tracks[own], prepend=-1, append=-1))
    return {
        int(tracks[own[start]]): own[start:end]
        for start, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)
    }
