"""Tracks as the nuScenes benchmark completes them: one score each, and gaps filled in."""

from dataclasses import dataclass

import numpy as np

from viewer.metrics.objects import EvaluatedFrames, Floats, Ints
from viewer.metrics.protocols.nuscenes_boxes import BenchmarkBoxes


@dataclass(frozen=True, eq=False, slots=True)
class CompletedTracks:
    """N boxes, those in gaps included; rows ascend by frame."""

    frames: Ints
    classes: Ints
    places_m: Floats
    """(N, 2) middles seen from above."""
    tracks: Ints
    """(N,) a track belongs to one scene."""
    scores: Floats
    """(N,) NaN for labels."""

    def select(self, rows: Ints) -> "CompletedTracks":
        """Return some rows, which ascend."""
        return CompletedTracks(
            self.frames[rows], self.classes[rows], self.places_m[rows], self.tracks[rows],
            self.scores[rows],
        )  # fmt: skip


def complete_tracks(boxes: BenchmarkBoxes, times: Ints) -> CompletedTracks:
    """Give each box the mean score of its track, and each gap of a track boxes.

    A box in a gap lies between the last before and the first after it, has the later one's class,
    and the weights of the development kit: each neighbour's is its own distance in time, not the
    other's, so that a gap of several frames is filled from its far end.

    Parameters
    ----------
    times
        (F,) of the frames, ascending within a scene.
    """
    objects = boxes.objects
    scenes = objects.frames.scene_of_frame
    frames, own = boxes.frames, objects.track_rows
    alone = np.full(len(boxes), -1) if own is None else own[boxes.rows]
    alone = np.where(alone < 0, len(objects.track_ids) + boxes.rows, alone)
    keys = scenes[frames] * (len(objects.track_ids) + len(objects)) + alone
    _, tracks = np.unique(keys, return_inverse=True)
    tracks = tracks.reshape(-1).astype(np.int64)
    found = CompletedTracks(
        frames, boxes.classes, boxes.places_m, tracks, _mean_scores(tracks, boxes.scores)
    )
    filled = _filled(found, times)
    whole = CompletedTracks(
        np.concatenate([found.frames, filled.frames]),
        np.concatenate([found.classes, filled.classes]),
        np.concatenate([found.places_m, filled.places_m]),
        np.concatenate([found.tracks, filled.tracks]),
        np.concatenate([found.scores, filled.scores]),
    )
    return whole.select(np.argsort(whole.frames, kind="stable"))


def frame_times(frames: EvaluatedFrames, lacks: list[str]) -> Ints:
    """(F,) time of each frame; its place in the scene where times are not known."""
    times = frames.timestamps_ns
    if bool((times < 0).any()):
        lacks.append("Times of frames are not known: gaps count as frames of equal length.")
        return frames.index_in_scene
    return times


def _mean_scores(tracks: Ints, scores: Floats) -> Floats:
    """(N,) mean score of each box's track.

    Summed as numpy sums each track by itself: thresholds are scores, and a last digit decides.
    """
    if not len(tracks) or np.isnan(scores).all():
        return scores
    order = np.argsort(tracks, kind="stable")
    starts = np.flatnonzero(np.diff(tracks[order], prepend=-1))
    means = [part.mean() for part in np.split(scores[order], starts[1:])]
    return np.array(means)[tracks]


def _filled(found: CompletedTracks, times: Ints) -> CompletedTracks:
    """Return boxes for every frame between two of a track that has none."""
    order = np.lexsort((found.frames, found.tracks))
    left, right = order[:-1], order[1:]
    is_gap = found.tracks[left] == found.tracks[right]
    missing = np.where(is_gap, found.frames[right] - found.frames[left] - 1, 0)
    left = np.repeat(left, np.maximum(missing, 0))
    right = np.repeat(right, np.maximum(missing, 0))
    ends = np.cumsum(np.maximum(missing, 0))
    step = np.arange(len(left)) - np.repeat(ends - np.maximum(missing, 0), np.maximum(missing, 0))
    frames = found.frames[left] + 1 + step
    span = times[found.frames[right]] - times[found.frames[left]]
    later = (times[found.frames[right]] - times[frames]) / np.maximum(span, 1)
    places = (1.0 - later)[:, None] * found.places_m[left] + later[:, None] * found.places_m[right]
    scores = (1.0 - later) * found.scores[left] + later * found.scores[right]
    filled = CompletedTracks(frames, found.classes[right], places, found.tracks[right], scores)
    return filled.select(_in_order_of_tracks(found, filled))


def _in_order_of_tracks(found: CompletedTracks, filled: CompletedTracks) -> Ints:
    """Rows by frame, then by which track occurs first in the scene: what breaks ties."""
    _, first_row = np.unique(found.tracks, return_index=True)
    if not len(first_row):
        return np.empty(0, np.int64)
    return np.lexsort((first_row[filled.tracks], filled.frames))
