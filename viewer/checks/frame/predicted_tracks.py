"""Predictions of one object over frames: by their track ids, else linked from frame to frame."""

import numpy as np
import numpy.typing as npt

from viewer.checks.frame.predicted import Beside
from viewer.checks.scene_labels import CheckedScene
from viewer.metrics.objects import Floats, Ints

MOST_GAP = 3
"""Frames over which an object may be unseen, or its prediction unsure, and still be the same."""


def runs_of(scene: CheckedScene, each: Beside, rows: Ints, most_step_m: float) -> list[Ints]:
    """Put predictions together that are of one object and follow each other.

    Parameters
    ----------
    rows
        Rows of `each.objects`, e.g. those that have no label.
    most_step_m
        A frame, for predictions without track ids to be of one object, beyond what their velocity
        explains.

    Returns
    -------
        Rows of each run in the order of frames; every row is in one. Between two of a run lie no
        more than `MOST_GAP` frames, and no prediction of that track that is not in `rows`.
    """
    if scene.scene.independent:
        return [rows[place : place + 1] for place in range(len(rows))]
    order = np.argsort(each.objects.frame_rows[rows], kind="stable")
    rows = rows[order]
    tracks = each.objects.track_rows
    tracked = np.zeros(len(rows), dtype=bool) if tracks is None else tracks[rows] >= 0
    runs: list[Ints] = []
    if tracks is not None:
        for track in np.unique(tracks[rows[tracked]]).tolist():
            runs += _cut(each, rows[tracks[rows] == track], np.flatnonzero(tracks == track))
    runs += _linked(scene, each, rows[~tracked], most_step_m)
    return sorted(runs, key=lambda run: (int(each.objects.frame_rows[run[0]]), int(run[0])))


def name_of(each: Beside, run: Ints) -> str:
    """Name of a run: the same in every run of the checks as long as it begins alike."""
    objects, first = each.objects, int(run[0])
    frame = objects.frames.keys[int(objects.frame_rows[first])]
    tracks = objects.track_rows
    track = -1 if tracks is None else int(tracks[first])
    own = objects.label_ids[first] if track < 0 else objects.track_ids[track]
    return f"{each.set_id} {own} from {frame}"


def _cut(each: Beside, rows: Ints, whole: Ints) -> list[Ints]:
    """Cut a track where it is away for long, or where a prediction of it lies that is no row."""
    frames = each.objects.frame_rows
    others = np.setdiff1d(frames[whole], frames[rows])
    own = frames[rows]
    between = np.searchsorted(others, own[1:]) > np.searchsorted(others, own[:-1])
    cuts = np.flatnonzero(between | (np.diff(own) > MOST_GAP)) + 1
    return np.split(rows, cuts)


def _linked(scene: CheckedScene, each: Beside, rows: Ints, most_step_m: float) -> list[Ints]:
    """Link the nearest first, from each frame to those before it."""
    objects = each.objects
    open_runs: list[list[int]] = []
    done: list[list[int]] = []
    for frame in np.unique(objects.frame_rows[rows]).tolist():
        here = rows[objects.frame_rows[rows] == frame].tolist()
        late = [run for run in open_runs if frame - objects.frame_rows[run[-1]] > MOST_GAP]
        done += late
        open_runs = [run for run in open_runs if run not in late]
        ends = np.array([run[-1] for run in open_runs], dtype=np.int64)
        taken = _nearest_pairs(_distances(scene, each, ends, here), most_step_m)
        for place, row in enumerate(here):
            if place in taken:
                open_runs[taken[place]].append(row)
            else:
                open_runs.append([row])
    return [np.array(run, dtype=np.int64) for run in (*done, *open_runs)]


def _distances(scene: CheckedScene, each: Beside, ends: Ints, here: list[int]) -> Floats:
    """(E, H) metres a frame from where runs are expected to what is here; inf of another class."""
    objects = each.objects
    rows = np.array(here, dtype=np.int64)
    gaps = (objects.frame_rows[rows][None, :] - objects.frame_rows[ends][:, None]).astype(float)
    expected = np.repeat(objects.centers_m[ends, None, :2], len(rows), axis=1)
    if objects.velocities_mps is not None:
        passed = _passed_s(scene, objects.frame_rows[ends], objects.frame_rows[rows])
        expected += np.nan_to_num(objects.velocities_mps[ends, None, :2] * passed[:, :, None])
    apart = np.linalg.norm(expected - objects.centers_m[rows][None, :, :2], axis=2)
    other = objects.class_rows[ends][:, None] != objects.class_rows[rows][None, :]
    distances: Floats = np.where(other, np.inf, apart / np.maximum(gaps, 1.0))
    return distances


def _passed_s(scene: CheckedScene, before: Ints, after: Ints) -> npt.NDArray[np.float64]:
    passed: npt.NDArray[np.float64] = scene.times_s[after][None, :] - scene.times_s[before][:, None]
    return passed


def _nearest_pairs(distances: Floats, most: float) -> dict[int, int]:
    """Row of the nearest end for each column, each once, the nearest pair first."""
    ends, columns = np.nonzero(distances <= most)
    order = np.argsort(distances[ends, columns], kind="stable")
    taken: dict[int, int] = {}
    used: set[int] = set()
    for end, column in zip(ends[order].tolist(), columns[order].tolist(), strict=True):
        if end not in used and column not in taken:
            used.add(end)
            taken[column] = end
    return taken
