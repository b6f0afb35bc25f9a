"""Places for the eye: the first view of a scene, the named presets, a recorded camera."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.render.percentiles import percentiles
from viewer.session.frame_content import FrameContent
from viewer.session.frame_poses import camera_from_world, world_from_sweep
from viewer.session.view_settings import ViewSettings

DEFAULT_VIEW_ANGLE_RAD = math.radians(40.0)
_EGO_EYE_HEIGHT_M = 1.6
_SAMPLE_LIMIT = 60_000
_STRAY_PERCENT = 10.0
_STRAIGHT = 1e-4
"""Closer to the vertical than this a direction has no heading; links are rounded."""
_FEW_POINTS = 2_000
"""Below it every point counts for the first view."""
PRESETS = ("auto", "top", "side", "front", "ego", "behind")


@dataclass(frozen=True, slots=True)
class EyeState:
    """Where the eye is: it looks at `pivot` from `distance_m` away."""

    pivot: tuple[float, float, float] = (0.0, 0.0, 0.0)
    yaw_rad: float = 0.0
    """Heading of the viewing direction about world z, from +x."""
    pitch_rad: float = math.radians(-30.0)
    """Above the horizon; negative looks down."""
    roll_rad: float = 0.0
    distance_m: float = 40.0
    view_angle_rad: float = DEFAULT_VIEW_ANGLE_RAD
    """Vertical."""
    parallel: bool = False
    """True without perspective; the picture covers what it would at the pivot."""

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> "EyeState":
        """Read what `asdict` gave; ValueError when something is missing or not finite."""
        try:
            numbers = (
                *values["pivot"], values["yaw_rad"], values["pitch_rad"], values["roll_rad"],
                values["distance_m"], values["view_angle_rad"], values["parallel"],
            )  # fmt: skip
            return cls.from_numbers([float(number) for number in numbers])
        except (KeyError, TypeError) as error:
            raise ValueError(f"not a place of the eye: {error}") from error

    @classmethod
    def from_numbers(cls, numbers: Sequence[float]) -> "EyeState":
        """Pivot, yaw, pitch, roll, distance, view angle, parallel (0 or 1)."""
        if len(numbers) != 9 or not all(math.isfinite(number) for number in numbers):
            raise ValueError("a place of the eye is nine finite numbers")
        x, y, z, yaw, pitch, roll, distance, angle, parallel = numbers
        if distance <= 0 or not 0 < angle < math.pi:
            raise ValueError("the eye's distance and view angle must be positive")
        return cls((x, y, z), yaw, pitch, roll, distance, angle, bool(parallel))


@dataclass(frozen=True, slots=True)
class Extent:
    """Where a scene's points are, whatever strays far away left out."""

    center: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """World; z is the ground."""
    radius_m: float = 20.0
    """Horizontal half size of the part worth seeing."""
    reach_m: float = 60.0
    """Distance from the centre to the farthest points."""
    middle_m: float = 0.0
    """World z half way between low and high points."""
    ego: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """World position of the ego that all this holds for."""

    def moved_with(self, ego: npt.NDArray[np.float64]) -> "Extent":
        """The same surroundings where the ego has moved to."""
        dx, dy, dz = (float(value) for value in ego - np.array(self.ego))
        x, y, z = self.center
        return replace(
            self,
            center=(x + dx, y + dy, z + dz),
            middle_m=self.middle_m + dz,
            ego=(float(ego[0]), float(ego[1]), float(ego[2])),
        )

    @property
    def ground_m(self) -> float:
        """World z of the ground."""
        return self.center[2]


@dataclass(frozen=True, eq=False, slots=True)
class Surroundings:
    """What presets relate to: the shown frame, its extent, and a selected object's pose."""

    content: FrameContent | None = None
    view: ViewSettings | None = None
    extent: Extent = field(default_factory=Extent)
    ego_position: tuple[float, float, float] = (0.0, 0.0, 0.0)
    ego_yaw_rad: float = 0.0
    selected_center: tuple[float, float, float] | None = None
    selected_yaw_rad: float = 0.0
    selected_size: tuple[float, float, float] = (0.0, 0.0, 0.0)


