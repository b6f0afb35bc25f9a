"""What stands around the junction without a label: houses, walls, trees, poles."""

from collections.abc import Callable

import numpy as np

from sample_scenes.junction.roads import ARMS, Roads
from sample_scenes.meshes import Material, Mesh, Rgb, box, join, sphere, tube

WALLS: tuple[Rgb, ...] = (
    (0.55, 0.5, 0.42), (0.4, 0.3, 0.26), (0.6, 0.6, 0.58), (0.34, 0.38, 0.42),
)  # fmt: skip
LEAVES: tuple[Rgb, ...] = ((0.1, 0.22, 0.05), (0.15, 0.25, 0.06))
HOUSE_CLEAR_M = 16.5
TREE_CLEAR_M = 14.6
POLE_T_M = 9.6


def surroundings(roads: Roads, rng: np.random.Generator) -> Mesh:
    """Everything that stands still and has no label, with the ground."""
    parts = [roads.ground_mesh()]
    parts += _scattered(roads, rng, 26, HOUSE_CLEAR_M + 10.0, _house)
    parts += _scattered(roads, rng, 30, TREE_CLEAR_M + 1.5, _tree)
    parts += _scattered(roads, rng, 8, TREE_CLEAR_M + 4.0, _wall)
    for arm in range(ARMS):
        for reach in np.arange(18.0, 90.0, float(rng.uniform(19, 27))).tolist():
            spot = roads.beside(arm, reach, POLE_T_M * float(rng.choice((-1.0, 1.0))))
            pole = tube((0, 0, -0.3), (0, 0, 7.0), (0.1, 0.07), (0.3, 0.3, 0.32))
            parts.append(pole.moved(None, [*spot.tolist(), float(roads.height(spot))]))
    return join(parts)


def _scattered(
    roads: Roads, rng: np.random.Generator, count: int, clear_m: float,
    make: Callable[[np.random.Generator], Mesh],
) -> list[Mesh]:  # fmt: skip
    """Put things at random places that are clear of the roads."""
    found: list[Mesh] = []
    for spot in rng.uniform(-100, 100, (count * 6, 2)):
        if len(found) == count:
            break
        if float(roads.clear_of(spot[None])[0]) < clear_m:
            continue
        pose = roads.place(spot, float(rng.uniform(0, 2 * np.pi)))
        found.append(make(rng).moved(pose.rotation, pose.position.tolist()))
    return found


def _house(rng: np.random.Generator) -> Mesh:
    x, y, z = rng.uniform((4, 4, 3.5), (8, 7, 13)).tolist()
    return box((-x, -y, -3.0), (x, y, z), WALLS[int(rng.integers(len(WALLS)))])


def _wall(rng: np.random.Generator) -> Mesh:
    return box((-4.0, -0.15, -1.0), (4.0, 0.15, float(rng.uniform(0.8, 2.0))), WALLS[2])


def _tree(rng: np.random.Generator) -> Mesh:
    height, crown = float(rng.uniform(2.2, 3.4)), float(rng.uniform(1.1, 2.0))
    leaf = LEAVES[int(rng.integers(len(LEAVES)))]
    return join([
        tube((0, 0, -0.4), (0, 0, height), (0.2, 0.14), (0.13, 0.09, 0.06)),
        sphere(
            (0, 0, height + 0.6 * crown), (crown, crown, crown), leaf, Material.FOLIAGE,
            detail=9, bumps=0.15, seed=int(rng.integers(1 << 30)),
        ),
    ])  # fmt: skip
