"""What py-motmetrics counts: matches, switches, misses, and how tracks hold over time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from viewer.metrics.objects import EvaluatedObjects, Floats, Ints
from viewer.metrics.protocols.assignment_kernels import match_resuming_tracks
from viewer.metrics.protocols.identity import IdentityCounts, identity_counts
from viewer.metrics.protocols.similarity import FramePairs
from viewer.metrics.protocols.tracked_class import TrackedClass

COVERED: Final = 0.8
LOST: Final = 0.2
_EPSILON = float(np.finfo(float).eps)
SUMMED: Final = (
    "num_frames", "num_matches", "num_switches", "num_false_positives", "num_misses",
    "num_objects", "num_predictions", "num_unique_objects", "num_fragmentations", "mostly_tracked",
    "partially_tracked", "mostly_lost",
)  # fmt: skip


@dataclass(frozen=True, eq=False, slots=True)
class TrackHistory:
    """What befell each of L labels, put in the order of tracks, then of time."""

    tracks: Ints
    """(L,) ascending."""
    frames: Ints
    """(L,) number of the frame."""
    is_found: npt.NDArray[np.bool_]
    is_switch: npt.NDArray[np.bool_]
    distance_sum: float
    """Of all matches and switches."""
    matched: Ints
    """(L,) prediction of each label as handed in, -1 for none; not in the order of tracks."""
    is_match: npt.NDArray[np.bool_]
    """(L,) of the same order as `matched`: matched and no switch."""
    track_count: int

    def counts(self, prediction_count: int) -> dict[str, int]:
        """Return everything that can be added over scenes and classes."""
        there = np.bincount(self.tracks, minlength=self.track_count)
        found = np.bincount(self.tracks[self.is_found], minlength=self.track_count)
        share = found / np.maximum(there, 1)
        hits, switches = int(self.is_found.sum()), int(self.is_switch.sum())
        return {
            "num_matches": hits - switches,
            "num_switches": switches,
            "num_false_positives": prediction_count - hits,
            "num_misses": len(self.tracks) - hits,
            "num_objects": len(self.tracks),
            "num_predictions": prediction_count,
            "num_unique_objects": self.track_count,
            "num_fragmentations": self._interruptions(),
            "mostly_tracked": int((share >= COVERED).sum()),
            "partially_tracked": int(((share >= LOST) & (share < COVERED)).sum()),
            "mostly_lost": int((share < LOST).sum()),
        }

    def _interruptions(self) -> int:
        """Return how often a track was lost and found again."""
        starts = np.flatnonzero(np.diff(self.tracks, prepend=-1))
        is_start = np.zeros(len(self.tracks), dtype=bool)
        is_start[starts] = True
        found = self.is_found
        again = int((found[1:] & ~found[:-1] & ~is_start[1:]).sum())
        late = ~found[starts] & np.isin(self.tracks[starts], self.tracks[found])
        return again - int(late.sum())

    def delays(self) -> tuple[Ints, Ints]:
        """Frames until each track that is ever found is found first, and its longest gap.

        Returns
        -------
        first, longest : (T,)
        """
        rows = np.flatnonzero(self.is_found)
        tracks, frames = self.tracks[rows], self.frames[rows]
        is_first = np.diff(tracks, prepend=-1) != 0
        is_last = np.diff(tracks, append=-1) != 0
        begin = self.frames[np.searchsorted(self.tracks, tracks[is_first])]
        end = self.frames[np.searchsorted(self.tracks, tracks[is_last], side="right") - 1]
        first = frames[is_first] - begin
        gaps = np.diff(frames, prepend=0) - 1
        gaps[is_first] = first
        longest = np.maximum.reduceat(gaps, np.flatnonzero(is_first)) if len(rows) else first
        return first, np.maximum(longest, end - frames[is_last])


def track_history(
    label_offsets: Ints,
    prediction_offsets: Ints,
    pairs: FramePairs,
    distances: Floats,
    label_tracks: Ints,
    prediction_tracks: Ints,
    track_count: int,
    frame_numbers: Ints,
) -> TrackHistory:
    """Match frame after frame.

    Parameters
    ----------
    label_offsets, prediction_offsets
        (F + 1,) rows of each frame.
    distances
        (P,) of the pairs.
    label_tracks, prediction_tracks
        (L,), (M,); a track of labels belongs to one scene.
    frame_numbers
        (F,) as gaps count them.
    """
    matched, pair_of, is_switch, event = match_resuming_tracks(
        label_offsets, prediction_offsets, pairs.offsets, pairs.labels, pairs.predictions,
        distances, label_tracks, prediction_tracks, track_count,
    )  # fmt: skip
    frames = np.repeat(frame_numbers, np.diff(label_offsets))
    order = np.lexsort((event, frames, label_tracks))
    found = matched >= 0
    return TrackHistory(
        label_tracks[order], frames[order], found[order], is_switch[order],
        float(distances[pair_of[found]].sum()), matched, found & ~is_switch, track_count,
    )  # fmt: skip


MotCounts = tuple[dict[str, int], float, IdentityCounts]


def motmetrics_figures(
    tracked: TrackedClass, labels: EvaluatedObjects, threshold: float
) -> tuple[MotCounts, dict[str, Any]]:
    """Return what adds up, and the figures; a distance is 1 - similarity."""
    pairs = tracked.pairs.where(tracked.pairs.values >= threshold - _EPSILON)
    frame_count = len(labels.frames)
    history = track_history(
        tracked.label_offsets, tracked.prediction_offsets, pairs, 1.0 - pairs.values,
        tracked.label_tracks, tracked.prediction_tracks, tracked.label_track_count,
        np.arange(frame_count),
    )  # fmt: skip
    counts = {"num_frames": frame_count} | history.counts(len(tracked.prediction_rows))
    parts = (counts, history.distance_sum, identity_counts(tracked, threshold))
    return parts, _figures(*parts)


def overall_figures(parts: Sequence[MotCounts]) -> dict[str, Any]:
    """Return the figures of several classes together."""
    counts = {name: sum(part[0][name] for part in parts) for name in SUMMED}
    counts["num_frames"] = parts[0][0]["num_frames"]
    identity = IdentityCounts(
        sum(part[2].true_positives for part in parts),
        sum(part[2].false_negatives for part in parts),
        sum(part[2].false_positives for part in parts),
    )
    return _figures(counts, sum(part[1] for part in parts), identity)


def _figures(
    counts: Mapping[str, int], distance_sum: float, identity: IdentityCounts
) -> dict[str, Any]:
    hits = counts["num_matches"] + counts["num_switches"]
    wrong = counts["num_misses"] + counts["num_switches"] + counts["num_false_positives"]
    total, shown = counts["num_objects"], counts["num_predictions"]
    return {
        "mota": _share(total - wrong, total),
        "motp": _share(distance_sum, hits),
        "idf1": _share(2 * identity.true_positives, total + shown),
        "idp": _share(identity.true_positives, shown),
        "idr": _share(identity.true_positives, total),
        "precision": _share(hits, hits + counts["num_false_positives"]),
        "recall": _share(hits, total),
        **counts,
    }


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None
