"""Who drives and walks where: the ego vehicle and every labelled road user over time."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from sample_scenes.meshes import Mesh, Rgb
from sample_scenes.road import Placement, Road, smooth_step
from sample_scenes.road_users import (
    ESTATE,
    HATCHBACK,
    SEDAN,
    SKIN_TONES,
    VAN,
    BodyProfile,
    Size,
    car,
    cyclist,
    pedestrian,
    truck,
)
from sample_scenes.street_world import CROSSING_S_M

CLASS_NAMES = ("car", "van", "truck", "cyclist", "pedestrian")
EGO_LANE_T_M = -1.8
EGO_SIZE_M: Size = (4.5, 1.84, 1.48)
STRIDE_S = 0.5
CAR_PAINTS: tuple[Rgb, ...] = (
    (0.35, 0.02, 0.02), (0.02, 0.06, 0.25), (0.55, 0.56, 0.58), (0.03, 0.03, 0.035),
    (0.7, 0.7, 0.68), (0.02, 0.16, 0.12), (0.5, 0.25, 0.02), (0.14, 0.2, 0.3), (0.2, 0.2, 0.21),
)  # fmt: skip
CLOTHES: tuple[Rgb, ...] = (
    (0.5, 0.05, 0.05), (0.05, 0.15, 0.4), (0.6, 0.45, 0.08), (0.08, 0.3, 0.16),
    (0.5, 0.5, 0.48), (0.3, 0.1, 0.3), (0.04, 0.04, 0.05),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class RoadUser:
    """One labelled object: its shape around the origin and where it stands at a time."""

    track_id: str
    class_name: str
    size_m: Size
    mesh: Mesh
    placement_at: Callable[[float], Placement]
    """Of the middle of the underside, by seconds since the start."""
    state: Literal["moving", "parked", "standing"]
    strides: bool = False

    def center_pose(self, time_s: float) -> Placement:
        """Pose of the middle of the box."""
        ground = self.placement_at(time_s)
        up = ground.rotation[:, 2]
        return Placement(ground.position + up * self.size_m[2] / 2, ground.rotation)

    def mesh_at(self, time_s: float) -> Mesh:
        """Shape in the world."""
        pose = self.center_pose(time_s)
        mirrored = self.strides and int(np.floor(time_s / STRIDE_S)) % 2 == 1
        mesh = self.mesh.mirrored() if mirrored else self.mesh
        return mesh.moved(pose.rotation, pose.position.tolist())

    def velocity_mps(self, time_s: float) -> npt.NDArray[np.float64]:
        """World velocity of the middle of the box."""
        if self.state != "moving":
            return np.zeros(3)
        step = 0.01
        ahead = self.center_pose(time_s + step).position
        return (ahead - self.center_pose(time_s - step).position) / (2 * step)


def ego_placement(road: Road, time_s: float) -> Placement:
    """The ego vehicle's rear axle on the ground: it speeds up, through the bend and uphill."""
    s = 8.2 * time_s + 0.35 * time_s**2
    return road.place(s, EGO_LANE_T_M + 0.12 * np.sin(0.9 * time_s), wheelbase_m=2.7)


def road_users(road: Road, rng: np.random.Generator) -> tuple[RoadUser, ...]:
    """Everybody with a label."""
    makers = _Makers(road, rng)
    for s, t, speed, kind in (
        (19.0, -1.75, 8.6, "car"), (39.0, -1.7, 8.2, "van"), (63.0, -1.8, 9.0, "car"),
        (-13.0, -1.85, 9.2, "car"), (-27.0, -1.7, 8.8, "car"),
        (22.0, 1.75, -9.5, "car"), (46.0, 1.8, -8.5, "truck"), (61.0, 1.75, -8.8, "car"),
        (84.0, 1.7, -9.6, "car"), (100.0, 1.8, -9.0, "van"),
    ):  # fmt: skip
        makers.vehicle(kind, s, t, speed)
    for s in (4.5, 10.4, 16.1, 22.3, 28.0, 33.6, 52.5, 58.4, 70.0, -6.0, -12.2):
        makers.vehicle("van" if s == 28.0 else "car", s, -4.75, 0.0)
    for s in (7.0, 13.2, 31.0, 37.0, 55.0, 61.5, -9.0):
        makers.vehicle("truck" if s == 55.0 else "car", s, 4.75, 0.0)
    for s, t, speed in (
        (12.5, -3.25, 5.6),
        (29.0, 3.25, -5.2),
        (50.0, 3.2, -5.8),
        (-8.5, 3.2, 5.0),
    ):
        makers.rider(s, t, speed)
    for s, t, speed in (
        (9.0, -7.4, 1.3), (15.0, -7.9, -1.2), (26.0, -7.2, 1.4), (27.0, -8.0, 1.4),
        (20.0, 7.4, -1.35), (34.0, 7.8, 1.2), (52.0, -7.4, -1.5), (3.0, 7.3, 1.25),
        (60.0, 7.5, -1.3),
    ):  # fmt: skip
        makers.walker(s, t, speed)
    makers.crossing_walker(CROSSING_S_M + 0.6, -5.4, 1.35)
    makers.crossing_walker(CROSSING_S_M - 0.7, 6.6, -1.25)
    makers.standing(CROSSING_S_M - 3.2, -7.0, 1.3)
    makers.standing(30.5, 8.2, -1.9)
    makers.standing(31.2, 8.1, 1.2)
    return tuple(makers.users)


