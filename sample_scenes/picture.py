"""Pictures through a real lens: one ray a sub-pixel, cast into triangles."""

import math
from dataclasses import dataclass
from typing import Any

import numba as nb
import numpy as np
import numpy.typing as npt

from sample_scenes.meshes import Mesh
from sample_scenes.shading import SUN, shade, sky
from viewer.geometry.cameras.base import CameraModel
from viewer.geometry.transform import RigidTransform

NOTHING = 0xFFFFFFFF
NO_INSTANCE = -1
OPEN_SKY_REACH_M = 1.6
LIFT_M = 2e-3
# Four slanted directions, one for each sub-pixel of a pixel: averaged they see a patch of sky.
SLANTS = np.array([[0.8, 0.2, 0.0], [-0.2, 0.8, 0.0], [0.2, -0.8, 0.0], [-0.8, -0.2, 0.0]])


@dataclass(frozen=True, eq=False)
class CastWorld:
    """Triangles ready for casting, with what shading needs to know of each."""

    mesh: Mesh
    instances: npt.NDArray[np.int32]
    """(F,) which labelled object a triangle belongs to, -1 none."""
    caster: Any

    @classmethod
    def of(cls, mesh: Mesh, instances: npt.NDArray[np.int32]) -> "CastWorld":
        """Build the search tree."""
        import open3d as o3d

        caster = o3d.t.geometry.RaycastingScene()
        caster.add_triangles(
            o3d.core.Tensor.from_numpy(mesh.vertices.astype(np.float32)),
            o3d.core.Tensor.from_numpy(mesh.faces.astype(np.uint32)),
        )
        return cls(mesh, instances, caster)

    def cast(self, origin: npt.NDArray[np.float64], directions: npt.NDArray[np.float32]) -> "Hits":
        """Send rays of unit length from one place."""
        import open3d as o3d

        rays = np.empty((len(directions), 6), dtype=np.float32)
        rays[:, :3] = origin
        rays[:, 3:] = directions
        answer = self.caster.cast_rays(o3d.core.Tensor.from_numpy(rays))
        return Hits(
            answer["t_hit"].numpy(),
            answer["primitive_ids"].numpy(),
            answer["primitive_uvs"].numpy(),
        )

    def blocked(
        self,
        origins: npt.NDArray[np.float32],
        directions: npt.NDArray[np.float32],
        reach_m: float = math.inf,
    ) -> npt.NDArray[np.bool_]:
        """Say which rays hit anything within reach."""
        import open3d as o3d

        rays = np.concatenate([origins, directions], axis=1)
        blocked: npt.NDArray[np.bool_] = self.caster.test_occlusions(
            o3d.core.Tensor.from_numpy(rays), tnear=0.0, tfar=reach_m
        ).numpy()
        return blocked


@dataclass(frozen=True, eq=False)
class Hits:
    """What each ray met first."""

    distances_m: npt.NDArray[np.float32]
    faces: npt.NDArray[np.uint32]
    barycentric: npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Picture:
    """A rendered image and which object each sub-pixel shows."""

    rgb: npt.NDArray[np.uint8]
    """(H, W, 3)."""
    instances: npt.NDArray[np.int32]
    """(H, 2, W, 2): row, sub-row, column, sub-column; -1 where no labelled object is."""

    def covered_box_px(self, instance: int) -> tuple[npt.NDArray[np.float64] | None, int]:
        """Left, top, right, bottom of what is seen of an object, and its sub-pixel count."""
        height, _, width, _ = self.instances.shape
        mask = (self.instances == instance).reshape(height * 2, width * 2)
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        if not len(rows):
            return None, 0
        # Sub-pixel i spans i / 2 - 0.5 to i / 2: the centre of pixel 0 is at 0.
        box = np.array(
            [
                columns[0] / 2 - 0.5,
                rows[0] / 2 - 0.5,
                columns[-1] / 2,
                rows[-1] / 2,
            ]
        )
        return box, int(mask.sum())


class LensRays:
    """The rays of a camera's sub-pixels in its own coord frame; made once, used for every image."""

    def __init__(self, camera: CameraModel) -> None:
        self.width_px, self.height_px = camera.width_px, camera.height_px
        u = np.arange(2 * camera.width_px) / 2 - 0.25
        v = np.arange(2 * camera.height_px) / 2 - 0.25
        grid = np.stack(np.meshgrid(u, v), axis=-1).reshape(-1, 2)
        rays = camera.unproject(grid)
        self.valid = rays.valid
        self.directions = np.where(rays.valid[:, None], rays.directions, 0.0)
        centre = self.directions.reshape(2 * self.height_px, 2 * self.width_px, 3)
        step = np.linalg.norm(np.diff(centre, axis=1, append=centre[:, -2:-1]), axis=2)
        self.spread = step.ravel().astype(np.float32)
        """Angle between neighbouring sub-pixels: how large a surface patch one of them sees."""


def take_picture(
    world: CastWorld, rays: LensRays, world_from_camera: RigidTransform, *, flat: bool = False
) -> Picture:
    """Render one image; `flat` paints every face in its own colour, without light."""
    directions = (rays.directions @ world_from_camera.rotation.T).astype(np.float32)
    hits = world.cast(world_from_camera.translation, directions)
    met = (hits.faces != NOTHING) & rays.valid
    instances = np.full(len(met), NO_INSTANCE, dtype=np.int32)
    instances[met] = world.instances[hits.faces[met]]
    if flat:
        linear = np.zeros((len(met), 3), dtype=np.float32)
        linear[rays.valid] = (0.78, 0.82, 0.88)
        linear[met] = world.mesh.colours[hits.faces[met]]
        encoded = linear
    else:
        linear = _light(world, rays, world_from_camera, directions, hits, met)
        encoded = _film(linear)
    height, width = rays.height_px, rays.width_px
    averaged = encoded.reshape(height, 2, width, 2, 3).mean(axis=(1, 3))
    return Picture(
        np.clip(averaged * 255 + 0.5, 0, 255).astype(np.uint8),
        instances.reshape(height, 2, width, 2),
    )


