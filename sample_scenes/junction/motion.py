"""How somebody moves along a way: speeds that change softly, brakes before turns, waits."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from sample_scenes.junction.roads import END_M, MOUTH_M, Roads, Way
from sample_scenes.road import Placement

Floats = npt.NDArray[np.float64]
State = Literal["moving", "parked", "standing"]

SECONDS = 8.0
TICK_S = 0.05
TICKS_S = np.arange(-0.6, SECONDS + 0.6, TICK_S)
TURN_MPS = 4.8
STRAIGHT_RAD = 0.6
"""Ways that bend less in the junction are driven over without braking."""
BRAKE_MPS2, PULL_MPS2 = 2.2, 1.6
SOFT_TICKS = 15
STOPPED_MPS = 0.2


@dataclass(frozen=True, eq=False)
class Motion:
    """Where something is at every tick."""

    roads: Roads
    places: Floats
    """(T, 2)."""
    headings_rad: Floats
    """(T,) without jumps."""
    wheelbase_m: float
    """0 for what stands upright."""
    state: State

    @property
    def ahead(self) -> Floats:
        """(T, 2) unit directions."""
        return np.stack([np.cos(self.headings_rad), np.sin(self.headings_rad)], axis=1)

    def placement_at(self, time_s: float) -> Placement:
        """Pose of the middle of the underside."""
        x, y, heading = (
            np.interp(time_s, TICKS_S, row) for row in (*self.places.T, self.headings_rad)
        )
        return self.roads.place(np.array([x, y]), float(heading), self.wheelbase_m)


def parked(
    roads: Roads, spot: Floats, heading_rad: float, wheelbase_m: float, state: State
) -> Motion:
    """Stand still."""
    count = len(TICKS_S)
    return Motion(
        roads, np.tile(spot, (count, 1)), np.full(count, heading_rad), wheelbase_m, state
    )


def strolling(
    roads: Roads, way: Way, start_m: float, speed_mps: float, aside_m: float, turned_rad: float
) -> Motion:
    """Walk along a way, `aside_m` to its left; without a speed stand there, turned."""
    along = start_m + speed_mps * TICKS_S
    tangent = way.at(along + 0.4) - way.at(along - 0.4)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    left = np.stack([-tangent[:, 1], tangent[:, 0]], axis=1)
    sway = aside_m + 0.04 * np.sin(1.9 * TICKS_S * (speed_mps > 0) + start_m)
    headings = np.unwrap(np.arctan2(tangent[:, 1], tangent[:, 0])) + turned_rad
    state: State = "moving" if speed_mps else "standing"
    return Motion(roads, way.at(along) + sway[:, None] * left, headings, 0.0, state)


def travelling(
    roads: Roads, way: Way, start_m: float, speed_mps: float, wheelbase_m: float, *,
    goes_s: float = -1.0, half_length_m: float = 2.5,
) -> Motion:  # fmt: skip
    """Drive along a way over the junction.

    Parameters
    ----------
    goes_s
        Before this time it does not enter the junction.
    """
    along = _driven(way, start_m, speed_mps, goes_s, half_length_m)
    half = max(wheelbase_m, 0.5) / 2
    front, rear = way.at(along + half), way.at(along - half)
    ahead = front - rear
    headings = np.unwrap(np.arctan2(ahead[:, 1], ahead[:, 0]))
    return Motion(roads, (front + rear) / 2, headings, wheelbase_m, "moving")


def _driven(
    way: Way, start_m: float, speed_mps: float, goes_s: float, half_length_m: float
) -> Floats:
    """(T,) metres along the way."""
    enters = END_M - MOUTH_M
    leaves = way.length_m - enters
    turn_mps = TURN_MPS if _bend_rad(way, enters, leaves) > STRAIGHT_RAD else speed_mps
    stop = enters - half_length_m - 1.0
    may_stop = start_m < stop
    along = np.empty(len(TICKS_S))
    place, speed = start_m, -1.0
    for tick, time_s in enumerate(TICKS_S.tolist()):
        wanted = min(speed_mps, _braked(turn_mps, enters - place))
        if place > leaves:
            wanted = speed_mps
        if may_stop and time_s < goes_s:
            wanted = min(wanted, _braked(0.0, stop - place - 0.05))
        if speed < 0:
            speed = wanted
        speed += float(np.clip(wanted - speed, -2 * BRAKE_MPS2 * TICK_S, PULL_MPS2 * TICK_S))
        speed = 0.0 if wanted < STOPPED_MPS and speed < 2 * STOPPED_MPS else speed
        place += speed * TICK_S
        along[tick] = place
    padded = np.pad(along, SOFT_TICKS, mode="reflect", reflect_type="odd")
    window = np.hanning(2 * SOFT_TICKS + 3)[1:-1]
    soft: Floats = np.convolve(padded, window / window.sum(), mode="valid")
    return soft


def _braked(to_mps: float, within_m: float) -> float:
    """Speed from which it still brakes to another in time."""
    return float(np.sqrt(to_mps**2 + 2 * BRAKE_MPS2 * max(within_m, 0.0)))


def _bend_rad(way: Way, enters: float, leaves: float) -> float:
    """Angle between the directions before and after the junction."""
    before = way.at(enters) - way.at(enters - 1)
    after = way.at(leaves + 1) - way.at(leaves)
    cosine = float(before @ after / np.linalg.norm(before) / np.linalg.norm(after))
    return float(np.arccos(np.clip(cosine, -1, 1)))