def direction_of(yaw_rad: float, pitch_rad: float) -> npt.NDArray[np.float64]:
    """(3,) unit vector."""
    flat = math.cos(pitch_rad)
    return np.array([flat * math.cos(yaw_rad), flat * math.sin(yaw_rad), math.sin(pitch_rad)])


def rotation_of(state: EyeState) -> npt.NDArray[np.float64]:
    """(3, 3) `world_from_eye`: columns right, up, back; defined when looking straight down too."""
    forward = direction_of(state.yaw_rad, state.pitch_rad)
    level_right = np.array([math.sin(state.yaw_rad), -math.cos(state.yaw_rad), 0.0])
    level_up = np.cross(level_right, forward)
    cos, sin = math.cos(state.roll_rad), math.sin(state.roll_rad)
    right = cos * level_right + sin * level_up
    up = -sin * level_right + cos * level_up
    return np.column_stack([right, up, -forward])


def angles_of(
    forward: npt.NDArray[np.float64], up: npt.NDArray[np.float64]
) -> tuple[float, float, float]:
    """Yaw, pitch and roll of a unit viewing direction and an up vector, not parallel to it."""
    pitch = math.asin(max(-1.0, min(1.0, float(forward[2]))))
    flat = math.hypot(float(forward[0]), float(forward[1]))
    # Straight down or up the heading is where the top of the picture points.
    heading = forward if flat > _STRAIGHT else -math.copysign(1.0, forward[2]) * up
    yaw = math.atan2(float(heading[1]), float(heading[0]))
    level = rotation_of(EyeState(yaw_rad=yaw, pitch_rad=pitch))
    return yaw, pitch, math.atan2(-float(up @ level[:, 0]), float(up @ level[:, 1]))


