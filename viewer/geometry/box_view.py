"""How a box stands to the eye: its axes in the camera, and which of its faces are seen."""

from typing import Final

import numpy as np
import numpy.typing as npt

from viewer.geometry.cuboids import EDGES, FACES, Cuboids

Array = npt.NDArray[np.float64]

EDGE_FACES: Final = np.array(
    [[f for f, face in enumerate(FACES.tolist()) if {*edge} <= {*face}] for edge in EDGES.tolist()]
)
"""(12, 2) the two faces that meet at each edge."""


def half_axes_in_camera(cuboids: Cuboids, matrix: Array) -> tuple[Array, Array]:
    """(N, 3, 3) half axes as columns and (N, 3) centres, moved by a (4, 4) matrix; metres."""
    turned = matrix[:3, :3] @ cuboids.rotation_matrices()
    centers = cuboids.center @ matrix[:3, :3].T + matrix[:3, 3]
    return turned * (cuboids.size / 2)[:, None, :], centers


def seen_faces(cuboids: Cuboids, matrix: Array) -> npt.NDArray[np.bool_]:
    """(N, 6) True where the eye lies outside of a face's plane; order of `FACES`.

    Works for any affine `matrix`, mirrors included, and for boxes without thickness.
    """
    axes = matrix[:3, :3] @ cuboids.rotation_matrices()
    centers = cuboids.center @ matrix[:3, :3].T + matrix[:3, 3]
    seen = np.empty((len(cuboids), 6), dtype=bool)
    for axis in range(3):
        normal = np.cross(axes[:, :, (axis + 1) % 3], axes[:, :, (axis + 2) % 3])
        along = np.einsum("ni,ni->n", normal, axes[:, :, axis])
        eye = -np.einsum("ni,ni->n", normal, centers) * np.sign(along)
        reach = np.abs(along) * np.abs(cuboids.size[:, axis]) / 2
        seen[:, 2 * axis] = -eye > reach
        seen[:, 2 * axis + 1] = eye > reach
    return seen
