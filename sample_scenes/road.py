"""The road that everything stands on: a bend, a climb, a bank, and a kerb on both sides."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sample_scenes.meshes import Material, Mesh

Floats = npt.NDArray[np.float64]

STEP_M = 0.25
START_M, END_M = -130.0, 240.0
BEND_RADIUS_M = 58.0
KERB_T_M = 5.9
KERB_HEIGHT_M = 0.13
BANKED_T_M = 12.0

# Distances from the middle line at which the ground bends; a pair at the kerb makes its face.
_LANES = (-60, -40, -26, -16, -9.6, -6.2, -KERB_T_M, -KERB_T_M + 1e-3, -3.5, -1.2)
GROUND_T_M = (*_LANES, *(-t for t in reversed(_LANES)))


def smooth_step(x: npt.ArrayLike, low: float, high: float) -> Floats:
    """0 below `low`, 1 above `high`, without corners between."""
    share = np.clip((np.asarray(x, dtype=np.float64) - low) / (high - low), 0, 1)
    result: Floats = share * share * (3 - 2 * share)
    return result


@dataclass(frozen=True)
class Placement:
    """Where something stands: origin on the ground, rotation with x ahead and z off the ground."""

    position: Floats
    rotation: Floats


class Road:
    """Road coordinates: s along the middle line, t to its left; metres."""

    def __init__(self) -> None:
        self._s = np.arange(START_M, END_M + STEP_M, STEP_M)
        bend = smooth_step(self._s, 14, 28) - smooth_step(self._s, 66, 84)
        bend -= 0.8 * (smooth_step(self._s, 110, 130) - smooth_step(self._s, 160, 180))
        self._heading = _integral(bend / BEND_RADIUS_M)
        grade = 0.075 * (smooth_step(self._s, 8, 34) - smooth_step(self._s, 96, 130))
        self._x = _integral(np.cos(self._heading))
        self._y = _integral(np.sin(self._heading))
        self._z = _integral(grade)
        origin = np.array([np.interp(0.0, self._s, row) for row in (self._x, self._y, self._z)])
        self._x -= origin[0]
        self._y -= origin[1]
        self._z -= origin[2]

    def heading_rad(self, s: npt.ArrayLike) -> Floats:
        """Direction of the road in the world."""
        return np.interp(np.asarray(s, dtype=np.float64), self._s, self._heading)

    def point(self, s: npt.ArrayLike, t: npt.ArrayLike) -> Floats:
        """(..., 3) ground position in the world."""
        along, across = np.broadcast_arrays(
            np.asarray(s, dtype=np.float64), np.asarray(t, dtype=np.float64)
        )
        heading = self.heading_rad(along)
        bank = -0.03 * (smooth_step(along, 16, 32) - smooth_step(along, 64, 82))
        height = np.interp(along, self._s, self._z) + bank * np.clip(
            across, -BANKED_T_M, BANKED_T_M
        )
        height = height + KERB_HEIGHT_M * (np.abs(across) >= KERB_T_M)
        return np.stack(
            [
                np.interp(along, self._s, self._x) - across * np.sin(heading),
                np.interp(along, self._s, self._y) + across * np.cos(heading),
                height,
            ],
            axis=-1,
        )

    def place(self, s: float, t: float, *, wheelbase_m: float, towards: float = 1.0) -> Placement:
        """Stand on the ground along the road: `towards` +1 looks along s, -1 against it."""
        half = wheelbase_m / 2
        front, rear = self.point(s + towards * half, t), self.point(s - towards * half, t)
        ahead = _unit(front - rear)
        left = self.point(s, t + towards * 0.5) - self.point(s, t - towards * 0.5)
        if abs(abs(t) - KERB_T_M) < 0.5:
            left = np.cross((0.0, 0.0, 1.0), ahead)
        up = _unit(np.cross(ahead, left))
        return Placement((front + rear) / 2, np.stack([ahead, np.cross(up, ahead), up], axis=1))

    def stand(self, s: float, t: float, *, turned_rad: float = 0.0) -> Placement:
        """Stand upright whatever the slope; `turned_rad` from the road's direction."""
        yaw = float(self.heading_rad(s)) + turned_rad
        cos, sin = np.cos(yaw), np.sin(yaw)
        rotation = np.array([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])
        return Placement(self.point(s, t), rotation)


def ground_mesh(road: Road) -> Mesh:
    """Road, kerbs, pavements and the land beside them; texture positions are (s, t)."""
    along = np.arange(START_M, END_M - 2, 1.0)
    across = np.array(GROUND_T_M, dtype=np.float64)
    s, t = np.meshgrid(along, across, indexing="ij")
    vertices = road.point(s, t).reshape(-1, 3)
    columns = len(across)
    i, j = np.meshgrid(np.arange(len(along) - 1), np.arange(columns - 1), indexing="ij")
    a = (i * columns + j).ravel()
    faces = np.stack([a, a + columns, a + columns + 1, a, a + columns + 1, a + 1], axis=1)
    faces = faces.reshape(-1, 3)
    uv = np.stack([s.ravel(), t.ravel()], axis=1)[faces].astype(np.float32)
    return Mesh.of(vertices, faces, (0.2, 0.2, 0.2), Material.GROUND, uv)


def _integral(values: Floats) -> Floats:
    steps = (values[1:] + values[:-1]) / 2 * STEP_M
    return np.concatenate([[0.0], np.cumsum(steps)])


def _unit(vector: Floats) -> Floats:
    return vector / np.linalg.norm(vector)
