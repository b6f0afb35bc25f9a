"""What stands still on the street and has no label: ground, houses, trees, lamps, signs."""

import numpy as np

from sample_scenes.meshes import Material, Mesh, Rgb, box, join, sphere, tube
from sample_scenes.road import END_M, START_M, Placement, Road, ground_mesh

FACADES: tuple[Rgb, ...] = (
    (0.62, 0.5, 0.36), (0.45, 0.2, 0.14), (0.66, 0.62, 0.54), (0.36, 0.38, 0.42),
    (0.58, 0.36, 0.25), (0.52, 0.55, 0.5), (0.7, 0.58, 0.42), (0.5, 0.28, 0.2),
)  # fmt: skip
ROOFS: tuple[Rgb, ...] = ((0.3, 0.12, 0.08), (0.16, 0.15, 0.16), (0.24, 0.14, 0.1))
LEAVES: tuple[Rgb, ...] = ((0.1, 0.2, 0.04), (0.13, 0.24, 0.05), (0.17, 0.22, 0.05))
STEEL: Rgb = (0.3, 0.31, 0.32)
HOUSE_T_M = 11.0
CROSSING_S_M = 44.0


def static_world(road: Road, rng: np.random.Generator) -> Mesh:
    """Everything without a label, in world coordinates."""
    parts = [ground_mesh(road)]
    for side in (-1.0, 1.0):
        parts += _houses(road, side, rng)
        parts += _trees(road, side, rng)
        parts += _lamps(road, side)
        parts += _hedges(road, side, rng)
    parts += _signs(road)
    parts += _street_ends(road)
    return join(parts)


def _placed(mesh: Mesh, placement: Placement) -> Mesh:
    return mesh.moved(placement.rotation, placement.position.tolist())


def _houses(road: Road, side: float, rng: np.random.Generator) -> list[Mesh]:
    houses = []
    s = START_M + 4 + (5 if side > 0 else 0)
    while s < END_M - 22:
        width = float(rng.uniform(9, 16))
        height = 3.6 + 3.1 * int(rng.integers(1, 5))
        t = side * (HOUSE_T_M + float(rng.uniform(0, 1.2)))
        # In a bend a metre of middle line is less than a metre along the inner row of houses.
        stretch = float(np.linalg.norm(road.point(s + width, t) - road.point(s, t))) / width
        length = width / stretch
        houses.append(_placed(_house(width, height, side, rng), road.stand(s + length / 2, t)))
        s += length + (float(rng.uniform(3, 6)) if rng.uniform() < 0.22 else 0.35)
    return houses


def _house(width: float, height: float, side: float, rng: np.random.Generator) -> Mesh:
    """House whose front lies in the plane y = 0 and whose depth grows along `side` * y."""
    wall = FACADES[int(rng.integers(len(FACADES)))]
    roof = ROOFS[int(rng.integers(len(ROOFS)))]
    depth = 10.0
    half = width / 2
    near, far = sorted((0.0, side * depth))
    parts = [box((-half, near, -1.5), (half, far, height), wall, Material.FACADE)]
    lift = 1.5
    parts[0] = Mesh(
        parts[0].vertices, parts[0].faces, parts[0].materials, parts[0].colours,
        parts[0].uv - np.array([0, lift], dtype=np.float32), parts[0].normals,
    )  # fmt: skip
    if rng.uniform() < 0.6:
        parts.append(_gable(half + 0.25, (near - 0.35, far + 0.35), height, 3.2, roof))
    else:
        edge = (near - 0.15, far + 0.15)
        parts.append(box((-half - 0.1, edge[0], height), (half + 0.1, edge[1], height + 0.5), wall))
    front = -side * 0.22
    low, high = sorted((0.0, front))
    band = tuple(0.75 * part + 0.2 for part in wall)
    parts.append(box((-half, low, 3.35), (half, high, 3.55), (band[0], band[1], band[2])))
    parts.append(box((-half, low / 2, -1.5), (half, high / 2 + 0.001, 0.5), (0.22, 0.21, 0.2)))
    if rng.uniform() < 0.45:
        awning = tuple(float(part) for part in rng.uniform(0.05, 0.5, 3))
        reach = sorted((0.0, -side * 1.1))
        parts.append(
            box(
                (-half * 0.6, reach[0], 2.75),
                (half * 0.6, reach[1], 2.87),
                (awning[0], awning[1], awning[2]),
            )
        )
    return join(parts)


def _gable(half: float, span: tuple[float, float], eaves: float, rise: float, colour: Rgb) -> Mesh:
    near, far = span
    middle = (near + far) / 2
    corners = [
        (-half, near, eaves), (half, near, eaves), (half, far, eaves), (-half, far, eaves),
        (-half, middle, eaves + rise), (half, middle, eaves + rise),
    ]  # fmt: skip
    faces = [(0, 1, 5), (0, 5, 4), (2, 3, 4), (2, 4, 5), (1, 2, 5), (3, 0, 4), (0, 3, 2), (0, 2, 1)]
    points = np.array(corners)
    uv = points[np.array(faces)][..., [0, 2]].astype(np.float32)
    return Mesh.of(points, faces, colour, Material.TILES, uv)


