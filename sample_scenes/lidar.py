"""A spinning lidar: rays into the world, range noise, dropouts, intensity by material and angle."""

from dataclasses import dataclass

import numba as nb
import numpy as np
import numpy.typing as npt

from sample_scenes.meshes import Material, Mesh
from sample_scenes.picture import NOTHING, CastWorld, surface_normals
from sample_scenes.shading import albedo
from viewer.geometry.transform import RigidTransform

RINGS, COLUMNS = 32, 1024
ELEVATIONS_DEG = np.concatenate([np.linspace(-26, -8, 13), np.linspace(-7, 9, 19)])
REACH_M = 75.0
NEAREST_M = 0.8
NOISE_M = 0.015
GRID_M = 1 / 256
DROPOUT = 0.02
"""Share of beams that get lost anywhere; glass, grazing angles and distance add to it."""
PANE_MIRROR = 0.5
_GAIN = np.ones(len(Material))
_GAIN[[Material.REFLECTOR, Material.LIGHT, Material.PAINT, Material.GLASS]] = 3.0, 1.6, 0.9, 0.3


@dataclass(frozen=True, eq=False)
class Sweep:
    """Points of one turn, in the lidar's coord frame."""

    xyz: npt.NDArray[np.float32]
    intensity: npt.NDArray[np.uint8]
    ring: npt.NDArray[np.uint8]
    instances: npt.NDArray[np.int32]
    """Labelled object that each point came from, -1 none."""


def beam_directions() -> npt.NDArray[np.float32]:
    """(RINGS * COLUMNS, 3) unit directions, ring by ring."""
    elevation = np.radians(ELEVATIONS_DEG)[:, None]
    azimuth = (-np.arange(COLUMNS) * 2 * np.pi / COLUMNS)[None]
    rays = np.stack(
        [
            np.cos(elevation) * np.cos(azimuth),
            np.cos(elevation) * np.sin(azimuth),
            np.sin(elevation) * np.ones_like(azimuth),
        ],
        axis=-1,
    )
    return rays.reshape(-1, 3).astype(np.float32)


def sweep(
    world: CastWorld,
    world_from_lidar: RigidTransform,
    rng: np.random.Generator,
    beams: npt.NDArray[np.float32] | None = None,
    columns: int = COLUMNS,
) -> Sweep:
    """Measure the world at one instant; another lidar's beams come ring by ring."""
    beams = beam_directions() if beams is None else beams
    directions = (beams @ world_from_lidar.rotation.T).astype(np.float32)
    hits = world.cast(world_from_lidar.translation, directions)
    noise = rng.normal(0.0, NOISE_M, len(beams))
    lottery = rng.uniform(size=len(beams))
    met = (hits.faces != NOTHING) & (hits.distances_m < REACH_M) & (hits.distances_m > NEAREST_M)
    rows = np.flatnonzero(met)
    normals = surface_normals(world.mesh.normals, hits.faces, hits.barycentric, directions, rows)
    facing = np.abs(np.einsum("ij,ij->i", normals, directions[rows]))
    distance = hits.distances_m[rows].astype(np.float64)
    mesh = world.mesh
    bright, mirror = _surface(
        mesh.materials, mesh.colours, mesh.uv, hits.faces[rows], hits.barycentric[rows]
    )
    strength = bright * _GAIN[mesh.materials[hits.faces[rows]]] * (0.25 + 0.75 * facing)
    lost = DROPOUT + 0.7 * (mirror > PANE_MIRROR) + 0.25 * np.clip(0.12 - facing, 0, 0.12) / 0.12
    lost = lost + 0.35 * np.clip(distance / REACH_M - 0.75, 0, 0.25) / 0.25
    kept = lottery[rows] > lost
    rows, strength, distance = rows[kept], strength[kept], distance[kept]
    measured = distance + noise[rows]
    xyz = beams[rows].astype(np.float64) * measured[:, None]
    return Sweep(
        (np.round(xyz / GRID_M) * GRID_M).astype(np.float32),
        np.clip(np.round(255 * strength), 1, 255).astype(np.uint8),
        (rows // columns).astype(np.uint8),
        world.instances[hits.faces[rows]],
    )


def rays_meeting(mesh: Mesh, world_from_lidar: RigidTransform) -> int:
    """Return how many beams would meet a mesh that stood there alone."""
    center = mesh.vertices.mean(axis=0) - world_from_lidar.translation
    radius = np.linalg.norm(mesh.vertices - mesh.vertices.mean(axis=0), axis=1).max()
    distance = np.linalg.norm(center)
    directions = beam_directions() @ world_from_lidar.rotation.T
    if distance > radius:
        cone = np.sqrt(1 - (radius / distance) ** 2)
        directions = directions[directions @ (center / distance) >= cone]
    if not len(directions):
        return 0
    alone = CastWorld.of(mesh, np.zeros(len(mesh.faces), dtype=np.int32))
    hits = alone.cast(world_from_lidar.translation, directions.astype(np.float32))
    return int(((hits.faces != NOTHING) & (hits.distances_m < REACH_M)).sum())


@nb.njit(cache=True, nogil=True)
def _surface(
    materials: npt.NDArray[np.uint8],
    colours: npt.NDArray[np.float32],
    uv: npt.NDArray[np.float32],
    faces: npt.NDArray[np.uint32],
    barycentric: npt.NDArray[np.float32],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """How bright each hit is, and how much of a mirror, 0..1."""
    bright, mirror = np.empty(len(faces)), np.empty(len(faces))
    nowhere = np.zeros(3)
    for row in range(len(faces)):
        face = faces[row]
        p, q = barycentric[row, 0], barycentric[row, 1]
        u = (1 - p - q) * uv[face, 0, 0] + p * uv[face, 1, 0] + q * uv[face, 2, 0]
        v = (1 - p - q) * uv[face, 0, 1] + p * uv[face, 1, 1] + q * uv[face, 2, 1]
        r, g, b, share = albedo(materials[face], colours[face], u, v, nowhere, 0.02, 1)
        bright[row] = 0.06 + 0.94 * (0.4 * r + 0.35 * g + 0.25 * b)
        mirror[row] = share
    return bright, mirror
