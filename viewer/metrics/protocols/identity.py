"""How well whole tracks belong together: IDF1, from the best pairing of tracks of each scene."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from viewer.metrics.objects import Ints
from viewer.metrics.protocols.tracked_class import TrackedClass


@dataclass(frozen=True, slots=True)
class IdentityCounts:
    """Objects whose track is paired with that of what they match, and those whose is not."""

    true_positives: int
    false_negatives: int
    false_positives: int

    def figures(self) -> dict[str, float | int]:
        """Return the counts with precision, recall and F1 (Ristani 2016)."""
        hits, missed, extra = self.true_positives, self.false_negatives, self.false_positives
        return {
            "IDF1": hits / max(1.0, hits + 0.5 * extra + 0.5 * missed),
            "IDR": hits / max(1.0, hits + missed),
            "IDP": hits / max(1.0, hits + extra),
            "IDTP": hits, "IDFN": missed, "IDFP": extra,
        }  # fmt: skip


def identity_counts(tracked: TrackedClass, threshold: float) -> IdentityCounts:
    """Pair tracks so that as many objects as possible lie with a similarity of the threshold."""
    pairs = tracked.pairs.where(tracked.pairs.values >= threshold)
    total, found = len(tracked.label_tracks), len(tracked.prediction_tracks)
    hits = _most_shared(
        tracked.label_tracks[pairs.labels], tracked.prediction_tracks[pairs.predictions],
        tracked.label_track_count, tracked.prediction_track_count,
    )  # fmt: skip
    return IdentityCounts(hits, total - hits, found - hits)


def _most_shared(first: Ints, second: Ints, first_count: int, second_count: int) -> int:
    """Return the most occurrences of pairs that a one-to-one pairing of tracks can keep.

    What two tracks never share cannot help, so that each connected group is solved by itself.
    """
    if not len(first):
        return 0
    keys, counts = np.unique(first * second_count + second, return_counts=True)
    a, b = np.divmod(keys, second_count)
    size = first_count + second_count
    graph = coo_array((np.ones(len(a)), (a, first_count + b)), shape=(size, size))
    _, group_of = connected_components(graph, directed=False)
    order = np.argsort(group_of[a], kind="stable")
    a, b, counts = a[order], b[order], counts[order]
    starts = np.flatnonzero(np.diff(group_of[a], prepend=-1))
    total = 0
    for start, end in zip(starts, [*starts[1:], len(a)], strict=True):
        rows, row_of = np.unique(a[start:end], return_inverse=True)
        columns, column_of = np.unique(b[start:end], return_inverse=True)
        shared = np.zeros((len(rows), len(columns)))
        shared[row_of, column_of] = counts[start:end]
        total += int(shared[linear_sum_assignment(shared, maximize=True)].sum())
    return total
