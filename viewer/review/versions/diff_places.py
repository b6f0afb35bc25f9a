"""The rows of a diff by frame, for an overlay of one frame and a list of frames."""

import numpy as np
import numpy.typing as npt

from viewer.review.versions.diff import Difference, LabelDiff

Rows = npt.NDArray[np.int64]


class DiffByFrame:
    """Finds the rows of a frame at once.

    Examples
    --------
    >>> from viewer.review.versions.diff import diff_labels
    >>> from viewer.review.versions.label_table import LabelTable
    >>> nothing = LabelTable.of([])
    >>> DiffByFrame(diff_labels(nothing, nothing)).rows("street", "000042")
    array([], dtype=int64)
    """

    def __init__(self, diff: LabelDiff) -> None:
        self.diff = diff
        found: dict[tuple[str, str], list[Rows]] = {}
        sides = ((diff.after, diff.row_after), (diff.before, diff.row_before))
        is_open = np.ones(len(diff), dtype=bool)
        for table, own in sides:
            rows = np.flatnonzero(is_open & (own >= 0))
            is_open[rows] = False
            places = table.place[own[rows]]
            order = np.argsort(places, kind="stable")
            cuts = np.flatnonzero(np.diff(places[order])) + 1
            for part in np.split(order, cuts) if len(order) else ():
                place = table.places[int(places[part[0]])]
                found.setdefault((place.scene_id, place.frame_key), []).append(rows[part])
        self._rows = {frame: np.sort(np.concatenate(parts)) for frame, parts in found.items()}

    def rows(self, scene_id: str, frame_key: str) -> Rows:
        """Return the rows of one frame, in the order of the diff."""
        return self._rows.get((scene_id, frame_key), np.empty(0, dtype=np.int64))

    def frames_that_differ(self) -> dict[tuple[str, str], int]:
        """Return how many labels differ, by scene and frame; other frames are left out."""
        differs = self.diff.difference != Difference.SAME
        counts = {frame: int(differs[rows].sum()) for frame, rows in self._rows.items()}
        return {frame: count for frame, count in sorted(counts.items()) if count}
