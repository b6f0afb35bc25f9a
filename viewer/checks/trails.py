"""Where a label stands against the others of its track."""

import numpy as np
import numpy.typing as npt

from viewer.checks.scene_labels import CheckedScene
from viewer.metrics.objects import Floats, Ints

AROUND = 5
"""Labels before and after that a trail shows."""
BREAK_M = 1.5
"""A track that goes on so far from where it was going, and stays there, is of another object."""
BREAK_LABELS = 4
"""Labels on either side that tell a break from a label that jumps and comes back."""


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


def segments_of(scene: CheckedScene) -> list[Ints]:
    """Rows of every track in the order of frames, cut where it goes on as another object."""
    broken = _broken_steps(scene)
    ends = set(scene.steps.before[broken].tolist())
    segments = []
    for rows in track_rows_of(scene).values():
        cuts = [place + 1 for place, row in enumerate(rows.tolist()) if row in ends]
        segments += np.split(rows, cuts)
    return segments


def _broken_steps(scene: CheckedScene) -> npt.NDArray[np.bool_]:
    """(S,) True for steps after which a track goes on elsewhere."""
    kept = scene.cache.get("broken_steps")
    if isinstance(kept, np.ndarray):
        return kept
    broken = np.zeros(len(scene.steps), dtype=bool)
    place_of = {row: place for place, row in enumerate(scene.steps.before.tolist())}
    for rows in track_rows_of(scene).values():
        for end in range(1, len(rows) - 1):
            if _goes_elsewhere(scene, rows, end) and int(rows[end]) in place_of:
                broken[place_of[int(rows[end])]] = True
    scene.cache["broken_steps"] = broken
    return broken


def _goes_elsewhere(scene: CheckedScene, rows: Ints, end: int) -> bool:
    """Whether the labels after one lie off the way of those up to it, and off all of them alike."""
    labels = scene.labels
    before = rows[max(0, end + 1 - BREAK_LABELS) : end + 1]
    after = rows[end + 1 : end + 1 + BREAK_LABELS]
    if len(before) < 2 or len(after) < BREAK_LABELS:
        return False
    step = labels.centers_m[rows[end + 1]] - labels.centers_m[rows[end]]
    frames = labels.frame_rows
    pace = np.concatenate([_pace(scene, before), _pace(scene, after)])
    usual = middle(pace)
    gap = max(int(frames[rows[end + 1]] - frames[rows[end]]), 1)
    if np.linalg.norm(step - usual * gap) < BREAK_M:
        return False
    # One that jumps and comes back is near where the labels on its other side put it.
    later = frames[after][None, :] - frames[before][:, None]
    expected = labels.centers_m[before][:, None] + usual * later[:, :, None]
    off = np.linalg.norm(labels.centers_m[after] - expected, axis=2)
    return bool((off > BREAK_M).all())


def middle(few: Floats) -> Floats:
    """Median along the first axis; numpy's own takes ten times as long for a handful of rows."""
    ordered, count = np.sort(few, axis=0), len(few)
    value: Floats = (ordered[(count - 1) // 2] + ordered[count // 2]) / 2
    return value


def _pace(scene: CheckedScene, rows: Ints) -> Floats:
    """(T - 1, 3) metres a frame from each label to the next."""
    frames = np.maximum(np.diff(scene.labels.frame_rows[rows]), 1)
    pace: Floats = np.diff(scene.labels.centers_m[rows], axis=0) / frames[:, None]
    return pace
