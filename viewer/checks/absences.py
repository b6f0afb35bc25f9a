"""Where tracks have no label, and would have one if their objects went on as they do."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from viewer.checks.motion import TrackSteps
from viewer.geometry.cuboids import Cuboids
from viewer.geometry.rotation import slerp
from viewer.metrics.objects import EvaluatedObjects, Floats, Ints

LONGEST_GAP = 8
"""Frames; over more, nobody knows where the object was."""


@dataclass(frozen=True, eq=False, slots=True)
class Absences:
    """A boxes that no label is at: in gaps of tracks, before they begin, after they end."""

    rows: Ints
    """(A,) label it is told from: the last before a gap, the first or last of its track."""
    frames: Ints
    """(A,) index of the frame without a label."""
    boxes: Cuboids
    """(A,) world."""

    def in_frame(self, frame_index: int) -> Ints:
        """Those of one frame."""
        return np.flatnonzero(self.frames == frame_index)


@dataclass(frozen=True, eq=False, slots=True)
class AbsenceMeasures:
    """What the points of their frames say of A boxes without a label."""

    rows: Ints
    frames: Ints
    centers_m: Floats
    """(A, 3)."""
    points: Ints
    """(A,) inside, above the ground, in no labelled box."""
    hidden: Floats
    """(A,) share of the rays that end before the box."""

    def of(self, row: int, frames: Collection[int]) -> Ints:
        """Places of those that are told from a label, in some frames."""
        return np.flatnonzero((self.rows == row) & np.isin(self.frames, list(frames)))

    def as_arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """Columns by name."""
        return {f"absent_{each.name}": getattr(self, each.name) for each in fields(self)}

    @classmethod
    def of_arrays(cls, arrays: dict[str, npt.NDArray[np.generic]]) -> "AbsenceMeasures":
        """Read what `as_arrays` gave; KeyError where a column is missing."""
        return cls(*(arrays[f"absent_{each.name}"] for each in fields(cls)))  # type: ignore[arg-type]


def absences(labels: EvaluatedObjects, steps: TrackSteps) -> Absences:
    """Return boxes in every frame of short gaps, and in the frame before and after each track.

    In a gap they lie on the straight line between both ends; beyond the ends of a track where its
    first or last step leads to.
    """
    found = [*_in_gaps(labels, steps), *_beyond_ends(labels, steps)]
    rows, frames = (np.array([each[place] for each in found], dtype=np.int64) for place in (0, 1))
    numbers: Floats = np.array([each[2] for each in found], dtype=np.float64).reshape(-1, 10)
    boxes = Cuboids(numbers[:, :3], numbers[:, 3:6], numbers[:, 6:], "world")
    return Absences(rows, frames, boxes)


def _in_gaps(labels: EvaluatedObjects, steps: TrackSteps) -> Iterator[tuple[int, int, list[float]]]:
    short = (steps.frames_apart > 1) & (steps.frames_apart <= LONGEST_GAP + 1)
    for place in np.flatnonzero(short).tolist():
        before, after = int(steps.before[place]), int(steps.after[place])
        apart = int(steps.frames_apart[place])
        size = (labels.sizes_m[before] + labels.sizes_m[after]) / 2
        for step in range(1, apart):
            share = step / apart
            center = (1 - share) * labels.centers_m[before] + share * labels.centers_m[after]
            turned = slerp(labels.rotations[before], labels.rotations[after], share)
            frame = int(labels.frame_rows[before]) + step
            yield before, frame, [*center, *size, *np.asarray(turned).ravel()]


def _beyond_ends(
    labels: EvaluatedObjects, steps: TrackSteps
) -> Iterator[tuple[int, int, list[float]]]:
    if not len(steps):
        return
    starts = np.flatnonzero(~steps.follows)
    ends = np.append(starts[1:], len(steps)) - 1
    last_frame = len(labels.frames) - 1
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        for place, row, towards in (
            (start, int(steps.before[start]), -1), (end, int(steps.after[end]), 1),
        ):  # fmt: skip
            frame = int(labels.frame_rows[row]) + towards
            if not 0 <= frame <= last_frame:
                continue
            moved = steps.moved_m[place] / steps.frames_apart[place]
            center = labels.centers_m[row] + towards * moved
            yield row, frame, [*center, *labels.sizes_m[row], *labels.rotations[row]]
