"""Times and places on the timeline: zoom, pan, and where the ruler has its ticks."""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

_STEPS = (1, 2, 5)
MIN_TICK_PX = 64.0


@dataclass(frozen=True, slots=True)
class TimeScale:
    """Which stretch of time fills the width; all times in seconds since the first frame."""

    first_s: float
    last_s: float
    """The whole range that can be shown."""
    start_s: float
    end_s: float
    """The range that is shown."""
    left_px: float
    width_px: float
    closest_s: float
    """The shown range is never shorter."""

    @classmethod
    def of_frames(cls, times_s: Sequence[float], left_px: float, width_px: float) -> "TimeScale":
        """Show all frames, with half a frame's room at both ends."""
        step = frame_step_s(times_s)
        first = (times_s[0] if times_s else 0.0) - step / 2
        last = (times_s[-1] if times_s else 0.0) + step / 2
        return cls(first, last, first, last, left_px, max(width_px, 1.0), 2 * step)

    @property
    def px_per_s(self) -> float:
        """Zoom."""
        return self.width_px / (self.end_s - self.start_s)

    @property
    def is_zoomed(self) -> bool:
        """True unless everything is shown."""
        return (self.end_s - self.start_s) < (self.last_s - self.first_s) * 0.999

    def x_of(self, time_s: float) -> float:
        """Place of a time."""
        return self.left_px + (time_s - self.start_s) * self.px_per_s

    def time_of(self, x_px: float) -> float:
        """Time at a place."""
        return self.start_s + (x_px - self.left_px) / self.px_per_s

    def zoomed(self, factor: float, x_px: float) -> "TimeScale":
        """Zoom in (factor over 1) or out; the time at `x_px` stays where it is."""
        full = self.last_s - self.first_s
        length = (self.end_s - self.start_s) / factor
        length = min(max(length, min(self.closest_s, full)), full)
        share = (x_px - self.left_px) / self.width_px
        return self._at(self.time_of(x_px) - share * length, length)

    def panned(self, dx_px: float) -> "TimeScale":
        """Move the content by some pixels."""
        return self._at(self.start_s - dx_px / self.px_per_s, self.end_s - self.start_s)

    def showing(self, time_s: float) -> "TimeScale":
        """Move just so far that a time is in sight."""
        length = self.end_s - self.start_s
        margin = min(length * 0.1, self.closest_s)
        if time_s < self.start_s + margin:
            return self._at(time_s - margin, length)
        if time_s > self.end_s - margin:
            return self._at(time_s + margin - length, length)
        return self

    def resized(self, left_px: float, width_px: float) -> "TimeScale":
        """Return the same stretch of time over another width."""
        return replace(self, left_px=left_px, width_px=max(width_px, 1.0))

    def _at(self, start_s: float, length_s: float) -> "TimeScale":
        start = min(max(start_s, self.first_s), self.last_s - length_s)
        return replace(self, start_s=start, end_s=start + length_s)

    def ticks_s(self) -> tuple[float, ...]:
        """Times of the ruler's ticks: 1, 2 or 5 times a power of ten apart."""
        step = tick_step_s(self.px_per_s)
        first = math.ceil(self.start_s / step - 1e-9)
        last = math.floor(self.end_s / step + 1e-9)
        return tuple(index * step for index in range(first, last + 1))


def tick_step_s(px_per_s: float) -> float:
    """Distance of ticks that are at least `MIN_TICK_PX` apart.

    Examples
    --------
    >>> tick_step_s(100.0), tick_step_s(10.0), tick_step_s(1000.0)
    (1.0, 10.0, 0.1)
    """
    wanted = MIN_TICK_PX / px_per_s
    power = math.floor(math.log10(wanted))
    for step in (*_STEPS, 10):
        if step * 10.0**power >= wanted * (1 - 1e-9):
            return float(f"{step * 10.0**power:.3g}")
    return float(10.0 ** (power + 1))


def frame_step_s(times_s: Sequence[float]) -> float:
    """Usual time between two frames: the median."""
    steps = sorted(b - a for a, b in pairwise(times_s))
    return steps[len(steps) // 2] if steps else 1.0


def nearest_frame(times_s: Sequence[float], time_s: float) -> int:
    """Index of the frame whose time is nearest; -1 when there is none.

    Examples
    --------
    >>> nearest_frame([0.0, 0.1, 0.2], 0.16), nearest_frame([0.0, 0.1], -5.0)
    (2, 0)
    """
    place = bisect_left(times_s, time_s)
    candidates = [index for index in (place - 1, place) if 0 <= index < len(times_s)]
    return min(candidates, key=lambda index: abs(times_s[index] - time_s), default=-1)


def time_text(time_s: float, step_s: float) -> str:
    """Label of a tick, with as many digits as its step needs.

    Examples
    --------
    >>> time_text(12.0, 5.0), time_text(0.3, 0.1), time_text(75.0, 5.0)
    ('12 s', '0.3 s', '1:15')
    """
    if time_s >= 60 and step_s >= 1:
        minutes, rest = divmod(round(time_s), 60)
        return f"{minutes}:{rest:02d}"
    digits = max(0, -math.floor(math.log10(step_s) + 1e-9))
    return f"{time_s:.{digits}f} s"
