"""Four curved roads that meet on sloping ground, and the ways that lead over them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sample_scenes.meshes import Material, Mesh
from sample_scenes.road import Placement

Floats = npt.NDArray[np.float64]

ARMS = 4
LANE_T_M = 1.8
"""From the middle line; people drive on the right."""
MOUTH_M = 13.0
"""From the middle of the junction to where the arms begin."""
END_M = 100.0
LAND_M = 124.0
CELL_M = 1.0
STEP_M = 0.25


@dataclass(frozen=True, eq=False)
class Way:
    """A line on the ground that something follows; metres along it."""

    points: Floats
    """(N, 2) every `STEP_M`."""

    @classmethod
    def through(cls, points: Floats) -> "Way":
        """Follow a line, at steps of equal length."""
        lengths = np.linalg.norm(np.diff(points, axis=0), axis=1)
        along = np.concatenate([[0.0], np.cumsum(lengths)])
        even = np.arange(0.0, along[-1], STEP_M)
        return cls(np.stack([np.interp(even, along, points[:, axis]) for axis in (0, 1)], axis=1))

    @property
    def length_m(self) -> float:
        """From end to end."""
        return (len(self.points) - 1) * STEP_M

    def at(self, along_m: npt.ArrayLike) -> Floats:
        """(..., 2) place; beyond the ends it goes straight on."""
        place = np.asarray(along_m, dtype=np.float64) / STEP_M
        row = np.clip(np.floor(place).astype(np.int64), 0, len(self.points) - 2)
        start, end = self.points[row], self.points[row + 1]
        found: Floats = start + (place - row)[..., None] * (end - start)
        return found


class Roads:
    """Heights, middle lines and lanes of one junction."""

    def __init__(self, rng: np.random.Generator) -> None:
        turned = float(rng.uniform(0, 2 * np.pi))
        skew = rng.uniform(-0.2, 0.2, ARMS)
        self._angles = turned + np.arange(ARMS) * 2 * np.pi / ARMS + skew
        self._bends = rng.uniform(-0.5, 0.5, ARMS)
        self._slope = rng.uniform(-0.035, 0.035, 2)
        self._waves = rng.uniform((0.1, 90.0, 0.0), (0.6, 150.0, 2 * np.pi), (3, 3))
        self._wave_ways = rng.uniform(0, 2 * np.pi, 3)
        reach = np.arange(0.0, END_M + 20.0, STEP_M)
        self._lines = [self._polar(arm, reach) for arm in range(ARMS)]

    def _polar(self, arm: int, reach: Floats) -> Floats:
        angle = self._angles[arm] + self._bends[arm] * np.maximum(reach - MOUTH_M, 0) / END_M
        return np.stack([reach * np.cos(angle), reach * np.sin(angle)], axis=1)

    def height(self, xy: Floats) -> Floats:
        """(...) of the ground at (..., 2) places."""
        height = xy @ self._slope
        for (size, length, phase), way in zip(self._waves, self._wave_ways, strict=True):
            along = xy @ np.array([np.cos(way), np.sin(way)])
            height = height + size * np.sin(2 * np.pi * along / length + phase)
        found: Floats = height
        return found

    def beside(self, arm: int, reach_m: npt.ArrayLike, t_m: npt.ArrayLike) -> Floats:
        """(..., 2) places along an arm, `t_m` to the left of who leaves the junction."""
        reach = np.asarray(reach_m, dtype=np.float64)
        ahead = self.outward(arm, reach)
        left = np.stack([-ahead[..., 1], ahead[..., 0]], axis=-1)
        middle = self._polar(arm, reach.ravel()).reshape(*reach.shape, 2)
        found: Floats = middle + np.asarray(t_m, dtype=np.float64)[..., None] * left
        return found

    def outward(self, arm: int, reach_m: npt.ArrayLike) -> Floats:
        """(..., 2) unit direction away from the junction."""
        reach = np.asarray(reach_m, dtype=np.float64).ravel()
        ahead = self._polar(arm, reach + 0.5) - self._polar(arm, reach - 0.5)
        ahead /= np.linalg.norm(ahead, axis=1, keepdims=True)
        found: Floats = ahead.reshape(*np.shape(reach_m), 2)
        return found

    def drive(self, from_arm: int, to_arm: int, aside_m: float = 0.0) -> Way:
        """Way from one arm over the junction to another; `aside_m` towards the right edge."""
        reach = np.arange(END_M, MOUTH_M, -STEP_M)
        t_m = LANE_T_M + aside_m
        into = self.beside(from_arm, reach, np.full(len(reach), t_m))
        out = self.beside(to_arm, reach[::-1], np.full(len(reach), -t_m))
        start, end = into[-1], out[0]
        pull = 0.55 * float(np.linalg.norm(end - start))
        before, after = into[-1] - into[-2], out[1] - out[0]
        share = np.linspace(0, 1, 80)[1:-1, None]
        first = start + pull * before / np.linalg.norm(before)
        second = end - pull * after / np.linalg.norm(after)
        curve = (
            (1 - share) ** 3 * start + 3 * (1 - share) ** 2 * share * first
            + 3 * (1 - share) * share**2 * second + share**3 * end
        )  # fmt: skip
        return Way.through(np.concatenate([into, curve, out]))

    def walk(self, arm: int, t_m: float, *, inwards: bool) -> Way:
        """Way along the pavement of an arm."""
        reach = np.arange(MOUTH_M + 3, END_M, STEP_M)
        line = self.beside(arm, reach, np.full(len(reach), t_m))
        return Way.through(line[::-1] if inwards else line)

    def crossing(self, arm: int, reach_m: float, *, to_left: bool) -> Way:
        """Way across an arm."""
        t_m = np.linspace(-11, 11, 90) * (1 if to_left else -1)
        return Way.through(self.beside(arm, np.full(len(t_m), reach_m), t_m))

    def clear_of(self, xy: Floats) -> Floats:
        """(N,) metres from places to the nearest middle line."""
        lines = np.concatenate(self._lines)[::4]
        found: Floats = np.linalg.norm(xy[:, None] - lines[None], axis=2).min(axis=1)
        return found

    def place(self, xy: Floats, heading_rad: float, wheelbase_m: float = 0.0) -> Placement:
        """Stand on the slope, or upright without a wheelbase."""
        cos, sin = np.cos(heading_rad), np.sin(heading_rad)
        if not wheelbase_m:
            upright = np.array([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])
            return Placement(np.array([*xy, float(self.height(xy))]), upright)
        flat_ahead, flat_left = np.array([cos, sin]), np.array([-sin, cos])
        half = wheelbase_m / 2
        front, rear = xy + half * flat_ahead, xy - half * flat_ahead
        left, right = xy + 0.8 * flat_left, xy - 0.8 * flat_left
        high = self.height(np.array([front, rear, left, right]))
        ahead = np.array([*(front - rear), high[0] - high[1]])
        ahead /= np.linalg.norm(ahead)
        aside = np.array([*(left - right), high[2] - high[3]])
        up = np.cross(ahead, aside)
        up /= np.linalg.norm(up)
        rotation = np.stack([ahead, np.cross(up, ahead), up], axis=1)
        return Placement(np.array([*xy, float(high[:2].mean())]), rotation)

    def ground_mesh(self) -> Mesh:
        """The land, darker where the roads are."""
        ticks = np.arange(-LAND_M, LAND_M + CELL_M, CELL_M)
        x, y = np.meshgrid(ticks, ticks, indexing="ij")
        xy = np.stack([x.ravel(), y.ravel()], axis=1)
        vertices = np.column_stack([xy, self.height(xy)])
        count = len(ticks)
        i, j = np.meshgrid(np.arange(count - 1), np.arange(count - 1), indexing="ij")
        a = (i * count + j).ravel()
        faces = np.stack([a, a + count, a + count + 1, a, a + count + 1, a + 1], axis=1)
        faces = faces.reshape(-1, 3)
        mesh = Mesh.of(vertices, faces, (0.2, 0.27, 0.13), Material.MATTE)
        near = self._near_road(vertices[faces].mean(axis=1)[:, :2])
        mesh.colours[near] = (0.16, 0.16, 0.17)
        return mesh

    def _near_road(self, xy: Floats) -> npt.NDArray[np.bool_]:
        from scipy.spatial import cKDTree

        lines = np.concatenate([line[line_reach()] for line in self._lines])
        found: npt.NDArray[np.bool_] = cKDTree(lines).query(xy)[0] < 6.0
        return found


def line_reach() -> slice:
    """Which steps of a middle line are asphalt."""
    return slice(0, int((END_M + 15) / STEP_M), 4)