def find_extent(content: FrameContent, view: ViewSettings | None = None) -> Extent:
    """Robust centre, size and ground of the frame's current points, judged in the ego's axes."""
    samples = []
    for sweep in content.sweeps:
        if sweep.frame_index != content.index:
            continue
        step = max(1, len(sweep.cloud) // _SAMPLE_LIMIT)
        xyz = sweep.cloud.xyz[::step].astype(np.float64)
        matrix = world_from_sweep(content, sweep, view)
        samples.append(xyz[np.isfinite(xyz).all(axis=1)] @ matrix[:3, :3].T + matrix[:3, 3])
    points = np.concatenate(samples) if samples else np.empty((0, 3))
    x, y, z = (float(value) for value in content.world_from_ego()[:3, 3])
    ego = (x, y, z)
    if len(points) == 0:
        return Extent(center=ego, middle_m=ego[2], ego=ego)
    many = len(points) > _FEW_POINTS
    stray = _STRAY_PERCENT if many else 0.0
    ends = [percentiles(axis, (stray, 50, 100 - stray)) for axis in points.T]
    low, middle, high = np.array(ends).T
    center = 0.5 * (low + high)
    sensors = [world_from_sweep(content, sweep, view)[:3, 3] for sweep in content.sweeps[:1]]
    spread = 0.5 * float(np.linalg.norm(high[:2] - low[:2]))
    if many and sensors and np.linalg.norm(sensors[0][:2] - middle[:2]) < spread:
        center = 0.5 * (center + sensors[0])
    ground = percentiles(points[:, 2], (5,))[0]
    away = np.linalg.norm(points[:, :2] - center[:2], axis=1)
    return Extent(
        center=(float(center[0]), float(center[1]), ground),
        radius_m=max(spread, 0.5 * float(high[2] - low[2]), 0.05),
        reach_m=max(percentiles(away, (99.5,))[0], 0.1),
        middle_m=float(0.5 * (low[2] + high[2])),
        ego=ego,
    )


def surroundings_of(content: FrameContent, view: ViewSettings, extent: Extent) -> Surroundings:
    """What presets need to know of a frame, without a selection."""
    world_from_ego = content.world_from_ego()
    x, y, z = (float(value) for value in world_from_ego[:3, 3])
    yaw = math.atan2(world_from_ego[1, 0], world_from_ego[0, 0])
    return Surroundings(content, view, extent, (x, y, z), yaw)


def preset(name: str, around: Surroundings, aspect: float) -> EyeState:
    """Place of a named preset; ValueError for an unknown name."""
    if name not in PRESETS:
        raise ValueError(f"no preset {name!r}; there are {', '.join(PRESETS)}")
    extent, yaw = around.extent, around.ego_yaw_rad
    tangent = math.tan(0.5 * DEFAULT_VIEW_ANGLE_RAD)
    half = extent.radius_m * (1.15 if aspect >= 1 else 1.15 / aspect)
    flat = half / tangent
    middle = (*extent.center[:2], extent.middle_m)
    if name == "auto":
        return EyeState(middle, yaw, math.radians(-28.0), 0.0, 0.72 * flat)
    if name == "top":
        return EyeState(middle, yaw, math.radians(-90.0), 0.0, flat, parallel=True)
    if name == "side":
        return EyeState(middle, _turned(yaw, 90), 0.0, 0.0, 0.5 * flat, parallel=True)
    if name == "front":
        return EyeState(middle, _turned(yaw, 180), 0.0, 0.0, 0.5 * flat, parallel=True)
    if name == "ego":
        return _ego_view(around)
    return _behind_view(around)


def _turned(yaw_rad: float, degrees: float) -> float:
    return (yaw_rad + math.radians(degrees) + math.pi) % (2 * math.pi) - math.pi


def _ego_view(around: Surroundings) -> EyeState:
    """From the driver's seat, looking ahead."""
    distance = 15.0
    pitch, yaw = math.radians(-6.0), around.ego_yaw_rad
    ground = around.extent.ground_m
    x, y, z = around.ego_position
    height = max(z, ground + _EGO_EYE_HEIGHT_M) if abs(z - ground) < 4.0 else z
    pivot = np.array([x, y, height]) + direction_of(yaw, pitch) * distance
    angle = math.radians(60.0)
    return EyeState(
        (float(pivot[0]), float(pivot[1]), float(pivot[2])), yaw, pitch, 0.0, distance, angle
    )


def _behind_view(around: Surroundings) -> EyeState:
    """Behind and above the selected object, else the ego vehicle, looking along its heading."""
    if around.selected_center is not None:
        size = float(np.linalg.norm(around.selected_size))
        yaw, pivot, distance = around.selected_yaw_rad, around.selected_center, 1.9 * size + 4.0
    else:
        yaw, pivot, distance = around.ego_yaw_rad, around.ego_position, 14.0
    return EyeState(pivot, yaw, math.radians(-22.0), 0.0, distance)


def camera_view(around: Surroundings, sensor_id: str) -> EyeState | None:
    """Pose and vertical view angle of a recorded camera; None without a usable calibration."""
    content = around.content
    camera = content.rig.cameras.get(sensor_id) if content is not None else None
    if content is None or camera is None or camera.model is None:
        return None
    cam_from_world = camera_from_world(content, camera, around.view)
    rotation = cam_from_world[:3, :3]
    position = -np.linalg.solve(rotation, cam_from_world[:3, 3])
    axes = np.linalg.inv(rotation)
    forward = axes[:, 2] / np.linalg.norm(axes[:, 2])
    up = -axes[:, 1] / np.linalg.norm(axes[:, 1])
    yaw, pitch, roll = angles_of(forward, up)
    model = camera.model
    middle = 0.5 * (model.width_px - 1)
    edge = model.unproject(np.array([[middle, 0.0], [middle, model.height_px - 1.0]]))
    angle = math.radians(90.0)
    if edge.valid.all():
        cosine = float(edge.directions[0] @ edge.directions[1])
        angle = math.acos(max(-1.0, min(1.0, cosine)))
        if float(edge.directions[:, 2].min()) <= 0:
            angle = math.pi
    angle = min(max(angle, math.radians(5.0)), math.radians(110.0))
    distance = 10.0
    pivot = position + forward * distance
    return EyeState(
        (float(pivot[0]), float(pivot[1]), float(pivot[2])), yaw, pitch, roll, distance, angle
    )
