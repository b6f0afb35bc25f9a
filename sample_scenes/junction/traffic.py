"""Who is at the junction: everybody keeps a distance to everybody else all the time."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sample_scenes.junction.motion import Motion, parked, strolling, travelling
from sample_scenes.junction.roads import ARMS, MOUTH_M, Roads
from sample_scenes.junction.shapes import (
    ADULT,
    BARREL,
    BICYCLIST,
    BUS,
    CHILD,
    DELIVERY_VAN,
    MOTORCYCLIST,
    PASSENGER_CAR,
    Shape,
)
from sample_scenes.road_users import Size
from sample_scenes.traffic import RoadUser

Floats = npt.NDArray[np.float64]

EGO_SIZE_M: Size = (4.9, 1.9, 1.75)
SPARE_M = 0.3
"""Around vehicles; people come closer."""
BAYS_T_M = 7.4
"""Middle of the bays that cars stand in at a right angle to the road."""
BAY_STEP_M = 2.75
PATH_T_M = (5.2, 12.0)
LOOK_TICKS = 3
"""Between two looks at whether everybody keeps the distance."""


def draw_ego(roads: Roads, rng: np.random.Generator) -> tuple[Motion, int]:
    """Draw how the recording vehicle drives from arm 0, and by which arm it leaves."""
    leaves_by = int(rng.integers(1, ARMS))
    way = roads.drive(0, leaves_by)
    start, speed = float(rng.uniform(46, 62)), float(rng.uniform(5.5, 8.5))
    return travelling(roads, way, start, speed, 2.9), leaves_by


def draw_users(
    roads: Roads, ego: Motion, leaves_by: int, rng: np.random.Generator
) -> list[RoadUser]:
    """Fill the junction with everybody who has a label."""
    crowd = _Crowd(roads)
    crowd.takes(EGO_SIZE_M, ego)
    _parked_rows(crowd, rng)
    _works(crowd, rng)
    _vehicles(crowd, rng)
    _riders(crowd, rng)
    _walkers(crowd, (0, leaves_by), rng)
    return crowd.users


@dataclass(eq=False)
class _Crowd:
    """Everybody so far, and the discs that nobody else may enter."""

    roads: Roads
    users: list[RoadUser] = field(default_factory=list)
    _discs: list[tuple[Floats, float]] = field(default_factory=list)
    _counts: dict[str, int] = field(default_factory=dict)

    def takes(self, size: Size, motion: Motion) -> bool:
        """Take the room that something of a size needs on its way, when it is free."""
        radius = size[1] / 2 + (SPARE_M if size[1] > 1.2 else SPARE_M / 3)
        reach = max(size[0] - size[1], 0.0) / 2
        offsets = np.linspace(-reach, reach, max(1, round(1.4 * size[0] / size[1])))
        places, ahead = motion.places[::LOOK_TICKS], motion.ahead[::LOOK_TICKS]
        discs = places[:, None] + offsets[None, :, None] * ahead[:, None]
        for others, other_radius in self._discs:
            gaps = np.linalg.norm(discs[:, :, None] - others[:, None], axis=3)
            if gaps.min() < radius + other_radius:
                return False
        self._discs.append((discs, radius))
        return True

    def add(self, shape: Shape, size: Size, motion: Motion, rng: np.random.Generator) -> bool:
        """Let it in where there is room."""
        if not self.takes(size, motion):
            return False
        mesh = shape.draw(size, rng)
        number = self._counts[shape.class_name] = self._counts.get(shape.class_name, 0) + 1
        self.users.append(
            RoadUser(
                f"{shape.class_name}-{number:02d}", shape.class_name, size, mesh,
                motion.placement_at, motion.state,
                strides=shape in (ADULT, CHILD) and motion.state == "moving",
            )
        )  # fmt: skip
        return True


def _parked_rows(crowd: _Crowd, rng: np.random.Generator) -> None:
    """Cars in bays at a right angle to two arms, vans and a bus along the others."""
    arms = rng.permutation(ARMS)
    for arm in arms[:2].tolist():
        side = float(rng.choice((-1.0, 1.0)))
        for reach in np.arange(MOUTH_M + 9, MOUTH_M + 52, BAY_STEP_M).tolist():
            if rng.uniform() < 0.3:
                continue
            shape = DELIVERY_VAN if rng.uniform() < 0.06 else PASSENGER_CAR
            size = shape.size(rng)
            turned = np.pi / 2 * float(rng.choice((-1.0, 1.0))) + float(rng.normal(0, 0.03))
            spot = crowd.roads.beside(arm, reach, side * (BAYS_T_M + float(rng.normal(0, 0.15))))
            wheelbase = shape.wheelbase * size[0]
            motion = parked(
                crowd.roads, spot, _heading(crowd, arm, reach) + turned, wheelbase, "parked"
            )
            crowd.add(shape, size, motion, rng)
    for arm in arms[2:].tolist():
        side = float(rng.choice((-1.0, 1.0)))
        for reach in np.arange(MOUTH_M + 12, MOUTH_M + 60, 9.0).tolist():
            shape = (PASSENGER_CAR, DELIVERY_VAN)[int(rng.uniform() < 0.4)]
            if rng.uniform() < 0.4:
                continue
            size = shape.size(rng)
            spot = crowd.roads.beside(arm, reach, side * 5.2)
            heading = _heading(crowd, arm, reach) + (np.pi if side > 0 else 0.0)
            wheelbase = shape.wheelbase * size[0]
            motion = parked(crowd.roads, spot, heading, wheelbase, "parked")
            crowd.add(shape, size, motion, rng)


def _works(crowd: _Crowd, rng: np.random.Generator) -> None:
    """A row of barrels at the edge of a road."""
    arm, first = int(rng.integers(1, ARMS)), float(rng.uniform(16, 26))
    for number in range(6):
        spot = crowd.roads.beside(arm, first + 2.2 * number, 4.3)
        motion = parked(crowd.roads, spot, float(rng.uniform(0, 6.2)), 0.0, "standing")
        crowd.add(BARREL, BARREL.size(rng), motion, rng)


def _vehicles(crowd: _Crowd, rng: np.random.Generator) -> None:
    """Straight on, to the left, to the right; some wait before they enter the junction."""
    wanted = int(rng.integers(16, 22))
    shapes = (PASSENGER_CAR, PASSENGER_CAR, PASSENGER_CAR, DELIVERY_VAN, BUS, MOTORCYCLIST)
    for _ in range(400):
        if not wanted:
            return
        start, end = rng.choice(ARMS, 2, replace=False).tolist()
        shape = shapes[int(rng.integers(len(shapes)))]
        size = shape.size(rng)
        way = crowd.roads.drive(start, end, float(rng.uniform(-0.15, 0.15)))
        goes_s = float(rng.choice((-1.0, rng.uniform(2, 6), 99.0), p=(0.7, 0.2, 0.1)))
        motion = travelling(
            crowd.roads, way, float(rng.uniform(5, way.length_m - 40)), float(rng.uniform(6, 13)),
            shape.wheelbase * size[0], goes_s=goes_s, half_length_m=size[0] / 2,
        )  # fmt: skip
        wanted -= crowd.add(shape, size, motion, rng)


def _riders(crowd: _Crowd, rng: np.random.Generator) -> None:
    wanted = int(rng.integers(5, 9))
    for _ in range(200):
        if not wanted:
            return
        start, end = rng.choice(ARMS, 2, replace=False).tolist()
        size = BICYCLIST.size(rng)
        way = crowd.roads.drive(start, end, float(rng.uniform(1.2, 1.7)))
        motion = travelling(
            crowd.roads, way, float(rng.uniform(40, way.length_m - 60)),
            float(rng.uniform(3, 6.5)), BICYCLIST.wheelbase * size[0],
        )  # fmt: skip
        wanted -= crowd.add(BICYCLIST, size, motion, rng)


def _walkers(crowd: _Crowd, near: tuple[int, int], rng: np.random.Generator) -> None:
    """Groups that walk side by side, some across a road, and some that stand and talk.

    Most are on the arms that the recording car passes.
    """
    for _ in range(int(rng.integers(12, 17))):
        arm = int(rng.integers(ARMS)) if rng.uniform() < 0.25 else int(rng.choice(near))
        speed = float(rng.uniform(0.7, 1.7))
        kind = float(rng.uniform())
        side = float(rng.choice((-1.0, 1.0)))
        if kind < 0.3:
            way = crowd.roads.crossing(arm, MOUTH_M + 2.0, to_left=side > 0)
            start = float(rng.uniform(0, 10))
        else:
            way = crowd.roads.walk(
                arm, side * float(rng.uniform(*PATH_T_M)), inwards=bool(rng.integers(2))
            )
            start = float(rng.uniform(0, 35))
        for member in range(int(rng.integers(1, 6))):
            shape = CHILD if rng.uniform() < 0.25 else ADULT
            aside = 0.85 * (member % 2) + float(rng.normal(0, 0.05))
            back = 0.95 * (member // 2) + float(rng.normal(0, 0.1))
            stands = 0.3 <= kind < 0.45
            motion = strolling(
                crowd.roads, way, start - back, 0.0 if stands else speed, aside,
                turned_rad=float(rng.uniform(0, 6.2)) if stands else 0.0,
            )  # fmt: skip
            crowd.add(shape, shape.size(rng), motion, rng)


def _heading(crowd: _Crowd, arm: int, reach_m: float) -> float:
    x, y = crowd.roads.outward(arm, reach_m).tolist()
    return float(np.arctan2(y, x))


