"""A world to cast rays into whose larger part stands still, and is prepared only once."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sample_scenes.meshes import Mesh, join
from sample_scenes.picture import CastWorld, Hits


@dataclass(frozen=True, eq=False)
class TwoPartWorld(CastWorld):
    """The standing part comes first in mesh and instances."""

    standing: CastWorld
    moving: CastWorld

    @classmethod
    def joining(cls, standing: CastWorld, moving: CastWorld) -> "TwoPartWorld":
        """Put two parts together."""
        return cls(
            join([standing.mesh, moving.mesh]),
            np.concatenate([standing.instances, moving.instances]),
            None,
            standing,
            moving,
        )

    def cast(self, origin: npt.NDArray[np.float64], directions: npt.NDArray[np.float32]) -> Hits:
        """Return what is met first in either part."""
        far, near = self.standing.cast(origin, directions), self.moving.cast(origin, directions)
        first = near.distances_m < far.distances_m
        faces = far.faces.copy()
        faces[first] = near.faces[first] + np.uint32(len(self.standing.mesh.faces))
        return Hits(
            np.where(first, near.distances_m, far.distances_m),
            faces,
            np.where(first[:, None], near.barycentric, far.barycentric),
        )


def prepared(meshes: list[Mesh], instances: list[int]) -> CastWorld:
    """Prepare meshes; each belongs to an instance; -1 is none."""
    counts = [len(mesh.faces) for mesh in meshes]
    return CastWorld.of(join(meshes), np.repeat(instances, counts).astype(np.int32))