def _trees(road: Road, side: float, rng: np.random.Generator) -> list[Mesh]:
    trees = []
    for s in np.arange(START_M + 9, END_M - 20, 13.0):
        if abs(s - CROSSING_S_M) < 6:
            continue
        spot = road.stand(float(s + rng.uniform(-1, 1)), side * 8.8)
        trees.append(_placed(_tree(rng), spot))
    return trees


def _tree(rng: np.random.Generator) -> Mesh:
    height = float(rng.uniform(5.2, 7.0))
    bark = (0.12, 0.085, 0.06)
    parts = [
        tube((0, 0, -0.2), (0, 0, height * 0.55), (0.17, 0.11), bark),
        tube((0, 0, height * 0.42), (0.6, 0.4, height * 0.62), (0.08, 0.05), bark, sides=7),
        tube((0, 0, height * 0.45), (-0.6, -0.3, height * 0.64), (0.08, 0.05), bark, sides=7),
    ]
    leaf = LEAVES[int(rng.integers(len(LEAVES)))]
    for _ in range(7):
        angle, reach = rng.uniform(0, 2 * np.pi), rng.uniform(0.3, 1.1)
        center = (
            reach * np.cos(angle),
            reach * np.sin(angle),
            height * float(rng.uniform(0.6, 0.88)),
        )
        size = float(rng.uniform(0.8, 1.35))
        parts.append(
            sphere(
                center, (size, size, size * 0.85), leaf, Material.FOLIAGE,
                detail=9, bumps=0.14, seed=int(rng.integers(1 << 30)),
            )
        )  # fmt: skip
    return join(parts)


def _lamps(road: Road, side: float) -> list[Mesh]:
    lamps = []
    for s in np.arange(START_M + 12 + (13 if side > 0 else 0), END_M - 20, 26.0):
        spot = road.stand(float(s), side * 6.45)
        arm = -side * 1.5
        lamps.append(
            _placed(
                join(
                    [
                        tube((0, 0, -0.1), (0, 0, 6.6), (0.085, 0.05), STEEL),
                        tube((0, 0, 6.55), (0, arm, 6.8), (0.04, 0.04), STEEL),
                        box((-0.14, arm - 0.35, 6.74), (0.14, arm + 0.35, 6.84), STEEL),
                    ]
                ),
                spot,
            )
        )
    return lamps


def _hedges(road: Road, side: float, rng: np.random.Generator) -> list[Mesh]:
    hedges = []
    for s in np.arange(START_M + 16, END_M - 24, 26.0):
        for piece in range(6):
            spot = road.stand(float(s + piece * 1.15), side * 9.75)
            leaf = LEAVES[int(rng.integers(len(LEAVES)))]
            blob = sphere(
                (0, 0, 0.4), (0.72, 0.42, 0.55), leaf, Material.FOLIAGE,
                detail=8, bumps=0.08, seed=int(rng.integers(1 << 30)),
            )  # fmt: skip
            hedges.append(_placed(blob, spot))
    return hedges


def _signs(road: Road) -> list[Mesh]:
    parts = []
    for s, t, colour in (
        (CROSSING_S_M - 2.2, -6.3, (0.02, 0.1, 0.5)),
        (CROSSING_S_M + 2.2, 6.3, (0.02, 0.1, 0.5)),
        (12.0, -6.3, (0.5, 0.02, 0.02)),
        (70.0, -6.3, (0.5, 0.02, 0.02)),
        (-20.0, 6.3, (0.5, 0.02, 0.02)),
    ):
        face = -0.05 if t < 0 else 0.05
        sign = join(
            [
                tube((0, 0, -0.1), (0, 0, 2.9), (0.035, 0.035), STEEL),
                tube((face / 2, 0, 2.55), (face, 0, 2.55), (0.34, 0.34), colour,
                     Material.REFLECTOR, sides=24),
                tube((face, 0, 2.55), (face * 1.2, 0, 2.55), (0.25, 0.25), (0.8, 0.8, 0.8),
                     Material.REFLECTOR, sides=24),
            ]
        )  # fmt: skip
        parts.append(_placed(sign, road.stand(s, t)))
    for s in np.arange(CROSSING_S_M - 9, CROSSING_S_M + 9.5, 1.5):
        if abs(s - CROSSING_S_M) < 2.4:
            continue
        for t in (-6.2, 6.2):
            post = join(
                [
                    tube((0, 0, -0.1), (0, 0, 0.95), (0.055, 0.055), (0.05, 0.05, 0.055)),
                    tube((0, 0, 0.78), (0, 0, 0.88), (0.057, 0.057), (0.8, 0.8, 0.78),
                         Material.REFLECTOR),
                ]
            )  # fmt: skip
            parts.append(_placed(post, road.stand(float(s), t)))
    return parts


def _street_ends(road: Road) -> list[Mesh]:
    """Houses across both ends, so that the street closes."""
    parts = []
    for s, facing in ((START_M + 6, 1.0), (END_M - 14, -1.0)):
        spot = road.stand(s, 0.0)
        for t, height, colour in (
            (-24, 14.0, FACADES[2]),
            (0, 18.0, FACADES[1]),
            (24, 15.0, FACADES[6]),
        ):
            block = box((-6, t - 12, -4), (6, t + 12, height), colour, Material.FACADE)
            parts.append(_placed(block.moved(translation=(-facing * 6, 0, 0)), spot))
    return parts
