"""Playing a scene: which frame is due after so much time."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from viewer.scene.scene import Scene

SPEEDS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0)
INDEPENDENT_FRAME_S = 0.5
"""How long a frame stays that has no time of its own."""


@dataclass(frozen=True, slots=True)
class Playback:
    """State of the player."""

    playing: bool = False
    speed: float = 1.0
    loop: bool = False


def has_times(scene: Scene) -> bool:
    """Whether the data say when each frame was, and there is time between frames."""
    times = [frame.timestamp_ns for frame in scene.frames]
    known = [time for time in times if time is not None]
    rising = all(before < after for before, after in pairwise(known))
    return len(times) > 1 and len(known) == len(times) and rising and not scene.independent


def frame_times_s(scene: Scene) -> Sequence[float]:
    """Time of each frame since the first, seconds; evenly spaced where the data's do not rise."""
    if not has_times(scene):
        return [index * INDEPENDENT_FRAME_S for index in range(len(scene.frames))]
    times = [frame.timestamp_ns or 0 for frame in scene.frames]
    return [(time - times[0]) / 1e9 for time in times]


class Player:
    """Turns passed time into frames, so that slow drawing skips frames and keeps the pace."""

    def __init__(self, scene: Scene) -> None:
        self._times_s = frame_times_s(scene)
        self._position_s = 0.0

    def seek(self, index: int) -> None:
        """Continue from a frame."""
        self._position_s = self._times_s[index] if self._times_s else 0.0

    def advance(self, elapsed_s: float, playback: Playback) -> int | None:
        """Return the frame that is due; None at the end when it does not loop."""
        if not self._times_s:
            return None
        step_s = self._times_s[1] if len(self._times_s) > 1 else INDEPENDENT_FRAME_S
        end_s = self._times_s[-1] + step_s
        self._position_s += elapsed_s * playback.speed
        if self._position_s >= end_s:
            if not playback.loop:
                return None
            self._position_s %= end_s
        due = 0
        for index, time in enumerate(self._times_s):
            if time > self._position_s:
                break
            due = index
        return due