def _light(
    world: CastWorld,
    rays: LensRays,
    world_from_camera: RigidTransform,
    directions: npt.NDArray[np.float32],
    hits: Hits,
    met: npt.NDArray[np.bool_],
) -> npt.NDArray[np.float32]:
    origin = world_from_camera.translation
    rows = np.flatnonzero(met)
    normals = surface_normals(world.mesh.normals, hits.faces, hits.barycentric, directions, rows)
    surface = origin + directions[rows] * hits.distances_m[rows, None].astype(np.float64)
    lifted = (surface + normals * (LIFT_M + 2e-4 * hits.distances_m[rows, None])).astype(np.float32)
    sunlit = np.zeros(len(rows), dtype=np.bool_)
    towards_sun = np.flatnonzero(normals @ SUN > 0)
    sun = np.tile(SUN.astype(np.float32), (len(towards_sun), 1))
    sunlit[towards_sun] = ~world.blocked(lifted[towards_sun], sun)
    width = 2 * rays.width_px
    slant = SLANTS[2 * ((rows // width) % 2) + rows % 2]
    outward = normals + slant
    outward /= np.linalg.norm(outward, axis=1, keepdims=True)
    open_sky = ~world.blocked(lifted, outward.astype(np.float32), OPEN_SKY_REACH_M)
    return _shade_all(
        world.mesh.materials,
        world.mesh.colours,
        world.mesh.uv,
        hits.faces,
        hits.barycentric,
        hits.distances_m,
        directions,
        rays.valid,
        met,
        rays.spread,
        rows,
        normals,
        surface,
        sunlit,
        open_sky,
    )


@nb.njit(cache=True, nogil=True)
def surface_normals(
    corner_normals: npt.NDArray[np.float32],
    faces: npt.NDArray[np.uint32],
    barycentric: npt.NDArray[np.float32],
    directions: npt.NDArray[np.float32],
    rows: npt.NDArray[np.int64],
) -> npt.NDArray[np.float64]:
    """(len(rows), 3) unit normals at the hits of some rays, on the side the ray came from."""
    normals = np.empty((len(rows), 3))
    for i in range(len(rows)):
        row = rows[i]
        face = faces[row]
        p, q = barycentric[row, 0], barycentric[row, 1]
        squared = 0.0
        facing = 0.0
        for axis in range(3):
            value = (
                (1 - p - q) * corner_normals[face, 0, axis]
                + p * corner_normals[face, 1, axis]
                + q * corner_normals[face, 2, axis]
            )
            normals[i, axis] = value
            squared += value * value
            facing += value * directions[row, axis]
        scale = (-1.0 if facing > 0 else 1.0) / max(math.sqrt(squared), 1e-9)
        for axis in range(3):
            normals[i, axis] *= scale
    return normals


@nb.njit(cache=True, nogil=True)
def _shade_all(
    materials: npt.NDArray[np.uint8],
    colours: npt.NDArray[np.float32],
    uv: npt.NDArray[np.float32],
    faces: npt.NDArray[np.uint32],
    barycentric: npt.NDArray[np.float32],
    distances: npt.NDArray[np.float32],
    directions: npt.NDArray[np.float32],
    valid: npt.NDArray[np.bool_],
    met: npt.NDArray[np.bool_],
    spread: npt.NDArray[np.float32],
    rows: npt.NDArray[np.int64],
    normals: npt.NDArray[np.float64],
    surface: npt.NDArray[np.float64],
    sunlit: npt.NDArray[np.bool_],
    open_sky: npt.NDArray[np.bool_],
) -> npt.NDArray[np.float32]:
    out = np.zeros((len(met), 3), dtype=np.float32)
    for row in range(len(met)):
        if valid[row] and not met[row]:
            r, g, b = sky(directions[row, 0], directions[row, 1], directions[row, 2])
            out[row, 0], out[row, 1], out[row, 2] = r, g, b
    for i in range(len(rows)):
        row = rows[i]
        face = faces[row]
        p, q = barycentric[row, 0], barycentric[row, 1]
        u = (1 - p - q) * uv[face, 0, 0] + p * uv[face, 1, 0] + q * uv[face, 2, 0]
        v = (1 - p - q) * uv[face, 0, 1] + p * uv[face, 1, 1] + q * uv[face, 2, 1]
        ray = (directions[row, 0], directions[row, 1], directions[row, 2])
        normal = (normals[i, 0], normals[i, 1], normals[i, 2])
        facing = -(ray[0] * normal[0] + ray[1] * normal[1] + ray[2] * normal[2])
        blur = distances[row] * spread[row] / max(math.sqrt(max(facing, 0.0)), 0.25)
        r, g, b = shade(
            materials[face], colours[face], (u, v), surface[i], normal, ray,
            distances[row], blur, 1.0 if sunlit[i] else 0.0, 1.0 if open_sky[i] else 0.25,
            int(face) // 12,
        )  # fmt: skip
        out[row, 0], out[row, 1], out[row, 2] = r, g, b
    return out


def _film(linear: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Exposure, soft highlights, and the response curve of a display; 0..1."""
    exposed = 1 - np.exp(-1.3 * np.maximum(linear - 0.012, 0))
    encoded: npt.NDArray[np.float32] = np.power(exposed, 1 / 2.05, dtype=np.float32)
    return encoded
