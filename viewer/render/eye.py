"""The viewer's own 3D viewpoint: numbers only, in world coordinates."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from viewer.geometry.cuboids import Cuboid
from viewer.render import eye_presets
from viewer.render.eye_presets import (
    DEFAULT_VIEW_ANGLE_RAD,
    EyeState,
    Surroundings,
    direction_of,
)

Vector = npt.NDArray[np.float64]

_PITCH_LIMIT_RAD = math.radians(89.9)
_MIN_DISTANCE_M = 0.05
_MAX_DISTANCE_M = 1e6


@dataclass(frozen=True, slots=True)
class _Anchor:
    """What the eye keeps its place to: a pose of the former frame."""

    kind: str
    position: tuple[float, float, float]
    yaw_rad: float


class Eye:
    """Looks at `pivot` from `distance_m` away; x right, y up, looking along -z in its own axes."""

    def __init__(self) -> None:
        self._state = EyeState()
        self._size_px = (1280, 720)
        self._anchor: _Anchor | None = None
        self.surroundings = Surroundings()

    # -- where it is -------------------------------------------------------------------------

    @property
    def current(self) -> EyeState:
        """The place as a frozen value."""
        return self._state

    @current.setter
    def current(self, state: EyeState) -> None:
        self._state = state

    @property
    def pivot(self) -> Vector:
        """(3,) what it turns about, world."""
        return np.array(self._state.pivot)

    @property
    def position(self) -> Vector:
        """(3,) world."""
        return self.pivot - self.forward * self._state.distance_m

    @property
    def forward(self) -> Vector:
        """(3,) unit viewing direction, world."""
        return direction_of(self._state.yaw_rad, self._state.pitch_rad)

    @property
    def rotation(self) -> npt.NDArray[np.float64]:
        """(3, 3) `world_from_eye`: columns right, up, back."""
        return eye_presets.rotation_of(self._state)

    @property
    def world_from_eye(self) -> npt.NDArray[np.float64]:
        """(4, 4) pose."""
        matrix = np.eye(4)
        matrix[:3, :3] = self.rotation
        matrix[:3, 3] = self.position
        return matrix

    @property
    def half_height_m(self) -> float:
        """Half of the height that the picture covers at the pivot."""
        return self._state.distance_m * math.tan(0.5 * self._state.view_angle_rad)

    @property
    def metres_per_px(self) -> float:
        """Size of a pixel at the pivot."""
        return 2.0 * self.half_height_m / max(1, self._size_px[1])

    def set_size(self, width_px: int, height_px: int) -> None:
        """Size of the picture that pixel positions refer to."""
        self._size_px = (max(1, width_px), max(1, height_px))

    def state(self) -> dict[str, Any]:
        """Everything about the place, ready for JSON."""
        return asdict(self._state) | {"pivot": list(self._state.pivot)}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go back to what `state` gave.

        Raises
        ------
        ValueError
            When a number is missing or not finite.
        """
        self._state = EyeState.from_mapping(state)

    def numbers(self) -> tuple[float, ...]:
        """Place of the eye for a link: eleven numbers.

        Position, focal point and up vector in the ego's level axes, the vertical view angle in
        degrees, and 1 without perspective, else 0.
        """
        ego_from_world = self._level_ego().T
        ego = np.array(self.surroundings.ego_position)
        place = ego_from_world @ (self.position - ego)
        focal = ego_from_world @ (self.pivot - ego)
        up = ego_from_world @ self.rotation[:, 1]
        angle_deg = math.degrees(self._state.view_angle_rad)
        parallel = float(self._state.parallel)
        return tuple(float(number) for number in (*place, *focal, *up, angle_deg, parallel))

    def restore_numbers(self, numbers: tuple[float, ...]) -> None:
        """Go back to what `numbers` gave; ValueError when they describe no place.

        The last two may be missing: the usual view angle, with perspective.
        """
        if len(numbers) not in (9, 11) or not all(math.isfinite(number) for number in numbers):
            raise ValueError("a place of the eye is nine or eleven finite numbers")
        angle_rad, parallel = DEFAULT_VIEW_ANGLE_RAD, False
        if len(numbers) == 11:
            angle_rad, parallel = math.radians(numbers[9]), numbers[10] != 0
        if not 0 < angle_rad < math.pi:
            raise ValueError("the eye's view angle must lie between 0 and 180 degrees")
        place, focal, up = np.array(numbers[:9]).reshape(3, 3) @ self._level_ego().T
        distance = float(np.linalg.norm(focal - place))
        if distance < 1e-6 or np.linalg.norm(np.cross(focal - place, up)) < 1e-9:
            raise ValueError("the eye's position, focal point and up vector must not coincide")
        yaw, pitch, roll = eye_presets.angles_of((focal - place) / distance, up)
        x, y, z = (float(value) for value in focal + self.surroundings.ego_position)
        self._state = EyeState((x, y, z), yaw, pitch, roll, distance, angle_rad, parallel)

    def _level_ego(self) -> npt.NDArray[np.float64]:
        """(3, 3) `world_from_ego` about world z only."""
        cos, sin = (f(self.surroundings.ego_yaw_rad) for f in (math.cos, math.sin))
        return np.array([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])

    # -- moving ------------------------------------------------------------------------------

    def orbit(self, dx_px: float, dy_px: float) -> None:
        """Turn about the pivot; half the picture's height is 90 degrees. Leaves parallel views."""
        per_px = math.pi / self._size_px[1]
        pitch = self._state.pitch_rad - dy_px * per_px
        self._state = replace(
            self._state,
            yaw_rad=_wrap(self._state.yaw_rad - dx_px * per_px),
            pitch_rad=min(_PITCH_LIMIT_RAD, max(-_PITCH_LIMIT_RAD, pitch)),
            parallel=False,
        )

    def look(self, dx_px: float, dy_px: float) -> None:
        """Turn about the eye itself."""
        position = self.position
        per_px = self._state.view_angle_rad / self._size_px[1]
        pitch = self._state.pitch_rad - dy_px * per_px
        self._state = replace(
            self._state,
            yaw_rad=_wrap(self._state.yaw_rad - dx_px * per_px),
            pitch_rad=min(_PITCH_LIMIT_RAD, max(-_PITCH_LIMIT_RAD, pitch)),
            parallel=False,
        )
        self._set_pivot(position + self.forward * self._state.distance_m)

    def pan(self, dx_px: float, dy_px: float) -> None:
        """Move so that the pivot follows the pointer."""
        right, up, _ = self.rotation.T
        self._set_pivot(self.pivot + (-dx_px * right + dy_px * up) * self.metres_per_px)

    def zoom(
        self,
        factor: float,
        at_px: tuple[float, float] | None = None,
        towards: npt.ArrayLike | None = None,
    ) -> None:
        """Scale the distance to what lies under `at_px`, which stays where it is in the picture.

        `towards` is the position under the pointer where it is known; else the point at the
        pivot's distance is taken. A factor below 1 goes closer.
        """
        distance = self._state.distance_m * factor
        if not _MIN_DISTANCE_M <= distance <= _MAX_DISTANCE_M:
            return
        if at_px is None:
            anchor = self.pivot
        elif towards is not None:
            anchor = np.asarray(towards, dtype=np.float64)
        else:
            origin, direction = self.ray(*at_px)
            along = float(direction @ self.forward)
            depth = float((self.pivot - origin) @ self.forward)
            anchor = origin + direction * (depth / max(along, 1e-6))
        pivot = anchor + (self.pivot - anchor) * factor
        self._state = replace(self._state, distance_m=distance)
        self._set_pivot(pivot)

    def fly(self, right_m: float, up_m: float, ahead_m: float) -> None:
        """Move in its own axes; up is the world's."""
        right = self.rotation[:, 0]
        step = right * right_m + np.array([0.0, 0.0, up_m]) + self.forward * ahead_m
        self._state = replace(self._state, parallel=False)
        self._set_pivot(self.pivot + step)

    def set_pivot_keeping_place(self, pivot: npt.ArrayLike) -> None:
        """Turn about another position from now on; nothing moves in the picture.

        The pivot becomes the point straight ahead at that position's depth; the picture stays
        still because neither place nor direction changes.
        """
        target = np.asarray(pivot, dtype=np.float64)
        if self._state.parallel:
            shift = (target - self.pivot) @ self.forward
            self._set_pivot(self.pivot + shift * self.forward)
            return
        depth = float((target - self.position) @ self.forward)
        if depth > _MIN_DISTANCE_M:
            position = self.position
            self._state = replace(self._state, distance_m=depth)
            self._set_pivot(position + self.forward * depth)

    def orbit_about(self, center: npt.ArrayLike, dx_px: float, dy_px: float) -> None:
        """Turn about any position: it keeps its place in the picture."""
        middle = np.asarray(center, dtype=np.float64)
        offset_eye = self.rotation.T @ (self.pivot - middle)
        self.orbit(dx_px, dy_px)
        self._set_pivot(middle + self.rotation @ offset_eye)

    def _set_pivot(self, pivot: Vector) -> None:
        if np.isfinite(pivot).all():
            x, y, z = (float(value) for value in pivot)
            self._state = replace(self._state, pivot=(x, y, z))

    # -- going somewhere ---------------------------------------------------------------------

    def preset(self, name: str) -> None:
        """Go to ``auto``, ``top``, ``side``, ``front``, ``ego`` or ``behind``.

        Raises
        ------
        ValueError
            When there is no such preset.
        """
        self._state = eye_presets.preset(name, self.surroundings, self._aspect)

    def camera(self, sensor_id: str) -> bool:
        """Go where a recorded camera is; False when the frame has no such calibrated camera."""
        state = eye_presets.camera_view(self.surroundings, sensor_id)
        if state is not None:
            self._state = state
        return state is not None

    def frame_points(self, low: npt.ArrayLike, high: npt.ArrayLike) -> None:
        """Keep the direction and show a whole box with corners `low` and `high`, world."""
        corners = np.array([low, high], dtype=np.float64)
        self._fit(corners.mean(axis=0), float(np.linalg.norm(corners[1] - corners[0])) / 2)

    def focus(
        self, cuboid: Cuboid, world_from_cuboid: npt.NDArray[np.float64] | None = None
    ) -> None:
        """Keep the direction and bring a cuboid into the middle, a third of the picture high."""
        matrix = np.eye(4) if world_from_cuboid is None else world_from_cuboid
        center = matrix[:3, :3] @ np.asarray(cuboid.center) + matrix[:3, 3]
        self._fit(center, 1.5 * float(np.linalg.norm(cuboid.size)) / 2)

    def _fit(self, center: Vector, radius_m: float) -> None:
        half = 0.5 * self._state.view_angle_rad
        half = min(half, math.atan(math.tan(half) * self._aspect))
        distance = max(radius_m, 0.05) / math.sin(half)
        self._state = replace(self._state, distance_m=distance)
        self._set_pivot(center)

    @property
    def _aspect(self) -> float:
        return self._size_px[0] / self._size_px[1]

    def keep_place(self, kind: str, position: npt.ArrayLike, yaw_rad: float = 0.0) -> None:
        """Move with what it follows: call with its pose whenever a frame is shown.

        The first call, and a call with another `kind`, only remembers the pose.
        """
        x, y, z = (float(value) for value in np.asarray(position, dtype=np.float64))
        before, self._anchor = self._anchor, _Anchor(kind, (x, y, z), yaw_rad)
        if before is None or before.kind != kind:
            return
        turn = _wrap(yaw_rad - before.yaw_rad)
        cos, sin = math.cos(turn), math.sin(turn)
        off = self.pivot - np.array(before.position)
        turned = np.array([cos * off[0] - sin * off[1], sin * off[0] + cos * off[1], off[2]])
        self._state = replace(self._state, yaw_rad=_wrap(self._state.yaw_rad + turn))
        self._set_pivot(np.array([x, y, z]) + turned)

    def forget_place(self) -> None:
        """Stop following: the next `keep_place` moves nothing."""
        self._anchor = None

    # -- seeing ------------------------------------------------------------------------------

    def ray(self, x_px: float, y_px: float) -> tuple[Vector, Vector]:
        """Origin and unit direction, world, of the line of sight through a pixel position."""
        width, height = self._size_px
        across = (2.0 * x_px / width - 1.0) * self._aspect
        upward = 1.0 - 2.0 * y_px / height
        right, up, back = self.rotation.T
        if self._state.parallel:
            half = self.half_height_m
            return self.position + (across * right + upward * up) * half, -back
        tangent = math.tan(0.5 * self._state.view_angle_rad)
        direction = (across * right + upward * up) * tangent - back
        return self.position, direction / np.linalg.norm(direction)

    def clip_from_world(self, near_m: float, far_m: float) -> npt.NDArray[np.float64]:
        """(4, 4) OpenGL clip coordinates from world, as VTK's camera computes them."""
        eye_from_world = np.eye(4)
        eye_from_world[:3, :3] = self.rotation.T
        eye_from_world[:3, 3] = -self.rotation.T @ self.position
        clip = np.zeros((4, 4))
        if self._state.parallel:
            half = self.half_height_m
            clip[0, 0], clip[1, 1] = 1.0 / (half * self._aspect), 1.0 / half
            clip[2, 2], clip[2, 3] = -2.0 / (far_m - near_m), -(far_m + near_m) / (far_m - near_m)
            clip[3, 3] = 1.0
        else:
            scale = 1.0 / math.tan(0.5 * self._state.view_angle_rad)
            clip[0, 0], clip[1, 1] = scale / self._aspect, scale
            clip[2, 2] = -(far_m + near_m) / (far_m - near_m)
            clip[2, 3] = -2.0 * far_m * near_m / (far_m - near_m)
            clip[3, 2] = -1.0
        return clip @ eye_from_world

    def project(self, points_world: npt.NDArray[np.float64]) -> tuple[Vector, Vector]:
        """(N, 2) pixels and (N,) depth along the view; NaN pixels behind the eye."""
        offset = np.atleast_2d(points_world) - self.position
        eye = offset @ self.rotation
        depth = -eye[:, 2]
        width, height = self._size_px
        if self._state.parallel:
            scale = np.full(len(eye), 1.0 / self.half_height_m)
        else:
            ahead = np.where(depth > 1e-6, depth, np.nan)
            scale = 1.0 / (ahead * math.tan(0.5 * self._state.view_angle_rad))
        x = (eye[:, 0] * scale / self._aspect + 1.0) * 0.5 * width
        y = (1.0 - eye[:, 1] * scale) * 0.5 * height
        return np.column_stack([x, y]), depth


def blend_states(start: EyeState, end: EyeState, amount: float) -> EyeState:
    """Place on the way from `start` (0) to `end` (1), eased at both ends."""
    t = min(1.0, max(0.0, amount))
    if t >= 1.0:
        return end
    t = t * t * (3.0 - 2.0 * t)

    def turn(a: float, b: float) -> float:
        return _wrap(a + _wrap(b - a) * t)

    pivot = np.array(start.pivot) * (1 - t) + np.array(end.pivot) * t
    return EyeState(
        pivot=(float(pivot[0]), float(pivot[1]), float(pivot[2])),
        yaw_rad=turn(start.yaw_rad, end.yaw_rad),
        pitch_rad=start.pitch_rad + (end.pitch_rad - start.pitch_rad) * t,
        roll_rad=turn(start.roll_rad, end.roll_rad),
        distance_m=math.exp(math.log(start.distance_m) * (1 - t) + math.log(end.distance_m) * t),
        view_angle_rad=start.view_angle_rad * (1 - t) + end.view_angle_rad * t,
        parallel=start.parallel and end.parallel,
    )


def _wrap(angle_rad: float) -> float:
    return (angle_rad + math.pi) % (2 * math.pi) - math.pi