class _Makers:
    """Makes road users one after the other, with running numbers."""

    def __init__(self, road: Road, rng: np.random.Generator) -> None:
        self.users: list[RoadUser] = []
        self._road = road
        self._rng = rng
        self._counts = dict.fromkeys(CLASS_NAMES, 0)

    def vehicle(self, class_name: str, s: float, t: float, speed: float) -> None:
        """Drive along the road at a steady speed, against s when negative; parked at zero."""
        road, rng = self._road, self._rng
        size, mesh = self._vehicle_shape(class_name)
        towards = float(np.sign(speed)) or (-1.0 if t > 0 else 1.0)
        wobble = float(rng.uniform(-0.12, 0.12))
        surge = float(rng.uniform(-0.3, 0.5)) if speed else 0.0

        def placement(time_s: float) -> Placement:
            along = s + speed * time_s + np.sign(speed) * surge * time_s**2 / 2
            return road.place(along, t + wobble, wheelbase_m=size[0] * 0.6, towards=towards)

        self._add(class_name, size, mesh, placement, "moving" if speed else "parked")

    def rider(self, s: float, t: float, speed: float) -> None:
        """Ride a bicycle along the road."""
        rng, road = self._rng, self._road
        size = _size(rng, (1.78, 0.62, 1.74), 0.03)
        mesh = cyclist(size, self._cloth(), self._paint(), self._skin())
        towards = float(np.sign(speed))

        def placement(time_s: float) -> Placement:
            sway = 0.06 * np.sin(2.2 * time_s + s)
            return road.place(s + speed * time_s, t + sway, wheelbase_m=1.05, towards=towards)

        self._add("cyclist", size, mesh, placement, "moving")

    def walker(self, s: float, t: float, speed: float) -> None:
        """Walk along a pavement."""
        road = self._road
        turned = 0.0 if speed > 0 else np.pi
        self._walker(lambda time_s: road.stand(s + speed * time_s, t, turned_rad=turned))

    def crossing_walker(self, s: float, t: float, speed: float) -> None:
        """Cross the road; a step up or down a kerb takes half a metre."""
        road = self._road
        turned = float(np.sign(speed)) * np.pi / 2

        def placement(time_s: float) -> Placement:
            across = t + speed * time_s
            spot = road.stand(s, across, turned_rad=turned)
            kerb = 0.13 * float(smooth_step(abs(across), 5.65, 6.15))
            level = spot.position[2] - 0.13 * (abs(across) >= 5.9) + kerb
            return Placement(np.array([*spot.position[:2], level]), spot.rotation)

        self._walker(placement)

    def standing(self, s: float, t: float, turned_rad: float) -> None:
        """Stand and wait."""
        spot = self._road.stand(s, t, turned_rad=turned_rad)
        size, mesh = self._person((0.42, 0.54))
        self._add("pedestrian", size, mesh, lambda _time_s: spot, "standing")

    def _walker(self, placement: Callable[[float], Placement]) -> None:
        size, mesh = self._person((0.78, 0.56))
        self._add("pedestrian", size, mesh, placement, "moving", strides=True)

    def _person(self, footprint: tuple[float, float]) -> tuple[Size, Mesh]:
        rng = self._rng
        size = _size(rng, (*footprint, 1.73), 0.05)
        trousers = ((0.03, 0.04, 0.09), (0.05, 0.05, 0.05), (0.2, 0.16, 0.1))[rng.integers(3)]
        hair = ((0.03, 0.02, 0.015), (0.2, 0.11, 0.04), (0.35, 0.26, 0.12))[rng.integers(3)]
        return size, pedestrian(size, self._cloth(), trousers, self._skin(), hair)

    def _vehicle_shape(self, class_name: str) -> tuple[Size, Mesh]:
        rng = self._rng
        if class_name == "truck":
            size = _size(rng, (8.2, 2.48, 3.35), 0.03)
            return size, truck(size, self._paint(), (0.72, 0.72, 0.7))
        if class_name == "van":
            size = _size(rng, (5.3, 2.0, 2.35), 0.03)
            return size, car(VAN, size, ((0.7, 0.7, 0.69), (0.5, 0.27, 0.03))[rng.integers(2)])
        shapes: tuple[tuple[BodyProfile, Size], ...] = (
            (HATCHBACK, (4.1, 1.78, 1.5)), (SEDAN, (4.75, 1.85, 1.45)), (ESTATE, (4.6, 1.84, 1.5)),
        )  # fmt: skip
        profile, typical = shapes[int(rng.integers(len(shapes)))]
        size = _size(rng, typical, 0.025)
        return size, car(profile, size, self._paint())

    def _add(
        self,
        class_name: str,
        size: Size,
        mesh: Mesh,
        placement_at: Callable[[float], Placement],
        state: Literal["moving", "parked", "standing"],
        *,
        strides: bool = False,
    ) -> None:
        self._counts[class_name] += 1
        track_id = f"{class_name}-{self._counts[class_name]:02d}"
        self.users.append(RoadUser(track_id, class_name, size, mesh, placement_at, state, strides))

    def _paint(self) -> Rgb:
        return CAR_PAINTS[int(self._rng.integers(len(CAR_PAINTS)))]

    def _cloth(self) -> Rgb:
        return CLOTHES[int(self._rng.integers(len(CLOTHES)))]

    def _skin(self) -> Rgb:
        return SKIN_TONES[int(self._rng.integers(len(SKIN_TONES)))]


def _size(rng: np.random.Generator, typical: Size, spread: float) -> Size:
    length, width, height = (
        round(part * float(rng.uniform(1 - spread, 1 + spread)), 3) for part in typical
    )
    return length, width, height
