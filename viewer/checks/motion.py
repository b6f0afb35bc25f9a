"""How tracks move: from each label of a track to its next."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from viewer.metrics.objects import EvaluatedObjects, Floats, Ints


@dataclass(frozen=True, eq=False, slots=True)
class TrackSteps:
    """S steps, track after track, each in the order of frames; world coordinates."""

    before: Ints
    """(S,) label row that a step leaves."""
    after: Ints
    """(S,) label row that it reaches: the next label of the same track."""
    track_rows: Ints
    """(S,)."""
    frames_apart: Ints
    """(S,) 1 where the track has no gap."""
    dt_s: Floats
    """(S,) NaN where a time is not known, or two labels have the same."""
    moved_m: Floats
    """(S, 3) of the centre."""
    speed_mps: Floats
    """(S,) in the plane."""
    turned_rad: Floats
    """(S,) of the heading, -pi..pi."""
    follows: npt.NDArray[np.bool_]
    """(S,) True where the step before it is of the same track."""

    def __len__(self) -> int:
        return len(self.before)


def track_steps(
    labels: EvaluatedObjects, rows: Ints, times_s: Floats, yaws_rad: Floats
) -> TrackSteps:
    """Return the steps between labels that have a box; none where tracks are missing.

    Where two labels of a frame have the same track, the first of them counts.

    Parameters
    ----------
    rows
        (K,) the labels that count.
    times_s
        (F,) of the frames.
    yaws_rad
        (N,) of the labels.
    """
    tracks = labels.track_rows
    if tracks is None:
        tracks = np.full(len(labels), -1)
    rows = rows[tracks[rows] >= 0]
    track = tracks[rows]
    order = np.lexsort((labels.frame_rows[rows], track))
    rows, track = rows[order], track[order]
    frame = labels.frame_rows[rows]
    first = np.ones(len(rows), dtype=bool)
    first[1:] = (np.diff(track) != 0) | (np.diff(frame) != 0)
    rows, track, frame = rows[first], track[first], frame[first]
    joined = np.flatnonzero(np.diff(track) == 0)
    before, after = rows[joined], rows[joined + 1]
    dt_s = times_s[frame[joined + 1]] - times_s[frame[joined]]
    dt_s = np.where(dt_s > 0, dt_s, np.nan)
    moved = labels.centers_m[after] - labels.centers_m[before]
    turned = yaws_rad[after] - yaws_rad[before]
    follows = np.zeros(len(joined), dtype=bool)
    follows[1:] = np.diff(joined) == 1
    return TrackSteps(
        before, after, track[joined], frame[joined + 1] - frame[joined], dt_s, moved,
        np.hypot(moved[:, 0], moved[:, 1]) / dt_s, wrapped(turned), follows,
    )  # fmt: skip


def wrapped(angles_rad: Floats) -> Floats:
    """Return angles between -pi and pi.

    Examples
    --------
    >>> wrapped(np.array([3 * np.pi, -3.2])).round(4).tolist()
    [-3.1416, 3.0832]
    """
    whole: Floats = np.mod(angles_rad + np.pi, 2 * np.pi) - np.pi
    return whole
